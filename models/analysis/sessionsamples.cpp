// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/sessionsamples.h"

#include <algorithm>
#include <limits>
#include <map>

namespace tailscope::analysis {

namespace {

constexpr Nanos kLockAge = 15 * kNanosPerSecond; // older waits are over, unless sessions are as old
constexpr Nanos kSameSample = kNanosPerSecond / 2; // probes of one round are asked one after the other
constexpr Nanos kLongestPause = 70 * kNanosPerSecond; // of a probe that backed off as far as it does
constexpr Nanos kLongRun = kNanosPerSecond; // the server may have ended it: it says nothing
constexpr std::size_t kMostServers = 200;

template<typename Take>
Result<void> eachRow(store::Statement &query, const Progress &progress, Take take)
{
    for (std::uint64_t rows = 0;; ++rows) {
        const Result<bool> row = query.step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        if (rows % 4096 == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "samples", "cancelled");
        take(query);
    }
}

/// "server_id = 3", with NULL for 0.
std::string isServer(std::int64_t id)
{
    return id == 0 ? std::string("r.server_id IS NULL") : "r.server_id = " + std::to_string(id);
}

struct Offsets
{
    Nanos low = 0, high = 0;
};
/// Smallest and largest time offset of the sources that show.
Result<Offsets> sourceOffsets(store::Database &reader)
{
    auto query
        = reader.prepare("SELECT min(offset_ns), max(offset_ns) FROM source_raw WHERE state IN (1, 2)");
    if (!query)
        return fail(query.error());
    const Result<bool> row = query->step();
    if (!row)
        return fail(row.error());
    return Offsets{query->integer(0), query->integer(1)};
}

/// Rows of a table, with the time column first; bounds ?1 and ?2 are of the stored time.
std::string sampleSql(const char *table, std::int64_t server, const std::string &columns)
{
    return "SELECT r.ts_ns + s.offset_ns, " + columns + " FROM " + table
        + " AS r CROSS JOIN source_raw AS s ON s.id = r.source_id WHERE " + isServer(server)
        + " AND r.ts_ns BETWEEN ?1 AND ?2 AND s.state IN (1, 2)";
}

Result<bool> hasRows(store::Database &reader, const char *table, std::int64_t server)
{
    const auto found = reader.integer(std::string("SELECT EXISTS (SELECT 1 FROM ") + table + " AS r WHERE "
        + isServer(server) + " AND r.source_id IN (SELECT id FROM source_raw WHERE state IN (1, 2)))");
    if (!found)
        return fail(found.error());
    return found->value_or(0) != 0;
}

/// max_connections without the places that are kept for superusers and for roles that may have them.
Result<void> readLimits(store::Database &reader, SampledServer &server)
{
    std::map<std::string, std::int64_t, std::less<>> values;
    for (const std::int64_t id : server.ids) {
        auto query = reader.prepare(
            "SELECT name, CAST(setting AS INTEGER) FROM setting WHERE server_id IS ?1 AND name IN"
            " ('max_connections', 'superuser_reserved_connections', 'reserved_connections') ORDER BY ts_ns");
        if (!query)
            return fail(query.error());
        if (id != 0)
            query->bind(0, id);
        TS_TRY(eachRow(*query, {}, [&](const store::Statement &row) {
            values.insert_or_assign(std::string(row.text(0)), row.integer(1));
        }));
    }
    if (const auto most = values.find("max_connections"); most != values.end() && most->second > 0) {
        // The server keeps three by default where nobody says how many.
        const auto kept = values.find("superuser_reserved_connections");
        const auto more = values.find("reserved_connections");
        server.maxConnections = std::max<std::int64_t>(1,
            most->second - (kept == values.end() ? 3 : kept->second)
                - (more == values.end() ? 0 : more->second));
    }
    return {};
}

/// Nothing happened between two rows of one session.
bool isUnchanged(const SessionRow &a, const SessionRow &b)
{
    return a.ts < b.ts && a.backendStart == b.backendStart && a.state == b.state
        && a.stateChange == b.stateChange && a.queryStart == b.queryStart && a.waitType == b.waitType
        && a.waitEvent == b.waitEvent && a.application == b.application && a.statementId == b.statementId;
}

/// Runs of a probe by its own cost, which is stored with every run: when the answer came, and what it took.
Result<std::vector<std::pair<Nanos, Nanos>>> probeRuns(store::Database &reader, const SampledServer &server,
    std::string_view probe, const TimeRange &range, const Progress &progress)
{
    auto query = reader.prepare(
        "SELECT p.ts_ns, p.value FROM series AS s JOIN point AS p ON p.series_id = s.id"
        // Of minutes that were rolled up three points are left: the minutes say how many samples they had.
        " LEFT JOIN (SELECT k.source_id, k.rolled_until_ns + x.offset_ns AS until FROM recording_retention"
        " AS k JOIN source_raw AS x ON x.id = k.source_id) AS rolled ON rolled.source_id = s.source_id"
        " WHERE s.metric = 'tailscope.probe.duration' AND (rolled.until IS NULL OR p.ts_ns >= rolled.until)"
        " AND CASE WHEN json_valid(s.labels) THEN json_extract(s.labels, '$.probe') END = ?5"
        " AND (s.service = ?1 OR s.instance = ?2) AND p.ts_ns >= ?3 AND p.ts_ns < ?4 ORDER BY p.ts_ns");
    if (!query)
        return fail(query.error());
    query->bind(0, std::string_view(server.label));
    query->bind(1, std::string_view(server.instance));
    query->bind(2, range.begin);
    query->bind(3, range.end);
    query->bind(4, probe);
    std::vector<std::pair<Nanos, Nanos>> runs;
    TS_TRY(eachRow(*query, progress, [&](const store::Statement &row) {
        const double ms = row.optionalReal(1).value_or(0);
        runs.emplace_back(row.integer(0), Nanos(std::clamp(ms, 0.0, 60'000.0) * kNanosPerMilli));
    }));
    return runs;
}

Result<void> addProbeRuns(store::Database &reader, const SampledServer &server, const TimeRange &range,
    const Progress &progress, std::vector<Nanos> &times)
{
    const auto runs = probeRuns(reader, server, "sessions", range, progress);
    if (!runs)
        return fail(runs.error());
    // The time of a row is when the server was asked.
    const auto rows = std::ptrdiff_t(times.size());
    for (const auto &[ts, took] : *runs) {
        const auto end = times.begin() + rows;
        const auto after = std::lower_bound(times.begin(), end, ts);
        const bool known = (after != end && *after - ts <= kSameSample)
            || (after != times.begin() && ts - *(after - 1) <= kSameSample + took);
        if (!known)
            times.push_back(ts);
    }
    std::sort(times.begin(), times.end());
    return {};
}

/// From a sample of locks to that of the sessions everybody who looked saw somebody wait: what the sample of
/// locks shows goes on.
Result<bool> waitsOn(store::Database &reader, const SampledServer &server, Nanos locks, Nanos sessions,
    const Progress &progress)
{
    if (saturatingSub(sessions, locks) > kLongestPause)
        return false;
    const TimeRange range{saturatingAdd(locks, kSameSample), saturatingAdd(sessions, 1)};
    const auto waits = unaskedLockWaits(reader, server, range, progress);
    if (!waits)
        return fail(waits.error());
    const auto looks = sessionSampleTimes(reader, server, range, progress);
    if (!looks)
        return fail(looks.error());
    return !looks->empty() && std::all_of(looks->begin(), looks->end(), [&](Nanos ts) {
        return std::binary_search(waits->begin(), waits->end(), ts);
    });
}

} // namespace

bool SessionRow::isStoredAlways() const
{
    if (!state.empty())
        return state != "idle" && state != "disabled";
    return backendType == "autovacuum worker" || backendType == "parallel worker"
        || backendType == "walsender" || (!waitType.empty() && waitType != "Activity");
}

const std::string &SampleTexts::text(const store::Statement &row, int column)
{
    if (row.type(column) != store::ColumnType::Integer) {
        m_direct = row.text(column);
        return m_direct;
    }
    const auto [at, isNew] = m_texts.try_emplace(row.integer(column));
    if (!isNew)
        return at->second;
    if (!m_query) {
        if (auto made = m_reader.prepare("SELECT text FROM string WHERE id = ?"))
            m_query = std::move(*made);
        else
            return at->second;
    }
    m_query->bind(0, at->first);
    if (const Result<bool> found = m_query->step(); found && *found)
        at->second = m_query->text(0);
    m_query->reset();
    return at->second;
}

const char *const kSessionColumns
    = "r.pid, r.leader_pid, r.statement_id, r.user_id, r.db_id, r.application_id, r.client_id,"
      " r.backend_type_id, r.state_id, r.wait_event_type_id, r.wait_event_id, r.xact_start_ns + s.offset_ns,"
      " r.query_start_ns + s.offset_ns, r.state_change_ns + s.offset_ns, r.backend_start_ns + s.offset_ns,"
      " r.backend_xmin, r.xid_age, r.query_id";

SessionRow readSessionRow(const store::Statement &row, SampleTexts &texts)
{
    SessionRow out;
    const auto time = [&row](int column) { return row.optionalInteger(column).value_or(kUnknownNanos); };
    out.ts = row.integer(0);
    out.pid = row.integer(1);
    out.leaderPid = row.integer(2);
    out.statementId = row.integer(3);
    out.user = texts.text(row, 4);
    out.db = texts.text(row, 5);
    out.application = texts.text(row, 6);
    out.client = texts.text(row, 7);
    out.backendType = texts.text(row, 8);
    out.state = texts.text(row, 9);
    out.waitType = texts.text(row, 10);
    out.waitEvent = texts.text(row, 11);
    out.xactStart = time(12);
    out.queryStart = time(13);
    out.stateChange = time(14);
    out.backendStart = time(15);
    out.xminAge = row.optionalInteger(16);
    out.xidAge = row.optionalInteger(17);
    out.queryId = row.optionalInteger(18);
    return out;
}

Result<std::vector<SampledServer>> sampledServers(store::Database &reader)
{
    std::vector<SampledServer> servers;
    std::map<std::string, std::size_t> known;
    const auto add = [&](std::int64_t id, const std::string &key) -> Result<SampledServer *> {
        Result<bool> sessions = hasRows(reader, "session_sample_raw", id);
        if (sessions && !*sessions)
            sessions = hasRows(reader, "session_minute_raw", id);
        const Result<bool> locks = sessions ? hasRows(reader, "lock_edge_raw", id) : sessions;
        if (!locks)
            return fail(locks.error());
        if (!*sessions && !*locks)
            return nullptr;
        const auto [at, isNew] = known.try_emplace(key, servers.size());
        if (isNew)
            servers.push_back({});
        SampledServer &server = servers[at->second];
        server.ids.push_back(id);
        server.hasSessions = server.hasSessions || *sessions;
        server.hasLocks = server.hasLocks || *locks;
        return &server;
    };
    auto query = reader.prepare(
        "SELECT v.id, v.name, v.host, v.port, v.dbname, v.hidden, s.kind = 'recording', v.system_identifier"
        " FROM server AS v JOIN source AS s ON s.id = v.source_id ORDER BY v.id LIMIT 2000");
    if (!query)
        return fail(query.error());
    Result<void> failed;
    TS_TRY(eachRow(*query, {}, [&](const store::Statement &row) {
        if (!failed || servers.size() >= kMostServers)
            return;
        const std::string name(row.text(1)), host(row.text(2)), port(row.text(3)), dbname(row.text(4));
        const bool addressed = !host.empty() || !port.empty();
        std::string key = addressed ? host + ':' + port + '/' + dbname : name + '/' + dbname;
        if (key == "/")
            key = std::string(row.text(7)).empty() ? "#" + std::to_string(row.integer(0))
                                                   : std::string(row.text(7));
        const Result<SampledServer *> server = add(row.integer(0), key);
        if (!server) {
            failed = fail(server.error());
            return;
        }
        if (!*server)
            return;
        (*server)->label = !name.empty() ? name
            : addressed || !dbname.empty()
            ? host + (port.empty() ? "" : ':' + port) + (dbname.empty() ? "" : '/' + dbname)
            : "server " + std::to_string(row.integer(0));
        (*server)->hidden = row.text(5); // as the newest says
        (*server)->instance = host.empty() ? std::string() : host + ':' + port;
        (*server)->isRecording = (*server)->isRecording || row.integer(6) != 0;
    }));
    TS_TRY(std::move(failed));
    const Result<SampledServer *> nameless = add(0, "?");
    if (!nameless)
        return fail(nameless.error());
    if (*nameless)
        (*nameless)->label = "server";
    for (SampledServer &server : servers)
        TS_TRY(readLimits(reader, server));
    return servers;
}

Result<void> eachSample(store::Database &reader, const char *table, const SampledServer &server,
    const TimeRange &range, const std::string &columns, const Progress &progress,
    const std::function<void(const store::Statement &, Nanos)> &take)
{
    return eachSample(reader, table, server, range, columns, {}, progress, take);
}

Result<void> eachSample(store::Database &reader, const char *table, const SampledServer &server,
    const TimeRange &range, const std::string &columns, const std::string &condition,
    const Progress &progress, const std::function<void(const store::Statement &, Nanos)> &take)
{
    const Result<Offsets> offsets = sourceOffsets(reader);
    if (!offsets)
        return fail(offsets.error());
    for (const std::int64_t id : server.ids) {
        auto query = reader.prepare(sampleSql(table, id, columns) + condition + " ORDER BY r.ts_ns, r.id");
        if (!query)
            return fail(query.error());
        query->bind(0, saturatingSub(range.begin, offsets->high));
        query->bind(1, saturatingSub(range.end, offsets->low));
        TS_TRY(eachRow(*query, progress, [&](const store::Statement &row) {
            const Nanos ts = row.integer(0);
            if (range.contains(ts))
                take(row, ts);
        }));
    }
    return {};
}

Result<Nanos> newestSample(store::Database &reader, const char *table, const SampledServer &server,
    Nanos moment)
{
    const Result<Offsets> offsets = sourceOffsets(reader);
    if (!offsets)
        return fail(offsets.error());
    Nanos newest = kUnknownNanos;
    for (const std::int64_t id : server.ids) {
        auto query = reader.prepare(sampleSql(table, id, "1")
            + (offsets->low == offsets->high ? " ORDER BY r.ts_ns DESC LIMIT 1" : " ORDER BY 1 DESC"));
        if (!query)
            return fail(query.error());
        query->bind(0, std::numeric_limits<Nanos>::min());
        query->bind(1, saturatingSub(moment, offsets->low));
        for (;;) {
            const Result<bool> row = query->step();
            if (!row)
                return fail(row.error());
            if (!*row)
                break;
            if (query->integer(0) <= moment) {
                newest = std::max(newest, query->integer(0));
                break;
            }
        }
    }
    return newest;
}

Result<SessionsAt> sessionsAt(store::Database &reader, const SampledServer &server, Nanos moment,
    const Progress &progress)
{
    SessionsAt out;
    const Result<Nanos> newest = newestSample(reader, "session_sample_raw", server, moment);
    if (!newest)
        return fail(newest.error());
    out.sampleNs = *newest;
    if (*newest == kUnknownNanos)
        return out;
    SampleTexts texts(reader);
    std::map<std::int64_t, SessionRow> rows;
    std::map<Nanos, int> stored; // rows by sample
    std::vector<Nanos> again; // samples with an idle row to which nothing had happened
    const TimeRange range{server.isRecording ? saturatingSub(*newest, kSessionKeyframe) : *newest,
        saturatingAdd(*newest, 1)};
    TS_TRY(eachSample(reader, "session_sample_raw", server, range, kSessionColumns, progress,
        [&](const store::Statement &row, Nanos) {
            SessionRow session = readSessionRow(row, texts);
            ++stored[session.ts];
            SessionRow &kept = rows[session.pid];
            if (kept.ts > session.ts)
                return;
            if (kept.ts != 0 && !session.isStoredAlways() && isUnchanged(kept, session))
                again.push_back(session.ts);
            kept = std::move(session);
        }));
    // A single row is no keyframe: it says that the sample was taken though nobody did anything.
    Nanos keyframe = kUnknownNanos;
    for (const Nanos ts : again) {
        if (stored[ts] > 1)
            keyframe = std::max(keyframe, ts);
    }
    for (auto &[pid, session] : rows) {
        if (session.ts == *newest || (!session.isStoredAlways() && session.ts >= keyframe))
            out.rows.push_back(std::move(session));
    }
    return out;
}

Result<std::vector<Nanos>> sessionSampleTimes(store::Database &reader, const SampledServer &server,
    const TimeRange &range, const Progress &progress)
{
    std::vector<Nanos> times;
    TS_TRY(eachSample(reader, "session_sample_raw", server, range, "1", progress,
        [&](const store::Statement &, Nanos ts) {
            if (times.empty() || times.back() != ts)
                times.push_back(ts);
        }));
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    if (server.isRecording)
        TS_TRY(addProbeRuns(reader, server, range, progress, times));
    return times;
}

Result<std::vector<Nanos>> unaskedLockWaits(store::Database &reader, const SampledServer &server,
    const TimeRange &range, const Progress &progress)
{
    SampleTexts texts(reader);
    std::vector<Nanos> waits;
    TS_TRY(eachSample(reader, "session_sample_raw", server, range, "r.wait_event_type_id", progress,
        [&](const store::Statement &row, Nanos ts) {
            if ((waits.empty() || waits.back() != ts) && texts.text(row, 1) == "Lock")
                waits.push_back(ts);
        }));
    std::sort(waits.begin(), waits.end());
    waits.erase(std::unique(waits.begin(), waits.end()), waits.end());
    if (!server.isRecording || waits.empty())
        return waits;
    const auto runs
        = probeRuns(reader, server, "locks", {range.begin, saturatingAdd(range.end, kSameSample)}, progress);
    if (!runs)
        return fail(runs.error());
    // The locks are read right after the sessions: then they say themselves who waits.
    for (const auto &[ts, took] : *runs) {
        const Nanos asked = saturatingSub(ts, took);
        if (took < kLongRun)
            waits.erase(std::lower_bound(waits.begin(), waits.end(), saturatingSub(asked, kSameSample)),
                std::upper_bound(waits.begin(), waits.end(), asked));
    }
    return waits;
}

Nanos sampleStep(const std::vector<Nanos> &times)
{
    std::vector<Nanos> steps;
    for (std::size_t i = 1; i < times.size(); ++i) {
        if (times[i] > times[i - 1] && times[i] - times[i - 1] <= kUsualStepLimit)
            steps.push_back(times[i] - times[i - 1]);
    }
    if (steps.empty())
        return kNanosPerSecond;
    const auto middle = steps.begin() + std::ptrdiff_t((steps.size() - 1) / 2);
    std::nth_element(steps.begin(), middle, steps.end());
    return *middle;
}

Result<LocksAt> locksAt(store::Database &reader, const SampledServer &server, Nanos moment,
    const Progress &progress)
{
    LocksAt out;
    const Result<Nanos> newest = newestSample(reader, "lock_edge_raw", server, moment);
    if (!newest)
        return fail(newest.error());
    const Result<Nanos> sessions = newestSample(reader, "session_sample_raw", server, moment);
    if (!sessions)
        return fail(sessions.error());
    if (*newest == kUnknownNanos)
        return out;
    // Locks are asked for only while somebody waits: a newer sample of the sessions says that nobody does,
    // unless it shows one who waits (the probe takes longest, and is asked less often, while most wait).
    const Nanos step = 2 * kNanosPerSecond + kSameSample;
    bool isOver = *sessions != kUnknownNanos && *sessions > saturatingAdd(*newest, step);
    if (isOver) {
        const Result<bool> goesOn = waitsOn(reader, server, *newest, *sessions, progress);
        if (!goesOn)
            return fail(goesOn.error());
        isOver = !*goesOn;
    }
    if (isOver || (*sessions == kUnknownNanos && saturatingSub(moment, *newest) > kLockAge))
        return out;
    out.sampleNs = *newest;
    SampleTexts texts(reader);
    TS_TRY(eachSample(reader, "lock_edge_raw", server, {*newest, saturatingAdd(*newest, 1)},
        "r.blocked_pid, r.blocker_pid, r.lock_type_id, r.mode_id, r.granted_mode_id, r.relation_id, "
        "r.waited_ms",
        progress, [&](const store::Statement &row, Nanos) {
            if (row.isNull(1) || row.isNull(2))
                return;
            out.isCut = out.edges.size() >= kMaxEdges;
            if (out.isCut)
                return;
            BlockingEdge edge;
            edge.blocked = row.integer(1);
            edge.blocker = row.integer(2);
            edge.lockType = texts.text(row, 3);
            edge.mode = texts.text(row, 4);
            edge.grantedMode = texts.text(row, 5);
            edge.relation = texts.text(row, 6);
            edge.waitedMs = row.optionalReal(7);
            out.edges.push_back(std::move(edge));
        }));
    return out;
}

} // namespace tailscope::analysis
