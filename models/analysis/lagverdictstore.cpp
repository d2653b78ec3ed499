// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions that hold up replay, and the rows of lag_verdict and stale_read.
#include "analysis/lagverdicts.h"
#include "analysis/rowinsert.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>

namespace tailscope::analysis {

namespace {

constexpr double kAgeTolerance = 0.2; // age of the session against the lag
constexpr std::size_t kMaxQueryText = 2'000;
constexpr double kUsualThinkMs[] = {0, 20, 100, 500, 1'000, 2'000, 5'000, 10'000, 60'000};

bool mayHaveSession(const LagVerdict &verdict)
{
    return verdict.episode && verdict.maxMs && verdict.cause != "link" && verdict.cause != "pause"
        && verdict.cause != "delay" && verdict.cause != "idle"
        && (verdict.stage.empty() || verdict.stage == "unreplayed");
}

double lagAt(const ReplicaTrack &track, const LagVerdict &verdict, Nanos ts, Nanos tolerance)
{
    const auto begin = track.points.begin() + std::ptrdiff_t(verdict.first);
    const auto end = track.points.begin() + std::ptrdiff_t(verdict.last) + 1;
    auto at = std::lower_bound(begin, end, ts, [](const ReplicaPoint &p, Nanos when) { return p.ts < when; });
    if (at == end || (at != begin && ts - (at - 1)->ts < at->ts - ts))
        --at;
    return std::abs(at->ts - ts) <= tolerance ? at->lag.ms : std::numeric_limits<double>::quiet_NaN();
}

Result<std::optional<LagSession>> sessionOf(store::Database &reader, const ReplicaTrack &track,
    const LagVerdict &verdict, Nanos tolerance, const Progress &progress)
{
    // Sessions of the primary are no suspects: a standby's query cannot be seen there.
    auto query = reader.prepare(
        "SELECT s.ts_ns, s.pid, coalesce(s.xact_start_ns, s.query_start_ns), s.application, s.user, t.text,"
        " s.server_id FROM session_sample AS s LEFT JOIN statement AS t ON t.id = s.statement_id"
        " WHERE s.ts_ns BETWEEN ?1 AND ?2 AND coalesce(s.xact_start_ns, s.query_start_ns) < s.ts_ns"
        " AND coalesce(s.backend_type, 'client backend') = 'client backend' AND coalesce(s.state, 'active') "
        "<> 'idle'"
        " AND (?3 IS NULL OR s.server_id IS NULL OR s.server_id <> ?3) ORDER BY s.ts_ns, s.pid LIMIT 200000");
    if (!query)
        return fail(query.error());
    query->bind(0, verdict.start);
    query->bind(1, *verdict.maxAt);
    query->bindOptional(2, track.primaryView ? track.server : std::nullopt);
    std::map<std::tuple<std::int64_t, std::int64_t, Nanos>, LagSession> found;
    for (std::int64_t rows = 0;; ++rows) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        if (rows % 4096 == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "sessions", "cancelled");
        const Nanos ts = query->integer(0), start = query->integer(2);
        const double lag = lagAt(track, verdict, ts, tolerance), age = double(ts - start) / 1e6;
        if (!(lag >= 5'000) || std::abs(age - lag) > kAgeTolerance * lag)
            continue;
        // Statements of one transaction are one session; a start that jitters by rounding too.
        LagSession &session = found[{query->integer(6), query->integer(1), start / kNanosPerSecond}];
        if (session.matches++ == 0) {
            session.pid = query->integer(1);
            session.start = start;
            session.application = query->text(3);
            session.user = query->text(4);
            session.query = std::string(utf8Prefix(query->text(5), kMaxQueryText));
        }
    }
    std::optional<LagSession> best;
    for (auto &[key, session] : found) {
        if (!best || session.matches > best->matches)
            best = std::move(session);
    }
    return best;
}

struct Found
{
    ReplicaTrack track;
    std::vector<LagVerdict> verdicts;
};

/// A primary sees only that nothing is replayed; that it was paused, or held back on purpose, the standby
/// itself says. Where both were sampled, what the standby says over at least half of the time holds.
void explainByStandby(std::vector<Found> &all)
{
    const auto isReason
        = [](const LagVerdict &said) { return said.verdict == "paused" || said.verdict == "delayed"; };
    for (Found &seen : all) {
        if (!seen.track.primaryView)
            continue;
        for (LagVerdict &verdict : seen.verdicts) {
            if (verdict.verdict != "stalled" && verdict.verdict != "growing" && verdict.verdict != "behind")
                continue;
            for (const Found &own : all) {
                if (own.track.primaryView || own.track.replica != seen.track.replica)
                    continue;
                for (const LagVerdict &said : own.verdicts) {
                    const Nanos shared
                        = std::min(said.end, verdict.end) - std::max(said.start, verdict.start);
                    if (said.episode != verdict.episode || !isReason(said)
                        || shared * 2 < verdict.end - verdict.start)
                        continue;
                    verdict.verdict = said.verdict;
                    verdict.cause = said.cause;
                }
            }
        }
    }
}

/// Think times the configuration gives: of a replica, or of all (subject of kind replica or replication).
Result<std::vector<std::pair<std::string, double>>> thinkTimes(store::Database &reader)
{
    std::vector<std::pair<std::string, double>> out;
    auto query = reader.prepare(
        "SELECT coalesce(subject, ''), CAST(value AS REAL) FROM config WHERE key = 'think_time_ms'"
        " AND CAST(value AS REAL) >= 0 ORDER BY id LIMIT 100");
    if (!query)
        return fail(query.error());
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return out;
        out.emplace_back(query->text(0), query->real(1));
    }
}

Result<void> writeStale(store::Database &writer, std::int64_t run, const std::vector<Found> &all,
    const std::vector<std::pair<std::string, double>> &configured)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "stale_read",
        "run_id, server_id, replica, think_ms, origin, n, share, stale_p50_ms, stale_p99_ms"));
    for (const Found &found : all) {
        std::vector<double> lags;
        for (const ReplicaPoint &point : found.track.points)
            lags.push_back(point.lag.ms);
        std::vector<std::pair<double, std::string_view>> wanted;
        for (const double think : kUsualThinkMs)
            wanted.emplace_back(think, "usual");
        for (const auto &[subject, think] : configured) {
            if (subject == found.track.replica || subject.empty() || subject == "replication")
                wanted.emplace_back(think, "config");
        }
        for (const auto &[think, origin] : wanted) {
            const StaleReads stale = staleReads(lags, think);
            if (stale.n == 0)
                continue;
            insert.add(run);
            found.track.server ? insert.add(*found.track.server) : insert.null();
            insert.add(std::string_view(found.track.replica))
                .add(think)
                .add(origin)
                .add(stale.n)
                .add(stale.share);
            insert.add(stale.staleP50Ms.value_or(std::nan(""))).add(stale.staleP99Ms.value_or(std::nan("")));
            TS_TRY(insert.run());
        }
    }
    return {};
}

constexpr const char *kColumns
    = "run_id, server_id, replica, start_ns, end_ns, verdict, stage, lag_ms, lag_bytes, catch_up_s, cause, "
      "scope, n,"
      " unknown, p50_ms, p95_ms, p99_ms, max_ms, max_ns, over_10s_ns, over_60s_ns, slope, fall_slope, "
      "stage_share,"
      " unsent_bytes, unwritten_bytes, unflushed_bytes, unreplayed_bytes, wal_rate, apply_rate, recovered_ns,"
      " raw_age_ms, link_age_ms, apply_delay_ms, switches, correlation, primary_view, session_pid, "
      "session_start_ns,"
      " session_application, session_user, session_query, session_matches";

Result<void> writeVerdict(RowInsert &insert, std::int64_t run, const ReplicaTrack &track,
    const LagVerdict &verdict)
{
    const auto real
        = [&insert](const std::optional<double> &value) { insert.add(value.value_or(std::nan(""))); };
    const auto integer
        = [&insert](const std::optional<std::int64_t> &value) { value ? insert.add(*value) : insert.null(); };
    insert.add(run);
    integer(track.server);
    insert.add(std::string_view(track.replica)).add(verdict.start).add(verdict.end).add(verdict.verdict);
    insert.textOrNull(verdict.stage);
    real(verdict.lagMs);
    integer(verdict.lagBytes);
    real(verdict.catchUpSeconds);
    insert.textOrNull(verdict.cause);
    insert.add(std::string_view(verdict.episode ? "episode" : "all")).add(verdict.n).add(verdict.unknown);
    for (const auto &value : {verdict.p50Ms, verdict.p95Ms, verdict.p99Ms, verdict.maxMs})
        real(value);
    for (const auto &time : {verdict.maxAt, verdict.over10s, verdict.over60s})
        integer(time);
    for (const auto &value : {verdict.slope, verdict.fallSlope, verdict.stageShare})
        real(value);
    for (const auto &bytes :
        {verdict.bytes.unsent, verdict.bytes.unwritten, verdict.bytes.unflushed, verdict.bytes.unreplayed})
        integer(bytes);
    real(verdict.walRate);
    real(verdict.applyRate);
    integer(verdict.recovered);
    for (const auto &value : {verdict.rawAgeMs, verdict.linkAgeMs, verdict.applyDelayMs})
        real(value);
    insert.add(verdict.switches);
    real(verdict.correlation);
    insert.add(std::int64_t(track.primaryView ? 1 : 0));
    if (verdict.session) {
        insert.add(verdict.session->pid).add(verdict.session->start);
        insert.textOrNull(verdict.session->application).textOrNull(verdict.session->user);
        insert.textOrNull(verdict.session->query).add(verdict.session->matches);
    } else {
        for (int i = 0; i < 6; ++i)
            insert.null();
    }
    return insert.run();
}

} // namespace

Result<void> addSessions(store::Database &reader, const ReplicaTrack &track,
    std::vector<LagVerdict> &verdicts, const Progress &progress)
{
    constexpr std::size_t kMaxAsked = 200; // each of them reads the whole table
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        if (mayHaveSession(verdicts[i]))
            asked.push_back(i);
    }
    std::stable_sort(asked.begin(), asked.end(),
        [&](std::size_t a, std::size_t b) { return *verdicts[a].maxMs > *verdicts[b].maxMs; });
    asked.resize(std::min(asked.size(), kMaxAsked));
    const Nanos tolerance = std::max<Nanos>(2 * usualStep(track), kNanosPerSecond);
    for (const std::size_t index : asked) {
        LagVerdict &verdict = verdicts[index];
        auto session = sessionOf(reader, track, verdict, tolerance, progress);
        if (!session)
            return fail(session.error());
        // Only a replay that stands still can be held by a session; a slow one has its own cause.
        if (*session && verdict.slope.value_or(1) >= 0.9) {
            verdict.session = std::move(*session);
            verdict.cause = "query";
        }
    }
    return {};
}

Result<WriteRows> computeLagVerdicts(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    auto tracks = readReplicaTracks(*reader, std::nullopt, progress);
    if (!tracks)
        return tl::unexpected(std::move(tracks.error()));
    auto configured = thinkTimes(*reader);
    if (!configured)
        return tl::unexpected(std::move(configured.error()));
    const std::vector<std::optional<double>> correlations = lagCorrelations(*tracks);
    std::vector<Found> all;
    for (std::size_t i = 0; i < tracks->size(); ++i) {
        Found found{std::move((*tracks)[i]), {}};
        found.verdicts = lagVerdicts(found.track);
        TS_TRY(addSessions(*reader, found.track, found.verdicts, progress));
        if (!found.verdicts.empty())
            found.verdicts.front().correlation = correlations[i];
        all.push_back(std::move(found));
    }
    explainByStandby(all);
    return WriteRows([all = std::move(all), configured = std::move(*configured)](store::Database &writer,
                         std::int64_t run) -> Result<void> {
        RowInsert insert;
        TS_TRY(insert.replace(writer, "lag_verdict", kColumns));
        for (const Found &found : all) {
            for (const LagVerdict &verdict : found.verdicts)
                TS_TRY(writeVerdict(insert, run, found.track, verdict));
        }
        return writeStale(writer, run, all, configured);
    });
}

} // namespace tailscope::analysis
