// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What readStatementRange() and readStatementHistory() take from the workspace.
#include "analysis/statementrange.h"

#include "analysis/attributecolumns.h"
#include "analysis/servergroups.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

struct Entry
{
    std::size_t server = 0;
    std::int64_t statement = 0;
    std::string queryId;
    bool isSorted = true;
    std::vector<StatementCounters> rows;
};

/// Samples of a server: when there were any, and when every entry was among them.
struct ServerSamples
{
    std::vector<Nanos> all, complete;
};

struct Samples
{
    std::vector<Entry> entries;
    std::vector<ServerSamples> servers; ///< by place in ServerGroups
};

const char *const kColumns
    = "SELECT statement_id, ifnull(server_id, 0), user, db, ts_ns, epoch, calls, total_ms, stddev_ms, max_ms,"
      " rows, shared_hit, shared_read, temp_written, wal_bytes, plans, extra FROM statement_sample"
      " WHERE ts_ns IS NOT NULL AND ts_ns < ?1";

std::optional<double> sumOf(const std::optional<double> &a, const std::optional<double> &b)
{
    return a || b ? std::optional(a.value_or(0) + b.value_or(0)) : std::nullopt;
}

/// What extra says: the entry's own keys, times and blocks whose names differ from version to version.
void readExtra(std::string_view extra, StatementCounters &row, std::string &id, std::string &level)
{
    JsonMembers members(extra);
    std::string_view key, value;
    while (members.next(key, value)) {
        if (key == "queryid")
            id = value;
        else if (key == "toplevel")
            level = value;
        else if (key == "stats_since") {
            if (const auto time = parseTimestamp(value))
                row.sinceNs = time->ns;
        } else if (key == "total_plan_time")
            row.planMs = parseDouble(value);
        else if (key == "temp_blks_read") {
            if (const auto blocks = parseInt64(value))
                row.tempBlocks = row.tempBlocks.value_or(0) + *blocks;
        } else if (key == "blk_read_time" || key == "blk_write_time" || key == "shared_blk_read_time"
            || key == "shared_blk_write_time" || key == "local_blk_read_time" || key == "local_blk_write_time"
            || key == "temp_blk_read_time" || key == "temp_blk_write_time")
            row.ioMs = sumOf(row.ioMs, parseDouble(value));
    }
}

StatementCounters countersOf(const store::Statement &row)
{
    StatementCounters out;
    out.server = row.integer(1);
    out.tsNs = row.integer(4);
    out.epoch = row.optionalInteger(5);
    out.calls = row.integer(6);
    out.totalMs = row.optionalReal(7).value_or(0);
    out.stddevMs = row.optionalReal(8);
    out.maxMs = row.optionalReal(9);
    out.rows = row.optionalInteger(10);
    out.sharedHit = row.optionalInteger(11);
    out.sharedRead = row.optionalInteger(12);
    out.tempBlocks = row.optionalInteger(13);
    out.walBytes = row.optionalInteger(14);
    out.plans = row.optionalInteger(15);
    return out;
}

/// Rows of one entry and time are added: an export may lack what tells them apart.
void addRow(StatementCounters &sum, const StatementCounters &row)
{
    const auto count = [](std::optional<std::int64_t> &to, const std::optional<std::int64_t> &value) {
        if (value)
            to = to.value_or(0) + *value;
    };
    sum.calls += row.calls;
    sum.totalMs += row.totalMs;
    sum.stddevMs.reset();
    if (row.maxMs)
        sum.maxMs = std::max(sum.maxMs.value_or(0), *row.maxMs);
    sum.planMs = sumOf(sum.planMs, row.planMs);
    sum.ioMs = sumOf(sum.ioMs, row.ioMs);
    count(sum.rows, row.rows);
    count(sum.sharedHit, row.sharedHit);
    count(sum.sharedRead, row.sharedRead);
    count(sum.tempBlocks, row.tempBlocks);
    count(sum.walBytes, row.walBytes);
    count(sum.plans, row.plans);
}

void settle(std::vector<Nanos> &times)
{
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
}

void settle(Entry &entry)
{
    std::stable_sort(entry.rows.begin(), entry.rows.end(),
        [](const StatementCounters &a, const StatementCounters &b) { return a.tsNs < b.tsNs; });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entry.rows.size(); ++i) {
        if (kept > 0 && entry.rows[kept - 1].tsNs == entry.rows[i].tsNs)
            addRow(entry.rows[kept - 1], entry.rows[i]);
        else
            entry.rows[kept++] = entry.rows[i];
    }
    entry.rows.resize(kept);
}

bool wants(const StatementRangeRequest &request, const ServerGroups &groups, std::int64_t server)
{
    return (request.server.empty() || groups[groups.of(server)].label == request.server)
        && (request.source == 0 || groups.sourceOf(server) == request.source);
}

/// All samples before the end of the range, by entry.
Result<Samples> readSamples(store::Database &reader, const ServerGroups &groups,
    const StatementRangeRequest &request, const Progress &progress)
{
    Samples out;
    out.servers.resize(groups.all().size());
    Result<store::Statement> rows = reader.prepare(kColumns);
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    rows->bind(0, request.range.end);
    std::unordered_map<std::string, std::size_t> places;
    std::string key, id, level;
    for (std::int64_t n = 0;; ++n) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        const std::int64_t server = rows->integer(1);
        if (!wants(request, groups, server))
            continue;
        StatementCounters one = countersOf(*rows);
        id.clear();
        level.clear();
        readExtra(rows->text(16), one, id, level);
        const std::size_t group = groups.of(server);
        ServerSamples &samples = out.servers[group];
        if (samples.all.empty() || samples.all.back() != one.tsNs)
            samples.all.push_back(one.tsNs);
        if (!groups.isRecording(server) && (samples.complete.empty() || samples.complete.back() != one.tsNs))
            samples.complete.push_back(one.tsNs);
        key.assign(std::to_string(group)).append(1, '\x1f').append(rows->text(0)).append(1, '\x1f');
        key.append(rows->text(2)).append(1, '\x1f').append(rows->text(3)).append(1, '\x1f');
        key.append(id).append(1, '\x1f').append(level);
        const auto [at, isNew] = places.try_emplace(key, out.entries.size());
        if (isNew) {
            out.entries.emplace_back();
            out.entries.back().server = group;
            out.entries.back().statement = rows->integer(0);
            out.entries.back().queryId = id;
        }
        // Of what lies before the range only the newest row of an entry is asked for.
        std::vector<StatementCounters> &known = out.entries[at->second].rows;
        const bool isEarly
            = one.tsNs <= request.range.begin && !known.empty() && known.back().tsNs <= request.range.begin;
        if (isEarly && known.back().tsNs < one.tsNs)
            known.back() = one;
        else if (!isEarly || known.back().tsNs == one.tsNs)
            known.push_back(one);
        if (n % 65536 == 0) {
            progress.update({"statement counters", std::uint64_t(n), 0, 0});
            if (progress.isCancelled())
                return fail(ErrorCode::Cancelled, "statements", "cancelled");
        }
    }
    for (ServerSamples &samples : out.servers) {
        settle(samples.all);
        settle(samples.complete);
    }
    for (Entry &entry : out.entries)
        settle(entry);
    return out;
}

void finish(StatementRange &range)
{
    std::stable_sort(range.statements.begin(), range.statements.end(),
        [](const StatementInRange &a, const StatementInRange &b) {
            return a.growth.totalMs != b.growth.totalMs ? a.growth.totalMs > b.growth.totalMs
                                                        : a.growth.calls > b.growth.calls;
        });
    for (const StatementInRange &one : range.statements) {
        range.totalMs += one.growth.totalMs;
        range.calls += one.growth.calls;
        range.resets += one.growth.resets;
        range.fresh += one.growth.isNew;
        range.gone += one.growth.isGone;
    }
    double cumulative = 0;
    for (StatementInRange &one : range.statements) {
        one.share = range.totalMs > 0 ? one.growth.totalMs / range.totalMs : 0;
        one.cumulative = cumulative += one.share;
    }
}

/// Which series are of the server that is asked for: series name it as its row of `server` does, in its own
/// source; two servers of one name differ in where they are.
std::string isOfServer(const ServerGroups &groups, const std::string &label)
{
    if (label.empty())
        return {};
    std::string ids = "0";
    for (const ServerGroup &group : groups.all()) {
        if (group.label != label)
            continue;
        for (const std::int64_t id : group.ids)
            ids += ',' + std::to_string(id);
    }
    return " AND EXISTS (SELECT 1 FROM server AS v WHERE v.id IN (" + ids
        + ") AND v.source_id = s.source_id"
          " AND (v.name = s.service OR v.name IS NULL OR ifnull(s.service, '') = '')"
          " AND (s.instance = v.host || ifnull(':' || v.port, '') OR v.host IS NULL"
          " OR ifnull(s.instance, '') = ''))";
}

/// How often entries were thrown out between the samples of the range.
Result<std::optional<std::int64_t>> readEvictions(store::Database &reader, const ServerGroups &groups,
    const StatementRangeRequest &request)
{
    Result<store::Statement> rows = reader.prepare(
        std::string(
            "SELECT s.id, p.value, p.ts_ns FROM series AS s JOIN point AS p ON p.series_id = s.id"
            " WHERE s.metric = 'postgresql.statements.evictions' AND p.value IS NOT NULL AND p.ts_ns < ?1"
            " AND (?2 = 0 OR s.source_id = ?2)")
        + isOfServer(groups, request.server) + " ORDER BY s.id, p.ts_ns");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    rows->bind(0, request.range.end);
    rows->bind(1, request.source);
    std::optional<std::int64_t> sum;
    std::int64_t series = -1;
    double before = 0;
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return sum;
        const double value = rows->real(1);
        // A counter that fell began anew.
        if (rows->integer(0) == series && rows->integer(2) > request.range.begin)
            sum = sum.value_or(0) + std::int64_t(value >= before ? value - before : value);
        series = rows->integer(0);
        before = value;
    }
}

} // namespace

Result<StatementRange> readStatementRange(store::Database &reader, const StatementRangeRequest &request,
    const Progress &progress)
{
    const Result<ServerGroups> groups = ServerGroups::load(reader);
    if (!groups)
        return tl::unexpected(groups.error());
    const Result<Samples> samples = readSamples(reader, *groups, request, progress);
    if (!samples)
        return tl::unexpected(samples.error());
    StatementRange out;
    std::vector<std::optional<std::pair<Nanos, Nanos>>> around(samples->servers.size());
    for (std::size_t server = 0; server < samples->servers.size(); ++server) {
        const std::vector<Nanos> &times = samples->servers[server].all;
        around[server] = samplesAround(times, request.range);
        if (around[server]) {
            const auto count = std::upper_bound(times.begin(), times.end(), around[server]->second)
                - std::lower_bound(times.begin(), times.end(), around[server]->first);
            out.servers.push_back(
                {(*groups)[server].label, around[server]->first, around[server]->second, count});
        } else if (!times.empty()) {
            out.tooFew.push_back((*groups)[server].label);
        }
    }
    std::map<std::pair<std::int64_t, std::string>, std::size_t> places;
    for (const Entry &entry : samples->entries) {
        const auto &between = around[entry.server];
        if (!between)
            continue;
        const auto growth
            = growthOf(entry.rows, between->first, between->second, samples->servers[entry.server].complete);
        if (!growth)
            continue;
        const auto [at, isNew]
            = places.try_emplace({entry.statement, entry.statement == 0 ? entry.queryId : std::string()},
                out.statements.size());
        if (isNew) {
            StatementInRange one;
            one.statement = entry.statement;
            one.queryId = entry.queryId;
            one.growth = *growth;
            out.statements.push_back(std::move(one));
        } else {
            out.statements[at->second].growth.add(*growth);
        }
        StatementInRange &one = out.statements[at->second];
        ++one.entries;
        one.callsPerSecond += double(growth->calls) * 1e9 / double(between->second - between->first);
    }
    finish(out);
    const auto evictions = readEvictions(reader, *groups, request);
    if (!evictions)
        return tl::unexpected(evictions.error());
    out.evictions = *evictions;
    return out;
}

Result<StatementHistory> readStatementHistory(store::Database &reader, std::int64_t statement,
    const StatementRangeRequest &request, const Progress &progress)
{
    const Result<ServerGroups> groups = ServerGroups::load(reader);
    if (!groups)
        return tl::unexpected(groups.error());
    const Result<Samples> samples = readSamples(reader, *groups, request, progress);
    if (!samples)
        return tl::unexpected(samples.error());
    std::set<Nanos> marks; // where any server was sampled
    std::vector<std::optional<Nanos>> begins; // of each server
    for (const ServerSamples &server : samples->servers) {
        begins.emplace_back();
        if (const auto between = samplesAround(server.all, request.range)) {
            const auto first = std::lower_bound(server.all.begin(), server.all.end(), between->first);
            const auto last = std::upper_bound(server.all.begin(), server.all.end(), between->second);
            marks.insert(first, last);
            begins.back() = between->first;
        }
    }
    StatementHistory out;
    const std::size_t stride = marks.size() / kHistoryPoints + 1;
    std::vector<Nanos> times;
    std::size_t n = 0;
    for (const Nanos mark : marks) {
        if (n++ % stride == 0)
            times.push_back(mark);
    }
    for (std::size_t i = 1; i < times.size(); ++i) {
        double calls = 0, total = 0;
        for (const Entry &entry : samples->entries) {
            const std::optional<Nanos> begin = begins[entry.server];
            if (entry.statement != statement || !begin)
                continue;
            // Another server's mark may lie before this one's first: what was before that was not kept, and
            // its counters would seem to begin there.
            if (const auto growth = growthOf(entry.rows, std::max(times[i - 1], *begin), times[i],
                    samples->servers[entry.server].complete)) {
                calls += double(growth->calls);
                total += growth->totalMs;
            }
        }
        out.tsNs.push_back(times[i]);
        out.callsPerSecond.push_back(calls * 1e9 / double(times[i] - times[i - 1]));
        out.meanMs.push_back(calls > 0 ? total / calls : std::numeric_limits<double>::quiet_NaN());
    }
    return out;
}

} // namespace tailscope::analysis
