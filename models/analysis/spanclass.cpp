// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spanclass.h"

#include <algorithm>
#include <array>
#include <string>

namespace tailscope::analysis {

namespace {

// The words. One more is one more entry here and a line in tst_spanclass.

/// Waiting, wherever they stand.
constexpr std::string_view kWait[]{"acquire", "acquiring", "acquisition", "await", "awaiting", "backoff",
    "blocked", "contention", "dequeue", "latch", "mutex", "parked", "queued", "queueing", "queuing",
    "semaphore", "sleep", "sleeping", "throttle", "throttled", "throttling", "wait", "waited", "waiting",
    "waits"};
/// Waiting, unless a verb of work stands beside them or the span is a call.
constexpr std::string_view kMaybeWait[]{"borrow", "delay", "lock", "locking", "park", "pending", "queue"};
constexpr std::string_view kWork[]{"add", "bind", "build", "consume", "create", "declare", "delete", "find",
    "handle", "insert", "list", "load", "process", "publish", "purge", "push", "put", "receive", "release",
    "save", "send", "unlock", "update"};
/// Two words that together are a wait.
constexpr std::array<std::string_view, 2> kWaitPairs[]{{"back", "off"}, {"checkout", "connection"},
    {"get", "connection"}, {"lease", "connection"}, {"limit", "rate"}, {"limiter", "rate"},
    {"obtain", "connection"}, {"pool", "borrow"}, {"pool", "checkout"}, {"pool", "get"}, {"pool", "lease"},
    {"pool", "take"}, {"take", "connection"}};

/// The way to the other side, wherever they stand.
constexpr std::string_view kNetwork[]{"connect", "connecting", "dns", "getaddrinfo", "handshake", "socket",
    "ssl", "tcp", "tls"};
/// The way, when they stand alone or beside what is carried.
constexpr std::string_view kMaybeNetwork[]{"download", "network", "receive", "recv", "send", "transfer",
    "transmit", "upload"};
constexpr std::string_view kCarried[]{"body", "bytes", "data", "frame", "grpc", "headers", "http", "https",
    "net", "network", "packet", "request", "response", "rpc", "stream", "udp"};
constexpr std::array<std::string_view, 2> kNetworkPairs[]{{"lookup", "host"}, {"name", "resolution"},
    {"resolve", "address"}, {"resolve", "host"}, {"resolve", "name"}};

/// In front of a resource.
constexpr std::string_view kMethods[]{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"};
constexpr std::string_view kSqlVerbs[]{"delete", "insert", "merge", "select", "update", "with"};

constexpr std::size_t kMaxBytes = 200, kMaxWords = 16;

template<typename List>
bool contains(const List &list, std::string_view word)
{
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isWordCharacter(char c)
{
    return isUpper(c) || isLower(c) || isDigit(c) || static_cast<signed char>(c) < 0;
}
char toLower(char c) { return isUpper(c) ? char(c - 'A' + 'a') : c; }

/// "HikariPool.getConnection" -> hikari, pool, get, connection.
std::vector<std::string> wordsOf(std::string_view text)
{
    text = text.substr(0, kMaxBytes);
    std::vector<std::string> words;
    std::string word;
    const auto finish = [&] {
        if (!word.empty() && words.size() < kMaxWords)
            words.push_back(word);
        word.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (!isWordCharacter(c)) {
            finish();
            continue;
        }
        const bool isAfterLower = i > 0 && (isLower(text[i - 1]) || isDigit(text[i - 1]));
        const bool isBeforeLower = i + 1 < text.size() && isLower(text[i + 1]);
        if (isUpper(c) && (isAfterLower || isBeforeLower))
            finish();
        word.push_back(toLower(c));
    }
    finish();
    return words;
}

/// "GET /queue", "select lock_table", "/api/wait": the rest names what is asked for.
bool namesResource(std::string_view operation)
{
    if (operation.starts_with('/'))
        return true;
    const std::size_t space = operation.find(' ');
    const std::string_view first = operation.substr(0, space);
    if (contains(kMethods, first))
        return true;
    if (space == std::string_view::npos || first.size() > 6)
        return false;
    std::string lower(first);
    std::transform(lower.begin(), lower.end(), lower.begin(), toLower);
    return contains(kSqlVerbs, lower);
}

template<typename List>
bool hasAny(const std::vector<std::string> &words, const List &list)
{
    return std::any_of(words.begin(), words.end(), [&](const std::string &w) { return contains(list, w); });
}

template<typename Pairs>
bool hasPair(const std::vector<std::string> &words, const Pairs &pairs)
{
    return std::any_of(std::begin(pairs), std::end(pairs),
        [&](const auto &pair) { return contains(words, pair[0]) && contains(words, pair[1]); });
}

bool isCarrying(const std::vector<std::string> &words)
{
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!contains(kMaybeNetwork, words[i]))
            continue;
        if (words.size() == 1)
            return true;
        for (std::size_t k = 0; k < words.size(); ++k) {
            if (k != i && contains(kCarried, words[k]))
                return true;
        }
    }
    return false;
}

} // namespace

std::string_view name(TimeClass timeClass)
{
    switch (timeClass) {
    case TimeClass::Unknown:
        return "unknown";
    case TimeClass::Processing:
        return "processing";
    case TimeClass::Network:
        return "network";
    case TimeClass::Wait:
        return "wait";
    }
    return "unknown";
}

TimeClass classOfWords(std::string_view operation, bool isInternal)
{
    if (namesResource(operation))
        return TimeClass::Unknown;
    const std::vector<std::string> words = wordsOf(operation);
    if (hasAny(words, kWait) || hasPair(words, kWaitPairs))
        return TimeClass::Wait;
    if (hasAny(words, kNetwork) || hasPair(words, kNetworkPairs))
        return TimeClass::Network;
    if (isInternal && hasAny(words, kMaybeWait) && !hasAny(words, kWork))
        return TimeClass::Wait;
    return isInternal && isCarrying(words) ? TimeClass::Network : TimeClass::Unknown;
}

SpanClasses::SpanClasses(const SpanColumns &columns)
    : m_columns(columns)
{
    for (const std::string &operation : columns.operations) {
        m_internal.push_back(classOfWords(operation, true));
        m_other.push_back(classOfWords(operation, false));
    }
    m_hasCallee.assign(columns.size(), false);
    for (std::size_t row = 0; row < columns.size(); ++row) {
        const std::uint32_t parent = columns.parent[row];
        if (parent != kNoRow && SpanKind(columns.kind[row]) == SpanKind::Server
            && SpanKind(columns.kind[parent]) == SpanKind::Client)
            m_hasCallee[parent] = true;
    }
}

TimeClass SpanClasses::byWords(std::uint32_t row) const
{
    switch (SpanKind(m_columns.kind[row])) {
    case SpanKind::Server:
    case SpanKind::Consumer:
        return TimeClass::Unknown;
    case SpanKind::Internal:
        return m_internal[m_columns.operation[row]];
    case SpanKind::Client:
    case SpanKind::Producer:
    case SpanKind::Async:
        break;
    }
    return m_other[m_columns.operation[row]];
}

TimeClass SpanClasses::ofSelf(std::uint32_t row) const
{
    if (const TimeClass words = byWords(row); words != TimeClass::Unknown)
        return words;
    return m_hasCallee[row] ? TimeClass::Network : TimeClass::Processing;
}

TimeClass SpanClasses::ofGap(std::uint32_t row, Nanos gap) const
{
    if (const TimeClass words = byWords(row); words != TimeClass::Unknown)
        return words;
    if (m_hasCallee[row])
        return TimeClass::Network;
    return gap < kOrdinaryGap ? TimeClass::Processing : TimeClass::Unknown;
}

} // namespace tailscope::analysis
