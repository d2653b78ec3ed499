// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/seriesdataquery.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tailscope::items {

namespace {

constexpr std::int64_t kMaxSeries = 10'000;
constexpr std::int64_t kMaxBuckets = 100'000;
constexpr std::int64_t kCancelEvery = 1 << 16;
constexpr const char *kPoints = "SELECT ts_ns, value FROM point WHERE series_id = ?1 AND value IS NOT NULL";

QString toQString(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// {"b":1,"a":"x"} as "a=x, b=1".
QString labelText(std::string_view json)
{
    const QJsonObject object
        = QJsonDocument::fromJson(QByteArray(json.data(), qsizetype(json.size()))).object();
    QStringList parts;
    for (auto it = object.begin(); it != object.end(); ++it)
        parts << it.key() + QLatin1Char('=') + it.value().toVariant().toString();
    return parts.join(QStringLiteral(", "));
}

/// Calls take(ts, value) for every point.
template<typename Take>
Result<void> forEachPoint(const store::Workspace &workspace, qint64 id, const Progress &progress, Take take)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    database->setCancel(progress.cancel);
    auto statement = database->prepare(kPoints);
    if (!statement)
        return tl::unexpected(statement.error());
    statement->bind(0, std::int64_t(id));
    for (std::int64_t n = 0;; ++n) {
        if (n % kCancelEvery == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "series", "the read was cancelled", "Open the view again.");
        auto row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        const double value = statement->real(1);
        if (std::isfinite(value))
            take(statement->integer(0), value);
    }
}

void sortByTime(SeriesPoints &points)
{
    if (std::is_sorted(points.ts.begin(), points.ts.end()))
        return;
    std::vector<std::uint32_t> order(points.ts.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(),
        [&](std::uint32_t a, std::uint32_t b) { return points.ts[a] < points.ts[b]; });
    std::vector<Nanos> ts(order.size());
    std::vector<double> values(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        ts[i] = points.ts[order[i]];
        values[i] = points.values[order[i]];
    }
    points.ts = std::move(ts);
    points.values = std::move(values);
}

} // namespace

QString SeriesInfo::subtitle() const
{
    QStringList parts;
    if (!role.isEmpty())
        parts << role;
    if (!labels.isEmpty())
        parts << labels;
    return parts.join(QStringLiteral(", "));
}

namespace {

Result<void> readSeries(store::Database &database, SeriesCatalogue &catalogue)
{
    auto statement = database.prepare(
        "SELECT id, source_id, metric, service, instance, role, labels, unit, kind, track_id"
        " FROM series WHERE kind <> 'histogram'"
        " ORDER BY metric, service, instance, labels, id LIMIT ?1");
    if (!statement)
        return tl::unexpected(statement.error());
    statement->bind(0, kMaxSeries);
    while (true) {
        auto row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        SeriesInfo info;
        info.id = statement->integer(0);
        info.sourceId = statement->integer(1);
        info.metric = toQString(statement->text(2));
        info.service = toQString(statement->text(3));
        info.instance = toQString(statement->text(4));
        info.role = toQString(statement->text(5));
        info.labels = labelText(statement->text(6));
        info.unit = toQString(statement->text(7));
        info.kind = toQString(statement->text(8));
        if (!statement->isNull(9))
            info.trackId = statement->integer(9);
        catalogue.series.push_back(std::move(info));
    }
}

Result<void> readSpans(store::Database &database, SeriesCatalogue &catalogue)
{
    auto statement = database.prepare(
        "SELECT series.source_id, min(point.ts_ns), max(point.ts_ns)"
        " FROM series CROSS JOIN point ON point.series_id = series.id GROUP BY series.source_id"
        " UNION ALL SELECT source_id, min(ts_ns), max(ifnull(end_ns, ts_ns)) FROM event"
        " WHERE source_id IS NOT NULL GROUP BY source_id");
    if (!statement)
        return tl::unexpected(statement.error());
    while (true) {
        auto row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        if (!statement->isNull(1)) {
            catalogue.spans.push_back(
                {statement->integer(0), {statement->integer(1), saturatingAdd(statement->integer(2), 1)}});
        }
    }
}

} // namespace

Result<SeriesCatalogue> readSeriesCatalogue(const store::Workspace &workspace, const Progress &progress)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    database->setCancel(progress.cancel);
    SeriesCatalogue catalogue;
    TS_TRY(readSeries(*database, catalogue));
    const auto clocks = database->integer("SELECT count(DISTINCT clock || offset_method) FROM source");
    if (clocks && clocks->value_or(0) > 1)
        TS_TRY(readSpans(*database, catalogue));
    return catalogue;
}

Result<SeriesPoints> readSeriesPoints(const store::Workspace &workspace, qint64 id, const Progress &progress)
{
    SeriesPoints points;
    const Result<void> read = forEachPoint(workspace, id, progress, [&points](Nanos ts, double value) {
        if (points.total == 0) {
            points.low = points.high = value;
            points.range = {ts, ts};
        }
        points.low = std::min(points.low, value);
        points.high = std::max(points.high, value);
        points.range.begin = std::min(points.range.begin, ts);
        points.range.end = std::max(points.range.end, saturatingAdd(ts, 1));
        ++points.total;
        if (points.total <= SeriesPoints::kMaxRawPoints) {
            points.ts.push_back(ts);
            points.values.push_back(value);
        }
    });
    if (!read)
        return tl::unexpected(read.error());
    if (points.isRaw()) {
        sortByTime(points);
    } else {
        points.ts = {};
        points.values = {};
    }
    return points;
}

Result<std::vector<analysis::DecimatedPoint>> readSeriesBuckets(const store::Workspace &workspace, qint64 id,
    TimeRange window, Nanos step, const Progress &progress)
{
    const Nanos width = std::max({step, Nanos(1), window.length() / kMaxBuckets + 1});
    std::vector<analysis::DecimatedPoint> buckets(std::size_t(window.length() / width) + 1);
    const Result<void> read = forEachPoint(workspace, id, progress, [&](Nanos ts, double value) {
        if (!window.contains(ts))
            return;
        analysis::DecimatedPoint &bucket = buckets[std::size_t(saturatingSub(ts, window.begin) / width)];
        if (bucket.count++ == 0) {
            bucket = {ts, value, value, value, 1};
            return;
        }
        bucket.min = std::min(bucket.min, value);
        bucket.max = std::max(bucket.max, value);
        if (ts >= bucket.ts) {
            bucket.ts = ts;
            bucket.last = value;
        }
    });
    if (!read)
        return tl::unexpected(read.error());
    std::erase_if(buckets, [](const analysis::DecimatedPoint &bucket) { return bucket.count == 0; });
    return buckets;
}

QString seriesSql(qint64 id, TimeRange window)
{
    return QStringLiteral("SELECT point.ts_ns, point.value, series.unit\n"
                          "FROM point JOIN series ON series.id = point.series_id\n"
                          "WHERE point.series_id = %1 AND point.ts_ns >= %2 AND point.ts_ns < %3\n"
                          "ORDER BY point.ts_ns LIMIT 100000;")
        .arg(id)
        .arg(window.begin)
        .arg(window.end);
}

} // namespace tailscope::items
