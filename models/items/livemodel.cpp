// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/livemodel.h"

#include "items/livecells.h"
#include "session/livesession.h"
#include "session/playback.h"

#include <algorithm>

namespace tailscope::items {

using session::LiveSession;
using session::Playback;

namespace {

constexpr qint64 kLeastPauseMs = 250;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

} // namespace

LiveModel::LiveModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_eventJob(session->jobs())
    , m_servers(new CellTable(liveServerColumns(), this))
    , m_events(new CellTable(liveEventColumns(), this))
{
    m_pause.setSingleShot(true);
    connect(&m_pause, &QTimer::timeout, this, &LiveModel::refresh);
    connect(session, &session::Session::liveAppended, this, &LiveModel::invalidate);
    connect(session, &session::Session::loaded, this, [this] {
        m_cache.reset(); // sources may have gone, or moved in time
        m_eventsStale = true;
        invalidate();
    });
    connect(session, &session::Session::markersChanged, this, [this] {
        m_eventsStale = true;
        readEvents();
    });
    connect(session->playback(), &Playback::momentChanged, this, &LiveModel::invalidate);
    connect(session->live(), &LiveSession::statusChanged, this, &LiveModel::fillServers);
    connect(session->context(), &session::SessionContext::timeDisplayChanged, this, [this] {
        fillEvents();
        Q_EMIT changed();
    });
}

void LiveModel::setActive(bool active)
{
    m_active = active;
    refresh();
    readEvents();
}

void LiveModel::invalidate()
{
    m_stale = true;
    refresh();
}

void LiveModel::refresh()
{
    if (!m_active || !m_stale || m_job.isRunning() || m_pause.isActive())
        return;
    const auto pause = std::max<qint64>(kLeastPauseMs, qint64(m_lastSeconds * 5'000));
    if (m_sinceStart.isValid() && m_sinceStart.elapsed() < pause) {
        m_pause.start(int(pause - m_sinceStart.elapsed()));
        return;
    }
    m_stale = false;
    const TimeRange window = m_session->playback()->shown();
    if (window.isEmpty()) {
        m_picture = std::make_shared<const LivePicture>();
        m_servers->setRows({});
        Q_EMIT changed();
        Q_EMIT busyChanged();
        return;
    }
    m_sinceStart.start();
    ++m_reads;
    m_job.start<LiveAnswer>(
        this, {},
        [workspace = m_session->workspacePtr(), window, cache = m_cache](
            const Progress &progress) { return readLive(*workspace, window, cache, progress); },
        [this](Result<LiveAnswer> answer) {
            if (answer) {
                m_error.clear();
                m_lastSeconds = answer->seconds;
                m_cache = std::move(answer->cache);
                m_picture = std::make_shared<const LivePicture>(std::move(answer->picture));
                fillServers();
                Q_EMIT changed();
            } else if (answer.error().code != ErrorCode::Cancelled) {
                m_error = fromUtf8(answer.error().toText());
                Q_EMIT changed();
            }
            refresh(); // what came meanwhile
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void LiveModel::readEvents()
{
    if (!m_active || !m_eventsStale || m_eventJob.isRunning())
        return;
    m_eventsStale = false;
    m_eventJob.start<std::vector<LiveEvent>>(
        this, {},
        [workspace = m_session->workspacePtr()](const Progress &) { return readLiveEvents(*workspace); },
        [this](Result<std::vector<LiveEvent>> events) {
            if (events) {
                m_eventRows = std::move(*events);
                fillEvents();
                Q_EMIT eventsChanged();
            }
            readEvents();
            Q_EMIT busyChanged();
        });
}

std::optional<Nanos> LiveModel::timeOfEvent(qint64 id) const
{
    for (const LiveEvent &event : m_eventRows) {
        if (event.id == id)
            return event.tsNs;
    }
    return std::nullopt;
}

void LiveModel::chooseServers(const QStringList &names)
{
    if (names == m_chosen)
        return;
    m_chosen = names;
    Q_EMIT changed();
}

bool LiveModel::isChosen(const std::string &server) const
{
    return m_chosen.isEmpty() || m_chosen.contains(fromUtf8(server));
}

std::vector<double> LiveModel::line(LiveLine line) const
{
    std::vector<double> sum;
    if (!m_picture)
        return sum;
    for (const LiveServer &server : m_picture->servers) {
        const std::vector<double> &own = server.lines[std::size_t(line)];
        if (!own.empty() && isChosen(server.name))
            addLine(sum, own);
    }
    return sum;
}

std::vector<double> LiveModel::hitRatio() const
{
    return shareLine(line(LiveLine::BlocksHit), line(LiveLine::BlocksRead));
}

void LiveModel::fillServers()
{
    if (!m_picture)
        return;
    QVector<TableRow> rows;
    const auto &states = m_session->live()->servers();
    for (std::size_t i = 0; i < m_picture->servers.size(); ++i) {
        const LiveServer &server = m_picture->servers[i];
        const auto state = std::find_if(states.begin(), states.end(),
            [&](const live::ServerStatus &one) { return one.label == server.name; });
        rows << liveServerRow(qint64(i), server, state == states.end() ? nullptr : &*state);
    }
    m_servers->setRows(std::move(rows));
}

void LiveModel::fillEvents()
{
    QVector<TableRow> rows;
    for (auto event = m_eventRows.rbegin(); event != m_eventRows.rend(); ++event)
        rows << liveEventRow(*event, *m_session->context());
    m_events->setRows(std::move(rows));
}

QString LiveModel::sql() const
{
    const TimeRange window = m_session->playback()->shown();
    return QStringLiteral(
        "SELECT v.name AS server, s.ts_ns, s.state, s.wait_event_type, count(*) AS sessions\n"
        "FROM session_sample AS s JOIN server AS v ON v.id = s.server_id\n"
        "WHERE s.ts_ns BETWEEN %1 AND %2 AND s.backend_type = 'client backend'\n"
        "GROUP BY v.name, s.ts_ns, s.state, s.wait_event_type\nORDER BY s.ts_ns, v.name;")
        .arg(window.begin)
        .arg(window.end);
}

} // namespace tailscope::items
