// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/wholetext.h"

#include "base/text.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

namespace tailscope::import::explain {

WholeText::~WholeText() { std::free(m_data); }

bool WholeText::append(std::string_view bytes)
{
    if (m_size + bytes.size() > m_capacity) {
        const std::size_t wanted = std::max(m_size + bytes.size(), m_size + m_size / 2);
        void *grown = std::realloc(m_data, wanted);
        if (!grown)
            return false;
        m_data = static_cast<char *>(grown);
        m_capacity = wanted;
    }
    std::memcpy(m_data + m_size, bytes.data(), bytes.size());
    m_size += bytes.size();
    return true;
}

void WholeText::read(ByteSource &source)
{
    while (true) {
        Result<std::string_view> chunk = source.next();
        if (!chunk) {
            m_error = std::move(chunk.error());
            break;
        }
        if (chunk->empty())
            break;
        if (m_size + chunk->size() > kMaxFileBytes || !append(*chunk)) {
            m_error = Error{ErrorCode::LimitExceeded, source.name(), "plans of more than 128 MiB in one file",
                Location{m_size, std::nullopt, std::nullopt}, "Split the file"};
            break;
        }
    }
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (text().starts_with(kMark)) {
        m_size -= kMark.size();
        std::memmove(m_data, m_data + kMark.size(), m_size);
    }
    if (!isValidUtf8(text()) || text().find('\0') != std::string_view::npos)
        repair();
}

void WholeText::repair()
{
    const std::string clean = sanitizedUtf8(text());
    m_size = 0;
    m_repaired = append(clean);
}

} // namespace tailscope::import::explain
