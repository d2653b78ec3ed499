// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/lockquery.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace tailscope::items {

namespace {

constexpr std::size_t kMaxRows = 20'000;
constexpr Nanos kSameWait = 100 * kNanosPerMilli; // begin of a wait: reports of one differ by rounding

Result<void> readDeadlocks(store::Database &reader, const TimeRange &range, const Progress &progress,
    LockOverview &overview)
{
    Result<store::Statement> query = reader.prepare(
        "SELECT m.source_id, m.deadlock, m.log_id, m.ts_ns, m.pid, m.waits_for_pid, m.lock_type, m.mode,"
        " coalesce(m.relation, f.target), m.waits_for, m.query_text, m.statement_id, e.pid, e.offset_seconds"
        " FROM deadlock_member AS m LEFT JOIN log_entry AS e ON e.id = m.log_id"
        " LEFT JOIN statement_fact AS f ON f.statement_id = m.statement_id"
        " WHERE coalesce(m.ts_ns, ?1) BETWEEN ?1 AND ?2"
        " ORDER BY m.ts_ns DESC, m.source_id, m.deadlock DESC, m.position LIMIT 200001");
    if (!query)
        return fail(query.error());
    query->bind(0, range.begin);
    query->bind(1, range.end);
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, "deadlocks", "cancelled");
        const std::int64_t source = query->integer(0), number = query->integer(1);
        if (overview.deadlocks.empty() || overview.deadlocks.back().sourceId != source
            || overview.deadlocks.back().number != number) {
            if (overview.deadlocks.size() == kMaxRows) {
                overview.deadlocksCut = true;
                return {};
            }
            Deadlock deadlock;
            deadlock.sourceId = source;
            deadlock.number = number;
            deadlock.logId = query->integer(2);
            deadlock.ts = query->optionalInteger(3);
            deadlock.offsetSeconds = std::int32_t(query->integer(13));
            overview.deadlocks.push_back(std::move(deadlock));
        }
        DeadlockProcess process;
        process.pid = query->integer(4);
        process.waitsFor = query->integer(5);
        process.lockType = query->text(6);
        process.mode = query->text(7);
        process.relation = query->text(8);
        process.waitsForText = query->text(9);
        process.query = query->text(10);
        process.statementId = query->integer(11);
        process.cancelled = !query->isNull(12) && query->integer(12) == process.pid;
        overview.deadlocks.back().processes.push_back(std::move(process));
    }
}

/// The statements of waiting processes, by process and time of the line.
Result<std::map<std::pair<std::int64_t, Nanos>, std::string>> waitingStatements(store::Database &reader,
    const TimeRange &range)
{
    std::map<std::pair<std::int64_t, Nanos>, std::string> texts;
    Result<store::Statement> query = reader.prepare(
        "SELECT e.pid, e.ts_ns, coalesce(s.normalized, s.text) FROM log_entry AS e JOIN statement AS s"
        " ON s.id = e.statement_id WHERE e.kind = 'lock_wait' AND e.ts_ns BETWEEN ?1 AND ?2 LIMIT 200000");
    if (!query)
        return fail(query.error());
    query->bind(0, range.begin);
    query->bind(1, range.end);
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return texts;
        texts.emplace(std::pair(query->integer(0), query->integer(1)), std::string(query->text(2)));
    }
}

Result<void> readWaits(store::Database &reader, const TimeRange &range, const Progress &progress,
    LockOverview &overview)
{
    const auto texts = waitingStatements(reader, range);
    if (!texts)
        return fail(texts.error());
    Result<store::Statement> query = reader.prepare(
        "SELECT l.ts_ns, l.blocked_pid, l.blocker_pid, l.lock_type, l.mode, l.relation, l.waited_ms"
        " FROM lock_edge AS l WHERE coalesce(l.ts_ns, ?1) BETWEEN ?1 AND ?2"
        // The edges of a cycle stand with the deadlock.
        " AND NOT (l.waited_ms IS NULL AND (l.blocked_pid, l.ts_ns) IN (SELECT m.pid, m.ts_ns"
        " FROM deadlock_member AS m)) ORDER BY l.ts_ns LIMIT 200001");
    if (!query)
        return fail(query.error());
    query->bind(0, range.begin);
    query->bind(1, range.end);
    std::map<std::pair<std::int64_t, std::int64_t>, std::pair<std::size_t, Nanos>>
        last; // -> row, begin of the wait
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, "lock waits", "cancelled");
        LockWait wait;
        wait.ts = query->optionalInteger(0);
        wait.blocked = query->integer(1);
        wait.blocker = query->integer(2);
        wait.lockType = query->text(3);
        wait.mode = query->text(4);
        wait.relation = query->text(5);
        wait.waitedMs = query->optionalReal(6);
        if (const auto found = texts->find({wait.blocked, wait.ts.value_or(0)}); found != texts->end())
            wait.statement = found->second;
        const Nanos begin = wait.ts.value_or(0) - Nanos(wait.waitedMs.value_or(0) * 1e6);
        const auto known = last.find({wait.blocked, wait.blocker});
        if (known != last.end() && std::abs(known->second.second - begin) <= kSameWait) {
            LockWait &before = overview.waits[known->second.first];
            wait.reports = before.reports + 1;
            if (wait.statement.empty())
                wait.statement = before.statement;
            before = std::move(wait);
            continue;
        }
        last.insert_or_assign({wait.blocked, wait.blocker}, std::pair(overview.waits.size(), begin));
        overview.waits.push_back(std::move(wait));
    }
    std::stable_sort(overview.waits.begin(), overview.waits.end(),
        [](const LockWait &a, const LockWait &b) { return a.waitedMs > b.waitedMs; });
    overview.waitsCut = overview.waits.size() > kMaxRows;
    if (overview.waitsCut)
        overview.waits.resize(kMaxRows);
    return {};
}

} // namespace

std::string Deadlock::pairKey() const
{
    std::set<std::string> keys;
    for (const DeadlockProcess &process : processes)
        keys.insert(process.statementId != 0 ? std::to_string(process.statementId) : "text " + process.query);
    std::string key;
    for (const std::string &each : keys)
        key += each + '\x1f';
    return key;
}

std::string Deadlock::relations() const
{
    std::set<std::string> names;
    for (const DeadlockProcess &process : processes) {
        if (!process.relation.empty())
            names.insert(process.relation);
    }
    std::string line;
    for (const std::string &name : names)
        line += (line.empty() ? "" : ", ") + name;
    return line;
}

std::string Deadlock::toText() const
{
    std::string text;
    for (const DeadlockProcess &process : processes) {
        text += "Process " + std::to_string(process.pid) + (process.cancelled ? " (cancelled)" : "")
            + " waits for " + (process.mode.empty() ? "a lock" : process.mode)
            + (process.waitsForText.empty() ? "" : " on " + process.waitsForText)
            + (process.relation.empty() ? "" : " [" + process.relation + "]") + ", held by process "
            + std::to_string(process.waitsFor) + ".\n";
    }
    for (const DeadlockProcess &process : processes)
        text += "Process " + std::to_string(process.pid) + ": "
            + (process.query.empty() ? "unknown" : process.query) + "\n";
    return text;
}

Result<LockOverview> lockOverview(const store::Workspace &workspace, const std::optional<TimeRange> &range,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    LockOverview overview;
    const Result<std::optional<std::int64_t>> any = reader->integer(
        "SELECT EXISTS (SELECT 1 FROM deadlock_member) OR EXISTS (SELECT 1 FROM lock_edge)");
    if (!any)
        return fail(any.error());
    overview.any = any->value_or(0) != 0;
    if (!overview.any)
        return overview;
    const TimeRange all = range ? TimeRange{range->begin, range->end - 1} : TimeRange{INT64_MIN, INT64_MAX};
    TS_TRY(readDeadlocks(*reader, all, progress, overview));
    TS_TRY(readWaits(*reader, all, progress, overview));
    return overview;
}

} // namespace tailscope::items
