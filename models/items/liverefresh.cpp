// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/liverefresh.h"

#include "session/livesession.h"
#include "session/playback.h"

#include <algorithm>

namespace tailscope::items {

using session::Playback;

std::optional<TimeRange> shownRange(const session::Session &session)
{
    if (const auto chosen = session.context()->range())
        return chosen;
    const Playback &playback = *session.playback();
    const bool isWatched = session.live()->isLive() || playback.mode() != Playback::Mode::Follow;
    if (!isWatched || playback.shown().isEmpty())
        return std::nullopt;
    return playback.shown();
}

LiveRefresh::LiveRefresh(session::Session *session, QObject *parent, std::function<bool()> isBusy,
    std::function<void()> refresh)
    : QObject(parent)
    , m_isBusy(std::move(isBusy))
    , m_refresh(std::move(refresh))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &LiveRefresh::run);
    connect(session, &session::Session::liveAppended, this, &LiveRefresh::ask);
    connect(session->playback(), &Playback::momentChanged, this, &LiveRefresh::ask);
    connect(session->playback(), &Playback::modeChanged, this, &LiveRefresh::ask);
}

void LiveRefresh::setBusy(bool busy)
{
    if (busy == m_wasBusy)
        return;
    m_wasBusy = busy;
    if (busy)
        m_reading.start();
    else
        m_lastMs = m_reading.elapsed();
}

void LiveRefresh::ask()
{
    if (!m_timer.isActive())
        m_timer.start(int(std::clamp<qint64>(5 * m_lastMs, 1'000, 60'000)));
}

void LiveRefresh::run()
{
    if (m_isBusy())
        return ask();
    m_refresh();
}

} // namespace tailscope::items
