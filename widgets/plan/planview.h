// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/job.h"
#include "widgets/base/view.h"

class QComboBox;
class QLabel;
class QStackedWidget;
class QTabWidget;

namespace tailscope::items {
class PlanModel;
}

namespace tailscope::widgets {

class Banner;
class PlanDiagramPage;
class PlanIciclePage;
class PlanPage;
class PlanSidePane;
class PlanTablePage;
class SearchBar;

/// Execution plans, on pages that share one chosen node: table, diagram, flame graph, workers, sums; beside
/// them what to read first, and the text and the statement with the node's place marked. Keys 1 to 5 or
/// Ctrl+Page Up and Down change the page.
class PlanView : public View
{
    Q_OBJECT
public:
    PlanView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    bool isReady() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    void startSearch() override;
    void zoomBy(double factor) override;
    QList<QAction *> viewActions() const override;

    int page() const;
    void setPage(int page);
    int currentNode() const { return m_node; } ///< index in the plan; -1 = none

private:
    void createPages();
    void createActions();
    void createShortcuts();
    void showPlans();
    void showPlan();
    QString summaryText() const;
    void showNode(int node);
    void chooseNode(int node); ///< by the user: shared with the other views
    void chooseFirst();
    void goToSlowest();
    void followSelection();
    void search(int direction);
    void showMenu(const QPoint &position, int node);
    void save(const QString &title, const QStringList &filters, const QString &suffix,
        std::function<QString(const QString &path)> write);
    void saveDiagram();
    void savePlan();
    void anonymise(std::function<void(const QString &text)> done);
    void compareWith();

    items::PlanModel *m_model;
    session::LatestJob m_anonymiseJob;
    QStackedWidget *m_stack;
    Banner *m_banner;
    QComboBox *m_plans;
    QLabel *m_summary;
    QTabWidget *m_tabs;
    PlanTablePage *m_table;
    PlanDiagramPage *m_diagram;
    PlanIciclePage *m_icicle;
    QList<PlanPage *> m_pages;
    PlanSidePane *m_side;
    SearchBar *m_search;
    QList<QAction *> m_actions;
    int m_node = -1;
    bool m_isPlanChosen = false; ///< by the user, in the list of plans
};

} // namespace tailscope::widgets
