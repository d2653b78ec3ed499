// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/rowscan.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>

namespace tailscope::analysis {

namespace {

// Starting a thread costs about as much as this many rows.
constexpr std::uint64_t kRowsWorthAThread = 65'536;

template<typename Test>
std::size_t keep(std::uint32_t *rows, std::size_t count, Test &&test)
{
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t row = rows[i];
        rows[kept] = row;
        kept += test(row) ? 1 : 0;
    }
    return kept;
}

} // namespace

RowScan::RowScan(const SpanColumns &columns, const SpanSelection &selection)
    : m_columns(columns)
    , m_selection(selection)
{
    std::vector<Segment> segments;
    if (columns.lanes.empty()) {
        m_testStart = selection.range.has_value();
        m_testTrack = selection.track.has_value();
        addSegment(0, std::uint32_t(columns.size()), segments);
    }
    for (const Lane &lane : columns.lanes) {
        if (selection.track && lane.track != *selection.track)
            continue;
        const auto begin = columns.start.begin() + lane.first;
        const auto end = begin + lane.count;
        auto first = begin;
        auto last = end;
        if (selection.range) {
            first = std::lower_bound(begin, end, selection.range->begin);
            last = std::lower_bound(first, end, selection.range->end);
        }
        addSegment(std::uint32_t(first - columns.start.begin()), std::uint32_t(last - columns.start.begin()),
            segments);
    }
    split(segments);
}

void RowScan::addSegment(std::uint32_t first, std::uint32_t last, std::vector<Segment> &segments) const
{
    if (first >= last)
        return;
    // Lanes follow each other: without a range the whole is one segment.
    if (!segments.empty() && segments.back().last == first)
        segments.back().last = last;
    else
        segments.push_back({first, last});
}

void RowScan::split(const std::vector<Segment> &segments)
{
    for (const Segment &segment : segments)
        m_candidates += segment.last - segment.first;
    if (m_candidates < kRowsWorthAThread) {
        m_parts.assign(1, segments);
        return;
    }
    m_parts.resize(2);
    std::uint64_t left = m_candidates / 2;
    for (const Segment &segment : segments) {
        const std::uint64_t length = segment.last - segment.first;
        if (left == 0) {
            m_parts[1].push_back(segment);
        } else if (length <= left) {
            m_parts[0].push_back(segment);
            left -= length;
        } else {
            const auto border = std::uint32_t(segment.first + left);
            m_parts[0].push_back({segment.first, border});
            m_parts[1].push_back({border, segment.last});
            left = 0;
        }
    }
}

std::size_t RowScan::candidatesOf(std::uint32_t first, std::uint32_t last, std::uint32_t *rows) const
{
    const SpanBitmap *filter = m_selection.filter.get();
    if (!filter) {
        std::iota(rows, rows + (last - first), first);
        return last - first;
    }
    last = std::uint32_t(std::min<std::size_t>(last, filter->rows()));
    std::size_t count = 0;
    for (std::uint32_t row = first; row < last;) {
        std::uint64_t word = filter->words()[row >> 6] >> (row & 63);
        const std::uint32_t wordEnd
            = std::uint32_t(std::min<std::uint64_t>((row | 63u) + std::uint64_t(1), last));
        if (wordEnd - row < 64)
            word &= (std::uint64_t(1) << (wordEnd - row)) - 1;
        if (word == ~std::uint64_t(0)) {
            std::iota(rows + count, rows + count + 64, row);
            count += 64;
        } else {
            for (; word != 0; word &= word - 1)
                rows[count++] = row + std::uint32_t(std::countr_zero(word));
        }
        row = wordEnd;
    }
    return count;
}

std::size_t RowScan::select(std::uint32_t first, std::uint32_t last, std::uint32_t *rows) const
{
    std::size_t count = candidatesOf(first, last, rows);
    if (m_testStart) {
        const TimeRange range = *m_selection.range;
        const Nanos *start = m_columns.start.data();
        count = keep(rows, count,
            [=](std::uint32_t row) { return (start[row] >= range.begin) & (start[row] < range.end); });
    }
    if (m_testTrack) {
        const std::uint32_t wanted = *m_selection.track;
        const std::uint32_t *track = m_columns.track.data();
        count = keep(rows, count, [=](std::uint32_t row) { return track[row] == wanted; });
    }
    if (m_selection.operation) {
        const std::uint32_t wanted = *m_selection.operation;
        const std::uint32_t *operation = m_columns.operation.data();
        count = keep(rows, count, [=](std::uint32_t row) { return operation[row] == wanted; });
    }
    if (m_selection.status) {
        const std::uint8_t wanted = *m_selection.status;
        const std::uint8_t *status = m_columns.status.data();
        count = keep(rows, count, [=](std::uint32_t row) { return status[row] == wanted; });
    }
    if (m_selection.durationRange) {
        // An unknown duration is the smallest number: the lower border keeps it out.
        const Nanos low = std::max(m_selection.durationRange->first, kUnknownNanos + 1);
        const Nanos high = m_selection.durationRange->second;
        const Nanos *duration = m_columns.duration.data();
        count = keep(rows, count,
            [=](std::uint32_t row) { return (duration[row] >= low) & (duration[row] < high); });
    }
    if (m_selection.rootsOnly) {
        const std::uint32_t *parent = m_columns.parent.data();
        count = keep(rows, count, [=](std::uint32_t row) { return parent[row] == kNoRow; });
    }
    return count;
}

} // namespace tailscope::analysis
