// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/sessionquery.h"
#include "session/session.h"

#include <QObject>

#include <vector>

namespace tailscope::items {

/// What one session did over the window that playback shows. Read by a job, one at a time. GUI thread.
class SessionHistory : public QObject
{
    Q_OBJECT
public:
    explicit SessionHistory(session::Session *session, QObject *parent = nullptr);

    /// pid 0 = none.
    void setTarget(const analysis::SampledServer &server, qint64 pid, Nanos backendStart, Nanos sampleNs);
    qint64 pid() const { return m_pid; }
    TimeRange window() const { return m_window; } ///< of the stretches
    const std::vector<SessionStretch> &stretches() const { return m_stretches; }
    bool isBusy() const { return m_job.isRunning(); }

Q_SIGNALS:
    void changed();

private:
    void refresh();

    session::Session *m_session;
    session::LatestJob m_job;
    analysis::SampledServer m_server;
    qint64 m_pid = 0;
    Nanos m_backendStart = kUnknownNanos, m_sampleNs = kUnknownNanos;
    TimeRange m_window;
    std::vector<SessionStretch> m_stretches;
    bool m_stale = false;
};

} // namespace tailscope::items
