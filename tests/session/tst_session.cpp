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

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
