// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/celltext.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>

namespace tailscope::items::cells {

namespace {

TableCell unknown(const QString &why)
{
    TableCell cell;
    cell.text = why.isEmpty() ? QStringLiteral("–") : why;
    cell.toolTip = why.isEmpty() ? QStringLiteral("Not known") : why;
    return cell;
}

} // namespace

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

TableCell text(const QString &text, const QString &toolTip)
{
    TableCell cell;
    cell.text = text;
    cell.toolTip = toolTip;
    return cell;
}

TableCell count(const std::optional<std::int64_t> &value, const QString &why)
{
    if (!value)
        return unknown(why);
    TableCell cell;
    cell.text = fromUtf8(groupedCount(*value));
    cell.value = qlonglong(*value);
    return cell;
}

QString number(double value)
{
    if (std::abs(value) >= 1000 && std::abs(value) < 9e15)
        return fromUtf8(groupedCount(std::llround(value)));
    return QString::number(value, 'g', 3);
}

QString perSecond(double value) { return number(value) + QStringLiteral("/s"); }

TableCell real(const std::optional<double> &value, const QString &unit, int digits, const QString &why)
{
    if (!value || !std::isfinite(*value))
        return unknown(why);
    TableCell cell;
    cell.text = (std::abs(*value) >= 1000 ? number(*value) : QString::number(*value, 'g', digits)) + unit;
    cell.value = *value;
    cell.toolTip = QString::number(*value, 'g', 12) + unit;
    return cell;
}

TableCell bytes(const std::optional<std::int64_t> &value, const QString &why)
{
    if (!value)
        return unknown(why);
    const QString size = fromUtf8(humanBytes(std::uint64_t(std::abs(*value))));
    TableCell cell;
    cell.text = *value < 0 ? QStringLiteral("−") + size : size;
    cell.value = qlonglong(*value);
    cell.toolTip = QStringLiteral("%1 bytes").arg(fromUtf8(groupedCount(*value)));
    return cell;
}

TableCell millis(const std::optional<double> &value, const QString &why)
{
    if (!value || !std::isfinite(*value))
        return unknown(why);
    TableCell cell;
    cell.text = fromUtf8(humanMillis(*value));
    cell.value = *value;
    cell.toolTip = QString::number(*value, 'g', 12) + QStringLiteral(" ms");
    return cell;
}

TableCell share(const std::optional<double> &value, bool withBar, const QString &why)
{
    if (!value || !std::isfinite(*value))
        return unknown(why);
    const double percent = 100 * *value;
    TableCell cell;
    cell.text = QString::number(percent, 'f', percent > 0 && percent < 9.95 ? 1 : 0) + QStringLiteral(" %");
    cell.value = *value;
    cell.toolTip = QString::number(percent, 'g', 12) + QStringLiteral(" %");
    if (withBar)
        cell.bar = std::clamp(*value, 0.0, 1.0);
    return cell;
}

TableCell age(const std::optional<Nanos> &time, Nanos moment, const QString &never)
{
    if (!time)
        return unknown(never);
    TableCell cell;
    const double seconds = double(saturatingSub(moment, *time)) / 1e9;
    if (seconds < 0)
        cell.text = QStringLiteral("now");
    else if (seconds < 120)
        cell.text = QStringLiteral("%1 s ago").arg(seconds, 0, 'f', 0);
    else if (seconds < 7200)
        cell.text = QStringLiteral("%1 min ago").arg(seconds / 60, 0, 'f', 0);
    else if (seconds < 2 * 86400)
        cell.text = QStringLiteral("%1 h ago").arg(seconds / 3600, 0, 'f', 0);
    else
        cell.text = QStringLiteral("%1 days ago").arg(seconds / 86400, 0, 'f', 0);
    cell.value = qlonglong(*time);
    cell.toolTip = fromUtf8(utcTimestamp(*time));
    return cell;
}

QString csv(const QAbstractItemModel &model)
{
    const auto quoted = [](QString cell) {
        // What a spreadsheet would take for a formula is text.
        if (!cell.isEmpty() && QStringLiteral("=+@").contains(cell.front()))
            cell.prepend(QLatin1Char('\''));
        if (!cell.contains(QLatin1Char(',')) && !cell.contains(QLatin1Char('"'))
            && !cell.contains(QLatin1Char('\n')) && !cell.contains(QLatin1Char('\r')))
            return cell;
        return QLatin1Char('"') + cell.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
    };
    QString out;
    for (int row = -1; row < model.rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < model.columnCount(); ++column)
            cells << quoted(row < 0 ? model.headerData(column, Qt::Horizontal).toString()
                                    : model.index(row, column).data(Qt::EditRole).toString());
        out += cells.join(QLatin1Char(',')) + QLatin1Char('\n');
    }
    return out;
}

QVector<TableRow> matching(const QVector<TableRow> &rows, const QString &words)
{
    const QStringList list = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    if (list.isEmpty())
        return rows;
    QVector<TableRow> out;
    for (const TableRow &row : rows) {
        const bool passes = std::all_of(list.begin(), list.end(), [&](const QString &word) {
            return std::any_of(row.cells.begin(), row.cells.end(),
                [&](const TableCell &cell) { return cell.text.contains(word, Qt::CaseInsensitive); });
        });
        if (passes)
            out << row;
    }
    return out;
}

} // namespace tailscope::items::cells
