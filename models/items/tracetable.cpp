// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/tracetable.h"

#include "store/rows.h"

#include <algorithm>
#include <map>

namespace tailscope::items {

using analysis::kNoRow;
using analysis::SpanColumns;

namespace {

constexpr std::size_t kCancelStep = 1U << 16;

/// Figures by trace index, before those that do not pass are left out.
struct ByTrace
{
    std::vector<std::uint8_t> passes;
    std::vector<std::uint32_t> root, spans, services, errors;
    std::vector<Nanos> start, end;
};

bool isBetterRoot(const SpanColumns &columns, std::uint32_t row, std::uint32_t best)
{
    if (best == kNoRow || columns.start[row] != columns.start[best])
        return best == kNoRow || columns.start[row] < columns.start[best];
    return columns.duration[row] > columns.duration[best];
}

bool scan(const SpanColumns &columns, const analysis::SpanSelection &selection, const Progress &progress,
    ByTrace &by, std::int64_t &loose)
{
    const std::size_t n = columns.traceIds.size();
    by.passes.assign(n, 0);
    by.root.assign(n, kNoRow);
    by.spans.assign(n, 0);
    by.errors.assign(n, 0);
    by.start.assign(n, 0);
    by.end.assign(n, kUnknownNanos);
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        if (row % kCancelStep == 0 && progress.isCancelled())
            return false;
        const std::uint32_t t = columns.trace[row];
        if (t == kNoRow) {
            ++loose;
            continue;
        }
        const Nanos start = columns.start[row];
        by.start[t] = by.spans[t] == 0 ? start : std::min(by.start[t], start);
        ++by.spans[t];
        by.errors[t] += columns.status[row] == std::uint8_t(SpanStatus::Error);
        if (columns.duration[row] != kUnknownNanos)
            by.end[t] = std::max(by.end[t], columns.end(row));
        const std::uint32_t above = columns.parent[row];
        if ((above == kNoRow || columns.trace[above] != t) && isBetterRoot(columns, row, by.root[t]))
            by.root[t] = row;
        if ((!selection.range || selection.range->contains(start))
            && (!selection.filter || selection.filter->test(row)))
            by.passes[t] = 1;
    }
    return true;
}

/// Distinct services a trace: its rows' services side by side, then a stamp a service.
bool countServices(const SpanColumns &columns, const Progress &progress, ByTrace &by)
{
    std::map<std::string_view, std::uint32_t> numbers;
    std::vector<std::uint32_t> ofTrack(columns.tracks.size());
    for (std::size_t i = 0; i < columns.tracks.size(); ++i) {
        const analysis::TrackInfo &track = columns.tracks[i];
        const std::string &name = track.service.empty() ? track.process : track.service;
        ofTrack[i] = numbers.try_emplace(name, std::uint32_t(numbers.size())).first->second;
    }
    std::vector<std::uint32_t> offset(by.spans.size() + 1, 0);
    for (std::size_t t = 0; t < by.spans.size(); ++t)
        offset[t + 1] = offset[t] + by.spans[t];
    std::vector<std::uint32_t> fill(offset.begin(), offset.end() - 1);
    std::vector<std::uint32_t> service(offset.back());
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        if (row % kCancelStep == 0 && progress.isCancelled())
            return false;
        if (columns.trace[row] != kNoRow)
            service[fill[columns.trace[row]]++] = ofTrack[columns.track[row]];
    }
    by.services.assign(by.spans.size(), 0);
    std::vector<std::uint32_t> stamp(numbers.size(), kNoRow);
    for (std::uint32_t t = 0; t < by.spans.size(); ++t) {
        for (std::uint32_t i = offset[t]; i < offset[t + 1]; ++i) {
            by.services[t] += stamp[service[i]] != t;
            stamp[service[i]] = t;
        }
    }
    return true;
}

Result<void> readTimes(TraceTable &table, const store::Workspace &workspace, const Progress &progress)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    database->setCancel(progress.cancel);
    auto rows = database->prepare("SELECT trace_id, wait_ns, network_ns, processing_ns, largest_gap_ns "
                                  "FROM trace_time ORDER BY trace_id");
    if (!rows)
        return tl::unexpected(rows.error());
    std::vector<std::pair<std::int64_t, std::uint32_t>> byId(table.size());
    for (std::uint32_t i = 0; i < table.size(); ++i)
        byId[i] = {table.id(i), i};
    std::sort(byId.begin(), byId.end());
    auto at = byId.begin();
    while (true) {
        auto row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        if (!table.hasTimes()) {
            for (auto *column : {&table.wait, &table.network, &table.processing, &table.largestGap})
                column->assign(table.size(), kUnknownNanos);
        }
        const std::int64_t id = rows->integer(0);
        while (at != byId.end() && at->first < id)
            ++at;
        if (at == byId.end() || at->first != id)
            continue;
        const auto value
            = [&](int column) { return rows->isNull(column) ? kUnknownNanos : Nanos(rows->integer(column)); };
        table.wait[at->second] = value(1);
        table.network[at->second] = value(2);
        table.processing[at->second] = value(3);
        table.largestGap[at->second] = value(4);
    }
}

} // namespace

std::string_view TraceTable::service(std::size_t i) const
{
    if (rootRow[i] == kNoRow)
        return {};
    const analysis::TrackInfo &track = columns->tracks[columns->track[rootRow[i]]];
    return track.service.empty() ? track.process : track.service;
}

std::string_view TraceTable::operation(std::size_t i) const
{
    if (rootRow[i] == kNoRow)
        return {};
    return columns->operations[columns->operation[rootRow[i]]];
}

Result<std::shared_ptr<const TraceTable>>
TraceTable::build(std::shared_ptr<const analysis::SpanColumns> columns,
    const analysis::SpanSelection &selection, const store::Workspace &workspace, const Progress &progress)
{
    auto table = std::make_shared<TraceTable>();
    table->columns = columns;
    ByTrace by;
    if (!scan(*columns, selection, progress, by, table->loose) || !countServices(*columns, progress, by))
        return std::shared_ptr<const TraceTable>();
    const bool isWeighted = !columns->traceWeight.empty();
    for (std::uint32_t t = 0; t < by.passes.size(); ++t) {
        table->all += by.spans[t] > 0;
        if (!by.passes[t])
            continue;
        const std::uint32_t root = by.root[t];
        const Nanos extent
            = by.end[t] == kUnknownNanos ? kUnknownNanos : saturatingSub(by.end[t], by.start[t]);
        const bool hasRoot = root != kNoRow && columns->duration[root] != kUnknownNanos;
        table->trace.push_back(t);
        table->rootRow.push_back(root);
        table->start.push_back(by.start[t]);
        table->duration.push_back(hasRoot ? columns->duration[root] : extent);
        table->longest = std::max(table->longest, table->duration.back());
        table->extent.push_back(extent);
        table->spans.push_back(by.spans[t]);
        table->services.push_back(by.services[t]);
        table->errors.push_back(by.errors[t]);
        if (isWeighted)
            table->weight.push_back(columns->traceWeight[t]);
    }
    if (auto read = readTimes(*table, workspace, progress); !read)
        return tl::unexpected(read.error());
    return std::shared_ptr<const TraceTable>(std::move(table));
}

} // namespace tailscope::items
