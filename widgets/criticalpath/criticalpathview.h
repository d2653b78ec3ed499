// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QLabel;
class QStackedWidget;
class QTableView;

namespace tailscope::items {
class CriticalPathModel;
}

namespace tailscope::widgets {

class ElidedLabel;
class EmptyState;
class SearchBar;
class WhatIfPanel;

/// What the traces of the range and filter waited for, operation by operation, gaps as rows of their own; and
/// what their durations would be if some of it were faster.
class CriticalPathView : public View
{
    Q_OBJECT
public:
    CriticalPathView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    void startSearch() override;

    QTableView *table() const { return m_table; }
    WhatIfPanel *whatIfPanel() const { return m_panel; }

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    void refresh();
    void showEmpty();
    void updateNote();
    void search(int step);
    void openExample();
    void narrow();
    void copyRows();
    void showMenu(const QPoint &position);
    int currentRow() const;

    items::CriticalPathModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    ElidedLabel *m_note;
    SearchBar *m_search;
    QTableView *m_table;
    WhatIfPanel *m_panel;
    bool m_fitted = false;
};

} // namespace tailscope::widgets
