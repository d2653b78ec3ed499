// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/reportdata.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <pg_query.h>

namespace tailscope::report {

namespace {

// PostgreSQL's grammar recurses on what it reads: longer or deeper texts go by tokens.
constexpr std::size_t kMaxParsed = 16 * 1024;
constexpr int kMaxNesting = 400;

bool isWord(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

/// Walks SQL of any dialect; copies code, hands literals and comments to its user.
class Scanner
{
public:
    Scanner(std::string_view sql, bool keepLiterals)
        : m_sql(sql)
        , m_keepLiterals(keepLiterals)
    {}

    /// Without comments; literals kept or replaced by "?".
    std::string run()
    {
        while (m_at < m_sql.size()) {
            if (starts("--"))
                skipTo(std::min(m_sql.find('\n', m_at), m_sql.size()));
            else if (starts("/*"))
                skipComment();
            else if (m_sql[m_at] == '\'')
                literal(quotedEnd('\'', isEscapeString()));
            else if (m_sql[m_at] == '"' || m_sql[m_at] == '`')
                copy(quotedEnd(m_sql[m_at], false));
            else if (m_sql[m_at] == '$')
                dollar();
            else if (isNumberStart())
                literal(numberEnd());
            else
                word();
        }
        return std::move(m_out);
    }

private:
    bool starts(std::string_view text) const { return m_sql.substr(m_at, text.size()) == text; }
    char at(std::size_t i) const { return i < m_sql.size() ? m_sql[i] : '\0'; }
    bool isDigit(std::size_t i) const { return at(i) >= '0' && at(i) <= '9'; }
    bool afterWord() const { return m_at > 0 && isWord(m_sql[m_at - 1]); }
    bool isNumberStart() const
    {
        return !afterWord() && (isDigit(m_at) || (at(m_at) == '.' && isDigit(m_at + 1)));
    }
    /// E'...' and e'...': a backslash keeps the quote after it.
    bool isEscapeString() const
    {
        const bool prefixed = m_at > 0 && (m_sql[m_at - 1] == 'E' || m_sql[m_at - 1] == 'e');
        return prefixed && (m_at < 2 || !isWord(m_sql[m_at - 2]));
    }

    void skipTo(std::size_t end) { m_at = end; }
    void skipComment()
    {
        int depth = 0;
        do {
            if (starts("/*")) {
                ++depth;
                m_at += 2;
            } else if (starts("*/")) {
                --depth;
                m_at += 2;
            } else {
                ++m_at;
            }
        } while (depth > 0 && m_at < m_sql.size());
        m_out += ' ';
    }
    std::size_t quotedEnd(char quote, bool escapes) const
    {
        for (std::size_t i = m_at + 1; i < m_sql.size(); ++i) {
            if (escapes && m_sql[i] == '\\')
                ++i;
            else if (m_sql[i] == quote && at(i + 1) == quote)
                ++i;
            else if (m_sql[i] == quote)
                return i + 1;
        }
        return m_sql.size();
    }
    std::size_t numberEnd() const
    {
        std::size_t i = m_at;
        while (i < m_sql.size()) {
            const bool sign
                = (at(i) == '+' || at(i) == '-') && i > m_at && (at(i - 1) == 'e' || at(i - 1) == 'E');
            if (!isWord(at(i)) && at(i) != '.' && !sign)
                break;
            ++i;
        }
        return i;
    }
    void copy(std::size_t end)
    {
        m_out += m_sql.substr(m_at, end - m_at);
        m_at = end;
    }
    void literal(std::size_t end)
    {
        if (m_keepLiterals)
            return copy(end);
        m_out += '?';
        m_at = end;
    }
    /// $1 is a parameter, $tag$...$tag$ a text.
    void dollar()
    {
        std::size_t end = m_at + 1;
        while (end < m_sql.size() && isWord(m_sql[end]))
            ++end;
        if (afterWord() || isDigit(m_at + 1) || at(end) != '$')
            return copy(end);
        const std::string_view tag = m_sql.substr(m_at, end + 1 - m_at);
        const std::size_t close = m_sql.find(tag, end + 1);
        literal(close == std::string_view::npos ? m_sql.size() : close + tag.size());
    }
    void word()
    {
        std::size_t end = m_at;
        while (end < m_sql.size() && isWord(m_sql[end]))
            ++end;
        copy(std::max(end, m_at + 1));
    }

    std::string_view m_sql;
    bool m_keepLiterals;
    std::string m_out;
    std::size_t m_at = 0;
};

bool isParsable(std::string_view sql)
{
    if (sql.size() > kMaxParsed || sql.find('\0') != std::string_view::npos)
        return false;
    int depth = 0;
    for (const char c : sql) {
        depth += c == '(' || c == '[';
        depth -= c == ')' || c == ']';
        if (depth > kMaxNesting)
            return false;
    }
    return true;
}

std::string normalized(const std::string &sql)
{
    if (!isParsable(sql))
        return {};
    const PgQueryNormalizeResult result = pg_query_normalize(sql.c_str());
    std::string text = !result.error && result.normalized_query ? result.normalized_query : "";
    pg_query_free_normalize_result(result);
    return text;
}

} // namespace

bool parsesAsSql(const std::string &text) { return !normalized(text).empty(); }

std::string redactedSql(const std::string &sql)
{
    const std::string bare = Scanner(sql, true).run();
    const std::string text = normalized(bare);
    // What the grammar leaves (types with lengths, intervals, options) may still hold a quoted text.
    return text.empty() || text.find('\'') != std::string::npos ? Scanner(sql, false).run() : text;
}

} // namespace tailscope::report
