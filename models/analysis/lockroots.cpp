// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/lockroots.h"

#include "analysis/rowinsert.h"

#include <algorithm>
#include <limits>
#include <map>

namespace tailscope::analysis {

namespace {

constexpr Nanos kSameSample = kNanosPerSecond; // sessions and locks of one round
constexpr int kStepsOfGap = 3;
constexpr std::size_t kMostSamples = 500'000; // edges, of one server

constexpr const char *kColumns
    = "run_id, server_id, ts_ns, end_ns, samples, root_pid, is_cycle, victims, worst_ns, victims_total, "
      "depth,"
      " waited_ms, waited_total_ms, state, application, user, db, statement_id, xact_start_ns,"
      " state_change_ns, backend_start_ns, lock_type, mode, granted_mode, relation";

constexpr Nanos kMinute = 60 * kNanosPerSecond;

using RootKey = std::pair<std::int64_t, Nanos>; ///< pid, start of the backend

/// Distinct processes below a root of the forest.
std::set<std::int64_t> victimsOf(const BlockingForest &forest, std::size_t root)
{
    // Rows of a process that has several blockers stand below the first one only.
    std::map<std::int64_t, std::vector<std::int64_t>> below;
    for (const BlockingNode &node : forest.nodes) {
        if (node.parent >= 0 && !(node.isCycle))
            below[forest.nodes[std::size_t(node.parent)].pid].push_back(node.pid);
    }
    std::set<std::int64_t> found;
    std::vector<std::int64_t> todo{forest.nodes[root].pid};
    while (!todo.empty()) {
        const std::int64_t pid = todo.back();
        todo.pop_back();
        for (const std::int64_t victim : below[pid]) {
            if (found.insert(victim).second)
                todo.push_back(victim);
        }
    }
    return found;
}

/// Time until the next sample: what a sample stands for.
Nanos lengthOf(Nanos ts, const std::vector<Nanos> &times, Nanos step)
{
    const auto next = std::upper_bound(times.begin(), times.end(), saturatingAdd(ts, step / 2));
    return next == times.end() || *next - ts > kStepsOfGap * step ? step : *next - ts;
}

/// The same of a sample that was kept of a minute. Of each minute the last one is: where the next minute has
/// none, nobody waited after it, and it stands for one step as ever.
Nanos lengthOfKept(Nanos ts, const std::vector<Nanos> &lockTimes, Nanos step)
{
    const auto next = std::upper_bound(lockTimes.begin(), lockTimes.end(), ts);
    return std::min(kMinute,
        next == lockTimes.end() || *next - ts > kMinute + kStepsOfGap * step ? step : *next - ts);
}

/// Samples of the sessions between two of the locks, near neither of them: nobody waited then, but at those
/// of waitTimes.
struct Between
{
    bool isQuiet = false; ///< nobody waited at one of them
    bool isBridged = false; ///< somebody did at all of them, and they follow each other closely
};
Between lookBetween(Nanos before, Nanos after, const std::vector<Nanos> &times,
    const std::vector<Nanos> &waitTimes, Nanos step)
{
    const Nanos near = std::min(kSameSample, step / 2), end = saturatingSub(after, near);
    Nanos last = before;
    bool isClose = true;
    auto at = std::upper_bound(times.begin(), times.end(), saturatingAdd(before, near));
    for (; at != times.end() && *at < end; ++at) {
        if (!std::binary_search(waitTimes.begin(), waitTimes.end(), *at))
            return {true, false};
        isClose = isClose && *at - last <= kStepsOfGap * step;
        last = *at;
    }
    return {false, last != before && isClose && after - last <= kStepsOfGap * step};
}

void addTo(LockEpisode &episode, const LockSample &sample, const BlockingForest &forest, std::size_t root,
    Nanos length, const LockSessions &sessions)
{
    const BlockingNode &node = forest.nodes[root];
    episode.end = sample.ts;
    ++episode.samples;
    episode.isCycle = episode.isCycle || node.isCycle;
    episode.depth = std::max(episode.depth, node.deepest);
    episode.waitedTotalMs += double(node.victims) * double(length) / kNanosPerMilli;
    if (node.longestMs && *node.longestMs > episode.waitedMs.value_or(-1))
        episode.waitedMs = node.longestMs;
    episode.everyVictim.merge(victimsOf(forest, root));
    const bool isWorst = node.victims > episode.victims;
    if (isWorst) {
        episode.victims = node.victims;
        episode.worstAt = sample.ts;
        if (const SessionRow *row = sessions.at(node.pid, sample.ts))
            episode.root = *row;
    }
    for (const BlockingNode &other : forest.nodes) {
        if (other.parent != int(root) || other.edge < 0)
            continue;
        const BlockingEdge &edge = sample.edges[std::size_t(other.edge)];
        if (episode.longest.blocker == 0
            || edge.waitedMs.value_or(-1) > episode.longest.waitedMs.value_or(-1))
            episode.longest = edge;
    }
}

Result<void> writeEpisode(RowInsert &insert, std::int64_t run, std::int64_t server,
    const LockEpisode &episode)
{
    const SessionRow &root = episode.root;
    insert.add(run);
    server == 0 ? insert.null() : insert.add(server);
    insert.add(episode.start).add(episode.end).add(std::int64_t(episode.samples)).add(episode.rootPid);
    insert.add(std::int64_t(episode.isCycle)).add(std::int64_t(episode.victims)).add(episode.worstAt);
    insert.add(std::int64_t(episode.everyVictim.size())).add(std::int64_t(episode.depth));
    insert.add(episode.waitedMs.value_or(std::numeric_limits<double>::quiet_NaN()));
    insert.add(episode.waitedTotalMs);
    insert.textOrNull(root.state).textOrNull(root.application).textOrNull(root.user).textOrNull(root.db);
    root.statementId == 0 ? insert.null() : insert.add(root.statementId);
    insert.nanos(root.xactStart).nanos(root.stateChange).nanos(episode.backendStart);
    insert.textOrNull(episode.longest.lockType).textOrNull(episode.longest.mode);
    insert.textOrNull(episode.longest.grantedMode).textOrNull(episode.longest.relation);
    return insert.run();
}

} // namespace

const SessionRow *LockSessions::at(std::int64_t pid, Nanos ts) const
{
    const auto found = m_rows.find(pid);
    if (found == m_rows.end())
        return nullptr;
    const std::vector<SessionRow> &rows = found->second;
    auto after = std::upper_bound(rows.begin(), rows.end(), ts,
        [](Nanos when, const SessionRow &row) { return when < row.ts; });
    if (after != rows.begin() && ts - (after - 1)->ts <= kSessionKeyframe)
        return &*(after - 1);
    return after != rows.end() && after->ts - ts <= kSameSample ? &*after : nullptr;
}

void mapToLeaders(LockSample &sample, const LockSessions &sessions)
{
    const auto leader = [&](std::int64_t pid) {
        const SessionRow *row = sessions.at(pid, sample.ts);
        return row && row->leaderPid > 0 ? row->leaderPid : pid;
    };
    for (BlockingEdge &edge : sample.edges) {
        edge.blocked = leader(edge.blocked);
        edge.blocker = leader(edge.blocker);
    }
    std::erase_if(sample.edges, [](const BlockingEdge &edge) { return edge.blocked == edge.blocker; });
}

std::vector<LockEpisode> lockEpisodes(const std::vector<LockSample> &samples,
    const std::vector<Nanos> &sampleTimes, const LockSessions &sessions, Nanos rolledUntil,
    const std::vector<Nanos> &waitTimes)
{
    std::vector<Nanos> lockTimes;
    lockTimes.reserve(samples.size());
    for (const LockSample &sample : samples)
        lockTimes.push_back(sample.ts);
    const std::vector<Nanos> &times = sampleTimes.empty() ? lockTimes : sampleTimes;
    const Nanos rawStep = sampleStep(times);
    std::vector<LockEpisode> done;
    std::map<RootKey, LockEpisode> open;
    Nanos before = kUnknownNanos;
    for (LockSample sample : samples) {
        const bool isRolled = sample.ts < rolledUntil;
        mapToLeaders(sample, sessions);
        bool isBroken = false;
        if (before != kUnknownNanos) {
            const bool isFar = sample.ts - before > kStepsOfGap * (before < rolledUntil ? kMinute : rawStep);
            const Between between
                = isRolled ? Between{} : lookBetween(before, sample.ts, sampleTimes, waitTimes, rawStep);
            isBroken = between.isQuiet || (isFar && !between.isBridged);
        }
        before = sample.ts;
        const BlockingForest forest = unfoldBlocking(sample.edges);
        std::map<RootKey, LockEpisode> next;
        for (std::size_t i = 0; i < forest.nodes.size(); ++i) {
            if (forest.nodes[i].parent >= 0)
                continue;
            const SessionRow *row = sessions.at(forest.nodes[i].pid, sample.ts);
            RootKey key{forest.nodes[i].pid, row ? row->backendStart : kUnknownNanos};
            auto known = isBroken ? open.end() : open.find(key);
            // A moment at which nothing is known of the root does not make it another one.
            if (known == open.end() && !isBroken) {
                known = std::find_if(open.begin(), open.end(), [&](const auto &entry) {
                    return entry.first.first == key.first
                        && (entry.first.second == kUnknownNanos || key.second == kUnknownNanos);
                });
            }
            LockEpisode episode;
            if (known != open.end()) {
                episode = std::move(known->second);
                key.second = key.second == kUnknownNanos ? known->first.second : key.second;
                open.erase(known);
            } else {
                episode.rootPid = key.first;
                episode.start = sample.ts;
            }
            episode.backendStart = key.second;
            addTo(episode, sample, forest, i,
                isRolled ? lengthOfKept(sample.ts, lockTimes, rawStep) : lengthOf(sample.ts, times, rawStep),
                sessions);
            next.insert_or_assign(key, std::move(episode));
        }
        for (auto &[key, episode] : open)
            done.push_back(std::move(episode));
        open = std::move(next);
    }
    for (auto &[key, episode] : open)
        done.push_back(std::move(episode));
    std::stable_sort(done.begin(), done.end(), [](const LockEpisode &a, const LockEpisode &b) {
        return a.start != b.start ? a.start < b.start : a.rootPid < b.rootPid;
    });
    return done;
}

/// Until when the samples of a recorded server were thinned out; unknown = not at all.
static Result<Nanos> rolledUntil(store::Database &reader, const SampledServer &server)
{
    auto query = reader.prepare("SELECT k.rolled_until_ns + s.offset_ns FROM server_raw AS v JOIN"
                                " recording_retention AS k ON k.source_id = v.source_id JOIN source_raw AS s"
                                " ON s.id = k.source_id WHERE v.id = ?1");
    if (!query)
        return fail(query.error());
    Nanos until = kUnknownNanos;
    for (const std::int64_t id : server.ids) {
        query->bind(0, id);
        const auto row = query->step();
        if (!row)
            return fail(row.error());
        if (*row)
            until = std::max(until, query->optionalInteger(0).value_or(kUnknownNanos));
        query->reset();
    }
    return until;
}

Result<std::vector<LockEpisode>> readLockEpisodes(store::Database &reader, const SampledServer &server,
    const TimeRange &range, const Progress &progress)
{
    SampleTexts texts(reader);
    std::map<Nanos, LockSample> samples;
    std::set<std::int64_t> pids;
    std::size_t edges = 0;
    TS_TRY(eachSample(reader, "lock_edge_raw", server, range,
        "r.blocked_pid, r.blocker_pid, r.lock_type_id, r.mode_id, r.granted_mode_id, r.relation_id,"
        " r.waited_ms, s.kind",
        progress, [&](const store::Statement &row, Nanos ts) {
            // A log tells of a wait once or twice, not how it went.
            if (row.isNull(1) || row.isNull(2) || row.integer(8) == std::int64_t(SourceKind::Log)
                || ++edges > kMostSamples)
                return;
            LockSample &sample = samples[ts];
            sample.ts = ts;
            if (sample.edges.size() >= kMaxEdges)
                return;
            sample.edges.push_back({row.integer(1), row.integer(2), texts.text(row, 3), {}, {}, {}, {}});
            BlockingEdge &edge = sample.edges.back();
            edge.mode = texts.text(row, 4);
            edge.grantedMode = texts.text(row, 5);
            edge.relation = texts.text(row, 6);
            edge.waitedMs = row.optionalReal(7);
            pids.insert({edge.blocked, edge.blocker});
        }));
    if (samples.empty())
        return std::vector<LockEpisode>();
    const TimeRange around{saturatingSub(samples.begin()->first, kSessionKeyframe),
        saturatingAdd(samples.rbegin()->first, 2 * kSameSample)};
    std::map<Nanos, std::vector<SessionRow>> rows;
    TS_TRY(eachSample(reader, "session_sample_raw", server, around, kSessionColumns, progress,
        [&](const store::Statement &row, Nanos ts) {
            if (pids.contains(row.integer(1)))
                rows[ts].push_back(readSessionRow(row, texts));
        }));
    LockSessions sessions;
    for (auto &[ts, all] : rows) {
        for (SessionRow &row : all)
            sessions.add(std::move(row));
    }
    const auto times = sessionSampleTimes(reader, server, around, progress);
    if (!times)
        return fail(times.error());
    const auto waitTimes = unaskedLockWaits(reader, server, around, progress);
    if (!waitTimes)
        return fail(waitTimes.error());
    std::vector<LockSample> list;
    list.reserve(samples.size());
    for (auto &[ts, sample] : samples)
        list.push_back(std::move(sample));
    const auto rolled = rolledUntil(reader, server);
    if (!rolled)
        return fail(rolled.error());
    return lockEpisodes(list, *times, sessions, *rolled, *waitTimes);
}

Result<WriteRows> computeLockRoots(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    reader->setCancel(progress.cancel);
    const auto servers = sampledServers(*reader);
    if (!servers)
        return fail(servers.error());
    std::vector<std::pair<std::int64_t, LockEpisode>> all;
    for (const SampledServer &server : *servers) {
        if (!server.hasLocks)
            continue;
        auto episodes = readLockEpisodes(*reader, server,
            {std::numeric_limits<Nanos>::min() / 2, std::numeric_limits<Nanos>::max() / 2}, progress);
        if (!episodes)
            return fail(episodes.error());
        for (LockEpisode &episode : *episodes)
            all.emplace_back(server.ids.front(), std::move(episode));
    }
    return WriteRows([all = std::move(all)](store::Database &writer, std::int64_t run) -> Result<void> {
        RowInsert insert;
        TS_TRY(insert.replace(writer, "lock_root", kColumns));
        for (const auto &[server, episode] : all)
            TS_TRY(writeEpisode(insert, run, server, episode));
        return {};
    });
}

} // namespace tailscope::analysis
