// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Who waits for whom: known answers of trees, circles and episodes, and the stored rows.
#include "analysis/analysisrun.h"
#include "analysis/lockroots.h"
#include "analysis/workspaceanalyses.h"
#include "storefixture.h"

#include <QtTest>

#include <random>

using namespace tailscope;
using namespace tailscope::analysis;
using namespace storefixture;

namespace {

constexpr Nanos kSecond = kNanosPerSecond;

BlockingEdge wait(std::int64_t blocked, std::int64_t blocker, double ms = 1'000)
{
    return {blocked, blocker, "transactionid", "ShareLock", "ExclusiveLock", "orders", ms};
}

SessionRow session(std::int64_t pid, Nanos ts, std::string state, Nanos backendStart = 0,
    std::int64_t leader = 0)
{
    SessionRow row;
    row.pid = pid;
    row.ts = ts;
    row.state = std::move(state);
    row.backendStart = backendStart;
    row.leaderPid = leader;
    return row;
}

/// "10(2) 20(1) 30": rows by depth, with victims below where there are any, ' = ' before repeated ones.
std::string textOf(const BlockingForest &forest)
{
    std::string text;
    for (const BlockingNode &node : forest.nodes) {
        text += std::string(text.empty() ? 0 : 1, ' ') + std::string(std::size_t(node.depth), '>')
            + (node.isCycle           ? "o"
                    : node.isRepeated ? "="
                                      : "")
            + std::to_string(node.pid);
        if (node.victims > 0)
            text += '(' + std::to_string(node.victims) + ',' + std::to_string(node.deepest) + ')';
    }
    return text;
}

std::vector<Nanos> seconds(int count)
{
    std::vector<Nanos> times;
    for (int i = 0; i < count; ++i)
        times.push_back(i * kSecond);
    return times;
}

} // namespace

class TestLockRoots : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void chainOfThree();
    void twoRootsOneVictim();
    void circles();
    void againstASlowWay();
    void manyWaiters();
    void episodes();
    void breaksAndGaps();
    void reusedProcessNumber();
    void parallelWorkers();
    void storedRows();
    void momentsAreReadAlone();
    void waitsGoOnWhileLocksAreNotAsked();
};

void TestLockRoots::chainOfThree()
{
    const std::vector<BlockingEdge> edges{wait(30, 20, 500), wait(20, 10, 1'500)};
    const BlockingForest forest = unfoldBlocking(edges);
    QCOMPARE(textOf(forest), std::string("10(2,2) >20(1,1) >>30"));
    QCOMPARE(forest.roots, 1);
    QCOMPARE(forest.blocked, 2);
    QCOMPARE(forest.deepest, 2);
    QCOMPARE(*forest.nodes[0].longestMs, 1'500.0);
    QCOMPARE(*forest.nodes[1].longestMs, 500.0);
    QVERIFY(!forest.nodes[2].longestMs);
    QVERIFY(unfoldBlocking({}).nodes.empty());
}

void TestLockRoots::twoRootsOneVictim()
{
    // 30 waits for both; 40 behind it stands once only.
    const std::vector<BlockingEdge> edges{wait(30, 10, 9), wait(30, 20, 9), wait(40, 30, 5), wait(50, 20, 1)};
    QCOMPARE(textOf(unfoldBlocking(edges)), std::string("20(3,2) >30(1,1) >>40 >50 10(2,2) >=30(1,1)"));
    // Two locks of one pair are one row, of the longer wait; nobody waits for itself.
    const std::vector<BlockingEdge> twice{wait(2, 1, 3), wait(2, 1, 7), wait(1, 1, 99)};
    const BlockingForest forest = unfoldBlocking(twice);
    QCOMPARE(textOf(forest), std::string("1(1,1) >2"));
    QCOMPARE(*forest.nodes[0].longestMs, 7.0);
    QCOMPARE(forest.nodes[1].edge, 1);
}

void TestLockRoots::circles()
{
    const std::vector<BlockingEdge> two{wait(7, 5), wait(5, 7)};
    QCOMPARE(textOf(unfoldBlocking(two)), std::string("o5(1,1) >7 >>o5(1,1)"));
    // Behind a circle, and before one.
    const std::vector<BlockingEdge> behind{wait(7, 5), wait(5, 7), wait(9, 7)};
    QCOMPARE(textOf(unfoldBlocking(behind)), std::string("o5(2,2) >7(1,1) >>o5(2,2) >>9"));
    const std::vector<BlockingEdge> before{wait(7, 5), wait(5, 7), wait(7, 1)};
    QCOMPARE(textOf(unfoldBlocking(before)), std::string("1(2,2) >7(1,1) >>5 >>>o7(1,1)"));
    // All wait for all: ends, and every one of them is there.
    std::vector<BlockingEdge> all;
    for (int a = 1; a <= 40; ++a) {
        for (int b = 1; b <= 40; ++b)
            all.push_back(wait(a, b));
    }
    const BlockingForest forest = unfoldBlocking(all);
    QCOMPARE(forest.roots, 1);
    QCOMPARE(forest.nodes[0].pid, std::int64_t(1));
    QCOMPARE(forest.nodes[0].victims, 39);
}

/// Random graphs: roots and distinct victims by walking from every process.
void TestLockRoots::againstASlowWay()
{
    std::mt19937 random(11);
    for (int round = 0; round < 300; ++round) {
        const int count = 2 + int(random() % 12);
        std::vector<BlockingEdge> edges;
        std::map<std::int64_t, std::set<std::int64_t>> below;
        std::set<std::int64_t> blocked, all;
        for (int i = 0; i < count * 2; ++i) {
            // Only smaller ones block: no circles here.
            const std::int64_t a = 1 + std::int64_t(random() % std::uint32_t(count));
            const std::int64_t b = 1 + std::int64_t(random() % std::uint32_t(count));
            if (a == b)
                continue;
            edges.push_back(wait(std::max(a, b), std::min(a, b)));
            below[std::min(a, b)].insert(std::max(a, b));
            blocked.insert(std::max(a, b));
            all.insert({a, b});
        }
        const auto reach = [&](std::int64_t from) {
            std::set<std::int64_t> found;
            std::vector<std::int64_t> todo{from};
            while (!todo.empty()) {
                const std::int64_t at = todo.back();
                todo.pop_back();
                for (const std::int64_t to : below[at]) {
                    if (found.insert(to).second)
                        todo.push_back(to);
                }
            }
            return found;
        };
        const BlockingForest forest = unfoldBlocking(edges);
        QCOMPARE(forest.blocked, int(blocked.size()));
        QCOMPARE(forest.roots, int(all.size() - blocked.size()));
        std::set<std::int64_t> seen;
        for (const BlockingNode &node : forest.nodes) {
            seen.insert(node.pid);
            QCOMPARE(node.victims, int(reach(node.pid).size()));
            QCOMPARE(node.parent < 0, !blocked.contains(node.pid));
            QVERIFY(!node.isCycle);
        }
        QCOMPARE(seen, all);
    }
}

void TestLockRoots::manyWaiters()
{
    // As pg_blocking_pids() says it: each waits for the holder and for all before it in the queue.
    std::vector<BlockingEdge> edges;
    for (int a = 2; a <= 200; ++a) {
        for (int b = 1; b < a; ++b)
            edges.push_back(wait(a, b, 1'000 - a));
    }
    const BlockingForest forest = unfoldBlocking(edges);
    QCOMPARE(forest.roots, 1);
    QCOMPARE(forest.blocked, 199);
    QCOMPARE(forest.deepest, 199);
    QCOMPARE(forest.nodes.size(), edges.size() + 1); // no row twice
    QCOMPARE(forest.nodes[0].victims, 199);
}

void TestLockRoots::episodes()
{
    // 10 blocks 20 for three seconds, 30 comes behind 20 in the second and third.
    std::vector<LockSample> samples;
    LockSessions sessions;
    for (int s = 0; s < 3; ++s) {
        samples.push_back({(5 + s) * kSecond, {wait(20, 10, 100 + 1'000 * s)}});
        if (s > 0)
            samples.back().edges.push_back(wait(30, 20, 1'000 * s));
        sessions.add(session(10, (5 + s) * kSecond, "idle in transaction", 1));
    }
    const auto found = lockEpisodes(samples, seconds(10), sessions);
    QCOMPARE(found.size(), std::size_t(1));
    const LockEpisode &one = found.front();
    QCOMPARE(one.rootPid, std::int64_t(10));
    QCOMPARE(one.start, 5 * kSecond);
    QCOMPARE(one.end, 7 * kSecond);
    QCOMPARE(one.samples, 3);
    QCOMPARE(one.victims, 2);
    QCOMPARE(one.worstAt, 6 * kSecond);
    QCOMPARE(one.depth, 2);
    QCOMPARE(*one.waitedMs, 2'100.0);
    QCOMPARE(one.waitedTotalMs, 5'000.0); // 1 + 2 + 2 victims, each sample a second
    QCOMPARE(one.everyVictim.size(), std::size_t(2));
    QCOMPARE(one.root.state, std::string("idle in transaction"));
    QCOMPARE(one.longest.mode, std::string("ShareLock"));
    // Two roots at once are two episodes.
    const std::vector<LockSample> two{{0, {wait(2, 1), wait(4, 3)}}, {kSecond, {wait(2, 1), wait(4, 3)}}};
    QCOMPARE(lockEpisodes(two, seconds(3), {}).size(), std::size_t(2));
}

void TestLockRoots::breaksAndGaps()
{
    const auto at = [](std::initializer_list<int> when) {
        std::vector<LockSample> samples;
        for (const int s : when)
            samples.push_back({s * kSecond, {wait(2, 1)}});
        return samples;
    };
    // Sessions were sampled at 2 s and nobody waited.
    QCOMPARE(lockEpisodes(at({0, 1, 3, 4}), seconds(6), {}).size(), std::size_t(2));
    // Nothing was sampled between: not known to be over, within three steps.
    std::vector<Nanos> hole = seconds(6);
    hole.erase(hole.begin() + 2);
    QCOMPARE(lockEpisodes(at({0, 1, 3, 4}), hole, {}).size(), std::size_t(1));
    // Longer ones are.
    std::vector<Nanos> gap = seconds(2);
    for (int s = 20; s < 25; ++s)
        gap.push_back(s * kSecond);
    const auto found = lockEpisodes(at({0, 1, 20, 21}), gap, {});
    QCOMPARE(found.size(), std::size_t(2));
    QCOMPARE(found[0].waitedTotalMs, 2'000.0); // the last sample counts one step, not the gap
    // Where samples were rolled up to minutes one block stays one, as long as it was.
    const std::vector<LockSample> minutes = at({5, 59, 65, 119, 120, 121, 122, 123});
    std::vector<Nanos> raw;
    for (int s = 120; s < 124; ++s)
        raw.push_back(s * kSecond);
    const auto rolled = lockEpisodes(minutes, raw, {}, 120 * kSecond);
    QCOMPARE(rolled.size(), std::size_t(1));
    QCOMPARE(rolled[0].waitedTotalMs, 119'000.0); // from 5 s to 124 s
    QVERIFY(lockEpisodes(minutes, raw, {}).size() > 1);
    // Two blocks of two seconds stay two of two seconds.
    const auto brief = lockEpisodes(at({5, 6, 400, 401}), raw, {}, 600 * kSecond);
    QCOMPARE(brief.size(), std::size_t(2));
    QCOMPARE(brief[0].waitedTotalMs, 2'000.0);
    QCOMPARE(brief[1].waitedTotalMs, 2'000.0);
    // The probe of locks backed off: whoever looked saw somebody wait all the time.
    std::vector<Nanos> waits = seconds(9);
    waits.erase(waits.begin(), waits.begin() + 2);
    const std::vector<LockSample> pause = at({0, 1, 9, 10});
    QCOMPARE(lockEpisodes(pause, seconds(11), {}, kUnknownNanos, waits).size(), std::size_t(1));
    waits.erase(waits.begin() + 3); // but for one moment
    QCOMPARE(lockEpisodes(pause, seconds(11), {}, kUnknownNanos, waits).size(), std::size_t(2));
    QCOMPARE(lockEpisodes(pause, seconds(11), {}).size(), std::size_t(2));
    // A circle is told as one.
    const std::vector<LockSample> circle{{0, {wait(7, 5), wait(5, 7)}}};
    const auto circles = lockEpisodes(circle, seconds(1), {});
    QCOMPARE(circles.size(), std::size_t(1));
    QVERIFY(circles[0].isCycle && circles[0].rootPid == 5 && circles[0].victims == 1);
}

void TestLockRoots::reusedProcessNumber()
{
    const std::vector<LockSample> samples{{0, {wait(2, 1)}}, {kSecond, {wait(3, 1)}}};
    LockSessions sessions;
    sessions.add(session(1, 0, "active", -5 * kSecond));
    sessions.add(session(1, kSecond, "active", kSecond / 2));
    const auto found = lockEpisodes(samples, seconds(2), sessions);
    QCOMPARE(found.size(), std::size_t(2));
    QCOMPARE(found[0].backendStart, -5 * kSecond);
    QCOMPARE(found[1].backendStart, kSecond / 2);
    QCOMPARE(found[1].start, kSecond);
}

void TestLockRoots::parallelWorkers()
{
    // A worker (11) of 10 waits for 1; 20 waits for the leader and for the worker.
    LockSample sample{0, {wait(11, 1), wait(20, 10), wait(20, 11), wait(11, 10)}};
    LockSessions sessions;
    sessions.add(session(11, 0, "active", 3, 10));
    mapToLeaders(sample, sessions);
    QCOMPARE(sample.edges.size(), std::size_t(3)); // waiting for its own leader is none
    QCOMPARE(textOf(unfoldBlocking(sample.edges)), std::string("1(2,2) >10(1,1) >>20"));
}

void TestLockRoots::storedRows()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    SourceInfo info;
    info.kind = SourceKind::Recording;
    info.clock = ClockKind::Utc;
    source.writer().setSource(info);
    const RecordField host[]{{"name", std::string_view("primary")}, {"host", std::string_view("db")}};
    const RecordRef server = source.writer().record({RecordTable::Server, {}, {}, {}, {}, host});
    const Nanos start = 1'700'000'000 * kSecond;
    for (int s = 0; s < 6; ++s) {
        const Nanos ts = start + s * kSecond;
        const RecordField root[]{{"ts_ns", ts}, {"pid", std::int64_t(10)},
            {"state", std::string_view("idle in transaction")}, {"application", std::string_view("billing")},
            {"xact_start_ns", start - kSecond}, {"backend_start_ns", start - 60 * kSecond},
            {"statement_id", std::string_view("UPDATE orders SET n = 1")}};
        source.writer().record({RecordTable::SessionSample, server, {}, {}, {}, root});
        if (s < 1 || s > 4)
            continue;
        const RecordField first[]{{"ts_ns", ts}, {"blocked_pid", std::int64_t(20)},
            {"blocker_pid", std::int64_t(10)}, {"lock_type", std::string_view("transactionid")},
            {"mode", std::string_view("ShareLock")}, {"relation", std::string_view("orders")},
            {"waited_ms", 1'000.0 * s}};
        source.writer().record({RecordTable::LockEdge, server, {}, {}, {}, first});
        const RecordField second[]{{"ts_ns", ts}, {"blocked_pid", std::int64_t(30)},
            {"blocker_pid", std::int64_t(20)}, {"waited_ms", 500.0 * s}};
        source.writer().record({RecordTable::LockEdge, server, {}, {}, {}, second});
    }
    source.finish();
    const auto done = refreshWorkspaceAnalyses(*workspace, workspaceAnalyses(), {});
    TS_VERIFY_OK(done);
    QCOMPARE(query(*workspace,
                 "SELECT (ts_ns - 1700000000000000000) / 1000000000, (end_ns - ts_ns) / 1000000000, samples,"
                 " root_pid, is_cycle, victims, victims_total, depth, waited_ms, waited_total_ms, state,"
                 " application, lock_type, mode, relation, (SELECT text FROM statement AS t WHERE t.id ="
                 " lock_root.statement_id) FROM lock_root"),
        std::string(
            "1 3 4 10 0 2 2 2 4000.0 8000.0 idle in transaction billing transactionid ShareLock orders"
            " UPDATE orders SET n = 1"));
}

void TestLockRoots::momentsAreReadAlone()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    SourceInfo info;
    info.kind = SourceKind::Recording;
    info.clock = ClockKind::Utc;
    source.writer().setSource(info);
    const RecordField host[]{{"host", std::string_view("db")}, {"port", std::int64_t(5432)}};
    const RecordRef server = source.writer().record({RecordTable::Server, {}, {}, {}, {}, host});
    const auto row = [&](std::int64_t pid, int second, std::string_view state, Nanos backend) {
        const RecordField fields[]{{"ts_ns", second * kSecond}, {"pid", pid}, {"state", state},
            {"backend_start_ns", backend}};
        source.writer().record({RecordTable::SessionSample, server, {}, {}, {}, fields});
    };
    row(1, 100, "idle", 5); // a keyframe
    row(2, 100, "active", 5);
    row(2, 101, "active", 5);
    row(3, 102, "active", 5); // 2 ended
    row(1, 103, "idle", 77); // another backend
    row(4, 190, "idle", 5); // nobody else within the keyframe
    row(6, 191, "idle", 5);
    row(7, 191, "idle", 5);
    row(4, 200, "idle", 5); // stored again though nothing changed: a keyframe, without 6
    row(7, 200, "idle", 5);
    row(4, 203, "idle", 5); // alone: only that nobody did anything
    source.finish();
    auto reader = workspace->connectReader();
    TS_VERIFY_OK(reader);
    const auto servers = sampledServers(*reader);
    TS_VERIFY_OK(servers);
    QCOMPARE(servers->size(), std::size_t(1));
    QCOMPARE(servers->front().label, std::string("db:5432"));
    QVERIFY(servers->front().isRecording && servers->front().hasSessions && !servers->front().hasLocks);
    const auto pids = [&](int second) {
        std::string text;
        const auto at = sessionsAt(*reader, servers->front(), second * kSecond, {});
        if (!at)
            return std::string("error");
        for (const SessionRow &each : at->rows)
            text += std::to_string(each.pid) + ':' + std::to_string(each.backendStart) + ' ';
        return text;
    };
    QCOMPARE(pids(99), std::string());
    QCOMPARE(pids(100), std::string("1:5 2:5 "));
    QCOMPARE(pids(101), std::string("1:5 2:5 ")); // the idle one was not stored again
    QCOMPARE(pids(102), std::string("1:5 3:5 "));
    QCOMPARE(pids(150), std::string("1:77 "));
    QCOMPARE(pids(190), std::string("4:5 "));
    QCOMPARE(pids(195), std::string("4:5 6:5 7:5 "));
    QCOMPARE(pids(201), std::string("4:5 7:5 "));
    QCOMPARE(pids(205), std::string("4:5 7:5 "));
}

/// Locks seen at 100, 101, 109 and 110 s; somebody waits in all samples of the sessions until 111 s.
void TestLockRoots::waitsGoOnWhileLocksAreNotAsked()
{
    for (const bool wasAsked : {false, true}) {
        const auto workspace = newWorkspace();
        Source source(*workspace);
        SourceInfo info;
        info.kind = SourceKind::Recording;
        info.clock = ClockKind::Utc;
        source.writer().setSource(info);
        const RecordField host[]{{"host", std::string_view("db")}, {"port", std::int64_t(5432)}};
        const RecordRef server = source.writer().record({RecordTable::Server, {}, {}, {}, {}, host});
        const auto row = [&](std::int64_t pid, int second, std::string_view wait) {
            std::vector<RecordField> fields{{"ts_ns", second * kSecond}, {"pid", pid},
                {"state", std::string_view("active")}};
            if (!wait.empty())
                fields.push_back({"wait_event_type", wait});
            source.writer().record({RecordTable::SessionSample, server, {}, {}, {}, fields});
        };
        for (int s = 100; s <= 112; ++s) {
            row(1, s, {});
            row(2, s, s < 112 ? "Lock" : "");
        }
        for (const int s : {100, 101, 109, 110}) {
            const RecordField edge[]{{"ts_ns", s * kSecond}, {"blocked_pid", std::int64_t(2)},
                {"blocker_pid", std::int64_t(1)}};
            source.writer().record({RecordTable::LockEdge, server, {}, {}, {}, edge});
        }
        if (wasAsked) { // at 105 s, and nobody was found
            SeriesRow cost;
            cost.metric = cost.foreignName = "tailscope.probe.duration";
            cost.instance = "db:5432";
            cost.labelsJson = R"({"probe":"locks"})";
            source.writer().point(source.writer().series(cost), 105 * kSecond + 2 * kNanosPerMilli, 2);
        }
        source.finish();
        auto reader = workspace->connectReader();
        TS_VERIFY_OK(reader);
        const auto servers = sampledServers(*reader);
        TS_VERIFY_OK(servers);
        const auto edges = [&](int second) {
            const auto at = locksAt(*reader, servers->front(), second * kSecond, {});
            return at ? int(at->edges.size()) : -1;
        };
        QCOMPARE(edges(104), 1);
        QCOMPARE(edges(108), wasAsked ? 0 : 1);
        QCOMPARE(edges(112), 1); // within a round
        QCOMPARE(edges(99), 0);
        const auto episodes = readLockEpisodes(*reader, servers->front(), {0, 200 * kSecond}, {});
        TS_VERIFY_OK(episodes);
        QCOMPARE(episodes->size(), std::size_t(wasAsked ? 2 : 1));
    }
}

QTEST_APPLESS_MAIN(TestLockRoots)
#include "tst_lockroots.moc"
