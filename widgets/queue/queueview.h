// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "widgets/base/view.h"

class QStackedWidget;
class QTabWidget;

namespace tailscope::items {
class QueueModel;
}

namespace tailscope::widgets {

class CellTableView;
class ElidedLabel;
class EmptyState;
class PlotView;
struct PlotContent;

/// Queues and their consumer groups: depth, rates, phases, alarms and partitions.
class QueueView : public View
{
    Q_OBJECT
public:
    QueueView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;

    items::QueueModel *model() const { return m_model; }
    CellTableView *queueTable() const { return m_queues; }
    CellTableView *phaseTable() const { return m_phases; }
    CellTableView *alarmTable() const { return m_alarms; }
    PlotView *depthPlot() const { return m_depth; }
    PlotView *ratePlot() const { return m_rates; }
    QTabWidget *pages() const { return m_pages; }

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    void connectAll();
    void connectPlot(PlotView *plot);
    void refresh();
    void showEmpty();
    void showChosen();
    PlotContent content(const QString &title) const;
    void addMarks(PlotContent &content, bool labelled) const;
    void followSelection();
    void narrowToPhase();
    Nanos origin() const;

    items::QueueModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    ElidedLabel *m_note;
    CellTableView *m_queues, *m_phases, *m_alarms, *m_partitions;
    PlotView *m_depth, *m_rates;
    QTabWidget *m_pages;
};

} // namespace tailscope::widgets
