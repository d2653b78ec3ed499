// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The stored gaps of all traces.
#include "analysis/pathanalyses.h"
#include "analysis/rowscan.h"
#include "analysis/tracepaths.h"

#include <algorithm>
#include <memory>

namespace tailscope::analysis {

namespace {

struct GapRow
{
    std::uint32_t trace = kNoRow, row = kNoRow, before = kNoRow, after = kNoRow; // SpanColumns rows
    Nanos start = 0, duration = 0, critical = 0;
    Nanos traceDuration = kUnknownNanos;
    TraceGap::Place place = TraceGap::Place::Between;
    TimeClass timeClass = TimeClass::Unknown;
};

/// How much of a gap lies on the path, which is in the order of time.
Nanos criticalTime(const TraceGap &gap, const std::vector<PathSegment> &path)
{
    auto segment = std::partition_point(path.begin(), path.end(),
        [&](const PathSegment &s) { return s.start + s.duration <= gap.start; });
    const Nanos end = gap.start + gap.duration;
    Nanos sum = 0;
    for (; segment != path.end() && segment->start < end; ++segment) {
        if (segment->span == gap.span)
            sum += std::min(end, segment->start + segment->duration) - std::max(gap.start, segment->start);
    }
    return sum;
}

class GapCollector
{
public:
    explicit GapCollector(std::size_t perTrace)
        : m_perTrace(perTrace)
    {}

    void add(const TracePaths &paths)
    {
        const TraceSpans &trace = paths.trace;
        const Nanos whole = paths.rootDuration();
        const Nanos atLeast = whole == kUnknownNanos
            ? kNanosPerMilli
            : std::clamp<Nanos>(whole / 100, kNanosPerMicro, kNanosPerMilli);
        traceGaps(trace, paths.columns(), paths.classes(), atLeast, m_gaps);
        const auto longer = [](const TraceGap &a, const TraceGap &b) {
            if (a.duration != b.duration)
                return a.duration > b.duration;
            return a.start != b.start ? a.start < b.start : a.span < b.span;
        };
        const std::size_t kept = std::min(m_perTrace, m_gaps.size());
        std::partial_sort(m_gaps.begin(), m_gaps.begin() + std::ptrdiff_t(kept), m_gaps.end(), longer);
        for (std::size_t i = 0; i < kept; ++i) {
            const TraceGap &gap = m_gaps[i];
            GapRow out;
            out.trace = trace.trace;
            out.row = trace.row[gap.span];
            out.before = gap.before == kNoRow ? kNoRow : trace.row[gap.before];
            out.after = gap.after == kNoRow ? kNoRow : trace.row[gap.after];
            out.start = gap.start;
            out.duration = gap.duration;
            out.critical = criticalTime(gap, paths.path);
            out.traceDuration = whole;
            out.place = gap.place;
            out.timeClass = gap.timeClass;
            rows.push_back(out);
        }
    }

    std::vector<GapRow> rows;

private:
    std::size_t m_perTrace = 1;
    std::vector<TraceGap> m_gaps;
};

Result<void> writeGaps(store::Database &writer, std::int64_t runId, const SpanColumns &columns,
    const std::vector<GapRow> &rows)
{
    TS_TRY(writer.execute("DELETE FROM trace_gap"));
    Result<store::Statement> insert = writer.prepare(
        "INSERT INTO trace_gap (run_id, trace_id, span_id, start_ns, duration_ns, before_span_id,"
        " after_span_id, place, class, share, critical_ns)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    const auto bindSpan = [&](int index, std::uint32_t row) {
        if (row == kNoRow)
            insert->bindNull(index);
        else
            insert->bind(index, columns.id(row));
    };
    for (const GapRow &gap : rows) {
        insert->bind(0, runId);
        insert->bind(1, columns.traceIds[gap.trace]);
        bindSpan(2, gap.row);
        insert->bind(3, gap.start);
        insert->bind(4, gap.duration);
        bindSpan(5, gap.before);
        bindSpan(6, gap.after);
        insert->bind(7, name(gap.place));
        insert->bind(8, name(gap.timeClass));
        if (gap.traceDuration > 0)
            insert->bind(9, double(gap.duration) / double(gap.traceDuration));
        else
            insert->bindNull(9);
        insert->bind(10, gap.critical);
        TS_TRY(insert->run());
    }
    return {};
}

} // namespace

Result<WriteRows> computeTraceGaps(const TraceInput &input)
{
    const SpanClasses classes(input.columns);
    const std::vector<std::uint32_t> traces = allTraces(input.rows);
    const std::size_t middle = middleOf(input.rows, traces);
    const std::size_t perTrace
        = std::clamp<std::size_t>(PathBounds::kGaps / std::max<std::size_t>(traces.size(), 1), 1,
            PathBounds::kGapsPerTrace);
    GapCollector collectors[2]{GapCollector(perTrace), GapCollector(perTrace)};
    runParts(2, [&](int part) {
        TracePaths paths(input.columns, input.rows, classes);
        const std::size_t last = part == 0 ? middle : traces.size();
        for (std::size_t i = part == 0 ? 0 : middle; i < last; ++i) {
            if (i % 256 == 0 && input.progress.isCancelled())
                return;
            paths.load(traces[i]);
            collectors[part].add(paths);
        }
    });
    auto rows = std::make_shared<std::vector<GapRow>>(std::move(collectors[0].rows));
    rows->insert(rows->end(), collectors[1].rows.begin(), collectors[1].rows.end());
    return [rows, &columns = input.columns](store::Database &writer, std::int64_t runId) {
        return writeGaps(writer, runId, columns, *rows);
    };
}

} // namespace tailscope::analysis
