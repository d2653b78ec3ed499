// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/callnames.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <string>

namespace tailscope::analysis {

namespace {

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// `word` stands in `text` with no letter beside it ("tls.handshake" has "tls", "titles" has not).
bool hasWord(std::string_view text, std::string_view word)
{
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || !isLetter(text[at - 1])) && (end == text.size() || !isLetter(text[end])))
            return true;
    }
    return false;
}

template<std::size_t N>
bool hasAny(std::string_view text, const std::array<std::string_view, N> &words)
{
    return std::any_of(words.begin(), words.end(),
        [text](std::string_view word) { return hasWord(text, word); });
}

template<std::size_t N>
bool isAny(std::string_view text, const std::array<std::string_view, N> &words)
{
    return std::find(words.begin(), words.end(), text) != words.end();
}

constexpr std::array<std::string_view, 6> kVerbs{"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH"};
constexpr std::array<std::string_view, 4> kBegin{"BEGIN", "START TRANSACTION", "BEGIN TRANSACTION", "BEGIN;"};
constexpr std::array<std::string_view, 6> kEnd{"COMMIT", "ROLLBACK", "COMMIT;", "ROLLBACK;",
    "COMMIT TRANSACTION", "END"};
constexpr std::array<std::string_view, 3> kDns{"dns", "getaddrinfo", "gethostbyname"};
constexpr std::array<std::string_view, 3> kTls{"tls", "ssl", "handshake"};
constexpr std::array<std::string_view, 6> kAcquire{"acquire", "getconnection", "get_connection", "wait",
    "backoff", "sleep"};

} // namespace

CallName callName(std::string_view operation)
{
    const std::string_view text = trimmed(operation);
    const std::string_view first = text.substr(0, text.find(' '));
    if (isAny(first, kVerbs))
        return CallName::Statement;
    if (text.size() > 64) // habits are short
        return CallName::Plain;
    const std::string lower = toLowerAscii(text);
    std::string upper = lower;
    std::transform(upper.begin(), upper.end(), upper.begin(),
        [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
    if (isAny(upper, kBegin) || hasWord(lower, "db.begin"))
        return CallName::Begin;
    if (isAny(upper, kEnd) || hasWord(lower, "db.commit") || hasWord(lower, "db.rollback"))
        return CallName::End;
    if (text.find('/') != std::string_view::npos) // a route: "GET /connect"
        return CallName::Plain;
    if (lower == "transaction" || lower == "db.transaction" || lower == "sql.transaction"
        || lower == "database transaction")
        return CallName::Transaction;
    if (hasAny(lower, kAcquire))
        return CallName::Acquire;
    if (hasAny(lower, kDns))
        return CallName::Dns;
    if (hasAny(lower, kTls))
        return CallName::Tls;
    if (hasWord(lower, "connect"))
        return CallName::Connect;
    return CallName::Plain;
}

} // namespace tailscope::analysis
