// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"
#include "analysis/spancolumns.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace tailscope::items {

/// Figures of the traces that pass: one entry a trace, in the order of their indices in the columns. A trace
/// passes when any of its spans does (starts in the range and passes the filter); its figures are of all its
/// spans. Immutable; any thread.
struct TraceTable
{
    std::shared_ptr<const analysis::SpanColumns> columns;
    std::vector<std::uint32_t> trace; ///< index into columns->traceIds
    std::vector<std::uint32_t> rootRow; ///< span of the request (as in TraceSpans); kNoRow = none
    std::vector<Nanos> start; ///< first start of a span
    std::vector<Nanos> duration; ///< of the root span; without one, first start to last end; unknown
    std::vector<Nanos> extent; ///< first start to last known end of any span; unknown
    std::vector<std::uint32_t> spans, services, errors;
    std::vector<float> weight; ///< 1 / keep probability; empty when every weight is 1 or unknown
    /// Of the critical path and the longest gap, from the table trace_time: empty where it was not computed,
    /// kUnknownNanos where it has no row of the trace.
    std::vector<Nanos> wait, network, processing, largestGap;
    Nanos longest = 0; ///< of duration
    std::int64_t all = 0; ///< traces of the workspace that have spans
    std::int64_t loose = 0; ///< spans without a trace
    bool hasTimes() const { return !wait.empty(); }
    std::size_t size() const { return trace.size(); }
    std::int64_t id(std::size_t i) const { return columns->traceIds[trace[i]]; }

    /// Names as views show them; empty where nothing is known.
    std::string_view service(std::size_t i) const;
    std::string_view operation(std::size_t i) const;

    /// Four passes over the columns, then one scan of trace_time. Null when cancelled.
    static Result<std::shared_ptr<const TraceTable>>
    build(std::shared_ptr<const analysis::SpanColumns> columns, const analysis::SpanSelection &selection,
        const store::Workspace &workspace, const Progress &progress);
};

/// What a list of traces can be sorted by.
enum class TraceField {
    Start,
    Duration,
    Service,
    Operation,
    Spans,
    Services,
    Errors,
    Wait,
    Network,
    Processing,
    LargestGap,
    Weight,
    Key
};

/// Which entries of a table are listed and in what order.
struct TraceOrder
{
    TraceField field = TraceField::Duration;
    bool descending = true;
    QString search; ///< part of a trace id, or of an operation or service of any span; empty = all
    friend bool operator==(const TraceOrder &, const TraceOrder &) = default;
};

/// The entries of a table that are listed, and what views look up in them. Immutable; any thread.
struct TraceListing
{
    std::vector<std::uint32_t> listed; ///< entries of the table, in order
    std::vector<std::pair<std::int64_t, std::uint32_t>> rowOfId; ///< by trace id: place in `listed`
    std::vector<std::uint32_t> slowest; ///< entries with the longest durations, at most two, longest first
    std::vector<std::uint32_t>
        middle; ///< entries around the median of the durations, at most three, it first
};

/// Entries of the table that match, sorted; equal ones by start, then by trace. Unknown values come last.
Result<std::shared_ptr<const TraceListing>> listTraces(const TraceTable &table, const TraceOrder &order,
    const store::Workspace &workspace, const Progress &progress);

/// Density of the listed traces over start and duration (logarithmic): what a picture of them needs, whatever
/// their number. Unknown durations are counted, not placed.
struct TraceScatter
{
    struct Cell
    {
        std::uint32_t count = 0, errors = 0;
        std::uint32_t slowest = 0; ///< entry of the table
    };
    TimeRange range;
    Nanos low = 1, high = 1; ///< of the duration axis; durations below 1 ns count as 1
    int columns = 0, rows = 0;
    std::vector<Cell> cells; ///< cells[column * rows + row], row 0 = shortest
    std::uint32_t largest = 0; ///< count of a cell
    std::int64_t unknown = 0;

    const Cell &at(int column, int row) const
    {
        return cells[std::size_t(column) * std::size_t(rows) + std::size_t(row)];
    }
    int columnOf(Nanos start) const;
    int rowOf(Nanos duration) const;
    Nanos startOf(int column) const; ///< begin of a column
    Nanos durationOf(int row) const; ///< lower bound of a row

    static TraceScatter build(const TraceTable &table, const std::vector<std::uint32_t> &listed, int columns,
        int rows);
};

/// The id of a trace by its key (the first of several sources that have it), or by the beginning of a key
/// that only one trace has; nullopt otherwise. Case is ignored.
Result<std::optional<std::int64_t>> traceIdOfKey(const store::Workspace &workspace, const QString &key);

} // namespace tailscope::items
