// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/servergroups.h"
#include "analysis/statementrange.h"
#include "storefixture.h"

#include <cmath>
#include <random>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

constexpr Nanos kSecond = kNanosPerSecond;

StatementCounters at(Nanos second, std::int64_t calls, double totalMs)
{
    StatementCounters row;
    row.tsNs = second * kSecond;
    row.calls = calls;
    row.totalMs = totalMs;
    row.rows = calls * 3;
    return row;
}

/// What the server would keep of these calls (times in ms).
StatementCounters countersOf(Nanos second, const std::vector<double> &calls)
{
    StatementCounters row = at(second, std::int64_t(calls.size()), 0);
    double max = 0;
    for (const double ms : calls) {
        row.totalMs += ms;
        max = std::max(max, ms);
    }
    double squares = 0;
    for (const double ms : calls)
        squares += std::pow(ms - row.totalMs / double(calls.size()), 2);
    row.stddevMs = calls.empty() ? 0 : std::sqrt(squares / double(calls.size()));
    row.maxMs = max;
    return row;
}

std::optional<StatementGrowth> growth(const std::vector<StatementCounters> &rows, Nanos from, Nanos to,
    const std::vector<Nanos> &complete = {})
{
    std::vector<Nanos> times;
    for (const Nanos second : complete)
        times.push_back(second * kSecond);
    return growthOf(rows, from * kSecond, to * kSecond, times);
}

/// A snapshot of one statement of a server; extra: JSON.
void record(storefixture::Source &source, RecordRef server, const char *sql, Nanos second, std::int64_t calls,
    double totalMs, const char *extra = "{\"queryid\":7}")
{
    const RecordField fields[]{{"statement_id", std::string_view(sql)}, {"user", std::string_view("u")},
        {"ts_ns", second * kSecond}, {"calls", calls}, {"total_ms", totalMs}, {"rows", calls},
        {"extra", std::string_view(extra)}};
    source.writer().record({RecordTable::StatementSample, server, {}, {}, {}, fields});
}

RecordRef server(storefixture::Source &source, const char *name, const char *system, std::int64_t port,
    bool isStandby = false)
{
    const RecordField fields[]{{"kind", std::string_view("postgresql")}, {"name", std::string_view(name)},
        {"system_identifier", std::string_view(system)}, {"host", std::string_view("127.0.0.1")},
        {"port", port}, {"in_recovery", std::int64_t(isStandby)}};
    return source.writer().record({RecordTable::Server, {}, {}, {}, {}, fields});
}

StatementRange read(const store::Workspace &workspace, Nanos from, Nanos to, const char *server = "")
{
    auto reader = workspace.connectReader();
    if (!reader)
        qFatal("%s", reader.error().toText().c_str());
    auto range = readStatementRange(*reader, {{from * kSecond, to * kSecond}, server, 0}, {});
    if (!range)
        qFatal("%s", range.error().toText().c_str());
    return std::move(*range);
}

} // namespace

class TestStatementRange : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void unchangedRowsAreNotStored();
    void deviationOfTheRange();
    void slowestCall();
    void resetsAndEpochs();
    void entriesThatAppear();
    void entriesThatAreEvicted();
    void samplesNearestToTheRange();
    void randomCallsAgainstTheSlowWay();
    void workspaceOfTwoServers();
    void recordingAndSnapshotsAgree();
    void history();
    void historyOfTwoServers();
    void evictionsOfOneServer();
};

void TestStatementRange::unchangedRowsAreNotStored()
{
    // Stored at 0, 10 and 40 s only: at 20 and 30 s nothing had changed.
    const std::vector<StatementCounters> rows{at(0, 100, 1000), at(10, 110, 1200), at(40, 130, 1500)};
    auto found = growth(rows, 0, 40);
    QVERIFY(found);
    QCOMPARE(found->calls, std::int64_t{30});
    QCOMPARE(found->totalMs, 500.0);
    QCOMPARE(*found->rows, std::int64_t{90});
    QVERIFY(!found->isNew && !found->isGone && found->resets == 0);
    found = growth(rows, 20, 40);
    QCOMPARE(found->calls, std::int64_t{20});
    QCOMPARE(found->meanMs(), 15.0);
    QVERIFY(!growth(rows, 20, 30)); // nothing was called
    QVERIFY(!growth(rows, 40, 60));
    QVERIFY(!found->sharedHit && !found->maxMs && !found->stddevMs()); // not told
}

void TestStatementRange::deviationOfTheRange()
{
    // 2 and 4 ms before; 10, 10, 40 in the range: mean 20, deviation sqrt((100 + 100 + 400) / 3).
    const auto found = growth({countersOf(0, {2, 4}), countersOf(10, {2, 4, 10, 10, 40})}, 0, 10);
    QCOMPARE(found->meanMs(), 20.0);
    QVERIFY(std::abs(*found->stddevMs() - std::sqrt(200.0)) < 1e-9);
    // A thousand million calls before and one after: what differs is the rounding of the sums.
    auto before = at(0, 1'000'000'000, 1e10), after = at(10, 1'000'000'001, 1e10 + 1);
    before.stddevMs = 12345.0;
    const double n = 1e9 + 1, mean = (1e10 + 1) / n; // the call took 1 ms
    after.stddevMs = std::sqrt((1e9 * (12345.0 * 12345.0 + 100) + 1) / n - mean * mean);
    QVERIFY(!growth({before, after}, 0, 10)->stddevMs());
}

void TestStatementRange::slowestCall()
{
    auto a = countersOf(0, {5, 50}), b = countersOf(10, {5, 50, 20}), c = countersOf(20, {5, 50, 20, 70});
    QVERIFY(!growth({a, b}, 0, 10)->maxMs); // 50 is of before: unknown
    QCOMPARE(*growth({a, b, c}, 0, 20)->maxMs, 70.0); // it grew: slower than all before
    QVERIFY(!growth({b, c, countersOf(30, {5, 50, 20, 70, 1})}, 20, 30)->maxMs);
}

void TestStatementRange::resetsAndEpochs()
{
    auto found = growth({at(0, 100, 1000), at(10, 150, 1500), at(20, 30, 300), at(30, 40, 400)}, 0, 30);
    QCOMPARE(found->calls, std::int64_t{90}); // 50 + 30 + 10
    QCOMPARE(found->totalMs, 900.0);
    QCOMPARE(found->resets, 1);
    auto before = at(0, 100, 1000), after = at(10, 120, 1300);
    before.epoch = 1;
    after.epoch = 2;
    QCOMPARE(growth({before, after}, 0, 10)->calls, std::int64_t{120});
    after.epoch = 1;
    QCOMPARE(growth({before, after}, 0, 10)->calls, std::int64_t{20});
    before.sinceNs = 1;
    after.sinceNs = 2;
    QCOMPARE(growth({before, after}, 0, 10)->calls, std::int64_t{120});
    // Blocks that fell while calls rose (an overflow, a lying file) are never negative.
    before = at(0, 1, 1);
    after = at(10, 2, 2);
    before.sharedHit = 500;
    after.sharedHit = 3;
    QCOMPARE(*growth({before, after}, 0, 10)->sharedHit, std::int64_t{0});
}

void TestStatementRange::entriesThatAppear()
{
    // It has no row at or before the begin: it was not there.
    auto found = growth({at(10, 5, 50), at(20, 7, 70)}, 0, 20);
    QCOMPARE(found->calls, std::int64_t{7});
    QVERIFY(found->isNew && !found->isPartial && found->resets == 0);
    // The server says that it is older than the range: what it did before it was seen is not of the range.
    auto first = at(10, 5, 50), last = at(20, 7, 70);
    first.sinceNs = last.sinceNs = -kSecond;
    found = growth({first, last}, 0, 20);
    QCOMPARE(found->calls, std::int64_t{2});
    QVERIFY(found->isPartial && !found->isNew);
    first.sinceNs = last.sinceNs = 5 * kSecond;
    QCOMPARE(growth({first, last}, 0, 20)->calls, std::int64_t{7});
}

void TestStatementRange::entriesThatAreEvicted()
{
    const std::vector<StatementCounters> rows{at(0, 5, 50), at(10, 8, 80)};
    auto found = growth(rows, 0, 30, {0, 10, 20, 30});
    QCOMPARE(found->calls, std::int64_t{3});
    QVERIFY(found->isGone);
    // Where only changes are stored, a missing row says nothing.
    QVERIFY(!growth(rows, 0, 30)->isGone);
    // Evicted and back with more calls than before: all of them are new.
    found = growth({at(0, 5, 50), at(20, 9, 90)}, 0, 20, {0, 10, 20});
    QCOMPARE(found->calls, std::int64_t{9});
    QCOMPARE(found->resets, 1);
    // Gone before the range began: not of the range.
    QVERIFY(!growth({at(0, 5, 50)}, 20, 30, {0, 10, 20, 30}));
    // Gone without a call in the range: told.
    QVERIFY(growth({at(0, 5, 50), at(10, 5, 50)}, 10, 30, {0, 10, 20, 30})->isGone);
}

void TestStatementRange::samplesNearestToTheRange()
{
    const std::vector<Nanos> samples{0, 100, 200, 5000, 5100};
    using Pair = std::pair<Nanos, Nanos>;
    QCOMPARE(*samplesAround(samples, {110, 211}), (Pair{100, 200}));
    QCOMPARE(*samplesAround(samples, {160, 5200}), (Pair{200, 5100}));
    QCOMPARE(*samplesAround(samples, {-50, 201}), (Pair{0, 200}));
    // After a gap the sample before it is no begin.
    QCOMPARE(*samplesAround(samples, {4900, 5101}), (Pair{5000, 5100}));
    // The end never looks ahead; a range shorter than the interval takes the sample before.
    QVERIFY(!samplesAround(samples, {120, 150}));
    QCOMPARE(*samplesAround(samples, {150, 201}), (Pair{100, 200}));
    QVERIFY(!samplesAround(samples, {-50, 0}));
    QVERIFY(!samplesAround(std::vector<Nanos>{7}, {0, 100}));
}

void TestStatementRange::randomCallsAgainstTheSlowWay()
{
    std::mt19937 random(61117);
    for (int run = 0; run < 200; ++run) {
        // Calls at whole seconds and a half, samples at whole seconds, a reset now and then.
        std::vector<std::pair<double, double>> calls; // time, ms
        std::vector<double> resets;
        for (int second = 0; second < 60; ++second) {
            const int n = int(random() % 4);
            for (int i = 0; i < n; ++i)
                calls.push_back({second + 0.25 + 0.5 * double(random() % 2), 1.0 + double(random() % 100)});
            if (random() % 25 == 0)
                resets.push_back(second + 0.5);
        }
        const auto lastReset = [&](double time) {
            double found = -1;
            for (const double reset : resets)
                found = reset < time ? reset : found;
            return found;
        };
        std::vector<StatementCounters> rows;
        for (int second = 0; second <= 60; second += 5) {
            std::vector<double> seen;
            for (const auto &[time, ms] : calls) {
                if (time > lastReset(second) && time < second)
                    seen.push_back(ms);
            }
            StatementCounters row = countersOf(second, seen);
            row.epoch = std::count_if(resets.begin(), resets.end(), [&](double r) { return r < second; });
            if (!rows.empty() && rows.back().calls == row.calls && rows.back().epoch == row.epoch)
                continue; // unchanged: not stored
            rows.push_back(row);
        }
        const int from = 5 * int(random() % 6), to = from + 5 * (1 + int(random() % 6));
        // The slow way: the calls themselves, without those that a reset wiped before they were sampled.
        std::vector<double> expected;
        for (const auto &[time, ms] : calls) {
            const int sample = int(std::ceil(time / 5)) * 5;
            if (time > from && time < to && lastReset(sample) < time)
                expected.push_back(ms);
        }
        const auto found = growth(rows, from, to);
        QCOMPARE(found ? found->calls : 0, std::int64_t(expected.size()));
        if (!found || found->calls == 0)
            continue;
        const StatementCounters slow = countersOf(0, expected);
        QVERIFY(std::abs(found->totalMs - slow.totalMs) < 1e-6);
        QVERIFY2(found->stddevMs()
                && std::abs(*found->stddevMs() - *slow.stddevMs) < 1e-4 * (1 + slow.totalMs),
            qPrintable(QStringLiteral("run %1: %2").arg(run).arg(found->stddevMs().value_or(-1))));
        if (found->maxMs)
            QCOMPARE(*found->maxMs, *slow.maxMs);
    }
}

void TestStatementRange::workspaceOfTwoServers()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    const RecordRef primary = server(source, "primary", "77", 5432),
                    standby = server(source, "standby", "77", 5433, true);
    for (int i = 0; i <= 6; ++i) {
        record(source, primary, "SELECT a", i * 10, 100 + 10 * i, 1000 + 50 * i);
        record(source, primary, "SELECT b", i * 10, 5, 10);
        record(source, standby, "SELECT a", i * 10, 7 + i, 70 + 10 * i);
    }
    source.finish();
    // One system identifier, two servers: their counters are never mixed.
    auto range = read(*workspace, 0, 61);
    QCOMPARE(range.servers.size(), std::size_t{2});
    QCOMPARE(range.statements.size(), std::size_t{1});
    QCOMPARE(range.statements[0].growth.calls, std::int64_t{66});
    QCOMPARE(range.statements[0].growth.totalMs, 360.0);
    QVERIFY(std::abs(range.statements[0].callsPerSecond - 1.1) < 1e-12);
    QCOMPARE(range.statements[0].entries, 2);
    QCOMPARE(range.statements[0].share, 1.0);
    QCOMPARE(range.resets, std::int64_t{0});
    range = read(*workspace, 20, 41, "standby");
    QCOMPARE(range.servers.size(), std::size_t{1});
    QCOMPARE(range.statements[0].growth.calls, std::int64_t{2});
    QCOMPARE(range.servers[0].from, 20 * kSecond);
    QCOMPARE(range.servers[0].to, 40 * kSecond);
    QCOMPARE(range.servers[0].samples, std::int64_t{3});
}

void TestStatementRange::recordingAndSnapshotsAgree()
{
    // Whole snapshots and what a recorder keeps of them (changes only) say the same of every range.
    const auto whole = storefixture::newWorkspace(), changes = storefixture::newWorkspace();
    for (const bool isRecording : {false, true}) {
        storefixture::Source source(isRecording ? *changes : *whole);
        SourceInfo info;
        info.kind = isRecording ? SourceKind::Recording : SourceKind::Catalog;
        source.writer().setSource(info);
        const RecordRef one = server(source, "db", "1", 5432);
        std::int64_t before[3]{-1, -1, -1};
        for (int i = 0; i < 40; ++i) {
            const std::int64_t now[3]{i / 7, 3 * i, i < 20 ? 4 : 4 + (i - 20) * 9};
            const char *texts[]{"SELECT x", "SELECT y", "SELECT z"};
            for (int k = 0; k < 3; ++k) {
                if (!isRecording || now[k] != before[k])
                    record(source, one, texts[k], i, now[k], 2.5 * double(now[k]));
                before[k] = now[k];
            }
        }
        source.finish();
    }
    for (const auto &[from, to] :
        std::vector<std::pair<int, int>>{{0, 40}, {3, 12}, {12, 33}, {25, 26}, {30, 40}}) {
        const auto a = read(*whole, from, to), b = read(*changes, from, to);
        QCOMPARE(a.statements.size(), b.statements.size());
        QCOMPARE(a.calls, b.calls);
        QCOMPARE(a.totalMs, b.totalMs);
        for (std::size_t i = 0; i < a.statements.size(); ++i)
            QCOMPARE(a.statements[i].growth.calls, b.statements[i].growth.calls);
    }
}

void TestStatementRange::history()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    const RecordRef one = server(source, "db", "1", 5432);
    record(source, one, "SELECT a", 0, 10, 100);
    record(source, one, "SELECT a", 10, 30, 140);
    record(source, one, "SELECT a", 20, 30, 140);
    record(source, one, "SELECT a", 30, 35, 190);
    SeriesRow row;
    row.metric = row.foreignName = "postgresql.statements.evictions";
    row.service = "db";
    row.labelsJson = "{}";
    row.kind = SeriesKind::Counter;
    const SeriesRef evictions = source.writer().series(row);
    for (const auto &[second, value] :
        std::vector<std::pair<int, double>>{{0, 4.0}, {10, 5.0}, {20, 7.0}, {30, 1.0}})
        source.writer().point(evictions, second * kSecond, value);
    source.finish();
    // 1 + 2, began anew, 1.
    QCOMPARE(read(*workspace, 0, 31).evictions.value_or(-1), std::int64_t{4});
    QCOMPARE(read(*workspace, 5, 21).evictions.value_or(-1), std::int64_t{3});
    auto reader = workspace->connectReader();
    TS_VERIFY_OK(reader);
    const auto id
        = QString::fromStdString(storefixture::query(*workspace, "SELECT id FROM statement")).toLongLong();
    const auto found = readStatementHistory(*reader, id, {{0, 31 * kSecond}, {}, 0}, {});
    TS_VERIFY_OK(found);
    QCOMPARE(found->callsPerSecond, (std::vector<double>{2, 0, 0.5}));
    QCOMPARE(found->meanMs[0], 2.0);
    QVERIFY(std::isnan(found->meanMs[1]));
    QCOMPARE(found->meanMs[2], 10.0);
}

/// They are sampled at different times: where the range begins neither may seem to begin.
void TestStatementRange::historyOfTwoServers()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    const RecordRef a = server(source, "a", "1", 5432), b = server(source, "b", "2", 5433);
    for (int second = 0; second <= 30; second += 10) {
        record(source, a, "SELECT a", second, 100 + second, 100 + second);
        record(source, b, "SELECT a", second + 4, 1000 + 2 * second, 1000 + 2 * second);
    }
    source.finish();
    auto reader = workspace->connectReader();
    TS_VERIFY_OK(reader);
    const auto id
        = QString::fromStdString(storefixture::query(*workspace, "SELECT id FROM statement")).toLongLong();
    const auto found = readStatementHistory(*reader, id, {{15 * kSecond, 35 * kSecond}, {}, 0}, {});
    TS_VERIFY_OK(found);
    // At 14, 20, 24, 30 and 34 s; before 14 s nothing is known of the second.
    QCOMPARE(found->callsPerSecond, (std::vector<double>{0, 10.0 / 6, 5, 10.0 / 6, 5}));
}

/// Two servers of one name: the label of the second, "db (2)", is nowhere in the data.
void TestStatementRange::evictionsOfOneServer()
{
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    for (const std::int64_t port : {5432, 5433}) {
        const RecordRef one = server(source, "db", "1", port);
        record(source, one, "SELECT a", 0, 10, 100);
        record(source, one, "SELECT a", 30, 35, 190);
        const std::string instance = "127.0.0.1:" + std::to_string(port);
        SeriesRow row;
        row.metric = row.foreignName = "postgresql.statements.evictions";
        row.service = "db";
        row.instance = instance;
        row.labelsJson = "{}";
        row.kind = SeriesKind::Counter;
        const SeriesRef evictions = source.writer().series(row);
        source.writer().point(evictions, 0, 4.0);
        source.writer().point(evictions, 30 * kSecond, port == 5432 ? 5.0 : 11.0);
    }
    source.finish();
    QCOMPARE(read(*workspace, 0, 31, "db").evictions.value_or(-1), std::int64_t{1});
    QCOMPARE(read(*workspace, 0, 31, "db (2)").evictions.value_or(-1), std::int64_t{7});
    QCOMPARE(read(*workspace, 0, 31).evictions.value_or(-1), std::int64_t{8});
}

QTEST_GUILESS_MAIN(TestStatementRange)
#include "tst_statementrange.moc"
