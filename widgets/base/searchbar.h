// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRegularExpression>
#include <QWidget>

class QLabel;
class QLineEdit;
class QToolButton;

namespace tailscope::widgets {

/// Search as you type with regular-expression toggle, match count and next/previous; Esc clears and hides.
class SearchBar : public QWidget
{
    Q_OBJECT
public:
    explicit SearchBar(QWidget *parent = nullptr);
    QString text() const;
    bool isRegularExpression() const;
    /// Case-insensitive expression for the text; invalid patterns match nothing and are marked in the field.
    QRegularExpression expression() const;
    void setResultText(const QString &text); ///< "12 matches, 34.5 %"
    void activate(); ///< show, focus, select all

Q_SIGNALS:
    void changed();
    void nextRequested();
    void previousRequested();
    void closed();

private:
    QLineEdit *m_edit;
    QToolButton *m_regex;
    QLabel *m_result;
};

} // namespace tailscope::widgets
