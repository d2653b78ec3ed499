// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/jsonkeys.h"

namespace tailscope::import {

namespace {

bool isBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

} // namespace

std::size_t JsonKeyScan::skipBlanks(std::size_t at) const
{
    while (at < m_text.size() && isBlank(m_text[at]))
        ++at;
    return at;
}

/// Position of the closing quote of the string whose first byte is at `at`; npos when cut off.
std::size_t JsonKeyScan::stringEnd(std::size_t at) const
{
    for (; at < m_text.size(); ++at) {
        if (m_text[at] == '\\')
            ++at;
        else if (m_text[at] == '"')
            return at;
    }
    return std::string_view::npos;
}

bool JsonKeyScan::next(JsonKey &key)
{
    for (; m_at < m_text.size(); ++m_at) {
        const char c = m_text[m_at];
        if (c == '{' || c == '[') {
            if (++m_depth >= 64)
                return false;
            const std::uint64_t bit = 1ULL << m_depth;
            m_objects = c == '{' ? m_objects | bit : m_objects & ~bit;
        } else if (c == '}' || c == ']') {
            if (m_depth-- == 0)
                return false;
        } else if (c == '"') {
            const std::size_t end = stringEnd(m_at + 1);
            if (end == std::string_view::npos)
                return false;
            const std::string_view name = m_text.substr(m_at + 1, end - m_at - 1);
            m_at = end;
            const std::size_t colon = skipBlanks(end + 1);
            const bool isKey
                = (m_objects >> m_depth & 1) != 0 && colon < m_text.size() && m_text[colon] == ':';
            if (isKey && m_depth > 0) {
                const std::size_t value = skipBlanks(colon + 1);
                key = {name, m_depth, value < m_text.size() ? m_text[value] : '\0'};
                m_at = colon + 1;
                return true;
            }
        }
    }
    return false;
}

char firstSignificant(std::string_view text)
{
    for (const char c : text) {
        if (!isBlank(c))
            return c;
    }
    return '\0';
}

} // namespace tailscope::import
