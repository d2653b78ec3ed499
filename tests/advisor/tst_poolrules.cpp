// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules on pools of connections, on samples and configurations they must find and on neighbours.
#include "analysis/workspaceanalyses.h"
#include "logfixture.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <QTest>

using namespace tailscope;
using testing::LogFixture;
using testing::TestLine;

namespace {

using Fill = std::function<void(LogFixture &)>;

void config(LogFixture &f, const char *kind, const char *subject, const char *parent, const char *key,
    const std::string &value)
{
    f.record(RecordTable::Config,
        {{"subject_kind", std::string(kind)}, {"subject", std::string(subject)},
            {"parent", std::string(parent)}, {"key", std::string(key)}, {"value", value}});
}

void topology(LogFixture &f, int instances, int size, int maxConnections, int cores = 0, int maxInstances = 0)
{
    config(f, "service", "product-api", "", "instances", std::to_string(instances));
    if (maxInstances > 0)
        config(f, "service", "product-api", "", "max_instances", std::to_string(maxInstances));
    config(f, "pool", "main", "product-api", "size", std::to_string(size));
    config(f, "pool", "main", "product-api", "target", "db1");
    config(f, "pool", "main", "product-api", "acquire_timeout_ms", "30000");
    config(f, "call", "edge->product-api", "edge", "timeout_ms", "10000");
    config(f, "server", "db1", "", "max_connections", std::to_string(maxConnections));
    if (cores > 0)
        config(f, "server", "db1", "", "cores", std::to_string(cores));
}

/// A pool of one instance, one sample a second.
struct Shape
{
    int seconds = 300, instances = 1;
    double capacity = 20;
    std::function<double(double)> active, waiting, rate, serviceMs, waitP99Ms;
    const char *kind = "connection";
};

void samples(LogFixture &f, const Shape &shape)
{
    for (int instance = 1; instance <= shape.instances; ++instance) {
        double acquired = 0, held = 0;
        for (int i = 0; i <= shape.seconds; ++i) {
            const double active = shape.active(i), waiting = shape.waiting ? shape.waiting(i) : 0;
            LogFixture::Fields fields{{"pool", std::string("main")}, {"kind", std::string(shape.kind)},
                {"instance", "api-" + std::to_string(instance)},
                {"ts_ns", LogFixture::kStartNs + std::int64_t(i) * 1'000'000'000},
                {"capacity", shape.capacity}, {"active", active},
                {"idle", std::max(0.0, shape.capacity - active)}, {"waiting", waiting}};
            if (shape.rate) {
                acquired += shape.rate(i);
                held += shape.rate(i) * (shape.serviceMs ? shape.serviceMs(i) : 20.0);
                fields.push_back({"acquired", acquired});
                fields.push_back({"busy_total_ms", held});
            }
            if (shape.waitP99Ms)
                fields.push_back({"wait_p99_ms", shape.waitP99Ms(i)});
            f.record(RecordTable::PoolSample, fields);
        }
    }
}

/// Statements at work as pg_stat_activity shows them, each five seconds.
void sessions(LogFixture &f, int active, double oldestS, int seconds = 300)
{
    for (int at = 0; at <= seconds; at += 5) {
        const std::int64_t now = LogFixture::kStartNs + std::int64_t(at) * 1'000'000'000;
        for (int i = 0; i < active; ++i) {
            const double age = i == 0 ? oldestS : 0.01;
            f.record(RecordTable::SessionSample,
                {{"ts_ns", now}, {"pid", 100 + i}, {"state", std::string("active")},
                    {"backend_type", std::string("client backend")}, {"application", std::string("report")},
                    {"query_start_ns", now - std::int64_t(age * 1e9)},
                    {"statement_id", std::string(i == 0 ? "SELECT report()" : "SELECT 1")}});
        }
    }
}

std::function<double(double)> constant(double value)
{
    return [value](double) { return value; };
}

/// Free for a minute, then full with a growing queue.
Shape exhausted(double activeServers = 20)
{
    Shape shape;
    shape.active = [activeServers](double s) { return s < 60 ? activeServers / 4 : activeServers; };
    shape.waiting = [](double s) { return s < 60 ? 0 : std::min(47.0, s - 60); };
    shape.waitP99Ms = [](double s) { return s < 60 ? 0.1 : std::min(8400.0, (s - 60) * 200); };
    shape.rate = constant(250);
    return shape;
}

} // namespace

class TestPoolRules : public QObject
{
    Q_OBJECT

    static void evaluate(LogFixture &fixture, const char *rule)
    {
        fixture.done();
        const auto derived
            = analysis::refreshWorkspaceAnalyses(fixture.workspace(), analysis::workspaceAnalyses(), {});
        if (!derived)
            qFatal("%s", derived.error().toText().c_str());
        fixture.findings(rule);
    }
    static void fires(const char *rule, const char *expected, const Fill &fill, const Fill &afterwards = {})
    {
        LogFixture fixture;
        fill(fixture);
        fixture.done();
        const auto derived
            = analysis::refreshWorkspaceAnalyses(fixture.workspace(), analysis::workspaceAnalyses(), {});
        if (!derived)
            qFatal("%s", derived.error().toText().c_str());
        if (afterwards)
            afterwards(fixture);
        fixture.findings(rule);
        const std::string found = fixture.severity(rule);
        if (found != expected)
            qInfo("%s\n%s",
                fixture
                    .text("SELECT coalesce(group_concat(rule_id || ' ' || evidence, char(10)), '') FROM "
                          "finding")
                    .c_str(),
                fixture
                    .text(
                        "SELECT coalesce(group_concat(json_array(pool, instance, verdict, cause, ceiling, "
                        "ceiling_value, utilisation_max, above70_s, saturated_s, waiting_max, service_ms, "
                        "arrival_rate, demand, server_active, server_cpu), char(10)), '') FROM pool_verdict")
                    .c_str());
        QCOMPARE(rule + (' ' + found), rule + (' ' + std::string(expected)));
    }
    static void silent(const char *rule, const Fill &fill, const Fill &afterwards = {})
    {
        fires(rule, "", fill, afterwards);
    }

private Q_SLOTS:
    void saturation();
    void exhaustedWhileTheDatabaseRests();
    void exhaustedByTheDatabase();
    void fleet();
    void refusalIsHonest();
    void oversized();
    void demand();
    void leak();
    void idleInTransaction();
    void poolerMode();
    void abandonedWork();
    void mostlyIdle();
    void connectionChurn();
};

void TestPoolRules::saturation()
{
    fires("pool-saturation", "critical", [](LogFixture &f) { samples(f, exhausted()); });
    fires("pool-saturation", "warning", [](LogFixture &f) {
        Shape shape;
        shape.active = constant(15);
        samples(f, shape);
    });
    silent("pool-saturation", [](LogFixture &f) {
        Shape shape;
        shape.active = constant(12);
        samples(f, shape);
    });
    // Full for half a minute, and a queue that is passed in 22 ms.
    silent("pool-saturation", [](LogFixture &f) {
        Shape shape;
        shape.active = [](double s) { return s > 100 && s < 130 ? 20.0 : 4.0; };
        samples(f, shape);
    });
    silent("pool-saturation", [](LogFixture &f) {
        Shape shape;
        shape.capacity = 9;
        shape.active = constant(9);
        shape.waiting = constant(75);
        shape.waitP99Ms = constant(22);
        shape.rate = constant(6100);
        samples(f, shape);
    });
    fires("pool-saturation", "critical", [](LogFixture &f) {
        Shape shape = exhausted();
        shape.kind = "thread";
        samples(f, shape);
    });
}

void TestPoolRules::exhaustedWhileTheDatabaseRests()
{
    const Fill rests = [](LogFixture &f) { f.sql("UPDATE pool_verdict SET server_cpu = 0.12"); };
    const Fill busy = [](LogFixture &f) { f.sql("UPDATE pool_verdict SET server_cpu = 0.8"); };
    const Fill full = [](LogFixture &f) { samples(f, exhausted()); };
    const Fill held = [](LogFixture &f) {
        samples(f, exhausted());
        sessions(f, 19, 30);
    };
    fires("pool-exhausted-db-idle", "critical", held, rests);
    silent("pool-exhausted-db-idle", full, busy);
    silent("pool-exhausted-db-idle", full); // processors unknown
    LogFixture fixture;
    held(fixture);
    fixture.done();
    QVERIFY(analysis::refreshWorkspaceAnalyses(fixture.workspace(), analysis::workspaceAnalyses(), {})
                .has_value());
    QCOMPARE(fixture.text("SELECT cause || ' ' || server_active FROM pool_verdict"),
        std::string("slow_statements 19.0"));
    rests(fixture);
    fixture.findings("pool-exhausted-db-idle");
    // 30 s in which a statement of 20 ms would have had 1,500 turns.
    QCOMPARE(fixture.evidence("pool-exhausted-db-idle", "displaced"), std::string("1500"));
    const std::string longest = fixture.evidence("pool-exhausted-db-idle", "longest");
    QVERIFY2(longest.find("1,500") != std::string::npos, longest.c_str());
}

void TestPoolRules::exhaustedByTheDatabase()
{
    const Fill busy = [](LogFixture &f) { f.sql("UPDATE pool_verdict SET server_cpu = 0.88"); };
    const Fill full = [](LogFixture &f) { samples(f, exhausted()); };
    fires("pool-exhausted-db-busy", "critical", full, busy);
    // Waiting is cheaper: 9 on 4 cores.
    const Fill nine = [](LogFixture &f) {
        Shape shape;
        shape.capacity = 9;
        shape.active = constant(9);
        shape.waiting = constant(75);
        shape.waitP99Ms = constant(22);
        shape.rate = constant(6100);
        samples(f, shape);
    };
    fires("pool-exhausted-db-busy", "info", nine, busy);
    const Fill calm = [](LogFixture &f) {
        Shape shape;
        shape.active = constant(6);
        samples(f, shape);
    };
    silent("pool-exhausted-db-busy", calm, busy);
    silent("pool-exhausted-db-busy", full);
}

void TestPoolRules::fleet()
{
    fires("pool-fleet-overcommit", "critical", [](LogFixture &f) { topology(f, 40, 20, 200); });
    fires("pool-fleet-overcommit", "critical", [](LogFixture &f) { topology(f, 12, 20, 200); });
    fires("pool-fleet-overcommit", "warning", [](LogFixture &f) { topology(f, 40, 4, 200); });
    fires("pool-fleet-overcommit", "warning", [](LogFixture &f) { topology(f, 10, 20, 200); });
    silent("pool-fleet-overcommit", [](LogFixture &f) { topology(f, 35, 4, 200); });
    silent("pool-fleet-overcommit", [](LogFixture &f) {
        topology(f, 40, 20, 200);
        config(f, "pool", "main", "product-api", "mode", "transaction");
    });
    // Eight to thirty overnight: without any traffic.
    LogFixture f;
    topology(f, 8, 25, 250, 0, 30);
    evaluate(f, "pool-fleet-overcommit");
    QCOMPARE(f.severity("pool-fleet-overcommit"), std::string("critical"));
    const auto evidence = [&](const char *column) { return f.evidence("pool-fleet-overcommit", column); };
    QCOMPARE(evidence("ratio"), std::string("3.0 : 1"));
    QCOMPARE(evidence("first_failing"), std::string("11"));
    QCOMPARE(evidence("budget") + evidence("budget_80") + evidence("budget_70"), std::string("865"));
    QCOMPARE(f.text("SELECT ratio FROM pool_fleet WHERE service IS NULL"), std::string("0.8"));
    QVERIFY(evidence("refusal").find("unknown") != std::string::npos);
}

void TestPoolRules::refusalIsHonest()
{
    LogFixture f;
    topology(f, 40, 20, 200);
    Shape shape;
    shape.instances = 40;
    shape.seconds = 60;
    shape.active = constant(5);
    shape.waiting = [](double s) { return s * 162.4; };
    shape.rate = constant(11'502.2 / 40);
    shape.serviceMs = constant(17.388);
    samples(f, shape);
    f.done();
    f.stat({"SELECT * FROM products WHERE category_id = 42 LIMIT 20", 1000, 12'000});
    QVERIFY(analysis::refreshWorkspaceAnalyses(f.workspace(), analysis::workspaceAnalyses(), {}).has_value());
    f.findings();
    const std::string refusal = f.evidence("pool-fleet-overcommit", "refusal");
    QVERIFY2(refusal.find("160 connections cannot serve 17,998 requests/s") != std::string::npos
            || refusal.find("160 connections cannot serve 18,000 requests/s") != std::string::npos,
        refusal.c_str());
    QVERIFY2(refusal.find("9,202/s") != std::string::npos, refusal.c_str());
    QVERIFY2(refusal.find("49 %") != std::string::npos, refusal.c_str());
    QCOMPARE(f.text("SELECT ceiling || ' ' || ceiling_value FROM pool_verdict WHERE instance IS NULL"),
        std::string("max_connections of db1 200.0"));
    QCOMPARE(f.severity("pool-demand-exceeds-size"), std::string("critical"));
}

void TestPoolRules::oversized()
{
    fires("pool-oversized", "warning", [](LogFixture &f) { topology(f, 2, 20, 200, 4); }); // 40 against 9
    silent("pool-oversized", [](LogFixture &f) { topology(f, 1, 9, 200, 4); });
    silent("pool-oversized", [](LogFixture &f) { topology(f, 40, 20, 200); }); // cores unknown
}

void TestPoolRules::demand()
{
    const auto held = [](double rate, double ms) {
        return [rate, ms](LogFixture &f) {
            Shape shape;
            shape.capacity = 100;
            shape.active = constant(std::min(100.0, rate * ms / 1000));
            shape.rate = constant(rate);
            shape.serviceMs = constant(ms);
            samples(f, shape);
        };
    };
    fires("pool-demand-exceeds-size", "critical", held(3000, 40));
    fires("pool-demand-exceeds-size", "warning", held(3000, 20));
    silent("pool-demand-exceeds-size", held(2000, 20));
    silent("pool-demand-exceeds-size", [](LogFixture &f) {
        samples(f, Shape{300, 1, 20, constant(19), {}, {}, {}, {}});
    });
}

void TestPoolRules::leak()
{
    const auto shape = [](std::function<double(double)> active, std::function<double(double)> rate) {
        return [active, rate](LogFixture &f) {
            Shape made;
            made.seconds = 3 * 3600;
            made.active = active;
            made.rate = rate;
            samples(f, made);
        };
    };
    const auto steps = [](double s) { return std::floor(1 + s / 540); };
    fires("pool-leak", "critical", shape(steps, constant(50)));
    fires("pool-leak", "warning", shape([](double s) { return std::floor(1 + s / 1800); }, constant(50)));
    silent("pool-leak", shape(constant(12), constant(50)));
    // It follows the load.
    silent("pool-leak",
        shape([](double s) { return std::floor(1 + s / 600); }, [](double s) { return 50 + s / 12; }));
}

void TestPoolRules::idleInTransaction()
{
    const auto idle = [](LogFixture &f, int pid, double ageS, double queryAgeS) {
        const std::int64_t now = LogFixture::kStartNs + std::int64_t(600e9);
        f.record(RecordTable::SessionSample,
            {{"ts_ns", now}, {"pid", pid}, {"state", std::string("idle in transaction")},
                {"application", std::string("checkout")}, {"state_change_ns", now - std::int64_t(ageS * 1e9)},
                {"query_start_ns", now - std::int64_t(queryAgeS * 1e9)}});
    };
    LogFixture f;
    for (int i = 0; i < 20; ++i)
        idle(f, 200 + i, 5, 5);
    idle(f, 11, 31, 31);
    idle(f, 12, 44, 44);
    idle(f, 13, 90, 90);
    idle(f, 14, 2, 400); // an old query, but it moved two seconds ago
    evaluate(f, "pool-idle-in-transaction");
    QCOMPARE(f.evidence("pool-idle-in-transaction", "n"), std::string("3"));
    QCOMPARE(f.severity("pool-idle-in-transaction"), std::string("warning"));
    fires("pool-idle-in-transaction", "critical", [&](LogFixture &g) { idle(g, 11, 301, 301); });
    silent("pool-idle-in-transaction", [&](LogFixture &g) { idle(g, 11, 30, 30); });
}

void TestPoolRules::poolerMode()
{
    const auto statement = [](const char *sql) { return [sql](LogFixture &f) { f.statementId(sql); }; };
    const Fill transaction = [](LogFixture &f) { config(f, "pool", "shop", "", "pool_mode", "transaction"); };
    fires("pgbouncer-mode-incompatible", "warning", transaction, statement("LISTEN jobs"));
    fires("pgbouncer-mode-incompatible", "warning", transaction, statement("SET statement_timeout = '5s'"));
    silent("pgbouncer-mode-incompatible", transaction, statement("SET LOCAL statement_timeout = '5s'"));
    silent(
        "pgbouncer-mode-incompatible",
        [](LogFixture &f) { config(f, "pool", "shop", "", "pool_mode", "session"); },
        statement("LISTEN jobs"));
    fires(
        "pgbouncer-mode-incompatible", "critical",
        [](LogFixture &f) { config(f, "pool", "shop", "", "pool_mode", "statement"); }, statement("BEGIN"));
    const auto prepared = [](const char *most) {
        return [most](LogFixture &f) {
            config(f, "pool", "shop", "", "pool_mode", "transaction");
            if (most)
                config(f, "pool", "shop", "", "max_prepared_statements", most);
            f.line({1, "error", "prepared statement \"S_1\" does not exist", {}, {}, "ERROR", "26000"});
        };
    };
    fires("pgbouncer-mode-incompatible", "warning", prepared("0"));
    silent("pgbouncer-mode-incompatible", prepared("100"));
}

void TestPoolRules::abandonedWork()
{
    fires("pool-abandoned-work", "warning", [](LogFixture &f) {
        topology(f, 1, 20, 200);
        Shape shape;
        shape.active = constant(4);
        samples(f, shape);
    });
    fires("pool-abandoned-work", "critical", [](LogFixture &f) {
        topology(f, 1, 20, 200);
        Shape shape = exhausted();
        shape.waiting = [](double s) { return s < 60 ? 0 : (s - 60) * 100; };
        samples(f, shape);
    });
    silent("pool-abandoned-work",
        [](LogFixture &f) { samples(f, exhausted()); }); // no limit of the client known
}

void TestPoolRules::mostlyIdle()
{
    const auto used = [](double active, double capacity) {
        return [active, capacity](LogFixture &f) {
            Shape shape;
            shape.capacity = capacity;
            shape.active = constant(active);
            samples(f, shape);
        };
    };
    fires("pool-mostly-idle", "warning", used(5, 100));
    fires("pool-mostly-idle", "info", used(25, 100));
    silent("pool-mostly-idle", used(5, 40));
    silent("pool-mostly-idle", used(60, 100));
}

void TestPoolRules::connectionChurn()
{
    const auto opened = [](double perSecond) {
        return [perSecond](LogFixture &f) {
            for (int i = 0; i <= 60; ++i)
                f.record(RecordTable::PoolSample,
                    {{"pool", std::string("main")}, {"kind", std::string("connection")},
                        {"ts_ns", LogFixture::kStartNs + std::int64_t(i) * 1'000'000'000}, {"capacity", 10.0},
                        {"active", 4.0}, {"acquired", i * 100.0}, {"created", i * perSecond}});
        };
    };
    fires("pool-connections-not-kept", "warning", opened(20));
    silent("pool-connections-not-kept", opened(5));
}

QTEST_GUILESS_MAIN(TestPoolRules)
#include "tst_poolrules.moc"
