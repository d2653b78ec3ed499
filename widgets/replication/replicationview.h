// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "widgets/base/view.h"

class QLabel;
class QStackedWidget;
class QTabWidget;

namespace tailscope::items {
class ReplicaModel;
}

namespace tailscope::widgets {

class Banner;
class CellTableView;
class ElidedLabel;
class EmptyState;
class PlotView;
class ReplicaInputs;
struct PlotContent;

/// Replicas and their lag: verdicts, distribution, stages, episodes, slots, and what readers and commits
/// would see.
class ReplicationView : public View
{
    Q_OBJECT
public:
    ReplicationView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;

    items::ReplicaModel *model() const { return m_model; }
    CellTableView *replicaTable() const { return m_replicas; }
    CellTableView *episodeTable() const { return m_episodes; }
    PlotView *lagPlot() const { return m_lag; }
    PlotView *stagePlot() const { return m_stages; }
    ReplicaInputs *readerInputs() const { return m_readerInputs; }
    ReplicaInputs *commitInputs() const { return m_commitInputs; }
    QTabWidget *pages() const { return m_pages; }

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    void buildPages();
    void connectAll();
    void connectPlot(PlotView *plot);
    void refresh();
    void showEmpty();
    void showChosen();
    void showLag();
    void showStages();
    void addMarks(PlotContent &content, Nanos origin, Nanos end) const;
    void followSelection();
    void narrowToEpisode();
    Nanos origin() const;

    items::ReplicaModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    Banner *m_banner;
    ElidedLabel *m_note;
    CellTableView *m_replicas, *m_episodes;
    PlotView *m_lag, *m_stages;
    QTabWidget *m_pages;
    ReplicaInputs *m_readerInputs, *m_commitInputs;
    QLabel *m_commitText;
};

} // namespace tailscope::widgets
