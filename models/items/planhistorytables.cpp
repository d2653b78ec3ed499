// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "items/planhistorymodel.h"

#include <cmath>

namespace tailscope::items {

namespace {

QString millis(double value)
{
    return std::isnan(value) ? QStringLiteral("–") : QString::fromStdString(humanMillis(value));
}

QString moment(const std::optional<qint64> &ns)
{
    return ns ? QString::fromStdString(utcTimestamp(*ns)) : QStringLiteral("–");
}

const PlanHistory::Change *changeAt(const PlanHistory &history, int capture)
{
    for (const PlanHistory::Change &change : history.changes) {
        if (change.capture == capture)
            return &change;
    }
    return nullptr;
}

} // namespace

void PlanShapeTable::setHistory(std::shared_ptr<const PlanHistory> history)
{
    beginResetModel();
    m_history = std::move(history);
    endResetModel();
}

int PlanShapeTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_history ? 0 : int(m_history->shapes.size());
}

int PlanShapeTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PlanShapeTable::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const PlanHistory::Shape &shape = m_history->shapes[std::size_t(index.row())];
    if (role == Qt::TextAlignmentRole)
        return int((index.column() == Median || index.column() == P99 ? Qt::AlignRight : Qt::AlignLeft)
            | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && index.column() <= Root)
        return QStringLiteral("Shape %1: a hash of the tree of node types, relations and indexes\n%2")
            .arg(shape.hash, shape.root);
    if (role == Qt::ToolTipRole && index.column() == P99)
        return QStringLiteral("Nearest rank over %1 executed plans%2")
            .arg(shape.executed)
            .arg(shape.isP99Weak ? QStringLiteral(": too few for a P99, this is close to the largest")
                                 : QString());
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    switch (index.column()) {
    case Letter:
        return shape.savedGood ? shape.letter + QStringLiteral(" (saved)") : shape.letter;
    case Root:
        return shape.root;
    case Captures:
        return shape.executed == shape.captures
            ? QString::number(shape.captures)
            : QStringLiteral("%1 (%2 executed)").arg(shape.captures).arg(shape.executed);
    case Median:
        return millis(shape.medianMs);
    case P99:
        return std::isnan(shape.p99Ms)
            ? QStringLiteral("–")
            : QStringLiteral("%1 (n = %2)").arg(millis(shape.p99Ms)).arg(shape.executed);
    case FirstSeen:
        return moment(shape.firstSeen);
    case LastSeen:
        return moment(shape.lastSeen);
    default:
        return {};
    }
}

QVariant PlanShapeTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const QStringList titles{QStringLiteral("Shape"), QStringLiteral("Slowest Scan"),
        QStringLiteral("Plans"), QStringLiteral("Median"), QStringLiteral("P99"),
        QStringLiteral("First Seen"), QStringLiteral("Last Seen")};
    return orientation == Qt::Horizontal && role == Qt::DisplayRole ? QVariant(titles.value(section))
                                                                    : QVariant();
}

void PlanCaptureTable::setHistory(std::shared_ptr<const PlanHistory> history)
{
    beginResetModel();
    m_history = std::move(history);
    endResetModel();
}

int PlanCaptureTable::rowOfPlan(qint64 planId) const
{
    for (int row = 0; row < rowCount(); ++row) {
        if (m_history->captures[m_history->captures.size() - 1 - std::size_t(row)].plan.id == planId)
            return row;
    }
    return -1;
}

int PlanCaptureTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_history ? 0 : int(m_history->captures.size());
}

int PlanCaptureTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PlanCaptureTable::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const std::size_t at = m_history->captures.size() - 1 - std::size_t(index.row());
    const PlanHistory::Capture &capture = m_history->captures[at];
    if (role == PlanIdRole)
        return capture.plan.id;
    if (role == Qt::TextAlignmentRole)
        return int((index.column() == Time ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && index.column() == Time)
        return std::isnan(capture.plan.timeMs) ? QStringLiteral("Not executed: estimates only")
                                               : QStringLiteral("%1 ms").arg(capture.plan.timeMs, 0, 'f', 3);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    switch (index.column()) {
    case Captured:
        return moment(capture.plan.capturedAtNs);
    case Time:
        return millis(capture.plan.timeMs);
    case Shape:
        return capture.shape < 0 ? QStringLiteral("–") : m_history->shapes[std::size_t(capture.shape)].letter;
    case Note: {
        QStringList notes;
        if (capture.plan.savedGood)
            notes << QStringLiteral("saved fast plan");
        if (const PlanHistory::Change *change = changeAt(*m_history, int(at)))
            notes << (change->summary.isEmpty() ? QStringLiteral("the plan changed") : change->summary);
        return notes.join(QStringLiteral(" · "));
    }
    case Plan:
        return QStringLiteral("#%1").arg(capture.plan.id);
    default:
        return {};
    }
}

QVariant PlanCaptureTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const QStringList titles{QStringLiteral("Captured"), QStringLiteral("Time"),
        QStringLiteral("Shape"), QStringLiteral("Plan"), QStringLiteral("What Changed")};
    return orientation == Qt::Horizontal && role == Qt::DisplayRole ? QVariant(titles.value(section))
                                                                    : QVariant();
}

QString tableText(const QAbstractItemModel &table)
{
    QStringList lines, header;
    for (int c = 0; c < table.columnCount(); ++c)
        header << table.headerData(c, Qt::Horizontal).toString();
    lines << header.join(QLatin1Char('\t'));
    for (int row = 0; row < table.rowCount(); ++row) {
        QStringList cells;
        for (int c = 0; c < table.columnCount(); ++c)
            cells << table.index(row, c).data().toString();
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
