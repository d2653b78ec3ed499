// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/serviceedgetable.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tailscope::items {

namespace {

using analysis::EdgeKind;
using analysis::ServiceEdge;
using analysis::ServiceMap;
using analysis::ServiceNode;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString count(std::int64_t n) { return fromUtf8(groupedCount(n)); }

/// One class holds the translations of the free functions.
QString tr(const char *text) { return ServiceEdgeTable::tr(text); }

QString kindText(EdgeKind kind)
{
    switch (kind) {
    case EdgeKind::Call:
        return tr("call");
    case EdgeKind::Async:
        return tr("asynchronous call");
    case EdgeKind::Messaging:
        return tr("message");
    case EdgeKind::Database:
        return tr("database");
    case EdgeKind::External:
        return tr("external");
    }
    return {};
}

QString figureText(const char *name, Nanos value, std::int64_t n, analysis::Quantile q)
{
    QString line = QStringLiteral("%1 %2 (n = %3)")
                       .arg(QString::fromLatin1(name), fromUtf8(exactDuration(value)), count(n));
    if (n > 0 && n < analysis::minimumSamples(q))
        line += tr(", too few samples");
    return line;
}

} // namespace

QString serviceTitle(const ServiceNode &node)
{
    return node.name.empty() ? tr("(no service)") : fromUtf8(node.name);
}

QString edgeShareText(double share)
{
    const double percent = share * 100;
    const int digits = percent == 0 || percent >= 10 ? 0 : percent >= 0.1 ? 1 : 3;
    return tr("%1 %").arg(QString::number(percent, 'f', digits));
}

QString edgeLabel(const ServiceEdge &edge, bool weighted)
{
    const QString calls = weighted ? tr("≈ %1 calls").arg(count(std::int64_t(std::llround(edge.weight))))
        : edge.calls == 1          ? tr("1 call")
                                   : tr("%1 calls").arg(count(edge.calls));
    return tr("%1 · %2 errors · P99 %3")
        .arg(calls, edgeShareText(edge.errorShare()), fromUtf8(humanDuration(edge.p99)));
}

QString edgeToolTip(const ServiceMap &map, const ServiceEdge &edge)
{
    QStringList lines{tr("%1 → %2 (%3)")
                          .arg(serviceTitle(map.nodes[edge.caller]), serviceTitle(map.nodes[edge.callee]),
                              kindText(edge.kind)),
        tr("%1 calls in %2 traces, %3 errors (%4)")
            .arg(count(edge.calls), count(edge.traces), count(edge.errors), edgeShareText(edge.errorShare())),
        figureText("P50", edge.p50, edge.known, analysis::kP50),
        figureText("P99", edge.p99, edge.known, analysis::kP99)};
    lines << (map.nodes[edge.callee].hasSpans && edge.kind != EdgeKind::External
                && edge.kind != EdgeKind::Database
            ? tr("durations of the callee's spans")
            : tr("durations of the caller's client spans: the callee has no spans"));
    if (edge.known < edge.calls)
        lines << tr("%1 calls without duration").arg(count(edge.calls - edge.known));
    lines << tr("calls per calling span: P50 %1, most %2").arg(count(edge.fanOutP50), count(edge.fanOutMax));
    if (map.weighted)
        lines << tr("weighted by sampling: the %1 calls stand for %2")
                     .arg(count(edge.calls), count(std::int64_t(std::llround(edge.weight))));
    return lines.join(QLatin1Char('\n'));
}

QString nodeToolTip(const ServiceMap &map, const ServiceNode &node)
{
    QStringList lines{serviceTitle(node)};
    if (!node.hasSpans)
        lines << tr("has no spans: %1, as its callers saw it").arg(kindText(node.reachedBy));
    lines << tr("%1 requests, %2 errors (%3)")
                 .arg(count(node.requests), count(node.errors),
                     edgeShareText(node.weight > 0 ? node.errorWeight / node.weight : 0))
          << figureText("P50", node.p50, node.known, analysis::kP50)
          << figureText("P99", node.p99, node.known, analysis::kP99);
    if (node.hasSpans)
        lines << tr("%1 of the self time of all services (%2), %3 spans")
                     .arg(edgeShareText(node.selfShare), fromUtf8(humanMillis(node.selfNs / 1e6)),
                         count(node.spans));
    if (map.weighted)
        lines << tr("percentiles and the share of errors are weighted by sampling");
    return lines.join(QLatin1Char('\n'));
}

ServiceEdgeTable::ServiceEdgeTable(QObject *parent)
    : QAbstractTableModel(parent)
    , m_map(std::make_shared<const ServiceMap>())
{}

void ServiceEdgeTable::setMap(Map map)
{
    beginResetModel();
    m_map = map ? std::move(map) : std::make_shared<const ServiceMap>();
    m_most = 0;
    for (const ServiceEdge &edge : m_map->edges)
        m_most = std::max(m_most, double(edge.calls));
    applyOrder();
    endResetModel();
}

const ServiceEdge &ServiceEdgeTable::edge(int row) const
{
    return m_map->edges[std::size_t(m_order[std::size_t(row)])];
}

int ServiceEdgeTable::edgeAt(int row) const { return m_order[std::size_t(row)]; }

int ServiceEdgeTable::rowOfEdge(int edge) const
{
    const auto found = std::find(m_order.begin(), m_order.end(), edge);
    return found == m_order.end() ? -1 : int(found - m_order.begin());
}

int ServiceEdgeTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_order.size());
}

int ServiceEdgeTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString ServiceEdgeTable::text(const ServiceEdge &edge, int column) const
{
    switch (column) {
    case Caller:
        return serviceTitle(m_map->nodes[edge.caller]);
    case Callee:
        return serviceTitle(m_map->nodes[edge.callee]);
    case KindColumn:
        return kindText(edge.kind);
    case Calls:
        return count(edge.calls);
    case Errors:
        return count(edge.errors);
    case ErrorShare:
        return edgeShareText(edge.errorShare());
    case P50:
        return fromUtf8(humanDuration(edge.p50));
    case P99:
        return fromUtf8(humanDuration(edge.p99));
    case FanOut:
        return count(edge.fanOutP50);
    case FanOutMax:
        return count(edge.fanOutMax);
    case Traces:
        return count(edge.traces);
    default:
        return {};
    }
}

QVariant ServiceEdgeTable::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount() || index.column() >= ColumnCount)
        return {};
    const ServiceEdge &at = edge(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return text(at, index.column());
    case Qt::ToolTipRole:
        return edgeToolTip(*m_map, at);
    case Qt::TextAlignmentRole:
        return int((index.column() <= KindColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case BarRole:
        return index.column() == Calls && m_most > 0 ? QVariant(double(at.calls) / m_most) : QVariant();
    case LevelRole:
        return index.column() == Errors && at.errors > 0 ? (at.errorShare() >= 0.05 ? 3 : 2) : 0;
    case EdgeRole:
        return m_order[std::size_t(index.row())];
    default:
        return {};
    }
}

QVariant ServiceEdgeTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const QStringList titles{tr("Caller"), tr("Callee"), tr("Kind"), tr("Calls"), tr("Errors"),
        tr("Error Share"), tr("P50"), tr("P99"), tr("Fan-Out P50"), tr("Fan-Out Max"), tr("Traces")};
    static const QStringList tips{tr("The service that calls"),
        tr("The service that is called, or what the caller's attributes name where it has no spans"),
        tr("call: the caller waits; asynchronous: it does not; message: producer to consumer"),
        tr("Spans of the callee whose parent is in the caller, and links to a producer"),
        tr("Calls whose span has status error"), tr("Errors of the calls, weighted by sampling"),
        tr("Median duration of the callee's span (nearest rank)"),
        tr("99 of 100 calls take at most this (nearest rank)"),
        tr("Calls per calling span, median of those that call at all"), tr("Most calls of one calling span"),
        tr("Traces with such a call")};
    if (role == Qt::DisplayRole)
        return titles.value(section);
    if (role == Qt::ToolTipRole)
        return tips.value(section);
    if (role == Qt::TextAlignmentRole)
        return int((section <= KindColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    return {};
}

bool ServiceEdgeTable::lessThan(int a, int b) const
{
    const ServiceEdge &x = m_map->edges[std::size_t(a)], &y = m_map->edges[std::size_t(b)];
    switch (m_sortColumn) {
    case Caller:
    case Callee:
    case KindColumn:
        return text(x, m_sortColumn).localeAwareCompare(text(y, m_sortColumn)) < 0;
    case Errors:
        return x.errors < y.errors;
    case ErrorShare:
        return x.errorShare() < y.errorShare();
    case P50:
        return x.p50 < y.p50;
    case P99:
        return x.p99 < y.p99;
    case FanOut:
        return x.fanOutP50 < y.fanOutP50;
    case FanOutMax:
        return x.fanOutMax < y.fanOutMax;
    case Traces:
        return x.traces < y.traces;
    default:
        return x.calls < y.calls;
    }
}

void ServiceEdgeTable::applyOrder()
{
    m_order.resize(m_map->edges.size());
    std::iota(m_order.begin(), m_order.end(), 0);
    std::stable_sort(m_order.begin(), m_order.end(),
        [this](int a, int b) { return m_sortOrder == Qt::AscendingOrder ? lessThan(a, b) : lessThan(b, a); });
}

void ServiceEdgeTable::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= ColumnCount)
        return;
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    m_sortColumn = column;
    m_sortOrder = order;
    const QModelIndexList before = persistentIndexList();
    std::vector<int> edges;
    for (const QModelIndex &index : before)
        edges.push_back(m_order[std::size_t(index.row())]);
    applyOrder();
    QModelIndexList after;
    for (qsizetype i = 0; i < before.size(); ++i)
        after << createIndex(rowOfEdge(edges[std::size_t(i)]), before[i].column());
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

QString ServiceEdgeTable::toText(const QList<int> &rows) const
{
    QStringList lines{QStringLiteral(
        "caller\tcallee\tkind\tn\ttraces\terrors\tp50_ns\tp99_ns\tfan_out_p50\tfan_out_max\tweight")};
    const auto clean = [](QString text) {
        return text.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
    };
    const auto ns = [](Nanos value) { return value == kUnknownNanos ? QString() : QString::number(value); };
    for (const int row : rows) {
        const ServiceEdge &at = edge(row);
        lines << QStringList{clean(text(at, Caller)), clean(text(at, Callee)),
            fromUtf8(analysis::toText(at.kind)), QString::number(at.calls), QString::number(at.traces),
            QString::number(at.errors), ns(at.p50), ns(at.p99), QString::number(at.fanOutP50),
            QString::number(at.fanOutMax), QString::number(at.weight, 'g', 17)}
                     .join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
