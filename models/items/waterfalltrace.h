// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/callgroups.h"
#include "analysis/clockskew.h"
#include "analysis/criticalpath.h"
#include "analysis/spanclass.h"
#include "analysis/tracegaps.h"
#include "analysis/tracespans.h"
#include "base/progress.h"
#include "base/result.h"
#include "items/waterfallaxis.h"
#include "store/workspace.h"

#include <QString>

#include <array>
#include <memory>
#include <vector>

namespace tailscope::items {

/// Everything the waterfall shows of one trace. Spans are local indices of `spans`; times lie on the
/// corrected clock when isCorrected. Immutable; any thread.
struct WaterfallTrace
{
    /// An event of a span (a log line): a tick on its bar.
    struct Mark
    {
        std::uint32_t span = 0;
        Nanos ts = 0;
        QString name, attributes;
    };
    /// A link between a span of this trace and another span, maybe of another trace.
    struct Link
    {
        std::uint32_t span = 0;
        bool isIncoming = false; ///< the other span names this one
        std::int64_t otherSpan = 0; ///< span.id, 0 = not in the workspace
        std::uint32_t otherLocal = analysis::kNoRow; ///< of this trace
        QString otherTraceKey, otherSpanKey;
    };

    std::shared_ptr<const analysis::SpanColumns> columns;
    std::shared_ptr<const analysis::SpanClasses> classes;
    qint64 id = 0;
    QString key;
    analysis::TraceSpans spans;
    std::vector<std::uint32_t> byRow; ///< spans by row of the columns
    bool isCorrected = false; ///< the correction was asked for
    analysis::SkewCorrection skew; ///< what it did; shift is empty when not asked for
    std::uint32_t skewed = 0; ///< spans it moves, or would move
    std::vector<analysis::PathSegment> path; ///< critical path, earliest first
    std::array<Nanos, analysis::kTimeClasses> totals{}; ///< of the path, by TimeClass; sum = request()
    std::vector<Nanos> onPath; ///< per span: its own time on the path
    std::vector<analysis::TraceGap> gaps; ///< all of them, by span and time
    std::vector<std::uint32_t> firstGap; ///< per span, size + 1: its gaps in `gaps`
    std::vector<std::uint32_t> ranked; ///< indices of gaps of at least kShownGap, longest first
    std::vector<std::uint8_t> isRanked; ///< per gap
    std::vector<analysis::CallGroup> groups; ///< those drawn as one row; a call is in one at most
    std::vector<std::uint32_t> groupOf; ///< per span; kNoRow = none
    std::vector<Mark> marks; ///< by span and time
    std::vector<std::uint32_t> firstMark; ///< per span, size + 1
    std::vector<Link> links; ///< by span
    std::vector<std::uint32_t> below; ///< per span: descendants
    std::vector<std::string> services; ///< by first appearance
    std::vector<std::uint32_t> service; ///< per span
    std::uint32_t errors = 0;
    WaterfallAxis axis;

    /// Gaps shorter than this part of the request are neither rows nor ranked.
    static constexpr double kShownGap = 0.005;
    static constexpr std::size_t kMostRanked = 200;
    static constexpr std::size_t kSmallestGroup = 3; ///< alike calls that are folded

    std::size_t size() const { return spans.size(); }
    Nanos request() const; ///< duration of the root; unknown
    Nanos begin() const { return spans.root == analysis::kNoRow ? spans.begin : spans.start[spans.root]; }
    std::int64_t spanId(std::uint32_t span) const { return columns->id(spans.row[span]); }
    std::uint32_t spanOfRow(std::uint32_t row) const; ///< local; kNoRow = not of this trace
    const std::string &operation(std::uint32_t span) const
    {
        return columns->operations[columns->operation[spans.row[span]]];
    }
    const std::string &serviceName(std::uint32_t span) const { return services[service[span]]; }
    bool isError(std::uint32_t span) const;
    /// Duration without the union of the synchronous children; unknown.
    Nanos selfOf(std::uint32_t span) const;
    /// Of the span's own time.
    analysis::TimeClass classOf(std::uint32_t span) const { return classes->ofSelf(spans.row[span]); }
    /// ns that were added to the recorded start.
    Nanos shiftOf(std::uint32_t span) const { return skew.shift.empty() ? 0 : skew.shift[span]; }
    std::span<const analysis::TraceGap> gapsOf(std::uint32_t span) const
    {
        return std::span(gaps).subspan(firstGap[span], firstGap[span + 1] - firstGap[span]);
    }
    std::span<const Mark> marksOf(std::uint32_t span) const
    {
        return std::span(marks).subspan(firstMark[span], firstMark[span + 1] - firstMark[span]);
    }

    /// Of the trace with this index in the columns. `classes` may be null: then they are built. One scan of
    /// columns.trace, then O(n log n) of the trace. Null when cancelled.
    static Result<std::shared_ptr<const WaterfallTrace>> load(const store::Workspace &workspace,
        const std::shared_ptr<const analysis::SpanColumns> &columns,
        const std::shared_ptr<const analysis::SpanClasses> &classes, std::uint32_t traceIndex, bool correct,
        const Progress &progress);
    /// The same without the workspace (no events, links, statements).
    static std::shared_ptr<WaterfallTrace>
    analyse(const std::shared_ptr<const analysis::SpanColumns> &columns,
        const std::shared_ptr<const analysis::SpanClasses> &classes, std::uint32_t traceIndex, bool correct,
        const analysis::CallTexts &texts);
};

/// Rows of one trace as TraceRows has them, found by one scan.
std::vector<std::uint32_t> rowsOfTrace(const analysis::SpanColumns &columns, std::uint32_t traceIndex);

} // namespace tailscope::items
