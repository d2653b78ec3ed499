// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/querytokens.h"

#include <algorithm>

namespace tailscope::advisor {

namespace {

bool isWordByte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$'
        || static_cast<unsigned char>(c) >= 0x80;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// One past a quoted text that begins at `at`; doubled quotes belong to it.
std::size_t quotedEnd(std::string_view sql, std::size_t at)
{
    const char quote = sql[at];
    for (++at; at < sql.size(); ++at) {
        if (sql[at] != quote)
            continue;
        if (at + 1 < sql.size() && sql[at + 1] == quote)
            ++at;
        else
            return at + 1;
    }
    return sql.size();
}

/// One past a comment that begins at `at`; `at` itself when none does.
std::size_t commentEnd(std::string_view sql, std::size_t at)
{
    if (sql.substr(at, 2) == "--")
        return std::min(sql.size(), sql.find('\n', at));
    if (sql.substr(at, 2) != "/*")
        return at;
    int depth = 1;
    for (at += 2; at < sql.size() && depth > 0; ++at) {
        if (sql.substr(at, 2) == "/*") {
            ++depth;
            ++at;
        } else if (sql.substr(at, 2) == "*/") {
            --depth;
            ++at;
        }
    }
    return std::min(at, sql.size());
}

/// One past a dollar-quoted text; `at` itself when none begins there.
std::size_t dollarEnd(std::string_view sql, std::size_t at)
{
    std::size_t tag = at + 1;
    while (tag < sql.size() && isWordByte(sql[tag]) && sql[tag] != '$')
        ++tag;
    const bool isNumber = at + 1 < tag && sql[at + 1] >= '0' && sql[at + 1] <= '9';
    if (tag >= sql.size() || sql[tag] != '$' || isNumber)
        return at;
    const std::string_view mark = sql.substr(at, tag + 1 - at);
    const std::size_t end = sql.find(mark, tag + 1);
    return end == std::string_view::npos ? sql.size() : end + mark.size();
}

} // namespace

QueryTokens::QueryTokens(std::string_view sql)
    : m_sql(sql)
{
    for (std::size_t at = 0; at < sql.size();) {
        const char c = sql[at];
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            ++at;
            continue;
        }
        if (const std::size_t end = commentEnd(sql, at); end != at) {
            at = end;
            continue;
        }
        std::size_t end = at + 1;
        bool isWord = false;
        if (c == '\'' || c == '"') {
            end = quotedEnd(sql, at);
            isWord = c == '"';
        } else if (c == '$' && dollarEnd(sql, at) != at) {
            end = dollarEnd(sql, at);
        } else if (isWordByte(c)) {
            isWord = true;
            while (end < sql.size() && (isWordByte(sql[end]) || (c >= '0' && c <= '9' && sql[end] == '.')))
                ++end;
            // E'..', U&"..": the prefix belongs to the literal.
            if (end == at + 1 && end < sql.size() && sql[end] == '\'')
                end = quotedEnd(sql, end);
        }
        m_tokens.push_back({at, end, isWord});
        at = end;
    }
}

std::string_view QueryTokens::text(std::size_t token) const
{
    return token < count() ? m_sql.substr(at(token).begin, at(token).end - at(token).begin)
                           : std::string_view();
}

bool QueryTokens::is(std::size_t token, std::string_view word) const
{
    const std::string_view found = text(token);
    return found.size() == word.size()
        && std::equal(found.begin(), found.end(), word.begin(),
            [](char a, char b) { return lower(a) == lower(b); });
}

std::size_t QueryTokens::find(std::size_t byte) const
{
    const auto found = std::partition_point(m_tokens.begin(), m_tokens.end(),
        [byte](const Token &token) { return token.end <= byte; });
    return static_cast<std::size_t>(found - m_tokens.begin());
}

std::size_t QueryTokens::matching(std::size_t open) const
{
    int depth = 0;
    for (std::size_t i = open; i < count(); ++i) {
        if (is(i, "(") || is(i, "["))
            ++depth;
        else if ((is(i, ")") || is(i, "]")) && --depth <= 0)
            return i;
    }
    return count() - 1;
}

TextRange QueryTokens::between(std::size_t firstToken, std::size_t lastToken) const
{
    if (count() == 0)
        return {};
    firstToken = std::min(firstToken, count() - 1);
    lastToken = std::clamp(lastToken, firstToken, count() - 1);
    return {at(firstToken).begin, at(lastToken).end - at(firstToken).begin};
}

TextRange QueryTokens::extent(std::size_t first, std::size_t last) const
{
    if (count() == 0)
        return {};
    std::size_t from = std::min(find(first), count() - 1), to = std::min(find(last), count() - 1);
    // "schema . table", "call (...)", "array [...]", "x :: numeric (10)".
    while (to + 1 < count()) {
        const bool isEnd = !is(to + 1, ".") && !is(to, ".") && !is(to + 1, "[")
            && !(is(to + 1, "(") && at(to).isWord && !is(to, "and") && !is(to, "or") && !is(to, "in"))
            && !(is(to, ":") && !is(to + 1, ")"));
        if (isEnd)
            break;
        to = is(to + 1, "(") || is(to + 1, "[") ? matching(to + 1) : to + 1;
    }
    int depth = 0;
    for (std::size_t i = from; i <= to; ++i) {
        if (is(i, "(") || is(i, "["))
            ++depth;
        else if (is(i, ")") || is(i, "]"))
            --depth;
        // Closed more than opened: the text begins further left.
        while (depth < 0 && from > 0) {
            --from;
            if (is(from, "(") || is(from, "["))
                ++depth;
            else if (is(from, ")") || is(from, "]"))
                --depth;
        }
    }
    for (; depth > 0 && to + 1 < count(); ++to) {
        if (is(to + 1, "(") || is(to + 1, "["))
            ++depth;
        else if (is(to + 1, ")") || is(to + 1, "]"))
            --depth;
    }
    return between(from, to);
}

TextRange QueryTokens::enclosing(const TextRange &range) const
{
    int depth = 0;
    for (std::size_t i = find(range.begin); i-- > 0;) {
        if (is(i, ")"))
            ++depth;
        else if (is(i, "(") && --depth < 0)
            return between(i, matching(i));
    }
    return range;
}

} // namespace tailscope::advisor
