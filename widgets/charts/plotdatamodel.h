// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/plotcontent.h"
#include "widgets/charts/plotscale.h"

#include <QAbstractTableModel>

namespace tailscope::session {
class SessionContext;
}

namespace tailscope::widgets {

/// The numbers behind a plot: one row a value of x, one column a series, exact to the last digit. Every x of
/// every series has its row; a gap is an empty cell. GUI thread.
class PlotDataModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    explicit PlotDataModel(QObject *parent = nullptr);
    void setContent(const PlotContent &content, const session::SessionContext *context);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    /// Tab-separated with a header line, unformatted numbers in the units of the axes.
    QString toText() const;

private:
    std::optional<std::size_t> pointAt(const PlotSeries &series, double x) const;

    PlotContent m_content;
    PlotScale m_x, m_y;
    std::vector<double> m_rows; ///< all x, ascending, each once
};

} // namespace tailscope::widgets
