// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Every trace rule on traces it must find and on their neighbours that it must leave alone.
#include "tracefixture.h"

#include <QTest>

using namespace tailscope;
using testing::TestSpan;
using testing::TraceFixture;

namespace {

using Trace = std::vector<TestSpan>;
using Traces = std::vector<Trace>;

Traces times(int n, const Trace &trace) { return Traces(std::size_t(n), trace); }

Traces operator+(Traces a, const Traces &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

TestSpan root(double ms) { return {-1, "shop", "GET /cart", 0, ms, SpanKind::Server}; }
TestSpan call(const char *operation, double start, double ms, const char *statement = nullptr)
{
    TestSpan span{0, "shop", operation, start, ms, SpanKind::Client};
    if (statement) {
        span.key = "db.query.text";
        span.value = statement;
    }
    return span;
}

const Trace kPlain{root(100), call("GET a", 0, 50), {0, "shop", "work", 50, 50}};

} // namespace

class TestTraceRules : public QObject
{
    Q_OBJECT

    static QString severity(const QString &findings, const char *rule)
    {
        for (const QString &line : findings.split(QLatin1Char('\n'))) {
            if (line.startsWith(QLatin1String(rule) + QLatin1Char(' ')))
                return line.section(QLatin1Char(' '), 1);
        }
        return {};
    }
    static void fires(const char *rule, const char *expected, const Traces &traces)
    {
        TraceFixture fixture(traces);
        const QString name = QString::fromLatin1(rule) + QLatin1Char(' ');
        const QString found = severity(QString::fromStdString(fixture.findings()), rule);
        if (found != QLatin1String(expected)) {
            qInfo("%s",
                fixture
                    .text("SELECT coalesce(group_concat(rule_id || ' ' || evidence, char(10)), '') FROM "
                          "finding")
                    .c_str());
        }
        QCOMPARE(name + found, name + QLatin1String(expected));
    }
    static void silent(const char *rule, const Traces &traces) { fires(rule, "", traces); }

private Q_SLOTS:
    void unaccountedGap();
    void gapIsLocated_data();
    void gapIsLocated();
    void sequentialIndependent();
    void oneSpanDominates();
    void dataQuality();
    void operationErrors();
    void nPlusOne();
    void manyTracesAreSampled();
};

void TestTraceRules::unaccountedGap()
{
    const auto gap = [](double ms, double total) {
        return Trace{root(total), call("GET a", 0, (total - ms) / 2),
            call("GET b", (total + ms) / 2, (total - ms) / 2)};
    };
    fires("trace-unaccounted-gap", "warning", times(20, gap(30, 100)));
    fires("trace-unaccounted-gap", "critical", times(20, gap(60, 100)));
    fires("trace-unaccounted-gap", "warning", times(20, gap(60, 1000)));
    silent("trace-unaccounted-gap", times(20, gap(15, 100)));
    silent("trace-unaccounted-gap", times(20, gap(15, 30)));
    silent("trace-unaccounted-gap", times(20, gap(40, 1000)));
    silent("trace-unaccounted-gap", times(20, gap(60, 3000)));
    silent("trace-unaccounted-gap", times(20, kPlain));
    // A leaf's own time is work.
    silent("trace-unaccounted-gap", times(20, {root(100)}));
    // Too rare.
    silent("trace-unaccounted-gap", times(18, kPlain) + times(2, gap(50, 100)));
}

void TestTraceRules::gapIsLocated_data()
{
    QTest::addColumn<double>("first");
    QTest::addColumn<double>("second");
    QTest::addColumn<QString>("place");
    QTest::newRow("before") << 50.0 << 75.0 << "before GET a";
    QTest::newRow("between") << 0.0 << 75.0 << "between GET a and GET b";
    QTest::newRow("after") << 0.0 << 25.0 << "after the last child";
}

void TestTraceRules::gapIsLocated()
{
    QFETCH(double, first);
    QFETCH(double, second);
    QFETCH(QString, place);
    TraceFixture fixture(times(10, {root(100), call("GET a", first, 25), call("GET b", second, 25)}));
    fixture.findings();
    QCOMPARE(QString::fromStdString(fixture.text("SELECT json_extract(evidence, '$.place') FROM finding"
                                                 " WHERE rule_id = 'trace-unaccounted-gap'")),
        place);
    QCOMPARE(
        fixture.text(
            "SELECT json_extract(evidence, '$.gap_ms') FROM finding WHERE rule_id = 'trace-unaccounted-gap'"),
        std::string("50"));
    QCOMPARE(fixture.text(
                 "SELECT json_extract(evidence, '$.hits') || '/' || json_extract(evidence, '$.examined') FROM"
                 " finding WHERE rule_id = 'trace-unaccounted-gap'"),
        std::string("10/10"));
    QCOMPARE(fixture.text(
                 "SELECT s.operation FROM finding AS f JOIN span AS s ON s.id = json_extract(f.evidence,"
                 " '$.example_span_id') WHERE f.rule_id = 'trace-unaccounted-gap'"),
        std::string("GET /cart"));
}

void TestTraceRules::sequentialIndependent()
{
    const auto row = [](const char *a, const char *b, const char *c, double pause) {
        return Trace{root(200), call("SELECT x", 10, 50, a), call("SELECT x", 60 + pause, 50, b),
            call("SELECT x", 110 + 2 * pause, 50, c), {0, "shop", "work", 170, 30}};
    };
    const char *const a = "SELECT 1 FROM a", *const b = "SELECT 1 FROM b", *const c = "SELECT 1 FROM c";
    fires("trace-sequential-independent", "warning", times(20, row(a, b, c, 0)));
    fires("trace-sequential-independent", "warning", times(20, row(a, b, c, 2)));
    // One statement with other values is N+1, pauses tell of work between.
    silent("trace-sequential-independent",
        times(20,
            row("SELECT 1 FROM a WHERE i = 1", "SELECT 1 FROM a WHERE i = 2", "SELECT 1 FROM a WHERE i = 3",
                0)));
    silent("trace-sequential-independent", times(20, row(a, b, c, 8)));
    // They overlap already.
    silent("trace-sequential-independent",
        times(20,
            {root(200), call("SELECT x", 10, 90, a), call("SELECT x", 20, 90, b),
                call("SELECT x", 30, 90, c)}));
    // Little to win.
    silent("trace-sequential-independent",
        times(20,
            {root(200), call("SELECT x", 0, 20, a), call("SELECT x", 20, 20, b),
                {0, "shop", "work", 40, 160}}));
    // Too rare.
    silent("trace-sequential-independent", times(18, kPlain) + times(2, row(a, b, c, 0)));
    TraceFixture fixture(times(20, row(a, b, c, 0)));
    fixture.findings();
    QCOMPARE(fixture.text("SELECT gain_ms || ' ' || json_extract(evidence, '$.calls') FROM finding"
                          " WHERE rule_id = 'trace-sequential-independent'"),
        std::string("100.0 SELECT x ×3"));
}

void TestTraceRules::oneSpanDominates()
{
    const Trace held{root(500), call("pool.acquire", 0, 450), {0, "shop", "work", 450, 50}};
    fires("trace-one-span-dominates", "warning", times(400, held));
    fires("trace-one-span-dominates", "critical", times(400, {root(500), call("pool.acquire", 0, 490)}));
    // Few slow traces, quick requests, shared time.
    silent("trace-one-span-dominates", times(10, held));
    silent("trace-one-span-dominates", times(400, {root(50), call("pool.acquire", 0, 45)}));
    silent("trace-one-span-dominates", times(400, {root(500), call("a", 0, 250), call("b", 250, 250)}));
}

void TestTraceRules::dataQuality()
{
    const Trace orphan{root(100), {7, "shop", "lost", 10, 10}};
    fires("trace-data-quality", "warning", times(10, orphan));
    fires("trace-data-quality", "info", times(95, kPlain) + times(5, orphan));
    silent("trace-data-quality", times(10, kPlain));
}

void TestTraceRules::operationErrors()
{
    Trace failed = kPlain;
    failed[0].failed = true;
    fires("trace-operation-errors", "critical", times(80, kPlain) + times(20, failed));
    fires("trace-operation-errors", "warning", times(96, kPlain) + times(4, failed));
    silent("trace-operation-errors", times(200, kPlain) + times(1, failed));
    silent("trace-operation-errors", times(40, kPlain) + times(10, failed));
}

void TestTraceRules::nPlusOne()
{
    const auto rows = [](int n, double each, auto statement) {
        Trace trace{root(n * each + 20)};
        for (int i = 0; i < n; ++i) {
            const std::string text = statement(i);
            trace.push_back(call("SELECT item", 10 + i * each, each, text.c_str()));
        }
        return trace;
    };
    const auto byValue = [](int i) { return "SELECT * FROM item WHERE id = " + std::to_string(i); };
    const auto byParameter = [](int) { return std::string("SELECT * FROM item WHERE id = $1"); };
    const auto same = [](int) { return std::string("SELECT * FROM item WHERE id = 7"); };
    // By letters: the fingerprint takes names that end in several digits for partitions of one table.
    const auto different = [](int i) { return std::string("SELECT * FROM item_") + char('a' + i); };
    fires("stmt-n-plus-one", "warning", times(10, rows(20, 2, byValue)));
    fires("stmt-n-plus-one", "warning", times(10, rows(20, 2, byParameter)));
    fires("stmt-n-plus-one", "critical", times(10, rows(120, 1, byValue)));
    fires("stmt-n-plus-one", "critical", times(10, rows(30, 10, byValue)));
    silent("stmt-n-plus-one", times(10, rows(9, 2, byValue)));
    // One value again and again is a question for a cache; other tables are other statements.
    silent("stmt-n-plus-one", times(10, rows(20, 2, same)));
    silent("stmt-n-plus-one", times(10, rows(20, 2, different)));
    silent("stmt-n-plus-one", times(18, kPlain) + times(2, rows(20, 2, byValue)));
    Trace parallel{root(50)};
    for (int i = 0; i < 20; ++i)
        parallel.push_back(call("SELECT item", 10, 20, byValue(i).c_str()));
    silent("stmt-n-plus-one", times(10, parallel));
}

void TestTraceRules::manyTracesAreSampled()
{
    const Trace gap{root(100), call("GET a", 0, 20), call("GET b", 80, 20)};
    TraceFixture fixture(times(2500, gap));
    QVERIFY(
        QString::fromStdString(fixture.findings()).contains(QLatin1String("trace-unaccounted-gap critical")));
    QCOMPARE(fixture.text("SELECT json_extract(evidence, '$.examined') FROM finding WHERE rule_id = "
                          "'trace-unaccounted-gap'"),
        std::string("1000"));
}

QTEST_GUILESS_MAIN(TestTraceRules)
#include "tst_tracerules.moc"
