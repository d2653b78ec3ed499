// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/sessionhistory.h"

#include "session/playback.h"

namespace tailscope::items {

namespace {

constexpr Nanos kUsualWindow = 300 * kNanosPerSecond;

} // namespace

SessionHistory::SessionHistory(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
{}

void SessionHistory::setTarget(const analysis::SampledServer &server, qint64 pid, Nanos backendStart,
    Nanos sampleNs)
{
    const bool isAnother = pid != m_pid || backendStart != m_backendStart || server.ids != m_server.ids;
    m_server = server;
    m_pid = pid;
    m_backendStart = backendStart;
    m_sampleNs = sampleNs;
    m_stale = true;
    if (isAnother) {
        m_job.cancel();
        m_stretches.clear();
        Q_EMIT changed();
    }
    refresh();
}

void SessionHistory::refresh()
{
    if (!m_stale || m_job.isRunning())
        return;
    m_stale = false;
    if (m_pid == 0)
        return;
    TimeRange window = m_session->playback()->shown();
    if (window.isEmpty() && m_sampleNs != kUnknownNanos)
        window = {saturatingSub(m_sampleNs, kUsualWindow), saturatingAdd(m_sampleNs, 1)};
    m_job.start<std::vector<SessionStretch>>(
        this, {},
        [workspace = m_session->workspacePtr(), server = m_server, pid = m_pid, start = m_backendStart,
            window](const Progress &progress) {
            return sessionHistory(*workspace, server, pid, start, window, progress);
        },
        [this, window](Result<std::vector<SessionStretch>> stretches) {
            if (stretches) {
                m_stretches = std::move(*stretches);
                m_window = window;
            }
            Q_EMIT changed();
            refresh();
        });
}

} // namespace tailscope::items
