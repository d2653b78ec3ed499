// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/statementdeltas.h"
#include "analysis/statementspans.h"
#include "analysis/statementstats.h"
#include "analysis/statementverdict.h"
#include "analysis/workspaceanalyses.h"
#include "storefixture.h"

#include <cmath>
#include <limits>
#include <random>

using namespace tailscope;
using namespace tailscope::analysis;
using storefixture::query;

namespace {

constexpr Nanos kMinute = 60 * kNanosPerSecond;

StatementSnapshot snapshot(Nanos ts, std::int64_t calls, double totalMs, const char *entry = "u")
{
    StatementSnapshot one;
    one.tsNs = ts;
    one.entry = entry;
    one.calls = calls;
    one.totalMs = totalMs;
    one.rows = calls * 2;
    return one;
}

/// A statement_sample; ts < 0: unknown.
struct Sample
{
    const char *sql = "";
    std::int64_t ts = -1, calls = 0;
    double totalMs = 0;
    std::int64_t rows = 0, hit = 0;
    const char *extra = "";
    const char *user = "u";
};

void record(storefixture::Source &source, RecordRef server, const Sample &sample)
{
    std::vector<RecordField> fields{{"statement_id", std::string_view(sample.sql)},
        {"user", std::string_view(sample.user)}, {"calls", sample.calls}, {"total_ms", sample.totalMs},
        {"rows", sample.rows}, {"shared_hit", sample.hit}};
    if (sample.ts >= 0)
        fields.push_back({"ts_ns", sample.ts});
    if (*sample.extra != '\0')
        fields.push_back({"extra", std::string_view(sample.extra)});
    source.writer().record({RecordTable::StatementSample, server, {}, {}, {}, fields});
}

RecordRef server(storefixture::Source &source, const char *name = nullptr)
{
    std::vector<RecordField> fields{{"kind", std::string_view("postgresql")}};
    if (name)
        fields.push_back({"name", std::string_view(name)});
    return source.writer().record({RecordTable::Server, {}, {}, {}, {}, fields});
}

bool refresh(const store::Workspace &workspace)
{
    const auto done = refreshWorkspaceAnalyses(workspace, workspaceAnalyses(), {});
    if (!done)
        qWarning("%s", done.error().toText().c_str());
    return done.has_value();
}

QString result(const store::Workspace &workspace, std::string_view sql)
{
    return QString::fromStdString(query(workspace, sql));
}

} // namespace

class TestStatementStats : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void differences();
    void resets();
    void entriesThatComeAndGo();
    void randomCountersAddUp();
    void sharesOfOneSnapshot();
    void severalFilesAreOneServer();
    void filesWithoutTime();
    void durationsOfLogs();
    void spans();
    void plansByTextAndByQueryId();
    void verdicts_data();
    void verdicts();
    void restLeftAlone();
    void tables_data();
    void tables();
    void tagsAreBounded();
};

void TestStatementStats::differences()
{
    const std::vector<SnapshotTimes> times{{0, 10 * kMinute}};
    auto first = snapshot(0, 100, 1000), last = snapshot(10 * kMinute, 150, 1600);
    first.maxMs = 40;
    last.maxMs = 90;
    first.sharedHit = 5;
    last.sharedHit = 25;
    auto found = statementDelta({last, first}, times);
    QVERIFY(found);
    QCOMPARE(found->calls, std::int64_t{50});
    QCOMPARE(found->totalMs, 600.0);
    QCOMPARE(found->meanMs(), 12.0);
    QCOMPARE(*found->rows, std::int64_t{100});
    QCOMPARE(*found->sharedHit, std::int64_t{20});
    QCOMPARE(*found->maxMs, 90.0);
    QVERIFY(!found->sharedRead && !found->p99Ms && !found->wasReset && !found->sinceReset);
    QCOMPARE(found->lastNs - found->firstNs, 10 * kMinute);
    // A maximum that did not grow may be of before: unknown.
    last.maxMs = 40;
    QVERIFY(!statementDelta({first, last}, times)->maxMs);
    // Nothing was called.
    QVERIFY(!statementDelta({first, snapshot(10 * kMinute, 100, 1000)}, times));
    // One snapshot only: all of it.
    found = statementDelta({first}, {{0, 0}});
    QCOMPARE(found->calls, std::int64_t{100});
    QCOMPARE(*found->maxMs, 40.0);
    QVERIFY(found->sinceReset);
}

void TestStatementStats::resets()
{
    const std::vector<SnapshotTimes> times{{0, 2 * kMinute}};
    // 100 -> 150, reset, 30: 50 + 30.
    auto found = statementDelta(
        {snapshot(0, 100, 1000), snapshot(kMinute, 150, 1500), snapshot(2 * kMinute, 30, 300)}, times);
    QCOMPARE(found->calls, std::int64_t{80});
    QCOMPARE(found->totalMs, 800.0);
    QVERIFY(found->wasReset);
    // The counters are higher than before, but the server says that they began anew.
    auto before = snapshot(0, 100, 1000), after = snapshot(2 * kMinute, 120, 1300);
    before.since = "2026-03-01";
    after.since = "2026-03-02";
    QCOMPARE(statementDelta({before, after}, times)->calls, std::int64_t{120});
    before.since = after.since = "";
    before.epoch = 1;
    after.epoch = 2;
    QCOMPARE(statementDelta({before, after}, times)->calls, std::int64_t{120});
    after.epoch = 1;
    QCOMPARE(statementDelta({before, after}, times)->calls, std::int64_t{20});
}

void TestStatementStats::entriesThatComeAndGo()
{
    const std::vector<SnapshotTimes> times{{0, 3 * kMinute}};
    // New at the second snapshot.
    QCOMPARE(statementDelta({snapshot(kMinute, 7, 70), snapshot(3 * kMinute, 9, 90)}, times)->calls,
        std::int64_t{9});
    // Evicted after the first: what it had is not of this time, and nothing is negative.
    QVERIFY(!statementDelta({snapshot(0, 500, 70)}, times));
    // Evicted and back.
    QCOMPARE(statementDelta({snapshot(0, 500, 5000), snapshot(3 * kMinute, 4, 40)}, times)->calls,
        std::int64_t{4});
    // Two entries of one statement are not mixed up; rows of one entry and time are added.
    QCOMPARE(statementDelta({snapshot(0, 500, 5000, "a"), snapshot(0, 10, 100, "b"),
                                snapshot(3 * kMinute, 510, 5100, "a"), snapshot(3 * kMinute, 12, 120, "b")},
                 times)
                 ->calls,
        std::int64_t{12});
    QCOMPARE(statementDelta({snapshot(0, 500, 5000), snapshot(0, 10, 100), snapshot(3 * kMinute, 12, 120),
                                snapshot(3 * kMinute, 510, 5100)},
                 times)
                 ->calls,
        std::int64_t{12});
}

void TestStatementStats::randomCountersAddUp()
{
    // The counters of a server with resets, against the calls that were really made after the first snapshot
    // and that no reset wiped away before the next one.
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        const int times = 2 + int(random() % 8);
        std::int64_t calls = random() % 50, seen = 0, sinceSnapshot = 0;
        std::vector<StatementSnapshot> snapshots{snapshot(0, calls, double(calls))};
        for (int i = 1; i < times; ++i) {
            const auto made = std::int64_t(random() % 40);
            calls += made;
            sinceSnapshot = made;
            // Later counters stay below those before the reset, else nobody could tell.
            if (random() % 4 == 0 && snapshots.back().calls > 1) {
                calls = std::int64_t(random() % std::uint64_t(snapshots.back().calls));
                sinceSnapshot = calls;
            }
            seen += sinceSnapshot;
            snapshots.push_back(snapshot(i * kMinute, calls, double(calls)));
        }
        std::shuffle(snapshots.begin(), snapshots.end(), random);
        const auto found = statementDelta(snapshots, {{0, (times - 1) * kMinute}});
        QCOMPARE(found ? found->calls : 0, seen);
        QCOMPARE(found ? found->totalMs : 0, double(seen));
    }
}

void TestStatementStats::sharesOfOneSnapshot()
{
    // formulas.md FE-19.
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace, ClockKind::None);
    const RecordRef db = server(source);
    record(source, db, {"SELECT a FROM t WHERE id = $1", -1, 18'000'000, 5.4e6, 18'000'000, 90'000'000});
    record(source, db, {"SELECT b FROM t WHERE c = $1", -1, 1200, 3.84e6, 1200, 96'000'000});
    record(source, db, {"SELECT c FROM t", -1, 900'000, 0.72e6, 900'000, 2'700'000});
    record(source, db, {"SELECT d FROM t JOIN u ON true", -1, 1, 0.6e6, 5, 10});
    source.finish();
    QVERIFY(refresh(*workspace));
    QCOMPARE(
        result(*workspace,
            "SELECT s.normalized, x.origin, calls, round(100 * share, 1), round(mean_ms, 2), verdict, p99_ms"
            " FROM statement_stat x JOIN statement s ON s.id = x.statement_id ORDER BY total_ms DESC"),
        QStringLiteral("SELECT a FROM t WHERE id = $1 stat 18000000 51.1 0.3 batch -; "
                       "SELECT b FROM t WHERE c = $1 stat 1200 36.4 3200.0 index -; "
                       "SELECT c FROM t stat 900000 6.8 0.8 cache -; "
                       "SELECT d FROM t JOIN u ON $1 stat 1 5.7 600000.0 unknown -"));
    QCOMPARE(result(*workspace, "SELECT reason FROM statement_stat WHERE verdict = 'index'"),
        QStringLiteral(
            "80,000 blocks touched for each row returned, 3200 ms a call: look at its plan for a scan "
            "that an index would spare"));
    // Nothing changed: nothing is done again.
    const QString run = result(*workspace, "SELECT max(run_id) FROM statement_stat");
    QVERIFY(refresh(*workspace));
    QCOMPARE(result(*workspace, "SELECT max(run_id) FROM statement_stat"), run);
}

void TestStatementStats::severalFilesAreOneServer()
{
    const auto workspace = storefixture::newWorkspace();
    for (const std::int64_t ts : {1000, 2000}) {
        storefixture::Source source(*workspace);
        record(source, server(source), {"SELECT 1", ts, ts, double(ts), ts, 0});
        record(source, server(source, "other"), {"SELECT b", 1000, 7, 70, 7, 0});
        source.finish();
    }
    QVERIFY(refresh(*workspace));
    // The server without a name is one over both files; the other one does not mix in.
    QCOMPARE(result(*workspace,
                 "SELECT s.normalized, calls, first_ns, last_ns FROM statement_stat x"
                 " JOIN statement s ON s.id = x.statement_id WHERE s.text = 'SELECT 1'"),
        QStringLiteral("SELECT $1 1000 1000 2000"));
}

void TestStatementStats::filesWithoutTime()
{
    const auto workspace = storefixture::newWorkspace();
    for (const std::int64_t calls : {10, 25}) {
        storefixture::Source source(*workspace, ClockKind::None);
        record(source, server(source), {"SELECT a", -1, calls, 1, 0, 0});
        source.finish();
    }
    QVERIFY(refresh(*workspace));
    // Counters of two files without time are not added: the later file has them all.
    QCOMPARE(result(*workspace, "SELECT calls, first_ns FROM statement_stat"), QStringLiteral("25 -"));
}

void TestStatementStats::durationsOfLogs()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    for (int i = 200; i >= 1; --i) {
        const std::string sql = "SELECT a FROM t WHERE b = " + std::to_string(i) + " /*tenant_id='"
            + std::to_string(i % 2) + "',traceparent='00-1'*/";
        const std::string message = "duration: 5 ms  statement: " + sql;
        LogRow line;
        line.tsNs = i * kNanosPerSecond;
        line.kind = i > 100 ? "other" : "slow_statement";
        line.statement = sql;
        line.message = message;
        line.durationMs = i;
        source.writer().logEntry(line);
    }
    source.finish();
    QVERIFY(refresh(*workspace));
    QCOMPARE(
        result(*workspace,
            "SELECT origin, calls, total_ms, p50_ms, p99_ms, max_ms, rows, share, verdict, first_ns, last_ns"
            " FROM statement_stat"),
        QStringLiteral("log 100 5050.0 50.0 99.0 100.0 - 1.0 unknown 1000000000 100000000000"));
    QVERIFY(
        result(*workspace, "SELECT reason FROM statement_stat").contains(QStringLiteral("log_min_duration")));
    QCOMPARE(result(*workspace,
                 "SELECT key, value, origin, calls, total_ms FROM statement_tag ORDER BY value"),
        QStringLiteral("tenant_id 0 log 50 2550.0; tenant_id 1 log 50 2500.0"));
}

void TestStatementStats::spans()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    const TrackRef track = source.track(TrackRow::Shape::Linked, "shop");
    const auto text = [](std::string_view key, std::string_view value) {
        Attribute attribute;
        attribute.key = key;
        attribute.type = AttributeType::Text;
        attribute.text = value;
        return attribute;
    };
    // Many values: they go to the spans' own JSON, the few to shared sets.
    for (int i = 1; i <= 1000; ++i) {
        const std::string sql
            = "SELECT a FROM t WHERE b = " + std::to_string(i) + (i % 4 == 0 ? " /* tenant_id=7 */" : "");
        const Attribute own[]{text("db.system", "postgresql"), text("db.statement", sql)};
        source.linked(track, "a", std::uint64_t(i), 0, "SELECT", i * kMinute, i * kNanosPerMilli,
            SpanKind::Client, SpanStatus::Unset, own);
        const Attribute shared[]{text("db.system", "postgresql"),
            text("db.query.text", "SELECT 'all' FROM u")};
        source.linked(track, "a", std::uint64_t(2000 + i), 0, "SELECT", i * kMinute, 10 * kNanosPerMilli,
            SpanKind::Client, SpanStatus::Unset, shared);
        const Attribute cache[]{text("db.system", "redis"), text("db.statement", "GET a")};
        source.linked(track, "a", std::uint64_t(4000 + i), 0, "GET", i * kMinute, kNanosPerMilli,
            SpanKind::Client, SpanStatus::Unset, cache);
    }
    const Attribute open[]{text("db.statement", "SELECT a FROM t WHERE b = 1")};
    source.linked(track, "a", 9000, 0, "SELECT", kMinute, kUnknownNanos, SpanKind::Client, SpanStatus::Unset,
        open);
    source.finish();
    QVERIFY(refresh(*workspace));
    QCOMPARE(
        result(*workspace,
            "SELECT s.normalized, origin, calls, total_ms, round(mean_ms, 2), p50_ms, p99_ms, max_ms, verdict"
            " FROM statement_stat x JOIN statement s ON s.id = x.statement_id ORDER BY total_ms DESC"),
        QStringLiteral("SELECT a FROM t WHERE b = $1 span 1001 500500.0 500.5 500.0 990.0 1000.0 unknown; "
                       "SELECT $1 FROM u span 1000 10000.0 10.0 10.0 10.0 10.0 cache"));
    QCOMPARE(result(*workspace, "SELECT key, value, origin, calls, total_ms FROM statement_tag"),
        QStringLiteral("tenant_id 7 span 250 125500.0"));
    QCOMPARE(result(*workspace, "SELECT count(*) FROM statement"), QStringLiteral("2"));
}

void TestStatementStats::plansByTextAndByQueryId()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    const RecordRef db = server(source);
    record(source, db, {"SELECT a FROM t WHERE b = $1", -1, 10, 5000, 10, 20, R"({"queryid":-77})"});
    record(source, db, {"SELECT c FROM t", -1, 10, 100, 10, 20, R"({"queryid":5})"});
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    for (int i = 0; i < 3; ++i) {
        PlanRow plan{};
        plan.engine = "postgresql";
        plan.planningMs = plan.executionMs = plan.durationMs = plan.totalCost = unknown;
        // By its text, by its query id, neither.
        plan.queryText = i == 0 ? "SELECT a FROM t WHERE b = 5" : i == 1 ? "" : "SELECT other";
        plan.extraJson = i == 1 ? R"({"Query Identifier":-77})" : R"({"Query Identifier":99})";
        const PlanRef ref = source.writer().plan(plan);
        PlanNodeRow node;
        node.nodeType = "Seq Scan";
        node.relation = "t";
        node.actualRows = i == 0 ? 1 : 9'000;
        node.rowsRemovedByFilter = 99'999;
        source.writer().planNode(ref, node);
    }
    source.finish();
    QVERIFY(refresh(*workspace));
    QCOMPARE(result(*workspace, "SELECT plans, verdict, reason FROM statement_stat ORDER BY total_ms DESC"),
        QStringLiteral("2 index 1 of 2 plans: the scan of t reads 100,000 rows to keep 1; "
                       "0 leave 10 ms a call, 2 blocks a call: nothing stands out"));
}

void TestStatementStats::verdicts_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<int>("calls");
    QTest::addColumn<double>("meanMs");
    QTest::addColumn<double>("rowsPerCall");
    QTest::addColumn<double>("blocksPerCall");
    QTest::addColumn<int>("questions"); // -1 = unknown
    QTest::addColumn<QByteArray>("expected");
    const QByteArray read = "SELECT a FROM t WHERE b = $1";
    QTest::newRow("reads too much") << read << 10 << 5.0 << 1.0 << 1000.0 << -1 << QByteArray("index");
    QTest::newRow("just not dear") << read << 10 << 4.9 << 1.0 << 1000.0 << -1 << QByteArray("leave");
    QTest::newRow("few blocks") << read << 10 << 5.0 << 1.0 << 999.0 << -1 << QByteArray("leave");
    QTest::newRow("many rows") << read << 10 << 5.0 << 11.0 << 1000.0 << -1 << QByteArray("leave");
    QTest::newRow("many cheap calls") << read << 100 << 4.9 << 1.0 << 4.0 << -1 << QByteArray("batch");
    QTest::newRow("too few of all") << read << 29 << 4.9 << 1.0 << 4.0 << -1 << QByteArray("leave");
    QTest::newRow("one question") << read << 100 << 10.0 << 1.0 << 4.0 << 1 << QByteArray("cache");
    QTest::newRow("each another question") << read << 100 << 10.0 << 1.0 << 4.0 << 11 << QByteArray("leave");
    QTest::newRow("its table changes")
        << QByteArray("SELECT a FROM w") << 100 << 10.0 << 1.0 << 4.0 << 1 << QByteArray("leave");
    QTest::newRow("no query") << QByteArray("VACUUM t") << 100 << 1.0 << 0.0 << 4.0 << -1
                              << QByteArray("leave");
    QTest::newRow("dear, no plan") << read << 10 << 100.0 << 50.0 << 100.0 << -1 << QByteArray("unknown");
    QTest::newRow("nothing known") << read << 10 << 10.0 << -1.0 << -1.0 << -1 << QByteArray("unknown");
}

void TestStatementStats::verdicts()
{
    QFETCH(QByteArray, sql);
    QFETCH(int, calls);
    QFETCH(double, meanMs);
    QFETCH(double, rowsPerCall);
    QFETCH(double, blocksPerCall);
    QFETCH(int, questions);
    QFETCH(QByteArray, expected);
    StatementFigures one;
    one.text = sql.toStdString();
    one.calls = one.timed = calls;
    one.totalMs = meanMs * calls;
    if (rowsPerCall >= 0)
        one.rows = std::llround(rowsPerCall * calls);
    if (blocksPerCall >= 0)
        one.sharedHit = std::llround(blocksPerCall * calls);
    if (questions >= 0)
        one.questions = questions;
    StatementFigures writer;
    writer.text = "UPDATE public.w SET a = $1";
    writer.calls = writer.timed = 100 * calls / 143; // so that 100 calls are more than 30 % of all
    writer.totalMs = 0.001;
    StatementFigures other;
    other.text = "COMMIT";
    other.calls = other.timed = 100;
    const auto found = statementVerdicts(std::vector{one, writer, other});
    QCOMPARE(QByteArray(found[0].verdict.data(), qsizetype(found[0].verdict.size())), expected);
    QVERIFY(!found[0].reason.empty());
    QCOMPARE(std::string(found[2].verdict), std::string("leave"));
}

void TestStatementStats::restLeftAlone()
{
    std::vector<StatementFigures> many(12);
    for (std::size_t i = 0; i < many.size(); ++i) {
        many[i].text = "SELECT a FROM t";
        many[i].calls = many[i].timed = 1;
        many[i].totalMs = double(i + 1);
    }
    const auto found = statementVerdicts(many);
    QCOMPARE(std::string(found[0].verdict), std::string("leave"));
    QCOMPARE(found[0].reason, std::string("number 12 by total time, 1.28 % of it"));
    QCOMPARE(std::string(found[1].verdict), std::string("leave"));
    QCOMPARE(std::string(found[2].verdict), std::string("unknown"));
}

void TestStatementStats::tables_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("select") << QByteArray("SELECT a FROM t WHERE b IN (SELECT c FROM \"U\") ORDER BY d, e")
                            << QByteArray("U t");
    QTest::newRow("list") << QByteArray("SELECT * FROM public.a x, b JOIN c.d ON true WHERE e = 1, f")
                          << QByteArray("a b d");
    QTest::newRow("insert") << QByteArray("INSERT INTO s.t (a, b) VALUES (1, 2)") << QByteArray("t");
    QTest::newRow("update") << QByteArray("UPDATE t SET a = 1, b = 2 WHERE c = 3") << QByteArray("t");
    QTest::newRow("delete") << QByteArray("DELETE FROM ONLY t") << QByteArray("t");
    QTest::newRow("none") << QByteArray("SELECT 1") << QByteArray();
}

void TestStatementStats::tables()
{
    QFETCH(QByteArray, sql);
    QFETCH(QByteArray, expected);
    QByteArrayList found;
    for (const std::string &table : statementTables(sql.toStdString()))
        found << QByteArray::fromStdString(table);
    QCOMPARE(found.join(' '), expected);
}

void TestStatementStats::tagsAreBounded()
{
    StatementTags tags;
    for (int i = 0; i < 2000; ++i)
        addStatementTags(tags, "SELECT 1 /*user='" + std::to_string(i) + "'*/", 1);
    QCOMPARE(tags.size(), kMaxTagsOfStatement);
    // Those that are known go on being counted.
    addStatementTags(tags, "SELECT 1 /*user='1'*/", 1);
    const StatementTagSum &sum = tags[{"user", "1"}];
    QCOMPARE(sum.calls, std::int64_t{2});
}

QTEST_GUILESS_MAIN(TestStatementStats)
#include "tst_statementstats.moc"
