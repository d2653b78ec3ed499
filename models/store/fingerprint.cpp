// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/fingerprint.h"

#include "base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include <pg_query.h>

namespace tailscope::store {

namespace {

// The grammar's stack allows more; no statement written by people comes near.
constexpr int kMaxNesting = 400;

bool isWordStart(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}
bool isDigit(unsigned char c) { return c >= '0' && c <= '9'; }
bool isBlank(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Splits SQL of any dialect into tokens, well enough to drop literals and comments. Never fails.
class Tokens
{
public:
    explicit Tokens(std::string_view sql)
        : m_sql(sql)
    {}

    enum class Kind { End, Word, Literal, Symbol };
    Kind next(std::string &token)
    {
        skipBlanks();
        token.clear();
        if (m_at >= m_sql.size())
            return Kind::End;
        const auto c = static_cast<unsigned char>(m_sql[m_at]);
        if (c == '\'') {
            skipQuoted('\'');
            return Kind::Literal;
        }
        if (c == '"' || c == '`') {
            const std::size_t begin = m_at;
            skipQuoted(static_cast<char>(c));
            token = m_sql.substr(begin, m_at - begin);
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

private:
    unsigned char byteAt(std::size_t i) const { return static_cast<unsigned char>(m_sql[i]); }
    bool startsWith(std::string_view text) const { return m_sql.substr(m_at, text.size()) == text; }

    void skipBlanks()
    {
        while (m_at < m_sql.size()) {
            if (isBlank(byteAt(m_at)) || m_sql[m_at] == '\0') {
                ++m_at;
            } else if (startsWith("--")) {
                const std::size_t end = m_sql.find('\n', m_at);
                m_at = end == std::string_view::npos ? m_sql.size() : end + 1;
            } else if (startsWith("/*")) {
                const std::size_t end = m_sql.find("*/", m_at + 2);
                m_at = end == std::string_view::npos ? m_sql.size() : end + 2;
            } else {
                return;
            }
        }
    }
    void skipQuoted(char quote)
    {
        for (++m_at; m_at < m_sql.size(); ++m_at) {
            if (m_sql[m_at] != quote)
                continue;
            if (m_at + 1 < m_sql.size() && m_sql[m_at + 1] == quote)
                ++m_at; // a doubled quote stands for itself
            else
                break;
        }
        m_at = std::min(m_at + 1, m_sql.size());
    }
    void skipNumber()
    {
        while (m_at < m_sql.size()) {
            const unsigned char c = byteAt(m_at);
            const bool exponentSign
                = (c == '+' || c == '-') && (m_sql[m_at - 1] == 'e' || m_sql[m_at - 1] == 'E');
            if (!isDigit(c) && !isWordStart(c) && c != '.' && !exponentSign)
                break;
            ++m_at;
        }
    }
    Kind word(std::string &token)
    {
        const std::size_t begin = m_at;
        while (
            m_at < m_sql.size() && (isWordStart(byteAt(m_at)) || isDigit(byteAt(m_at)) || m_sql[m_at] == '$'))
            ++m_at;
        token = toLowerAscii(m_sql.substr(begin, m_at - begin));
        const bool prefix = token == "e" || token == "n" || token == "b" || token == "x" || token == "u";
        if (prefix && m_at < m_sql.size() && m_sql[m_at] == '\'') {
            skipQuoted('\'');
            return Kind::Literal;
        }
        return Kind::Word;
    }
    /// $1 is a parameter, $tag$...$tag$ a string.
    Kind dollar(std::string &token)
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

    std::string_view m_sql;
    std::size_t m_at = 0;
};

std::string tokenFingerprint(std::string_view sql)
{
    Tokens tokens(sql);
    std::string token;
    std::uint64_t hash = hash64({});
    bool lastWasLiteral = false, commaPending = false;
    for (;;) {
        const Tokens::Kind kind = tokens.next(token);
        if (kind == Tokens::Kind::End)
            break;
        if (kind == Tokens::Kind::Literal) {
            // A list of literals counts as one, however long it is.
            if (!(lastWasLiteral && commaPending))
                hash = hash64("?", hash64(commaPending ? ",\x1f" : "\x1f", hash));
            commaPending = false;
            lastWasLiteral = true;
            continue;
        }
        if (commaPending)
            hash = hash64(",\x1f", hash);
        commaPending = kind == Tokens::Kind::Symbol && token == ",";
        if (commaPending)
            continue;
        if (kind == Tokens::Kind::Symbol && token == ";") {
            lastWasLiteral = false;
            continue;
        }
        hash = hash64(token, hash64("\x1f", hash));
        lastWasLiteral = false;
    }
    char digits[20];
    std::snprintf(digits, sizeof digits, "t:%016llx", static_cast<unsigned long long>(hash));
    return digits;
}

bool isTooDeep(std::string_view sql)
{
    int depth = 0;
    for (const char c : sql) {
        if (c == '(' || c == '[')
            ++depth;
        else if (c == ')' || c == ']')
            --depth;
        if (depth > kMaxNesting)
            return true;
    }
    return false;
}

} // namespace

std::string fingerprint(std::string_view sql)
{
    sql = trimmed(sql);
    std::string first;
    if (Tokens(sql).next(first) == Tokens::Kind::End)
        return {};
    const bool parsable
        = sql.size() <= kMaxParsedSql && sql.find('\0') == std::string_view::npos && !isTooDeep(sql);
    if (parsable) {
        const PgQueryFingerprintResult result = pg_query_fingerprint(std::string(sql).c_str());
        std::string digits;
        if (!result.error && result.fingerprint_str)
            digits = result.fingerprint_str;
        pg_query_free_fingerprint_result(result);
        if (!digits.empty())
            return digits;
    }
    return tokenFingerprint(sql);
}

} // namespace tailscope::store
