// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QSocketNotifier;

namespace tailscope::app {

/// Ends the program in order when the system asks it to (SIGTERM of a log-out, SIGINT, SIGHUP): the windows
/// close as by hand, so that workspaces are left clean. A second signal ends it at once, as usual. One object
/// at most; GUI thread.
class Termination : public QObject
{
    Q_OBJECT
public:
    explicit Termination(QObject *parent = nullptr);
    ~Termination() override;

private:
    int m_ends[2] = {-1, -1};
    QSocketNotifier *m_notifier = nullptr;
};

} // namespace tailscope::app
