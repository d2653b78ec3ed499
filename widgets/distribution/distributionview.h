// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "widgets/base/view.h"

#include <optional>
#include <utility>

class QAction;
class QLabel;
class QSplitter;
class QStackedWidget;
class QTabWidget;
class QTimer;

namespace tailscope::items {
class DistributionModel;
}

namespace tailscope::widgets {

class Banner;
class EmptyState;
class GroupTable;
class HistogramCanvas;
class OverTimePanel;
class PlotView;

/// How the durations (or self times) of the shared range and filter are spread: histogram with percentiles
/// and groups, development over time, percentile curve. Dragging a range of durations or of time narrows
/// every view.
class DistributionView : public View
{
    Q_OBJECT
public:
    enum Tab { HistogramTab, OverTimeTab, CurveTab };

    explicit DistributionView(session::Session *session, QWidget *parent = nullptr);

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    QList<QAction *> viewActions() const override { return m_actions; }
    void startSearch() override;

    items::DistributionModel *model() const { return m_model; }
    HistogramCanvas *histogram() const { return m_histogram; }
    GroupTable *groupTable() const { return m_groups; }
    OverTimePanel *overTime() const { return m_overTime; }
    PlotView *curve() const { return m_curve; }
    QTabWidget *tabs() const { return m_tabs; }
    QString figuresText() const; ///< as written above the picture, or of the dragged part
    QString basisText() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void createActions();
    void buildLayout();
    void connectParts();
    void showStats();
    void showOverlays();
    void showCurve();
    void updateCaption();
    void updateState();
    void updateBusy();
    void narrowToValues(Nanos low, Nanos high);
    /// Asks the cohorts view about the spans of these values; nullopt: those of the filter, else the slowest
    /// 1 %.
    void askWhySlow(std::optional<std::pair<Nanos, Nanos>> values);
    std::optional<std::pair<Nanos, Nanos>> filteredValues() const;
    void previewValues();
    void previewTime();
    QString previewText() const;
    void showHistogramMenu(const QPoint &position);
    void showHeatMapMenu(const QPoint &position);

    items::DistributionModel *m_model;
    QWidget *m_bar;
    QLabel *m_figures, *m_basis, *m_busyMark;
    Banner *m_banner;
    QString m_samplingWarning; ///< what the banner says of sampling
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QTabWidget *m_tabs;
    QSplitter *m_splitter;
    HistogramCanvas *m_histogram;
    GroupTable *m_groups;
    OverTimePanel *m_overTime;
    PlotView *m_curve;
    QTimer *m_busyTimer;
    QAction *m_self = nullptr, *m_log = nullptr, *m_root = nullptr, *m_intervals = nullptr,
            *m_removeRange = nullptr, *m_whySlow = nullptr;
    QList<QAction *> m_actions;
    enum class EmptyAction { None, Open, Reset } m_emptyAction = EmptyAction::None;
    bool m_wasReady = false;
};

} // namespace tailscope::widgets
