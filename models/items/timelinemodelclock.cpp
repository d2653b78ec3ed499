// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/timelinemodelrows.h"

#include <algorithm>
#include <map>

namespace tailscope::items {

namespace {

void unite(TimeRange &range, const TimeRange &other)
{
    if (range.isEmpty())
        range = other;
    else if (!other.isEmpty())
        range = {std::min(range.begin, other.begin), std::max(range.end, other.end)};
}

bool overlap(const TimeRange &a, const TimeRange &b) { return a.begin < b.end && b.begin < a.end; }

/// Range of every track: its lanes hold no overlaps, so the last span of a lane ends last.
std::vector<TimeRange> trackRanges(const analysis::SpanColumns &columns)
{
    std::vector<TimeRange> ranges(columns.tracks.size());
    for (const analysis::Lane &lane : columns.lanes) {
        if (lane.count == 0)
            continue;
        const Nanos begin = columns.start[lane.first];
        const Nanos end = columns.end(lane.first + lane.count - 1);
        unite(ranges[lane.track], {begin, std::max(end, saturatingAdd(begin, 1))});
    }
    return ranges;
}

} // namespace

bool isAligned(const store::SourceRecord &source)
{
    return source.clock == "utc" || (!source.offsetMethod.empty() && source.offsetMethod != "none");
}

ClockShifts clockShifts(const analysis::SpanColumns *columns, const QList<store::SourceRecord> &sources,
    const std::vector<SourceSpan> &spans, const std::vector<std::int64_t> &leftOut)
{
    const auto isLeftOut
        = [&](std::int64_t id) { return std::find(leftOut.begin(), leftOut.end(), id) != leftOut.end(); };
    std::map<std::int64_t, TimeRange> bySource;
    const std::vector<TimeRange> ranges = columns ? trackRanges(*columns) : std::vector<TimeRange>();
    for (std::size_t track = 0; track < ranges.size(); ++track)
        unite(bySource[columns->tracks[track].sourceId], ranges[track]);
    for (const SourceSpan &span : spans) {
        if (!isLeftOut(span.sourceId))
            unite(bySource[span.sourceId], span.range);
    }
    std::map<std::int64_t, bool> aligned;
    for (const store::SourceRecord &source : sources)
        aligned[source.id] = isAligned(source);
    // What the others are moved to: everything with a known clock, else the first source.
    TimeRange base;
    for (const auto &[id, range] : bySource) {
        if (aligned.contains(id) && aligned[id])
            unite(base, range);
    }
    ClockShifts result;
    for (const auto &[id, range] : bySource) {
        const bool isKnown = !aligned.contains(id) || aligned[id];
        if (isKnown || range.isEmpty()) {
            unite(result.range, range);
            continue;
        }
        if (base.isEmpty()) {
            base = range;
            unite(result.range, range);
            continue;
        }
        result.unaligned.push_back(id);
        const Nanos shift = overlap(range, base) ? 0 : saturatingSub(base.begin, range.begin);
        if (shift != 0)
            result.sources[id] = shift;
        unite(result.range, {saturatingAdd(range.begin, shift), saturatingAdd(range.end, shift)});
    }
    if (result.sources.empty() || !columns)
        return result;
    result.tracks.assign(columns->tracks.size(), 0);
    for (std::size_t track = 0; track < columns->tracks.size(); ++track) {
        const auto shift = result.sources.find(columns->tracks[track].sourceId);
        result.tracks[track] = shift == result.sources.end() ? 0 : shift->second;
    }
    return result;
}

} // namespace tailscope::items
