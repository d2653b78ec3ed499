// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules of service levels and load tests, over rows as importers write them.
#include "advisor/rules.h"
#include "analysis/analyses.h"
#include "analysis/slostore.h"
#include "analysis/workspaceanalyses.h"
#include "store/bulkwriter.h"

#include <QTest>

#include <cmath>

using namespace tailscope;

namespace {

constexpr Nanos kMs = kNanosPerMilli, kMinute = 60 * kNanosPerSecond;
constexpr Nanos kBegin = 20'000 * 1440 * kMinute;

/// A workspace that takes one source after the other.
class Rows
{
public:
    Rows()
        : m_workspace(taken(store::Workspace::temporary()))
    {}
    void source(SourceKind kind, const char *service)
    {
        end();
        m_writer = taken(
            store::BulkWriter::create(*m_workspace, {"made-" + std::to_string(++m_sources), "test", {}}, {}));
        SourceInfo info;
        info.kind = kind;
        m_writer->setSource(info);
        TrackRow track;
        track.service = service;
        track.shape = TrackRow::Shape::Linked;
        m_track = m_writer->track(track);
        m_kind = kind == SourceKind::LoadTest ? SpanKind::Client : SpanKind::Server;
    }
    void request(Nanos start, Nanos duration, std::uint16_t http = 200, const char *operation = "GET /")
    {
        SpanRow row;
        row.track = m_track;
        row.operation = operation;
        row.kind = m_kind;
        row.status = http >= 500 ? SpanStatus::Error : SpanStatus::Ok;
        row.httpStatus = http;
        row.startNs = start;
        row.durationNs = duration;
        m_writer->span(row);
    }
    RecordRef run(const char *name, Nanos start, Nanos stop, std::string_view parameters)
    {
        const RecordField fields[]{{"name", std::string_view(name)}, {"kind", std::string_view("load_test")},
            {"tool", std::string_view("k6")}, {"start_ns", start}, {"end_ns", stop},
            {"parameters", parameters}};
        return m_writer->record({RecordTable::Run, {}, {}, {}, {}, fields});
    }
    void level(double users, double rate)
    {
        const RecordRef run
            = this->run("level", kBegin, kBegin + kMinute, R"({"loop":"closed","level":"summary"})");
        const RecordField fields[]{{"position", std::int64_t(0)}, {"kind", std::string_view("whole")},
            {"users", users}, {"rate", rate}, {"requests", std::int64_t(1000)}};
        m_writer->record({RecordTable::RunPhase, {}, run, {}, {}, fields});
    }
    void series(const char *metric, const std::vector<std::pair<Nanos, double>> &points,
        SeriesKind kind = SeriesKind::Gauge, const char *labels = "{}")
    {
        SeriesRow row;
        row.metric = row.foreignName = metric;
        row.labelsJson = labels;
        row.kind = kind;
        const SeriesRef ref = m_writer->series(row);
        for (const auto &[ts, value] : points)
            m_writer->point(ref, ts, value);
    }
    void pool()
    {
        const RecordField fields[]{{"pool", std::string_view("main")},
            {"kind", std::string_view("connection")}, {"ts_ns", kBegin}, {"idle", std::int64_t(1)}};
        m_writer->record({RecordTable::PoolSample, {}, {}, {}, {}, fields});
    }
    /// As the file of a topology states it: [slo.shop].
    void configure(const char *key, const char *value)
    {
        const RecordField fields[]{{"subject_kind", std::string_view("slo")},
            {"subject", std::string_view("shop")}, {"key", std::string_view(key)},
            {"value", std::string_view(value)}};
        m_writer->record({RecordTable::Config, {}, {}, {}, {}, fields});
    }
    void define(const char *text)
    {
        const analysis::SloDefinition definition = analysis::SloDefinition::fromText(text);
        check(analysis::storeSloDefinition(*m_workspace, &definition));
    }
    QString severity(const char *rule)
    {
        judge();
        return text(
            "SELECT coalesce(max(severity), '') FROM finding WHERE rule_id = '" + std::string(rule) + "'");
    }
    QString text(const std::string &sql)
    {
        judge();
        auto reader = taken(m_workspace->connectReader());
        const auto value = taken(reader.text(sql));
        return value ? QString::fromStdString(*value) : QString();
    }
    /// A column of the evidence of the first finding.
    QString evidence(const char *rule, const char *column)
    {
        return text("SELECT json_extract(evidence, '$." + std::string(column)
            + "') FROM finding WHERE rule_id = '" + rule + "' ORDER BY id LIMIT 1");
    }
    const store::Workspace &workspace() const { return *m_workspace; }

private:
    template<typename T>
    static T taken(Result<T> result)
    {
        if (!result)
            qFatal("%s", result.error().toText().c_str());
        return std::move(*result);
    }
    static void check(const Result<void> &result)
    {
        if (!result)
            qFatal("%s", result.error().toText().c_str());
    }
    void end()
    {
        if (!m_writer)
            return;
        const auto finished = m_writer->finish({});
        if (!finished)
            qFatal("%s", finished.error().toText().c_str());
        m_writer.reset();
        if (const auto ready = analysis::makeReady(*m_workspace, m_sources, {}); !ready)
            qFatal("%s", ready.error().toText().c_str());
        m_judged = false;
    }
    void judge()
    {
        end();
        if (m_judged)
            return;
        check(analysis::refreshWorkspaceAnalyses(*m_workspace, analysis::workspaceAnalyses(), {}));
        static std::vector<Error> errors;
        static const std::vector<advisor::Rule> rules = advisor::loadRules({}, errors);
        const auto outcome = advisor::runRules(*m_workspace, rules, {});
        if (!outcome)
            qFatal("%s", outcome.error().toText().c_str());
        for (const Error &error : outcome->failed)
            qFatal("%s", error.toText().c_str());
        m_judged = true;
    }

    std::unique_ptr<store::Workspace> m_workspace;
    std::unique_ptr<store::BulkWriter> m_writer;
    TrackRef m_track = TrackRef::None;
    SpanKind m_kind = SpanKind::Server;
    std::int64_t m_sources = 0;
    bool m_judged = false;
};

/// `n` requests, one a second, of which every `every`-th fails.
void traffic(Rows &rows, int n, int every, Nanos duration = 50 * kMs)
{
    for (int i = 0; i < n; ++i)
        rows.request(kBegin + i * kNanosPerSecond, duration, every > 0 && i % every == 0 ? 504 : 200);
}

} // namespace

class TestSloRules : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void errorBudget();
    void budgetOfCounters();
    void usersHurt();
    void failurePareto();
    void edgeAgainstApplication();
    void baselineCard();
    void loadTestGate();
    void loadTestGateOfTheTool();
    void soak();
    void omission();
    void knee();
    void representative();
};

void TestSloRules::errorBudget()
{
    Rows over;
    over.source(SourceKind::AccessLog, "edge");
    traffic(over, 2000, 500); // 4 of 2,000; 2 are allowed
    QCOMPARE(over.severity("slo-error-budget"), QStringLiteral("warning")); // nobody stated an objective
    Rows stated;
    stated.define("objective=99.9");
    stated.source(SourceKind::AccessLog, "edge");
    traffic(stated, 2000, 500);
    QCOMPARE(stated.severity("slo-error-budget"), QStringLiteral("critical"));
    QCOMPARE(stated.evidence("slo-error-budget", "allowed"), QStringLiteral("2"));
    QCOMPARE(stated.evidence("slo-error-budget", "difference"), QStringLiteral("2"));
    Rows inside;
    inside.define("objective=99.8");
    inside.source(SourceKind::AccessLog, "edge");
    traffic(inside, 2000, 500); // exactly what is allowed
    QCOMPARE(inside.severity("slo-error-budget"), QString());
    Rows few;
    few.source(SourceKind::AccessLog, "edge");
    traffic(few, 900, 2);
    QCOMPARE(few.severity("slo-error-budget"), QString());
    // Inside the budget, but burning fast: 10 of 100 a minute for ten minutes of two hours.
    Rows burning;
    burning.define("objective=99");
    burning.source(SourceKind::AccessLog, "edge");
    for (int i = 0; i < 7200 * 2; ++i)
        burning.request(kBegin + i * 500 * kMs, 5 * kMs, i >= 13'000 && i % 7 == 0 ? 503 : 200);
    QVERIFY(
        burning.text("SELECT count(*) FROM slo_burn WHERE long_s = 3600 AND is_covered = 1").toInt() == 1);
}

void TestSloRules::budgetOfCounters()
{
    Rows rows;
    rows.source(SourceKind::Config, "web");
    rows.configure("objective", "99.95 %");
    rows.configure("window_days", "7");
    rows.source(SourceKind::Metrics, "web");
    const Nanos day = kBegin + 1440 * kMinute;
    rows.series("http_requests_total", {{kBegin, 5}, {day, 49'955'005}}, SeriesKind::Counter,
        R"({"code":"200"})");
    rows.series("http_requests_total", {{kBegin, 1}, {day, 45'001}}, SeriesKind::Counter,
        R"({"code":"5xx"})");
    // The same requests once more, which must not count.
    rows.series("http_server_request_duration_seconds_count", {{kBegin, 0}, {day, 9e9}}, SeriesKind::Counter,
        R"({"code":"200"})");
    QCOMPARE(rows.severity("slo-error-budget"), QStringLiteral("critical"));
    QCOMPARE(rows.evidence("slo-error-budget", "allowed"), QStringLiteral("25000"));
    QCOMPARE(rows.evidence("slo-error-budget", "difference"), QStringLiteral("20000"));
    QCOMPARE(rows.text("SELECT valid || ' ' || bad FROM slo_level WHERE subject_kind = 'all'"),
        QStringLiteral("50000000 45000"));
    QCOMPARE(
        rows.text(
            "SELECT objective || ', ' || window_days || ' days' FROM slo_level WHERE subject_kind = 'all'"),
        QStringLiteral("99.95 %, 7 days"));
}

void TestSloRules::usersHurt()
{
    const auto tail = [](Rows &rows) {
        rows.source(SourceKind::AccessLog, "edge");
        for (int i = 0; i < 2000; ++i)
            rows.request(kBegin + i * kNanosPerSecond, (i % 40 == 0 ? 800 : 100) * kMs);
    };
    Rows warned;
    warned.define("limit_ms=200");
    tail(warned);
    QCOMPARE(warned.severity("slo-users-hurt"), QStringLiteral("warning"));
    QCOMPARE(warned.evidence("slo-users-hurt", "p99_ms"), QStringLiteral("800"));
    QCOMPARE(warned.evidence("slo-users-hurt", "per_day"), QStringLiteral("864")); // 86,400 a day
    Rows told;
    told.define("limit_ms=1000");
    tail(told);
    QCOMPARE(told.severity("slo-users-hurt"), QStringLiteral("info"));
    Rows nobody; // nobody set a level: no finding for every workspace
    tail(nobody);
    QCOMPARE(nobody.severity("slo-users-hurt"), QString());
}

void TestSloRules::failurePareto()
{
    Rows rows;
    rows.source(SourceKind::AccessLog, "edge");
    for (int i = 0; i < 10'000; ++i)
        rows.request(kBegin + i * kNanosPerSecond, 50 * kMs,
            std::uint16_t(i % 100 == 0               ? 504
                    : i % 100 == 50 && i % 200 == 50 ? 500
                                                     : 200),
            i % 2 ? "GET /" : "POST /pay");
    QCOMPARE(rows.severity("slo-failure-pareto"), QStringLiteral("warning"));
    QCOMPARE(rows.evidence("slo-failure-pareto", "category"), QStringLiteral("timeout"));
    QCOMPARE(rows.evidence("slo-failure-pareto", "failures"), QStringLiteral("100"));
    QCOMPARE(rows.evidence("slo-failure-pareto", "after"), QStringLiteral("50"));
    Rows few;
    few.source(SourceKind::AccessLog, "edge");
    traffic(few, 2000, 50);
    QCOMPARE(few.severity("slo-failure-pareto"), QString());
}

void TestSloRules::edgeAgainstApplication()
{
    Rows rows;
    rows.source(SourceKind::AccessLog, "edge");
    traffic(rows, 2000, 100);
    rows.source(SourceKind::Trace, "shop");
    traffic(rows, 2000, 0);
    QCOMPARE(rows.severity("slo-edge-vs-app"), QStringLiteral("warning"));
    QCOMPARE(rows.evidence("slo-edge-vs-app", "only_edge"), QStringLiteral("20"));
    Rows same;
    same.source(SourceKind::AccessLog, "edge");
    traffic(same, 2000, 100);
    same.source(SourceKind::Trace, "shop");
    traffic(same, 2000, 100);
    QCOMPARE(same.severity("slo-edge-vs-app"), QString());
}

void TestSloRules::baselineCard()
{
    Rows rows;
    rows.source(SourceKind::AccessLog, "edge");
    traffic(rows, 50, 0);
    rows.series("cpu", {{kBegin, 1}});
    rows.pool(); // without capacity
    QCOMPARE(rows.severity("baseline-card-missing"), QStringLiteral("info"));
    QCOMPARE(rows.evidence("baseline-card-missing", "missing"), QStringLiteral("P99, use of the pools"));
    Rows unasked;
    unasked.source(SourceKind::AccessLog, "edge");
    traffic(unasked, 50, 0);
    QCOMPARE(unasked.severity("baseline-card-missing"), QString());
}

/// A ramp of two minutes to 50 users and a hold of ten, in which requests take `ms`.
void test(Rows &rows, Nanos duration, std::string_view parameters = R"({"loop":"open","level":"requests"})",
    int failEvery = 0)
{
    rows.source(SourceKind::LoadTest, "k6");
    rows.run("checkout", kBegin, kBegin + 12 * kMinute, parameters);
    std::vector<std::pair<Nanos, double>> users;
    for (int second = 1; second <= 720; ++second)
        users.emplace_back(kBegin + second * kNanosPerSecond, std::min(50.0, second / 2.4));
    rows.series("loadtest.users", users);
    int n = 0;
    for (int second = 0; second < 720; ++second)
        for (int i = 0; i < std::min(10, second / 12); ++i, ++n)
            rows.request(kBegin + second * kNanosPerSecond + i * 90 * kMs,
                second < 120 ? 9000 * kMs : duration, failEvery > 0 && n % failEvery == 0 ? 500 : 200);
}

void TestSloRules::loadTestGate()
{
    Rows missed;
    test(missed, 520 * kMs);
    QCOMPARE(missed.severity("loadtest-gate"), QStringLiteral("critical"));
    QCOMPARE(missed.evidence("loadtest-gate", "value"), QStringLiteral("520 ms"));
    QCOMPARE(missed.text(
                 "SELECT group_concat(kind, ' ') FROM (SELECT kind FROM load_phase ORDER BY position)"),
        QStringLiteral("whole ramp hold"));
    Rows equal; // equal to the limit passes; the ramp's 9 s do not count
    test(equal, 500 * kMs);
    QCOMPARE(equal.severity("loadtest-gate"), QString());
    Rows failing;
    test(failing, 100 * kMs, R"({"loop":"open"})", 50);
    QCOMPARE(failing.severity("loadtest-gate"), QStringLiteral("critical"));
    QCOMPARE(failing.evidence("loadtest-gate", "what"), QStringLiteral("failed requests"));
}

void TestSloRules::loadTestGateOfTheTool()
{
    Rows missed;
    test(missed, 100 * kMs,
        R"({"thresholds":[{"metric":"http_req_duration","expression":"p(99)<50","ok":false},
        {"metric":"checks","expression":"rate>0.9","ok":true}]})");
    QCOMPARE(missed.severity("loadtest-gate"), QStringLiteral("critical"));
    QCOMPARE(missed.evidence("loadtest-gate", "limit"), QStringLiteral("p(99)<50"));
    Rows met; // judged by its own, not by ours
    test(met, 900 * kMs,
        R"({"thresholds":[{"metric":"http_req_duration","expression":"p(99)<1000","ok":true}]})");
    QCOMPARE(met.severity("loadtest-gate"), QString());
}

void TestSloRules::soak()
{
    const auto soaked = [](Rows &rows, double growth) {
        rows.source(SourceKind::LoadTest, "k6");
        rows.run("soak", kBegin, kBegin + 120 * kMinute, R"({"loop":"open"})");
        std::vector<std::pair<Nanos, double>> users, memory;
        for (int minute = 0; minute <= 120; ++minute) {
            users.emplace_back(kBegin + minute * kMinute, 20);
            memory.emplace_back(kBegin + minute * kMinute,
                1e9 * (1 + growth * minute / 120 + 0.001 * (minute % 3)));
        }
        rows.series("loadtest.users", users);
        rows.series("process.memory.usage", memory);
        for (int i = 0; i < 120 * 60; ++i)
            rows.request(kBegin + i * kNanosPerSecond, 50 * kMs);
    };
    Rows leaking;
    soaked(leaking, 0.4);
    QCOMPARE(leaking.severity("loadtest-gate"), QStringLiteral("critical"));
    QCOMPARE(leaking.evidence("loadtest-gate", "what"), QStringLiteral("growth of process.memory.usage"));
    QCOMPARE(leaking.text("SELECT group_concat(kind, ' ') FROM load_phase"), QStringLiteral("whole soak"));
    Rows level;
    soaked(level, 0.0);
    QCOMPARE(level.severity("loadtest-gate"), QString());
}

void TestSloRules::omission()
{
    const auto stalled = [](Rows &rows, bool isClosed) {
        rows.source(SourceKind::LoadTest, "wrk");
        rows.run("stall", kBegin, kBegin + 4 * kMinute, "{}");
        Nanos at = kBegin;
        for (int i = 0; i < 6000; ++i) {
            const Nanos duration = i == 3000 ? 20 * kNanosPerSecond : 2 * kMs;
            rows.request(at, duration);
            at += isClosed ? std::max(duration, 20 * kMs) : 20 * kMs;
        }
    };
    Rows closed;
    stalled(closed, true);
    QCOMPARE(closed.severity("loadtest-omission"), QStringLiteral("warning"));
    QCOMPARE(closed.text("SELECT loop FROM load_verdict"), QStringLiteral("closed"));
    Rows open;
    stalled(open, false);
    QCOMPARE(open.severity("loadtest-omission"), QString());
}

void TestSloRules::knee()
{
    const auto levels = [](Rows &rows, const std::vector<std::pair<double, double>> &points) {
        rows.source(SourceKind::LoadTest, "ab");
        for (const auto &[users, rate] : points)
            rows.level(users, rate);
    };
    Rows collapse;
    levels(collapse, {{10, 1900}, {25, 4200}, {50, 5000}, {100, 4300}, {200, 2900}});
    QCOMPARE(collapse.severity("loadtest-knee"), QStringLiteral("warning"));
    QCOMPARE(collapse.evidence("loadtest-knee", "knee"), QStringLiteral("50"));
    QCOMPARE(collapse.text("SELECT count(*) FROM finding WHERE rule_id = 'loadtest-knee'"),
        QStringLiteral("1"));
    Rows rising;
    levels(rising, {{10, 1000}, {20, 2000}, {40, 4000}, {80, 8000}});
    QCOMPARE(rising.severity("loadtest-knee"), QString());
}

void TestSloRules::representative()
{
    Rows rows;
    test(rows, 100 * kMs, R"({"loop":"closed"})");
    rows.source(SourceKind::AccessLog, "edge");
    for (int i = 0; i < 6000; ++i)
        rows.request(kBegin + i * 10 * kMs, 20 * kMs, 200, i % 2 ? "GET /" : "POST /export");
    QCOMPARE(rows.severity("loadtest-not-representative"), QStringLiteral("warning"));
    QCOMPARE(rows.text("SELECT group_concat(item, ', ') FROM (SELECT item FROM load_validity WHERE is_met = "
                       "0 ORDER BY item)"),
        QStringLiteral("closed loop, operations missing, rate below twice the peak, too short"));
    Rows alone;
    alone.source(SourceKind::LoadTest, "k6");
    alone.run("long", kBegin, kBegin + 300 * kMinute, R"({"loop":"open"})");
    for (int i = 0; i < 300; ++i)
        alone.request(kBegin + i * kMinute, 10 * kMs);
    QCOMPARE(alone.severity("loadtest-not-representative"), QString());
}

QTEST_GUILESS_MAIN(TestSloRules)
#include "tst_slorules.moc"
