// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/lanequery.h"
#include "analysis/pointscan.h"
#include "analysis/seriesfold.h"
#include "items/serieslistquery.h"
#include "store/workspace.h"

#include <QHash>
#include <QString>
#include <QVector>

#include <memory>
#include <vector>

namespace tailscope::items {

/// What is drawn of a series.
enum class SeriesMeasure { Auto, Value, Rate, Delta }; ///< Auto: counters as rates, the rest as they are
/// Several series in one lane.
enum class SeriesCombine { Each, TopAndOther, Sum, ByLabel };

struct LaneSpec
{
    QVector<qint64> ids;
    QString title;
    SeriesCombine combine = SeriesCombine::Each; ///< Each: one series
    QString label; ///< ByLabel: the key; empty = service
    bool isPinned = false;
    friend bool operator==(const LaneSpec &, const LaneSpec &) = default;
};
/// One line of a lane, decimated: smallest, largest and last value of each pixel.
struct LaneCurve
{
    QString name;
    qint64 seriesId = 0; ///< 0: made of several
    std::vector<analysis::DecimatedPoint> points;
    Nanos step = 0; ///< usual distance of its points: what is further apart is a hole, not a line
    double last = 0;
};
struct Lane
{
    LaneSpec spec;
    QString unit, note; ///< note: what is not shown, or of what it is made
    bool isRate = false;
    QVector<LaneCurve> curves;
    QVector<SeriesFound> found;
    /// What is usual at that hour, and the edge beyond which it is not; of one series with two days or more.
    std::vector<Nanos> usualTs;
    std::vector<double> usual;
    double edge = 0; ///< times the usual value
    double low = 0, high = 0; ///< of what is drawn; low > high: nothing
    qint64 total = 0; ///< points in the window
    TimeRange covered;
};

/// A series in memory: as written and as a counter's rate.
struct LoadedSeries
{
    analysis::SeriesName name;
    bool isCounter = false;
    analysis::SeriesValues values;
    analysis::SeriesValues as(SeriesMeasure measure) const;
    bool isRate(SeriesMeasure measure) const
    {
        return measure == SeriesMeasure::Rate || (measure == SeriesMeasure::Auto && isCounter);
    }
};
using SeriesCache = QHash<qint64, std::shared_ptr<const LoadedSeries>>;

struct LaneRequest
{
    QVector<LaneSpec> lanes;
    SeriesMeasure measure = SeriesMeasure::Auto;
    TimeRange window;
    int pixels = 1000;
    bool withUsual = true;
};
struct LaneAnswer
{
    QVector<Lane> lanes;
    SeriesCache cache; ///< all that was needed
    TimeRange range; ///< of all points of the lanes
};
/// Reads what the cache lacks and draws. Of a lane of many series at most 500 are read; the note says so. Any
/// thread.
Result<LaneAnswer> drawLanes(const store::Workspace &workspace, const LaneRequest &request, SeriesCache cache,
    const Progress &progress);

/// One row of "what moved at this moment".
struct MovedItem
{
    qint64 seriesId = 0;
    QString subject, verdict, unit;
    bool isRate = false;
    double score = 0, before = 0, after = 0;
    std::optional<qint64> lagNs;
};
/// All series ranked by how much they moved (formulas.md FT-19); those that moved earlier follow, then
/// those without data. At most 200 rows; series beyond 20,000 are not looked at. Any thread.
struct MovedAnswer
{
    QVector<MovedItem> rows;
    qint64 looked = 0, all = 0;
};
Result<MovedAnswer> rankMoved(const store::Workspace &workspace, qint64 onsetNs, const Progress &progress);

/// One series folded by hour and weekday, and its bands of the day.
struct FoldAnswer
{
    QString name, unit;
    bool isRate = false;
    analysis::WeekFold week;
    QVector<QString> bands; ///< "12:00 to 12:10 on 5 of 5 days"
    int days = 0;
};
Result<FoldAnswer> foldSeries(const store::Workspace &workspace, qint64 id, bool localTime);

/// The values behind a lane as CSV: ts_ns, time, one column a curve's series. At most 200,000 rows.
Result<QString> laneCsv(const store::Workspace &workspace, const QVector<qint64> &ids, TimeRange window,
    SeriesMeasure measure);
QString laneSql(const QVector<qint64> &ids, TimeRange window);

} // namespace tailscope::items
