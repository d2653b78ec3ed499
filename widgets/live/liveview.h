// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

#include <QTimer>
#include <QVector>

class QGridLayout;
class QSplitter;
class QStackedWidget;
class QTableView;

namespace tailscope::items {
class CellTable;
class LiveModel;
} // namespace tailscope::items

namespace tailscope::widgets {

class EmptyState;
class PlotView;

/// The dashboard: a row for each attached server, charts over the window that ends with the shown moment, and
/// what happened. Choosing servers narrows the charts to them; a click into a chart or on an event holds that
/// moment in all live views.
class LiveView : public View
{
    Q_OBJECT
public:
    LiveView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    bool isReady() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;

    items::LiveModel *model() const { return m_model; }
    QTableView *serverTable() const { return m_servers; }
    QTableView *eventTable() const { return m_events; }
    PlotView *plot(const char *id) const; ///< of liveCharts()

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void buildLayout();
    void setUpTable(QTableView *table, items::CellTable *model, const QString &name);
    void connectAll();
    void refresh();
    void showEmpty();
    void drawNext();
    void layOutPlots();
    void chooseSelected();
    void holdAtCursor(PlotView *plot);
    void holdAtEvent(int row);
    void copyRows(QTableView *table);
    void showMenu(QTableView *table, const QPoint &globalPosition);

    items::LiveModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QTableView *m_servers, *m_events;
    QSplitter *m_whole, *m_lower;
    QWidget *m_chartPage;
    QGridLayout *m_grid;
    QVector<PlotView *> m_plots; ///< in the order of liveCharts()
    QVector<bool> m_hasData;
    QTimer m_drawTimer; ///< one chart after another
    qsizetype m_nextPlot = 0;
    int m_columns = 0;
    bool m_fitted = false, m_drawAgain = false, m_layoutStale = true;
};

} // namespace tailscope::widgets
