// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/momentwatch.h"

#include "session/playback.h"

#include <algorithm>
#include <limits>

namespace tailscope::items {

namespace {

constexpr qint64 kLeastWaitMs = 250, kMostWaitMs = 120'000;
constexpr qint64 kPauseFactor = 4; // of the time that reading took: at most a fifth is spent reading

} // namespace

MomentWatch::MomentWatch(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &MomentWatch::tell);
    connect(session, &session::Session::loaded, this, &MomentWatch::invalidate);
    connect(session->context(), &session::SessionContext::rangeChanged, this, &MomentWatch::invalidate);
    connect(session, &session::Session::liveAppended, this, &MomentWatch::later);
    connect(session->playback(), &session::Playback::momentChanged, this, &MomentWatch::moved);
}

void MomentWatch::setActive(bool active)
{
    m_active = active;
    if (m_stale)
        tell();
}

void MomentWatch::invalidate()
{
    m_stale = true;
    m_timer.stop();
    tell();
}

void MomentWatch::moved()
{
    if (m_session->playback()->mode() == session::Playback::Mode::Hold) {
        m_isChosen = true;
        m_timer.stop(); // it may be set for much later
    }
    later();
}

void MomentWatch::later()
{
    m_stale = true;
    if (!m_active || m_busy || m_timer.isActive())
        return;
    // The first change after a pause is shown at once.
    const qint64 rest = m_ended.isValid() ? waitMs() - m_ended.elapsed() : 0;
    m_timer.start(int(std::clamp<qint64>(rest, 0, waitMs())));
}

qint64 MomentWatch::waitMs() const { return m_isChosen ? kLeastWaitMs : m_waitMs; }

void MomentWatch::tell()
{
    if (!m_active || !m_stale)
        return;
    m_stale = m_isChosen = false;
    Q_EMIT due();
}

void MomentWatch::began()
{
    m_busy = true;
    m_reading.start();
}

void MomentWatch::ended()
{
    m_busy = false;
    m_ended.start();
    m_waitMs = std::clamp(m_reading.elapsed() * kPauseFactor, kLeastWaitMs, kMostWaitMs);
    if (m_active && m_stale && !m_timer.isActive())
        m_timer.start(int(waitMs()));
}

TimeRange MomentWatch::range() const
{
    if (const auto chosen = m_session->context()->range())
        return *chosen;
    if (isLive())
        return m_session->playback()->shown();
    return {std::numeric_limits<Nanos>::min() + 1, std::numeric_limits<Nanos>::max()};
}

bool MomentWatch::isLive() const
{
    return !m_session->context()->range() && m_session->playback()->moment() != kUnknownNanos;
}

Nanos MomentWatch::moment() const
{
    if (const auto chosen = m_session->context()->range())
        return chosen->end - 1;
    const Nanos shown = m_session->playback()->moment();
    return shown != kUnknownNanos ? shown : std::numeric_limits<Nanos>::max();
}

} // namespace tailscope::items
