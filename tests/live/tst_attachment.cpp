// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Sampler and recorder together: one recording in a workspace.
#include "analysis/statementdeltas.h"
#include "live/attachment.h"
#include "liveserver.h"
#include "recordtest.h"
#include "session/ingest.h"

#include <QFile>
#include <QTemporaryDir>

#include <chrono>
#include <functional>
#include <thread>

using namespace recordtest;
using namespace tailscope::tests;
using namespace std::chrono_literals;

namespace {

bool wait(const std::function<bool()> &until, std::chrono::milliseconds atMost)
{
    const auto end = std::chrono::steady_clock::now() + atMost;
    while (!until()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        QTest::qWait(20);
    }
    return true;
}

/// 0 for what is none: an error of the query too.
int number(const store::Workspace &workspace, std::string_view sql)
{
    return QByteArray::fromStdString(query(workspace, sql)).toInt();
}

std::vector<Target> targets()
{
    std::vector<Target> list;
    for (const auto &[name, kind] : {std::pair{"TS_LIVE_PRIMARY", TargetKind::Postgres},
             std::pair{"TS_LIVE_REPLICA", TargetKind::Postgres},
             std::pair{"TS_LIVE_BOUNCER", TargetKind::Pgbouncer}})
        list.push_back(parseTarget(LiveServer::conninfo(name), kind).value_or(Target{}));
    list[0].label = "primary";
    list[1].label = "replica";
    list[2].label = "pool";
    return list;
}

/// Complete events of a Chrome trace, as many as asked for.
QByteArray trace(int spans)
{
    QByteArray text = "[";
    for (int i = 0; i < spans; ++i)
        text += (i == 0 ? "" : ",\n") + QByteArray("{\"name\":\"op") + QByteArray::number(i % 50)
            + "\",\"ph\":\"X\",\"ts\":" + QByteArray::number(i * 10)
            + ",\"dur\":8,\"pid\":1,\"tid\":" + QByteArray::number(i % 8) + "}";
    return text + "]";
}

} // namespace

class TestAttachment : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nobodyToAttachTo();
    void recordsAllServers();
    void countersAreThoseOfTheServer();
    void losesNothingBesideAnImport();
    void passwordsAreNowhere();
};

void TestAttachment::nobodyToAttachTo()
{
    const auto workspace = temporaryWorkspace();
    QVERIFY(!Attachment::start(workspace, {}, {}));
    // One that never answers is a recording without rows, which ends in order.
    auto attachment = Attachment::start(workspace,
        {parseTarget("host=127.0.0.1 port=1 dbname=x", TargetKind::Postgres).value()}, {});
    TS_VERIFY_OK(attachment);
    QVERIFY(wait([&] { return (*attachment)->servers().front().state == ServerStatus::State::Lost; }, 20s));
    QCOMPARE(query(*workspace, "SELECT state FROM source"), std::string("recording"));
    TS_VERIFY_OK((*attachment)->stop());
    QCOMPARE(query(*workspace, "SELECT state FROM source"), std::string("complete"));
}

void TestAttachment::recordsAllServers()
{
    TS_NEED_LIVE_SERVER();
    const auto workspace = temporaryWorkspace();
    // A pool is there once somebody used it.
    Psql pooled(LiveServer::conninfo("TS_LIVE_POOLED"));
    QCOMPARE(pooled.value("SELECT 1"), std::string("1"));
    auto attachment = Attachment::start(workspace, targets(), {});
    TS_VERIFY_OK(attachment);
    // Long: to make the chain takes seconds of its time on a busy machine.
    TS_FIXTURE("block", "60");
    QVERIFY(wait([&] { return number(*workspace, "SELECT count(*) FROM lock_edge") > 0; }, 30s));
    TS_FIXTURE("quiet");
    QTest::qWait(3000);
    // It shows while it grows.
    QCOMPARE(query(*workspace, "SELECT kind, state FROM source"), std::string("recording|recording"));
    const RecordingStatus growing = (*attachment)->recording();
    QVERIFY(growing.rows > 100 && growing.lastNs > growing.startNs && growing.gaps == 0);
    QVERIFY(!growing.error);
    TS_VERIFY_OK((*attachment)->stop());
    QCOMPARE(query(*workspace, "SELECT name, kind FROM server ORDER BY name"),
        std::string("pool|pgbouncer ; primary|postgresql ; replica|postgresql"));
    for (const char *table : {"session_sample", "statement_sample", "pool_sample", "replica_sample",
             "setting", "point", "lock_edge"})
        QVERIFY2(query(*workspace, std::string("SELECT count(*) FROM ") + table) != "0", table);
    // A row of statements without a text says nothing. Texts are asked for every ten seconds: those of the
    // statements that were new at the end are missing.
    QCOMPARE(query(*workspace,
                 "SELECT count(*) FROM statement_sample WHERE statement_id IS NULL"
                 " AND ts_ns < (SELECT max(ts_ns) - 11000000000 FROM statement_sample)"),
        std::string("0"));
    // We are not among those we look at.
    QCOMPARE(query(*workspace, "SELECT count(*) FROM session_sample WHERE application = 'tailscope'"),
        std::string("0"));
    QCOMPARE(query(*workspace, "SELECT count(*) FROM import_issue WHERE severity IN ('error', 'data_loss')"),
        std::string("0"));
    QVERIFY(std::stoll(query(*workspace,
                "SELECT count(*) FROM point AS p JOIN series AS s ON s.id = p.series_id WHERE "
                "s.metric = 'tailscope.probe.duration'"))
        > 50);
}

/// A statement is run so many times while it is recorded: the differences say so.
void TestAttachment::countersAreThoseOfTheServer()
{
    TS_NEED_LIVE_SERVER();
    const auto workspace = temporaryWorkspace();
    Psql app(LiveServer::conninfo("TS_LIVE_SUPER"));
    QVERIFY(app.isOpen());
    auto attachment = Attachment::start(workspace, {targets().front()}, {});
    TS_VERIFY_OK(attachment);
    QVERIFY(wait([&] { return number(*workspace, "SELECT count(*) FROM statement_sample") > 0; }, 60s));
    for (int i = 0; i < 37; ++i) {
        (void)app.value("SELECT count(*) + " + std::to_string(i) + " FROM pg_class AS only_here");
        QTest::qWait(50);
    }
    const std::string calls = app.value(
        "SELECT sum(calls)::bigint FROM pg_stat_statements WHERE query LIKE '%FROM pg_class AS only_here'");
    // The text of a new entry is asked for every ten seconds.
    QVERIFY(wait(
        [&] {
            return query(*workspace,
                       "SELECT ifnull(max(calls), 0) FROM statement_sample WHERE statement_id IN (SELECT id "
                       "FROM statement WHERE "
                       "text LIKE '%only_here')")
                == calls;
        },
        90s));
    TS_VERIFY_OK((*attachment)->stop());
    auto reader = workspace->connectReader();
    const auto deltas = analysis::statementDeltas(*reader, Progress{});
    TS_VERIFY_OK(deltas);
    const std::string id = query(*workspace, "SELECT id FROM statement WHERE text LIKE '%only_here'");
    std::int64_t seen = 0;
    for (const auto &one : *deltas)
        seen += std::to_string(one.statement) == id ? one.calls : 0;
    QCOMPARE(seen, std::int64_t{37});
}

/// Rows of a large file go into the same workspace meanwhile: TS_RECORD_BESIDE names a larger one.
void TestAttachment::losesNothingBesideAnImport()
{
    TS_NEED_LIVE_SERVER();
    QTemporaryDir folder;
    QString file = qEnvironmentVariable("TS_RECORD_BESIDE");
    if (file.isEmpty()) {
        file = folder.filePath(QStringLiteral("trace.json"));
        QFile out(file);
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(trace(300'000));
    }
    auto opened = store::Workspace::open(folder.filePath(QStringLiteral("w.tailscope")).toStdString());
    TS_VERIFY_OK(opened);
    const std::shared_ptr<store::Workspace> workspace = std::move(*opened);
    auto attachment = Attachment::start(workspace, targets(), {});
    TS_VERIFY_OK(attachment);
    QVERIFY(wait([&] { return (*attachment)->recording().rows > 0; }, 60s));
    session::IngestResult result;
    std::atomic<bool> isDone{false};
    const auto began = std::chrono::steady_clock::now();
    std::thread import([&] {
        result = session::ingest(*workspace, {file.toStdString()}, {}, Progress{});
        isDone = true;
    });
    Nanos slowest = 0;
    while (!isDone) {
        QTest::qWait(20);
        const RecordingStatus status = (*attachment)->recording();
        const Nanos now = std::chrono::duration_cast<std::chrono::nanoseconds>(
            std::chrono::system_clock::now().time_since_epoch())
                              .count();
        slowest = std::max(slowest, now - status.lastNs);
    }
    import.join();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    QTest::qWait(2000);
    TS_VERIFY_OK((*attachment)->stop());
    QVERIFY2(result.errors.empty(), result.errors.empty() ? "" : result.errors.front().toText().c_str());
    QCOMPARE((*attachment)->recording().gaps, std::int64_t(0));
    QCOMPARE(query(*workspace, "SELECT count(*) FROM event WHERE kind = 'gap'"), std::string("0"));
    // Every run of the probe is there. How far apart they are depends on what else the machine does: a probe
    // that is slow is asked less often.
    const std::string apart = query(*workspace,
        "SELECT count(*), max(d) / 1e9 FROM (SELECT p.ts_ns - lag(p.ts_ns) OVER (PARTITION BY s.id ORDER BY "
        "p.ts_ns) AS d FROM point AS p JOIN series AS s ON s.id = p.series_id WHERE s.metric = "
        "'tailscope.probe.duration' AND s.labels LIKE '%\"sessions\"%' AND s.service = 'primary')");
    qInfo("import took %.1f s; samples of the primary and the longest time between two: %s s; committed at "
          "most %.2f s late",
        seconds, apart.c_str(), double(slowest) / 1e9);
    std::size_t runs = 0;
    for (const ProbeStatus &probe : (*attachment)->servers().front().probes)
        runs = probe.probe && probe.probe->id == "sessions" ? probe.runs : runs;
    QVERIFY(runs >= 2);
    QCOMPARE(std::size_t(std::stoul(apart)), runs);
}

void TestAttachment::passwordsAreNowhere()
{
    TS_NEED_LIVE_SERVER();
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("w.tailscope"));
    Target target = targets().front();
    QVERIFY(!target.password.empty());
    // A role is its own password in the fixture: one that is wrong can be looked for.
    target.password = "s3cret-nobody-writes";
    {
        auto opened = store::Workspace::open(path.toStdString());
        TS_VERIFY_OK(opened);
        auto attachment
            = Attachment::start(std::shared_ptr<store::Workspace>(std::move(*opened)), {target}, {});
        TS_VERIFY_OK(attachment);
        QVERIFY(
            wait([&] { return (*attachment)->servers().front().state == ServerStatus::State::NeedsPassword; },
                30s));
        QVERIFY((*attachment)->servers().front().detail.find("s3cret") == std::string::npos);
        TS_VERIFY_OK((*attachment)->stop());
    }
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(!file.readAll().contains("s3cret"));
}

QTEST_GUILESS_MAIN(TestAttachment)
#include "tst_attachment.moc"
