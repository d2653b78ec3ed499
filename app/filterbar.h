// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QWidget>

class QLabel;
class QLineEdit;
class QToolButton;

namespace tailscope::session {
class SessionContext;
}

namespace tailscope::app {

/// The one filter of the window with completion of field names and values, the time range as a chip, and the
/// number of spans that pass. Mistakes are marked in place with the reason.
class FilterBar : public QWidget
{
    Q_OBJECT
public:
    explicit FilterBar(QWidget *parent = nullptr);
    void setContext(session::SessionContext *context);
    void activate();

private:
    void showState();
    void updateCompletions();

    QPointer<session::SessionContext> m_context;
    QLineEdit *m_edit;
    QToolButton *m_range, *m_clear;
    QLabel *m_count;
};

} // namespace tailscope::app
