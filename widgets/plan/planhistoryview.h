// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QAbstractItemModel;
class QComboBox;
class QLabel;
class QModelIndex;
class QStackedWidget;
class QTableView;

namespace tailscope::items {
class PlanCaptureTable;
class PlanHistoryModel;
class PlanShapeTable;
} // namespace tailscope::items

namespace tailscope::widgets {

class Banner;
class EmptyState;
class PlanMarkers;
class PlotView;

/// The plans of one statement over time: execution time of every capture by shape of its plan, lines where
/// the plan changed, and below the shapes and the captures. Clicking a capture selects its plan for all
/// views.
class PlanHistoryView : public View
{
    Q_OBJECT
public:
    PlanHistoryView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    bool isReady() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    QList<QAction *> viewActions() const override;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void createActions();
    void buildLayout();
    QTableView *addTable(QAbstractItemModel *model, const QString &name);
    void connectParts();
    void showHistory();
    void showChart();
    void showState();
    void showSelected();
    void selectPlan(qint64 planId);
    qint64 currentPlan() const; ///< of the table of captures; 0 = none
    void showMenu(QTableView *table, const QPoint &position);

    items::PlanHistoryModel *m_model;
    items::PlanShapeTable *m_shapes;
    items::PlanCaptureTable *m_captures;
    Banner *m_banner;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QWidget *m_content;
    QComboBox *m_statements;
    QLabel *m_summary;
    PlotView *m_plot;
    PlanMarkers *m_markers;
    QTableView *m_shapeView = nullptr, *m_captureView = nullptr;
    QList<QAction *> m_actions;
    QAction *m_save = nullptr;
    bool m_following = false; ///< rows move to what another view chose
};

} // namespace tailscope::widgets
