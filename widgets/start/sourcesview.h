// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QLabel;
class QStackedWidget;
class QTreeWidget;

namespace tailscope::widgets {

/// The files of the workspace: state, size, rows, clock; resume, keep, remove.
class SourcesView : public View
{
    Q_OBJECT
public:
    SourcesView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QString commandLine() const override;

private:
    void refresh();
    void countRecording();
    void followSelection();
    void showMenu(const QPoint &position);
    qint64 currentSource() const;

    QStackedWidget *m_stack;
    QTreeWidget *m_tree;
    QLabel *m_footer;
};

} // namespace tailscope::widgets
