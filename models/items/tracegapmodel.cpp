// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The table of the longest gaps.
#include "base/text.h"
#include "items/waterfallmodel.h"
#include "items/waterfalltext.h"

#include <algorithm>

namespace tailscope::items {

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// How much of a gap lies on the critical path.
Nanos criticalPart(const WaterfallTrace &trace, const analysis::TraceGap &gap)
{
    Nanos sum = 0;
    for (const analysis::PathSegment &segment : trace.path) {
        const Nanos begin = std::max(segment.start, gap.start);
        const Nanos end = std::min(saturatingAdd(segment.start, segment.duration),
            saturatingAdd(gap.start, gap.duration));
        if (segment.span == gap.span && end > begin)
            sum += end - begin;
    }
    return sum;
}

} // namespace

void TraceGapModel::setTrace(WaterfallModel::Trace trace)
{
    beginResetModel();
    m_trace = std::move(trace);
    endResetModel();
}

int TraceGapModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_trace ? 0 : int(m_trace->ranked.size());
}

int TraceGapModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant TraceGapModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const analysis::TraceGap &gap = m_trace->gaps[gapAt(index.row())];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        switch (column) {
        case Duration:
            return fromUtf8(humanDuration(gap.duration));
        case Share:
            return shareOfText(gap.duration, m_trace->request());
        case Where:
            return gapPlaceText(*m_trace, gap);
        case Inside:
            return fromUtf8(m_trace->serviceName(gap.span)) + QStringLiteral(": ")
                + fromUtf8(m_trace->operation(gap.span));
        case Class:
            return timeClassText(gap.timeClass);
        default:
            return criticalPart(*m_trace, gap) > 0 ? fromUtf8(humanDuration(criticalPart(*m_trace, gap)))
                                                   : QStringLiteral("–");
        }
    case Qt::ToolTipRole:
        return waterfallRowLines(*m_trace, {WaterfallRow::Kind::Gap, gapAt(index.row()), 0, false, false})
            .join(QLatin1Char('\n'));
    case Qt::TextAlignmentRole:
        return int((column == Where || column == Inside || column == Class ? Qt::AlignLeft : Qt::AlignRight)
            | Qt::AlignVCenter);
    case BarRole:
        return column == Share && m_trace->request() > 0
            ? QVariant(std::min(1.0, double(gap.duration) / double(m_trace->request())))
            : QVariant();
    case LevelRole:
        return 0;
    default:
        return {};
    }
}

QVariant TraceGapModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const QStringList titles{tr("Gap"), tr("Share"), tr("Where"), tr("Inside"), tr("Class"),
        tr("On Critical Path")};
    static const QStringList tips{tr("Time of a span in which none of its synchronous children runs"),
        tr("Share of the duration of the request"), tr("Between which of its children it lies"),
        tr("The span whose time it is"), tr("What the time probably is"),
        tr("How much of it the request waited for")};
    if (role == Qt::DisplayRole)
        return titles.value(section);
    return role == Qt::ToolTipRole ? QVariant(tips.value(section)) : QVariant();
}

QString TraceGapModel::toText(const QList<int> &rows) const
{
    QStringList lines{QStringLiteral("start_ns\tduration_ns\tplace\tspan_id\toperation\tclass\tcritical_ns")};
    for (const int row : rows) {
        const analysis::TraceGap &gap = m_trace->gaps[gapAt(row)];
        lines << QStringList{QString::number(gap.start), QString::number(gap.duration),
            gapPlaceText(*m_trace, gap), QString::number(m_trace->spanId(gap.span)),
            fromUtf8(m_trace->operation(gap.span)), timeClassText(gap.timeClass),
            QString::number(criticalPart(*m_trace, gap))}
                     .join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
