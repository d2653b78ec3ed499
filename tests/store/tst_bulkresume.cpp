// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storetest.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <thread>

#include <QTemporaryDir>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace storetest;

/// Imports that end early: killed, cancelled, disk full. What is committed stays consistent; going on gives
/// exactly what one go would have given.
class TestBulkResume : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void resumeEqualsOneGo_data();
    void resumeEqualsOneGo();
    void resumeAfterKill();
    void resumeTwice();
    void resumeBesideOtherSources();
    void resumeWithOtherBytes();
    void resumeWithFewerBytes();
    void resumeRefused();
    void keepPartial();
    void keepPartialProfileHasWeights();
    void cancelledSourceIsOffered();
    void diskFull();

private:
    static constexpr int kSteps = 3000;
    std::filesystem::path path(const char *name = "w.tailscope") const
    {
        return std::filesystem::path(m_folder->path().toStdString()) / name;
    }
    std::unique_ptr<Workspace> open(const char *name = "w.tailscope") const
    {
        auto workspace = Workspace::open(path(name));
        return workspace ? std::move(*workspace) : nullptr;
    }
    /// Writes until `committed` rows are in the workspace, then drops the writer.
    static std::int64_t abandonAfter(const Workspace &workspace, std::int64_t committed,
        std::optional<std::int64_t> resume = {});
    static void resume(const Workspace &workspace, std::int64_t source);
    std::string oneGo() const;
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestBulkResume::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

std::int64_t TestBulkResume::abandonAfter(const Workspace &workspace, std::int64_t committed,
    std::optional<std::int64_t> resume)
{
    auto sink = BulkWriter::create(workspace, {"a", "test", resume}, {});
    if (!sink)
        return 0;
    writeMixed(**sink, kSteps, [&](int) {
        // Enough for whole batches, then wait: what is still being packed is lost with the writer.
        if ((*sink)->rowsTaken() < committed + 4096)
            return false;
        while ((*sink)->rowsCommitted() < committed && !(*sink)->hasFailed())
            std::this_thread::yield();
        return true;
    });
    return (*sink)->sourceId();
}

void TestBulkResume::resume(const Workspace &workspace, std::int64_t source)
{
    auto sink = BulkWriter::create(workspace, {"a", "test", source}, {});
    TS_VERIFY_OK(sink);
    writeMixed(**sink, kSteps);
    TS_VERIFY_OK((*sink)->finish({}));
}

std::string TestBulkResume::oneGo() const
{
    const auto workspace = Workspace::temporary();
    auto sink = BulkWriter::create(**workspace, {"a", "test", {}}, {});
    writeMixed(**sink, kSteps);
    return (*sink)->finish({}) ? contentOf(**workspace) : "failed";
}

void TestBulkResume::resumeEqualsOneGo_data()
{
    QTest::addColumn<int>("committed");
    QTest::newRow("nothing") << 0;
    QTest::newRow("a batch") << 1;
    QTest::newRow("some") << 9'000;
    QTest::newRow("most") << 17'000;
}

void TestBulkResume::resumeEqualsOneGo()
{
    QFETCH(int, committed);
    const auto workspace = open();
    QVERIFY(workspace);
    const std::int64_t source = abandonAfter(*workspace, committed);
    QCOMPARE(source, 1);
    resume(*workspace, source);
    const std::string content = contentOf(*workspace);
    QVERIFY(content.size() > 100'000);
    QVERIFY2(content.find("ERROR") == std::string::npos,
        content.substr(std::min(content.size(), content.find("ERROR")), 300).c_str());
    QVERIFY(content == oneGo());
    QCOMPARE(rowsOf(*workspace, "SELECT count(*) FROM source_run WHERE family = 9"), std::string("1"));
}

void TestBulkResume::resumeAfterKill()
{
    const pid_t child = fork();
    if (child == 0) {
        const auto workspace = Workspace::open(path());
        if (workspace)
            abandonAfter(**workspace, 8'000);
        auto sink = workspace ? BulkWriter::create(**workspace, {"a", "test", 1}, {})
                              : Result<std::unique_ptr<BulkWriter>>(fail(workspace.error()));
        if (sink) {
            const auto killInTime = [&](int) {
                if ((*sink)->rowsCommitted() > 12'000)
                    kill(getpid(), SIGKILL); // in the middle of whatever the other thread does
                return false;
            };
            writeMixed(**sink, kSteps, killInTime);
            while (!(*sink)->hasFailed()) // all rows were taken before as many were committed
                killInTime(0);
        }
        _exit(1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    const auto workspace = open();
    QVERIFY(workspace);
    QVERIFY(workspace->openReport().uncleanEnd);
    QCOMPARE(workspace->openReport().interrupted.size(), std::size_t{1});
    const SourceRecord &record = workspace->openReport().interrupted.front();
    QCOMPARE(record.state, SourceState::Importing);
    QVERIFY(record.rowsCommitted > 12'000);
    QCOMPARE(rowsOf(*workspace, "SELECT count(*) FROM span"), std::string("0"));
    QCOMPARE(rowsOf(*workspace,
                 "SELECT (SELECT count(*) FROM span_raw) + (SELECT count(*) FROM span_event_raw)"
                 " + (SELECT count(*) FROM span_link_raw) + (SELECT count(*) FROM flow_raw)"
                 " + (SELECT count(*) FROM sample_raw) + (SELECT count(*) FROM point_raw)"
                 " + (SELECT count(*) FROM event_raw) + (SELECT count(*) FROM plan_raw)"
                 " + (SELECT count(*) FROM plan_node_raw) + (SELECT count(*) FROM plan_worker_raw)"
                 " + (SELECT count(*) FROM plan_trigger_raw)"
                 " + (SELECT count(*) FROM log_entry_raw)"),
        std::to_string(record.rowsCommitted));
    resume(*workspace, record.id);
    QVERIFY(contentOf(*workspace) == oneGo());
}

void TestBulkResume::resumeTwice()
{
    const auto workspace = open();
    QVERIFY(workspace);
    const std::int64_t source = abandonAfter(*workspace, 4'000);
    abandonAfter(*workspace, 12'000, source);
    resume(*workspace, source);
    QVERIFY(contentOf(*workspace) == oneGo());
}

void TestBulkResume::resumeBesideOtherSources()
{
    const auto workspace = open();
    QVERIFY(workspace);
    const std::int64_t source = abandonAfter(*workspace, 6'000);
    auto other = BulkWriter::create(*workspace, {"b", "test", {}}, {});
    TS_VERIFY_OK(other);
    writeMixed(**other, 500);
    TS_VERIFY_OK((*other)->finish({}));
    resume(*workspace, source);
    // The ids come in two runs now; the content is the same.
    QCOMPARE(rowsOf(*workspace, "SELECT count(*) FROM source_run WHERE family = 9 AND source_id = 1"),
        std::string("2"));
    const char *sql
        = "SELECT count(*), count(DISTINCT s.id), sum(e.ts_ns - s.start_ns), count(DISTINCT s.operation),"
          " sum(s.source_id <> e.source_id) FROM span s JOIN span_event e ON e.span_id = s.id"
          " WHERE s.source_id = 1";
    QCOMPARE(rowsOf(*workspace, sql), std::string("1500|1500|1500|150|0"));
    QCOMPARE(rowsOf(*workspace,
                 "SELECT count(*), sum(s.operation = 'operation ' || ((s.start_ns / 1000000) % 300))"
                 " FROM span s WHERE source_id = 1"),
        std::string("3000|3000"));
    QCOMPARE(rowsOf(*workspace,
                 "SELECT sum(n.self_weight), p.total_weight FROM call_node n JOIN profile p"
                 " ON p.id = n.profile_id WHERE p.source_id = 1"),
        std::string("2250750.0|2250750.0"));
}

void TestBulkResume::resumeWithOtherBytes()
{
    const auto workspace = open();
    QVERIFY(workspace);
    const std::int64_t source = abandonAfter(*workspace, 6'000);
    auto sink = BulkWriter::create(*workspace, {"a", "test", source}, {});
    TS_VERIFY_OK(sink);
    SpanRow row;
    for (int i = 0; i < 50'000 && !(*sink)->hasFailed(); ++i) {
        row.startNs = i;
        (*sink)->span(row);
    }
    QVERIFY((*sink)->hasFailed());
    const auto finished = (*sink)->finish({});
    QVERIFY(!finished);
    QCOMPARE(finished.error().code, ErrorCode::BadInput);
    QCOMPARE(workspace->sources()->front().state, SourceState::Broken);
    QCOMPARE(rowsOf(*workspace, "SELECT count(*) FROM span"), std::string("0"));
}

void TestBulkResume::resumeWithFewerBytes()
{
    const auto workspace = open();
    QVERIFY(workspace);
    const std::int64_t source = abandonAfter(*workspace, 6'000);
    auto sink = BulkWriter::create(*workspace, {"a", "test", source}, {});
    TS_VERIFY_OK(sink);
    writeMixed(**sink, 10);
    const auto finished = (*sink)->finish({});
    QVERIFY(!finished);
    QCOMPARE(finished.error().code, ErrorCode::BadInput);
}

void TestBulkResume::resumeRefused()
{
    const auto workspace = open();
    QVERIFY(workspace);
    const std::int64_t source = abandonAfter(*workspace, 1);
    const auto create = [&](const char *format, std::int64_t id) {
        return BulkWriter::create(*workspace, {"a", format, id}, {});
    };
    QCOMPARE(create("other", source).error().code, ErrorCode::Usage);
    QCOMPARE(create("test", 77).error().code, ErrorCode::NotFound);
    resume(*workspace, source);
    QCOMPARE(create("test", source).error().code, ErrorCode::Usage);
}

void TestBulkResume::keepPartial()
{
    const auto workspace = open();
    QVERIFY(workspace);
    const std::int64_t source = abandonAfter(*workspace, 6'000);
    const std::int64_t before = *workspace->generation("span");
    TS_VERIFY_OK(workspace->keepPartial(source));
    QCOMPARE(rowsOf(*workspace, "SELECT state, partial, kind FROM source"), std::string("complete|1|trace"));
    QVERIFY(rowsOf(*workspace, "SELECT count(*) FROM span") != "0");
    QCOMPARE(rowsOf(*workspace, "SELECT severity, kind FROM import_issue"),
        std::string("data_loss|kept-partial"));
    QCOMPARE(*workspace->generation("span"), before + 1);
    QVERIFY(!workspace->keepPartial(source));
    QCOMPARE(workspace->keepPartial(99).error().code, ErrorCode::NotFound);
}

void TestBulkResume::keepPartialProfileHasWeights()
{
    const auto workspace = open();
    QVERIFY(workspace);
    const std::int64_t source = abandonAfter(*workspace, 6'000);
    TS_VERIFY_OK(workspace->keepPartial(source));
    QCOMPARE(rowsOf(*workspace,
                 "SELECT (SELECT sum(weight) FROM sample) = (SELECT sum(self_weight) FROM call_node),"
                 " (SELECT sum(weight) FROM sample) = (SELECT total_weight FROM call_node WHERE depth = 0),"
                 " (SELECT sum(count) FROM sample) = (SELECT sample_count FROM profile),"
                 " (SELECT count(*) FROM call_node WHERE total_weight IS NULL)"),
        std::string("1|1|1|0"));
}

void TestBulkResume::cancelledSourceIsOffered()
{
    {
        const auto workspace = open();
        QVERIFY(workspace);
        auto sink = BulkWriter::create(*workspace, {"a", "test", {}}, {});
        writeMixed(**sink, 1000);
        BulkWriter::Ending ending;
        ending.state = SourceState::Cancelled;
        ending.sha256 = "abc";
        TS_VERIFY_OK((*sink)->finish(ending));
    }
    const auto workspace = open();
    QVERIFY(workspace);
    QCOMPARE(workspace->openReport().interrupted.size(), std::size_t{1});
    const SourceRecord record = workspace->openReport().interrupted.front();
    QCOMPARE(record.state, SourceState::Cancelled);
    QCOMPARE(record.sha256, std::string("abc"));
    resume(*workspace, record.id);
    QVERIFY(contentOf(*workspace) == oneGo());
}

void TestBulkResume::diskFull()
{
    const pid_t child = fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const auto workspace = Workspace::open(path());
        auto sink = BulkWriter::create(**workspace, {"a", "test", {}}, {});
        if (!sink)
            _exit(3);
        rlimit limit{1'500'000, 1'500'000};
        setrlimit(RLIMIT_FSIZE, &limit);
        writeMixed(**sink, 1'000'000, [&](int) { return (*sink)->hasFailed(); });
        const auto finished = (*sink)->finish({});
        _exit(!finished && finished.error().code == ErrorCode::DiskFull && !finished.error().hint.empty()
                ? 0
                : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    QVERIFY(WIFEXITED(status));
    QCOMPARE(WEXITSTATUS(status), 0);
    const auto workspace = open();
    QVERIFY(workspace);
    TS_VERIFY_OK(workspace->quickCheck({}));
    QCOMPARE(workspace->openReport().interrupted.size(), std::size_t{1});
    resume(*workspace, workspace->openReport().interrupted.front().id);
    QVERIFY(contentOf(*workspace) == oneGo());
}

QTEST_GUILESS_MAIN(TestBulkResume)
#include "tst_bulkresume.moc"
