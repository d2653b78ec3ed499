// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace tailscope::session {

/// Which moment of a recording the live views show, whether it grows right now (follow), is replayed (play)
/// or looked at (hold): tables show the moment, charts the window that ends there. GUI thread.
class Playback : public QObject
{
    Q_OBJECT
public:
    enum class Mode {
        Follow, ///< the newest sample, as it comes
        Hold, ///< one moment
        Play, ///< moves at speed() times real time until the end
    };

    explicit Playback(QObject *parent = nullptr);

    /// First to last sample of everything recorded; empty = nothing is.
    TimeRange recorded() const { return m_recorded; }
    /// While following the moment moves to its end.
    void setRecorded(TimeRange range);

    Mode mode() const { return m_mode; }
    Nanos moment() const { return m_moment; } ///< UTC; kUnknownNanos = nothing is recorded
    Nanos windowNs() const { return m_windowNs; }
    double speed() const { return m_speed; }
    /// What charts show: windowNs() up to the moment.
    TimeRange shown() const;

    void follow();
    void hold(Nanos moment); ///< kept within recorded(); nothing happens when that is empty
    void play(double speed = 1); ///< from the moment, or from the start when that is the end
    void setWindowNs(Nanos window); ///< at least a second
    void step(Nanos by); ///< holds, that much later (or earlier)

Q_SIGNALS:
    void momentChanged(); ///< also when the window or what is recorded changed what is shown
    void modeChanged();
    void recordedChanged();

private:
    void move(Nanos moment);
    void setMode(Mode mode);
    void tick();

    Mode m_mode = Mode::Follow;
    TimeRange m_recorded;
    Nanos m_moment = kUnknownNanos;
    Nanos m_windowNs = 300 * kNanosPerSecond;
    double m_speed = 1;
    QTimer m_timer; ///< four times a second while it plays
    QElapsedTimer m_played;
};

} // namespace tailscope::session
