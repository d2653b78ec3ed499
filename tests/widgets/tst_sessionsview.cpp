// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The table of sessions.
#include "items/sessionmodel.h"
#include "session/playback.h"
#include "tests/items/sessionfixture.h"
#include "tests/widgets/viewtest.h"
#include "widgets/base/celltableview.h"
#include "widgets/sessions/sessionsview.h"
#include "widgets/sessions/timestrip.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QHeaderView>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableView>

using namespace tailscope;
using namespace tailscope::widgets;
using items::SessionModel;

namespace {

/// At 30 s the chain is there.
std::unique_ptr<session::Session> atThirty()
{
    auto session = tests::recordedMinute();
    session->playback()->setRecorded({tests::kRecordedFrom, tests::kRecordedFrom + 59 * tests::kSecond + 1});
    session->playback()->hold(tests::kRecordedFrom + 30 * tests::kSecond);
    return session;
}

void chooseEntry(QWidget &view, QTableView *table, const QString &text)
{
    Q_EMIT table->customContextMenuRequested({5, 5});
    QMenu *menu = nullptr;
    QTRY_VERIFY((menu = view.findChild<QMenu *>()) != nullptr);
    for (QAction *action : menu->actions()) {
        if (action->text().remove(QLatin1Char('&')).contains(text)) {
            QVERIFY(action->isEnabled());
            action->trigger();
            delete menu;
            return;
        }
    }
    QFAIL(qPrintable(QStringLiteral("no entry ") + text));
}

} // namespace

class TestSessionsView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void theChosenSession();
    void theQueryIsInSight();
    void filtersAndGroups();
    void menu();
    void selectionsAreShared();
    void byKeyboardAlone();
    void staysFluentWithManySessions();
    void namesAndSql();
    void pictures();
};

void TestSessionsView::emptyStateSaysWhatToDo()
{
    const auto empty = tests::openSession();
    SessionsView view(empty.get());
    view.show();
    QTRY_VERIFY(view.isReady());
    QVERIFY(tests::labelText(view).contains(QLatin1String("tailscope record")));
}

void TestSessionsView::theChosenSession()
{
    const auto session = atThirty();
    SessionsView view(session.get());
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 6);
    QVERIFY(view.table()->isColumnHidden(SessionModel::Server)); // there is one only
    QVERIFY(view.noteText().contains(QLatin1String("6 of 7 connections (86 %)")));
    QVERIFY(tests::labelText(view).contains(QLatin1String("pg_monitor")));
    view.table()->selectRow(view.model()->rowOf(20, 0));
    QCOMPARE(view.queryText()->toPlainText(), QStringLiteral("UPDATE orders SET n = 1"));
    QVERIFY(tests::labelText(view).contains(QLatin1String("blocked by 10")));
    QCOMPARE(session->context()->selection().kind, session::Selection::Kind::Backend);
    QCOMPARE(session->context()->selection().id, qint64(20));
    QTRY_COMPARE(view.strip()->blocks().size(), 1);
    QVERIFY(view.strip()->blocks()[0].toolTip.contains(QLatin1String("waits for a lock")));
    // The moment goes on; the choice stays, then it ends.
    session->playback()->hold(tests::kRecordedFrom + 35 * tests::kSecond);
    QTRY_VERIFY(view.isReady());
    QVERIFY(tests::labelText(view).contains(QLatin1String("PID 20")));
    session->playback()->hold(tests::kRecordedFrom + 50 * tests::kSecond);
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 3);
    QVERIFY(!tests::labelText(view).contains(QLatin1String("PID 20")));
    // A hidden one says why.
    view.table()->selectRow(view.model()->rowOf(60, 0));
    QVERIFY(view.queryText()->toPlainText().contains(QLatin1String("pg_monitor")));
}

void TestSessionsView::theQueryIsInSight()
{
    const auto session = atThirty();
    SessionsView view(session.get());
    view.resize(1280, 800);
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 6);
    const QHeaderView *header = view.table()->horizontalHeader();
    QCOMPARE(header->visualIndex(SessionModel::Query), header->visualIndex(SessionModel::Wait) + 1);
    QVERIFY(header->sectionViewportPosition(SessionModel::Query) + 200 <= view.table()->viewport()->width());
    QVERIFY(header->sectionSize(SessionModel::Query) >= 320);
    // It takes what the others leave, until the user says how wide it is.
    view.resize(4000, 800);
    QTRY_COMPARE(header->length(), view.table()->viewport()->width());
    view.table()->setColumnWidth(SessionModel::Query, 400);
    view.resize(1280, 800);
    QCoreApplication::processEvents();
    QCOMPARE(header->sectionSize(SessionModel::Query), 400);
}

void TestSessionsView::filtersAndGroups()
{
    const auto session = atThirty();
    SessionsView view(session.get());
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 6);
    view.activeBox()->setChecked(true);
    QCOMPARE(view.model()->rowCount(), 3);
    view.searchEdit()->setText(QStringLiteral("lock:"));
    QCOMPARE(view.model()->rowCount(), 2);
    view.searchEdit()->clear();
    view.activeBox()->setChecked(false);
    view.groupBox()->setCurrentIndex(view.groupBox()->findData(int(SessionModel::Application)));
    QVERIFY(view.groupTable()->isVisible());
    view.groupTable()->selectId(view.model()->groups()->idAt(0));
    QCOMPARE(view.model()->rowCount(), 3);
    // The next sample keeps the choice.
    Q_EMIT session->liveAppended();
    QTRY_VERIFY(view.isReady());
    QCOMPARE(view.model()->rowCount(), 3);
    SessionsView again(session.get());
    again.restoreState(view.saveState());
    QCOMPARE(again.groupBox()->currentData().toInt(), int(SessionModel::Application));
    view.groupBox()->setCurrentIndex(0);
    QCOMPARE(view.model()->rowCount(), 6);
}

void TestSessionsView::menu()
{
    const auto session = atThirty();
    SessionsView view(session.get());
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 6);
    view.table()->setCurrentIndex(view.model()->index(view.model()->rowOf(20, 0), SessionModel::Wait));
    chooseEntry(view, view.table(), QStringLiteral("pg_cancel_backend(20)"));
    QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("SELECT pg_cancel_backend(20);"));
    chooseEntry(view, view.table(), QStringLiteral("Copy Query"));
    QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("UPDATE orders SET n = 1"));
    chooseEntry(view, view.table(), QStringLiteral("Copy Cell"));
    QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("Lock: transactionid"));
    chooseEntry(view, view.table(), QStringLiteral("Copy Table as CSV"));
    QCOMPARE(QApplication::clipboard()->text().count(QLatin1Char('\n')), 7);
    QSignalSpy views(&view, &View::openViewRequested);
    chooseEntry(view, view.table(), QStringLiteral("Show in Blocking"));
    QCOMPARE(views.takeFirst().first().toString(), QStringLiteral("blocking"));
    QSignalSpy commands(&view, &View::commandRequested);
    chooseEntry(view, view.table(), QStringLiteral("Explain"));
    QCOMPARE(commands.first()[0].toString(), QStringLiteral("explain"));
    const QJsonObject what = QJsonDocument::fromJson(commands.first()[1].toString().toUtf8()).object();
    QVERIFY(what.value(QStringLiteral("statement")).toInteger() > 0);
    QCOMPARE(what.value(QStringLiteral("db")).toString(), QStringLiteral("bench"));
    chooseEntry(view, view.table(), QStringLiteral("Open Statement"));
    QCOMPARE(session->context()->selection().kind, session::Selection::Kind::Statement);
    chooseEntry(view, view.table(), QStringLiteral("Only This Application"));
    QCOMPARE(view.model()->rowCount(), 3);
}

void TestSessionsView::selectionsAreShared()
{
    const auto session = atThirty();
    session->context()->setSelection({session::Selection::Kind::Backend, 10, {}});
    SessionsView view(session.get());
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 6);
    QVERIFY(tests::labelText(view).contains(QLatin1String("PID 10")));
    session->context()->setSelection({session::Selection::Kind::Backend, 40, {}});
    QVERIFY(tests::labelText(view).contains(QLatin1String("PID 40")));
}

void TestSessionsView::byKeyboardAlone()
{
    const auto session = atThirty();
    SessionsView view(session.get());
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 6);
    QTest::keyClick(view.table(), Qt::Key_Down);
    QVERIFY(view.table()->currentIndex().isValid());
    QTest::keyClick(view.table(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().startsWith(QLatin1String("Server\tPID")));
    view.table()->selectRow(view.model()->rowOf(20, 0));
    QTRY_COMPARE(view.strip()->blocks().size(), 1);
    view.strip()->setFocus();
    QTest::keyClick(view.strip(), Qt::Key_Home);
    QVERIFY(view.strip()->accessibleValue().contains(QLatin1String("waits for a lock")));
    QTest::keyClick(view.strip(), Qt::Key_Return);
    QCOMPARE(session->playback()->moment(), tests::kRecordedFrom + 20 * tests::kSecond);
    const QStringList nameless = tests::nameless(view);
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QLatin1Char('\n'))));
}

void TestSessionsView::staysFluentWithManySessions()
{
    tests::Recorded recorded;
    const RecordRef server = recorded.server("busy");
    for (int i = 0; i < 5'000; ++i) {
        const std::string query = "SELECT * FROM t" + std::to_string(i % 500) + " WHERE id = 1";
        recorded.session(server, 0, {1'000 + i, "idle", "Client", "ClientRead", "shop", query, {}});
    }
    const auto session = recorded.open();
    SessionsView view(session.get());
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 5'000);
    QElapsedTimer timer;
    qint64 longest = 0;
    for (int i = 0; i < 20; ++i) {
        timer.restart();
        QTest::keyClick(view.table(), Qt::Key_PageDown);
        view.grab();
        longest = std::max(longest, timer.elapsed());
    }
    qInfo("longest page of 5,000 sessions: %lld ms", static_cast<long long>(longest));
    QVERIFY(longest < 500);
}

void TestSessionsView::namesAndSql()
{
    const auto session = atThirty();
    SessionsView view(session.get());
    view.show();
    QTRY_VERIFY(view.isReady());
    QCOMPARE(tests::sqlProblem(*session, view.showSql()), QString());
    QVERIFY(!view.accessibleName().isEmpty());
}

void TestSessionsView::pictures()
{
    const auto session = atThirty();
    session->context()->setSelection({session::Selection::Kind::Backend, 20, {}});
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<SessionsView>(session.get()); }), QString());
}

QTEST_MAIN(TestSessionsView)
#include "tst_sessionsview.moc"
