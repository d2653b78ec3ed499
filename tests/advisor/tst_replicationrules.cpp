// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules on replicas and queues, on samples they must find and on neighbours.
#include "analysis/workspaceanalyses.h"
#include "logfixture.h"

#include <cmath>
#include <functional>

#include <QTest>

using namespace tailscope;
using testing::LogFixture;

namespace {

using Fill = std::function<void(LogFixture &)>;
using Fields = LogFixture::Fields;

std::int64_t at(double second) { return LogFixture::kStartNs + std::int64_t(second * 1e9); }

constexpr std::int64_t kMb = 1'000'000;

/// The verdicts the rules ask for.
void judge(LogFixture &f)
{
    std::vector<analysis::WorkspaceAnalysis> wanted;
    for (const analysis::WorkspaceAnalysis &each : analysis::workspaceAnalyses()) {
        if (each.kind == "lag_verdict" || each.kind == "queue_verdict")
            wanted.push_back(each);
    }
    QCOMPARE(wanted.size(), std::size_t(2));
    const auto done = analysis::refreshWorkspaceAnalyses(f.workspace(), wanted, {});
    QVERIFY2(done, done ? "" : done.error().toText().c_str());
}

/// pg_stat_replication: bytes of a stage grow with the lag, 8 MB for each second of it.
void replica(LogFixture &f, const std::string &name, const std::string &stage,
    const std::function<double(int)> &lagMs, int seconds, const Fields &more = {})
{
    for (int s = 0; s <= seconds; s += 10) {
        const double lag = lagMs(s);
        const std::int64_t current = 1'000'000 * kMb + 8 * kMb * s, behind = std::int64_t(lag * 8'000);
        const std::int64_t sent = current - (stage == "unsent" ? behind : 0);
        const std::int64_t flushed = sent - (stage == "unwritten" ? behind : 0);
        Fields fields{{"replica", name}, {"ts_ns", at(s)}, {"state", "streaming"}, {"sync_state", "async"},
            {"current_position", current}, {"sent_position", sent}, {"write_position", flushed},
            {"flush_position", flushed}, {"replay_position", flushed - (stage == "unreplayed" ? behind : 0)},
            {"replay_lag_ms", lag}};
        fields.insert(fields.end(), more.begin(), more.end());
        f.record(RecordTable::ReplicaSample, fields);
    }
}

double stalled(int s) { return s < 100 ? 200 : (s - 100) * 1'000.0; }
double slow(int s) { return s < 100 ? 200 : (s - 100) * 400.0; }
double healthy(int) { return 300; }

void session(LogFixture &f, int seconds, int sinceSecond)
{
    for (int s = sinceSecond + 60; s <= seconds; s += 60)
        f.record(RecordTable::SessionSample,
            {{"ts_ns", at(s)}, {"pid", 4'711}, {"xact_start_ns", at(sinceSecond)}, {"application", "bi"},
                {"state", "active"}, {"statement_id", "SELECT 1"}});
}

/// What a standby with a live link says of itself while it lags; sessions of its server are its own.
void lagging(LogFixture &f, const std::string &name, const std::function<double(int)> &lagMs, int seconds)
{
    for (int s = 0; s <= seconds; s += 10) {
        const std::int64_t received = 1'000'000 * kMb + 8 * kMb * s;
        f.record(RecordTable::ReplicaSample,
            {{"replica", name}, {"ts_ns", at(s)}, {"state", "streaming"}, {"receive_position", received},
                {"replay_position", received - std::int64_t(lagMs(s) / 1'000 * 8) * kMb},
                {"replay_age_ms", lagMs(s)}, {"link_age_ms", 500.0}});
    }
}

/// The standby itself.
void standby(LogFixture &f, bool linked)
{
    for (int s = 0; s <= 300; s += 10)
        f.record(RecordTable::ReplicaSample,
            {{"replica", "r1"}, {"ts_ns", at(s)}, {"receive_position", 5'000}, {"replay_position", 5'000},
                {"replay_age_ms", s * 1'000.0}, {"link_age_ms", linked ? 3'000.0 : s * 1'000.0}});
}

void slot(LogFixture &f, std::int64_t active, std::int64_t gb, std::int64_t mbPerSecond)
{
    for (int s = 0; s <= 100; s += 10)
        f.record(RecordTable::SlotSample,
            {{"slot", "old"}, {"kind", "logical"}, {"ts_ns", at(s)}, {"active", active},
                {"retained_bytes", gb * 1'000 * kMb + mbPerSecond * kMb * s}, {"wal_status", "extended"}});
}

void setting(LogFixture &f, const std::string &names)
{
    f.record(RecordTable::Setting,
        {{"ts_ns", at(0)}, {"name", "synchronous_standby_names"}, {"setting", names}});
}

void acknowledgements(LogFixture &f, double far, double near)
{
    for (int s = 0; s < 100; s += 10) {
        f.record(RecordTable::ReplicaSample, {{"replica", "far"}, {"ts_ns", at(s)}, {"flush_lag_ms", far}});
        f.record(RecordTable::ReplicaSample, {{"replica", "near"}, {"ts_ns", at(s)}, {"flush_lag_ms", near}});
    }
}

void hanging(LogFixture &f)
{
    for (int s = 0; s <= 20; s += 5) {
        for (int pid = 1; pid <= 30; ++pid)
            f.record(RecordTable::SessionSample,
                {{"ts_ns", at(s)}, {"pid", pid}, {"wait_event_type", "IPC"}, {"wait_event", "SyncRep"},
                    {"state", "active"}, {"state_change_ns", at(0)}});
    }
}

/// Minute samples of a queue: arrivals and completions a minute, members.
struct Stage
{
    int minutes;
    double arrive, finish;
    int members;
};
void queue(LogFixture &f, const std::string &group, const std::vector<Stage> &stages, int partitions = 1,
    const Fields &more = {})
{
    double arrived = 1'000'000, completed = arrived;
    int minute = 0;
    for (const Stage &stage : stages) {
        for (int i = 0; i < stage.minutes; ++i, ++minute) {
            arrived += stage.arrive;
            completed = std::min(arrived, completed + stage.finish);
            for (int p = 0; p < partitions; ++p) {
                Fields fields{{"queue", "orders"}, {"consumer_group", group},
                    {"partition", std::to_string(p)}, {"ts_ns", at(minute * 60.0)},
                    {"position", std::int64_t(completed / partitions)},
                    {"end_position", std::int64_t(arrived / partitions)}, {"members", stage.members},
                    {"assigned", stage.members > 0 ? 1 : 0}};
                fields.insert(fields.end(), more.begin(), more.end());
                f.record(RecordTable::QueueSample, fields);
            }
        }
    }
}

void depths(LogFixture &f, const std::string &name, const std::vector<double> &values)
{
    for (std::size_t i = 0; i < values.size(); ++i)
        f.record(RecordTable::QueueSample,
            {{"queue", name}, {"ts_ns", at(double(i) * 60)}, {"depth", values[i]}});
}

} // namespace

class TestReplicationRules : public QObject
{
    Q_OBJECT

    static void fires(const char *rule, const char *expected, const Fill &fill)
    {
        LogFixture fixture;
        fill(fixture);
        fixture.done();
        judge(fixture);
        fixture.findings(rule);
        const std::string found = fixture.severity(rule);
        if (found != expected)
            qInfo("%s",
                fixture
                    .text("SELECT coalesce(group_concat(rule_id || ': ' || state, '; '), '') FROM rule_run")
                    .c_str());
        QCOMPARE(found, std::string(expected));
        const std::string open
            = fixture.text("SELECT coalesce(group_concat(title || summary), '') FROM finding");
        QVERIFY2(open.find('{') == std::string::npos, open.c_str());
    }
    static void silent(const char *rule, const Fill &fill)
    {
        LogFixture fixture;
        fill(fixture);
        fixture.done();
        judge(fixture);
        fixture.findings(rule);
        QCOMPARE(fixture.severity(rule), std::string());
    }

private Q_SLOTS:
    void lag();
    void aReport();
    void stages();
    void idleAndCut();
    void paused();
    void staleReads();
    void slots();
    void tolerance();
    void synchronous();
    void failover();
    void together();
    void queuesThatGrow();
    void queuesThatStand();
    void consumers();
    void asideAndInMemory();
    void tablesThatStop();
};

void TestReplicationRules::lag()
{
    fires("repl-lag-threshold", "critical",
        [](LogFixture &f) { replica(f, "r1", "unreplayed", stalled, 900); });
    fires("repl-lag-threshold", "warning", [](LogFixture &f) {
        replica(
            f, "r1", "unreplayed", [](int s) { return s < 100 ? 200.0 : 20'000.0; }, 900);
    });
    silent("repl-lag-threshold", [](LogFixture &f) { replica(f, "r1", "unreplayed", healthy, 900); });
    // A minute at 20 s; a delay on purpose.
    silent("repl-lag-threshold", [](LogFixture &f) {
        replica(
            f, "r1", "unreplayed", [](int s) { return s > 100 && s < 160 ? 20'000.0 : 200.0; }, 900);
    });
    silent("repl-lag-threshold", [](LogFixture &f) {
        replica(f, "r1", "unreplayed", [](int) { return 60'000.0; }, 900, {{"apply_delay_ms", 60'000.0}});
    });
}

void TestReplicationRules::aReport()
{
    fires("repl-lag-query-blocks-replay", "critical", [](LogFixture &f) {
        lagging(f, "r1", stalled, 1'900);
        lagging(f, "r2", healthy, 1'900);
        session(f, 1'900, 100);
    });
    silent("repl-lag-query-blocks-replay", [](LogFixture &f) {
        lagging(f, "r1", stalled, 1'900);
        session(f, 1'900, -5'000); // much older than the lag
    });
    silent("repl-lag-query-blocks-replay", [](LogFixture &f) {
        lagging(f, "r1", slow, 1'900); // replay moves
        session(f, 1'900, 100);
    });
    // A session of the primary cannot hold up the replay of a standby.
    silent("repl-lag-query-blocks-replay", [](LogFixture &f) {
        replica(f, "r1", "unreplayed", stalled, 1'900);
        session(f, 1'900, 100);
    });
}

void TestReplicationRules::stages()
{
    const auto behind
        = [](const char *stage) { return [=](LogFixture &f) { replica(f, "r1", stage, slow, 900); }; };
    fires("repl-lag-apply-bound", "critical", behind("unreplayed"));
    fires("repl-lag-network", "critical", behind("unsent"));
    fires("repl-lag-replica-disk", "critical", behind("unwritten"));
    silent("repl-lag-apply-bound", behind("unsent"));
    silent("repl-lag-network", behind("unwritten"));
    silent("repl-lag-replica-disk", behind("unreplayed"));
}

void TestReplicationRules::idleAndCut()
{
    fires("repl-idle-artifact", "good", [](LogFixture &f) { standby(f, true); });
    silent("repl-idle-artifact", [](LogFixture &f) { replica(f, "r1", "unreplayed", stalled, 900); });
    fires("repl-link-cut", "critical", [](LogFixture &f) { standby(f, false); });
    silent("repl-link-cut", [](LogFixture &f) { standby(f, true); });
}

void TestReplicationRules::paused()
{
    fires("repl-replay-paused", "warning", [](LogFixture &f) {
        replica(f, "r1", "unreplayed", stalled, 900, {{"paused", 1}});
    });
    silent("repl-replay-paused", [](LogFixture &f) {
        replica(f, "r1", "unreplayed", stalled, 900, {{"paused", 0}});
    });
}

void TestReplicationRules::staleReads()
{
    const auto share = [](int of) {
        return [of](LogFixture &f) {
            replica(
                f, "r1", "unreplayed", [of](int s) { return of > 0 && s / 10 % of == 0 ? 3'000.0 : 30.0; },
                20'000);
        };
    };
    fires("repl-stale-read-risk", "critical", share(20));
    fires("repl-stale-read-risk", "warning", share(500));
    silent("repl-stale-read-risk", share(0));
    // The configured time goes first: 20 ms.
    fires("repl-stale-read-risk", "critical", [&](LogFixture &f) {
        share(0)(f);
        f.record(RecordTable::Config,
            {{"subject_kind", "replica"}, {"subject", "r1"}, {"key", "think_time_ms"}, {"value", "20"}});
    });
}

void TestReplicationRules::slots()
{
    fires("repl-retained-wal", "critical", [](LogFixture &f) { slot(f, 0, 60, 20); });
    fires("repl-retained-wal", "warning", [](LogFixture &f) { slot(f, 1, 60, 0); });
    silent("repl-retained-wal", [](LogFixture &f) { slot(f, 0, 2, 0); });
}

void TestReplicationRules::tolerance()
{
    const auto classes = [](const char *ms) {
        return [=](LogFixture &f) {
            replica(
                f, "r1", "unreplayed", [](int) { return 120'000.0; }, 900);
            f.record(RecordTable::Config,
                {{"subject_kind", "read_class"}, {"subject", "catalogue"}, {"key", "tolerance_ms"},
                    {"value", ms}});
        };
    };
    fires("repl-lag-within-tolerance", "good", classes("300000"));
    fires("repl-lag-within-tolerance", "info", classes("0"));
    silent("repl-lag-within-tolerance", [](LogFixture &f) { replica(f, "r1", "unreplayed", slow, 900); });
}

void TestReplicationRules::synchronous()
{
    fires("repl-sync-standby-missing", "critical", [](LogFixture &f) {
        setting(f, "ANY 1 (s1)");
        hanging(f);
    });
    silent("repl-sync-standby-missing", [](LogFixture &f) {
        setting(f, "ANY 1 (s1)");
        hanging(f);
        replica(f, "s1", "unreplayed", healthy, 100);
    });
    fires("repl-first-n-slow-standby", "warning", [](LogFixture &f) {
        setting(f, "FIRST 1 (far, near)");
        acknowledgements(f, 180, 3);
    });
    silent("repl-first-n-slow-standby", [](LogFixture &f) {
        setting(f, "ANY 1 (far, near)");
        acknowledgements(f, 180, 3);
    });
    silent("repl-first-n-slow-standby", [](LogFixture &f) {
        setting(f, "FIRST 1 (near, far)");
        acknowledgements(f, 180, 3);
    });
}

void TestReplicationRules::failover()
{
    const auto received = [](std::int64_t a, std::int64_t b) {
        return [=](LogFixture &f) {
            f.record(RecordTable::ReplicaSample,
                {{"replica", "a"}, {"ts_ns", at(0)}, {"receive_position", a}});
            f.record(RecordTable::ReplicaSample,
                {{"replica", "b"}, {"ts_ns", at(0)}, {"receive_position", b}});
        };
    };
    fires("repl-failover-candidate", "info", received(1'000, 995));
    silent("repl-failover-candidate", received(1'000, 1'000));
    const auto nodes = [](const char *second, int recovery) {
        return [=](LogFixture &f) {
            setting(f, "");
            f.record(RecordTable::Server,
                {{"kind", "postgresql"}, {"name", "a"}, {"system_identifier", "7"}, {"in_recovery", 0}});
            f.record(RecordTable::Server,
                {{"kind", "postgresql"}, {"name", "b"}, {"system_identifier", second},
                    {"in_recovery", recovery}});
        };
    };
    fires("repl-two-primaries", "critical", nodes("7", 0));
    silent("repl-two-primaries", nodes("7", 1));
    silent("repl-two-primaries", nodes("8", 0));
}

void TestReplicationRules::together()
{
    fires("repl-all-replicas-lag", "warning", [](LogFixture &f) {
        for (const char *name : {"a", "b", "c"})
            replica(
                f, name, "unreplayed", [](int s) { return 2'500 + 2'600 * std::sin(s / 90.0); }, 1'800);
    });
    silent("repl-all-replicas-lag", [](LogFixture &f) {
        replica(f, "a", "unreplayed", stalled, 900);
        replica(f, "b", "unreplayed", healthy, 900);
    });
}

void TestReplicationRules::queuesThatGrow()
{
    fires("queue-never-drains", "critical", [](LogFixture &f) {
        queue(f, "g", {{120, 1'000, 1'000, 4}, {120, 1'000, 800, 4}});
    });
    silent("queue-never-drains", [](LogFixture &f) { queue(f, "g", {{240, 1'000, 1'000, 4}}); });
    fires("queue-downstream-slow", "critical", [](LogFixture &f) {
        queue(f, "g", {{120, 800, 800, 8}, {120, 800, 120, 8}});
    });
    silent("queue-downstream-slow", [](LogFixture &f) {
        queue(f, "g", {{120, 800, 800, 8}, {120, 2'400, 800, 8}});
    });
    fires("queue-producer-burst", "warning", [](LogFixture &f) {
        queue(f, "g", {{120, 800, 800, 8}, {120, 2'400, 800, 8}});
    });
    silent("queue-producer-burst", [](LogFixture &f) {
        queue(f, "g", {{120, 800, 800, 8}, {120, 800, 120, 8}});
    });
    fires("queue-lag-thresholds", "warning", [](LogFixture &f) {
        queue(f, "g", {{120, 1'000, 1'000, 4}, {120, 1'000, 800, 4}});
    });
    silent("queue-lag-thresholds", [](LogFixture &f) { queue(f, "g", {{240, 1'000, 1'000, 4}}); });
}

void TestReplicationRules::queuesThatStand()
{
    const Fields retention{{"retention_ms", std::int64_t(6 * 3'600'000)}};
    fires("queue-no-progress", "critical", [](LogFixture &f) {
        queue(f, "g", {{120, 1'000, 1'000, 4}, {60, 1'000, 0, 4}});
    });
    // Silence with nothing waiting is no fault.
    silent("queue-no-progress", [](LogFixture &f) {
        queue(f, "g", {{120, 1'000, 1'000, 4}, {240, 0, 0, 4}});
    });
    fires("queue-retention-risk", "critical", [&](LogFixture &f) {
        queue(f, "g", {{120, 1'000, 1'000, 4}, {300, 1'000, 0, 4}}, 1, retention);
    });
    silent("queue-retention-risk", [&](LogFixture &f) {
        queue(f, "g", {{120, 1'000, 1'000, 4}, {60, 1'000, 0, 4}}, 1, retention);
    });
}

void TestReplicationRules::consumers()
{
    fires("queue-consumers-lost", "critical", [](LogFixture &f) {
        queue(f, "g", {{120, 1'000, 1'000, 5}, {120, 1'000, 400, 2}}, 5);
    });
    silent("queue-consumers-lost", [](LogFixture &f) {
        queue(f, "g", {{120, 1'000, 1'000, 5}, {120, 1'000, 400, 5}}, 5);
    });
    fires("queue-consumer-identity", "critical", [](LogFixture &f) {
        queue(f, "track-v1", {{120, 1'000, 1'000, 3}, {120, 1'000, 0, 0}}, 3);
        for (int minute = 120; minute < 240; ++minute)
            f.record(RecordTable::QueueSample,
                {{"queue", "orders"}, {"consumer_group", "track_v1"}, {"ts_ns", at(minute * 60.0)},
                    {"members", 3}, {"assigned", 0}});
    });
    silent("queue-consumer-identity", [](LogFixture &f) {
        queue(f, "track-v1", {{120, 1'000, 1'000, 3}}, 3);
    });
    fires("queue-partition-mismatch", "info", [](LogFixture &f) {
        queue(f, "g", {{120, 1'000, 1'000, 15}}, 10);
    });
    fires("queue-partition-mismatch", "warning", [](LogFixture &f) {
        queue(f, "g", {{120, 1'000, 1'000, 2}, {120, 1'000, 500, 2}}, 8);
    });
    silent("queue-partition-mismatch", [](LogFixture &f) { queue(f, "g", {{120, 1'000, 1'000, 10}}, 10); });
}

void TestReplicationRules::asideAndInMemory()
{
    fires("queue-dead-letters", "critical", [](LogFixture &f) {
        depths(f, "orders-dlq", {9'990, 9'995, 10'005, 10'010});
    });
    fires("queue-dead-letters", "warning", [](LogFixture &f) { depths(f, "orders-dlq", {0, 20, 40}); });
    silent("queue-dead-letters", [](LogFixture &f) { depths(f, "orders-dlq", {3, 3, 3}); });
    std::vector<double> saw, drained;
    for (int tooth = 0; tooth < 3; ++tooth) {
        for (int i = 0; i < 60; ++i) {
            saw.push_back(12'000.0 * i);
            drained.push_back(i < 30 ? 12'000.0 * i : 12'000.0 * (60 - i));
        }
    }
    fires("queue-unbounded-memory", "critical", [&](LogFixture &f) { depths(f, "buffer", saw); });
    silent("queue-unbounded-memory", [&](LogFixture &f) { depths(f, "buffer", drained); });
}

void TestReplicationRules::tablesThatStop()
{
    // Rows a minute, for hours.
    const auto writes = [](const std::vector<std::pair<int, int>> &stages) {
        return [=](LogFixture &f) {
            std::int64_t rows = 1'000;
            int minute = 0;
            for (const auto &[minutes, perMinute] : stages) {
                for (int i = 0; i < minutes; ++i, ++minute) {
                    rows += perMinute;
                    f.record(RecordTable::TableSample,
                        {{"relname", "orders"}, {"schemaname", "public"}, {"relid", 7},
                            {"ts_ns", at(minute * 60.0)}, {"n_tup_ins", rows}, {"n_tup_upd", 0}});
                }
            }
        };
    };
    fires("queue-writes-stopped", "critical", writes({{180, 1'968}, {180, 0}}));
    silent("queue-writes-stopped", writes({{180, 1'968}, {20, 0}, {180, 1'968}}));
    // Every night.
    silent("queue-writes-stopped", writes({{180, 1'968}, {180, 0}, {180, 1'968}, {170, 0}}));
}

QTEST_GUILESS_MAIN(TestReplicationRules)
#include "tst_replicationrules.moc"
