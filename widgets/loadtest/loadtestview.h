// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QComboBox;
class QLabel;
class QStackedWidget;
class QTabWidget;
class QTableView;

namespace tailscope::items {
class CellTable;
class LoadTestModel;
} // namespace tailscope::items

namespace tailscope::widgets {

class EmptyState;
class PlotView;

/// Load tests: runs, phases, latency and load over time, throughput over concurrency, limits, two compared.
class LoadTestView : public View
{
    Q_OBJECT
public:
    LoadTestView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    bool isReady() const override;

    items::LoadTestModel *model() const { return m_model; }
    QTableView *runTable() const { return m_runs; }
    QTableView *phaseTable() const { return m_phases; }
    QTableView *gateTable() const { return m_gates; }
    QTableView *comparisonTable() const { return m_comparison; }
    QComboBox *otherBox() const { return m_other; }
    PlotView *curve() const { return m_curve; }
    PlotView *latency() const { return m_latency; }
    QString verdictText() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void setUpTable(QTableView *table, items::CellTable *model, const QString &name);
    QWidget *buildPlots();
    QWidget *buildTabs();
    void buildLayout();
    void connectAll();
    void refresh();
    void showEmpty();
    void showRun();
    void showTimes();
    void showCurve();
    void showOthers();
    void narrowToPhase();
    void narrowToRun();
    void copyRows(QTableView *table);
    void showMenu(QTableView *table, const QPoint &globalPosition);

    items::LoadTestModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QLabel *m_verdict, *m_comparisonText;
    QTableView *m_runs, *m_phases, *m_levels, *m_gates, *m_comparison;
    PlotView *m_latency, *m_load, *m_curve, *m_byUsers;
    QTabWidget *m_tabs;
    QComboBox *m_other;
};

} // namespace tailscope::widgets
