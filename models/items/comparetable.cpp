// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "items/comparemodel.h"

#include <array>

namespace tailscope::items {

namespace {

using analysis::OperationComparison;
using analysis::Verdict;

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString duration(Nanos ns) { return fromUtf8(humanDuration(ns)); }

QString percentileText(const analysis::PercentileRatio &ratio)
{
    QString text = QStringLiteral("%1 → %2").arg(duration(ratio.first.value), duration(ratio.second.value));
    if (ratio.ratio)
        text += QStringLiteral("  ×%1").arg(*ratio.ratio, 0, 'g', 3);
    return text;
}

QString intervalText(const analysis::PercentileFigure &figure)
{
    const QString lower = figure.lower95 ? duration(*figure.lower95) : QStringLiteral("unknown");
    const QString upper = figure.upper95 ? duration(*figure.upper95) : QStringLiteral("unknown");
    return QStringLiteral("%1 (95 %: %2 to %3)").arg(duration(figure.value), lower, upper);
}

QString percentileTip(const analysis::PercentileRatio &ratio)
{
    QString tip = QStringLiteral("A: %1\nB: %2").arg(intervalText(ratio.first), intervalText(ratio.second));
    if (ratio.ratio && ratio.lower95 && ratio.upper95)
        tip += QStringLiteral("\nB / A: %1 (95 %: %2 to %3)")
                   .arg(*ratio.ratio, 0, 'g', 4)
                   .arg(*ratio.lower95, 0, 'g', 4)
                   .arg(*ratio.upper95, 0, 'g', 4);
    return tip;
}

QString percent(const analysis::Count &count)
{
    return QString::number(100 * count.share(), 'g', 3) + QStringLiteral(" %");
}

} // namespace

CompareTable::CompareTable(QObject *parent)
    : QAbstractTableModel(parent)
{}

void CompareTable::setContent(std::shared_ptr<const CompareContent> content)
{
    beginResetModel();
    m_content = std::move(content);
    endResetModel();
}

const OperationComparison *CompareTable::operation(int row) const
{
    if (row < 0 || row >= rowCount())
        return nullptr;
    return &m_content->comparison.operations[std::size_t(row)];
}

int CompareTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_content ? 0 : int(m_content->comparison.operations.size());
}

int CompareTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant CompareTable::data(const QModelIndex &index, int role) const
{
    const OperationComparison *row = index.isValid() ? operation(index.row()) : nullptr;
    if (!row)
        return {};
    const int column = index.column();
    const bool isPercentile = column >= P50 && column <= P99;
    if (role == LevelRole) {
        const auto level = [](Verdict verdict) {
            return verdict == Verdict::Worse ? 3 : verdict == Verdict::Better ? 1 : 0;
        };
        if (column == VerdictColumn)
            return level(row->verdict);
        if (isPercentile)
            return level(row->measures[std::size_t(column - P50)].verdict);
        return column == Errors ? level(row->measures[3].verdict) : 0;
    }
    if (role == Qt::ToolTipRole && isPercentile)
        return percentileTip(row->percentiles[std::size_t(column - P50)]);
    if (role == Qt::ToolTipRole && column == VerdictColumn)
        return row->ranks
            ? QStringLiteral("Chance that a span of B is slower than one of A: %1 (Mann-Whitney, p = %2 "
                             "after Holm)")
                  .arg(row->ranks->effect, 0, 'f', 3)
                  .arg(row->adjustedP, 0, 'g', 3)
            : QStringLiteral("Weighted: no rank test");
    if (role == Qt::ToolTipRole)
        return data(index, Qt::DisplayRole);
    if (role != Qt::DisplayRole)
        return {};
    switch (column) {
    case Operation:
        return fromUtf8(row->name());
    case VerdictColumn:
        return fromUtf8(analysis::verdictWord(row->verdict));
    case Spans:
        return QStringLiteral("%1 → %2").arg(fromUtf8(groupedCount(row->first.n)),
            fromUtf8(groupedCount(row->second.n)));
    case Errors:
        return QStringLiteral("%1 → %2").arg(percent(row->first), percent(row->second));
    case Change:
        return fromUtf8(analysis::changeText(*row));
    default:
        return percentileText(row->percentiles[std::size_t(column - P50)]);
    }
}

QVariant CompareTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    static const std::array<std::pair<QString, QString>, ColumnCount> kTitles{{
        {QStringLiteral("Operation"), QStringLiteral("Service and operation that occur in both sets")},
        {QStringLiteral("Verdict"),
            QStringLiteral(
                "A measure counts as changed when it moved by more than 5 % and its 95 % interval leaves 1")},
        {QStringLiteral("Spans"), QStringLiteral("A → B")},
        {QStringLiteral("P50"), QStringLiteral("Nearest rank, A → B, and their ratio")},
        {QStringLiteral("P95"),
            QStringLiteral("Nearest rank, A → B, and their ratio; needs 200 spans a set")},
        {QStringLiteral("P99"),
            QStringLiteral("Nearest rank, A → B, and their ratio; needs 1,000 spans a set")},
        {QStringLiteral("Errors"), QStringLiteral("Share of failed spans, A → B")},
        {QStringLiteral("What changed"), QStringLiteral("In words, and what cannot be told")},
    }};
    const auto &[title, tip] = kTitles[std::size_t(section)];
    return role == Qt::DisplayRole ? QVariant(title) : role == Qt::ToolTipRole ? QVariant(tip) : QVariant();
}

QString CompareTable::rowText(int row) const
{
    QStringList cells;
    for (int column = 0; column < ColumnCount; ++column)
        cells << data(index(row, column)).toString();
    return cells.join(QLatin1Char('\t'));
}

} // namespace tailscope::items
