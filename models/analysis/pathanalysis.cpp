// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The stored critical paths: time of every trace, operations over all traces, segments of some.
#include "analysis/criticalset.h"
#include "analysis/pathanalyses.h"
#include "analysis/rowscan.h"

#include <algorithm>
#include <map>
#include <memory>

namespace tailscope::analysis {

namespace {

struct SegmentRow
{
    std::uint32_t trace = kNoRow, row = kNoRow;
    std::int64_t position = 0;
    PathSegment segment;
    Nanos whole = 0; // the root's duration
};

struct PathResults
{
    std::vector<TraceTime> times;
    CriticalSet set;
    std::vector<SegmentRow> segments;
};

/// Service and operation of a trace's root; tracks of one service count as one.
using RootKey = std::pair<std::string_view, std::uint32_t>;

/// The traces whose segments are stored (PathBounds), ascending.
std::vector<std::uint32_t> tracesToStore(const std::vector<TraceTime> &times,
    const std::vector<std::uint32_t> &rootRows, const SpanColumns &columns)
{
    std::map<RootKey, std::vector<std::uint32_t>> byRoot;
    for (std::uint32_t i = 0; i < times.size(); ++i) {
        if (rootRows[i] != kNoRow && times[i].duration != kUnknownNanos)
            byRoot[{columns.tracks[columns.track[rootRows[i]]].service, columns.operation[rootRows[i]]}]
                .push_back(i);
    }
    std::vector<std::pair<Nanos, std::vector<std::uint32_t> *>> roots;
    for (auto &[key, traces] : byRoot) {
        Nanos total = 0;
        for (const std::uint32_t trace : traces)
            total = saturatingAdd(total, times[trace].duration);
        roots.emplace_back(total, &traces);
    }
    std::stable_sort(roots.begin(), roots.end(),
        [](const auto &a, const auto &b) { return a.first > b.first; });
    roots.resize(std::min(roots.size(), PathBounds::kOperations));
    std::vector<std::uint32_t> picked;
    for (auto &[total, traces] : roots) {
        const std::size_t kept = std::min(traces->size(), PathBounds::kSlowestPerOperation);
        std::partial_sort(traces->begin(), traces->begin() + std::ptrdiff_t(kept), traces->end(),
            [&](std::uint32_t a, std::uint32_t b) {
                return times[a].duration != times[b].duration ? times[a].duration > times[b].duration : a < b;
            });
        picked.insert(picked.end(), traces->begin(), traces->begin() + std::ptrdiff_t(kept));
    }
    const std::size_t even = std::min(times.size(), PathBounds::kEvenSample);
    for (std::size_t i = 0; i < even; ++i)
        picked.push_back(std::uint32_t(times.size() * i / even));
    std::sort(picked.begin(), picked.end());
    picked.erase(std::unique(picked.begin(), picked.end()), picked.end());
    return picked;
}

void addSegments(const TracePaths &paths, std::vector<SegmentRow> &out)
{
    Nanos shortest = 0; // of those that are kept
    std::size_t ofShortest = PathBounds::kSegmentsPerTrace; // so many of that length
    if (paths.path.size() > PathBounds::kSegmentsPerTrace) {
        std::vector<Nanos> durations;
        for (const PathSegment &segment : paths.path)
            durations.push_back(segment.duration);
        const auto last = durations.begin() + std::ptrdiff_t(PathBounds::kSegmentsPerTrace - 1);
        std::nth_element(durations.begin(), last, durations.end(), std::greater<>());
        shortest = *last;
        ofShortest -= std::size_t(
            std::count_if(durations.begin(), durations.end(), [&](Nanos d) { return d > shortest; }));
    }
    for (std::size_t i = 0; i < paths.path.size(); ++i) {
        const PathSegment &segment = paths.path[i];
        if (segment.duration < shortest || (segment.duration == shortest && ofShortest == 0))
            continue;
        if (segment.duration == shortest)
            --ofShortest;
        out.push_back({paths.trace.trace, paths.trace.row[segment.span], std::int64_t(i), segment,
            paths.rootDuration()});
    }
}

void bindSpan(store::Statement &statement, int index, const SpanColumns &columns, std::uint32_t row)
{
    if (row == kNoRow)
        statement.bindNull(index);
    else
        statement.bind(index, columns.id(row));
}

Result<void> writeTimes(store::Database &writer, std::int64_t runId, const SpanColumns &columns,
    const std::vector<TraceTime> &times)
{
    TS_TRY(writer.execute("DELETE FROM trace_time"));
    Result<store::Statement> insert = writer.prepare(
        "INSERT INTO trace_time (run_id, trace_id, duration_ns, network_ns, wait_ns, processing_ns, "
        "unknown_ns,"
        " largest_span_id, largest_ns, largest_gap_ns, skew_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    for (const TraceTime &time : times) {
        insert->bind(0, runId);
        insert->bind(1, columns.traceIds[time.trace]);
        insert->bindNanos(2, time.duration);
        int column = 3;
        for (const TimeClass timeClass :
            {TimeClass::Network, TimeClass::Wait, TimeClass::Processing, TimeClass::Unknown}) {
            const bool isKnown = time.duration != kUnknownNanos;
            insert->bindNanos(column++, isKnown ? time.byClass[std::size_t(timeClass)] : kUnknownNanos);
        }
        bindSpan(*insert, 7, columns, time.largestRow);
        insert->bindNanos(8, time.largest);
        insert->bindNanos(9, time.largestGap);
        insert->bind(10, time.skew);
        TS_TRY(insert->run());
    }
    return {};
}

Result<void> writeOperations(store::Database &writer, std::int64_t runId, const SpanColumns &columns,
    const CriticalSet &set)
{
    TS_TRY(writer.execute("DELETE FROM critical_operation"));
    Result<store::Statement> insert
        = writer.prepare("INSERT INTO critical_operation (run_id, service, operation, is_gap, class, n, "
                         "total_ns, share, p50_ns,"
                         " p99_ns, example_trace_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    for (const CriticalOperation &row : set.operations) {
        insert->bind(0, runId);
        insert->bindTextOrNull(1, row.service);
        insert->bind(2, std::string_view(row.operation));
        insert->bind(3, std::int64_t(row.isGap));
        insert->bind(4, name(row.timeClass));
        insert->bind(5, row.traces);
        insert->bind(6, row.total);
        insert->bind(7, row.share);
        insert->bindNanos(8, row.p50);
        insert->bindNanos(9, row.p99);
        insert->bind(10, columns.traceIds[row.example]);
        TS_TRY(insert->run());
    }
    return {};
}

Result<void> writeSegments(store::Database &writer, std::int64_t runId, const SpanColumns &columns,
    const std::vector<SegmentRow> &rows)
{
    TS_TRY(writer.execute("DELETE FROM critical_segment"));
    Result<store::Statement> insert
        = writer.prepare("INSERT INTO critical_segment (run_id, trace_id, position, span_id, kind, start_ns,"
                         " duration_ns, share, class) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    for (const SegmentRow &row : rows) {
        insert->bind(0, runId);
        insert->bind(1, columns.traceIds[row.trace]);
        insert->bind(2, row.position);
        insert->bind(3, columns.id(row.row));
        insert->bind(4, std::string_view(row.segment.isGap ? "gap" : "self"));
        insert->bind(5, row.segment.start);
        insert->bind(6, row.segment.duration);
        insert->bind(7, double(row.segment.duration) / double(row.whole));
        insert->bind(8, name(row.segment.timeClass));
        TS_TRY(insert->run());
    }
    return {};
}

Result<void> writeAll(store::Database &writer, std::int64_t runId, const SpanColumns &columns,
    const PathResults &results)
{
    TS_TRY(writeTimes(writer, runId, columns, results.times));
    TS_TRY(writeOperations(writer, runId, columns, results.set));
    return writeSegments(writer, runId, columns, results.segments);
}

} // namespace

Result<WriteRows> computeCriticalPaths(const TraceInput &input)
{
    const SpanClasses classes(input.columns);
    const std::vector<std::uint32_t> traces = allTraces(input.rows);
    const std::size_t middle = middleOf(input.rows, traces);
    auto results = std::make_shared<PathResults>();
    results->times.resize(traces.size());
    std::vector<std::uint32_t> rootRows(traces.size(), kNoRow);
    CriticalTally tallies[2]{CriticalTally(input.columns), CriticalTally(input.columns)};
    runParts(2, [&](int part) {
        TracePaths paths(input.columns, input.rows, classes);
        const std::size_t last = part == 0 ? middle : traces.size();
        for (std::size_t i = part == 0 ? 0 : middle; i < last; ++i) {
            if (i % 256 == 0 && input.progress.isCancelled())
                return;
            paths.load(traces[i]);
            tallies[part].add(paths);
            results->times[i] = traceTime(paths);
            if (paths.trace.root != kNoRow)
                rootRows[i] = paths.trace.row[paths.trace.root];
        }
    });
    if (input.progress.isCancelled())
        return WriteRows(); // the caller asks the same and writes nothing
    tallies[0].append(std::move(tallies[1]));
    results->set = tallies[0].finish();
    TracePaths paths(input.columns, input.rows, classes);
    for (const std::uint32_t trace : tracesToStore(results->times, rootRows, input.columns)) {
        paths.load(trace);
        addSegments(paths, results->segments);
    }
    return [results, &columns = input.columns](store::Database &writer, std::int64_t runId) {
        return writeAll(writer, runId, columns, *results);
    };
}

} // namespace tailscope::analysis
