// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/session.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;
using session::Session;

class TestSession : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void importsReloadsAndRemoves();
    void badFileIsReportedAndTheNextGoesOn();
    void notesAreUndoneAndKept();
    void pastedPlanIsRead();
    void unfinishedSourcesAreFinishedWhenOpened();
    void cancelledFinishingIsNotRepeated();
    void clocksAreAlignedAndUndone();

private:
    QString write(const QString &name, const QByteArray &bytes);
    QTemporaryDir m_folder;
};

QString TestSession::write(const QString &name, const QByteArray &bytes)
{
    const QString path = m_folder.filePath(name);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(path));
    return path;
}

namespace {

const QByteArray kTrace = R"([{"name":"outer","ph":"X","ts":0,"dur":100,"pid":1,"tid":1},
{"name":"inner","ph":"X","ts":10,"dur":30,"pid":1,"tid":1}])";

std::unique_ptr<Session> newSession()
{
    auto workspace = store::Workspace::temporary();
    if (!workspace)
        qFatal("%s", workspace.error().toText().c_str());
    return std::make_unique<Session>(std::move(*workspace));
}

} // namespace

void TestSession::importsReloadsAndRemoves()
{
    auto session = newSession();
    QSignalSpy loaded(session.get(), &Session::loaded);
    session->importFiles({write(QStringLiteral("a.json"), kTrace)});
    QVERIFY(loaded.wait(20000));
    QCOMPARE(session->sources().size(), 1);
    QVERIFY(session->context()->columns());
    QCOMPARE(session->context()->columns()->size(), std::size_t(2));
    QCOMPARE(session->context()->fullRange().length(), Nanos(100'000));
    loaded.clear();
    session->removeSource(session->sources().first().id);
    QVERIFY(loaded.wait(20000));
    QCOMPARE(session->sources().size(), 0);
    QCOMPARE(session->context()->columns()->size(), std::size_t(0));
}

void TestSession::badFileIsReportedAndTheNextGoesOn()
{
    auto session = newSession();
    QSignalSpy failed(session.get(), &Session::failed);
    QSignalSpy finished(session.get(), &Session::importFinished);
    session->importFiles(
        {m_folder.filePath(QStringLiteral("missing.json")), write(QStringLiteral("b.json"), kTrace)});
    QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 20000);
    QVERIFY(failed.count() >= 1);
    const Error error = failed.first().first().value<Error>();
    QVERIFY(QString::fromStdString(error.toText()).contains(QStringLiteral("missing.json")));
    QVERIFY(!error.hint.empty());
}

void TestSession::notesAreUndoneAndKept()
{
    const QString path = m_folder.filePath(QStringLiteral("notes.tailscope"));
    {
        auto workspace = store::Workspace::open(path.toStdString());
        QVERIFY2(workspace, workspace ? "" : workspace.error().toText().c_str());
        Session session(std::move(*workspace));
        session.addNote(1000, std::nullopt, QStringLiteral("first"));
        session.addNote(2000, Nanos(3000), QStringLiteral("second"));
        QCOMPARE(session.notes().size(), 2);
        session.undoStack()->undo();
        QCOMPARE(session.notes().size(), 1);
        session.undoStack()->redo();
        session.editNote(session.notes().first().id, QStringLiteral("changed"));
        QTRY_VERIFY_WITH_TIMEOUT(session.jobs()->isIdle(), 10000);
    }
    auto workspace = store::Workspace::open(path.toStdString());
    QVERIFY2(workspace, workspace ? "" : workspace.error().toText().c_str());
    Session session(std::move(*workspace));
    QSignalSpy loaded(&session, &Session::loaded);
    session.reload();
    QVERIFY(loaded.wait(10000));
    QCOMPARE(session.notes().size(), 2);
    QCOMPARE(session.notes().first().text, QStringLiteral("changed"));
    QCOMPARE(*session.notes().last().endNs, Nanos(3000));
}

void TestSession::pastedPlanIsRead()
{
    auto session = newSession();
    QSignalSpy finished(session.get(), &Session::importFinished);
    session->importText(QStringLiteral("Pasted text"),
        "Seq Scan on orders  (cost=0.00..10.00 rows=5 width=4) (actual time=0.1..2.0 rows=5 loops=1)\n"
        "Execution Time: 2.5 ms\n");
    QVERIFY(finished.wait(20000));
    auto database = session->workspace().connectReader();
    QVERIFY(database);
    const auto nodes
        = database->integer("SELECT count(*) FROM plan_node WHERE node_type = 'Seq Scan' AND self_ms > 1");
    QVERIFY2(nodes, nodes ? "" : nodes.error().toText().c_str());
    QCOMPARE(nodes->value_or(-1), std::int64_t(1));
}

namespace {

qint64 number(const Session &session, const char *sql)
{
    auto database = session.workspace().connectReader();
    const auto value = database ? database->integer(sql) : Result<std::optional<std::int64_t>>(std::nullopt);
    return value && *value ? **value : -1;
}

/// A source whose rows are there and nothing else, as after a kill.
void importOnly(store::Workspace &workspace, const QString &path)
{
    const auto outcome = import::importFile(workspace, path.toStdString(), {}, {});
    if (!outcome)
        qFatal("%s", outcome.error().toText().c_str());
}

} // namespace

void TestSession::unfinishedSourcesAreFinishedWhenOpened()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    importOnly(**workspace, write(QStringLiteral("left.json"), kTrace));
    Session session(std::move(*workspace));
    QCOMPARE(number(session, "SELECT count(*) FROM span WHERE self_ns IS NOT NULL"), qint64(0));
    QStringList titles;
    connect(session.jobs(), &session::JobQueue::changed, &session, [&] {
        for (const session::JobInfo &job : session.jobs()->running())
            titles << job.title;
    });
    session.reload();
    QTRY_VERIFY_WITH_TIMEOUT(session.jobs()->isIdle() && !session.isLoading(), 20000);
    QVERIFY(titles.contains(QStringLiteral("Finishing an interrupted import")));
    QCOMPARE(number(session, "SELECT self_ns FROM span WHERE operation = 'outer'"), qint64(70'000));
    QCOMPARE(number(session, "SELECT self_ns FROM operation_stat WHERE operation = 'outer'"), qint64(70'000));
    QVERIFY(number(session, "SELECT count(*) FROM rule_run") > 0);
    // The views got the finished figures, not those of before.
    QCOMPARE(session.context()->columns()->self[0], Nanos(70'000));
}

void TestSession::cancelledFinishingIsNotRepeated()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    importOnly(**workspace, write(QStringLiteral("left.json"), kTrace));
    Session session(std::move(*workspace));
    QSignalSpy failed(&session, &Session::failed);
    int begun = 0;
    connect(session.jobs(), &session::JobQueue::changed, &session, [&] {
        for (const session::JobInfo &job : session.jobs()->running()) {
            if (job.title != QLatin1String("Finishing an interrupted import"))
                continue;
            ++begun;
            session.jobs()->cancel(job.id);
        }
    });
    session.reload();
    QTRY_VERIFY_WITH_TIMEOUT(session.jobs()->isIdle() && !session.isLoading(), 20000);
    QTest::qWait(300);
    QVERIFY(session.jobs()->isIdle());
    QVERIFY(begun > 0);
}

void TestSession::clocksAreAlignedAndUndone()
{
    auto session = newSession();
    QSignalSpy loaded(session.get(), &Session::loaded);
    session->importFiles({write(QStringLiteral("a.json"), kTrace)});
    QVERIFY(loaded.wait(20000));
    const auto settle
        = [&] { QTRY_VERIFY_WITH_TIMEOUT(session->jobs()->isIdle() && !session->isLoading(), 20000); };
    const qint64 id = session->sources().first().id;
    const Nanos before = session->context()->columns()->start[0];
    session->alignSource(id, 5'000'000'000);
    session->alignSource(id, 7'000'000'000);
    settle();
    QCOMPARE(session->context()->columns()->start[0], before + 7'000'000'000);
    QCOMPARE(session->context()->fullRange().begin, before + 7'000'000'000);
    QCOMPARE(session->sources().first().offsetNs, 7'000'000'000);
    QCOMPARE(session->sources().first().offsetMethod, std::string("user"));
    QCOMPARE(number(*session, "SELECT min(start_ns) FROM span"), before + 7'000'000'000);
    session->undoStack()->undo();
    settle();
    QCOMPARE(session->context()->columns()->start[0], before + 5'000'000'000);
    session->undoStack()->undo();
    settle();
    QCOMPARE(session->context()->columns()->start[0], before);
    QCOMPARE(session->sources().first().offsetMethod, std::string("none"));
    session->undoStack()->redo();
    settle();
    QCOMPARE(number(*session, "SELECT min(start_ns) FROM span"), before + 5'000'000'000);
    QVERIFY(!session->undoStack()->undoText().isEmpty());
    const int steps = session->undoStack()->count();
    session->alignSource(id, 5'000'000'000); // is so already
    session->alignSource(4711, 1);
    QCOMPARE(session->undoStack()->count(), steps);
}

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
