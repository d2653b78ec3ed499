// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/flamediffmodel.h"
#include "items/flameweights.h"

#include <cmath>

namespace tailscope::items {

FlameDiffTable::FlameDiffTable(QObject *parent)
    : QAbstractTableModel(parent)
{}

void FlameDiffTable::setDifference(std::shared_ptr<const FlameDiff> difference)
{
    beginResetModel();
    m_difference = std::move(difference);
    endResetModel();
}

void FlameDiffTable::setSigned(bool isSigned)
{
    if (m_isSigned == isSigned)
        return;
    beginResetModel();
    m_isSigned = isSigned;
    endResetModel();
}

const analysis::FlatDiffEntry *FlameDiffTable::entry(int row) const
{
    const bool isThere = m_difference && row >= 0 && std::size_t(row) < m_difference->functions.size();
    return isThere ? &m_difference->functions[std::size_t(row)] : nullptr;
}

int FlameDiffTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_difference ? 0 : int(m_difference->functions.size());
}

int FlameDiffTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

double FlameDiffTable::selfChange(const analysis::FlatDiffEntry &entry) const
{
    return entry.after.self * m_difference->diff->scale - entry.before.self;
}

double FlameDiffTable::totalChange(const analysis::FlatDiffEntry &entry) const
{
    return entry.after.total * m_difference->diff->scale - entry.before.total;
}

QVariant FlameDiffTable::sortValue(const analysis::FlatDiffEntry &entry, int column) const
{
    const auto size = [this](double change) { return m_isSigned ? change : std::abs(change); };
    switch (column) {
    case Function:
        return QString::fromStdString(entry.name);
    case Change:
        return size(selfChange(entry));
    case ChangeShare:
        return toneOf(entry.before.self, entry.after.self * m_difference->diff->scale);
    case Before:
        return entry.before.self;
    case After:
        return entry.after.self;
    case TotalChange:
        return size(totalChange(entry));
    default:
        return QString::fromStdString(entry.group);
    }
}

QString FlameDiffTable::text(const analysis::FlatDiffEntry &entry, int column) const
{
    const QString &unit = m_difference->unit;
    switch (column) {
    case Change:
        return deltaText(selfChange(entry), unit);
    case ChangeShare: {
        const double after = entry.after.self * m_difference->diff->scale;
        if (entry.before.self == 0)
            return after == 0 ? QString() : tr("new");
        if (after == 0)
            return tr("gone");
        const double percent = (after - entry.before.self) / std::abs(entry.before.self) * 100;
        const QString sign = percent > 0 ? QStringLiteral("+") : QString();
        return sign
            + QString::number(percent, 'f', std::abs(percent) < 10 ? 1 : 0)
                  .replace(QLatin1Char('-'), QStringLiteral("−"))
            + QStringLiteral(" %");
    }
    case Before:
        return weightText(entry.before.self, unit);
    case After:
        return weightText(entry.after.self, unit);
    case TotalChange:
        return deltaText(totalChange(entry), unit);
    default:
        return sortValue(entry, column).toString();
    }
}

QVariant FlameDiffTable::data(const QModelIndex &index, int role) const
{
    const analysis::FlatDiffEntry *found = entry(index.row());
    if (!index.isValid() || !found)
        return {};
    const QString &unit = m_difference->unit;
    switch (role) {
    case Qt::DisplayRole:
        return text(*found, index.column());
    case Qt::ToolTipRole:
        if (index.column() == Function || index.column() == Module)
            return text(*found, index.column());
        return tr("Self: %1 before, %2 after\nTotal: %3 before, %4 after%5")
            .arg(exactWeightText(found->before.self, unit), exactWeightText(found->after.self, unit),
                exactWeightText(found->before.total, unit), exactWeightText(found->after.total, unit),
                m_difference->diff->scale == 1 ? QString()
                                               : tr("\nAfter is multiplied by %1 before it is compared")
                                                     .arg(m_difference->diff->scale, 0, 'g', 4));
    case Qt::TextAlignmentRole:
        return int(
            (index.column() >= Change && index.column() <= TotalChange ? Qt::AlignRight : Qt::AlignLeft)
            | Qt::AlignVCenter);
    case SortRole:
        return sortValue(*found, index.column());
    case ToneRole:
        return toneOf(found->before.self, found->after.self * m_difference->diff->scale);
    default:
        return {};
    }
}

QVariant FlameDiffTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const QStringList titles{tr("Function"), tr("Self Change"), tr("Change %"), tr("Self Before"),
        tr("Self After"), tr("Total Change"), tr("Module")};
    static const QStringList tips{tr("Function or operation"), tr("Own weight after minus before"),
        tr("Against the own weight before"), tr("Own weight, as recorded"), tr("Own weight, as recorded"),
        tr("With everything it calls; recursion counts once"), tr("Module, package or service")};
    if (role == Qt::DisplayRole)
        return titles.value(section);
    if (role == Qt::ToolTipRole)
        return tips.value(section);
    return {};
}

QString FlameDiffTable::toTsv(const QList<int> &rows) const
{
    QString out = QStringLiteral("function\tgroup\tself_before\tself_after\ttotal_before\ttotal_after\tunit\t"
                                 "scale_of_after\n");
    for (const int row : rows) {
        const analysis::FlatDiffEntry *found = entry(row);
        if (!found)
            continue;
        QString name = QString::fromStdString(found->name), group = QString::fromStdString(found->group);
        for (QString *text : {&name, &group})
            text->replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
        out += QStringList{name, group, QString::number(wholeWeight(found->before.self)),
                   QString::number(wholeWeight(found->after.self)),
                   QString::number(wholeWeight(found->before.total)),
                   QString::number(wholeWeight(found->after.total)), m_difference->unit,
                   QString::number(m_difference->diff->scale, 'g', 9)}
                   .join(QLatin1Char('\t'))
            + QLatin1Char('\n');
    }
    return out;
}

} // namespace tailscope::items
