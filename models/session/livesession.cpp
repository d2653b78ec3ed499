// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/livesession.h"

#include "session/ingest.h"
#include "session/livetables.h"
#include "session/playback.h"
#include "session/session.h"

#include <algorithm>

namespace tailscope::session {

namespace {

using RecordingResult = Result<std::shared_ptr<LiveRecording>>;

constexpr int kPollMs = 250, kTablesMs = 5'000, kFirstRefreshMs = 8'000;
constexpr qint64 kRateWindowMs = 10'000;

bool isSame(const live::RecordingStatus &a, const live::RecordingStatus &b)
{
    return a.rows == b.rows && a.lastNs == b.lastNs && a.gaps == b.gaps && a.waitingBytes == b.waitingBytes
        && a.workspaceBytes == b.workspaceBytes && a.error.has_value() == b.error.has_value();
}

bool isSame(const std::vector<live::ServerStatus> &a, const std::vector<live::ServerStatus> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
        [](const live::ServerStatus &one, const live::ServerStatus &other) {
            return one.state == other.state && one.detail == other.detail && one.facts == other.facts
                && one.lastSampleNs == other.lastSampleNs && one.attempts == other.attempts;
        });
}

} // namespace

LiveSession::LiveSession(Session *session)
    : QObject(session)
    , m_session(session)
    , m_tablesJob(session->jobs())
    , m_rangeJob(session->jobs())
{
    m_clock.start();
    m_pollTimer.setInterval(kPollMs);
    m_tablesTimer.setInterval(kTablesMs);
    m_refreshTimer.setSingleShot(true);
    connect(&m_pollTimer, &QTimer::timeout, this, &LiveSession::poll);
    connect(&m_tablesTimer, &QTimer::timeout, this, &LiveSession::readTables);
    connect(&m_refreshTimer, &QTimer::timeout, this, &LiveSession::refreshAnalyses);
    connect(session, &Session::sourcesChanged, this, [this] {
        if (m_state == State::Idle)
            readStoredRange(); // what was recorded earlier is replayed by the same views
    });
}

LiveSession::~LiveSession()
{
    // While stopping a job is at it, and the queue waits for that.
    if (m_recording && m_state != State::Stopping)
        (void)m_recording->stop(); // its error has been in recording() all along
}

std::chrono::milliseconds LiveSession::refreshPause(double lastSeconds)
{
    return std::chrono::milliseconds(std::max<qint64>(30'000, qint64(lastSeconds * 10'000)));
}

void LiveSession::setState(State state)
{
    if (state == m_state)
        return;
    m_state = state;
    Q_EMIT stateChanged();
}

void LiveSession::start(std::vector<live::Target> targets, const live::AttachOptions &options)
{
    if (m_state != State::Idle)
        return;
    if (!m_starter || m_session->workspace().isReadOnly()) {
        Q_EMIT m_session->failed({ErrorCode::Usage, m_session->workspace().path().string(),
            "a recording needs a workspace that can be written", std::nullopt,
            "Open a new workspace and attach there"});
        return;
    }
    m_targets = std::move(targets);
    m_stopWhenStarted = false;
    setState(State::Starting);
    m_session->jobs()->start<std::shared_ptr<LiveRecording>>(
        this, {},
        [starter = m_starter, workspace = m_session->workspacePtr(), targets = m_targets, options](
            const Progress &) { return starter(workspace, targets, options); },
        [this](RecordingResult recording) { started(std::move(recording)); });
}

void LiveSession::started(RecordingResult recording)
{
    if (!recording) {
        m_targets.clear();
        setState(State::Idle);
        Q_EMIT m_session->failed(recording.error());
        return;
    }
    m_recording = std::move(*recording);
    m_stored = m_session->playback()->recorded();
    m_status = {};
    m_servers.clear();
    m_rowHistory.clear();
    m_lastEvent = 0;
    m_pollTimer.start();
    m_tablesTimer.start();
    m_refreshTimer.start(kFirstRefreshMs);
    m_session->playback()->follow();
    setState(State::Running);
    poll();
    readTables();
    if (m_stopWhenStarted)
        stop();
}

void LiveSession::poll()
{
    if (!m_recording)
        return;
    live::RecordingStatus status = m_recording->recording();
    std::vector<live::ServerStatus> servers = m_recording->servers();
    const bool hasRows = status.rows != m_status.rows || status.lastNs != m_status.lastNs;
    const bool isNew = !isSame(status, m_status) || !isSame(servers, m_servers);
    m_status = std::move(status);
    m_servers = std::move(servers);
    m_rowHistory.emplace_back(m_clock.elapsed(), m_status.rows);
    while (m_rowHistory.size() > 2 && m_clock.elapsed() - m_rowHistory.front().first > kRateWindowMs)
        m_rowHistory.pop_front();
    if (hasRows) {
        showRecorded();
        Q_EMIT m_session->liveAppended();
    }
    if (isNew)
        Q_EMIT statusChanged();
}

double LiveSession::rowsPerSecond() const
{
    if (m_state != State::Running || m_rowHistory.size() < 2)
        return 0;
    const auto &[firstMs, firstRows] = m_rowHistory.front();
    const auto &[lastMs, lastRows] = m_rowHistory.back();
    return lastMs > firstMs ? double(lastRows - firstRows) * 1000.0 / double(lastMs - firstMs) : 0;
}

void LiveSession::showRecorded()
{
    TimeRange range = m_stored;
    if (m_status.sourceId != 0 && m_status.lastNs > 0 && m_status.startNs > 0) {
        const TimeRange now{m_status.startNs, std::max(m_status.lastNs, m_status.startNs + 1)};
        range = range.isEmpty() ? now
                                : TimeRange{std::min(range.begin, now.begin), std::max(range.end, now.end)};
    }
    m_session->playback()->setRecorded(range);
}

void LiveSession::readStoredRange()
{
    m_rangeJob.start<TimeRange>(
        this, {},
        [workspace = m_session->workspacePtr()](const Progress &) { return recordedRange(*workspace); },
        [this](Result<TimeRange> range) {
            if (!range) {
                if (range.error().code != ErrorCode::Cancelled)
                    Q_EMIT m_session->failed(range.error());
                return;
            }
            m_stored = *range;
            showRecorded();
        });
}

void LiveSession::readTables()
{
    if (m_tablesJob.isRunning() || m_status.sourceId == 0)
        return; // a slow disk: what is under way counts
    m_tablesJob.start<LiveTables>(
        this, {},
        [workspace = m_session->workspacePtr(), source = m_status.sourceId, after = m_lastEvent,
            known = m_session->m_contents](
            const Progress &) { return readLiveTables(*workspace, source, after, known); },
        [this](Result<LiveTables> tables) {
            if (!tables || m_session->isLoading())
                return; // what is being loaded holds more
            const auto isSameSource = [](const store::SourceRecord &a, const store::SourceRecord &b) {
                return a.id == b.id && a.state == b.state;
            };
            const bool hasSources = !std::equal(m_session->m_sources.cbegin(), m_session->m_sources.cend(),
                tables->sources.cbegin(), tables->sources.cend(), isSameSource);
            m_session->m_sources = std::move(tables->sources);
            if (hasSources)
                Q_EMIT m_session->sourcesChanged();
            const bool hasContents = !tables->newContents.isEmpty();
            m_session->m_contents += tables->newContents;
            if (!tables->newMarkers.isEmpty()) {
                m_lastEvent = tables->newMarkers.last().id;
                for (Marker &marker : tables->newMarkers) {
                    const auto isKnown = [&](const Marker &other) { return other.id == marker.id; };
                    if (std::none_of(m_session->m_markers.cbegin(), m_session->m_markers.cend(), isKnown))
                        m_session->m_markers.append(std::move(marker));
                }
                std::stable_sort(m_session->m_markers.begin(), m_session->m_markers.end(),
                    [](const Marker &a, const Marker &b) { return a.tsNs < b.tsNs; });
                Q_EMIT m_session->markersChanged();
            }
            const TimeRange full = m_session->context()->fullRange(), now = m_session->playback()->recorded();
            if (!now.isEmpty() && (full.isEmpty() || now.begin < full.begin || now.end >= full.end))
                m_session->context()->setFullRange(full.isEmpty()
                        ? TimeRange{now.begin, now.end + 1}
                        : TimeRange{std::min(full.begin, now.begin), std::max(full.end, now.end + 1)});
            if (hasContents)
                Q_EMIT m_session->loaded(); // the window shows the views that now have something to show
        });
}

void LiveSession::refreshAnalyses()
{
    if (m_state != State::Running || m_refreshing)
        return;
    m_refreshing = true;
    auto took = std::make_shared<double>(0);
    m_session->jobs()->start<bool>(
        this, {},
        [workspace = m_session->m_workspace, took](const Progress &progress) -> Result<bool> {
            QElapsedTimer clock;
            clock.start();
            TS_TRY(refresh(*workspace, {}, true, progress));
            *took = double(clock.elapsed()) / 1000.0;
            return true;
        },
        [this, took](Result<bool> done) {
            m_refreshing = false;
            m_refreshSeconds = *took;
            if (!done && done.error().code != ErrorCode::Cancelled)
                Q_EMIT m_session->failed(done.error());
            if (m_state != State::Running)
                return;
            m_refreshTimer.start(refreshPause(m_refreshSeconds));
            if (done && !m_session->isLoading())
                Q_EMIT m_session->loaded(); // views of derived tables and findings read again
        },
        JobQueue::Lane::Write);
}

void LiveSession::stop()
{
    if (m_state == State::Starting)
        m_stopWhenStarted = true;
    if (m_state != State::Running)
        return;
    m_pollTimer.stop();
    m_tablesTimer.stop();
    m_refreshTimer.stop();
    setState(State::Stopping);
    m_session->jobs()->start<bool>(
        this, {},
        [recording = m_recording](const Progress &) -> Result<bool> {
            TS_TRY(recording->stop());
            return true;
        },
        [this](Result<bool> stopped) {
            if (!stopped)
                Q_EMIT m_session->failed(stopped.error());
            finish();
        });
}

void LiveSession::finish()
{
    poll();
    const std::int64_t source = m_status.sourceId;
    m_recording.reset();
    m_targets.clear();
    m_servers.clear();
    setState(State::Idle);
    Q_EMIT statusChanged();
    if (source == 0) {
        m_session->reload();
        return;
    }
    m_session->runImport(tr("Analysing the recording"),
        [workspace = m_session->m_workspace, source](
            const Progress &progress) -> Result<std::vector<import::ImportOutcome>> {
            TS_TRY(refresh(*workspace, {source}, true, progress));
            return std::vector<import::ImportOutcome>{};
        });
}

void LiveSession::setPassword(std::size_t server, const std::string &password)
{
    if (!m_recording || server >= m_targets.size())
        return;
    m_targets[server].password = password;
    m_recording->setPassword(server, password);
    // Until the next look: a wrong one that is refused before it is asked for again, in the same words.
    if (server < m_servers.size()) {
        m_servers[server].state = live::ServerStatus::State::Connecting;
        Q_EMIT statusChanged();
    }
}

void LiveSession::runNow(const std::string &probe)
{
    if (m_recording)
        m_recording->runNow(probe);
}

} // namespace tailscope::session
