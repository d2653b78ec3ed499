// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

class QLabel;
class QPushButton;

namespace tailscope::widgets {

/// What a view shows when it has nothing: an icon, what is missing, what to do, and optionally a button.
class EmptyState : public QWidget
{
    Q_OBJECT
public:
    explicit EmptyState(QWidget *parent = nullptr);
    void setContent(const QString &iconName, const QString &title, const QString &advice,
        const QString &buttonText = {});

Q_SIGNALS:
    void buttonClicked();

private:
    QLabel *m_icon, *m_title, *m_advice;
    QPushButton *m_button;
};

/// A line above a view for errors and warnings, with optional action; hidden when empty. Never a message box.
class Banner : public QWidget
{
    Q_OBJECT
public:
    enum class Level { Info, Warning, Critical };
    explicit Banner(QWidget *parent = nullptr);
    void show(Level level, const QString &text, const QString &actionText = {});
    void clear();

Q_SIGNALS:
    void actionClicked();

private:
    QLabel *m_icon, *m_text;
    QPushButton *m_action;
};

} // namespace tailscope::widgets
