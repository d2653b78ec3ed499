// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QStackedWidget;
class QTableView;

namespace tailscope::items {
class UseModel;
}

namespace tailscope::widgets {

class ElidedLabel;
class EmptyState;

/// Utilisation, saturation, errors of every resource. Enter goes to the view that shows the resource.
class UseView : public View
{
    Q_OBJECT
public:
    UseView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    bool isReady() const override;

    items::UseModel *model() const { return m_model; }
    QTableView *table() const { return m_table; }

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void refresh();
    void openShown();
    void copyRows();
    void showMenu(const QPoint &position);

    items::UseModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    ElidedLabel *m_note;
    QTableView *m_table;
};

} // namespace tailscope::widgets
