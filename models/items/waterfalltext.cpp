// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/waterfalltext.h"

#include "base/text.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace tailscope::items {

using analysis::CallGroup;
using analysis::kNoRow;
using analysis::TimeClass;
using analysis::TraceGap;

namespace {

QString tr(const char *text) { return QCoreApplication::translate("WaterfallText", text); }

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString human(Nanos ns) { return fromUtf8(humanDuration(ns)); }

QString exact(Nanos ns) { return fromUtf8(exactDuration(ns)); }

QString offset(const WaterfallTrace &trace, Nanos ns)
{
    const Nanos from = saturatingSub(ns, trace.begin());
    return (from < 0 ? QStringLiteral("−") : QStringLiteral("+")) + human(from < 0 ? -from : from);
}

QString groupName(const WaterfallTrace &trace, const CallGroup &group)
{
    const QString n = fromUtf8(groupedCount(std::int64_t(group.calls.size())));
    if (group.kind == CallGroup::Kind::FanOut && group.fingerprint.empty())
        return tr("%1 parallel, slowest %2").arg(n, human(group.longest));
    const QString name = group.fingerprint.empty() ? fromUtf8(trace.operation(group.calls.front()))
                                                   : fromUtf8(group.fingerprint);
    const QString manner = group.kind == CallGroup::Kind::Retry ? tr("attempts")
        : group.maxParallel <= 1                                ? tr("sequential")
        : group.maxParallel >= group.calls.size() ? tr("parallel, slowest %1").arg(human(group.longest))
                                                  : tr("up to %1 at a time").arg(group.maxParallel);
    return tr("%1 × %2, %3, %4").arg(n, name, human(group.total), manner);
}

QString bandName(const WaterfallRow &row)
{
    if (row.kind == WaterfallRow::Kind::AsyncBand)
        return row.index == 1 ? tr("Asynchronous: 1 span nobody waits for")
                              : tr("Asynchronous: %1 spans nobody waits for").arg(row.index);
    return row.index == 1 ? tr("Beside the request: 1 root whose parent never arrived")
                          : tr("Beside the request: %1 roots whose parents never arrived").arg(row.index);
}

void addSpanLines(QStringList &lines, const WaterfallTrace &trace, std::uint32_t span)
{
    const Nanos duration = trace.spans.duration[span];
    lines << (duration == kUnknownNanos
            ? tr("duration unknown")
            : tr("%1, %2 of the request").arg(exact(duration), shareOfText(duration, trace.request())));
    lines << tr("starts at %1").arg(offset(trace, trace.spans.start[span]));
    const Nanos self = trace.selfOf(span);
    if (self != kUnknownNanos && trace.spans.firstChild[span] != kNoRow)
        lines << tr("own time (in no synchronous child) %1").arg(exact(self));
    if (self != 0)
        lines << tr("own time is: %1").arg(timeClassText(trace.classOf(span)));
    if (trace.onPath[span] > 0)
        lines << tr("on the critical path with %1").arg(exact(trace.onPath[span]));
    if (trace.isError(span))
        lines << tr("status: error");
    if (trace.spans.isAsync[span] && trace.spans.parent[span] != kNoRow) {
        const std::uint32_t above = trace.spans.parent[span];
        const Nanos after = saturatingSub(trace.spans.start[span], trace.spans.endOf(above));
        lines << (after >= 0
                ? tr("asynchronous: starts %1 after the end of %2")
                      .arg(exact(after), fromUtf8(trace.operation(above)))
                : tr("asynchronous: %1 does not wait for it").arg(fromUtf8(trace.operation(above))));
    }
    if (const Nanos shift = trace.shiftOf(span); shift != 0)
        lines << tr("clock corrected by %1; recorded start %2")
                     .arg((shift < 0 ? QStringLiteral("−") : QStringLiteral("+"))
                             + exact(shift < 0 ? -shift : shift),
                         offset(trace, saturatingSub(trace.spans.start[span], shift)));
    if (const std::size_t marks = trace.marksOf(span).size(); marks > 0)
        lines << (marks == 1 ? tr("1 event") : tr("%1 events").arg(marks));
}

} // namespace

QString timeClassText(TimeClass timeClass)
{
    switch (timeClass) {
    case TimeClass::Processing:
        return tr("processing");
    case TimeClass::Network:
        return tr("network");
    case TimeClass::Wait:
        return tr("wait");
    case TimeClass::Unknown:
        break;
    }
    return tr("unknown");
}

QChar timeClassLetter(TimeClass timeClass)
{
    switch (timeClass) {
    case TimeClass::Processing:
        return QLatin1Char('P');
    case TimeClass::Network:
        return QLatin1Char('N');
    case TimeClass::Wait:
        return QLatin1Char('W');
    case TimeClass::Unknown:
        break;
    }
    return QLatin1Char('?');
}

QString shareOfText(Nanos part, Nanos whole)
{
    if (whole <= 0 || part == kUnknownNanos)
        return {};
    const double percent = 100.0 * double(part) / double(whole);
    if (percent > 0 && percent < 0.05)
        return QStringLiteral("< 0.1 %");
    if (percent > 100.05) // lies in work that goes on after the request
        return QStringLiteral("> 100 %");
    return QStringLiteral("%1 %").arg(percent, 0, 'f', 1);
}

QString gapPlaceText(const WaterfallTrace &trace, const TraceGap &gap)
{
    const auto name = [&](std::uint32_t span) { return fromUtf8(trace.operation(span)); };
    switch (gap.place) {
    case TraceGap::Place::BeforeFirst:
        return tr("before %1").arg(name(gap.after));
    case TraceGap::Place::AfterLast:
        return tr("after %1").arg(name(gap.before));
    case TraceGap::Place::Between:
        break;
    }
    return tr("between %1 and %2").arg(name(gap.before), name(gap.after));
}

QString waterfallRowName(const WaterfallTrace &trace, const WaterfallRow &row)
{
    switch (row.kind) {
    case WaterfallRow::Kind::Span:
        return fromUtf8(trace.operation(row.index));
    case WaterfallRow::Kind::Gap: {
        const TraceGap &gap = trace.gaps[row.index];
        return tr("time in no span: %1 (%2), %3")
            .arg(human(gap.duration), shareOfText(gap.duration, trace.request()), gapPlaceText(trace, gap));
    }
    case WaterfallRow::Kind::Group:
        return groupName(trace, trace.groups[row.index]);
    default:
        return bandName(row);
    }
}

QStringList waterfallRowLines(const WaterfallTrace &trace, const WaterfallRow &row)
{
    QStringList lines;
    switch (row.kind) {
    case WaterfallRow::Kind::Span:
        lines << QStringLiteral("%1: %2").arg(fromUtf8(trace.serviceName(row.index)),
            fromUtf8(trace.operation(row.index)));
        addSpanLines(lines, trace, row.index);
        for (const WaterfallTrace::Link &link : trace.links) {
            if (link.span == row.index)
                lines << (link.isIncoming ? tr("linked from span %1 of trace %2")
                                          : tr("links to span %1 of trace %2"))
                             .arg(link.otherSpanKey.isEmpty() ? QStringLiteral("–") : link.otherSpanKey,
                                 link.otherTraceKey.isEmpty() ? QStringLiteral("–") : link.otherTraceKey);
        }
        break;
    case WaterfallRow::Kind::Gap: {
        const TraceGap &gap = trace.gaps[row.index];
        lines << tr("Time in no span of %1").arg(fromUtf8(trace.operation(gap.span)))
              << tr("%1, %2 of the request")
                     .arg(exact(gap.duration), shareOfText(gap.duration, trace.request()))
              << gapPlaceText(trace, gap) << tr("starts at %1").arg(offset(trace, gap.start))
              << tr("class: %1").arg(timeClassText(gap.timeClass));
        if (gap.timeClass == TimeClass::Unknown)
            lines << tr("nothing in the trace says whether it works or waits here: add a span");
        break;
    }
    case WaterfallRow::Kind::Group: {
        const CallGroup &group = trace.groups[row.index];
        lines << groupName(trace, group)
              << tr("in all %1, slowest %2").arg(exact(group.total), exact(group.longest))
              << fromUtf8(group.detail);
        if (group.saving > 0)
            lines << tr("the usual remedy saves up to %1 (%2)")
                         .arg(exact(group.saving), shareOfText(group.saving, trace.request()));
        break;
    }
    default:
        lines << bandName(row);
    }
    return lines;
}

QString waterfallRowDetails(const WaterfallTrace &trace, const WaterfallRow &row)
{
    QStringList lines;
    const auto add = [&lines](const char *name, const QString &value) {
        lines << QString::fromLatin1(name) + QLatin1Char('\t') + value;
    };
    const auto number = [](Nanos ns) { return ns == kUnknownNanos ? QString() : QString::number(ns); };
    add("trace_key", trace.key);
    add("row", waterfallRowName(trace, row));
    const TimeRange range = intervalOfRow(trace, row);
    if (const std::uint32_t span = spanOfRow(trace, row); span != kNoRow) {
        add("span_id", QString::number(trace.spanId(span)));
        add("service", fromUtf8(trace.serviceName(span)));
        add("operation", fromUtf8(trace.operation(span)));
    }
    add("start_ns", number(range.begin));
    if (row.kind == WaterfallRow::Kind::Span) {
        add("duration_ns", number(trace.spans.duration[row.index]));
        add("self_ns", number(trace.selfOf(row.index)));
        add("critical_ns", number(trace.onPath[row.index]));
        add("shift_ns", number(trace.shiftOf(row.index)));
        add("class", timeClassText(trace.classOf(row.index)));
    } else if (row.kind == WaterfallRow::Kind::Gap) {
        add("duration_ns", number(trace.gaps[row.index].duration));
        add("class", timeClassText(trace.gaps[row.index].timeClass));
    } else if (row.kind == WaterfallRow::Kind::Group) {
        add("n", QString::number(trace.groups[row.index].calls.size()));
        add("total_ns", number(trace.groups[row.index].total));
        add("saving_ns", number(trace.groups[row.index].saving));
    }
    return lines.join(QLatin1Char('\n'));
}

QString waterfallText(const WaterfallTrace &trace, const std::vector<WaterfallRow> &rows)
{
    QString text
        = tr("trace %1, %2, %3 spans\n")
              .arg(trace.key, human(trace.request()), fromUtf8(groupedCount(std::int64_t(trace.size()))));
    for (int i = 0; i < analysis::kTimeClasses; ++i) {
        if (trace.totals[std::size_t(i)] > 0)
            text += QStringLiteral("%1 %2 (%3)  ")
                        .arg(timeClassText(TimeClass(i)), human(trace.totals[std::size_t(i)]),
                            shareOfText(trace.totals[std::size_t(i)], trace.request()));
    }
    text += QLatin1Char('\n');
    for (const WaterfallRow &row : rows) {
        const TimeRange range = intervalOfRow(trace, row);
        QString line = QString(int(std::min(row.depth, 60U)) * 2, QLatin1Char(' '));
        if (row.kind == WaterfallRow::Kind::Span)
            line += fromUtf8(trace.serviceName(row.index)) + QStringLiteral(": ");
        line += waterfallRowName(trace, row);
        if (row.kind == WaterfallRow::Kind::Span) {
            line += QStringLiteral("  ") + offset(trace, range.begin) + QStringLiteral("  ")
                + human(trace.spans.duration[row.index]);
            if (row.hasChildren)
                line += tr("  own %1").arg(human(trace.selfOf(row.index)));
            line += QStringLiteral("  ") + timeClassText(trace.classOf(row.index));
            if (trace.onPath[row.index] > 0)
                line += tr("  critical");
            if (trace.isError(row.index))
                line += tr("  ERROR");
        } else if (row.kind == WaterfallRow::Kind::Gap) {
            line += QStringLiteral("  ") + timeClassText(trace.gaps[row.index].timeClass);
        }
        text += line + QLatin1Char('\n');
    }
    return text;
}

QString waterfallSql(qint64 traceId)
{
    return QStringLiteral(
        "SELECT id, parent_id, depth, service, operation, kind, status, start_ns, duration_ns,\n"
        "  self_ns, gap_ns\n"
        "FROM span WHERE trace_id = %1 ORDER BY start_ns, duration_ns DESC LIMIT 10000;")
        .arg(traceId);
}

} // namespace tailscope::items
