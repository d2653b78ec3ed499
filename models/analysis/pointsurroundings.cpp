// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/pointseries.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tailscope::analysis {

namespace {

using Take = std::function<void(const store::Statement &)>;

Result<void> each(store::Database &reader, const char *sql, const Take &take)
{
    Result<store::Statement> query = reader.prepare(sql);
    if (!query)
        return tl::unexpected(std::move(query.error()));
    for (;;) {
        const Result<bool> more = query->step();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            return {};
        take(*query);
    }
}

bool contains(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::any_of(words.begin(), words.end(),
        [text](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// "30s", "30 s", "200", "512MB" with the unit beside it or in the name of the key ("timeout_ms").
std::optional<LimitOfSomething> limitOf(std::string_view key, std::string_view value, std::string_view unit)
{
    const std::string text(trimmed(value));
    const std::size_t end = text.find_first_not_of("0123456789.");
    const auto number = parseDouble(text.substr(0, end));
    if (!number || !(*number > 0))
        return std::nullopt;
    std::string of = end == std::string::npos ? std::string() : toLowerAscii(trimmed(text.substr(end)));
    if (of.empty())
        of = toLowerAscii(unit);
    if (of.empty()) {
        for (const std::string_view tail : {"_ms", "_s", "_seconds", "_bytes", "_ns"}) {
            if (key.ends_with(tail))
                of = tail.substr(1);
        }
    }
    static const std::map<std::string, std::pair<LimitOfSomething::Kind, double>, std::less<>> units{
        {"", {LimitOfSomething::Kind::Count, 1}}, {"connections", {LimitOfSomething::Kind::Count, 1}},
        {"ns", {LimitOfSomething::Kind::Seconds, 1e-9}}, {"us", {LimitOfSomething::Kind::Seconds, 1e-6}},
        {"ms", {LimitOfSomething::Kind::Seconds, 1e-3}}, {"s", {LimitOfSomething::Kind::Seconds, 1}},
        {"sec", {LimitOfSomething::Kind::Seconds, 1}}, {"seconds", {LimitOfSomething::Kind::Seconds, 1}},
        {"m", {LimitOfSomething::Kind::Seconds, 60}}, {"min", {LimitOfSomething::Kind::Seconds, 60}},
        {"h", {LimitOfSomething::Kind::Seconds, 3600}}, {"d", {LimitOfSomething::Kind::Seconds, 86400}},
        {"b", {LimitOfSomething::Kind::Bytes, 1}}, {"by", {LimitOfSomething::Kind::Bytes, 1}},
        {"bytes", {LimitOfSomething::Kind::Bytes, 1}}, {"kb", {LimitOfSomething::Kind::Bytes, 1024}},
        {"8kb", {LimitOfSomething::Kind::Bytes, 8192}}, {"mb", {LimitOfSomething::Kind::Bytes, 1048576}},
        {"mib", {LimitOfSomething::Kind::Bytes, 1048576}},
        {"gb", {LimitOfSomething::Kind::Bytes, 1073741824}},
        {"gib", {LimitOfSomething::Kind::Bytes, 1073741824}}};
    const auto found = units.find(of);
    if (found == units.end())
        return std::nullopt;
    LimitOfSomething limit;
    limit.kind = found->second.first;
    limit.value = *number * found->second.second;
    limit.setting = key;
    return limit;
}

bool namesLimit(std::string_view key)
{
    return contains(key,
        {"max", "limit", "size", "timeout", "capacity", "workers", "connections", "quota", "instances",
            "concurrency", "threads"});
}

Result<void> readLimits(store::Database &reader, SeriesSurroundings &out)
{
    double reserved = 3; // the server's default
    TS_TRY(each(reader, "SELECT setting FROM setting WHERE name = 'superuser_reserved_connections' LIMIT 1",
        [&](const store::Statement &row) { reserved = parseDouble(row.text(0)).value_or(reserved); }));
    const auto add = [&](std::optional<LimitOfSomething> limit, std::string_view subject) {
        if (!limit || out.limits.size() >= 5000)
            return;
        limit->subject = subject;
        if (limit->setting == "max_connections")
            limit->reserved = reserved;
        out.limits.push_back(std::move(*limit));
    };
    // By what they say, not by when they came: of two limits of one value the first is named, and a recording
    // and the import of its export differ in the order of their rows.
    TS_TRY(each(reader,
        "SELECT key, value, unit, subject FROM config ORDER BY key, subject, value, id LIMIT 20000",
        [&](const store::Statement &row) {
            if (namesLimit(row.text(0)))
                add(limitOf(row.text(0), row.text(1), row.text(2)), row.text(3));
        }));
    TS_TRY(each(reader,
        "SELECT name, setting, unit FROM setting WHERE name IN ('max_connections', 'max_wal_senders',"
        " 'max_worker_processes', 'max_parallel_workers', 'autovacuum_max_workers', 'statement_timeout',"
        " 'lock_timeout', 'idle_in_transaction_session_timeout') GROUP BY name, setting, unit"
        " ORDER BY name, setting, unit",
        [&](const store::Statement &row) { add(limitOf(row.text(0), row.text(1), row.text(2)), {}); }));
    return each(reader,
        "SELECT pool, max(capacity), max(acquire_timeout_ms) FROM pool_sample GROUP BY pool ORDER BY 1 LIMIT "
        "500",
        [&](const store::Statement &row) {
            const std::string pool(row.text(0));
            if (row.real(1) > 0)
                add(LimitOfSomething{LimitOfSomething::Kind::Count, row.real(1), "pool size", {}, 0}, pool);
            if (row.real(2) > 0)
                add(LimitOfSomething{LimitOfSomething::Kind::Seconds, row.real(2) / 1000, "acquire timeout",
                        {}, 0},
                    pool);
        });
}

// Events of one title at even distances are a schedule.
void addSchedule(const std::string &name, const std::vector<Nanos> &times, SeriesSurroundings &out)
{
    std::vector<double> distances;
    for (std::size_t i = 1; i < times.size(); ++i)
        distances.push_back(double(saturatingSub(times[i], times[i - 1])));
    if (distances.size() < 3)
        return;
    const double median = medianOf(distances);
    if (median > 0 && medianDeviation(distances) <= 0.1 * median)
        out.periods.push_back({Nanos(median), name});
}

Result<void> readPeriods(store::Database &reader, SeriesSurroundings &out)
{
    bool hasCheckpoints = false;
    TS_TRY(each(reader, "SELECT name, setting, unit FROM setting WHERE name = 'checkpoint_timeout' LIMIT 1",
        [&](const store::Statement &row) {
            if (const auto limit = limitOf(row.text(0), row.text(1), row.text(2))) {
                out.periods.push_back({Nanos(limit->value * 1e9), "checkpoint_timeout"});
                hasCheckpoints = true;
            }
        }));
    TS_TRY(each(reader,
        "SELECT key, value, unit, subject FROM config WHERE key LIKE '%ttl%' OR key LIKE '%interval%'"
        " OR key LIKE '%expir%' OR key = 'checkpoint_timeout' ORDER BY id LIMIT 1000",
        [&](const store::Statement &row) {
            const auto limit = limitOf(row.text(0), row.text(1), row.text(2));
            if (!limit || limit->kind == LimitOfSomething::Kind::Bytes || !(limit->value < 9e9))
                return;
            hasCheckpoints = hasCheckpoints || row.text(0) == "checkpoint_timeout";
            const std::string subject(row.text(3));
            out.periods.push_back({Nanos(limit->value * 1e9),
                limit->setting == "checkpoint_timeout" || subject.empty()
                    ? limit->setting
                    : limit->setting + " of " + subject});
        }));
    std::map<std::string, std::vector<Nanos>> schedules;
    TS_TRY(each(reader,
        "SELECT kind, ifnull(title, ''), ts_ns FROM event WHERE kind IN ('cron', 'checkpoint', 'autovacuum')"
        " AND ts_ns IS NOT NULL ORDER BY ts_ns LIMIT 100000",
        [&](const store::Statement &row) {
            const std::string title(row.text(1));
            schedules[std::string(row.text(0)) + (title.empty() ? "" : ": " + title)].push_back(
                row.integer(2));
        }));
    TS_TRY(each(reader,
        "SELECT ifnull(kind, 'pause'), ifnull(instance, ''), ts_ns FROM pause WHERE ts_ns IS NOT NULL"
        " ORDER BY ts_ns LIMIT 100000",
        [&](const store::Statement &row) {
            schedules["collection (" + std::string(row.text(0)) + ")"
                + (row.text(1).empty() ? "" : " of " + std::string(row.text(1)))]
                .push_back(row.integer(2));
        }));
    for (const auto &[name, times] : schedules)
        addSchedule(name, times, out);
    constexpr Nanos minute = 60 * kNanosPerSecond;
    if (!hasCheckpoints)
        out.periods.push_back({5 * minute, "checkpoint_timeout"}); // PostgreSQL's default
    for (const auto &[length, name] : {std::pair<Nanos, const char *>{minute, "minute"},
             {15 * minute, "quarter of an hour"}, {60 * minute, "hour"}, {1440 * minute, "day"}})
        out.periods.push_back({length, name});
    return {};
}

} // namespace

Result<SeriesSurroundings> readSurroundings(store::Database &reader)
{
    SeriesSurroundings out;
    TS_TRY(readLimits(reader, out));
    TS_TRY(readPeriods(reader, out));
    TS_TRY(each(reader,
        "SELECT ts_ns, id FROM event WHERE ts_ns IS NOT NULL AND kind NOT IN ('checkpoint', 'autovacuum')"
        " ORDER BY ts_ns, id LIMIT 100000",
        [&](const store::Statement &row) { out.events.emplace_back(row.integer(0), row.integer(1)); }));
    return out;
}

} // namespace tailscope::analysis
