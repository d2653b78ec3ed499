// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QComboBox;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace tailscope::items {
class BudgetModel;
}

namespace tailscope::widgets {

class Banner;
class BudgetCanvas;
class BudgetChanges;
class BudgetEditor;
class ElidedLabel;
class EmptyState;

/// A performance budget against what was measured: the waterfall of its components, the table beside it, and
/// what the requests would take with changes.
class BudgetView : public View
{
    Q_OBJECT
public:
    BudgetView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    QList<QAction *> viewActions() const override;

    items::BudgetModel *model() const { return m_model; }
    BudgetCanvas *canvas() const { return m_canvas; }
    QTableView *table() const { return m_table; }
    BudgetChanges *changes() const { return m_changes; }
    QComboBox *budgetBox() const { return m_budget; }
    BudgetEditor *editor() const { return m_editor; } ///< null unless it is open
    void edit(bool asNew);

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    void buildBar(QLayout *bar);
    void buildActions();
    void refresh();
    void showEmpty();
    void fillBudgets();
    void chooseBar(int bar);
    void openExample(int row);
    void copyRows();
    void copyMarkdown();
    void exportToml();
    void showMenu(const QPoint &globalPosition);
    int currentRow() const; ///< of the report; -1 = none

    items::BudgetModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    Banner *m_banner;
    QComboBox *m_budget, *m_scope, *m_percentile;
    QPushButton *m_edit, *m_new;
    ElidedLabel *m_headline, *m_sums;
    BudgetCanvas *m_canvas;
    QTableView *m_table;
    BudgetChanges *m_changes;
    BudgetEditor *m_editor = nullptr;
    QAction *m_export, *m_remove, *m_copy, *m_markdown;
    bool m_fitted = false, m_filling = false;
};

} // namespace tailscope::widgets
