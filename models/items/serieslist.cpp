// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/serieslist.h"

#include "base/text.h"
#include "items/seriestext.h"

#include <QStringList>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace tailscope::items {

namespace {

// A child's internal id is the place of its metric + 1; a metric's is 0.
constexpr quintptr kTop = 0;

} // namespace

SeriesListModel::SeriesListModel(QObject *parent)
    : QAbstractItemModel(parent)
{}

void SeriesListModel::setItems(QVector<SeriesListItem> items)
{
    beginResetModel();
    m_items = std::move(items);
    regroup();
    endResetModel();
}

void SeriesListModel::setSearch(const QString &text)
{
    if (text == m_search)
        return;
    beginResetModel();
    m_search = text;
    regroup();
    endResetModel();
}

void SeriesListModel::regroup()
{
    const QStringList words = m_search.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    m_groups.clear();
    m_shown = 0;
    for (int i = 0; i < m_items.size(); ++i) {
        const SeriesListItem &item = m_items[i];
        const bool passes = std::all_of(words.begin(), words.end(), [&](const QString &word) {
            return item.metric.contains(word, Qt::CaseInsensitive)
                || item.name.contains(word, Qt::CaseInsensitive)
                || item.found.contains(word, Qt::CaseInsensitive);
        });
        if (!passes)
            continue;
        ++m_shown;
        if (m_groups.empty() || m_groups.back().metric != item.metric)
            m_groups.push_back({item.metric, {}});
        m_groups.back().rows.push_back(i);
    }
}

const SeriesListItem *SeriesListModel::itemOf(const QModelIndex &index) const
{
    if (!index.isValid())
        return nullptr;
    if (index.internalId() != kTop)
        return &m_items[m_groups[std::size_t(index.internalId() - 1)].rows[std::size_t(index.row())]];
    const Group &group = m_groups[std::size_t(index.row())];
    return group.rows.size() == 1 ? &m_items[group.rows.front()] : nullptr;
}

QVector<qint64> SeriesListModel::ids(const QModelIndex &index) const
{
    QVector<qint64> out;
    if (const SeriesListItem *item = itemOf(index))
        return {item->id};
    if (index.isValid()) {
        for (const int row : m_groups[std::size_t(index.row())].rows)
            out << m_items[row].id;
    }
    return out;
}

QString SeriesListModel::title(const QModelIndex &index) const
{
    const SeriesListItem *item = itemOf(index);
    if (!item)
        return index.isValid() ? m_groups[std::size_t(index.row())].metric : QString();
    return item->name == item->metric ? item->metric : item->metric + QStringLiteral(" · ") + item->name;
}

QString SeriesListModel::unit(const QModelIndex &index) const
{
    if (const SeriesListItem *item = itemOf(index))
        return item->unit;
    return index.isValid() ? m_items[m_groups[std::size_t(index.row())].rows.front()].unit : QString();
}

QStringList SeriesListModel::labelKeys(const QModelIndex &index) const
{
    std::map<QString, std::set<QString>> values;
    if (index.isValid() && index.internalId() == kTop) {
        const auto &rows = m_groups[std::size_t(index.row())].rows;
        for (std::size_t i = 0; i < std::min<std::size_t>(rows.size(), 1000); ++i) {
            const SeriesListItem &item = m_items[rows[i]];
            values[QStringLiteral("service")].insert(item.service);
            for (const QString &label : item.labels.split(QStringLiteral(", "), Qt::SkipEmptyParts))
                values[label.section(QLatin1Char('='), 0, 0)].insert(label);
        }
    }
    QStringList keys;
    for (const auto &[key, of] : values) {
        if (of.size() > 1)
            keys << key;
    }
    return keys;
}

QModelIndex SeriesListModel::indexOf(qint64 id) const
{
    for (std::size_t g = 0; g < m_groups.size(); ++g) {
        const auto &rows = m_groups[g].rows;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (m_items[rows[i]].id == id)
                return rows.size() == 1 ? createIndex(int(g), 0, kTop)
                                        : createIndex(int(i), 0, quintptr(g + 1));
        }
    }
    return {};
}

QModelIndex SeriesListModel::index(int row, int column, const QModelIndex &parent) const
{
    if (row < 0 || row >= rowCount(parent) || column < 0 || column >= ColumnCount)
        return {};
    return createIndex(row, column, parent.isValid() ? quintptr(parent.row() + 1) : kTop);
}

QModelIndex SeriesListModel::parent(const QModelIndex &index) const
{
    return index.isValid() && index.internalId() != kTop ? createIndex(int(index.internalId() - 1), 0, kTop)
                                                         : QModelIndex();
}

int SeriesListModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return int(m_groups.size());
    if (parent.internalId() != kTop || parent.column() != 0)
        return 0;
    const std::size_t n = m_groups[std::size_t(parent.row())].rows.size();
    return n == 1 ? 0 : int(n);
}

int SeriesListModel::columnCount(const QModelIndex &) const { return ColumnCount; }

QString SeriesListModel::cell(const SeriesListItem &item, int column) const
{
    const auto value = [&](const std::optional<double> &of) {
        return of ? seriesValue(*of, item.unit, item.isRate) : QStringLiteral("—");
    };
    switch (column) {
    case Found:
        return item.found;
    case Last:
        return value(item.last);
    case Min:
        return value(item.min);
    case P50:
        return value(item.p50);
    case P99:
        return value(item.p99);
    case Max:
        return value(item.max);
    case Points:
        return QString::fromStdString(groupedCount(item.n));
    default:
        return {};
    }
}

QString SeriesListModel::toolTip(const SeriesListItem &item) const
{
    const auto value = [&](const std::optional<double> &of) {
        return exactSeriesValue(of.value_or(std::numeric_limits<double>::quiet_NaN()), item.unit,
            item.isRate);
    };
    return QStringLiteral(
        "<b>%1</b><br>%2<br>last %3<br>min %4 · P50 %5 · P99 %6 · max %7<br>%8 points, %9 gaps")
        .arg(item.metric.toHtmlEscaped(), item.name.toHtmlEscaped(), value(item.last), value(item.min),
            value(item.p50), value(item.p99), value(item.max))
        .arg(item.n)
        .arg(item.gaps);
}

QVariant SeriesListModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const SeriesListItem *item = itemOf(index);
    const bool isTop = index.internalId() == kTop;
    if (role == Qt::TextAlignmentRole)
        return int(
            index.column() <= Found ? Qt::AlignLeft | Qt::AlignVCenter : Qt::AlignRight | Qt::AlignVCenter);
    if (role == LevelRole && index.column() == Found && item)
        return item->level;
    if (role == BarRole)
        return -1.0;
    if (role == Qt::ToolTipRole && item)
        return toolTip(*item);
    if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole)
        return {};
    if (index.column() == Name)
        return isTop ? (item && item->name != item->metric ? item->metric + QStringLiteral(" · ") + item->name
                                                           : m_groups[std::size_t(index.row())].metric)
                     : item->name;
    if (item)
        return cell(*item, index.column());
    const Group &group = m_groups[std::size_t(index.row())];
    if (index.column() == Points)
        return QStringLiteral("%1 series").arg(group.rows.size());
    if (index.column() == Found) {
        const auto found = std::count_if(group.rows.begin(), group.rows.end(),
            [this](int row) { return !m_items[row].found.isEmpty(); });
        return found == 0 ? QString() : QStringLiteral("in %1").arg(found);
    }
    return QString();
}

QVariant SeriesListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    static const char *const titles[]{"Series", "Found", "Last", "Min", "P50", "P99", "Max", "Points"};
    static const char *const tips[]{"Metrics and their series: service, instance and labels",
        "What the analyses found: a ceiling, a step of the level, peaks at even distances, hours that are "
        "not as usual",
        "Last value; counters are shown as rates per second throughout", "Smallest value",
        "Median, nearest rank over all points", "99th percentile, nearest rank over all points",
        "Largest value", "Points that were judged"};
    if (section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::DisplayRole)
        return QString::fromLatin1(titles[section]);
    return role == Qt::ToolTipRole ? QVariant(QString::fromLatin1(tips[section])) : QVariant();
}

} // namespace tailscope::items
