// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/celltable.h"
#include "items/livequery.h"
#include "session/session.h"

#include <QElapsedTimer>
#include <QObject>
#include <QStringList>
#include <QTimer>

#include <memory>
#include <vector>

namespace tailscope::items {

/// The dashboard of attached servers at the moment that Playback says: their figures, lines over the shown
/// window, events. Everything that reads comes by jobs, at most four times a second and for at most a fifth
/// of the time. GUI thread.
class LiveModel : public QObject
{
    Q_OBJECT
public:
    enum ServerColumn {
        Server,
        Role,
        Version,
        State,
        Uptime,
        Size,
        Growth,
        Connections,
        OldestTransaction,
        LongestWait,
        OwnCost,
        Hidden,
        ServerColumns
    };
    enum EventColumn { EventTime, EventKind, EventServer, EventTitle, EventColumns };

    explicit LiveModel(session::Session *session, QObject *parent = nullptr);

    /// Nothing is read while nobody looks.
    void setActive(bool active);
    CellTable *servers() const { return m_servers; } ///< ids: places in picture()->servers
    CellTable *events() const { return m_events; } ///< ids of the events, newest first
    std::shared_ptr<const LivePicture> picture() const { return m_picture; } ///< null: not read yet
    const std::vector<LiveEvent> &eventRows() const { return m_eventRows; } ///< oldest first
    std::optional<Nanos> timeOfEvent(qint64 id) const;

    /// Whose lines are drawn, by name; empty = all together.
    void chooseServers(const QStringList &names);
    const QStringList &chosenServers() const { return m_chosen; }
    bool isChosen(const std::string &server) const;
    /// Of the chosen servers together; empty = none has it.
    std::vector<double> line(LiveLine line) const;
    /// Part of the blocks that were found in the buffers; unknown where nothing was read.
    std::vector<double> hitRatio() const;

    bool isBusy() const { return (m_active && m_stale) || m_job.isRunning() || m_eventJob.isRunning(); }
    QString errorText() const { return m_error; }
    QString sql() const; ///< sessions by state in the shown window
    double lastSeconds() const { return m_lastSeconds; } ///< that reading took
    std::int64_t reads() const { return m_reads; }

Q_SIGNALS:
    void changed(); ///< the picture, or whose lines are drawn
    void eventsChanged();
    void busyChanged();

private:
    void invalidate();
    void refresh();
    void readEvents();
    void fillServers();
    void fillEvents();

    session::Session *m_session;
    session::LatestJob m_job, m_eventJob;
    CellTable *m_servers, *m_events;
    std::shared_ptr<const LivePicture> m_picture;
    std::shared_ptr<const LiveCache> m_cache;
    std::vector<LiveEvent> m_eventRows;
    QStringList m_chosen;
    QString m_error;
    QTimer m_pause; ///< until reading again
    QElapsedTimer m_sinceStart;
    double m_lastSeconds = 0;
    std::int64_t m_reads = 0;
    bool m_active = false, m_stale = true, m_eventsStale = true;
};

} // namespace tailscope::items
