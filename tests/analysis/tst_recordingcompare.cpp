// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Two recordings compared: known answers, and the slow way.
#include "analysis/recordingcompare.h"
#include "storefixture.h"

#include <cmath>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

StatementInRange statement(std::int64_t id, std::int64_t calls, double meanMs, double deviationMs,
    double seconds)
{
    StatementInRange out;
    out.statement = id;
    out.growth.calls = calls;
    out.growth.totalMs = meanMs * double(calls);
    out.growth.squaresMs2 = double(calls) * (deviationMs * deviationMs + meanMs * meanMs);
    out.callsPerSecond = double(calls) / seconds;
    return out;
}

StatementRange rangeOf(std::vector<StatementInRange> statements, double seconds)
{
    StatementRange out;
    out.statements = std::move(statements);
    out.servers.push_back({"db", 0, Nanos(seconds * 1e9), 10});
    return out;
}

const StatementChange &of(const std::vector<StatementChange> &all, std::int64_t id)
{
    for (const StatementChange &one : all) {
        if (one.statement == id)
            return one;
    }
    qFatal("no such statement");
}

} // namespace

class TestRecordingCompare : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void student();
    void welch();
    void poisson();
    void statements();
    void waits();
    void headlinesAndRecordings();
    void headlinesAreByServer();
};

void TestRecordingCompare::student()
{
    // Tables of Student's distribution.
    QVERIFY(std::abs(studentTail(12.706, 1) - 0.05) < 1e-5);
    QVERIFY(std::abs(studentTail(2.228, 10) - 0.05) < 1e-4);
    QVERIFY(std::abs(studentTail(2.576, 1e6) - 0.01) < 1e-4);
    QCOMPARE(studentTail(0, 5), 1.0);
    QVERIFY(std::abs(studentTail(-2.228, 10) - studentTail(2.228, 10)) < 1e-15);
    // The slow way: one degree is Cauchy's distribution, two have a closed form.
    for (const double t : {0.1, 1.0, 3.0, 50.0}) {
        QVERIFY(std::abs(studentTail(t, 1) - (1 - 2 * std::atan(t) / M_PI)) < 1e-10);
        QVERIFY(std::abs(studentTail(t, 2) - (1 - t / std::sqrt(2 + t * t))) < 1e-10);
    }
}

void TestRecordingCompare::welch()
{
    // Samples {1, 2, 3, 4, 5} and {2, 4, 6, 8, 10}: variances 2.5 and 10, means 3 and 6.
    const auto found = welchTest(5, 3, std::sqrt(2.0), 5, 6, std::sqrt(8.0));
    QVERIFY(found);
    QVERIFY(std::abs(found->t - 3 / std::sqrt(2.5)) < 1e-12);
    QVERIFY(std::abs(found->freedom - 6.25 / ((0.25 + 4.0) / 4)) < 1e-9); // 5.882
    QVERIFY(found->p > 0.10 && found->p < 0.12);
    QVERIFY(!welchTest(1, 3, 0, 5, 6, 1));
    QVERIFY(!welchTest(5, 3, 0, 5, 6, 0));
}

void TestRecordingCompare::poisson()
{
    // As often in the same time.
    QCOMPARE(*poissonRateTest(10, 60, 10, 60), 1.0);
    // 0 of 5 in half of the time: 2 x 0.5^5.
    QVERIFY(std::abs(*poissonRateTest(0, 60, 5, 60) - 0.0625) < 1e-12);
    // Twice as many in twice the time is the same rate.
    QCOMPARE(*poissonRateTest(100, 60, 200, 120), 1.0);
    // Exact and approximate meet.
    const double exact = *poissonRateTest(450, 60, 549, 60), normal = *poissonRateTest(451, 60, 550, 60);
    QVERIFY(std::abs(exact - normal) < 5e-4);
    QVERIFY(*poissonRateTest(5000, 60, 6000, 60) < 1e-9);
    QVERIFY(!poissonRateTest(0, 60, 0, 60) && !poissonRateTest(5, 0, 5, 60));
}

void TestRecordingCompare::statements()
{
    auto reset = statement(5, 100, 1, 0.1, 100);
    reset.growth.resets = 1;
    const auto before = rangeOf({statement(1, 1000, 10, 3, 100), statement(2, 1000, 5, 4, 100),
                                    statement(3, 50, 2, 1, 100), reset, statement(6, 20, 1.0, 0.9, 100)},
                   100),
               after = rangeOf({statement(1, 2000, 1, 0.5, 200), statement(2, 4000, 5.02, 4, 200),
                                   statement(4, 10, 7, 1, 200), statement(5, 100, 1, 0.1, 200),
                                   statement(6, 25, 1.4, 0.9, 200)},
                   200);
    const auto all = compareStatements(before, coveredSeconds(before), after, coveredSeconds(after));
    QCOMPARE(all.size(), std::size_t{6});
    // An index was made: a tenth of the time, as often.
    QCOMPARE(of(all, 1).mean, Change::Less);
    QCOMPARE(*of(all, 1).meanRatio, 0.1);
    QCOMPARE(of(all, 1).rate, Change::Same);
    QCOMPARE(of(all, 1).timeGainedMs, -90.0); // 100 ms to 10 ms of each second
    // Twice as often, no slower.
    QCOMPARE(of(all, 2).mean, Change::Same);
    QCOMPARE(of(all, 2).rate, Change::More);
    QCOMPARE(*of(all, 2).rateRatio, 2.0);
    QCOMPARE(of(all, 3).mean, Change::OnlyFirst);
    QCOMPARE(of(all, 4).mean, Change::OnlySecond);
    QCOMPARE(of(all, 5).mean, Change::NotComparable);
    QVERIFY(!of(all, 5).why.empty() && !of(all, 5).rateP);
    // 40 % slower, but a few calls with such a spread may do that by chance.
    QCOMPARE(of(all, 6).mean, Change::Same);
    QVERIFY(of(all, 6).meanTest->p > 0.05);
    QCOMPARE(all.front().statement, std::int64_t{1}); // what gained or lost most
}

void TestRecordingCompare::waits()
{
    const auto history = [](std::vector<std::pair<const char *, double>> parts) {
        ActivityHistory out;
        for (const auto &[key, samples] : parts) {
            ActivityPart part;
            part.key = key;
            part.samples = samples;
            part.average = samples / 100;
            out.parts.push_back(std::move(part));
        }
        return out;
    };
    const auto all = compareWaits(history({{"IO: DataFileRead", 400}, {"CPU", 100}, {"Lock: tuple", 3}}),
        history({{"IO: DataFileRead", 40}, {"CPU", 110}}));
    QCOMPARE(all.size(), std::size_t{3});
    QCOMPARE(QString::fromStdString(all[0].wait), QStringLiteral("IO: DataFileRead"));
    QCOMPARE(all[0].first, 4.0);
    QCOMPARE(all[0].second, 0.4);
    QVERIFY(all[0].isSure);
    QVERIFY(!all[1].isSure && !all[2].isSure);
}

void TestRecordingCompare::headlinesAndRecordings()
{
    const auto workspace = storefixture::newWorkspace();
    std::vector<std::int64_t> ids;
    for (int recording = 0; recording < 2; ++recording) {
        storefixture::Source source(*workspace);
        SourceInfo info;
        info.kind = SourceKind::Recording;
        source.writer().setSource(info);
        const Nanos begin = recording * 1000 * kNanosPerSecond;
        const RecordField fields[]{{"kind", std::string_view("postgresql")},
            {"name", std::string_view("db")}};
        const RecordRef server = source.writer().record({RecordTable::Server, {}, {}, {}, {}, fields});
        SeriesRow row;
        row.service = "db";
        row.kind = SeriesKind::Counter;
        row.labelsJson = "{}";
        const auto counter = [&](const char *metric, double start, double step) {
            row.metric = row.foreignName = metric;
            const SeriesRef series = source.writer().series(row);
            for (int i = 0; i <= 10; ++i) // began anew in the middle
                source.writer().point(series, begin + i * kNanosPerSecond,
                    i < 5 ? start + step * i : step * (i - 4));
        };
        counter("postgresql.commits", 1e6, recording == 0 ? 50 : 100);
        counter("postgresql.blocks_hit", 1e6, 90);
        counter("postgresql.blocks_read", 1e6, recording == 0 ? 10 : 0);
        for (int i = 0; i <= 10; ++i) {
            const RecordField session[]{{"ts_ns", begin + i * kNanosPerSecond}, {"pid", std::int64_t(1)},
                {"state", std::string_view("active")}};
            source.writer().record({RecordTable::SessionSample, server, {}, {}, {}, session});
        }
        ids.push_back(source.finish());
    }
    auto reader = workspace->connectReader();
    TS_VERIFY_OK(reader);
    const auto recordings = readRecordings(*reader);
    TS_VERIFY_OK(recordings);
    QCOMPARE(recordings->size(), std::size_t{2});
    QCOMPARE((*recordings)[1].range.begin, 1000 * kNanosPerSecond);
    QCOMPARE((*recordings)[1].range.length(), 10 * kNanosPerSecond + 1);
    const auto lines = readHeadlines(*reader, {ids[0], (*recordings)[0].range}, *reader,
        {ids[1], (*recordings)[1].range}, {});
    TS_VERIFY_OK(lines);
    QCOMPARE(lines->size(), std::size_t{2});
    // Ten steps of 50; the one over the reset counts what came after it.
    QCOMPARE(*lines->at(0).first, 50.0);
    QCOMPARE(*lines->at(0).second, 100.0);
    QCOMPARE(*lines->at(1).first, 0.9);
    QCOMPARE(*lines->at(1).second, 1.0);
}

void TestRecordingCompare::headlinesAreByServer()
{
    // As a recording has them: the server is the instance, no service is named.
    const auto workspace = storefixture::newWorkspace();
    storefixture::Source source(*workspace);
    SeriesRow row;
    row.kind = SeriesKind::Counter;
    row.labelsJson = "{}";
    row.metric = row.foreignName = "postgresql.commits";
    for (int server = 0; server < 2; ++server) {
        row.instance = server == 0 ? "db1:5432" : "db2:5432";
        const SeriesRef series = source.writer().series(row);
        for (int i = 0; i <= 10; ++i)
            source.writer().point(series, i * kNanosPerSecond, i * (server == 0 ? 50.0 : 7.0));
    }
    const RecordingSide side{source.finish(), {0, 11 * kNanosPerSecond}};
    auto reader = workspace->connectReader();
    TS_VERIFY_OK(reader);
    const auto lines = readHeadlines(*reader, side, *reader, side, {});
    TS_VERIFY_OK(lines);
    QCOMPARE(lines->size(), std::size_t{2});
    QCOMPARE(QString::fromStdString(lines->at(0).server), QStringLiteral("db1:5432"));
    QCOMPARE(*lines->at(0).first, 50.0);
    QCOMPARE(*lines->at(1).second, 7.0);
}

QTEST_GUILESS_MAIN(TestRecordingCompare)
#include "tst_recordingcompare.moc"
