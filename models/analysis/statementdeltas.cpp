// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/statementdeltas.h"

#include "analysis/attributecolumns.h"
#include "base/text.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

using Count = std::optional<std::int64_t>;

void addCount(Count &sum, const Count &value)
{
    if (value)
        sum = sum.value_or(0) + *value;
}

/// Sum of the rows of one entry at one time: an export may lack what tells them apart.
void addSnapshot(StatementSnapshot &sum, const StatementSnapshot &row)
{
    sum.calls += row.calls;
    sum.totalMs += row.totalMs;
    if (row.maxMs)
        sum.maxMs = std::max(sum.maxMs.value_or(0), *row.maxMs);
    addCount(sum.rows, row.rows);
    addCount(sum.sharedHit, row.sharedHit);
    addCount(sum.sharedRead, row.sharedRead);
    addCount(sum.tempWritten, row.tempWritten);
    addCount(sum.walBytes, row.walBytes);
}

bool beganAnew(const StatementSnapshot &before, const StatementSnapshot &now)
{
    return (before.epoch && now.epoch && *before.epoch != *now.epoch)
        || (!before.since.empty() && !now.since.empty() && before.since != now.since)
        || now.calls < before.calls || now.totalMs < before.totalMs * (1 - 1e-9);
}

Count difference(const Count &now, const Count &before)
{
    if (!now || !before)
        return std::nullopt;
    return std::max<std::int64_t>(*now - *before, 0);
}

/// Adds up what happened between snapshots.
class Sum
{
public:
    void whole(const StatementSnapshot &now)
    {
        if (now.calls == 0)
            return;
        take(now.calls, now.totalMs);
        maxOf(now.maxMs);
        addCount(m_sum.rows, now.rows);
        addCount(m_sum.sharedHit, now.sharedHit);
        addCount(m_sum.sharedRead, now.sharedRead);
        addCount(m_sum.tempWritten, now.tempWritten);
        addCount(m_sum.walBytes, now.walBytes);
        seen(now.tsNs);
    }
    void between(const StatementSnapshot &before, const StatementSnapshot &now)
    {
        if (now.calls == before.calls)
            return;
        take(now.calls - before.calls, std::max(now.totalMs - before.totalMs, 0.0));
        // max_exec_time is since the reset: only one that grew is of this time.
        maxOf(now.maxMs && before.maxMs && *now.maxMs > *before.maxMs ? now.maxMs : std::nullopt);
        addCount(m_sum.rows, difference(now.rows, before.rows));
        addCount(m_sum.sharedHit, difference(now.sharedHit, before.sharedHit));
        addCount(m_sum.sharedRead, difference(now.sharedRead, before.sharedRead));
        addCount(m_sum.tempWritten, difference(now.tempWritten, before.tempWritten));
        addCount(m_sum.walBytes, difference(now.walBytes, before.walBytes));
        seen(before.tsNs);
        seen(now.tsNs);
    }
    void reset() { m_sum.wasReset = true; }
    void sinceReset() { m_sum.sinceReset = true; }
    std::optional<StatementFigures> result()
    {
        if (m_sum.calls == 0)
            return std::nullopt;
        if (!m_maxKnown)
            m_sum.maxMs.reset();
        m_sum.timed = m_sum.calls;
        return m_sum;
    }

private:
    void take(std::int64_t calls, double totalMs)
    {
        m_sum.calls += calls;
        m_sum.totalMs += totalMs;
    }
    void maxOf(const std::optional<double> &ms)
    {
        m_maxKnown = m_maxKnown && ms.has_value();
        if (ms)
            m_sum.maxMs = std::max(m_sum.maxMs.value_or(0), *ms);
    }
    void seen(Nanos ts)
    {
        if (ts == kUnknownNanos)
            return;
        m_sum.firstNs = m_sum.firstNs == kUnknownNanos ? ts : std::min(m_sum.firstNs, ts);
        m_sum.lastNs = m_sum.lastNs == kUnknownNanos ? ts : std::max(m_sum.lastNs, ts);
    }

    StatementFigures m_sum;
    bool m_maxKnown = true;
};

} // namespace

std::optional<StatementFigures> statementDelta(std::vector<StatementSnapshot> snapshots,
    const std::vector<SnapshotTimes> &servers)
{
    std::stable_sort(snapshots.begin(), snapshots.end(), [](const auto &a, const auto &b) {
        return std::tie(a.server, a.entry, a.tsNs) < std::tie(b.server, b.entry, b.tsNs);
    });
    Sum sum;
    std::optional<StatementSnapshot> before;
    for (std::size_t i = 0; i < snapshots.size();) {
        StatementSnapshot now = snapshots[i];
        for (++i; i < snapshots.size() && snapshots[i].server == now.server && snapshots[i].entry == now.entry
             && snapshots[i].tsNs == now.tsNs;
             ++i)
            addSnapshot(now, snapshots[i]);
        const bool continues = before && before->server == now.server && before->entry == now.entry;
        if (!servers[now.server].isSeries()) {
            sum.whole(now);
            sum.sinceReset();
        } else if (continues && beganAnew(*before, now)) {
            sum.whole(now);
            sum.reset();
        } else if (continues) {
            sum.between(*before, now);
        } else if (now.tsNs > servers[now.server].first) {
            sum.whole(now); // it was not there before
        }
        before = std::move(now);
    }
    return sum.result();
}

namespace {

/// The servers of the samples by what identifies them.
class Servers
{
public:
    Result<void> load(store::Database &reader);
    /// Number of the server; nullopt: the sample does not count.
    std::optional<std::size_t> of(std::int64_t serverId, Nanos ts) const
    {
        const auto found = m_byId.find(serverId);
        if (found == m_byId.end())
            return std::nullopt;
        const Group &group = m_groups[found->second.group];
        const bool counts = group.times.first != kUnknownNanos ? ts != kUnknownNanos
                                                               : found->second.source == group.lastSource;
        return counts ? std::optional(found->second.group) : std::nullopt;
    }
    std::vector<SnapshotTimes> times() const
    {
        std::vector<SnapshotTimes> out;
        for (const Group &group : m_groups)
            out.push_back(group.times);
        return out;
    }

private:
    struct Group
    {
        SnapshotTimes times;
        std::int64_t lastSource = 0;
    };
    struct Place
    {
        std::size_t group = 0;
        std::int64_t source = 0;
    };
    std::vector<Group> m_groups;
    std::unordered_map<std::int64_t, Place> m_byId;
};

Result<void> Servers::load(store::Database &reader)
{
    // Only servers of which there are samples; 0 = a sample without a server.
    Result<store::Statement> rows = reader.prepare(
        "SELECT x.id, v.source_id, CASE WHEN v.system_identifier IS NOT NULL THEN 'i' || v.system_identifier"
        // A primary and its standby share the identifier; each has counters of its own.
        " || ' ' || ifnull(v.host, ifnull(v.in_recovery, '')) || ':' || ifnull(v.port, '')"
        " WHEN v.host IS NOT NULL THEN 'h' || v.host || ':' || ifnull(v.port, '')"
        " WHEN v.name IS NOT NULL THEN 'n' || v.name ELSE '' END, x.first, x.last"
        " FROM (SELECT ifnull(server_id, 0) AS id, min(ts_ns) AS first, max(ts_ns) AS last FROM "
        "statement_sample"
        " GROUP BY 1) AS x LEFT JOIN server AS v ON v.id = x.id ORDER BY x.id");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    std::map<std::string, std::size_t> groups;
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        const auto [at, isNew] = groups.try_emplace(std::string(rows->text(2)), m_groups.size());
        if (isNew)
            m_groups.emplace_back();
        Group &group = m_groups[at->second];
        m_byId[rows->integer(0)] = {at->second, rows->integer(1)};
        group.lastSource = std::max(group.lastSource, rows->integer(1));
        if (rows->isNull(3))
            continue;
        SnapshotTimes &times = group.times;
        times.first
            = times.first == kUnknownNanos ? rows->integer(3) : std::min(times.first, rows->integer(3));
        times.last = times.last == kUnknownNanos ? rows->integer(4) : std::max(times.last, rows->integer(4));
    }
}

/// user, database and what extra says of the entry.
void readEntry(StatementSnapshot &out, const store::Statement &row)
{
    out.entry = std::string(row.text(2)) + '\x1f' + std::string(row.text(3)) + '\x1f';
    JsonMembers members(row.text(13));
    std::string_view key, value;
    std::string id, level;
    while (members.next(key, value)) {
        if (key == "queryid")
            id = value;
        else if (key == "toplevel")
            level = value;
        else if (key == "stats_since")
            out.since = value;
    }
    out.entry += id + '\x1f' + level;
}

} // namespace

Result<std::vector<StatementFigures>> statementDeltas(store::Database &reader, const Progress &progress)
{
    std::vector<StatementFigures> out;
    Servers servers;
    TS_TRY(servers.load(reader));
    const std::vector<SnapshotTimes> times = servers.times();
    if (times.empty())
        return out;
    Result<store::Statement> rows = reader.prepare(
        "SELECT statement_id, ifnull(server_id, 0), user, db, ts_ns, epoch, calls, total_ms, max_ms, rows,"
        " shared_hit, shared_read, temp_written, extra, wal_bytes"
        " FROM statement_sample WHERE statement_id IS NOT NULL ORDER BY statement_id");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    std::vector<StatementSnapshot> snapshots;
    std::int64_t statement = 0;
    const auto finish = [&] {
        if (auto figures = statementDelta(std::move(snapshots), times)) {
            figures->statement = statement;
            out.push_back(std::move(*figures));
        }
        snapshots.clear();
    };
    for (std::int64_t n = 0;; ++n) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        if (rows->integer(0) != statement)
            finish();
        statement = rows->integer(0);
        StatementSnapshot one;
        one.tsNs = rows->isNull(4) ? kUnknownNanos : rows->integer(4);
        const auto server = servers.of(rows->integer(1), one.tsNs);
        if (!server)
            continue;
        one.server = *server;
        one.epoch = rows->optionalInteger(5);
        one.calls = rows->integer(6);
        one.totalMs = rows->optionalReal(7).value_or(0);
        one.maxMs = rows->optionalReal(8);
        one.rows = rows->optionalInteger(9);
        one.sharedHit = rows->optionalInteger(10);
        one.sharedRead = rows->optionalInteger(11);
        one.tempWritten = rows->optionalInteger(12);
        one.walBytes = rows->optionalInteger(14);
        readEntry(one, *rows);
        snapshots.push_back(std::move(one));
        if (n % 65536 == 0) {
            progress.update({"statement counters", std::uint64_t(n), 0, 0});
            if (progress.isCancelled())
                return fail(ErrorCode::Cancelled, "statements", "cancelled");
        }
    }
    finish();
    return out;
}

} // namespace tailscope::analysis
