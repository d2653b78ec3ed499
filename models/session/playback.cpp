// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/playback.h"

#include <algorithm>

namespace tailscope::session {

Playback::Playback(QObject *parent)
    : QObject(parent)
{
    m_timer.setInterval(250);
    connect(&m_timer, &QTimer::timeout, this, &Playback::tick);
}

void Playback::setRecorded(TimeRange range)
{
    if (range.begin == m_recorded.begin && range.end == m_recorded.end)
        return;
    m_recorded = range;
    Q_EMIT recordedChanged();
    if (range.isEmpty()) {
        setMode(Mode::Follow); // nothing to hold or to play
        move(kUnknownNanos);
        return;
    }
    if (m_mode == Mode::Follow || m_moment == kUnknownNanos)
        move(range.end);
    else
        move(std::clamp(m_moment, range.begin, range.end));
}

TimeRange Playback::shown() const
{
    if (m_moment == kUnknownNanos)
        return {};
    return {saturatingSub(m_moment, m_windowNs), saturatingAdd(m_moment, 1)};
}

void Playback::follow()
{
    setMode(Mode::Follow);
    if (!m_recorded.isEmpty())
        move(m_recorded.end);
}

void Playback::hold(Nanos moment)
{
    if (m_recorded.isEmpty())
        return;
    setMode(Mode::Hold);
    move(std::clamp(moment, m_recorded.begin, m_recorded.end));
}

void Playback::play(double speed)
{
    if (m_recorded.isEmpty())
        return;
    m_speed = std::clamp(speed, 0.1, 1000.0);
    if (m_moment == kUnknownNanos || m_moment >= m_recorded.end)
        move(m_recorded.begin);
    setMode(Mode::Play);
    m_played.start();
}

void Playback::setWindowNs(Nanos window)
{
    window = std::max(window, kNanosPerSecond);
    if (window == m_windowNs)
        return;
    m_windowNs = window;
    Q_EMIT momentChanged();
}

void Playback::step(Nanos by)
{
    if (m_moment != kUnknownNanos)
        hold(saturatingAdd(m_moment, by));
}

void Playback::move(Nanos moment)
{
    if (moment == m_moment)
        return;
    m_moment = moment;
    Q_EMIT momentChanged();
}

void Playback::setMode(Mode mode)
{
    if (mode == Mode::Play)
        m_timer.start();
    else
        m_timer.stop();
    if (mode == m_mode)
        return;
    m_mode = mode;
    Q_EMIT modeChanged();
}

void Playback::tick()
{
    const double passed = static_cast<double>(m_played.nsecsElapsed()) * m_speed;
    m_played.restart();
    const Nanos to = saturatingAdd(m_moment, static_cast<Nanos>(std::min(passed, 9e17)));
    if (to < m_recorded.end) {
        move(to);
        return;
    }
    move(m_recorded.end);
    setMode(Mode::Hold);
}

} // namespace tailscope::session
