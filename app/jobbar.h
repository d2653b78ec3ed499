// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;
class QToolButton;

namespace tailscope::session {
class JobQueue;
}

namespace tailscope::app {

/// The running jobs in the status bar: the oldest with phase, share, rate, remaining time and Cancel; the
/// number of the others; a menu lists all.
class JobBar : public QWidget
{
    Q_OBJECT
public:
    explicit JobBar(QWidget *parent = nullptr);
    void setJobs(session::JobQueue *jobs);

private:
    void refresh();
    void showMenu();

    session::JobQueue *m_jobs = nullptr;
    QLabel *m_text;
    QProgressBar *m_bar;
    QToolButton *m_cancel, *m_more;
};

} // namespace tailscope::app
