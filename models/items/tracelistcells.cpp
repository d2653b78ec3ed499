// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the cells of the trace list say.
#include "base/text.h"
#include "items/tracelistmodel.h"

#include <algorithm>

namespace tailscope::items {

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

bool isText(int column)
{
    return column == TraceListModel::Start || column == TraceListModel::Service
        || column == TraceListModel::Operation || column == TraceListModel::Key;
}

} // namespace

Nanos TraceListModel::nanos(std::size_t entry, int column) const
{
    switch (column) {
    case Start:
        return m_table->start[entry];
    case Duration:
        return m_table->duration[entry];
    default:
        break;
    }
    if (!m_table->hasTimes())
        return kUnknownNanos;
    return column == Wait      ? m_table->wait[entry]
        : column == Network    ? m_table->network[entry]
        : column == Processing ? m_table->processing[entry]
                               : m_table->largestGap[entry];
}

QString TraceListModel::text(std::size_t entry, int column) const
{
    switch (column) {
    case Start:
        return m_session->context()->timeText(m_table->start[entry]);
    case Service:
        return m_table->service(entry).empty() ? tr("unknown") : fromUtf8(m_table->service(entry));
    case Operation:
        return m_table->operation(entry).empty() ? tr("unknown") : fromUtf8(m_table->operation(entry));
    case Spans:
        return fromUtf8(groupedCount(m_table->spans[entry]));
    case Services:
        return fromUtf8(groupedCount(m_table->services[entry]));
    case Errors:
        return fromUtf8(groupedCount(m_table->errors[entry]));
    case Weight:
        return m_table->weight.empty() ? QStringLiteral("–")
                                       : QString::number(double(m_table->weight[entry]), 'g', 4);
    default: {
        const Nanos value = nanos(entry, column);
        return value == kUnknownNanos ? QStringLiteral("–") : fromUtf8(humanDuration(value));
    }
    }
}

QString TraceListModel::toolTip(std::size_t entry, int column) const
{
    switch (column) {
    case Duration: {
        QString tip = tr("Duration of the request (its root span): %1")
                          .arg(fromUtf8(exactDuration(m_table->duration[entry])));
        if (m_table->extent[entry] != m_table->duration[entry])
            tip += tr("\nFirst start to last end of any span: %1")
                       .arg(fromUtf8(exactDuration(m_table->extent[entry])));
        return tip;
    }
    case Wait:
    case Network:
    case Processing:
    case LargestGap:
        return nanos(entry, column) == kUnknownNanos ? tr("not computed for this trace")
                                                     : fromUtf8(exactDuration(nanos(entry, column)));
    case Weight:
        return m_table->weight.empty() ? tr("Every weight is 1 or unknown") : text(entry, column);
    default:
        return text(entry, column);
    }
}

int TraceListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(listed().size());
}

int TraceListModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant TraceListModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const std::size_t entry = listed()[std::size_t(index.row())];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return column == Key ? keyAt(index.row()) : text(entry, column);
    case Qt::ToolTipRole:
        return column == Key ? keyAt(index.row()) : toolTip(entry, column);
    case Qt::TextAlignmentRole:
        return int((isText(column) ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case BarRole:
        return column == Duration && m_table->longest > 0 && m_table->duration[entry] > 0
            ? QVariant(double(m_table->duration[entry]) / double(m_table->longest))
            : QVariant();
    case LevelRole:
        return column == Errors && m_table->errors[entry] > 0 ? 2 : 0;
    case TraceIdRole:
        return qint64(m_table->id(entry));
    default:
        return {};
    }
}

QVariant TraceListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const QStringList titles{tr("Start"), tr("Duration"), tr("Service"), tr("Operation"), tr("Spans"),
        tr("Services"), tr("Errors"), tr("Wait"), tr("Network"), tr("Processing"), tr("Largest Gap"),
        tr("Weight"), tr("Trace ID")};
    static const QStringList tips{tr("First start of a span of the trace"),
        tr("Duration of the request: of its root span"), tr("Service of the root span"),
        tr("Operation of the root span"),
        tr("All spans of the trace, also those that do not pass the filter"),
        tr("Services (or processes) that take part"), tr("Spans with status error"),
        tr("Time on the critical path spent waiting (queues, pools, locks)"),
        tr("Time on the critical path between a call and the span of who serves it"),
        tr("Time on the critical path inside spans that do the work"),
        tr("Longest time in no span although a request runs"),
        tr("How many requests this trace stands for: 1 / keep probability"), tr("Key of the trace")};
    switch (role) {
    case Qt::DisplayRole:
        return titles.value(section);
    case Qt::ToolTipRole:
        return tips.value(section);
    case Qt::TextAlignmentRole:
        return int((isText(section) ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    default:
        return {};
    }
}

QString TraceListModel::toText(const QList<int> &rows) const
{
    QStringList lines{QStringLiteral("trace_key\tstart_ns\tduration_ns\tservice\toperation\tspans\tservices\t"
                                     "errors\twait_ns\tnetwork_ns\tprocessing_ns\tlargest_gap_ns\tweight")};
    const auto plain = [](std::string_view name) {
        return fromUtf8(name)
            .replace(QLatin1Char('\t'), QLatin1Char(' '))
            .replace(QLatin1Char('\n'), QLatin1Char(' '));
    };
    const auto number
        = [](Nanos value) { return value == kUnknownNanos ? QString() : QString::number(value); };
    for (const int row : rows) {
        const std::size_t entry = listed()[std::size_t(row)];
        lines << QStringList{keyAt(row), number(m_table->start[entry]), number(m_table->duration[entry]),
            plain(m_table->service(entry)), plain(m_table->operation(entry)),
            QString::number(m_table->spans[entry]), QString::number(m_table->services[entry]),
            QString::number(m_table->errors[entry]), number(nanos(entry, Wait)),
            number(nanos(entry, Network)), number(nanos(entry, Processing)), number(nanos(entry, LargestGap)),
            m_table->weight.empty() ? QString() : QString::number(double(m_table->weight[entry]))}
                     .join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
