// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QPlainTextEdit;
class QStackedWidget;
class QTableView;

namespace tailscope::items {
class CellTable;
class LockModel;
} // namespace tailscope::items

namespace tailscope::widgets {

class DeadlockCanvas;
class ElidedLabel;
class EmptyState;

/// Deadlocks by the pair of their statements, the cycle of the chosen one, and who waited for whom how long.
class LocksView : public View
{
    Q_OBJECT
public:
    LocksView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    bool isReady() const override;

    items::LockModel *model() const { return m_model; }
    QTableView *pairTable() const { return m_pairs; }
    QTableView *deadlockTable() const { return m_deadlocks; }
    QTableView *waitTable() const { return m_waits; }
    DeadlockCanvas *canvas() const { return m_canvas; }
    QString statementText() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    QWidget *buildCycle();
    void buildLayout();
    void setUpTable(QTableView *table, items::CellTable *model, const QString &name);
    void connectAll();
    void refresh();
    void showEmpty();
    void showCurrent();
    void selectTime(QTableView *table);
    void copyRows(QTableView *table);
    void copyCycle();
    void showMenu(QTableView *table, const QPoint &globalPosition);

    items::LockModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    ElidedLabel *m_note, *m_waitNote;
    QTableView *m_pairs, *m_deadlocks, *m_processes, *m_waits;
    DeadlockCanvas *m_canvas;
    QPlainTextEdit *m_statements;
    bool m_fitted = false;
};

} // namespace tailscope::widgets
