// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Average active sessions: known answers, gaps, both origins.
#include "analysis/activehistory.h"
#include "storefixture.h"

#include <QtTest>

#include <cmath>

using namespace tailscope;
using namespace tailscope::analysis;
using namespace storefixture;

namespace {

constexpr Nanos kSecond = kNanosPerSecond, kStart = 1'700'000'000 * kSecond;

/// A recording that is filled row by row.
struct Recording
{
    std::unique_ptr<store::Workspace> workspace = newWorkspace();
    Source source{*workspace};
    RecordRef server = RecordRef::None;

    Recording()
    {
        SourceInfo info;
        info.kind = SourceKind::Recording;
        info.clock = ClockKind::Utc;
        source.writer().setSource(info);
        const RecordField host[]{{"name", std::string_view("primary")}};
        server = source.writer().record({RecordTable::Server, {}, {}, {}, {}, host});
    }
    void session(int second, std::int64_t pid, std::string_view state, std::string_view type = {},
        std::string_view event = {}, std::string_view application = "shop",
        std::string_view backend = "client backend")
    {
        std::vector<RecordField> fields{{"ts_ns", kStart + second * kSecond}, {"pid", pid}, {"state", state},
            {"application", application}, {"backend_type", backend}, {"backend_start_ns", kStart}};
        if (!type.empty()) {
            fields.push_back({"wait_event_type", type});
            fields.push_back({"wait_event", event});
        }
        source.writer().record({RecordTable::SessionSample, server, {}, {}, {}, fields});
    }
};

ActivityHistory read(const store::Workspace &workspace, ActivityRequest request)
{
    auto reader = workspace.connectReader();
    auto out = reader ? readActivity(*reader, request, {}) : tl::unexpected(reader.error());
    if (!out)
        qFatal("%s", out.error().toText().c_str());
    return std::move(*out);
}

const ActivityPart *part(const ActivityHistory &history, std::string_view key)
{
    for (const ActivityPart &each : history.parts) {
        if (each.key == key)
            return &each;
    }
    return nullptr;
}

} // namespace

class TestActiveHistory : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void binsAreRound();
    void averagesByWait();
    void gapsAreGaps();
    void otherGroups();
    void waitSampling();
    void runsWithoutRows();
    void minutesOfOldTimes();
    void morePartsThanAreKept();
};

void TestActiveHistory::binsAreRound()
{
    QCOMPARE(activityBin(300 * kSecond, kSecond, 300), kSecond);
    QCOMPARE(activityBin(300 * kSecond, kSecond, 100), 5 * kSecond);
    QCOMPARE(activityBin(300 * kSecond, 10 * kSecond, 300), 10 * kSecond);
    QCOMPARE(activityBin(24 * 3600 * kSecond, kSecond, 300), 300 * kSecond);
    QCOMPARE(activityBin(400 * 86'400 * kSecond, kSecond, 300), 2 * 86'400 * kSecond);
}

void TestActiveHistory::averagesByWait()
{
    Recording recording;
    // Ten samples: one session always at work, one waits for a lock in four of them, an idle one never
    // counts.
    for (int s = 0; s < 10; ++s) {
        recording.session(s, 1, "active");
        recording.session(s, 2, s < 4 ? "active" : "idle", s < 4 ? "Lock" : "Client",
            s < 4 ? "transactionid" : "ClientRead");
        recording.session(s, 3, "idle", "Client", "ClientRead");
        recording.session(s, 4, "", "Activity", "CheckpointerMain", "", "checkpointer");
        recording.session(s, 5, "", "IO", "DataFileWrite", "", "background writer");
    }
    recording.source.finish();
    ActivityRequest request;
    request.range = {kStart, kStart + 10 * kSecond};
    ActivityHistory history = read(*recording.workspace, request);
    QCOMPARE(history.sampleCount, std::int64_t(10));
    QCOMPARE(history.stepNs, kSecond);
    QCOMPARE(history.parts.size(), std::size_t(2));
    QCOMPARE(history.parts[0].key, std::string("CPU"));
    QVERIFY(std::abs(history.parts[0].average - 1.0) < 1e-12);
    QVERIFY(std::abs(history.parts[1].average - 0.4) < 1e-12);
    QCOMPARE(history.parts[1].samples, 4.0);
    QCOMPARE(history.parts[1].sessions, std::int64_t(1));
    QCOMPARE(history.parts[1].relativeBound(), 0.5);
    QVERIFY(std::abs(history.average - 1.4) < 1e-12);
    QCOMPARE(history.bins, std::size_t(10));
    QCOMPARE(part(history, "Lock")->bins[3], 1.0);
    QCOMPARE(part(history, "Lock")->bins[4], 0.0);
    // With the server's own processes; only one wait; by event.
    request.withBackground = true;
    QVERIFY(std::abs(part(read(*recording.workspace, request), "IO")->average - 1.0) < 1e-12);
    request.withBackground = false;
    request.group = ActivityGroup::WaitEvent;
    QVERIFY(part(read(*recording.workspace, request), "Lock: transactionid"));
    request.waitType = "Lock";
    history = read(*recording.workspace, request);
    QCOMPARE(history.parts.size(), std::size_t(1));
    request.waitType = "CPU";
    QCOMPARE(read(*recording.workspace, request).parts.front().samples, 10.0);
}

void TestActiveHistory::gapsAreGaps()
{
    Recording recording;
    for (int s = 0; s < 60; ++s) {
        if (s < 20 || s >= 40)
            recording.session(s, 1, "active");
    }
    recording.source.finish();
    ActivityRequest request;
    request.range = {kStart, kStart + 60 * kSecond};
    request.mostBins = 6;
    const ActivityHistory history = read(*recording.workspace, request);
    QCOMPARE(history.binNs, 10 * kSecond);
    QCOMPARE(history.sampleCount, std::int64_t(40));
    // One session all the time it was looked at: a hole makes it neither less nor 0.
    QCOMPARE(history.parts[0].average, 1.0);
    QCOMPARE(history.parts[0].bins[1], 1.0);
    QVERIFY(std::isnan(history.parts[0].bins[2]) && std::isnan(history.parts[0].bins[3]));
    QCOMPARE(history.parts[0].bins[4], 1.0);
}

void TestActiveHistory::otherGroups()
{
    Recording recording;
    for (int s = 0; s < 4; ++s) {
        recording.session(s, 1, "active", {}, {}, "shop");
        recording.session(s, 2, "active", {}, {}, "shop");
        recording.session(s, 3, "active", "IO", "DataFileRead", "report");
    }
    recording.source.finish();
    ActivityRequest request;
    request.range = {kStart, kStart + 4 * kSecond};
    request.group = ActivityGroup::Application;
    const ActivityHistory history = read(*recording.workspace, request);
    QCOMPARE(history.parts[0].key, std::string("shop"));
    QCOMPARE(history.parts[0].average, 2.0);
    QCOMPARE(history.parts[0].sessions, std::int64_t(2));
    request.waitType = "IO";
    QCOMPARE(read(*recording.workspace, request).parts[0].key, std::string("report"));
    QVERIFY(!history.hasWaitSampling);
}

void TestActiveHistory::waitSampling()
{
    Recording recording;
    // Reads every 10 s, each of 10 ms samples: 500 of them are half a session.
    for (int s = 10; s <= 60; s += 10) {
        recording.session(s, 1, "idle");
        for (const auto &[type, event, samples] :
            {std::tuple<std::string_view, std::string_view, double>{"IO", "DataFileRead", 500.0},
                {"Client", "ClientRead", 2'000.0}, {"", "", 250.0}}) {
            std::vector<RecordField> fields{{"ts_ns", kStart + s * kSecond},
                {"origin", std::string_view("pg_wait_sampling")}, {"samples", samples},
                {"interval_ms", 10.0}};
            if (!type.empty()) {
                fields.push_back({"wait_event_type", type});
                fields.push_back({"wait_event", event});
            }
            recording.source.writer().record({RecordTable::WaitSample, recording.server, {}, {}, {}, fields});
        }
    }
    recording.source.finish();
    ActivityRequest request;
    request.range = {kStart, kStart + 61 * kSecond};
    request.fromWaitSampling = true;
    for (const int most : {300, 2}) {
        request.mostBins = most;
        const ActivityHistory history = read(*recording.workspace, request);
        QVERIFY(history.hasWaitSampling);
        QCOMPARE(history.parts.size(), std::size_t(2)); // waiting for a client is idle
        QCOMPARE(history.parts[0].key, std::string("IO"));
        QVERIFY(std::abs(history.parts[0].average - 0.5) < 1e-9);
        QVERIFY(std::abs(history.parts[1].average - 0.25) < 1e-9);
        QCOMPARE(history.parts[0].samples, 3'000.0);
        QVERIFY(std::abs(history.parts[0].bins[1] - 0.5) < 1e-9);
    }
}

/// Nobody did anything in most samples: nothing was stored, but the probe was asked.
void TestActiveHistory::runsWithoutRows()
{
    Recording recording;
    recording.session(0, 1, "idle");
    recording.session(4, 1, "active");
    SeriesRow series;
    series.metric = series.foreignName = "tailscope.probe.duration";
    series.service = "primary";
    series.labelsJson = R"({"probe":"sessions"})";
    const SeriesRef runs = recording.source.writer().series(series);
    for (int s = 0; s < 10; ++s)
        recording.source.writer().point(runs, kStart + s * kSecond + 20'000'000, 3.0);
    recording.source.finish();
    ActivityRequest request;
    request.range = {kStart, kStart + 10 * kSecond};
    const ActivityHistory history = read(*recording.workspace, request);
    QCOMPARE(history.sampleCount, std::int64_t(10));
    QCOMPARE(history.parts.size(), std::size_t(1));
    QVERIFY(std::abs(history.parts[0].average - 0.1) < 1e-12);
    QCOMPARE(history.parts[0].bins[9], 0.0);
}

void TestActiveHistory::minutesOfOldTimes()
{
    Recording recording;
    recording.session(120, 1, "active"); // by the second again
    recording.session(121, 1, "active");
    // Of the cost of the probe three runs a minute are left: they are part of the minutes' 60.
    SeriesRow series;
    series.metric = series.foreignName = "tailscope.probe.duration";
    series.service = "primary";
    series.labelsJson = R"({"probe":"sessions"})";
    const SeriesRef runs = recording.source.writer().series(series);
    for (const int second : {5, 30, 59, 65, 90, 119, 120, 121})
        recording.source.writer().point(runs, kStart + second * kSecond + 20'000'000, 3.0);
    recording.source.finish();
    auto writer = recording.workspace->connectWriter();
    TS_VERIFY_OK(writer);
    // Two minutes of 60 samples: two sessions at work and half a one at a disk, then nobody.
    TS_VERIFY_OK(writer->execute(
        "INSERT INTO session_minute_raw (source_id, server_id, ts_ns, state_id, wait_event_type_id,"
        " wait_event_id, backend_type_id, samples, moments) SELECT s.source_id, s.server_id, v.ts, v.state, "
        "v.type,"
        " v.event, 'client backend', v.n, 60 FROM (SELECT source_id, server_id FROM session_sample_raw LIMIT "
        "1) AS s,"
        " (SELECT 1700000000000000000 AS ts, 'active' AS state, NULL AS type, NULL AS event, 120 AS n UNION "
        "ALL"
        " SELECT 1700000000000000000, 'active', 'IO', 'DataFileRead', 30 UNION ALL"
        " SELECT 1700000060000000000, NULL, NULL, NULL, 0) AS v"));
    TS_VERIFY_OK(
        writer->execute("INSERT INTO recording_retention (source_id, rolled_until_ns, rows_removed)"
                        " SELECT source_id, 1700000120000000000, 0 FROM session_sample_raw LIMIT 1"));
    ActivityRequest request;
    request.range = {kStart, kStart + 122 * kSecond};
    for (const int most : {300, 3}) {
        request.mostBins = most;
        const ActivityHistory history = read(*recording.workspace, request);
        QCOMPARE(history.sampleCount, std::int64_t(122));
        const ActivityPart *cpu = part(history, "CPU"), *io = part(history, "IO");
        QVERIFY(cpu && io);
        QVERIFY(std::abs(cpu->average - 122.0 / 122) < 1e-9);
        QVERIFY(std::abs(io->average - 30.0 / 122) < 1e-9);
        QVERIFY(std::abs(cpu->bins[0] - 2.0) < 1e-9);
        QVERIFY(std::abs(io->bins[0] - 0.5) < 1e-9);
        QCOMPARE(cpu->samples, 122.0);
    }
}

/// What is too much to be listed is part of the average all the same.
void TestActiveHistory::morePartsThanAreKept()
{
    Recording recording;
    for (int i = 0; i < 5'002; ++i)
        recording.session(0, i + 1, "active", {}, {}, "application " + std::to_string(i));
    recording.source.finish();
    ActivityRequest request;
    request.range = {kStart, kStart + kSecond};
    request.group = ActivityGroup::Application;
    const ActivityHistory history = read(*recording.workspace, request);
    QCOMPARE(history.parts.size(), std::size_t(5'000));
    QCOMPARE(history.leftOut, 2.0);
    QCOMPARE(history.average, 5'002.0);
    QCOMPARE(history.sampled, 5'002.0);
}

QTEST_APPLESS_MAIN(TestActiveHistory)
#include "tst_activehistory.moc"
