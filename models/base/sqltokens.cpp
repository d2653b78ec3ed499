// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sqltokens.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope {

namespace {

bool isWordStart(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}
bool isDigit(unsigned char c) { return c >= '0' && c <= '9'; }
bool isBlank(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

} // namespace

SqlTokens::Kind SqlTokens::next(std::string &token)
{
    skipBlanks();
    token.clear();
    m_begin = m_at;
    if (m_at >= m_sql.size())
        return Kind::End;
    const unsigned char c = byteAt(m_at);
    if (c == '\'') {
        skipQuoted('\'');
        return Kind::Literal;
    }
    if (c == '"' || c == '`') {
        skipQuoted(static_cast<char>(c));
        token = m_sql.substr(m_begin, m_at - m_begin);
        return Kind::Word;
    }
    if (c == '$')
        return dollar(token);
    if (isDigit(c) || (c == '.' && m_at + 1 < m_sql.size() && isDigit(byteAt(m_at + 1)))) {
        skipNumber();
        return Kind::Literal;
    }
    if (isWordStart(c))
        return word(token);
    ++m_at;
    if (c == '?')
        return Kind::Literal;
    token = static_cast<char>(c);
    return Kind::Symbol;
}

void SqlTokens::skipBlanks()
{
    while (m_at < m_sql.size()) {
        if (isBlank(byteAt(m_at)) || m_sql[m_at] == '\0') {
            ++m_at;
            continue;
        }
        const bool line = startsWith("--");
        if (!line && !startsWith("/*"))
            return;
        const std::size_t inside = m_at + 2;
        const std::size_t end = line ? m_sql.find('\n', inside) : blockEnd();
        if (m_comment)
            m_comment(m_sql.substr(inside, end == std::string_view::npos ? end : end - inside));
        m_at = end == std::string_view::npos ? m_sql.size() : end + (line ? 1 : 2);
    }
}

/// Where the "*/" of the block comment at m_at is. They nest in PostgreSQL but not elsewhere: where nesting
/// finds no end it is given up for the whole text, so that hostile ones cost linear time.
std::size_t SqlTokens::blockEnd()
{
    const std::size_t first = m_sql.find("*/", m_at + 2);
    if (first == std::string_view::npos || m_flat
        || m_sql.substr(m_at + 2, first - m_at - 2).find("/*") == std::string_view::npos)
        return first;
    int depth = 1;
    for (std::size_t i = m_at + 2; i + 1 < m_sql.size(); ++i) {
        const bool opens = m_sql[i] == '/' && m_sql[i + 1] == '*';
        if (!opens && (m_sql[i] != '*' || m_sql[i + 1] != '/'))
            continue;
        depth += opens ? 1 : -1;
        if (depth == 0)
            return i;
        ++i;
    }
    m_flat = true;
    return first;
}

void SqlTokens::skipQuoted(char quote, bool escapes)
{
    for (++m_at; m_at < m_sql.size(); ++m_at) {
        if (escapes && m_sql[m_at] == '\\') {
            ++m_at;
            continue;
        }
        if (m_sql[m_at] != quote)
            continue;
        if (m_at + 1 < m_sql.size() && m_sql[m_at + 1] == quote)
            ++m_at; // a doubled quote stands for itself
        else
            break;
    }
    m_at = std::min(m_at + 1, m_sql.size());
}

void SqlTokens::skipNumber()
{
    while (m_at < m_sql.size()) {
        const unsigned char c = byteAt(m_at);
        const bool exponentSign
            = (c == '+' || c == '-') && m_at > 0 && (m_sql[m_at - 1] == 'e' || m_sql[m_at - 1] == 'E');
        if (!isDigit(c) && !isWordStart(c) && c != '.' && !exponentSign)
            break;
        ++m_at;
    }
}

SqlTokens::Kind SqlTokens::word(std::string &token)
{
    const std::size_t begin = m_at;
    while (m_at < m_sql.size() && (isWordStart(byteAt(m_at)) || isDigit(byteAt(m_at)) || m_sql[m_at] == '$'))
        ++m_at;
    token = toLowerAscii(m_sql.substr(begin, m_at - begin));
    const bool prefix = token == "e" || token == "n" || token == "b" || token == "x" || token == "u";
    if (prefix && m_at < m_sql.size() && m_sql[m_at] == '\'') {
        skipQuoted('\'', token == "e");
        token.clear();
        return Kind::Literal;
    }
    return Kind::Word;
}

/// $1 is a parameter, $tag$...$tag$ a string.
SqlTokens::Kind SqlTokens::dollar(std::string &token)
{
    std::size_t end = m_at + 1;
    while (end < m_sql.size() && (isWordStart(byteAt(end)) || isDigit(byteAt(end))))
        ++end;
    if (end < m_sql.size() && m_sql[end] == '$' && (end == m_at + 1 || !isDigit(byteAt(m_at + 1)))) {
        const std::string_view tag = m_sql.substr(m_at, end + 1 - m_at);
        const std::size_t close = m_sql.find(tag, end + 1);
        m_at = close == std::string_view::npos ? m_sql.size() : close + tag.size();
        return Kind::Literal;
    }
    if (end > m_at + 1) {
        m_at = end;
        return Kind::Literal;
    }
    ++m_at;
    token = "$";
    return Kind::Symbol;
}

} // namespace tailscope
