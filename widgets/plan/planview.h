// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QComboBox;
class QLabel;
class QPlainTextEdit;
class QStackedWidget;
class QTreeView;

namespace tailscope::items {
class PlanModel;
}

namespace tailscope::widgets {

class SearchBar;

/// Execution plans: the tree with self time, rows against the estimate and buffers; beside it the text it was
/// read from with the line of the chosen node marked, and the statement.
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
    QList<QAction *> viewActions() const override;

private:
    void createActions();
    void showPlans();
    void showPlan();
    void showNode(const QModelIndex &index);
    void selectNode(const QModelIndex &index);
    void shareNode(const QModelIndex &index);
    void chooseNode();
    void goToSlowest();
    void followSelection();
    void search(int direction);
    void showMenu(const QPoint &position);
    void fitColumns();

    items::PlanModel *m_model;
    QStackedWidget *m_stack;
    QComboBox *m_plans;
    QLabel *m_summary;
    QTreeView *m_tree;
    QPlainTextEdit *m_text, *m_query;
    SearchBar *m_search;
    QList<QAction *> m_actions;
    QString m_shownSource;
    bool m_following = false; ///< the tree moves to what another view chose
    bool m_isPlanChosen = false; ///< by the user, in the list of plans
};

} // namespace tailscope::widgets
