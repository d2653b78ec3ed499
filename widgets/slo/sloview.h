// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QComboBox;
class QLineEdit;
class QSpinBox;
class QStackedWidget;
class QTableView;

namespace tailscope::items {
class CellTable;
class SloModel;
} // namespace tailscope::items

namespace tailscope::widgets {

class ElidedLabel;
class EmptyState;
class PlotView;

/// Service levels: definition, budget in counts, burn over time, days, causes, operations, users hurt.
class SloView : public View
{
    Q_OBJECT
public:
    SloView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    bool isReady() const override;

    items::SloModel *model() const { return m_model; }
    QTableView *dayTable() const { return m_days; }
    QTableView *causeTable() const { return m_causes; }
    QTableView *userTable() const { return m_users; }
    QTableView *operationTable() const { return m_operations; }
    PlotView *burnPlot() const { return m_burn; }
    QLineEdit *objectiveEdit() const { return m_objective; }
    QLineEdit *limitEdit() const { return m_limit; }
    QString headline() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    QWidget *buildForm();
    QWidget *section(const QString &title, QWidget *content);
    void setUpTable(QTableView *table, items::CellTable *model, const QString &name);
    void buildLayout();
    void connectAll();
    void refresh();
    void showDefinition();
    void apply();
    void showEmpty();
    void showBurn();
    void narrowToDay();
    void narrowToOperation();
    void copyRows(QTableView *table);
    void showMenu(QTableView *table, const QPoint &globalPosition);

    items::SloModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QLineEdit *m_objective, *m_limit, *m_scope;
    QSpinBox *m_window;
    QComboBox *m_origin;
    ElidedLabel *m_headline, *m_note;
    QTableView *m_days, *m_causes, *m_operations, *m_users, *m_burns;
    PlotView *m_burn;
    bool m_filling = false;
};

} // namespace tailscope::widgets
