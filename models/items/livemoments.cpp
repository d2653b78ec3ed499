// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/livemoments.h"

#include "analysis/sessionsamples.h"

#include <algorithm>
#include <map>

namespace tailscope::items {

namespace {

using store::Statement;

constexpr Nanos kKeyframe = 10 * kNanosPerSecond, kSlack = 3 * kNanosPerSecond / 2;
constexpr std::size_t kManySessions = 1000;
/// The answer to a run of the probe: its rows have the server's time of asking.
constexpr Nanos kRunBefore = 700 * kNanosPerMilli, kRunAfter = 200 * kNanosPerMilli;

struct Seen
{
    Nanos tsNs = 0;
    LiveLine line = LiveLine::OtherState;
    bool isKept = false; ///< idle client: not stored with every sample
};

/// One server of a source, row by row in order of time.
class Counter
{
public:
    Counter(std::int64_t server, bool isRecording)
        : m_server(server)
        , m_isRecording(isRecording)
    {}

    void add(Nanos ts, std::int64_t pid, std::string_view type, std::string_view state, std::string_view wait)
    {
        if (ts != m_now.tsNs)
            m_now = {m_server, ts, {}};
        const bool isClient = type.empty() || type == "client backend";
        const LiveLine line = liveLineOfState(state);
        const bool isKept = isClient && line == LiveLine::Idle && m_isRecording;
        m_seen[pid] = {ts, line, isKept};
        const auto count = [&](LiveLine one) { m_now.counts[std::size_t(one)] += 1; };
        if (isClient && !isKept)
            count(line);
        if (state == "active" && (isClient || type == "parallel worker"))
            count(liveLineOfWait(wait));
    }
    Nanos now() const { return m_now.tsNs; }
    /// The sample that ends here, with the idle sessions seen before.
    LiveCache::Moment moment()
    {
        LiveCache::Moment moment = m_now;
        moment.counts[std::size_t(LiveLine::Idle)] += float(kept(m_now.tsNs));
        return moment;
    }
    LiveCache::Moment emptyMoment(Nanos ts)
    {
        LiveCache::Moment moment{m_server, ts, {}};
        moment.counts[std::size_t(LiveLine::Idle)] = float(kept(ts));
        return moment;
    }

private:
    std::size_t kept(Nanos ts)
    {
        const Nanos keep = m_seen.size() > kManySessions ? analysis::kSessionKeyframe : kKeyframe + kSlack;
        std::erase_if(m_seen, [&](const auto &entry) { return entry.second.tsNs < saturatingSub(ts, keep); });
        return std::size_t(std::count_if(m_seen.begin(), m_seen.end(),
            [](const auto &entry) { return entry.second.isKept; }));
    }

    std::int64_t m_server;
    bool m_isRecording;
    LiveCache::Moment m_now;
    std::map<std::int64_t, Seen> m_seen; ///< by pid
};

/// Times at which the probe had its answer and the milliseconds that took, of the server that the series is
/// about.
std::vector<LivePoint> runsOf(const LiveCache &cache, const std::string &server, Nanos from, Nanos to)
{
    std::vector<LivePoint> runs;
    for (const LiveCache::Series &series : cache.series) {
        if (series.metric != kSessionRuns || series.server != server)
            continue;
        for (const LivePoint &point : series.points) {
            if (point.tsNs >= from && point.tsNs < to)
                runs.push_back(point);
        }
    }
    std::sort(runs.begin(), runs.end(),
        [](const LivePoint &a, const LivePoint &b) { return a.tsNs < b.tsNs; });
    return runs;
}

} // namespace

LiveLine liveLineOfState(std::string_view state)
{
    if (state == "active")
        return LiveLine::Active;
    if (state.starts_with("idle in transaction"))
        return LiveLine::IdleInTransaction;
    return state == "idle" ? LiveLine::Idle : LiveLine::OtherState;
}

LiveLine liveLineOfWait(std::string_view type)
{
    if (type.empty())
        return LiveLine::OnCpu;
    if (type == "Lock")
        return LiveLine::LockWait;
    if (type == "LWLock")
        return LiveLine::LwLockWait;
    if (type == "IO")
        return LiveLine::IoWait;
    return type == "Client" ? LiveLine::ClientWait : LiveLine::OtherWait;
}

Result<void> readMoments(store::Database &database, const LiveSource &source, Nanos from, Nanos to,
    LiveCache &cache)
{
    const auto rolled = source.isRecording ? rolledUntil(database, source) : Result<Nanos>(from);
    if (!rolled)
        return tl::unexpected(rolled.error());
    if (*rolled > from) {
        TS_TRY(readMinuteMoments(database, source, from, std::min(*rolled, to), cache));
        from = std::min(*rolled, to);
    }
    const Nanos warm = source.isRecording ? saturatingSub(from, analysis::kSessionKeyframe) : from;
    auto query = database.prepare("SELECT r.server_id, r.ts_ns, r.pid, r.backend_type_id, r.state_id,"
                                  " r.wait_event_type_id FROM session_sample_raw AS r INDEXED BY"
                                  " session_sample_raw_time WHERE r.source_id = ?1 AND r.ts_ns >= ?2"
                                  " AND r.ts_ns < ?3 ORDER BY r.ts_ns");
    if (!query)
        return tl::unexpected(query.error());
    query->bind(0, source.id);
    query->bind(1, saturatingSub(warm, source.offsetNs));
    query->bind(2, saturatingSub(to, source.offsetNs));
    analysis::SampleTexts texts(database);
    std::map<std::int64_t, std::pair<Counter, std::vector<LivePoint>>> counters; // with the runs to come
    const auto runsUntil = [&](Counter &counter, std::vector<LivePoint> &runs, Nanos ts) {
        // Runs before this sample that stored nothing.
        std::size_t done = 0;
        for (; done < runs.size() && runs[done].tsNs < saturatingSub(ts, kRunAfter); ++done) {
            const Nanos at = runs[done].tsNs;
            const auto took = Nanos(std::clamp(runs[done].value, 0.0, 60'000.0) * kNanosPerMilli);
            const bool hasRows = counter.now() != 0 && counter.now() >= at - kRunBefore - took;
            if (!hasRows && at >= from)
                cache.moments.push_back(counter.emptyMoment(at));
        }
        runs.erase(runs.begin(), runs.begin() + std::ptrdiff_t(done));
    };
    const auto end = [&](Counter &counter) {
        if (counter.now() >= from)
            cache.moments.push_back(counter.moment());
    };
    for (;;) {
        const auto more = query->step();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            break;
        const std::int64_t server = query->integer(0);
        const Nanos ts = saturatingAdd(query->integer(1), source.offsetNs);
        const auto found = counters.find(server);
        const auto at = found != counters.end()
            ? found
            : counters
                  .try_emplace(server, Counter(server, source.isRecording),
                      runsOf(cache, source.serverName(server), from, to))
                  .first;
        auto &[counter, runs] = at->second;
        if (counter.now() != ts) {
            if (counter.now() != 0)
                end(counter);
            runsUntil(counter, runs, ts);
        }
        // Each text() may take the place of the one before.
        const std::string type = texts.text(*query, 3), state = texts.text(*query, 4);
        counter.add(ts, query->integer(2), type, state, texts.text(*query, 5));
    }
    for (auto &[server, entry] : counters) {
        end(entry.first);
        runsUntil(entry.first, entry.second, saturatingAdd(to, kRunAfter));
    }
    return {};
}

} // namespace tailscope::items
