// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <QAbstractSlider>
#include <QPointer>

namespace tailscope::session {
class Playback;
class Session;
} // namespace tailscope::session

namespace tailscope::app {

/// All that was recorded as a line: the shown window, the moment, gaps (hatched) and events (ticks). Drag or
/// click holds a moment. Keys: Left, Right a second (Page Up, Down a window), Home the start, End the newest,
/// Space holds and follows. Its value is in seconds from the start.
class TimeSlider : public QAbstractSlider
{
    Q_OBJECT
public:
    explicit TimeSlider(QWidget *parent = nullptr);
    void setSession(session::Session *session);

    int gaps() const; ///< drawn as hatched bands
    int ticks() const; ///< of events
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool event(QEvent *event) override;

private:
    session::Playback *playback() const;
    void follow();
    double xOf(Nanos ts) const;
    Nanos timeAt(double x) const;
    QString textAt(double x) const;

    QPointer<session::Session> m_session;
    bool m_taking = false; ///< the value comes from the playback, not from a hand
};

} // namespace tailscope::app
