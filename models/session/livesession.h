// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/attachment.h"
#include "session/job.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace tailscope::session {

class Session;

/// What LiveSession runs: servers that are sampled into the workspace. Its functions are called by the GUI
/// thread and return at once, but for stop().
class LiveRecording
{
public:
    virtual ~LiveRecording() = default; ///< stops
    virtual std::vector<live::ServerStatus> servers() const = 0;
    virtual live::RecordingStatus recording() const = 0;
    virtual void setPassword(std::size_t server, std::string password) = 0;
    virtual void runNow(std::string_view probe) = 0;
    /// Stores what waits and ends the source; any thread; may take a second or two.
    virtual Result<void> stop() = 0;
};
/// Begins a recording; called by a job.
using LiveStarter
    = std::function<Result<std::shared_ptr<LiveRecording>>(std::shared_ptr<const store::Workspace>,
        std::vector<live::Target>, const live::AttachOptions &)>;

/// The attachment of the open document: begins and ends it, asks four times a second how it goes, tells the
/// views what is new, and keeps markers, contents, analyses and rules fresh in the background. One at a
/// time, any number one after another. GUI thread.
class LiveSession : public QObject
{
    Q_OBJECT
public:
    enum class State { Idle, Starting, Running, Stopping };

    explicit LiveSession(Session *session);
    ~LiveSession() override; ///< ends what runs, and waits for it

    /// Who makes recordings; unset: start() fails.
    void setStarter(LiveStarter starter) { m_starter = std::move(starter); }

    /// By a job: stateChanged() tells; what goes wrong comes by Session::failed(). Ignored unless idle.
    void start(std::vector<live::Target> targets, const live::AttachOptions &options);
    /// Sampling ends at once, then what waits is stored and analyses and rules run a last time. While
    /// starting: as soon as it has started.
    void stop();

    State state() const { return m_state; }
    bool isLive() const { return m_state == State::Running; }
    const std::vector<live::Target> &targets() const { return m_targets; } ///< of the running one
    const std::vector<live::ServerStatus> &servers() const { return m_servers; } ///< empty while idle
    /// Of the running recording, or as the last one ended; sourceId 0 = there was none.
    const live::RecordingStatus &recording() const { return m_status; }
    double rowsPerSecond() const; ///< stored, over the last ten seconds
    /// How long analyses and rules took last, in seconds; 0 = not yet.
    double refreshSeconds() const { return m_refreshSeconds; }

    void setPassword(std::size_t server, const std::string &password);
    void runNow(const std::string &probe = {}); ///< "snapshot now"; empty = all probes

    /// Pause between two runs of analyses and rules: 30 s, or ten times what they took last.
    static std::chrono::milliseconds refreshPause(double lastSeconds);

Q_SIGNALS:
    void stateChanged();
    void statusChanged(); ///< servers() or recording(); at most four times a second

private:
    void started(Result<std::shared_ptr<LiveRecording>> recording);
    void poll();
    void readTables();
    void refreshAnalyses();
    void finish();
    void setState(State state);
    void readStoredRange();
    void showRecorded();

    Session *m_session;
    LiveStarter m_starter;
    State m_state = State::Idle;
    std::shared_ptr<LiveRecording> m_recording;
    std::vector<live::Target> m_targets;
    std::vector<live::ServerStatus> m_servers;
    live::RecordingStatus m_status;
    std::deque<std::pair<qint64, std::int64_t>> m_rowHistory; ///< ms, rows
    TimeRange m_stored; ///< of what was recorded before
    LatestJob m_tablesJob, m_rangeJob;
    QTimer m_pollTimer, m_tablesTimer, m_refreshTimer;
    QElapsedTimer m_clock;
    qint64 m_lastEvent = 0;
    double m_refreshSeconds = 0;
    bool m_stopWhenStarted = false, m_refreshing = false;
};

} // namespace tailscope::session
