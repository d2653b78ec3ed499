// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules on deadlocks, waits for locks and other lines of a server's log, on logs they must find and on
// neighbours.
#include "logfixture.h"

#include <functional>

#include <QTest>

using namespace tailscope;
using testing::LogFixture;
using testing::TestLine;

namespace {

using Fill = std::function<void(LogFixture &)>;

const std::string kPay = "UPDATE orders SET state = 'paid' WHERE id = 7";
const std::string kShip = "UPDATE orders SET shipped = true WHERE id = 8 AND state = 'paid'";
const std::string kChild = "INSERT INTO order_items (order_id, sku) VALUES (7, 'a')";
const std::string kParent = "SELECT * FROM orders WHERE id = 7 FOR UPDATE";

void deadlocks(LogFixture &f, int n, double fromSecond, double everySeconds, const std::string &a,
    const std::string &b)
{
    for (int i = 0; i < n; ++i)
        f.deadlock(fromSecond + i * everySeconds, {{100 + i, a}, {5000 + i, b}});
}

void foreignKey(LogFixture &f)
{
    f.record(RecordTable::DbTable, {{"oid", 1}, {"schemaname", "public"}, {"relname", "orders"}});
    f.record(RecordTable::DbTable, {{"oid", 2}, {"schemaname", "public"}, {"relname", "order_items"}});
    f.record(RecordTable::DbColumn,
        {{"attrelid", 1}, {"relname", "orders"}, {"attnum", 1}, {"attname", "id"}});
    f.record(RecordTable::DbConstraint,
        {{"relname", "order_items"}, {"conname", "order_items_order_fkey"}, {"contype", "f"}, {"conrelid", 2},
            {"confrelid", 1}, {"confkey", "{1}"}});
}

void waits(LogFixture &f, int n, double waitedMs)
{
    for (int i = 0; i < n; ++i)
        f.record(RecordTable::LockEdge,
            {{"ts_ns", LogFixture::kStartNs + std::int64_t(60e9) + i}, {"blocked_pid", 200 + i},
                {"blocker_pid", 10}, {"mode", "ShareLock"}, {"lock_type", "transactionid"},
                {"waited_ms", waitedMs}});
}

} // namespace

class TestLockRules : public QObject
{
    Q_OBJECT

    static void fires(const char *rule, const char *expected, const Fill &fill)
    {
        LogFixture fixture;
        fill(fixture);
        fixture.done();
        fixture.findings(rule);
        const std::string found = fixture.severity(rule);
        if (found != expected)
            qInfo("%s",
                fixture
                    .text("SELECT coalesce(group_concat(rule_id || ' ' || evidence, char(10)), '') FROM "
                          "finding")
                    .c_str());
        QCOMPARE(rule + (' ' + found), rule + (' ' + std::string(expected)));
    }
    static void silent(const char *rule, const Fill &fill) { fires(rule, "", fill); }

private Q_SLOTS:
    void oppositeOrder();
    void fifteenAMinute();
    void rate();
    void parentAndChild();
    void unclassified();
    void chains();
    void chainThroughTheMiddle();
    void temporaryFiles();
    void checkpoints();
    void autovacuum();
    void errorsJump();
    void connections();
    void serialization();
};

void TestLockRules::oppositeOrder()
{
    fires("deadlock-opposite-order", "critical", [](LogFixture &f) { deadlocks(f, 20, 0, 4, kPay, kShip); });
    fires("deadlock-opposite-order", "warning", [](LogFixture &f) { deadlocks(f, 3, 0, 300, kPay, kPay); });
    fires("deadlock-opposite-order", "info", [](LogFixture &f) { deadlocks(f, 1, 0, 1, kPay, kShip); });
    fires("deadlock-opposite-order", "warning",
        [](LogFixture &f) { deadlocks(f, 2, 0, 300, kParent, "DELETE FROM orders WHERE id = 3"); });
    // Other tables, one side that only inserts, and statements of which nothing is known.
    silent("deadlock-opposite-order",
        [](LogFixture &f) { deadlocks(f, 20, 0, 4, kPay, "UPDATE stock SET n = n - 1 WHERE sku = 'a'"); });
    silent("deadlock-opposite-order", [](LogFixture &f) { deadlocks(f, 20, 0, 4, kChild, kChild); });
    silent("deadlock-opposite-order",
        [](LogFixture &f) { deadlocks(f, 20, 0, 4, "<insufficient privilege>", kPay); });
}

void TestLockRules::fifteenAMinute()
{
    LogFixture f;
    deadlocks(f, 15 * 40, 0, 4, kPay, kShip);
    deadlocks(f, 200 * 10, 2400, 0.3, kPay, kShip);
    f.done();
    f.findings();
    const auto evidence = [&](const char *rule, const char *column) { return f.evidence(rule, column); };
    QCOMPARE(evidence("deadlock-opposite-order", "n"), std::string("2600"));
    QCOMPARE(evidence("deadlock-opposite-order", "typical_per_min"), std::string("15"));
    QCOMPARE(evidence("deadlock-opposite-order", "peak_per_min"), std::string("200"));
    QCOMPARE(evidence("deadlock-opposite-order", "statement_a"), kPay);
    QCOMPARE(evidence("deadlock-opposite-order", "statement_b"), kShip);
    QCOMPARE(evidence("deadlock-rate", "phases"), std::string("It rises to 200 a minute for 10 minutes."));
    QCOMPARE(f.text("SELECT title FROM finding WHERE rule_id = 'deadlock-opposite-order'"),
        std::string("Deadlocks on orders (2,600): rows are locked in opposite order"));
    QCOMPARE(f.severity("deadlock-unclassified"), std::string());
}

void TestLockRules::rate()
{
    fires("deadlock-rate", "critical", [](LogFixture &f) { deadlocks(f, 2, 0, 10, kPay, kShip); });
    fires("deadlock-rate", "warning", [](LogFixture &f) { deadlocks(f, 2, 0, 86'400, kPay, kShip); });
    silent("deadlock-rate", [](LogFixture &f) { deadlocks(f, 2, 0, 600, kPay, kShip); });
}

void TestLockRules::parentAndChild()
{
    fires("deadlock-parent-child", "warning", [](LogFixture &f) {
        foreignKey(f);
        deadlocks(f, 2, 0, 60, kChild, kParent);
    });
    fires("deadlock-parent-child", "warning", [](LogFixture &f) {
        foreignKey(f);
        deadlocks(f, 2, 0, 60, "UPDATE orders SET id = 9 WHERE id = 7", kChild);
    });
    // A plain update of other columns takes no lock that collides.
    silent("deadlock-parent-child", [](LogFixture &f) {
        foreignKey(f);
        deadlocks(f, 2, 0, 60, kChild, kPay);
    });
    silent("deadlock-parent-child", [](LogFixture &f) {
        foreignKey(f);
        deadlocks(f, 2, 0, 60, "INSERT INTO audit (x) VALUES (1)", kParent);
    });
}

void TestLockRules::unclassified()
{
    fires("deadlock-unclassified", "info", [](LogFixture &f) { deadlocks(f, 2, 0, 60, kChild, kChild); });
    silent("deadlock-unclassified", [](LogFixture &f) { deadlocks(f, 2, 0, 60, kPay, kShip); });
    silent("deadlock-unclassified", [](LogFixture &f) {
        foreignKey(f);
        deadlocks(f, 2, 0, 60, kChild, kParent);
    });
}

void TestLockRules::chains()
{
    fires("lock-blocking-chain", "warning", [](LogFixture &f) { waits(f, 3, 1500); });
    fires("lock-blocking-chain", "critical", [](LogFixture &f) { waits(f, 10, 1500); });
    fires("lock-blocking-chain", "critical", [](LogFixture &f) { waits(f, 1, 30'000); });
    silent("lock-blocking-chain", [](LogFixture &f) { waits(f, 20, 900); });
    // Many behind the same process, but one after the other.
    fires("lock-blocking-chain", "warning", [](LogFixture &f) {
        for (int i = 0; i < 30; ++i)
            f.record(RecordTable::LockEdge,
                {{"ts_ns", LogFixture::kStartNs + std::int64_t(60e9) * (i + 1)}, {"blocked_pid", 200 + i},
                    {"blocker_pid", 10}, {"mode", "ShareLock"}, {"waited_ms", 5000.0}});
    });
}

void TestLockRules::chainThroughTheMiddle()
{
    LogFixture f;
    const auto edge = [&](std::int64_t blocked, std::int64_t blocker, double second) {
        f.record(RecordTable::LockEdge,
            {{"ts_ns", LogFixture::kStartNs + std::int64_t(second * 1e9)}, {"blocked_pid", blocked},
                {"blocker_pid", blocker}, {"mode", "AccessExclusiveLock"}, {"relation", "users"},
                {"waited_ms", 5000.0}});
    };
    edge(2, 1, 10); // the ALTER behind the report
    edge(3, 2, 11);
    edge(4, 2, 12);
    edge(2, 9, 90'000); // a day later the same process waits for another
    f.done();
    f.findings();
    QCOMPARE(f.text("SELECT group_concat(subject_id || ':' || json_extract(evidence, '$.n') || ':'"
                    " || json_extract(evidence, '$.depth'), ' ') FROM (SELECT * FROM finding"
                    " WHERE rule_id = 'lock-blocking-chain' ORDER BY CAST(subject_id AS INTEGER))"),
        std::string("1:3:2 9:1:1"));
}

void TestLockRules::temporaryFiles()
{
    const auto files = [](int n, std::int64_t bytes) {
        return [=](LogFixture &f) {
            for (int i = 0; i < n; ++i)
                f.line({double(i), "temp_file",
                    "temporary file: path \"base/pgsql_tmp/pgsql_tmp1.0\", size " + std::to_string(bytes),
                    "SELECT * FROM orders ORDER BY total"});
        };
    };
    fires("log-temp-files", "warning", files(3, 500'000'000));
    fires("log-temp-files", "warning", files(100, 1000));
    silent("log-temp-files", files(3, 1'000'000));
}

void TestLockRules::checkpoints()
{
    const auto started = [](int n, const char *why, double every) {
        return [=](LogFixture &f) {
            for (int i = 0; i < n; ++i)
                f.line({i * every, "checkpoint", std::string("checkpoint starting: ") + why});
        };
    };
    fires("checkpoint-storm", "warning", started(12, "wal", 20));
    fires("checkpoint-storm", "warning", [](LogFixture &f) {
        for (int i = 0; i < 6; ++i)
            f.line({i * 20.0, "other", "checkpoints are occurring too frequently (20 seconds apart)"});
    });
    silent("checkpoint-storm", started(12, "time", 300));
    silent("checkpoint-storm", started(3, "wal", 20));
    silent("checkpoint-storm", started(8, "immediate force wait", 20));
}

void TestLockRules::autovacuum()
{
    const auto cancelled = [](int n, int finished) {
        return [=](LogFixture &f) {
            for (int i = 0; i < n; ++i)
                f.line({i * 60.0, "error", "canceling autovacuum task", {},
                    "while scanning block 3 of relation \"public.orders\"\nautomatic vacuum of table "
                    "\"shop.public.orders\"",
                    "ERROR"});
            for (int i = 0; i < finished; ++i)
                f.line({i * 60.0, "autovacuum",
                    "automatic vacuum of table \"shop.public.orders\": index scans: 1"});
        };
    };
    fires("log-autovacuum-cancelled", "warning", cancelled(4, 1));
    silent("log-autovacuum-cancelled", cancelled(2, 0));
    silent("log-autovacuum-cancelled", cancelled(4, 9));
    const auto took = [](const char *elapsed) {
        return [=](LogFixture &f) {
            f.line({0, "autovacuum",
                std::string("automatic vacuum of table \"shop.public.orders\": index scans: 3\nsystem usage: "
                            "CPU: user: 9 s,"
                            " system: 1 s, elapsed: ")
                    + elapsed + " s"});
        };
    };
    fires("log-autovacuum-long", "warning", took("1830.25"));
    silent("log-autovacuum-long", took("30.25"));
}

void TestLockRules::errorsJump()
{
    const auto errors = [](int usual, int peak) {
        return [=](LogFixture &f) {
            for (int minute = 0; minute < 30; ++minute) {
                for (int i = 0; i < (minute == 20 ? peak : usual); ++i)
                    f.line({minute * 60 + i * 0.1, "error",
                        "relation \"x" + std::to_string(i) + "\" does not exist", {}, {}, "ERROR", "42P01",
                        "relation \"?\" does not exist"});
                f.line({minute * 60.0, "connection", "connection received: host=h"});
            }
        };
    };
    fires("log-error-jump", "warning", errors(0, 40));
    fires("log-error-jump", "warning", errors(2, 40));
    silent("log-error-jump", errors(10, 40));
    silent("log-error-jump", errors(0, 10));
}

void TestLockRules::connections()
{
    const auto opened = [](int perMinute, const char *lived) {
        return [=](LogFixture &f) {
            for (int i = 0; i < 10 * perMinute; ++i) {
                const double second = i * 60.0 / perMinute;
                f.line({second, "connection", "connection authorized: user=shop database=shop", {}, {}, "LOG",
                    {}, {}, "shop"});
                f.line({second, "connection",
                    std::string("disconnection: session time: ") + lived
                        + " user=shop database=shop host=10.0.0.1"});
            }
        };
    };
    fires("pool-connection-churn", "warning", opened(120, "0:00:00.250"));
    silent("pool-connection-churn", opened(120, "1:02:00.250"));
    silent("pool-connection-churn", opened(10, "0:00:00.250"));
    LogFixture f;
    opened(120, "0:01:01.500")(f);
    opened(60, "0:00:02.500")(f);
    f.done();
    f.findings();
    QCOMPARE(f.severity("pool-connection-churn"), std::string());
}

void TestLockRules::serialization()
{
    const auto aborted = [](int n) {
        return [=](LogFixture &f) {
            for (int i = 0; i < n; ++i)
                f.line({double(i), "error", "could not serialize access due to concurrent update", kPay, {},
                    "ERROR", "40001"});
        };
    };
    fires("txn-serialization-failures", "info", aborted(30));
    silent("txn-serialization-failures", aborted(5));
    for (const int calls : {100, 10'000}) {
        LogFixture f;
        aborted(30)(f);
        f.done();
        f.stat({kPay, calls, 100.0 * calls});
        f.findings();
        QCOMPARE(f.severity("txn-serialization-failures"), std::string(calls == 100 ? "warning" : ""));
    }
}

QTEST_GUILESS_MAIN(TestLockRules)
#include "tst_lockrules.moc"
