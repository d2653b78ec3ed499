// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/calltexts.h"

#include "base/text.h"
#include "store/fingerprint.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace tailscope::analysis {

namespace {

enum Field : std::uint8_t { Statement, Values, Url, Path, Method, Peer, System, OnceKey, Failure, kFields };

// Both generations of the semantic conventions, then what tracers used before them. Where several keys of one
// field are there, the first of this list wins.
struct KnownKey
{
    std::string_view key;
    Field field;
};
constexpr std::array kKeys{
    KnownKey{"db.query.text", Statement},
    KnownKey{"db.statement", Statement},
    KnownKey{"sql.query", Statement},
    KnownKey{"db.sql.parameters", Values},
    KnownKey{"db.statement.parameters", Values},
    KnownKey{"db.params", Values},
    KnownKey{"cache.key", Values},
    KnownKey{"url.full", Url},
    KnownKey{"http.url", Url},
    KnownKey{"http.route", Path},
    KnownKey{"url.template", Path},
    KnownKey{"url.path", Path},
    KnownKey{"http.target", Path},
    KnownKey{"http.request.method", Method},
    KnownKey{"http.method", Method},
    KnownKey{"peer.service", Peer},
    KnownKey{"server.address", Peer},
    KnownKey{"net.peer.name", Peer},
    KnownKey{"peer.hostname", Peer},
    KnownKey{"network.peer.address", Peer},
    KnownKey{"net.peer.ip", Peer},
    KnownKey{"peer.address", Peer},
    KnownKey{"http.host", Peer},
    KnownKey{"db.system.name", System},
    KnownKey{"db.system", System},
    KnownKey{"db.type", System},
    KnownKey{"messaging.system", System},
    KnownKey{"rpc.system", System},
    KnownKey{"http.request.header.idempotency-key", OnceKey},
    KnownKey{"http.request.header.idempotency_key", OnceKey},
    KnownKey{"idempotency.key", OnceKey},
    KnownKey{"idempotency_key", OnceKey},
    KnownKey{"error.type", Failure},
    KnownKey{"exception.type", Failure},
};
// Each bound value has a key of its own.
constexpr std::array<std::string_view, 2> kValuePrefixes{"db.query.parameter.", "db.operation.parameter."};

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// $1, ?, %s and :name, outside of quotes.
bool hasPlaceholder(std::string_view sql)
{
    bool quoted = false;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        const char c = sql[i], next = i + 1 < sql.size() ? sql[i + 1] : '\0';
        if (c == '\'')
            quoted = !quoted;
        if (quoted)
            continue;
        if (c == '?' || (c == '$' && isDigit(next)) || (c == '%' && next == 's'))
            return true;
        if (c == ':' && (i == 0 || sql[i - 1] != ':') && next >= 'a' && next <= 'z')
            return true;
    }
    return false;
}

// Segments of a path that hold digits, or that are long, name one thing of many.
std::string pathTemplate(std::string_view path)
{
    std::string out;
    bool isFirst = true;
    for (const std::string_view segment : split(path.substr(0, path.find_first_of("?#")), '/')) {
        if (!isFirst)
            out += '/';
        isFirst = false;
        const bool isValue = segment.size() > 40 || std::any_of(segment.begin(), segment.end(), isDigit);
        out += isValue ? std::string_view("{}") : segment;
    }
    return out;
}

// Host and path of an absolute URL; a text without a scheme is all path.
std::pair<std::string_view, std::string_view> hostAndPath(std::string_view url)
{
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos)
        return {{}, url};
    const std::string_view rest = url.substr(scheme + 3);
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos)
        return {rest, {}};
    return {rest.substr(0, slash), rest.substr(slash)};
}

std::string_view firstWord(std::string_view text)
{
    const std::string_view rest = trimmed(text);
    return rest.substr(0, rest.find_first_of(" \t\r\n"));
}

} // namespace

bool namesCache(std::string_view name)
{
    const std::string lower = toLowerAscii(name);
    for (const std::string_view part : {"redis", "memcache", "valkey", "dragonfly", "hazelcast", "cache"}) {
        if (lower.find(part) != std::string::npos)
            return true;
    }
    return false;
}

struct CallTexts::Found
{
    std::array<std::string, kFields> text;
    std::array<std::uint8_t, kFields> rank; // place in kKeys of what is in text; 255 = nothing
    std::uint64_t values = 0;
    Found() { rank.fill(255); }
};

CallTexts::CallTexts() { clear(); }

void CallTexts::clear()
{
    m_reader.reset();
    m_texts.clear();
    m_names.assign(1, {});
    m_index.clear();
    m_fingerprints.clear();
}

const CallText *CallTexts::find(std::uint32_t row) const
{
    const auto found = m_texts.find(row);
    return found == m_texts.end() ? nullptr : &found->second;
}

std::uint32_t CallTexts::intern(std::string_view name)
{
    if (name.empty())
        return 0;
    const auto [at, isNew] = m_index.try_emplace(std::string(name), std::uint32_t(m_names.size()));
    if (isNew)
        m_names.emplace_back(name);
    return at->second;
}

void CallTexts::take(Found &found, std::string_view key, std::string_view value)
{
    if (value.empty())
        return;
    for (const std::string_view prefix : kValuePrefixes) {
        if (key.starts_with(prefix)) // sums, so that the order of the keys does not matter
            found.values += hash64(value, hash64(key));
    }
    for (std::size_t i = 0; i < kKeys.size(); ++i) {
        const Field field = kKeys[i].field;
        if (kKeys[i].key != key || found.rank[field] <= i)
            continue;
        found.rank[field] = std::uint8_t(i);
        found.text[field] = std::string(value);
    }
}

std::uint32_t CallTexts::statementIdentity(const std::string &statement, bool isCache)
{
    if (isCache) // "GET user:17": the command is the identity, the rest its value
        return intern(firstWord(statement));
    const std::optional<std::string> key = store::statementKey(statement);
    const auto [at, isNew] = m_fingerprints.try_emplace(key ? *key : statement, 0);
    if (isNew)
        at->second = intern(store::fingerprint(statement));
    return at->second;
}

CallText CallTexts::together(const Found &found)
{
    CallText text;
    text.system = intern(found.text[System]);
    const auto [host, urlPath] = hostAndPath(found.text[Url]);
    text.peer = intern(found.text[Peer].empty() ? host : std::string_view(found.text[Peer]));
    const std::string &statement = found.text[Statement];
    if (!statement.empty()) {
        const bool isCache = namesCache(found.text[System]);
        text.identity = statementIdentity(statement, isCache);
        text.isStatement = text.identity != 0;
        const bool hasValues = found.values != 0 || !found.text[Values].empty();
        text.hasPlaceholder = !isCache && !hasValues && hasPlaceholder(statement);
        if (!text.hasPlaceholder)
            text.value = hash64(found.text[Values], hash64(statement) + found.values);
    } else if (!found.text[Url].empty() || !found.text[Path].empty()) {
        const std::string_view path = found.text[Path].empty() ? urlPath : std::string_view(found.text[Path]);
        text.identity = intern(trimmed(found.text[Method] + ' ' + pathTemplate(path)));
        // A route is the same for all values: only the whole address tells them apart.
        text.hasPlaceholder = found.text[Url].empty();
        text.value = text.hasPlaceholder ? 0 : hash64(found.text[Url], hash64(found.text[Method]));
    } else if (!found.text[Values].empty()) {
        text.value = hash64(found.text[Values]);
    }
    if (!found.text[OnceKey].empty())
        text.onceKey = hash64(found.text[OnceKey]);
    const std::string failure = toLowerAscii(found.text[Failure]);
    text.isTimeout = failure.find("timeout") != std::string::npos
        || failure.find("deadline") != std::string::npos || failure.find("timed_out") != std::string::npos;
    return text;
}

void CallTexts::set(std::uint32_t row, std::span<const Attribute> attributes)
{
    Found found;
    for (const Attribute &attribute : attributes)
        take(found, attribute.key, attribute.value);
    m_texts[row] = together(found);
}

/// The statements of load(), and what was found in attribute sets that several spans share.
class CallTexts::Reader
{
public:
    explicit Reader(const store::Database *database)
        : m_database(database)
    {}
    bool isOf(const store::Database &database) const { return m_database == &database; }

    Result<void> prepare(store::Database &reader)
    {
        TS_TRY(prepare(reader, m_begin, "BEGIN"));
        TS_TRY(prepare(reader, m_end, "COMMIT"));
        TS_TRY(prepare(reader, m_span, "SELECT attribute_set, attributes FROM span_raw WHERE id = ?"));
        TS_TRY(prepare(reader, m_items,
            "SELECT CASE typeof(key_id) WHEN 'integer' THEN (SELECT text FROM string WHERE id = key_id) ELSE"
            " key_id END, CASE WHEN type = 1 AND typeof(value) = 'integer'"
            " THEN (SELECT text FROM string WHERE id = value) ELSE value END"
            " FROM attribute_set_item WHERE set_id = ? ORDER BY position"));
        return prepare(reader, m_own,
            "SELECT key, value FROM json_each(CASE WHEN json_valid(?1) THEN ?1 END)");
    }

    /// One snapshot for the spans of one trace: each statement alone would lock and unlock the file.
    void begin() { m_isInside = m_begin.run().has_value(); }
    void end()
    {
        m_span.reset();
        m_items.reset();
        m_own.reset();
        if (std::exchange(m_isInside, false))
            (void)m_end.run();
    }

    /// What the span's set and its own attributes say; false when the span is not there.
    Result<bool> read(std::int64_t id, Found &found)
    {
        m_span.reset();
        m_span.bind(0, id);
        const Result<bool> row = m_span.step();
        if (!row || !*row)
            return row;
        if (!m_span.isNull(0)) {
            const std::int64_t set = m_span.integer(0);
            if (m_sets.size() > kMaxSets)
                m_sets.clear();
            const auto [at, isNew] = m_sets.try_emplace(set);
            if (isNew) {
                m_items.reset();
                m_items.bind(0, set);
                TS_TRY(takeAll(m_items, at->second));
            }
            found = at->second;
        }
        if (m_span.text(1).size() > 2) { // "{}"
            const std::string own(m_span.text(1));
            m_own.reset();
            m_own.bind(0, std::string_view(own));
            TS_TRY(takeAll(m_own, found));
        }
        return true;
    }

private:
    static Result<void> prepare(store::Database &reader, store::Statement &statement, std::string_view sql)
    {
        Result<store::Statement> made = reader.prepare(sql);
        if (!made)
            return tl::unexpected(std::move(made.error()));
        statement = std::move(*made);
        return {};
    }
    static Result<void> takeAll(store::Statement &statement, Found &found)
    {
        for (;;) {
            const Result<bool> row = statement.step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                return {};
            take(found, statement.text(0), statement.text(1));
        }
    }

    static constexpr std::size_t kMaxSets = 50'000;

    const store::Database *m_database;
    store::Statement m_begin, m_end, m_span, m_items, m_own;
    bool m_isInside = false;
    std::unordered_map<std::int64_t, Found> m_sets;
};

Result<void> CallTexts::load(store::Database &reader, const SpanColumns &columns,
    std::span<const std::uint32_t> rows, const CancelToken &cancel)
{
    if (rows.empty())
        return {};
    if (!m_reader || !m_reader->isOf(reader)) {
        m_reader = std::make_shared<Reader>(&reader);
        if (Result<void> prepared = m_reader->prepare(reader); !prepared) {
            m_reader.reset();
            return prepared;
        }
    }
    m_reader->begin();
    Result<void> read = loadRows(columns, rows, cancel);
    m_reader->end();
    return read;
}

Result<void> CallTexts::loadRows(const SpanColumns &columns, std::span<const std::uint32_t> rows,
    const CancelToken &cancel)
{
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i % 256 == 0 && cancel.isCancelled())
            return fail(ErrorCode::Cancelled, "span", "reading the texts of calls was cancelled", "");
        if (m_texts.contains(rows[i]))
            continue;
        Found found;
        const Result<bool> known = m_reader->read(columns.id(rows[i]), found);
        if (!known)
            return tl::unexpected(known.error());
        if (*known)
            m_texts.emplace(rows[i], together(found));
    }
    return {};
}

} // namespace tailscope::analysis
