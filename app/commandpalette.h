// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QList>

class QAction;
class QLineEdit;
class QListWidget;

namespace tailscope::app {

/// Ctrl+Shift+P: every action by name, fuzzy, keyboard only; shows the shortcut of each.
class CommandPalette : public QDialog
{
    Q_OBJECT
public:
    CommandPalette(const QList<QAction *> &actions, QWidget *parent);
    /// Score of a fuzzy match (letters in order), higher is better; -1 = no match.
    static int matchScore(const QString &pattern, const QString &text);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void refresh();
    void runCurrent();

    QList<QAction *> m_actions;
    QLineEdit *m_edit;
    QListWidget *m_list;
};

} // namespace tailscope::app
