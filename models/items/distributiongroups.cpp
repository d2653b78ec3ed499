// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/distributiongroups.h"

#include "base/text.h"
#include "items/distributionfilter.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tailscope::items {

namespace {

using analysis::GroupBy;
using analysis::GroupStats;
using analysis::LogLinearHistogram;
using analysis::PercentileFigure;

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// Index into GroupStats::figures of a percentile column; -1 for other columns.
int figureOf(int column)
{
    switch (column) {
    case DistributionGroups::P50:
        return 0;
    case DistributionGroups::P95:
        return 2;
    case DistributionGroups::P99:
        return 3;
    case DistributionGroups::P999:
        return 4;
    default:
        return -1;
    }
}

/// The histogram in a few bars of equal width on a logarithmic scale, the highest 1.
QVector<double> shapeOf(const LogLinearHistogram &histogram, Nanos low, Nanos high)
{
    QVector<double> bars(DistributionGroups::kShapeBars, 0.0);
    const double from = std::log(std::max(0.5, double(low)));
    const double length = std::max(1e-9, std::log(std::max(1.0, double(high))) - from);
    for (int bucket = 0; bucket < LogLinearHistogram::kBuckets; ++bucket) {
        const std::int64_t count = histogram.count(bucket);
        if (count == 0)
            continue;
        const double middle = std::max(0.5, double(LogLinearHistogram::lowerBound(bucket)));
        const double share = (std::log(middle) - from) / length;
        const int bar = std::clamp(int(share * bars.size()), 0, int(bars.size()) - 1);
        bars[bar] += double(count);
    }
    const double largest = *std::max_element(bars.cbegin(), bars.cend());
    for (double &bar : bars)
        bar = largest > 0 ? bar / largest : 0;
    return bars;
}

QString percent(double share)
{
    return QStringLiteral("%1 %").arg(QString::number(share * 100, 'f', share >= 0.0995 ? 1 : 2));
}

} // namespace

DistributionGroups::DistributionGroups(QObject *parent)
    : QAbstractTableModel(parent)
    , m_groups(std::make_shared<const Groups>())
{}

void DistributionGroups::setGroups(std::shared_ptr<const Groups> groups, GroupBy groupBy, bool hasOther,
    Nanos low, Nanos high)
{
    beginResetModel();
    m_groups = groups ? std::move(groups) : std::make_shared<const Groups>();
    m_groupBy = groupBy;
    m_hasOther = hasOther && !m_groups->empty();
    m_low = low;
    m_high = high;
    m_selfSum = 0;
    m_largestTotal = 0;
    m_shapes.clear();
    for (const GroupStats &group : *m_groups) {
        m_selfSum += group.selfNs;
        m_largestTotal = std::max(m_largestTotal, group.totalNs);
        m_shapes.push_back(shapeOf(group.histogram, low, high));
    }
    applyOrder();
    endResetModel();
}

void DistributionGroups::setOverlays(const QStringList &names)
{
    if (m_overlays == names)
        return;
    m_overlays = names;
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, Name), index(rowCount() - 1, Name), {OverlayRole});
}

QString DistributionGroups::name(int row) const
{
    return isOther(row) ? otherGroupName() : fromUtf8(group(row).name);
}

QString DistributionGroups::title(int row) const
{
    if (isOther(row))
        return tr("(all others)");
    const QString text = fromUtf8(group(row).name);
    if (!text.isEmpty())
        return text;
    switch (m_groupBy) {
    case GroupBy::Service:
        return tr("(no service)");
    case GroupBy::Instance:
        return tr("(no instance)");
    case GroupBy::Thread:
        return tr("(no thread)");
    case GroupBy::Attribute:
        return tr("(no value)");
    default:
        return tr("(no name)");
    }
}

int DistributionGroups::rowOfName(const QString &wanted) const
{
    for (int row = 0; row < rowCount(); ++row) {
        if (name(row) == wanted)
            return row;
    }
    return -1;
}

bool DistributionGroups::isOther(int row) const { return m_hasOther && indexOf(row) + 1 == m_groups->size(); }

const GroupStats &DistributionGroups::group(int row) const { return (*m_groups)[indexOf(row)]; }

QString DistributionGroups::filterTerms(int row) const
{
    return isOther(row) ? QString() : fromUtf8(groupFilter(m_groupBy, group(row).name).toText());
}

QString DistributionGroups::excludeTerms(int row) const
{
    return isOther(row) ? QString() : fromUtf8(groupExclusion(m_groupBy, group(row).name).toText());
}

int DistributionGroups::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_groups->size());
}

int DistributionGroups::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString DistributionGroups::text(std::size_t index, int column) const
{
    const GroupStats &group = (*m_groups)[index];
    if (const int figure = figureOf(column); figure >= 0)
        return fromUtf8(humanDuration(group.figures[std::size_t(figure)].value));
    switch (column) {
    case Count:
        return fromUtf8(groupedCount(group.count));
    case Errors:
        return fromUtf8(groupedCount(group.errors));
    case Total:
        return group.hasTotal() ? fromUtf8(humanMillis(group.totalNs / 1e6)) : tr("unknown");
    case SelfShare:
        return m_selfSum > 0 && group.hasSelf() ? percent(group.selfNs / m_selfSum) : tr("unknown");
    default:
        return {};
    }
}

QString DistributionGroups::toolTip(std::size_t index, int column) const
{
    const GroupStats &group = (*m_groups)[index];
    if (const int at = figureOf(column); at >= 0) {
        const PercentileFigure &figure = group.figures[std::size_t(at)];
        QStringList lines{fromUtf8(exactDuration(figure.value))};
        if (figure.rank > 0)
            lines << tr("nearest rank: %1 of %2")
                         .arg(fromUtf8(groupedCount(figure.rank)),
                             fromUtf8(groupedCount(group.histogram.total())));
        if (figure.lower95 || figure.upper95) {
            lines << tr("95 % interval: %1 to %2")
                         .arg(figure.lower95 ? fromUtf8(humanDuration(*figure.lower95)) : tr("unknown"),
                             figure.upper95 ? fromUtf8(humanDuration(*figure.upper95))
                                            : tr("no upper bound"));
        }
        if (figure.tooFewSamples)
            lines << tr("too few samples: needs %1").arg(analysis::minimumSamples(figure.q));
        return lines.join(QLatin1Char('\n'));
    }
    switch (column) {
    case Errors:
        if (group.count == 0)
            return QString();
        if (group.weight != double(group.count))
            return tr("%1 of the spans weighted by sampling, %2 of those kept")
                .arg(percent(group.errorShare()), percent(double(group.errors) / double(group.count)));
        return tr("%1 of the spans").arg(percent(double(group.errors) / double(group.count)));
    case Total:
        return group.unknown > 0
            ? tr("sum of all durations; %1 spans have none").arg(fromUtf8(groupedCount(group.unknown)))
            : tr("sum of all durations");
    case SelfShare:
        if (!group.hasSelf())
            return tr("no self time is known");
        return tr("self time %1: duration minus the union of the synchronous children")
            .arg(fromUtf8(humanMillis(group.selfNs / 1e6)));
    case Shape:
        return tr("histogram from %1 to %2, logarithmic; the highest bar of each row fills it")
            .arg(fromUtf8(humanDuration(m_low)), fromUtf8(humanDuration(m_high)));
    default:
        return {};
    }
}

QVariant DistributionGroups::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount() || index.column() >= ColumnCount)
        return {};
    const std::size_t at = indexOf(index.row());
    const GroupStats &group = (*m_groups)[at];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return column == Name ? title(index.row()) : text(at, column);
    case Qt::ToolTipRole:
        return column == Name ? title(index.row()) : toolTip(at, column);
    case Qt::TextAlignmentRole:
        return int((column == Name || column == Shape ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::AccessibleTextRole:
        return column == Shape ? tr("histogram of %1").arg(title(index.row())) : QVariant();
    case BarRole:
        if (column == Total && m_largestTotal > 0 && group.hasTotal())
            return group.totalNs / m_largestTotal;
        return column == SelfShare && m_selfSum > 0 && group.hasSelf() ? QVariant(group.selfNs / m_selfSum)
                                                                       : QVariant();
    case LevelRole:
        return column == Errors && group.errors > 0 ? 2 : 0;
    case WeakRole:
        return figureOf(column) >= 0 && group.figures[std::size_t(figureOf(column))].tooFewSamples;
    case ShapeRole:
        return column == Shape ? QVariant::fromValue(m_shapes[at]) : QVariant();
    case OverlayRole:
        return column == Name ? int(m_overlays.indexOf(name(index.row()))) : -1;
    default:
        return {};
    }
}

QVariant DistributionGroups::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const QStringList titles{tr("Group"), tr("Spans"), tr("Errors"), tr("P50"), tr("P95"), tr("P99"),
        tr("P99.9"), tr("Total"), tr("Self Share"), tr("Shape")};
    static const QStringList tips{
        tr("Operation, service, instance, thread, status, HTTP status or value of an attribute"),
        tr("Spans that begin in the range and pass the filter, with those of unknown duration"),
        tr("Spans with status error"), tr("Half of the durations are at most this (nearest rank)"),
        tr("19 of 20 durations are at most this (nearest rank)"),
        tr("99 of 100 durations are at most this (nearest rank)"),
        tr("999 of 1,000 durations are at most this (nearest rank)"),
        tr("Sum of the durations; nested spans count each"), tr("Share of the self time of all groups"),
        tr("Histogram of the durations on a logarithmic scale")};
    if (role == Qt::DisplayRole)
        return titles.value(section);
    if (role == Qt::ToolTipRole)
        return tips.value(section);
    if (role == Qt::TextAlignmentRole)
        return int((section == Name || section == Shape ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    return {};
}

bool DistributionGroups::lessThan(std::size_t a, std::size_t b, int column) const
{
    const GroupStats &left = (*m_groups)[a];
    const GroupStats &right = (*m_groups)[b];
    if (const int figure = figureOf(column); figure >= 0)
        return left.figures[std::size_t(figure)].value < right.figures[std::size_t(figure)].value;
    switch (column) {
    case Name:
        return left.name < right.name;
    case Count:
        return left.count < right.count;
    case Errors:
        return left.errors < right.errors;
    case SelfShare:
        return left.selfNs < right.selfNs;
    case Shape: {
        // By spread: P99 against P50.
        const auto ratio = [](const GroupStats &group) {
            return group.figures[0].value > 0
                ? double(group.figures[3].value) / double(group.figures[0].value)
                : 0.0;
        };
        return ratio(left) < ratio(right);
    }
    default:
        return left.totalNs < right.totalNs;
    }
}

void DistributionGroups::applyOrder()
{
    m_order.resize(m_groups->size());
    std::iota(m_order.begin(), m_order.end(), std::size_t(0));
    // The united rest stays at the end, whatever the order.
    const auto last = m_order.end() - (m_hasOther ? 1 : 0);
    std::stable_sort(m_order.begin(), last, [this](std::size_t a, std::size_t b) {
        return m_sortOrder == Qt::AscendingOrder ? lessThan(a, b, m_sortColumn)
                                                 : lessThan(b, a, m_sortColumn);
    });
}

void DistributionGroups::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= ColumnCount)
        return;
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    m_sortColumn = column;
    m_sortOrder = order;
    const QModelIndexList before = persistentIndexList();
    const std::vector<std::size_t> oldOrder = m_order;
    applyOrder();
    std::vector<int> rowOfGroup(m_order.size());
    for (std::size_t row = 0; row < m_order.size(); ++row)
        rowOfGroup[m_order[row]] = int(row);
    QModelIndexList after;
    for (const QModelIndex &index : before)
        after << createIndex(rowOfGroup[oldOrder[std::size_t(index.row())]], index.column());
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

QString DistributionGroups::toText(const QList<int> &rows) const
{
    QStringList lines{
        QStringLiteral("group\tspans\terrors\tp50_ns\tp95_ns\tp99_ns\tp999_ns\ttotal_ns\tself_ns")};
    for (const int row : rows) {
        const GroupStats &stats = group(row);
        QString name = title(row);
        name.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
        QStringList cells{name, QString::number(stats.count), QString::number(stats.errors)};
        for (const std::size_t figure : {0U, 2U, 3U, 4U}) {
            const Nanos value = stats.figures[figure].value;
            cells << (value == kUnknownNanos ? QString() : QString::number(value));
        }
        cells << (stats.hasTotal() ? QString::number(stats.totalNs, 'f', 0) : QString())
              << (stats.hasSelf() ? QString::number(stats.selfNs, 'f', 0) : QString());
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
