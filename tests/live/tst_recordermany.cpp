// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A recorder of a large server: 5,000 sessions and 50,000 statements are stored as fast as they come, and
// only what changed of them.
#include "base/text.h"
#include "live/recorder.h"
#include "recordtest.h"
#include "store/bulkwriter.h"

#include <QElapsedTimer>
#include <QFile>

using namespace recordtest;

namespace {

constexpr Nanos kStart = 1'800'000'000 * kNanosPerSecond;

std::string anySql(const ServerFacts &) { return {}; }

const Probe kSessions{.id = "sessions",
    .title = "Sessions",
    .mapping = Mapping::Catalog,
    .sql = anySql,
    .key = "pid backend_start",
    .unwatched = "ts"};
const Probe kStatements{.id = "statements",
    .title = "Statements",
    .mapping = Mapping::Statements,
    .sql = anySql,
    .key = "userid dbid queryid toplevel",
    .unwatched = "ts"};

std::string stamp(int second) { return utcTimestamp(kStart + second * kNanosPerSecond); }

Sample sampleOf(const Probe &probe, ResultSet rows, int second)
{
    Sample sample;
    sample.probe = &probe;
    sample.rows = std::move(rows);
    sample.sentNs = kStart + second * kNanosPerSecond;
    sample.receivedNs = sample.sentNs + 20 * kNanosPerMilli;
    return sample;
}

} // namespace

class TestRecorderMany : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void fiveThousandSessions();
    void fiftyThousandStatements();

private:
    void start();
    /// Seconds until everything offered was taken.
    double drained();
    std::shared_ptr<store::Workspace> m_workspace;
    std::unique_ptr<Recorder> m_recorder;
};

void TestRecorderMany::init()
{
    m_recorder.reset();
    m_workspace = temporaryWorkspace();
    QVERIFY(m_workspace != nullptr);
    start();
}

void TestRecorderMany::start()
{
    store::NewSource source;
    source.path = "large";
    source.format = "live";
    source.isRecording = true;
    auto writer = store::BulkWriter::create(*m_workspace, source, Progress{});
    TS_VERIFY_OK(writer);
    Recorder::Options options;
    options.labels = {"large"};
    m_recorder = std::make_unique<Recorder>(m_workspace, std::move(*writer), std::move(options));
    m_recorder->start();
    ServerEvent event;
    event.kind = ServerEvent::Kind::Connected;
    event.tsNs = kStart;
    auto facts = std::make_shared<ServerFacts>();
    facts->host = "large";
    facts->port = 5432;
    event.facts = facts;
    m_recorder->note(std::move(event));
}

double TestRecorderMany::drained()
{
    QElapsedTimer clock;
    clock.start();
    while (m_recorder->status().waitingBytes > 0 && clock.elapsed() < 60'000)
        QTest::qWait(5);
    return double(clock.elapsed()) / 1000;
}

void TestRecorderMany::fiveThousandSessions()
{
    constexpr int kSamples = 8, kCount = 5000, kActive = 200;
    const std::string longText(4000, 'x');
    double slowest = 0;
    for (int second = 0; second < kSamples; ++second) {
        std::vector<Row> rows;
        for (int pid = 1; pid <= kCount; ++pid) {
            const bool isActive = pid <= kActive;
            rows.push_back({"pg_stat_activity", stamp(second), std::to_string(pid), "shop", "app", "web",
                isActive ? "active" : "idle", isActive ? "IO" : "Client",
                isActive ? "DataFileRead" : "ClientRead", stamp(-60), stamp(isActive ? second : -30),
                "client backend", "SELECT " + std::to_string(pid % 50) + " /* " + longText + " */"});
        }
        QVERIFY(m_recorder->offer(sampleOf(kSessions,
            set({"catalog_view", "ts", "pid", "datname", "usename", "application_name", "state",
                    "wait_event_type", "wait_event", "backend_start", "state_change", "backend_type",
                    "query"},
                rows),
            second)));
        slowest = std::max(slowest, drained());
    }
    TS_VERIFY_OK(m_recorder->stop());
    qInfo("5,000 sessions with texts of 4 kB: at most %.2f s for a sample", slowest);
    QVERIFY2(slowest < 5, std::to_string(slowest).c_str());
    // All of them once, then those that do something.
    const int stored = std::stoi(query(*m_workspace, "SELECT count(*) FROM session_sample"));
    QCOMPARE(stored, kCount + (kSamples - 1) * kActive);
    QCOMPARE(query(*m_workspace, "SELECT count(DISTINCT statement_id) FROM session_sample"),
        std::string("1"));
}

void TestRecorderMany::fiftyThousandStatements()
{
    constexpr int kSamples = 4, kCount = 50'000, kChanged = 500;
    double slowest = 0;
    for (int sample = 0; sample < kSamples; ++sample) {
        std::vector<Row> rows;
        for (int id = 1; id <= kCount; ++id) {
            const int calls = 10 + (id <= kChanged ? sample : 0);
            rows.push_back({stamp(10 * sample), "10", "5", std::to_string(id), "t", std::to_string(calls),
                std::to_string(calls * 2.0), std::to_string(calls),
                sample == 0 ? std::optional("SELECT a" + std::to_string(id) + " FROM t WHERE b = $1")
                            : std::nullopt});
        }
        QVERIFY(m_recorder->offer(sampleOf(kStatements,
            set({"ts", "userid", "dbid", "queryid", "toplevel", "calls", "total_exec_time", "rows", "query"},
                rows),
            10 * sample)));
        slowest = std::max(slowest, drained());
    }
    TS_VERIFY_OK(m_recorder->stop());
    qInfo("50,000 statements: at most %.2f s for a sample", slowest);
    QVERIFY2(slowest < 10, std::to_string(slowest).c_str()); // they are asked for every 10 s
    QCOMPARE(query(*m_workspace, "SELECT count(*), count(DISTINCT statement_id) FROM statement_sample"),
        std::to_string(kCount + (kSamples - 1) * kChanged) + "|" + std::to_string(kCount));
}

QTEST_GUILESS_MAIN(TestRecorderMany)
#include "tst_recordermany.moc"
