// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/plan/planpage.h"

#include <QHash>

class QJsonObject;
class QMenu;
class QStackedWidget;
class QToolButton;
class QTreeView;

namespace tailscope::items {
class PlanListModel;
}

namespace tailscope::widgets {

/// The nodes as an indented tree, or as a list sorted by any column: clicking a header sorts, the buttons
/// switch.
class PlanTablePage : public PlanPage
{
    Q_OBJECT
public:
    PlanTablePage(items::PlanModel *model, QWidget *parent);
    void showPlan() override;
    void showNode(int node) override;
    QWidget *focusTarget() override;
    QTreeView *tree() const { return m_tree; }
    bool isList() const;
    void setList(bool list);
    QJsonObject saveState() const; ///< only what the user changed
    void restoreState(const QJsonObject &state);
    void expandAll();

private:
    void setUp(QTreeView *view, const QString &name);
    void fitColumns();
    void hideColumns();
    bool isHidden(int column, bool inList) const;
    void fillColumnMenu();

    items::PlanListModel *m_listModel;
    QStackedWidget *m_stack;
    QTreeView *m_tree, *m_list;
    QToolButton *m_asTree, *m_asList;
    QMenu *m_columns;
    QHash<int, bool> m_chosen; ///< columns the user shows or hides
    bool m_following = false; ///< the current row is set by the view
};

} // namespace tailscope::widgets
