// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/plotdatamodel.h"

#include "base/units.h"

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

QString plainNumber(double value, const PlotAxis &axis)
{
    if (!std::isfinite(value))
        return {};
    if (axis.unit == PlotUnit::Time)
        return QString::number(saturatingAdd(axis.origin, Nanos(std::llround(value))));
    return QString::number(value, 'g', 17);
}

} // namespace

PlotDataModel::PlotDataModel(QObject *parent)
    : QAbstractTableModel(parent)
{}

void PlotDataModel::setContent(const PlotContent &content, const session::SessionContext *context)
{
    beginResetModel();
    m_content = content;
    m_x = PlotScale(content.x, context);
    m_y = PlotScale(content.y, context);
    m_rows.clear();
    for (const PlotSeries &series : content.series)
        m_rows.insert(m_rows.end(), series.x.begin(), series.x.end());
    std::sort(m_rows.begin(), m_rows.end());
    m_rows.erase(std::unique(m_rows.begin(), m_rows.end()), m_rows.end());
    endResetModel();
}

int PlotDataModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int PlotDataModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_content.series.size()) + 1;
}

std::optional<std::size_t> PlotDataModel::pointAt(const PlotSeries &series, double x) const
{
    const auto found = std::lower_bound(series.x.begin(), series.x.end(), x);
    const auto index = std::size_t(found - series.x.begin());
    if (found == series.x.end() || *found != x || index >= series.y.size() || !std::isfinite(series.y[index]))
        return std::nullopt;
    return index;
}

QVariant PlotDataModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_rows.size() || index.column() >= columnCount())
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((index.column() == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const double x = m_rows[std::size_t(index.row())];
    if (index.column() == 0)
        return m_x.exactText(x);
    const PlotSeries &series = m_content.series[std::size_t(index.column() - 1)];
    const auto point = pointAt(series, x);
    if (!point)
        return {};
    QString text = m_y.exactText(series.y[*point]);
    if (*point < series.weak.size() && series.weak[*point] != 0 && !m_content.weakText.isEmpty())
        text += QStringLiteral(" (%1)").arg(m_content.weakText);
    return text;
}

QVariant PlotDataModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section >= columnCount())
        return {};
    if (section == 0)
        return m_content.x.title;
    const QString &name = m_content.series[std::size_t(section - 1)].name;
    return name.isEmpty() ? m_content.y.title : name;
}

QString PlotDataModel::toText() const
{
    QStringList lines, cells;
    for (int column = 0; column < columnCount(); ++column)
        cells << headerData(column, Qt::Horizontal).toString();
    lines << cells.join(QLatin1Char('\t'));
    for (const double x : m_rows) {
        cells = {plainNumber(x, m_content.x)};
        for (const PlotSeries &series : m_content.series) {
            const auto point = pointAt(series, x);
            cells << (point ? plainNumber(series.y[*point], m_content.y) : QString());
        }
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::widgets
