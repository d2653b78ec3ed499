// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/overviewpyramid.h"
#include "analysis/spancolumns.h"
#include "items/seriesdataquery.h"
#include "session/sessioncontext.h"
#include "store/workspace.h"

#include <QSet>
#include <QString>

#include <cstdint>
#include <map>
#include <vector>

namespace tailscope::items {

enum class TrackSort { Index, Name, Busy };

/// What the user decided about rows; keys as in TimelineRow::key.
struct TimelineChoices
{
    QSet<QString> pinned, hidden, collapsed, expanded; ///< expanded: all lanes of a very deep track
    TrackSort sort = TrackSort::Index;
    bool showSeries = true;
};

/// What is known of a track beside its lanes.
struct TrackFigures
{
    std::int64_t spans = 0, errors = 0;
    Nanos busyNs = 0; ///< sum of the self times of its spans
};

/// One row of the timeline, from top to bottom.
struct TimelineRow
{
    enum class Kind : std::uint8_t {
        Source, ///< header of a source
        Group, ///< header of a process or service
        Track, ///< lanes of spans
        Density, ///< a track known only from the stored overview
        Series, ///< a counter
    } kind = Kind::Track;
    QString title;
    QString subtitle; ///< second line of a series
    QString key; ///< stable over reloads: "source/3", "group/3/checkout", "track/17", "series/5"
    int indent = 0;
    bool isCollapsible = false, isCollapsed = false, isPinned = false;
    std::uint32_t track = analysis::kNoRow; ///< index into SpanColumns::tracks (Track)
    std::uint32_t firstLane = 0, laneCount = 0, shownLanes = 0;
    std::int64_t trackId = 0; ///< Track and Density
    std::int64_t seriesId = 0;
    int count = 0; ///< rows below a header
    bool isSeriesHeader = false; ///< title is empty: the view names it
    std::vector<std::uint32_t> members; ///< tracks of a header (indexes into SpanColumns::tracks)
    std::vector<std::int64_t> memberIds; ///< their ids, for the overview
    Nanos shift = 0; ///< added to its times: the clock of the source is not aligned
};

/// Everything the rows are made of; pointers may be null while data loads.
struct TimelineInput
{
    const analysis::SpanColumns *columns = nullptr;
    const analysis::OverviewPyramid *overview = nullptr;
    const std::vector<SeriesInfo> *series = nullptr;
    const std::vector<TrackFigures> *figures = nullptr; ///< per track of the columns
    QList<store::SourceRecord> sources;
    std::map<std::int64_t, Nanos> shifts; ///< by source; only those that are moved
    std::vector<std::int64_t> leftOut; ///< sources that cannot be placed on the axis: no series of theirs
};

struct TimelineRows
{
    std::vector<TimelineRow> pinned; ///< stay on top
    std::vector<TimelineRow> rows;
    int hidden = 0; ///< tracks and series not shown because the user hid them
};

/// A very deep track first shows this many lanes.
inline constexpr std::uint32_t kLanesAtFirst = 32;
/// More series of one owner than this begin collapsed.
inline constexpr std::size_t kSeriesAtFirst = 12;

/// Groups by source (when there are several), then process or service; sorts; leaves out what is hidden or
/// below a collapsed header. A group of one track is that track. Cost: tracks and series, not spans.
TimelineRows buildTimelineRows(const TimelineInput &input, const TimelineChoices &choices);

/// How far each source must be moved so that those with relative clocks begin with the others. Nothing for a
/// single source; a source that overlaps the others in time stays where it is but is named all the same.
struct ClockShifts
{
    std::vector<Nanos> tracks; ///< per track of the columns; empty = none is moved
    std::map<std::int64_t, Nanos> sources; ///< only those that are moved
    std::vector<std::int64_t> unaligned; ///< sources that the view must name
    TimeRange range; ///< of all tracks, series and events after moving
};
/// spans: series and events by source, as SeriesCatalogue has them. leftOut: sources that are not drawn.
ClockShifts clockShifts(const analysis::SpanColumns *columns, const QList<store::SourceRecord> &sources,
    const std::vector<SourceSpan> &spans, const std::vector<std::int64_t> &leftOut);
/// Its times are UTC, or were aligned by a recorded offset.
bool isAligned(const store::SourceRecord &source);

/// "worker 2" before "worker 10"; case-insensitive, then by code point.
bool naturalLess(const QString &a, const QString &b);

} // namespace tailscope::items
