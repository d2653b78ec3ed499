// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/bytesource.h"

#include <algorithm>

namespace tailscope::import {

MemorySource::MemorySource(std::string bytes, std::string name, std::size_t chunk)
    : m_bytes(std::move(bytes))
    , m_name(std::move(name))
    , m_chunk(std::max<std::size_t>(chunk, 1))
{}

Result<std::string_view> MemorySource::next()
{
    m_position += m_last;
    m_last = std::min(m_chunk, m_bytes.size() - m_position);
    return std::string_view(m_bytes).substr(m_position, m_last);
}

std::uint64_t MemorySource::offset() const { return m_position; }

const std::string &MemorySource::name() const { return m_name; }

} // namespace tailscope::import
