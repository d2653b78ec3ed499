// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QStackedWidget;
class QTabWidget;
class QTableView;

namespace tailscope::items {
class CellTable;
class PoolModel;
} // namespace tailscope::items

namespace tailscope::widgets {

class ElidedLabel;
class EmptyState;
class PlotView;
class PoolWhatIfPanel;

/// Pools with their verdicts; over time, on the curve of their own size, why, what if, and all of them
/// against their server.
class PoolView : public View
{
    Q_OBJECT
public:
    PoolView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    bool isReady() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;

    items::PoolModel *model() const { return m_model; }
    QTableView *poolTable() const { return m_pools; }
    QTableView *factTable() const { return m_facts; }
    QTableView *fleetTable() const { return m_fleet; }
    PoolWhatIfPanel *whatIfPanel() const { return m_whatIf; }
    PlotView *usePlotView() const { return m_use; }
    PlotView *curvePlotView() const { return m_curve; }
    QTabWidget *tabs() const { return m_tabs; }
    QString sentenceText() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void setUpTable(QTableView *table, items::CellTable *model, const QString &name);
    void buildLayout();
    void connectAll();
    void refresh();
    void showEmpty();
    void followSelection();
    void showCurrent();
    void showPlots();
    void copyRows(QTableView *table);
    void showMenu(QTableView *table, const QPoint &globalPosition);

    items::PoolModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    ElidedLabel *m_sentence;
    QTableView *m_pools, *m_facts, *m_fleet;
    PlotView *m_use, *m_waiting, *m_wait, *m_curve;
    PoolWhatIfPanel *m_whatIf;
    QTabWidget *m_tabs;
    QWidget *m_charts = nullptr; ///< the plots over time
    bool m_fitted = false, m_filling = false;
};

} // namespace tailscope::widgets
