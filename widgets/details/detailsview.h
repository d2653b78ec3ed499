// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QLabel;
class QStackedWidget;
class QTreeView;

namespace tailscope::items {
class DetailsModel;
}

namespace tailscope::widgets {

/// The inspector: everything known about the selected thing, copyable.
class DetailsView : public View
{
    Q_OBJECT
public:
    DetailsView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    bool isReady() const override;

private:
    void refresh();
    void showMenu(const QPoint &position);

    items::DetailsModel *m_model;
    QLabel *m_title;
    QTreeView *m_tree;
    QStackedWidget *m_stack;
};

} // namespace tailscope::widgets
