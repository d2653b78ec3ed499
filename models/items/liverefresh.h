// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <functional>
#include <optional>

namespace tailscope::items {

/// What views over time show: the range that was chosen; else, while a recording is watched or replayed, the
/// window of Playback; else nothing (everything).
std::optional<TimeRange> shownRange(const session::Session &session);

/// Lets a model read again when a recording grows or its shown moment moves: at most once a second, never
/// while it still reads, and for at most a fifth of the time. GUI thread.
class LiveRefresh : public QObject
{
    Q_OBJECT
public:
    /// isBusy: also while nobody looks. refresh: begins to read.
    LiveRefresh(session::Session *session, QObject *parent, std::function<bool()> isBusy,
        std::function<void()> refresh);
    /// Tell it when reading began and ended; between the two nothing is asked.
    void setBusy(bool busy);

private:
    void ask();
    void run();

    std::function<bool()> m_isBusy;
    std::function<void()> m_refresh;
    QTimer m_timer;
    QElapsedTimer m_reading;
    qint64 m_lastMs = 0;
    bool m_wasBusy = false;
};

} // namespace tailscope::items
