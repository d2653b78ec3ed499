// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <QString>
#include <QVector>

#include <optional>

namespace tailscope::items {

/// A series of the list with the figures of series_stat (of the rate of a counter).
struct SeriesListItem
{
    qint64 id = 0, n = 0, gaps = 0;
    QString metric, name, unit, kind; ///< name: service, instance and labels; the metric when it has none
    QString service, labels; ///< labels: "a=x, b=y"
    bool isRate = false;
    std::optional<double> last, min, max, p50, p99; ///< unknown: not analysed, or no points
    QString found; ///< "step", "ceiling", "each 5 min", "missing": what analyses found, joined
    int level = 0; ///< 0..2 for BarDelegate: what is worth a look
};
/// Something that an analysis found in a series.
struct SeriesFound
{
    enum class Kind { Ceiling, Departure, Change, Period, Shape } kind = Kind::Change;
    qint64 seriesId = 0;
    QString subject, text; ///< text: "200 = max_connections of db, while http.requests rises 2,000 to 18,000"
    qint64 startNs = 0, endNs = 0; ///< end 0 = a moment
    double value = 0; ///< level of a ceiling; expected value of a departure
};
struct SeriesList
{
    QVector<SeriesListItem> items; ///< by metric, then name
    QVector<SeriesFound> found; ///< ceilings first, then what is missing, steps, periods
    qint64 all = 0; ///< series in the workspace
};
/// At most 100,000 series and 2,000 findings. Any thread.
Result<SeriesList> readSeriesList(const store::Workspace &workspace, const Progress &progress);
/// What analyses found in these series, for the lanes. Any thread.
Result<QVector<SeriesFound>> readSeriesFound(const store::Workspace &workspace, const QVector<qint64> &ids);
/// The query behind the list.
QString seriesListSql();

} // namespace tailscope::items
