// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/live/livecharts.h"

#include "items/livemodel.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::widgets {

namespace {

using items::LiveLine;
using items::LiveModel;

constexpr int kMaxLines = 8; ///< of replicas or pools in one chart
constexpr qsizetype kMaxMarks = 30;

QString tr(const char *text) { return QCoreApplication::translate("LiveCharts", text); }

PlotContent timePlot(const LiveModel &model, const QString &title, PlotUnit unit, const QString &measure)
{
    PlotContent content;
    content.title = title;
    content.selectable = true;
    content.x.unit = PlotUnit::Time;
    content.x.title = tr("Time");
    content.y.unit = unit;
    content.y.title = measure;
    content.y.low = 0;
    const auto picture = model.picture();
    if (!picture || picture->window.isEmpty())
        return content;
    content.x.origin = picture->bins.begin;
    content.x.low = double(picture->window.begin - content.x.origin);
    content.x.high = double(picture->window.end - content.x.origin);
    return content;
}

PlotSeries seriesOf(const LiveModel &model, const QString &name, int color, const std::vector<double> &line)
{
    PlotSeries series;
    series.name = name;
    series.colorIndex = color;
    const auto picture = model.picture();
    const items::LiveBins &bins = picture->bins;
    for (std::size_t bin = 0; bin < std::min(bins.count, line.size()); ++bin) {
        // At its end, which for the newest bin is the moment.
        series.x.push_back(double(std::min(bins.endOf(bin), picture->window.end) - bins.begin));
        series.y.push_back(line[bin]);
    }
    return series;
}

struct Part
{
    LiveLine line;
    const char *name;
    int color;
};

/// Sums, one on the other, the first lowest.
void addStack(PlotContent &content, const LiveModel &model, std::span<const Part> parts)
{
    std::vector<double> sum;
    for (const Part &part : parts) {
        const std::vector<double> line = model.line(part.line);
        if (line.empty())
            continue;
        // A part without anything in sight keeps its name out of the legend.
        const bool isEver = std::any_of(line.begin(), line.end(), [](double value) { return value > 0; });
        items::addLine(sum, line);
        if (!isEver && &part != &parts.front())
            continue;
        PlotSeries series = seriesOf(model, tr(part.name), part.color, sum);
        series.filled = true;
        content.series.push_back(std::move(series));
    }
}

void addLines(PlotContent &content, const LiveModel &model, std::span<const Part> parts, double factor = 1)
{
    for (const Part &part : parts) {
        std::vector<double> line = model.line(part.line);
        if (!items::isKnown(line))
            continue;
        for (double &value : line)
            value *= factor;
        content.series.push_back(seriesOf(model, tr(part.name), part.color, line));
    }
}

/// What happened, as flags in the first chart.
void addEvents(PlotContent &content, const LiveModel &model)
{
    const auto picture = model.picture();
    if (!picture)
        return;
    for (const items::LiveEvent &event : model.eventRows()) {
        if (event.tsNs < picture->window.begin || event.tsNs >= picture->window.end
            || (!event.server.empty() && !model.isChosen(event.server)) || content.marks.size() >= kMaxMarks)
            continue;
        QString label = QString::fromStdString(event.kind).replace(QLatin1Char('_'), QLatin1Char(' '));
        content.marks.append({double(event.tsNs - content.x.origin), label,
            QString::fromStdString(event.title), event.kind == "checkpoint" || event.kind == "vacuum", {}});
    }
}

PlotContent sessions(const LiveModel &model)
{
    static constexpr std::array<Part, 4> kParts{
        {{LiveLine::Active, QT_TRANSLATE_NOOP("LiveCharts", "active"), 2},
            {LiveLine::IdleInTransaction, QT_TRANSLATE_NOOP("LiveCharts", "idle in transaction"), 1},
            {LiveLine::Idle, QT_TRANSLATE_NOOP("LiveCharts", "idle"), 7},
            {LiveLine::OtherState, QT_TRANSLATE_NOOP("LiveCharts", "other or hidden"), 3}}};
    PlotContent content
        = timePlot(model, tr("Sessions by state (stacked)"), PlotUnit::Count, tr("Client sessions"));
    addStack(content, model, kParts);
    addEvents(content, model);
    return content;
}

PlotContent waits(const LiveModel &model)
{
    static constexpr std::array<Part, 6> kParts{{{LiveLine::OnCpu, QT_TRANSLATE_NOOP("LiveCharts", "CPU"), 2},
        {LiveLine::IoWait, QT_TRANSLATE_NOOP("LiveCharts", "I/O"), 0},
        {LiveLine::LockWait, QT_TRANSLATE_NOOP("LiveCharts", "lock"), 5},
        {LiveLine::LwLockWait, QT_TRANSLATE_NOOP("LiveCharts", "lightweight lock"), 1},
        {LiveLine::ClientWait, QT_TRANSLATE_NOOP("LiveCharts", "client"), 4},
        {LiveLine::OtherWait, QT_TRANSLATE_NOOP("LiveCharts", "other"), 7}}};
    PlotContent content = timePlot(model, tr("Active sessions by wait (stacked)"), PlotUnit::Count,
        tr("Mean active sessions"));
    addStack(content, model, kParts);
    return content;
}

PlotContent transactions(const LiveModel &model)
{
    static constexpr std::array<Part, 2> kParts{
        {{LiveLine::Commits, QT_TRANSLATE_NOOP("LiveCharts", "commits"), 0},
            {LiveLine::Rollbacks, QT_TRANSLATE_NOOP("LiveCharts", "rollbacks"), 5}}};
    PlotContent content
        = timePlot(model, tr("Transactions/s"), PlotUnit::Count, tr("Transactions per second"));
    addLines(content, model, kParts);
    return content;
}

PlotContent hitRatio(const LiveModel &model)
{
    PlotContent content = timePlot(model, tr("Buffer hits"), PlotUnit::Share,
        tr("Blocks found in shared buffers, of those asked for; a gap where nothing was read"));
    content.y.high = 1;
    const std::vector<double> ratio = model.hitRatio();
    if (items::isKnown(ratio)) {
        content.series.push_back(seriesOf(model, tr("hit ratio of each moment"), 2, ratio));
        // The whole scale would draw 99.9 % and 95 % as one line.
        double least = 1;
        for (const double value : ratio) {
            if (!std::isnan(value))
                least = std::min(least, value);
        }
        content.y.low = least > 0.95 ? 0.94 : least > 0.8 ? 0.75 : 0;
    }
    return content;
}

PlotContent rowsRead(const LiveModel &model)
{
    static constexpr std::array<Part, 2> kParts{
        {{LiveLine::RowsReturned, QT_TRANSLATE_NOOP("LiveCharts", "scanned"), 7},
            {LiveLine::RowsFetched, QT_TRANSLATE_NOOP("LiveCharts", "fetched by index"), 0}}};
    PlotContent content = timePlot(model, tr("Rows read/s"), PlotUnit::Count, tr("Rows per second"));
    addLines(content, model, kParts);
    return content;
}

PlotContent rowsWritten(const LiveModel &model)
{
    static constexpr std::array<Part, 3> kParts{
        {{LiveLine::RowsInserted, QT_TRANSLATE_NOOP("LiveCharts", "inserted"), 2},
            {LiveLine::RowsUpdated, QT_TRANSLATE_NOOP("LiveCharts", "updated"), 0},
            {LiveLine::RowsDeleted, QT_TRANSLATE_NOOP("LiveCharts", "deleted"), 5}}};
    PlotContent content = timePlot(model, tr("Rows written/s"), PlotUnit::Count, tr("Rows per second"));
    addLines(content, model, kParts);
    return content;
}

PlotContent wal(const LiveModel &model)
{
    static constexpr std::array<Part, 1> kParts{
        {{LiveLine::WalBytes, QT_TRANSLATE_NOOP("LiveCharts", "written"), 4}}};
    PlotContent content = timePlot(model, tr("WAL bytes/s"), PlotUnit::Bytes, tr("Bytes per second"));
    addLines(content, model, kParts);
    return content;
}

PlotContent checkpoints(const LiveModel &model)
{
    static constexpr std::array<Part, 3> kParts{
        {{LiveLine::CheckpointsTimed, QT_TRANSLATE_NOOP("LiveCharts", "checkpoints by time"), 7},
            {LiveLine::CheckpointsRequested, QT_TRANSLATE_NOOP("LiveCharts", "requested"), 1},
            {LiveLine::Deadlocks, QT_TRANSLATE_NOOP("LiveCharts", "deadlocks"), 5}}};
    PlotContent content = timePlot(model, tr("Per minute"), PlotUnit::Count, tr("Per minute"));
    addLines(content, model, kParts, 60);
    return content;
}

PlotContent temp(const LiveModel &model)
{
    static constexpr std::array<Part, 1> kParts{
        {{LiveLine::TempBytes, QT_TRANSLATE_NOOP("LiveCharts", "written to temporary files"), 1}}};
    PlotContent content = timePlot(model, tr("Temporary bytes/s"), PlotUnit::Bytes, tr("Bytes per second"));
    addLines(content, model, kParts);
    return content;
}

PlotContent replicas(const LiveModel &model, bool isTime)
{
    PlotContent content = isTime
        ? timePlot(model, tr("Replication lag"), PlotUnit::Duration, tr("Time behind"))
        : timePlot(model, tr("Replication, bytes behind"), PlotUnit::Bytes, tr("Not replayed yet"));
    const auto picture = model.picture();
    int color = 0;
    for (const items::LiveReplica &replica :
        picture ? picture->replicas : std::vector<items::LiveReplica>()) {
        std::vector<double> line = isTime ? replica.lagSeconds : replica.bytesBehind;
        if (!items::isKnown(line) || color == kMaxLines
            || (!replica.server.empty() && !model.isChosen(replica.server)))
            continue;
        for (double &value : line)
            value *= isTime ? 1e9 : 1;
        QString name = QString::fromStdString(replica.name);
        if (!replica.server.empty())
            name = tr("%1, says %2").arg(name, QString::fromStdString(replica.server));
        content.series.push_back(seriesOf(model, name, color++, line));
    }
    return content;
}

PlotContent lagTime(const LiveModel &model) { return replicas(model, true); }
PlotContent lagBytes(const LiveModel &model) { return replicas(model, false); }

PlotContent pools(const LiveModel &model)
{
    PlotContent content
        = timePlot(model, tr("Pools"), PlotUnit::Count, tr("Server connections in use, clients waiting"));
    const auto picture = model.picture();
    int color = 0;
    for (const items::LivePool &pool : picture ? picture->pools : std::vector<items::LivePool>()) {
        const bool isUsed = items::isKnown(pool.active)
            && std::any_of(pool.active.begin(), pool.active.end(), [](double value) { return value > 0; });
        const bool isWaited
            = std::any_of(pool.waiting.begin(), pool.waiting.end(), [](double value) { return value > 0; });
        if ((!isUsed && !isWaited && picture->pools.size() > 1) || color + 1 >= kMaxLines
            || (!pool.server.empty() && !model.isChosen(pool.server)))
            continue;
        const QString name = QString::fromStdString(pool.name);
        content.series.push_back(seriesOf(model, tr("%1 in use").arg(name), color, pool.active));
        PlotSeries waiting = seriesOf(model, tr("%1 waiting").arg(name), color + 1, pool.waiting);
        content.series.push_back(std::move(waiting));
        if (items::isKnown(pool.capacity)) {
            PlotSeries size = seriesOf(model, tr("%1 size").arg(name), color, pool.capacity);
            size.pen = Qt::DotLine;
            content.series.push_back(std::move(size));
        }
        color += 2;
    }
    return content;
}

} // namespace

std::span<const LiveChart> liveCharts()
{
    static constexpr auto kCharts = std::to_array<LiveChart>({{"sessions", sessions}, {"waits", waits},
        {"transactions", transactions}, {"hits", hitRatio}, {"rows_read", rowsRead},
        {"rows_written", rowsWritten}, {"wal", wal}, {"checkpoints", checkpoints}, {"temp", temp},
        {"lag", lagTime}, {"lag_bytes", lagBytes}, {"pools", pools}});
    return kCharts;
}

} // namespace tailscope::widgets
