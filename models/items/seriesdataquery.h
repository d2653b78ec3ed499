// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/lanequery.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <QString>

#include <optional>
#include <vector>

namespace tailscope::items {

/// One metric of one thing, as the catalogue of a workspace lists it.
struct SeriesInfo
{
    qint64 id = 0, sourceId = 0;
    QString metric, service, instance, role, labels, unit, kind; ///< labels as "key=value, key=value"
    std::optional<qint64> trackId; ///< process it belongs to in a trace
    QString subtitle() const; ///< what tells it from other series of the metric: role and labels
};

/// Points of one series in time order: all of them, or with more than kMaxRawPoints only their number and
/// bounds.
struct SeriesPoints
{
    static constexpr std::int64_t kMaxRawPoints = 2'000'000;

    std::vector<Nanos> ts;
    std::vector<double> values;
    std::int64_t total = 0;
    double low = 0, high = 0; ///< smallest and largest value
    TimeRange range; ///< from the first to just after the last point
    bool isRaw() const { return std::int64_t(ts.size()) == total; }
};

/// Time covered by the points and events of one source.
struct SourceSpan
{
    qint64 sourceId = 0;
    TimeRange range;
};
struct SeriesCatalogue
{
    std::vector<SeriesInfo> series; ///< at most 10,000; histograms have no points and are left out
    /// Read only when the sources' clocks differ: else the range of everything says enough.
    std::vector<SourceSpan> spans;
};
/// Any thread.
Result<SeriesCatalogue> readSeriesCatalogue(const store::Workspace &workspace, const Progress &progress);
/// One pass over the series. Any thread.
Result<SeriesPoints> readSeriesPoints(const store::Workspace &workspace, qint64 id, const Progress &progress);
/// Smallest, largest and last value of each bucket of `step` ns of a series too long to keep: one pass,
/// memory bounded by the number of buckets. Any thread.
Result<std::vector<analysis::DecimatedPoint>> readSeriesBuckets(const store::Workspace &workspace, qint64 id,
    TimeRange window, Nanos step, const Progress &progress);
/// The query behind a series lane.
QString seriesSql(qint64 id, TimeRange window);

} // namespace tailscope::items
