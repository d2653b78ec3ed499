// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The saved fast plan of a statement: marked, replaced, taken back, and kept in the file.
#include "session/savedplancommand.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;
using session::Session;

namespace {

const QByteArray kPlans = R"(Query Text: SELECT * FROM t WHERE id = 1
Index Scan using t_pkey on t  (cost=0.00..9.00 rows=1 width=4) (actual time=0.1..5.0 rows=1 loops=1)
  Index Cond: (id = 1)
Execution Time: 5.1 ms

Query Text: SELECT * FROM t WHERE id = 2
Seq Scan on t  (cost=0.00..9.00 rows=1 width=4) (actual time=0.1..4999.0 rows=1 loops=1)
  Filter: (id = 2)
Execution Time: 5000 ms

Query Text: SELECT * FROM u
Seq Scan on u  (cost=0.00..9.00 rows=1 width=4) (actual time=0.1..2.0 rows=1 loops=1)
Execution Time: 2 ms
)";

} // namespace

class TestSavedPlan : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void marksOneOfAStatement();
    void survivesReopening();
    void unknownPlanIsAnError();

private:
    static QString query(const Session &session, const char *sql)
    {
        auto reader = session.workspace().connectReader();
        const auto value = reader ? reader->text(sql) : tl::unexpected(reader.error());
        if (!value)
            qFatal("%s", value.error().toText().c_str());
        return QString::fromStdString(value->value_or(std::string()));
    }
    static QString marked(const Session &session)
    {
        return query(session, "SELECT coalesce(group_concat(id), '') FROM plan WHERE saved_good = 1");
    }
    static QString found(const Session &session)
    {
        return query(session,
            "SELECT coalesce(group_concat(subject_kind || subject_id), '') FROM finding"
            " WHERE rule_id = 'plan-regressed'");
    }
    static void import(Session &session)
    {
        QSignalSpy loaded(&session, &Session::loaded);
        session.importText(QStringLiteral("plans"), kPlans);
        QVERIFY(loaded.wait(20'000));
        QTRY_VERIFY_WITH_TIMEOUT(session.jobs()->isIdle(), 20'000);
    }
};

void TestSavedPlan::marksOneOfAStatement()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    Session session(std::move(*workspace));
    import(session);
    QSignalSpy loaded(&session, &Session::loaded);
    session::saveFastPlan(&session, 1, true);
    QVERIFY(loaded.wait(20'000));
    QCOMPARE(marked(session), QStringLiteral("1"));
    QCOMPARE(session.undoStack()->undoText(), QStringLiteral("Save as Fast Plan"));
    // The rules ran again: the plan of today is worse.
    QCOMPARE(found(session), QStringLiteral("plan2"));
    session::saveFastPlan(&session, 1, true); // it is already
    QCOMPARE(session.undoStack()->count(), 1);
    // One a statement; another statement has its own.
    session::saveFastPlan(&session, 2, true);
    QVERIFY(loaded.wait(20'000));
    session::saveFastPlan(&session, 3, true);
    QVERIFY(loaded.wait(20'000));
    QCOMPARE(marked(session), QStringLiteral("2,3"));
    QCOMPARE(found(session), QString());
    session.undoStack()->undo();
    QVERIFY(loaded.wait(20'000));
    session.undoStack()->undo();
    QVERIFY(loaded.wait(20'000));
    QCOMPARE(marked(session), QStringLiteral("1"));
    session::saveFastPlan(&session, 2, false); // it is not the marked one
    session::saveFastPlan(&session, 1, false);
    QVERIFY(loaded.wait(20'000));
    QCOMPARE(marked(session), QString());
    QCOMPARE(session.undoStack()->undoText(), QStringLiteral("Forget Saved Plan"));
    session.undoStack()->undo();
    QVERIFY(loaded.wait(20'000));
    QCOMPARE(marked(session), QStringLiteral("1"));
}

void TestSavedPlan::survivesReopening()
{
    QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("w.tailscope")).toStdString();
    {
        auto workspace = store::Workspace::open(path);
        QVERIFY2(workspace, workspace ? "" : workspace.error().toText().c_str());
        Session session(std::move(*workspace));
        import(session);
        QSignalSpy loaded(&session, &Session::loaded);
        session::saveFastPlan(&session, 1, true);
        QVERIFY(loaded.wait(20'000));
    }
    auto workspace = store::Workspace::open(path);
    QVERIFY2(workspace, workspace ? "" : workspace.error().toText().c_str());
    Session session(std::move(*workspace));
    QCOMPARE(marked(session), QStringLiteral("1"));
    QCOMPARE(found(session), QStringLiteral("plan2"));
}

void TestSavedPlan::unknownPlanIsAnError()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    Session session(std::move(*workspace));
    QSignalSpy failed(&session, &Session::failed);
    session::saveFastPlan(&session, 77, true);
    QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, 20'000);
    QCOMPARE(failed.first().first().value<Error>().code, ErrorCode::NotFound);
}

QTEST_GUILESS_MAIN(TestSavedPlan)
#include "tst_savedplan.moc"
