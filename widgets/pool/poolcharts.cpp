// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pool/poolcharts.h"

#include "items/liverefresh.h"
#include "items/poolmodel.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

using analysis::PoolBin;

QString tr(const char *text) { return QCoreApplication::translate("PoolCharts", text); }

template<typename Value>
PlotSeries seriesOf(const items::PoolPicture &picture, Nanos origin, const QString &name, int color,
    Value value)
{
    PlotSeries series;
    series.name = name;
    series.colorIndex = color;
    series.maxGap = double(picture.gapNs);
    for (const PoolBin &bin : picture.bins) {
        series.x.push_back(double(bin.tsNs - origin));
        series.y.push_back(value(bin));
    }
    return series;
}

bool isKnown(const PlotSeries &series)
{
    return std::any_of(series.y.begin(), series.y.end(), [](double y) { return !std::isnan(y); });
}

PlotContent timePlot(const items::PoolModel &model, const session::Session &session, const QString &title)
{
    PlotContent content;
    content.title = title;
    content.selectable = true;
    content.x.unit = PlotUnit::Time;
    content.x.title = tr("Time");
    const auto picture = model.picture();
    if (!picture || picture->bins.empty())
        return content;
    content.x.origin = picture->bins.front().tsNs;
    Nanos first = content.x.origin, last = picture->bins.back().tsNs;
    if (const auto range = items::shownRange(session); range && range->begin < last && range->end > first) {
        first = std::max(first, range->begin);
        last = std::min(last, range->end);
    }
    content.x.low = double(first - content.x.origin);
    content.x.high = double(std::max(last, first + 1) - content.x.origin);
    for (const session::Marker &marker : session.markers()) {
        if (marker.tsNs >= first && marker.tsNs <= last && content.marks.size() < 40)
            content.marks.append({double(marker.tsNs - content.x.origin),
                marker.kind == QLatin1String("note") ? marker.title : marker.kind, marker.title, false, {}});
    }
    return content;
}

void addLine(PlotContent &content, const items::PoolPicture &picture, const QString &name, double value,
    int color)
{
    if (std::isnan(value) || picture.bins.empty())
        return;
    PlotSeries line;
    line.name = name;
    line.colorIndex = color;
    line.pen = Qt::DashLine;
    line.x = {double(picture.bins.front().tsNs - content.x.origin),
        double(picture.bins.back().tsNs - content.x.origin)};
    line.y = {value, value};
    content.series.push_back(std::move(line));
}

} // namespace

PlotContent usePlot(const items::PoolModel &model, const session::Session &session)
{
    PlotContent content = timePlot(model, session, tr("In use"));
    content.labelsX = false;
    content.y.unit = PlotUnit::Count;
    content.y.title = tr("Members");
    content.y.low = 0;
    const auto picture = model.picture();
    const items::FigureRow *row = model.current();
    if (!picture || !row)
        return content;
    const Nanos origin = content.x.origin;
    const auto add = [&](const QString &name, int color, Qt::PenStyle pen, auto value) {
        PlotSeries series = seriesOf(*picture, origin, name, color, value);
        series.pen = pen;
        if (isKnown(series))
            content.series.push_back(std::move(series));
    };
    add(tr("in use"), 0, Qt::SolidLine, [](const PoolBin &bin) { return bin.active; });
    add(tr("open (in use + idle)"), 2, Qt::SolidLine,
        [](const PoolBin &bin) { return bin.active + bin.idle; });
    const double ceiling = row->number("ceiling_value");
    // A size far above what can be had would press everything else flat.
    if (!(row->number("capacity") > 2 * ceiling))
        add(tr("size"), 7, Qt::DotLine, [](const PoolBin &bin) { return bin.capacity; });
    addLine(content, *picture, QString::fromStdString(row->text("ceiling")) + tr(" = %1").arg(ceiling),
        ceiling, 5);
    return content;
}

PlotContent waitingPlot(const items::PoolModel &model, const session::Session &session)
{
    PlotContent content = timePlot(model, session, tr("Waiting"));
    content.labelsX = false;
    content.y.unit = PlotUnit::Count;
    content.y.title = tr("Requests");
    content.y.low = 0;
    content.marks.clear();
    const auto picture = model.picture();
    if (!picture)
        return content;
    const Nanos origin = content.x.origin;
    const auto add = [&](const QString &name, int color, auto value) {
        PlotSeries series = seriesOf(*picture, origin, name, color, value);
        if (isKnown(series))
            content.series.push_back(std::move(series));
    };
    add(tr("waiting"), 1, [](const PoolBin &bin) { return bin.waiting; });
    add(tr("arrivals/s"), 3, [](const PoolBin &bin) { return bin.arrivals; });
    add(tr("served/s"), 2, [](const PoolBin &bin) { return bin.throughput; });
    return content;
}

PlotContent waitPlot(const items::PoolModel &model, const session::Session &session)
{
    PlotContent content = timePlot(model, session, tr("Wait"));
    content.y.unit = PlotUnit::Duration;
    content.y.title = tr("Wait");
    content.y.logarithmic = true;
    content.marks.clear();
    const auto picture = model.picture();
    const items::FigureRow *row = model.current();
    if (!picture || !row)
        return content;
    const Nanos origin = content.x.origin;
    const auto add = [&](const QString &name, int color, auto value) {
        PlotSeries series = seriesOf(*picture, origin, name, color, [&](const PoolBin &bin) {
            const double ms = value(bin);
            return ms > 0 ? ms * 1e6 : std::numeric_limits<double>::quiet_NaN();
        });
        if (isKnown(series))
            content.series.push_back(std::move(series));
    };
    add(tr("P50"), 0, [](const PoolBin &bin) { return bin.waitP50Ms; });
    add(tr("P95"), 2, [](const PoolBin &bin) { return bin.waitP95Ms; });
    add(tr("P99"), 1, [](const PoolBin &bin) { return bin.waitP99Ms; });
    add(tr("mean, by counters"), 4, [](const PoolBin &bin) { return bin.meanWaitMs; });
    add(tr("held"), 3, [](const PoolBin &bin) { return bin.serviceMs; });
    addLine(content, *picture, tr("acquire time-out"), row->number("acquire_timeout_ms") * 1e6, 5);
    addLine(content, *picture, tr("client gives up"), row->number("client_timeout_ms") * 1e6, 6);
    return content;
}

PlotContent curvePlot(const items::PoolModel &model)
{
    PlotContent content;
    const items::FigureRow *row = model.current();
    content.x.unit = PlotUnit::Share;
    content.x.title = tr("Utilisation");
    content.x.low = 0;
    content.x.high = 1.02;
    content.y.unit = PlotUnit::Duration;
    content.y.title = tr("Wait");
    content.y.logarithmic = true;
    if (!row)
        return content;
    const double servers = row->number("ceiling_value"), service = row->number("service_ms");
    const items::PoolCurve curve = items::poolCurve(servers, service);
    content.title = tr("Wait of this pool (%1 servers)").arg(curve.servers);
    PlotSeries wait, response;
    wait.name = tr("P99 of the wait (Erlang C)");
    wait.colorIndex = 1;
    response.name = tr("mean response");
    response.colorIndex = 2;
    for (std::size_t i = 0; i < curve.utilisation.size(); ++i) {
        wait.x.push_back(curve.utilisation[i]);
        wait.y.push_back(
            curve.waitP99Ns[i] > 0 ? curve.waitP99Ns[i] : std::numeric_limits<double>::quiet_NaN());
        response.x.push_back(curve.utilisation[i]);
        response.y.push_back(curve.responseNs[i]);
    }
    content.series = {wait, response};
    PlotSeries measured;
    measured.name = tr("measured P99");
    measured.colorIndex = 0;
    measured.maxGap = -1; // every point by itself
    if (const auto picture = model.picture(); picture && servers > 0) {
        std::vector<std::pair<double, double>> points;
        for (const PoolBin &bin : picture->bins) {
            const double ms = std::isnan(bin.waitP99Ms) ? bin.prospectiveWaitMs() : bin.waitP99Ms;
            if (ms > 0 && !std::isnan(bin.active))
                points.emplace_back(std::min(1.0, bin.active / servers), ms * 1e6);
        }
        std::sort(points.begin(), points.end());
        const std::size_t step = points.size() / 2000 + 1;
        for (std::size_t i = 0; i < points.size(); i += step) {
            measured.x.push_back(points[i].first);
            measured.y.push_back(points[i].second);
        }
    }
    if (!measured.x.empty())
        content.series.push_back(std::move(measured));
    content.marks.append({0.6, tr("60 %"), tr("The zone to run in begins"), true, {}});
    content.marks.append({0.7, tr("70 %: alert"), tr("The zone to run in ends"), false, {}});
    if (curve.knee > 0)
        content.marks.append({curve.knee, tr("knee %1 %").arg(100 * curve.knee, 0, 'f', 1),
            tr("From here on one in a hundred waits longer than it is served"), false, {}});
    return content;
}

} // namespace tailscope::widgets
