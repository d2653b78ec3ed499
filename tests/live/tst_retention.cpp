// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Minutes say what the seconds said.
#include "analysis/statementdeltas.h"
#include "live/retention.h"
#include "recordtest.h"
#include "store/bulkwriter.h"

#include <map>
#include <random>

using namespace recordtest;

namespace {

constexpr Nanos kStart = 1'800'000'000 * kNanosPerSecond; // a whole minute
static_assert(kStart % Retention::kMinute == 0);
constexpr int kSeconds = 600;
Nanos at(int seconds) { return kStart + seconds * kNanosPerSecond; }

} // namespace

class TestRetention : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void sessionsStayTheSame();
    void statementsStayTheSame();
    void pointsStayTheSame();
    void worstAndLast();
    void locksStayGraphs();
    void oldMinutesGo();
    void goneStatementsGo();
    void interruptedAndResumed();
    void otherSourcesAreLeftAlone();

private:
    std::int64_t write();
    std::string ask(const std::string &sql) { return query(*m_workspace, sql); }
    std::int64_t roll(std::int64_t source, Nanos now, std::chrono::seconds raw,
        std::chrono::seconds minutes = std::chrono::seconds(0));
    std::shared_ptr<store::Workspace> m_workspace;
};

void TestRetention::init()
{
    m_workspace = temporaryWorkspace();
    QVERIFY(m_workspace != nullptr);
}

std::int64_t TestRetention::roll(std::int64_t source, Nanos now, std::chrono::seconds raw,
    std::chrono::seconds minutes)
{
    Retention retention(*m_workspace, source, raw, minutes);
    const Result<std::int64_t> removed = retention.run(now);
    if (!removed)
        qWarning("%s", removed.error().toText().c_str());
    return removed.value_or(-1);
}

/// Ten minutes of two servers: sessions, statements with resets, a gauge, a counter that falls, replicas,
/// waits.
std::int64_t TestRetention::write()
{
    store::NewSource source;
    source.path = "two servers";
    source.format = "live";
    source.isRecording = true;
    auto writer = store::BulkWriter::create(*m_workspace, source, Progress{});
    if (!writer)
        return 0;
    store::BulkWriter &sink = **writer;
    std::mt19937 random(11);
    std::vector<RecordRef> servers;
    for (const char *name : {"a", "b"}) {
        const std::vector<RecordField> fields{{"kind", std::string_view("postgresql")},
            {"name", std::string_view(name)}};
        servers.push_back(sink.record({RecordTable::Server, {}, {}, {}, {}, fields}));
    }
    const auto series = [&](const char *metric, SeriesKind kind) {
        SeriesRow row;
        row.metric = row.foreignName = metric;
        row.labelsJson = "{}";
        row.kind = kind;
        return sink.series(row);
    };
    const SeriesRef gauge = series("test.gauge", SeriesKind::Gauge),
                    counter = series("test.counter", SeriesKind::Counter);
    const char *const states[] = {"active", "active", "idle in transaction", "idle"};
    const char *const waits[] = {"Lock", "IO", ""};
    double count = 0;
    std::vector<std::int64_t> calls(4), epochs(4);
    for (int second = 0; second < kSeconds; ++second) {
        for (const RecordRef server : servers) {
            for (int pid = 0; pid < int(random() % 5); ++pid) {
                std::vector<RecordField> fields{{"ts_ns", at(second)}, {"pid", std::int64_t{pid}},
                    {"state", std::string_view(states[random() % 4])},
                    {"query_id", std::int64_t(random() % 2)}};
                if (const std::string_view wait = waits[random() % 3]; !wait.empty())
                    fields.push_back({"wait_event_type", wait});
                sink.record({RecordTable::SessionSample, server, {}, {}, {}, fields});
            }
            const std::vector<RecordField> replica{{"ts_ns", at(second)}, {"replica", std::string_view("r1")},
                {"unreplayed_bytes", std::int64_t(random() % 1'000'000)}};
            sink.record({RecordTable::ReplicaSample, server, {}, {}, {}, replica});
            const std::vector<RecordField> wait{{"ts_ns", at(second)},
                {"origin", std::string_view("pg_wait_sampling")},
                {"wait_event_type", std::string_view(random() % 2 == 0 ? "IO" : "Lock")},
                {"samples", double(random() % 10)}, {"interval_ms", 10.0}};
            sink.record({RecordTable::WaitSample, server, {}, {}, {}, wait});
        }
        for (std::size_t entry = 0; entry < calls.size(); ++entry) {
            if (entry == 3 && second < 200)
                continue; // appears later
            if (random() % 100 == 0) {
                calls[entry] = 0;
                ++epochs[entry];
            }
            const std::int64_t more = std::int64_t(random() % 3);
            calls[entry] += more;
            if (more == 0 && second > 0 && random() % 3 != 0)
                continue; // unchanged rows are left out
            const std::string text = "SELECT " + std::string(1, char('a' + entry)),
                              extra = "{\"queryid\":" + std::to_string(entry) + ",\"toplevel\":true}";
            const std::vector<RecordField> fields{{"ts_ns", at(second)},
                {"statement_id", std::string_view(text)}, {"calls", calls[entry]},
                {"total_ms", double(calls[entry]) * 2}, {"epoch", epochs[entry]},
                {"extra", std::string_view(extra)}};
            sink.record({RecordTable::StatementSample, servers[0], {}, {}, {}, fields});
        }
        count = second % 97 == 96 ? double(random() % 20) : count + double(random() % 50);
        sink.point(counter, at(second), count);
        sink.point(gauge, at(second), double(random() % 1000));
    }
    const std::int64_t id = sink.sourceId();
    return sink.finish({}) ? id : 0;
}

void TestRetention::sessionsStayTheSame()
{
    const std::int64_t source = write();
    QVERIFY(source > 0);
    // Average active sessions by server, minute, state and wait; idle ones are no samples.
    const auto aas = [&](const char *from) {
        return ask(
            std::string(
                "SELECT x.server_id, x.minute, x.state, x.wait, x.query_id, round(1.0 * x.n / m.n, 9) FROM ")
            + from + " ORDER BY 1, 2, 3, 4, 5");
    };
    const std::string before
        = aas("(SELECT server_id, ts_ns / 60000000000 AS minute, state, ifnull(wait_event_type, '') AS wait, "
              "query_id, count(*) AS n FROM session_sample WHERE state <> 'idle' GROUP BY 1, 2, 3, 4, 5) AS "
              "x JOIN (SELECT "
              "server_id, ts_ns / 60000000000 AS minute, count(DISTINCT ts_ns) AS n FROM session_sample "
              "GROUP BY 1, 2) AS m ON m.server_id = x.server_id AND m.minute = x.minute");
    QVERIFY(before.size() > 1000);
    QVERIFY(roll(source, at(kSeconds), std::chrono::seconds(0)) == 0); // for ever
    QVERIFY(roll(source, at(kSeconds + 60), std::chrono::seconds(60)) > 0);
    QCOMPARE(ask("SELECT count(*) FROM session_sample"), std::string("0"));
    const std::string after = aas(
        "(SELECT server_id, ts_ns / 60000000000 AS minute, state, ifnull(wait_event_type, '') AS wait, "
        "query_id, sum(samples) AS n, max(moments) AS m FROM session_minute GROUP BY 1, 2, 3, 4, 5) AS x "
        "JOIN (SELECT server_id, ts_ns / 60000000000 AS minute, max(moments) AS n FROM session_minute "
        "GROUP BY 1, 2) AS m ON m.server_id = x.server_id AND m.minute = x.minute");
    QCOMPARE(after, before);
    QCOMPARE(ask("SELECT count(DISTINCT ts_ns) FROM session_minute"), std::string("10"));
}

void TestRetention::statementsStayTheSame()
{
    const std::int64_t source = write();
    const auto deltas = [&] {
        auto reader = m_workspace->connectReader();
        std::map<std::int64_t, std::pair<std::int64_t, double>> out;
        if (const auto figures = analysis::statementDeltas(*reader, Progress{})) {
            for (const auto &one : *figures)
                out[one.statement] = {one.calls, one.totalMs};
        }
        return out;
    };
    // What a range that ends on minutes reads: of each entry the newest row at or before its ends.
    const auto ends = [&] {
        std::string out;
        for (int minute = 1; minute <= 10; ++minute)
            out += ask("SELECT group_concat(v, ' ') FROM (SELECT statement_id || ':' || epoch || ':' || "
                       "max(calls) AS v FROM "
                       "(SELECT *, row_number() OVER (PARTITION BY statement_id ORDER BY ts_ns DESC) AS "
                       "place FROM statement_sample WHERE ts_ns < "
                       + std::to_string(at(minute * 60))
                       + ") WHERE place = 1 GROUP BY statement_id ORDER BY statement_id)")
                + "\n";
        return out;
    };
    const auto before = deltas();
    const std::string endsBefore = ends();
    const std::string rowsBefore = ask("SELECT count(*) FROM statement_sample");
    QCOMPARE(before.size(), std::size_t(4));
    QVERIFY(roll(source, at(kSeconds + 60), std::chrono::seconds(60)) > 0);
    QVERIFY(std::stoi(ask("SELECT count(*) FROM statement_sample")) < std::stoi(rowsBefore) / 5);
    QCOMPARE(deltas(), before);
    QCOMPARE(ends(), endsBefore);
}

void TestRetention::pointsStayTheSame()
{
    const std::int64_t source = write();
    const auto growth = [&] {
        // By minute, a fall counts with what is there after it.
        return ask("SELECT minute, sum(more) FROM (SELECT (p.ts_ns + 59999999999) / 60000000000 AS minute, "
                   "CASE WHEN p.value >= lag(p.value) "
                   "OVER (ORDER BY p.ts_ns) THEN p.value - lag(p.value) OVER (ORDER BY p.ts_ns) ELSE p.value "
                   "END AS more FROM point "
                   "AS p JOIN series AS s ON s.id = p.series_id WHERE s.metric = 'test.counter') GROUP BY 1 "
                   "ORDER BY 1");
    };
    const auto total = [&] {
        return ask("SELECT sum(more) FROM (SELECT CASE WHEN p.value >= lag(p.value) OVER (ORDER BY p.ts_ns) "
                   "THEN p.value - "
                   "lag(p.value) OVER (ORDER BY p.ts_ns) WHEN lag(p.value) OVER (ORDER BY p.ts_ns) IS NULL "
                   "THEN 0 ELSE p.value END AS more FROM point AS p JOIN "
                   "series AS s ON s.id = p.series_id WHERE s.metric = 'test.counter' AND p.ts_ns >= "
            + std::to_string(at(59)) + ")");
    };
    const auto gauge = [&] {
        return ask(
            "SELECT p.ts_ns / 60000000000, min(p.value), max(p.value), (SELECT q.value FROM point AS q WHERE "
            "q.series_id = "
            "p.series_id AND q.ts_ns / 60000000000 = p.ts_ns / 60000000000 ORDER BY q.ts_ns DESC LIMIT 1) "
            "FROM point AS p "
            "JOIN series AS s ON s.id = p.series_id WHERE s.metric = 'test.gauge' GROUP BY 1 ORDER BY 1");
    };
    const std::string totalBefore = total(), gaugeBefore = gauge();
    QVERIFY(growth().size() > 20);
    QVERIFY(roll(source, at(kSeconds + 60), std::chrono::seconds(60)) > 0);
    QCOMPARE(total(), totalBefore);
    QCOMPARE(gauge(), gaugeBefore);
    QVERIFY(std::stoi(ask("SELECT count(*) FROM point")) <= 10 * 3 + 10 + 2 * 7);
}

void TestRetention::worstAndLast()
{
    const std::int64_t source = write();
    const auto replicas = [&] {
        return ask("SELECT server_id, ts_ns / 60000000000, max(unreplayed_bytes), (SELECT y.unreplayed_bytes "
                   "FROM replica_sample AS "
                   "y WHERE y.server_id = x.server_id AND y.ts_ns / 60000000000 = x.ts_ns / 60000000000 "
                   "ORDER BY y.ts_ns DESC "
                   "LIMIT 1) FROM replica_sample AS x GROUP BY 1, 2 ORDER BY 1, 2");
    };
    const auto waits = [&] {
        return ask("SELECT server_id, ts_ns / 60000000000, wait_event_type, sum(samples), max(interval_ms) "
                   "FROM wait_sample GROUP BY "
                   "1, 2, 3 ORDER BY 1, 2, 3");
    };
    const std::string replicasBefore = replicas(), waitsBefore = waits();
    QVERIFY(roll(source, at(kSeconds + 60), std::chrono::seconds(60)) > 0);
    QCOMPARE(replicas(), replicasBefore);
    QCOMPARE(waits(), waitsBefore);
    QVERIFY(std::stoi(ask("SELECT count(*) FROM replica_sample")) <= 2 * 2 * 10);
    QCOMPARE(ask("SELECT count(*) FROM wait_sample"), std::string("40"));
    // Nothing is left to do.
    QCOMPARE(roll(source, at(kSeconds + 60), std::chrono::seconds(60)), std::int64_t(0));
}

/// What is kept of locks is whole samples: a chain must not lose its middle.
void TestRetention::locksStayGraphs()
{
    store::NewSource source;
    source.path = "locks";
    source.format = "live";
    source.isRecording = true;
    auto writer = store::BulkWriter::create(*m_workspace, source, Progress{});
    QVERIFY(writer);
    store::BulkWriter &sink = **writer;
    const std::vector<RecordField> named{{"kind", std::string_view("postgresql")},
        {"name", std::string_view("a")}};
    const RecordRef server = sink.record({RecordTable::Server, RecordRef::None, {}, {}, {}, named});
    const auto edge = [&](int second, int blocked, int blocker, double waitedMs) {
        const std::vector<RecordField> fields{{"ts_ns", at(second)}, {"blocked_pid", std::int64_t(blocked)},
            {"blocker_pid", std::int64_t(blocker)}, {"waited_ms", waitedMs}};
        sink.record({RecordTable::LockEdge, server, {}, {}, {}, fields});
    };
    for (int s = 10; s < 50; ++s) {
        edge(s, 2, 1, 1000.0 * s);
        if (s >= 20 && s < 40)
            edge(s, 3, 2, 1000.0 * (40 - s)); // waits longest where the other waits least
    }
    QVERIFY(sink.finish({}));
    const std::int64_t id = std::stoll(ask("SELECT max(id) FROM source_raw"));
    QVERIFY(roll(id, at(200), std::chrono::seconds(60)) > 0);
    QCOMPARE(ask("SELECT (ts_ns - " + std::to_string(kStart)
                 + ") / 1000000000, group_concat(blocked_pid) FROM"
                   " (SELECT * FROM lock_edge ORDER BY ts_ns, blocked_pid) GROUP BY 1 ORDER BY 1"),
        std::string("39|2,3 ; 49|2"));
}

void TestRetention::oldMinutesGo()
{
    const std::int64_t source = write();
    // What statements did after the border is the same whether what was before is there or not.
    const auto after = [&] {
        return ask("SELECT statement_id, epoch, max(calls) FROM statement_sample WHERE ts_ns >= "
            + std::to_string(at(300)) + " GROUP BY 1, 2 ORDER BY 1, 2");
    };
    const auto state = [&] {
        return ask("SELECT statement_id, calls, epoch FROM (SELECT *, row_number() OVER (PARTITION BY "
                   "statement_id ORDER BY ts_ns DESC) "
                   "AS place FROM statement_sample WHERE ts_ns <= "
            + std::to_string(at(300)) + ") WHERE place = 1 ORDER BY 1");
    };
    QVERIFY(roll(source, at(kSeconds + 60), std::chrono::seconds(60)) > 0);
    const std::string stateBefore = state();
    QVERIFY(
        roll(source, at(kSeconds + 60), std::chrono::seconds(60), std::chrono::seconds(kSeconds + 60 - 300))
        > 0);
    QCOMPARE(state(), stateBefore);
    QVERIFY(!after().empty());
    for (const char *table : {"session_minute", "point", "replica_sample", "wait_sample", "statement_sample"})
        QCOMPARE(ask(std::string("SELECT count(*) FROM ") + table + " WHERE ts_ns < "
                     + std::to_string(at(300))),
            std::string("0"));
    QVERIFY(ask("SELECT count(*) FROM session_minute") != "0");
    QCOMPARE(ask("SELECT (removed_until_ns - " + std::to_string(kStart)
                 + ") / 1000000000, (rolled_until_ns - " + std::to_string(kStart)
                 + ") / 1000000000 FROM recording_retention"),
        std::string("300|600"));
}

/// Entries that were thrown out do not stay for ever; those that rest do, and so does their state.
void TestRetention::goneStatementsGo()
{
    store::NewSource source;
    source.path = "statements";
    source.format = "live";
    source.isRecording = true;
    auto writer = store::BulkWriter::create(*m_workspace, source, Progress{});
    QVERIFY(writer);
    store::BulkWriter &sink = **writer;
    const std::vector<RecordField> named{{"kind", std::string_view("postgresql")},
        {"name", std::string_view("a")}};
    const RecordRef server = sink.record({RecordTable::Server, {}, {}, {}, {}, named});
    const auto row = [&](int second, std::string_view text, std::int64_t calls) {
        const std::vector<RecordField> fields{{"ts_ns", at(second)}, {"statement_id", text}, {"calls", calls},
            {"total_ms", double(calls)}, {"epoch", std::int64_t{0}},
            {"extra", std::string_view(R"({"queryid":1,"toplevel":true})")}};
        sink.record({RecordTable::StatementSample, server, {}, {}, {}, fields});
    };
    constexpr int kHour = 3600, kKeyframe = 300;
    row(0, "SELECT gone", 7);
    for (int second = 0; second < 3 * kHour; second += kKeyframe) {
        row(second, "SELECT rests", 5);
        row(second, "SELECT works", second);
    }
    const std::int64_t id = sink.sourceId();
    QVERIFY(sink.finish({}));
    const auto at2Hours = [&] {
        return ask("SELECT t.text, max(s.calls) FROM statement_sample AS s JOIN statement AS t ON t.id = "
                   "s.statement_id WHERE s.ts_ns <= "
            + std::to_string(at(2 * kHour)) + " GROUP BY 1 ORDER BY 1");
    };
    while (roll(id, at(3 * kHour + 60), std::chrono::seconds(60), std::chrono::seconds(kHour + 60)) > 0) {}
    QCOMPARE(at2Hours(), std::string("SELECT rests|5 ; SELECT works|7200"));
    QCOMPARE(ask("SELECT count(*) FROM statement_sample WHERE ts_ns < " + std::to_string(at(2 * kHour))),
        std::string("0"));
}

void TestRetention::interruptedAndResumed()
{
    const std::int64_t source = write();
    // In four steps, as the hours go by, the same as at once.
    for (const int second : {150, 151, 400, kSeconds})
        QVERIFY(roll(source, at(second), std::chrono::seconds(60)) >= 0);
    QCOMPARE(ask("SELECT count(DISTINCT ts_ns) FROM session_minute"), std::string("9"));
    QVERIFY(ask("SELECT count(*) FROM session_sample WHERE ts_ns >= " + std::to_string(at(540))) != "0");
    QCOMPARE(ask("SELECT count(*) FROM session_sample WHERE ts_ns < " + std::to_string(at(540))),
        std::string("0"));
    QVERIFY(roll(source, at(kSeconds + 60), std::chrono::seconds(60)) > 0);
    const std::string inSteps = ask("SELECT sum(samples), sum(moments), count(*) FROM session_minute");
    m_workspace = temporaryWorkspace();
    QVERIFY(roll(write(), at(kSeconds + 60), std::chrono::seconds(60)) > 0);
    QCOMPARE(ask("SELECT sum(samples), sum(moments), count(*) FROM session_minute"), inSteps);
}

void TestRetention::otherSourcesAreLeftAlone()
{
    const std::int64_t first = write(), second = write();
    QVERIFY(first != second);
    const std::string before
        = ask("SELECT count(*) FROM session_sample_raw WHERE source_id = " + std::to_string(second));
    QVERIFY(roll(first, at(kSeconds + 60), std::chrono::seconds(60), std::chrono::seconds(120)) > 0);
    QCOMPARE(ask("SELECT count(*) FROM session_sample_raw WHERE source_id = " + std::to_string(second)),
        before);
    QCOMPARE(ask("SELECT count(*) FROM statement_sample_raw WHERE source_id = " + std::to_string(second)
                 + " AND calls IS NULL"),
        std::string("0"));
    // What was rolled up goes with its source.
    TS_VERIFY_OK(m_workspace->removeSource(first, Progress{}));
    QCOMPARE(ask("SELECT count(*) FROM session_minute_raw"), std::string("0"));
    QCOMPARE(ask("SELECT count(*) FROM recording_retention"), std::string("0"));
}

QTEST_GUILESS_MAIN(TestRetention)
#include "tst_retention.moc"
