// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The views of server logs, deadlocks and waits for locks.
#include "items/lockmodel.h"
#include "items/serverlogmodel.h"
#include "tests/items/logrecords.h"
#include "tests/widgets/viewtest.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/locks/deadlockcanvas.h"
#include "widgets/locks/locksview.h"
#include "widgets/serverlog/serverlogview.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>

using namespace tailscope;
using namespace tailscope::widgets;
using tests::kLogStart;

namespace {

std::unique_ptr<session::Session> sample()
{
    tests::LogRecords log;
    tests::fillLog(log);
    return log.open();
}

void clickVisibleButton(QWidget &view)
{
    for (QPushButton *button : view.findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
}

} // namespace

class TestServerLogView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStatesSayWhatToDo();
    void patternsLeadToLines();
    void logByKeyboardAlone();
    void locksShowTheCycle();
    void locksByKeyboardAlone();
    void namesAndSql();
    void pictures();
};

void TestServerLogView::emptyStatesSayWhatToDo()
{
    const auto empty = tests::openSession();
    ServerLogView log(empty.get(), nullptr);
    LocksView locks(empty.get(), nullptr);
    for (View *view : {static_cast<View *>(&log), static_cast<View *>(&locks)}) {
        view->show();
        QTRY_VERIFY(view->isReady());
        QVERIFY(tests::labelText(*view).contains(QLatin1String("log_lock_waits")));
        QSignalSpy commands(view, &View::commandRequested);
        clickVisibleButton(*view);
        QCOMPARE(commands.size(), 1);
    }
    const auto full = sample();
    full->context()->setRange(TimeRange{5, 10});
    ServerLogView fullLog(full.get(), nullptr);
    LocksView fullLocks(full.get(), nullptr);
    for (View *view : {static_cast<View *>(&fullLog), static_cast<View *>(&fullLocks)}) {
        full->context()->setRange(TimeRange{5, 10});
        view->show();
        QTRY_VERIFY(tests::labelText(*view).contains(QLatin1String("in the chosen time")));
        clickVisibleButton(*view);
        QVERIFY(!full->context()->range());
        QTRY_VERIFY(!tests::labelText(*view).contains(QLatin1String("in the chosen time")));
    }
}

void TestServerLogView::patternsLeadToLines()
{
    const auto session = sample();
    ServerLogView view(session.get(), nullptr);
    view.resize(1200, 800);
    view.show();
    QTRY_VERIFY(view.isReady() && view.patternTable()->model()->rowCount() == 5);
    QVERIFY(
        view.findChild<ElidedLabel *>()->text().startsWith(QStringLiteral("60 of 60 lines · 5 patterns")));
    QTRY_COMPARE(view.lineTable()->model()->rowCount(), 60);
    view.patternTable()->selectRow(0);
    QTRY_COMPARE(view.lineTable()->model()->rowCount(), 40);
    QVERIFY(view.showSql().contains(QLatin1String("does not exist")));
    view.lineTable()->selectRow(0);
    QTRY_VERIFY(view.recordText().contains(QLatin1String("message: relation \"x39\" does not exist")));
    QVERIFY2(view.recordText().startsWith(QLatin1String(
                 "time: 2023-11-14 22:18:39.000 UTC (2023-11-15 00:18:39.000 +02:00 in the log)")),
        qPrintable(view.recordText()));
    // Enter narrows to its time.
    QTest::keyClick(view.patternTable(), Qt::Key_Return);
    QVERIFY(session->context()->range().has_value());
    QCOMPARE(session->context()->range()->begin, kLogStart + 300 * kNanosPerSecond);
    QCOMPARE(session->context()->range()->end, kLogStart + 339 * kNanosPerSecond + 1);
    session->context()->setRange(std::nullopt);
    view.kindBox()->setCurrentIndex(view.kindBox()->findData(QStringLiteral("checkpoint")));
    QTRY_COMPARE(view.patternTable()->model()->rowCount(), 1);
    QTRY_COMPARE(view.lineTable()->model()->rowCount(), 3);
    // The choice is kept with the workspace.
    ServerLogView again(session.get(), nullptr);
    again.restoreState(view.saveState());
    again.show();
    QTRY_COMPARE(again.patternTable()->model()->rowCount(), 1);
    QTRY_COMPARE(again.kindBox()->currentData().toString(), QStringLiteral("checkpoint"));
}

void TestServerLogView::logByKeyboardAlone()
{
    const auto session = sample();
    ServerLogView view(session.get(), nullptr);
    view.resize(1200, 800);
    view.show();
    QTRY_VERIFY(view.isReady() && view.patternTable()->model()->rowCount() == 5);
    view.patternTable()->setFocus();
    QTest::keyClick(view.patternTable(), Qt::Key_Down);
    QTest::keyClick(view.patternTable(), Qt::Key_Home, Qt::ControlModifier);
    QTRY_COMPARE(view.lineTable()->model()->rowCount(), 40);
    QTest::keyClick(view.patternTable(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains(
        QLatin1String("error\tERROR\t\trelation \"?\" does not exist\t40")));
    view.startSearch();
    auto *edit = view.findChild<QLineEdit *>();
    QVERIFY(edit && edit->isVisible());
    QTest::keyClicks(edit, QStringLiteral("checkpoint"));
    QTRY_COMPARE(view.patternTable()->model()->rowCount(), 1);
    QTest::keyClick(edit, Qt::Key_Escape);
    QTRY_COMPARE(view.patternTable()->model()->rowCount(), 5);
    QStringList nameless = tests::nameless(view);
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QLatin1Char('\n'))));
}

void TestServerLogView::locksShowTheCycle()
{
    const auto session = sample();
    LocksView view(session.get(), nullptr);
    view.resize(1300, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.pairTable()->model()->rowCount() == 2);
    QCOMPARE(view.deadlockTable()->model()->rowCount(), 4);
    QCOMPARE(view.waitTable()->model()->rowCount(), 2);
    view.pairTable()->selectRow(0);
    QCOMPARE(view.deadlockTable()->model()->rowCount(), 3);
    QVERIFY(view.statementText().contains(
        QLatin1String("Process 12: UPDATE orders SET shipped = true WHERE id = 8")));
    // Two boxes beside each other that do not overlap, within the widget.
    const QRectF a = view.canvas()->boxOf(0), b = view.canvas()->boxOf(1);
    QVERIFY(!a.intersects(b) && QRectF(view.canvas()->rect()).contains(a)
        && QRectF(view.canvas()->rect()).contains(b));
    QVERIFY(view.canvas()->accessibleValue().contains(QLatin1String(
        "Process 11 (cancelled) waits for ShareLock on transaction 771 of orders, held by process 12")));
    view.pairTable()->clearSelection();
    QCOMPARE(view.deadlockTable()->model()->rowCount(), 4);
    view.pairTable()->selectRow(1);
    for (int i = 0; i < 3; ++i) {
        for (int k = 0; k < i; ++k)
            QVERIFY(!view.canvas()->boxOf(i).intersects(view.canvas()->boxOf(k)));
    }
    view.waitTable()->setFocus();
    view.waitTable()->selectRow(0);
    QTest::keyClick(view.waitTable(), Qt::Key_Return);
    QVERIFY(session->context()->range().has_value());
    QCOMPARE(session->context()->range()->end, kLogStart + 58 * kNanosPerSecond + 1);
}

void TestServerLogView::locksByKeyboardAlone()
{
    const auto session = sample();
    LocksView view(session.get(), nullptr);
    view.resize(1300, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.pairTable()->model()->rowCount() == 2);
    view.canvas()->setFocus();
    QCOMPARE(view.canvas()->current(), 0);
    QTest::keyClick(view.canvas(), Qt::Key_Right);
    QCOMPARE(view.canvas()->current(), 1); // along the arrow
    QTest::keyClick(view.canvas(), Qt::Key_Left);
    QTest::keyClick(view.canvas(), Qt::Key_Left);
    QCOMPARE(view.canvas()->current(), 2);
    QTest::keyClick(view.canvas(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().startsWith(
        QLatin1String("Process 21 (cancelled) waits for ShareLock")));
    view.waitTable()->setFocus();
    view.waitTable()->selectRow(0);
    QTest::keyClick(view.waitTable(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains(
        QLatin1String("\t7000.3\t31\t30\tShareLock\ttransactionid\tUPDATE orders")));
    QVERIFY(view.showSql().contains(QLatin1String("lock_edge")));
    QStringList nameless = tests::nameless(view);
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QLatin1Char('\n'))));
}

void TestServerLogView::namesAndSql()
{
    const auto session = sample();
    ServerLogView log(session.get(), nullptr);
    LocksView locks(session.get(), nullptr);
    for (View *view : {static_cast<View *>(&log), static_cast<View *>(&locks)}) {
        QVERIFY(!view->accessibleName().isEmpty());
        QCOMPARE(tests::sqlProblem(*session, view->showSql()), QString());
    }
}

void TestServerLogView::pictures()
{
    const auto session = sample();
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<ServerLogView>(session.get(), nullptr); }),
        QString());
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<LocksView>(session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestServerLogView)
#include "tst_serverlogview.moc"
