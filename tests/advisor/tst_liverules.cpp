// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules over what an attached server tells: sessions, locks, vacuum, counters. On samples they must find and
// on neighbours.
#include "logfixture.h"

#include <functional>

#include <QTest>

using namespace tailscope;
using testing::LogFixture;

namespace {

using Fill = std::function<void(LogFixture &)>;
using Fields = LogFixture::Fields;

std::int64_t at(double second) { return LogFixture::kStartNs + std::int64_t(second * 1e9); }
const std::string kBench = R"({"database":"bench"})";

void edge(LogFixture &f, double second, int blocked, int blocker, const std::string &mode, double waitedMs,
    const std::string &type = "relation")
{
    f.record(RecordTable::LockEdge,
        {{"ts_ns", at(second)}, {"blocked_pid", std::int64_t(blocked)},
            {"blocker_pid", std::int64_t(blocker)}, {"mode", mode}, {"lock_type", type},
            {"relation", std::string("orders")}, {"waited_ms", waitedMs}});
}

/// Readers queue behind an ALTER that waits for a transaction which is idle.
void ddlQueue(LogFixture &f, int readers, double waitedMs, const std::string &alter = "AccessExclusiveLock",
    const std::string &type = "relation")
{
    f.record(RecordTable::SessionSample,
        {{"ts_ns", at(1)}, {"pid", std::int64_t(10)}, {"state", std::string("idle in transaction")},
            {"application", std::string("report")}});
    edge(f, 2, 20, 10, alter, waitedMs, type);
    for (int i = 0; i < readers; ++i)
        edge(f, 2, 100 + i, 20, "AccessShareLock", waitedMs / 2, type);
}

void transaction(LogFixture &f, double seconds, const Fields &more = {})
{
    for (double s = 60; s <= seconds; s += 60) {
        Fields fields{{"ts_ns", at(s)}, {"pid", std::int64_t(7)}, {"xact_start_ns", at(0)},
            {"state", std::string("active")}, {"backend_type", std::string("client backend")}};
        fields.insert(fields.end(), more.begin(), more.end());
        f.record(RecordTable::SessionSample, fields);
    }
}

void holder(LogFixture &f, const std::string &kind, double sinceSecond, double lastSecond)
{
    f.record(RecordTable::XminHolder,
        {{"ts_ns", at(lastSecond)}, {"kind", kind}, {"name", std::string("report")}, {"pid", std::int64_t(9)},
            {"xmin_age", std::int64_t(50'000)}, {"since_ns", at(sinceSecond)}});
}

void table(LogFixture &f, double second, int dead, int vacuums)
{
    f.record(RecordTable::TableSample,
        {{"ts_ns", at(second)}, {"relid", std::int64_t(1)}, {"relname", std::string("orders")},
            {"n_dead_tup", std::int64_t(dead)}, {"autovacuum_count", std::int64_t(vacuums)}});
}

void connections(LogFixture &f, double used)
{
    f.series("postgresql.backends", kBench, {3, used - 2}, 60, SeriesKind::Gauge);
    f.series("postgresql.backends", R"({"database":"postgres"})", {1, 2}, 60, SeriesKind::Gauge);
    for (const auto &[name, value] :
        {std::pair("max_connections", "103"), std::pair("superuser_reserved_connections", "3")})
        f.record(RecordTable::Setting,
            {{"ts_ns", at(0)}, {"name", std::string(name)}, {"setting", std::string(value)}});
}

/// Counters every ten minutes of an hour that begins with one.
std::vector<double> rising(double step) { return {1000, 1000 + step, 1000 + 2 * step, 1000 + 3 * step}; }

void statement(LogFixture &f, double meanBefore, double meanAfter, int callsEach)
{
    const std::int64_t calls[] = {100, 100 + callsEach, 100 + 2 * callsEach};
    const double total[] = {100, 100 + callsEach * meanBefore, 100 + callsEach * (meanBefore + meanAfter)};
    for (int i = 0; i < 3; ++i)
        f.record(RecordTable::StatementSample,
            {{"ts_ns", at(i * 60)}, {"statement_id", std::string("SELECT * FROM orders WHERE id = $1")},
                {"calls", calls[i]}, {"total_ms", total[i]}, {"epoch", std::int64_t(1)}});
}

void slot(LogFixture &f, std::int64_t retained, std::int64_t safe)
{
    f.record(RecordTable::SlotSample,
        {{"ts_ns", at(1)}, {"slot", std::string("replica1")}, {"retained_bytes", retained},
            {"safe_wal_bytes", safe}, {"wal_status", std::string("extended")}});
}

} // namespace

class TestLiveRules : public QObject
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
                    .text("SELECT coalesce((SELECT group_concat(rule_id || ' ' || evidence, char(10)) FROM "
                          "finding), "
                          "'') || coalesce((SELECT group_concat(rule_id || ' ' || state) FROM rule_run), '')")
                    .c_str());
        QCOMPARE(rule + (' ' + found), rule + (' ' + std::string(expected)));
    }
    static void silent(const char *rule, const Fill &fill) { fires(rule, "", fill); }

private Q_SLOTS:
    void schemaChange();
    void longTransaction();
    void preparedTransaction();
    void heldBack();
    void connectionLimit();
    void slotLimit();
    void slowerStatement();
    void rollbacks();
    void deadlocks();
    void temporaryBytes();
    void hitRatio();
    void checkpoints();
    void oldTables();
};

void TestLiveRules::schemaChange()
{
    fires("lock-ddl-queue", "critical", [](LogFixture &f) { ddlQueue(f, 5, 1000); });
    fires("lock-ddl-queue", "critical", [](LogFixture &f) { ddlQueue(f, 1, 20'000); });
    // An index that is built without CONCURRENTLY holds its lock: writers wait, it does not.
    fires("lock-ddl-queue", "critical", [](LogFixture &f) {
        for (int i = 0; i < 6; ++i)
            f.record(RecordTable::LockEdge,
                {{"ts_ns", at(3)}, {"blocked_pid", std::int64_t(200 + i)}, {"blocker_pid", std::int64_t(30)},
                    {"mode", std::string("RowExclusiveLock")}, {"granted_mode", std::string("ShareLock")},
                    {"lock_type", std::string("relation")}, {"relation", std::string("orders")}});
    });
    silent("lock-ddl-queue", [](LogFixture &f) { ddlQueue(f, 4, 1000); });
    silent("lock-ddl-queue", [](LogFixture &f) { ddlQueue(f, 0, 60'000); }); // nobody behind it
    silent("lock-ddl-queue", [](LogFixture &f) { ddlQueue(f, 6, 20'000, "ShareUpdateExclusiveLock"); });
    silent("lock-ddl-queue", [](LogFixture &f) { ddlQueue(f, 6, 20'000, "ShareLock", "transactionid"); });

    LogFixture told;
    ddlQueue(told, 5, 8000);
    told.done();
    told.findings("lock-ddl-queue");
    QCOMPARE(told.evidence("lock-ddl-queue", "pid"), std::string("20"));
    QCOMPARE(told.evidence("lock-ddl-queue", "root_pid"), std::string("10"));
    QCOMPARE(told.evidence("lock-ddl-queue", "waiters"), std::string("5"));
    QCOMPARE(told.evidence("lock-ddl-queue", "root_text"),
        std::string(" behind process 10 (idle in transaction, report)"));
}

void TestLiveRules::longTransaction()
{
    fires("txn-long-running", "warning", [](LogFixture &f) { transaction(f, 300); });
    fires("txn-long-running", "critical", [](LogFixture &f) { transaction(f, 3600); });
    fires("txn-long-running", "critical", [](LogFixture &f) {
        transaction(f, 300);
        edge(f, 200, 8, 7, "ShareLock", 10, "transactionid");
    });
    silent("txn-long-running", [](LogFixture &f) { transaction(f, 240); });
    silent("txn-long-running", [](LogFixture &f) {
        transaction(f, 600, {{"application", std::string("tailscope")}});
    });
    silent("txn-long-running", [](LogFixture &f) {
        transaction(f, 600);
        f.record(RecordTable::ProgressSample,
            {{"ts_ns", at(590)}, {"pid", std::int64_t(7)}, {"command", std::string("create_index")}});
    });
    // A COPY of a second long before, and another backend with the number long after.
    fires("txn-long-running", "warning", [](LogFixture &f) {
        transaction(f, 600);
        for (const double second : {100.0, 5000.0})
            f.record(RecordTable::ProgressSample,
                {{"ts_ns", at(second)}, {"pid", std::int64_t(7)}, {"command", std::string("copy")}});
    });
    silent("txn-long-running", [](LogFixture &f) {
        f.record(RecordTable::SessionSample,
            {{"ts_ns", at(9000)}, {"pid", std::int64_t(7)}, {"xact_start_ns", at(0)},
                {"backend_type", std::string("walsender")}});
    });
}

void TestLiveRules::preparedTransaction()
{
    fires("txn-prepared-orphan", "critical", [](LogFixture &f) { holder(f, "prepared", 0, 300); });
    silent("txn-prepared-orphan", [](LogFixture &f) { holder(f, "prepared", 0, 299); });
    silent("txn-prepared-orphan", [](LogFixture &f) { holder(f, "session", 0, 3000); });
}

void TestLiveRules::heldBack()
{
    const auto grown = [](LogFixture &f, int dead, int vacuums) {
        table(f, 10, 1000, 3);
        table(f, 1800, dead, vacuums);
    };
    fires("vacuum-held-back", "warning", [&](LogFixture &f) {
        holder(f, "session", 0, 1800);
        grown(f, 90'000, 5);
    });
    fires("vacuum-held-back", "critical", [&](LogFixture &f) {
        holder(f, "slot", 0, 14'400);
        grown(f, 90'000, 5);
    });
    silent("vacuum-held-back", [&](LogFixture &f) {
        holder(f, "session", 0, 1700);
        grown(f, 90'000, 5);
    });
    silent("vacuum-held-back", [&](LogFixture &f) {
        holder(f, "session", 0, 1800);
        grown(f, 900, 5); // it removes
    });
    silent("vacuum-held-back", [&](LogFixture &f) {
        holder(f, "session", 0, 1800);
        grown(f, 90'000, 3); // it never ran
    });
}

void TestLiveRules::connectionLimit()
{
    fires("conn-near-limit", "warning", [](LogFixture &f) { connections(f, 80); });
    fires("conn-near-limit", "critical", [](LogFixture &f) { connections(f, 95); });
    silent("conn-near-limit", [](LogFixture &f) { connections(f, 79); });
}

void TestLiveRules::slotLimit()
{
    fires("repl-slot-near-limit", "warning", [](LogFixture &f) { slot(f, 51'000'000, 49'000'000); });
    fires("repl-slot-near-limit", "critical", [](LogFixture &f) { slot(f, 90'000'000, 10'000'000); });
    silent("repl-slot-near-limit", [](LogFixture &f) { slot(f, 50'000'000, 50'000'000); });
    // Once it is lost it tells no figures.
    const auto lose = [](LogFixture &f) {
        f.record(RecordTable::SlotSample,
            {{"ts_ns", at(2)}, {"slot", std::string("replica1")}, {"wal_status", std::string("lost")}});
    };
    const auto lost = [&](LogFixture &f) {
        slot(f, 20'000'000'000, 80'000'000'000);
        lose(f);
    };
    fires("repl-slot-near-limit", "critical", lost);
    silent("repl-retained-wal", lost); // nothing is kept any more
    fires("repl-retained-wal", "warning", [](LogFixture &f) { slot(f, 20'000'000'000, 80'000'000'000); });
}

void TestLiveRules::slowerStatement()
{
    fires("stmt-mean-doubled", "warning", [](LogFixture &f) { statement(f, 10, 25, 100); });
    silent("stmt-mean-doubled", [](LogFixture &f) { statement(f, 10, 19, 1000); });
    silent("stmt-mean-doubled", [](LogFixture &f) { statement(f, 10, 25, 40); }); // few calls
    silent("stmt-mean-doubled", [](LogFixture &f) { statement(f, 0.1, 0.3, 1000); }); // 200 ms in all
    LogFixture told;
    statement(told, 10, 25, 100);
    told.done();
    told.findings("stmt-mean-doubled");
    QCOMPARE(told.evidence("stmt-mean-doubled", "mean_before_ms"), std::string("10"));
    QCOMPARE(told.evidence("stmt-mean-doubled", "mean_after_ms"), std::string("25"));
}

void TestLiveRules::rollbacks()
{
    const auto fill = [](double commits, double rollbacks) {
        return [=](LogFixture &f) {
            f.series("postgresql.commits", kBench, rising(commits), 600);
            f.series("postgresql.rollbacks", kBench, rising(rollbacks), 600);
        };
    };
    fires("db-rollbacks", "warning", fill(940, 60));
    silent("db-rollbacks", fill(960, 40));
    silent("db-rollbacks", fill(100, 30)); // 90 in all
    // A restart counts from 0, not backwards.
    silent("db-rollbacks", [](LogFixture &f) {
        f.series("postgresql.commits", kBench, {100'000, 110'000, 10'000}, 600);
        f.series("postgresql.rollbacks", kBench, {50'000, 50'100, 100}, 600);
    });
}

void TestLiveRules::deadlocks()
{
    fires("db-deadlocks", "warning", [](LogFixture &f) {
        f.series("postgresql.deadlocks", kBench, {4, 4, 5}, 60);
    });
    fires("db-deadlocks", "critical", [](LogFixture &f) {
        f.series("postgresql.deadlocks", kBench, {4, 14}, 60);
    });
    silent("db-deadlocks", [](LogFixture &f) { f.series("postgresql.deadlocks", kBench, {4, 4, 4}, 60); });
    silent("db-deadlocks", [](LogFixture &f) {
        f.series("postgresql.deadlocks", kBench, {4, 14}, 60);
        f.deadlock(30, {{1, "UPDATE a SET x = 1"}, {2, "UPDATE a SET x = 2"}});
    });
}

void TestLiveRules::temporaryBytes()
{
    const auto fill = [](double step) {
        return [=](LogFixture &f) {
            f.series("postgresql.temp_bytes", kBench, rising(step), 600);
            f.series("postgresql.temp_files", kBench, rising(10), 600);
        };
    };
    fires("db-temp-bytes", "warning", fill(0.34e9));
    fires("db-temp-bytes", "critical", fill(20e9));
    silent("db-temp-bytes", fill(0.3e9));
}

void TestLiveRules::hitRatio()
{
    const auto fill = [](double hit, double read) {
        return [=](LogFixture &f) {
            f.series("postgresql.blocks_hit", kBench, rising(hit), 600);
            f.series("postgresql.blocks_read", kBench, rising(read), 600);
        };
    };
    fires("db-buffer-hit-ratio", "warning", fill(3'000'000, 60'000));
    fires("db-buffer-hit-ratio", "critical", fill(500'000, 60'000));
    silent("db-buffer-hit-ratio", fill(10'000'000, 60'000));
    silent("db-buffer-hit-ratio", fill(1000, 30'000)); // few reads
}

void TestLiveRules::checkpoints()
{
    const auto fill = [](double timed, double requested) {
        return [=](LogFixture &f) {
            f.series("postgresql.checkpoint.timed", "{}", rising(timed), 600);
            f.series("postgresql.checkpoint.requested", "{}", rising(requested), 600);
        };
    };
    fires("checkpoint-requested", "warning", fill(2, 1));
    silent("checkpoint-requested", fill(2, 0));
    silent("checkpoint-requested", fill(30, 2)); // 6 of 96
}

void TestLiveRules::oldTables()
{
    const auto aged = [](LogFixture &f, double second, std::int64_t age) {
        f.record(RecordTable::DbTable,
            {{"oid", std::int64_t(1)}, {"schemaname", std::string("public")},
                {"relname", std::string("orders")}, {"relfrozenxid_age", std::int64_t(700'000'000)}});
        f.record(RecordTable::TableSample,
            {{"ts_ns", at(second)}, {"relid", std::int64_t(1)}, {"schemaname", std::string("public")},
                {"relname", std::string("orders")}, {"relfrozenxid_age", age}});
    };
    fires("xid-wraparound", "warning", [&](LogFixture &f) { aged(f, 1, 600'000'000); });
    silent("xid-wraparound", [&](LogFixture &f) {
        aged(f, 1, 600'000'000);
        aged(f, 2, 1'000); // a vacuum later
    });
}

QTEST_GUILESS_MAIN(TestLiveRules)
#include "tst_liverules.moc"
