// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Verdicts on replicas over made-up samples of primaries and standbys.
#include "analysis/lagverdicts.h"
#include "storefixture.h"

#include <cmath>

#include <QtTest>

using namespace tailscope;
using namespace tailscope::analysis;
using namespace storefixture;

namespace {

constexpr Nanos kSecond = kNanosPerSecond;
using Fields = std::vector<RecordField>;

/// A workspace with a primary "p1" and a standby "r1" whose samples a test writes.
struct Lab
{
    std::unique_ptr<store::Workspace> workspace = newWorkspace();
    Source source{*workspace};
    RecordRef primary, standby;

    Lab()
    {
        const RecordField p[]{{"kind", std::string_view("postgresql")}, {"name", std::string_view("p1")}};
        const RecordField s[]{{"kind", std::string_view("postgresql")}, {"name", std::string_view("r1")}};
        primary = source.writer().record({RecordTable::Server, {}, {}, {}, {}, p});
        standby = source.writer().record({RecordTable::Server, {}, {}, {}, {}, s});
    }
    /// A row of pg_stat_replication with the primary's position.
    void sent(std::string_view replica, int second, std::int64_t current, std::int64_t sent,
        std::int64_t flushed, std::int64_t replayed, std::optional<double> lagMs, Fields more = {})
    {
        Fields fields{{"replica", replica}, {"ts_ns", second * kSecond},
            {"state", std::string_view("streaming")}, {"current_position", current}, {"sent_position", sent},
            {"write_position", flushed}, {"flush_position", flushed}, {"replay_position", replayed}};
        if (lagMs)
            fields.push_back({"replay_lag_ms", *lagMs});
        fields.insert(fields.end(), more.begin(), more.end());
        source.writer().record({RecordTable::ReplicaSample, primary, {}, {}, {}, fields});
    }
    /// What a standby says of itself.
    void own(int second, std::int64_t received, std::int64_t replayed, std::optional<double> ageMs,
        Fields more = {})
    {
        Fields fields{{"replica", std::string_view("r1")}, {"ts_ns", second * kSecond},
            {"receive_position", received}, {"replay_position", replayed}};
        if (ageMs)
            fields.push_back({"replay_age_ms", *ageMs});
        fields.insert(fields.end(), more.begin(), more.end());
        source.writer().record({RecordTable::ReplicaSample, standby, {}, {}, {}, fields});
    }
    void session(int second, std::int64_t pid, int sinceSecond, std::string_view application)
    {
        const Fields fields{{"ts_ns", second * kSecond}, {"pid", pid},
            {"xact_start_ns", sinceSecond * kSecond}, {"application", application},
            {"state", std::string_view("active")},
            {"statement_id", std::string_view("SELECT sum(total) FROM orders")}};
        source.writer().record({RecordTable::SessionSample, standby, {}, {}, {}, fields});
    }
    std::string run(std::string_view sql)
    {
        source.finish();
        const auto write = computeLagVerdicts(*workspace, {});
        if (!write)
            return write.error().toText();
        const auto stored = storeRun(*workspace, AnalysisRun{"lag_verdict", 1, "{}", 0, 0}, *write);
        return stored ? query(*workspace, sql) : stored.error().toText();
    }
};

constexpr const char *kEnd
    = "SELECT replica, verdict, cause, lag_ms FROM lag_verdict WHERE scope = 'all' ORDER BY 1";
constexpr const char *kEpisodes
    = "SELECT verdict, stage, cause FROM lag_verdict WHERE scope = 'episode' ORDER BY start_ns";

} // namespace

class TestLagVerdicts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingHappensAtNight();
    void caughtUpWithAStaleLag();
    void cutLink();
    void vanishedReplica();
    void neverReplayed();
    void pausedReplay();
    void delayedOnPurpose();
    void stages_data();
    void stages();
    void aReportHoldsReplay();
    void timelineSwitch();
    void correlation();
    void staleReadsAreStored();
};

/// (d) the age of the last commit grows on an idle primary: no lag.
void TestLagVerdicts::nothingHappensAtNight()
{
    Lab lab;
    for (int s = 0; s <= 300; s += 5)
        lab.own(s, 5'000, 5'000, s * 1'000.0,
            {{"state", std::string_view("streaming")}, {"link_age_ms", double(s % 10) * 1'000}});
    QCOMPARE(lab.run(kEnd), std::string("r1 idle idle 0.0"));
    QCOMPARE(query(*lab.workspace, kEpisodes), std::string("idle - idle"));
    QCOMPARE(query(*lab.workspace, "SELECT max_ms, raw_age_ms FROM lag_verdict WHERE scope = 'all'"),
        std::string("0.0 300000.0"));
}

/// (a) 0 bytes behind while replay_lag still says 3.55 s.
void TestLagVerdicts::caughtUpWithAStaleLag()
{
    Lab lab;
    for (int s = 0; s <= 60; s += 5)
        lab.sent("r1", s, 9'000, 9'000, 9'000, 9'000, 3'550);
    QCOMPARE(lab.run(kEnd), std::string("r1 current - 0.0"));
    QCOMPARE(query(*lab.workspace, kEpisodes), std::string());
}

/// (c) received = replayed although the link is cut: the time since the last message tells.
void TestLagVerdicts::cutLink()
{
    Lab lab;
    for (int s = 0; s <= 300; s += 5)
        lab.own(s, 5'000, 5'000, s * 1'000.0, {{"link_age_ms", s * 1'000.0}});
    QCOMPARE(lab.run(kEnd), std::string("r1 disconnected link 300000.0"));
    QCOMPARE(query(*lab.workspace,
                 "SELECT verdict, cause, start_ns / 1000000000 FROM lag_verdict WHERE scope = 'episode' "
                 "ORDER BY start_ns DESC LIMIT 1"),
        std::string("disconnected link 35"));
}

/// A lost standby has no row at the primary any more.
void TestLagVerdicts::vanishedReplica()
{
    Lab lab;
    for (int s = 0; s <= 300; s += 5) {
        lab.sent("r2", s, 5'000 + s, 5'000 + s, 5'000 + s, 5'000 + s, std::nullopt);
        if (s <= 100)
            lab.sent("r1", s, 5'000 + s, 5'000 + s, 5'000 + s, 5'000 + s, std::nullopt);
    }
    QCOMPARE(lab.run(kEnd), std::string("r1 disconnected link -; r2 current - 0.0"));
}

/// (b) nothing was replayed yet: unknown, not 0.
void TestLagVerdicts::neverReplayed()
{
    Lab lab;
    for (int s = 0; s <= 60; s += 5)
        lab.own(s, 5'000, 5'000, std::nullopt);
    QCOMPARE(lab.run("SELECT verdict, lag_ms, n, unknown, p50_ms FROM lag_verdict WHERE scope = 'all'"),
        std::string("unknown - 0 13 -"));
}

/// (e) replay paused: the lag rises by 1 s a second while the bytes stay.
void TestLagVerdicts::pausedReplay()
{
    Lab lab;
    for (int s = 0; s <= 60; s += 5)
        lab.sent("r1", s, 9'000'000, 9'000'000, 9'000'000, 9'000'000 - 2'318'184, 1'000.0 + s * 1'000,
            {{"paused", std::int64_t(1)}});
    QCOMPARE(lab.run(kEnd), std::string("r1 paused pause 61000.0"));
    QCOMPARE(query(*lab.workspace, kEpisodes), std::string("paused unreplayed pause"));
}

/// (f) recovery_min_apply_delay of 3 s.
void TestLagVerdicts::delayedOnPurpose()
{
    Lab lab;
    for (int s = 0; s <= 60; s += 5)
        lab.sent("r1", s, 9'000'000 + s, 9'000'000 + s, 9'000'000 + s, 8'000'000 + s, 3'000,
            {{"apply_delay_ms", 3'000.0}});
    QCOMPARE(lab.run(kEnd), std::string("r1 delayed delay 3000.0"));
}

void TestLagVerdicts::stages_data()
{
    QTest::addColumn<int>("unsent");
    QTest::addColumn<int>("unflushed");
    QTest::addColumn<int>("unreplayed");
    QTest::addColumn<QString>("expected");
    QTest::newRow("network") << 15 << 0 << 0 << "growing unsent network";
    QTest::newRow("disk") << 0 << 15 << 0 << "growing unwritten replica_disk";
    QTest::newRow("apply") << 0 << 0 << 15 << "growing unreplayed apply";
}

/// Three replicas 30 s behind for three reasons: MB of a stage a second, 40 MB/s written.
void TestLagVerdicts::stages()
{
    QFETCH(int, unsent);
    QFETCH(int, unflushed);
    QFETCH(int, unreplayed);
    QFETCH(QString, expected);
    Lab lab;
    for (std::int64_t s = 0; s <= 80; s += 5) {
        const std::int64_t mb = 1'000'000, current = 1'000 * mb + 40 * mb * s;
        const std::int64_t sent = current - unsent * mb * s, flushed = sent - unflushed * mb * s;
        lab.sent("r1", int(s), current, sent, flushed, flushed - unreplayed * mb * s, 375.0 * double(s));
    }
    QCOMPARE(lab.run(kEpisodes), expected.toStdString());
    QCOMPARE(query(*lab.workspace,
                 "SELECT round(slope, 3), round(stage_share, 3), CAST(wal_rate AS INTEGER), CAST(apply_rate "
                 "AS INTEGER)"
                 " FROM lag_verdict WHERE scope = 'episode'"),
        std::string("0.375 1.0 40000000 25000000"));
}

void TestLagVerdicts::aReportHoldsReplay()
{
    Lab lab;
    const std::int64_t mb = 1'000'000;
    for (std::int64_t s = 0; s <= 4'000; s += 10) {
        // From 600 s on for 1,800 s nothing is replayed, then eight times as fast as it was written.
        const std::int64_t current = 8 * mb * s;
        const double lag = s <= 600 ? 200
            : s <= 2'400            ? double(s - 600) * 1'000
                                    : std::max(200.0, 1'800e3 - double(s - 2'400) * 8'000);
        const std::int64_t behind = s <= 600 ? 0 : std::int64_t(lag / 1'000 * 8) * mb;
        lab.sent("r1", int(s), current, current, current, current - behind, lag);
        if (s % 60 == 0 && s <= 2'400) {
            lab.session(int(s), 71, int(s) - 1, "web");
            if (s >= 600)
                lab.session(int(s), 4'711, 600, "bi");
            lab.session(int(s), 99, -50'000, "old");
        }
    }
    QCOMPARE(
        lab.run(
            "SELECT verdict, stage, cause, session_pid, session_application, session_start_ns / 1000000000,"
            " over_10s_ns / 1000000000, over_60s_ns / 1000000000, CAST(max_ms AS INTEGER), max_ns / "
            "1000000000,"
            " round(slope, 2), round(fall_slope, 2), round(catch_up_s, 1) FROM lag_verdict WHERE scope = "
            "'episode'"),
        std::string("stalled unreplayed query 4711 bi 600 610 660 1800000 2400 1.0 -8.0 225.0"));
    QCOMPARE(query(*lab.workspace, "SELECT session_query FROM lag_verdict WHERE scope = 'episode'"),
        std::string("SELECT sum(total) FROM orders"));
}

void TestLagVerdicts::timelineSwitch()
{
    Lab lab;
    for (int s = 0; s <= 60; s += 5) {
        const std::int64_t at = s <= 30 ? 9'000'000 + s : 8'000'000 + s;
        lab.sent("r1", s, at, at, at, at, std::nullopt);
    }
    QCOMPARE(lab.run("SELECT verdict, switches, lag_ms FROM lag_verdict"), std::string("current 1 0.0"));
}

void TestLagVerdicts::correlation()
{
    Lab lab;
    for (int s = 0; s <= 200; s += 5) {
        const double together = 2'500 + 2'500 * std::sin(s / 20.0);
        for (const char *name : {"a", "b", "c"})
            lab.sent(name, s, 9'000'000, 9'000'000, 9'000'000, 8'000'000, together + (name[0] - 'a') * 10);
        lab.sent("z", s, 9'000'000, 9'000'000, 9'000'000, 8'000'000, 1'000 + s % 10 * 100.0);
    }
    QCOMPARE(lab.run("SELECT replica, correlation > 0.95 FROM lag_verdict WHERE scope = 'all' ORDER BY 1"),
        std::string("a 1; b 1; c 1; z 0"));
}

void TestLagVerdicts::staleReadsAreStored()
{
    Lab lab;
    for (int s = 0; s < 100; ++s)
        lab.sent("r1", s, 9'000'000, 9'000'000, 9'000'000, 8'000'000, s < 10 ? 3'000 : 30);
    QCOMPARE(lab.run(
                 "SELECT think_ms, n, share FROM stale_read WHERE think_ms IN (20, 2000, 5000) ORDER BY 1"),
        std::string("20.0 100 1.0; 2000.0 100 0.1; 5000.0 100 0.0"));
}

QTEST_APPLESS_MAIN(TestLagVerdicts)
#include "tst_lagverdicts.moc"
