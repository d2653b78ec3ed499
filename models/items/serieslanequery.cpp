// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/serieslanequery.h"

#include "analysis/pointseries.h"
#include "analysis/resourcemoved.h"
#include "analysis/seriesbaseline.h"
#include "base/text.h"
#include "items/seriestext.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace tailscope::items {

using analysis::Measure;
using analysis::SeriesValues;

namespace {

constexpr int kMostOfLane = 500;
constexpr int kTop = 5;
constexpr std::size_t kMostMoved = 20'000;

QString toQString(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// Names of series by id, asked for once.
Result<std::shared_ptr<const LoadedSeries>> load(store::Database &reader, qint64 id)
{
    auto query
        = reader.prepare("SELECT id, source_id, metric, foreign_name, service, instance, labels, unit, kind"
                         " FROM series WHERE id = ?1");
    if (!query)
        return tl::unexpected(query.error());
    query->bind(0, std::int64_t(id));
    const auto row = query->step();
    if (!row)
        return tl::unexpected(row.error());
    auto out = std::make_shared<LoadedSeries>();
    if (!*row)
        return out;
    out->name = {query->integer(0), query->integer(1), std::string(query->text(2)),
        std::string(query->text(3)), std::string(query->text(4)), std::string(query->text(5)),
        std::string(query->text(6)), std::string(query->text(7)), std::string(query->text(8))};
    auto values = analysis::readValues(reader, id);
    if (!values)
        return tl::unexpected(values.error());
    out->values = std::move(*values);
    out->isCounter = analysis::isCounter(out->name.kind, out->name.metric, out->values);
    return out;
}

QString labelOf(const analysis::SeriesName &name, const QString &key)
{
    if (key.isEmpty())
        return name.service.empty() ? QStringLiteral("(none)") : toQString(name.service);
    if (key == QLatin1String("instance"))
        return name.instance.empty() ? QStringLiteral("(none)") : toQString(name.instance);
    const QJsonObject labels
        = QJsonDocument::fromJson(QByteArray(name.labels.data(), qsizetype(name.labels.size()))).object();
    const QString value = labels.value(key).toVariant().toString();
    return value.isEmpty() ? QStringLiteral("(none)") : value;
}

QString shortName(const analysis::SeriesName &name)
{
    const QString text = toQString(name.text()), metric = toQString(name.metric);
    return text.size() > metric.size() + 1 ? text.mid(metric.size() + 1) : metric;
}

/// Sums of several series in common bins: a bin counts when one of them has a sample in it.
SeriesValues sumOf(const std::vector<SeriesValues> &parts, Nanos width)
{
    std::map<Nanos, double> sums;
    for (const SeriesValues &part : parts) {
        const auto binOf = [width](Nanos t) { return t / width - (t % width < 0 ? 1 : 0); };
        for (std::size_t i = 0; i < part.size();) {
            const Nanos bin = binOf(part.ts[i]);
            double total = 0;
            std::size_t n = 0;
            for (; i < part.size() && binOf(part.ts[i]) == bin; ++i, ++n)
                total += part.values[i];
            sums[bin * width] += total / double(n);
        }
    }
    SeriesValues out;
    for (const auto &[t, value] : sums) {
        out.ts.push_back(t);
        out.values.push_back(value);
    }
    return out;
}

class Drawer
{
public:
    Drawer(const LaneRequest &request, const SeriesCache &cache, LaneAnswer &answer)
        : m_request(request)
        , m_cache(cache)
        , m_answer(answer)
    {}
    Lane draw(const LaneSpec &spec);

private:
    void addCurve(Lane &lane, const QString &name, qint64 id, const SeriesValues &values);
    void addUsual(Lane &lane, const LoadedSeries &series, const SeriesValues &values);
    void combine(Lane &lane, const std::vector<std::shared_ptr<const LoadedSeries>> &all);

    const LaneRequest &m_request;
    const SeriesCache &m_cache;
    LaneAnswer &m_answer;
};

void Drawer::addCurve(Lane &lane, const QString &name, qint64 id, const SeriesValues &values)
{
    LaneCurve curve;
    curve.name = name;
    curve.seriesId = id;
    curve.step = analysis::usualStep(values.ts);
    curve.last = values.size() > 0 ? values.values.back() : std::numeric_limits<double>::quiet_NaN();
    curve.points = analysis::decimate(values.ts, values.values, lane.covered, m_request.pixels);
    for (const analysis::DecimatedPoint &point : curve.points) {
        lane.low = std::min(lane.low, point.min);
        lane.high = std::max(lane.high, point.max);
        lane.total += point.count;
    }
    lane.curves.push_back(std::move(curve));
}

void Drawer::addUsual(Lane &lane, const LoadedSeries &series, const SeriesValues &values)
{
    const analysis::RegularSeries bins = analysis::baselineBins(values, analysis::BinValue::Mean);
    if (bins.values.empty())
        return;
    const analysis::BaselineOptions options = analysis::baselineOptions(series.name);
    const analysis::Baseline baseline = analysis::learnBaseline(bins, options);
    lane.edge = options.above > 0 ? options.above : options.below;
    for (std::size_t i = 0; i < bins.values.size(); ++i) {
        if (std::isnan(baseline.expected[i]))
            continue;
        lane.usualTs.push_back(bins.timeOf(i));
        lane.usual.push_back(baseline.expected[i]);
    }
}

void Drawer::combine(Lane &lane, const std::vector<std::shared_ptr<const LoadedSeries>> &all)
{
    std::vector<std::pair<QString, std::vector<SeriesValues>>> groups;
    std::map<QString, std::size_t> place;
    Nanos width = 1;
    for (const auto &series : all) {
        SeriesValues values = series->as(m_request.measure);
        width = std::max(width, analysis::usualStep(values.ts));
        const QString name = lane.spec.combine == SeriesCombine::Sum ? QStringLiteral("sum")
            : lane.spec.combine == SeriesCombine::ByLabel            ? labelOf(series->name, lane.spec.label)
                                                                     : shortName(series->name);
        const auto [at, isNew] = place.try_emplace(name, groups.size());
        if (isNew)
            groups.emplace_back(name, std::vector<SeriesValues>());
        groups[at->second].second.push_back(std::move(values));
    }
    width = std::max(width, m_request.window.length() / std::max(1, m_request.pixels * 4));
    std::vector<std::pair<double, std::size_t>> order; // by the mean in the window
    std::vector<SeriesValues> sums;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        sums.push_back(
            groups[i].second.size() == 1 ? groups[i].second.front() : sumOf(groups[i].second, width));
        const SeriesValues seen = analysis::part(sums.back(), m_request.window);
        double total = 0;
        for (const double value : seen.values)
            total += value / double(seen.size());
        order.emplace_back(-total, i);
    }
    std::stable_sort(order.begin(), order.end());
    std::vector<SeriesValues> rest;
    for (std::size_t k = 0; k < order.size(); ++k) {
        const std::size_t i = order[k].second;
        if (k < kTop || order.size() == kTop + 1)
            addCurve(lane, groups[i].first, 0, sums[i]);
        else
            rest.push_back(std::move(sums[i]));
    }
    if (!rest.empty())
        addCurve(lane, QStringLiteral("%1 others").arg(rest.size()), 0, sumOf(rest, width));
    lane.note = QStringLiteral("%1 series%2")
                    .arg(lane.spec.ids.size())
                    .arg(lane.spec.ids.size() > kMostOfLane
                            ? QStringLiteral(", the first %1 of them").arg(kMostOfLane)
                            : QString());
}

Lane Drawer::draw(const LaneSpec &spec)
{
    Lane lane;
    lane.spec = spec;
    lane.low = std::numeric_limits<double>::infinity();
    lane.high = -std::numeric_limits<double>::infinity();
    lane.covered = m_request.window;
    std::vector<std::shared_ptr<const LoadedSeries>> all;
    for (int i = 0; i < std::min<int>(kMostOfLane, int(spec.ids.size())); ++i) {
        if (const auto series = m_cache.value(spec.ids[i]))
            all.push_back(series);
    }
    if (all.empty())
        return lane;
    // Of the points as they were read: bins of sums depend on the window, which follows this range.
    for (const auto &series : all) {
        const TimeRange range = series->values.range();
        if (!range.isEmpty())
            m_answer.range = m_answer.range.isEmpty() ? range
                                                      : TimeRange{std::min(range.begin, m_answer.range.begin),
                                                          std::max(range.end, m_answer.range.end)};
    }
    lane.unit = toQString(all.front()->name.unit);
    lane.isRate = all.front()->isRate(m_request.measure);
    if (spec.combine != SeriesCombine::Each || all.size() > 1) {
        combine(lane, all);
        return lane;
    }
    const LoadedSeries &series = *all.front();
    const SeriesValues values = series.as(m_request.measure);
    addCurve(lane, shortName(series.name), series.name.id, values);
    // Work and durations have a usual hour; a level of memory has none.
    const bool isJudged = analysis::isWork(series.name) || series.name.seconds();
    if (m_request.withUsual && isJudged && m_request.measure == SeriesMeasure::Auto)
        addUsual(lane, series, values);
    return lane;
}

analysis::ZoneOffset zoneOf(bool localTime)
{
    if (!localTime)
        return [](Nanos) { return 0; };
    // Asked once an hour of data: the zone's table is slow.
    return [hour = Nanos(-1), offset = 0](Nanos t) mutable {
        const Nanos now = t / (3600 * kNanosPerSecond);
        if (now != hour) {
            hour = now;
            offset = QDateTime::fromMSecsSinceEpoch(t / kNanosPerMilli).offsetFromUtc();
        }
        return offset;
    };
}

QString clockText(std::size_t slot)
{
    return QStringLiteral("%1:%2")
        .arg(slot / 12, 2, 10, QLatin1Char('0'))
        .arg(slot % 12 * 5, 2, 10, QLatin1Char('0'));
}

} // namespace

SeriesValues LoadedSeries::as(SeriesMeasure measure) const
{
    switch (measure) {
    case SeriesMeasure::Rate:
        return analysis::differences(values, isCounter, true);
    case SeriesMeasure::Delta:
        return analysis::differences(values, isCounter, false);
    case SeriesMeasure::Auto:
        return isCounter ? analysis::differences(values, true, true) : values;
    case SeriesMeasure::Value:
        break;
    }
    return values;
}

Result<LaneAnswer> drawLanes(const store::Workspace &workspace, const LaneRequest &request, SeriesCache cache,
    const Progress &progress)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(reader.error());
    reader->setCancel(progress.cancel);
    LaneAnswer answer;
    QVector<qint64> shown;
    for (const LaneSpec &spec : request.lanes) {
        for (int i = 0; i < std::min<int>(kMostOfLane, int(spec.ids.size())); ++i) {
            const qint64 id = spec.ids[i];
            auto series = cache.value(id);
            if (!series) {
                if (progress.isCancelled())
                    return fail(ErrorCode::Cancelled, "series", "the read was cancelled",
                        "Choose the series again.");
                auto loaded = load(*reader, id);
                if (!loaded)
                    return tl::unexpected(loaded.error());
                series = std::move(*loaded);
                cache.insert(id, series);
            }
            answer.cache.insert(id, series);
        }
        if (spec.ids.size() == 1)
            shown << spec.ids.first();
    }
    LaneRequest whole = request;
    if (whole.window.isEmpty()) {
        for (const auto &series : std::as_const(answer.cache)) {
            const TimeRange range = series->values.range();
            if (range.isEmpty())
                continue;
            whole.window = whole.window.isEmpty()
                ? range
                : TimeRange{std::min(whole.window.begin, range.begin), std::max(whole.window.end, range.end)};
        }
    }
    Drawer drawer(whole, answer.cache, answer);
    for (const LaneSpec &spec : request.lanes)
        answer.lanes.push_back(drawer.draw(spec));
    auto found = readSeriesFound(workspace, shown);
    if (!found)
        return tl::unexpected(found.error());
    for (Lane &lane : answer.lanes) {
        for (const SeriesFound &each : std::as_const(*found)) {
            if (lane.spec.ids.size() == 1 && lane.spec.ids.first() == each.seriesId)
                lane.found.push_back(each);
        }
    }
    return answer;
}

Result<MovedAnswer> rankMoved(const store::Workspace &workspace, qint64 onsetNs, const Progress &progress)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(reader.error());
    reader->setCancel(progress.cancel);
    auto names = analysis::readSeriesNames(*reader);
    if (!names)
        return tl::unexpected(names.error());
    MovedAnswer answer;
    answer.all = qint64(names->size());
    names->resize(std::min(names->size(), kMostMoved));
    answer.looked = qint64(names->size());
    using Verdict = analysis::Moved::Verdict;
    std::vector<std::pair<std::tuple<int, double, qint64>, MovedItem>> rows;
    const auto take = [&](const analysis::SeriesName &name, SeriesValues &values) {
        const analysis::Judged judged = analysis::judged(name, std::move(values));
        const analysis::Moved moved = analysis::movedAt(judged.values, onsetNs);
        if (moved.verdict == Verdict::Still)
            return;
        MovedItem item;
        item.seriesId = name.id;
        item.subject = toQString(name.text());
        item.unit = toQString(name.unit);
        item.isRate = judged.measure == Measure::Rate;
        item.score = moved.score;
        item.before = moved.before;
        item.after = moved.after;
        if (moved.lag)
            item.lagNs = *moved.lag;
        item.verdict = moved.verdict == Verdict::Moved ? QStringLiteral("moved")
            : moved.verdict == Verdict::Earlier        ? QStringLiteral("moved earlier")
                                                       : QStringLiteral("no data here");
        const int group = moved.verdict == Verdict::Moved ? 0 : moved.verdict == Verdict::Earlier ? 1 : 2;
        rows.push_back({{group, -moved.score, name.id}, std::move(item)});
    };
    const auto scan = analysis::forEachSeries(*reader, *names, progress, take);
    if (!scan)
        return tl::unexpected(scan.error());
    std::sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    for (std::size_t i = 0; i < std::min<std::size_t>(200, rows.size()); ++i)
        answer.rows.push_back(std::move(rows[i].second));
    return answer;
}

Result<FoldAnswer> foldSeries(const store::Workspace &workspace, qint64 id, bool localTime)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(reader.error());
    const auto series = load(*reader, id);
    if (!series)
        return tl::unexpected(series.error());
    FoldAnswer answer;
    answer.name = toQString((*series)->name.text());
    answer.unit = toQString((*series)->name.unit);
    answer.isRate = (*series)->isCounter;
    const SeriesValues values = (*series)->as(SeriesMeasure::Auto);
    answer.week = analysis::foldByWeek(values, zoneOf(localTime));
    const analysis::DayFold days = analysis::foldByDay(values, zoneOf(localTime));
    answer.days = int(days.days.size());
    for (const auto &band : days.bands)
        answer.bands << QStringLiteral("%1 to %2 on %3 of %4 days")
                            .arg(clockText(band.first), clockText(band.last + 1))
                            .arg(band.recurs)
                            .arg(days.days.size());
    return answer;
}

Result<QString> laneCsv(const store::Workspace &workspace, const QVector<qint64> &ids, TimeRange window,
    SeriesMeasure measure)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(reader.error());
    QString text = QStringLiteral("ts_ns,time,series,value\n");
    int rows = 0;
    for (const qint64 id : ids) {
        const auto series = load(*reader, id);
        if (!series)
            return tl::unexpected(series.error());
        const SeriesValues values
            = window.isEmpty() ? (*series)->as(measure) : analysis::part((*series)->as(measure), window);
        QString name = toQString((*series)->name.text());
        name.replace(QLatin1Char('"'), QStringLiteral("\"\""));
        for (std::size_t i = 0; i < values.size() && rows < 200'000; ++i, ++rows)
            text += QStringLiteral("%1,%2,\"%3\",%4\n")
                        .arg(values.ts[i])
                        .arg(QString::fromStdString(utcTimestamp(values.ts[i])), name,
                            QString::number(values.values[i], 'g', 15));
    }
    return text;
}

QString laneSql(const QVector<qint64> &ids, TimeRange window)
{
    QStringList list;
    for (const qint64 id : ids.mid(0, 200))
        list << QString::number(id);
    return QStringLiteral("SELECT s.metric, s.service, s.instance, p.ts_ns, p.value, s.unit\n"
                          "FROM point AS p JOIN series AS s ON s.id = p.series_id\n"
                          "WHERE p.series_id IN (%1)%2\nORDER BY p.series_id, p.ts_ns LIMIT 100000;")
        .arg(list.isEmpty() ? QStringLiteral("0") : list.join(QStringLiteral(", ")),
            window.isEmpty()
                ? QString()
                : QStringLiteral(" AND p.ts_ns >= %1 AND p.ts_ns < %2").arg(window.begin).arg(window.end));
}

} // namespace tailscope::items
