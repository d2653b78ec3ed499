// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/linereader.h"

#include <algorithm>
#include <cstring>

namespace tailscope::import {

LineReader::LineReader(ByteSource &source, std::size_t maxLength)
    : m_source(source)
    , m_maxLength(maxLength)
{}

/// Next chunk into m_rest; false at the end.
bool LineReader::fill()
{
    if (m_ended)
        return false;
    Result<std::string_view> chunk = m_source.next();
    if (!chunk || chunk->empty()) {
        m_ended = true;
        if (!chunk)
            m_error = std::move(chunk.error());
        return false;
    }
    m_rest = *chunk;
    m_offset = m_source.offset();
    return true;
}

bool LineReader::finish(Line &line, std::string_view text, std::uint64_t length)
{
    line.length = length;
    line.tooLong = length > m_maxLength;
    line.text = line.tooLong ? text.substr(0, std::min(kTooLongPrefix, m_maxLength)) : text;
    line.number = ++m_number;
    return true;
}

bool LineReader::next(Line &line)
{
    if (m_rest.empty() && !fill())
        return false;
    line.offset = m_offset;
    const auto *newline = static_cast<const char *>(std::memchr(m_rest.data(), '\n', m_rest.size()));
    if (newline != nullptr) {
        std::string_view text = m_rest.substr(0, static_cast<std::size_t>(newline - m_rest.data()));
        m_rest.remove_prefix(text.size() + 1);
        m_offset += text.size() + 1;
        if (!text.empty() && text.back() == '\r')
            text.remove_suffix(1);
        return finish(line, text, text.size());
    }

    // Past the bound only the length goes on growing.
    m_carry.clear();
    std::uint64_t length = 0;
    char last = '\0';
    for (;;) {
        newline = static_cast<const char *>(std::memchr(m_rest.data(), '\n', m_rest.size()));
        const std::size_t part
            = newline != nullptr ? static_cast<std::size_t>(newline - m_rest.data()) : m_rest.size();
        if (m_carry.size() <= m_maxLength)
            m_carry.append(m_rest.substr(0, std::min(part, m_maxLength + 2 - m_carry.size())));
        if (part > 0)
            last = m_rest[part - 1];
        length += part;
        m_rest.remove_prefix(part + (newline != nullptr ? 1 : 0));
        m_offset += part + (newline != nullptr ? 1 : 0);
        if (newline != nullptr || !fill())
            break;
    }
    // Where reading failed or was cancelled, the line is not known to be whole: "12" may be the begin of
    // "123".
    if (m_error)
        return false;
    if (last == '\r')
        --length;
    return finish(line,
        std::string_view(m_carry).substr(0,
            static_cast<std::size_t>(std::min<std::uint64_t>(length, m_carry.size()))),
        length);
}

Result<void> LineReader::result() const
{
    if (m_error)
        return fail(*m_error);
    return {};
}

} // namespace tailscope::import
