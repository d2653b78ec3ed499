// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/jsonstream.h"

#include <algorithm>
#include <cstring>

#include <rapidjson/error/en.h>

namespace tailscope::import {

namespace {

constexpr char kEnd[1] = {'\0'};

} // namespace

ByteSourceStream::ByteSourceStream(ByteSource &source)
    : m_source(source)
{
    refill();
}

void ByteSourceStream::refill()
{
    if (!m_ended) {
        Result<std::string_view> chunk = m_source.next();
        if (chunk && !chunk->empty()) {
            m_windowEnd = static_cast<std::size_t>(m_source.offset()) + chunk->size();
            if (std::memchr(chunk->data(), '\0', chunk->size()) != nullptr) {
                m_patched.assign(*chunk);
                std::replace(m_patched.begin(), m_patched.end(), '\0', '\x7F');
                *chunk = m_patched;
            }
            m_current = chunk->data();
            m_end = m_current + chunk->size();
            return;
        }
        if (!chunk)
            m_error = std::move(chunk.error());
        // The end counts as one byte, so that Tell() there is the size of the input.
        m_ended = true;
        ++m_windowEnd;
    }
    m_current = kEnd;
    m_end = kEnd + 1;
}

Result<void> ByteSourceStream::parseResult(const rapidjson::ParseResult &result,
    const std::string &hint) const
{
    if (m_error)
        return fail(*m_error);
    if (!result.IsError())
        return {};
    Error error{ErrorCode::BadInput, m_source.name(), rapidjson::GetParseError_En(result.Code()),
        Location{result.Offset(), std::nullopt, std::nullopt}, hint};
    while (!error.detail.empty() && error.detail.back() == '.')
        error.detail.pop_back();
    return fail(std::move(error));
}

void ByteSourceStream::skipLine()
{
    while (!m_ended) {
        const auto left = static_cast<std::size_t>(m_end - m_current);
        if (const void *newline = std::memchr(m_current, '\n', left)) {
            m_current = static_cast<const char *>(newline);
            return;
        }
        refill();
    }
}

} // namespace tailscope::import
