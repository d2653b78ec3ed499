// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace tailscope::items {

/// Tells a model over recorded samples when to read again: when the shared range, the moment of the playback
/// or the data changed, only while somebody looks, at most four times a second and for at most a fifth of the
/// time; a moment that the user chose waits for no more than the read before it. GUI thread.
class MomentWatch : public QObject
{
    Q_OBJECT
public:
    explicit MomentWatch(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active);
    bool isActive() const { return m_active; }
    bool isPending() const { return m_active && m_stale; } ///< something is not read yet
    void invalidate(); ///< read again as soon as allowed, whatever changed
    /// The model began to read after due(), and is done.
    void began();
    void ended();

    /// The range that was chosen, else what the playback shows, else everything.
    TimeRange range() const;
    /// States are those of this moment: the end of the chosen range, else that of the playback, else the
    /// newest.
    Nanos moment() const;
    bool isLive() const; ///< range() moves with the playback

Q_SIGNALS:
    void due();

private:
    void moved();
    void later();
    void tell();
    qint64 waitMs() const; ///< after a read

    session::Session *m_session;
    QTimer m_timer;
    QElapsedTimer m_reading, m_ended;
    qint64 m_waitMs = 250;
    bool m_active = false, m_stale = true, m_busy = false;
    bool m_isChosen = false; ///< the moment that is not shown yet is held, not one of a row
};

} // namespace tailscope::items
