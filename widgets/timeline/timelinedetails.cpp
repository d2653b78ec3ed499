// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelinedetails.h"

#include "base/text.h"
#include "session/sessioncontext.h"
#include "widgets/timeline/timelineheaders.h"
#include "widgets/timeline/timelineseries.h"

#include <QCoreApplication>
#include <QStringList>

namespace tailscope::widgets {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("TimelineDetails", text); }

QString toQString(const std::string &text) { return QString::fromStdString(text); }

QString tableRow(const QString &label, const QString &value)
{
    return QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>").arg(label, value.toHtmlEscaped());
}

QString kindText(std::uint8_t kind)
{
    switch (SpanKind(kind)) {
    case SpanKind::Server:
        return QStringLiteral("server");
    case SpanKind::Client:
        return QStringLiteral("client");
    case SpanKind::Producer:
        return QStringLiteral("producer");
    case SpanKind::Consumer:
        return QStringLiteral("consumer");
    case SpanKind::Async:
        return QStringLiteral("async");
    case SpanKind::Internal:
        break;
    }
    return QStringLiteral("internal");
}

QString statusText(const analysis::SpanColumns &columns, std::uint32_t row)
{
    QString text = columns.status[row] == std::uint8_t(SpanStatus::Error) ? QStringLiteral("error")
        : columns.status[row] == std::uint8_t(SpanStatus::Ok)             ? QStringLiteral("ok")
                                                                          : QStringLiteral("unset");
    if (columns.httpStatus[row] != 0)
        text += QStringLiteral(", HTTP %1").arg(columns.httpStatus[row]);
    return text;
}

QString exact(Nanos duration)
{
    return duration == kUnknownNanos ? tr("unknown") : toQString(exactDuration(duration));
}

} // namespace

QString spanLine(const analysis::SpanColumns &columns, std::uint32_t row,
    const session::SessionContext &context, Nanos shift)
{
    const Nanos duration = columns.duration[row];
    QStringList parts;
    parts << QStringLiteral("%1: %2").arg(toQString(columns.operations[columns.operation[row]]),
        duration == kUnknownNanos ? tr("no end") : toQString(humanDuration(duration)));
    parts << tr("self %1").arg(toQString(humanDuration(columns.self[row])));
    if (columns.status[row] == std::uint8_t(SpanStatus::Error))
        parts << tr("error");
    parts << context.timeText(saturatingAdd(columns.start[row], shift));
    parts << toQString(columns.tracks[columns.track[row]].title());
    return parts.join(QStringLiteral(" · "));
}

QString spanToolTip(const analysis::SpanColumns &columns, std::uint32_t row,
    const session::SessionContext &context, Nanos shift)
{
    QString text = QStringLiteral("<p style='white-space:pre-wrap'><b>%1</b></p><table>")
                       .arg(toQString(columns.operations[columns.operation[row]]).toHtmlEscaped());
    text += tableRow(tr("Track"), toQString(columns.tracks[columns.track[row]].title()));
    text += tableRow(tr("Start"), context.timeText(saturatingAdd(columns.start[row], shift)));
    text += tableRow(tr("Duration"), exact(columns.duration[row]));
    text += tableRow(tr("Self"), exact(columns.self[row]));
    const std::uint32_t parent = columns.parent[row];
    if (parent < columns.size())
        text += tableRow(tr("Parent"), toQString(columns.operations[columns.operation[parent]]));
    text += tableRow(tr("Status"), statusText(columns, row));
    text += tableRow(tr("Kind"), kindText(columns.kind[row]));
    text += QStringLiteral("</table><p>%1</p>")
                .arg(tr("Self: the duration without the time covered by synchronous children.")
                         .toHtmlEscaped());
    if (columns.duration[row] == kUnknownNanos)
        text += QStringLiteral("<p>%1</p>").arg(tr("The file states no end for this span.").toHtmlEscaped());
    if (shift != 0)
        text += QStringLiteral("<p>%1</p>")
                    .arg(tr("The clock of its source is not aligned: the start is moved.").toHtmlEscaped());
    return text;
}

QString foldedToolTip(const analysis::SpanColumns &columns, const analysis::LaneItem &item)
{
    QString text = tr("%1 spans in one bar").arg(toQString(groupedCount(item.count)));
    if (item.errors > 0)
        text += tr(", %1 of them errors").arg(toQString(groupedCount(item.errors)));
    return text
        + tr("; the longest: %1, %2. Zoom in to tell them apart.")
              .arg(toQString(columns.operations[columns.operation[item.row]]),
                  exact(columns.duration[item.row]));
}

QString spanDetails(const analysis::SpanColumns &columns, std::uint32_t row,
    const session::SessionContext &context)
{
    QStringList lines;
    const auto add = [&lines](const QString &name, QString value) {
        value.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
        lines << name + QLatin1Char('\t') + value;
    };
    const auto nanos = [](Nanos ns) { return ns == kUnknownNanos ? QString() : QString::number(ns); };
    const analysis::TrackInfo &track = columns.tracks[columns.track[row]];
    add(QStringLiteral("span_id"), QString::number(columns.id(row)));
    add(QStringLiteral("operation"), toQString(columns.operations[columns.operation[row]]));
    add(QStringLiteral("service"), toQString(track.service));
    add(QStringLiteral("instance"), toQString(track.instance));
    add(QStringLiteral("process"), toQString(track.process));
    add(QStringLiteral("thread"), toQString(track.thread));
    add(QStringLiteral("start"), context.timeText(columns.start[row]));
    add(QStringLiteral("start_ns"), nanos(columns.start[row]));
    add(QStringLiteral("duration_ns"), nanos(columns.duration[row]));
    add(QStringLiteral("self_ns"), nanos(columns.self[row]));
    add(QStringLiteral("kind"), kindText(columns.kind[row]));
    add(QStringLiteral("status"), statusText(columns, row));
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

QString rowToolTip(const items::TimelineRow &row, const items::TimelineModel &model)
{
    using Kind = items::TimelineRow::Kind;
    QString text = QStringLiteral("<p style='white-space:pre-wrap'><b>%1</b></p>")
                       .arg(TimelineHeaders::titleOf(row).toHtmlEscaped());
    if (row.kind == Kind::Track) {
        text += QStringLiteral("<table>");
        if (const items::TrackFigures *figures = model.figures(row.track)) {
            text += tableRow(tr("Spans"), toQString(groupedCount(figures->spans)));
            text += tableRow(tr("Errors"), toQString(groupedCount(figures->errors)));
            text += tableRow(tr("Busy (sum of self times)"), toQString(exactDuration(figures->busyNs)));
        }
        text += tableRow(tr("Lanes"), toQString(groupedCount(row.laneCount)));
        text += QStringLiteral("</table>");
    } else if (row.kind == Kind::Series) {
        if (const items::SeriesInfo *info = model.series()->info(row.seriesId)) {
            text += QStringLiteral("<table>") + tableRow(tr("Kind"), info->kind);
            if (!info->labels.isEmpty())
                text += tableRow(tr("Labels"), info->labels);
            if (!info->unit.isEmpty())
                text += tableRow(tr("Unit"), info->unit);
            if (!info->service.isEmpty())
                text += tableRow(tr("Service"), info->service);
            text += QStringLiteral("</table>");
        }
    } else if (row.isCollapsed || row.kind == Kind::Density) {
        text
            += tr("The curve is the share of time in which its tracks run a root span, mean over the tracks.")
                   .toHtmlEscaped();
    }
    if (row.shift != 0)
        text
            += QStringLiteral("<p>%1</p>")
                   .arg(tr("Its clock is not aligned with the others: its times are moved.").toHtmlEscaped());
    return text;
}

QString pointLine(const items::SeriesInfo &series, const analysis::DecimatedPoint &point,
    const session::SessionContext &context, Nanos shift)
{
    QString value = seriesValueText(point.last, series.unit);
    if (point.count > 1) {
        value = tr("%1 (smallest %2, largest %3 of %4 points)")
                    .arg(value, seriesValueText(point.min, series.unit),
                        seriesValueText(point.max, series.unit), toQString(groupedCount(point.count)));
    }
    return QStringLiteral("%1: %2 · %3")
        .arg(series.metric, value, context.timeText(saturatingAdd(point.ts, shift)));
}

} // namespace tailscope::widgets
