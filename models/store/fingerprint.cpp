// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/fingerprint.h"

#include "base/sqltokens.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include <pg_query.h>

namespace tailscope::store {

namespace {

using Kind = SqlTokens::Kind;

// The grammar's stack allows more; no statement written by people comes near.
constexpr int kMaxNesting = 400;
// A tree of the grammar is at most as deep as the text has words and operators (1 + 1 + 1 ...). Normalising
// walks it by recursion, some 300 bytes of stack a level.
constexpr std::size_t kMaxTreeTokens = 4000;

std::string tokenFingerprint(std::string_view sql)
{
    SqlTokens tokens(sql);
    std::string token;
    std::uint64_t hash = hash64({});
    bool lastWasLiteral = false, commaPending = false;
    for (;;) {
        const Kind kind = tokens.next(token);
        if (kind == Kind::End)
            break;
        if (kind == Kind::Literal) {
            // A list of literals counts as one, however long it is.
            if (!(lastWasLiteral && commaPending))
                hash = hash64("?", hash64(commaPending ? ",\x1f" : "\x1f", hash));
            commaPending = false;
            lastWasLiteral = true;
            continue;
        }
        if (commaPending)
            hash = hash64(",\x1f", hash);
        commaPending = kind == Kind::Symbol && token == ",";
        if (commaPending)
            continue;
        if (kind == Kind::Symbol && token == ";") {
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

bool isParsable(std::string_view sql)
{
    return sql.size() <= kMaxParsedSql && sql.find('\0') == std::string_view::npos && !isTooDeep(sql);
}

/// Whether what the grammar makes of the text is too deep to be walked by recursion.
bool isLongTree(std::string_view sql)
{
    SqlTokens tokens(sql);
    std::string token;
    std::size_t count = 0;
    for (Kind kind = tokens.next(token); kind != Kind::End; kind = tokens.next(token)) {
        // Lists of values and columns are flat however long they are.
        if (kind != Kind::Literal && token != ",")
            ++count;
        if (count > kMaxTreeTokens)
            return true;
    }
    return false;
}

/// The text with one blank for each comment.
std::string withoutComments(std::string_view sql)
{
    SqlTokens tokens(sql);
    std::string token, out;
    bool hasComment = false;
    tokens.onComment([&](std::string_view) { hasComment = true; });
    std::size_t end = 0;
    for (Kind kind = tokens.next(token); kind != Kind::End; kind = tokens.next(token)) {
        if (!hasComment)
            out += sql.substr(end, tokens.begin() - end);
        else if (!out.empty())
            out += ' ';
        hasComment = false;
        end = tokens.end();
        out += sql.substr(tokens.begin(), end - tokens.begin());
    }
    return out;
}

/// Literals become "?", lists of them "?, ...", blanks and comments one blank.
std::string normalizedByTokens(std::string_view sql)
{
    SqlTokens tokens(sql);
    std::string token, out;
    bool lastWasLiteral = false, commaPending = false, listed = false;
    std::size_t end = 0;
    for (Kind kind = tokens.next(token); kind != Kind::End; kind = tokens.next(token)) {
        if (out.size() >= kMaxNormalizedSql) {
            out.resize(utf8Prefix(out, kMaxNormalizedSql).size());
            return out + "…";
        }
        const bool gap = tokens.begin() > end && !out.empty();
        end = tokens.end();
        if (kind == Kind::Literal && lastWasLiteral && commaPending) {
            out += listed ? "" : ", ...";
            listed = true;
            commaPending = false;
            continue;
        }
        if (commaPending)
            out += ',';
        commaPending = kind == Kind::Symbol && token == ",";
        if (commaPending)
            continue;
        if (gap)
            out += ' ';
        if (kind == Kind::Literal)
            out += '?';
        else
            out += sql.substr(tokens.begin(), end - tokens.begin());
        lastWasLiteral = kind == Kind::Literal;
        listed = false;
    }
    return out;
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isWord(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.'
        || static_cast<unsigned char>(c) >= 0x80;
}

/// Ends with "float(": what follows decides which type it is.
bool isFloatType(std::string_view text)
{
    if (!text.ends_with('('))
        return false;
    text = trimmed(text.substr(0, text.size() - 1));
    return text.size() >= 5 && toLowerAscii(text.substr(text.size() - 5)) == "float";
}

} // namespace

std::string fingerprint(std::string_view sql)
{
    sql = trimmed(sql);
    std::string first;
    if (SqlTokens(sql).next(first) == Kind::End)
        return {};
    if (isParsable(sql)) {
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

NormalizedSql normalizedSql(std::string_view sql)
{
    sql = trimmed(sql);
    if (isParsable(sql) && !isLongTree(sql)) {
        const std::string bare = withoutComments(sql);
        const PgQueryNormalizeResult result = pg_query_normalize(bare.c_str());
        NormalizedSql normalized;
        if (!result.error && result.normalized_query)
            normalized.text = trimmed(std::string_view(result.normalized_query));
        pg_query_free_normalize_result(result);
        if (!normalized.text.empty())
            return normalized;
    }
    return {normalizedByTokens(sql), true};
}

std::optional<std::string> statementKey(std::string_view sql)
{
    // Numbers mean more than a value in some commands (FETCH 5 FROM c).
    static constexpr std::array<std::string_view, 5> kCommands{"select ", "insert ", "update ", "delete ",
        "with "};
    if (std::none_of(kCommands.begin(), kCommands.end(),
            [&](std::string_view command) { return startsWithNoCase(sql, command); }))
        return std::nullopt;
    std::string key;
    key.reserve(sql.size());
    for (std::size_t i = 0; i < sql.size(); ++i) {
        const char c = sql[i], next = i + 1 < sql.size() ? sql[i + 1] : '\0';
        if (c == '\\' || (c == '-' && next == '-') || (c == '$' && !isDigit(next)))
            return std::nullopt;
        if (c == '\'') {
            const std::size_t end = sql.find('\'', i + 1);
            if (end == std::string_view::npos || (end + 1 < sql.size() && sql[end + 1] == '\'')
                || sql.substr(i, end - i).find('\\') != std::string_view::npos)
                return std::nullopt;
            key += "''";
            i = end;
        } else if (c == '"' || c == '`') { // a name
            const std::size_t end = sql.find(c, i + 1);
            if (end == std::string_view::npos || (end + 1 < sql.size() && sql[end + 1] == c))
                return std::nullopt;
            key += sql.substr(i, end + 1 - i);
            i = end;
        } else if (c == '/' && next == '*') {
            const std::size_t end = sql.find("*/", i + 2);
            if (end == std::string_view::npos
                || sql.substr(i + 2, end - i - 2).find("/*") != std::string_view::npos)
                return std::nullopt;
            key += ' ';
            i = end + 1;
        } else if (isDigit(c) && (i == 0 || !isWord(sql[i - 1]))) {
            if (isFloatType(key))
                return std::nullopt;
            const std::size_t begin = i;
            const bool isParameter = i > 0 && sql[i - 1] == '$';
            const auto digits = [&] {
                while (i + 1 < sql.size() && isDigit(sql[i + 1]))
                    ++i;
            };
            digits();
            const bool hasFraction = i + 2 < sql.size() && sql[i + 1] == '.' && isDigit(sql[i + 2]);
            if (hasFraction) {
                ++i;
                digits();
            }
            if (i + 1 < sql.size() && isWord(sql[i + 1]))
                return std::nullopt;
            key += isParameter ? sql.substr(begin, i + 1 - begin) : hasFraction ? "0.0" : "0";
        } else {
            key += c;
        }
    }
    return key;
}

} // namespace tailscope::store
