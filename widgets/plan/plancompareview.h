// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QModelIndex;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace tailscope::items {
class PlanCompareModel;
}

namespace tailscope::widgets {

class Banner;
class EmptyState;
class SearchBar;

/// Two plans side by side: what changed in one sentence, factors of time, buffers and cost, and a table with
/// nodes that do the same job on one line.
class PlanCompareView : public View
{
    Q_OBJECT
public:
    PlanCompareView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    bool isReady() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    QList<QAction *> viewActions() const override;
    void startSearch() override;

private:
    void createActions();
    void buildLayout();
    void connectParts();
    void fillBoxes();
    void showContent();
    void showState();
    void fitColumns();
    void shareNode(const QModelIndex &index);
    void search(int direction);
    void saveBaseline();
    void showMenu(const QPoint &position);

    items::PlanCompareModel *m_model;
    Banner *m_banner;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QWidget *m_content;
    QComboBox *m_first, *m_second;
    QToolButton *m_swap;
    QCheckBox *m_only;
    QLabel *m_sentence, *m_factors;
    SearchBar *m_search;
    QTableView *m_table;
    QList<QAction *> m_actions;
    QAction *m_save = nullptr;
};

} // namespace tailscope::widgets
