// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The tree of blockers.
#include "items/blockingmodel.h"
#include "session/playback.h"
#include "tests/items/sessionfixture.h"
#include "tests/widgets/viewtest.h"
#include "widgets/sessions/blockingview.h"
#include "widgets/sessions/timestrip.h"

#include <QApplication>
#include <QClipboard>
#include <QMenu>
#include <QTreeView>

using namespace tailscope;
using namespace tailscope::widgets;

namespace {

std::unique_ptr<session::Session> atThirty()
{
    auto session = tests::recordedMinute();
    session->playback()->setRecorded({tests::kRecordedFrom, tests::kRecordedFrom + 59 * tests::kSecond + 1});
    session->playback()->setWindowNs(60 * tests::kSecond);
    session->playback()->hold(tests::kRecordedFrom + 30 * tests::kSecond);
    return session;
}

} // namespace

class TestBlockingView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void treeAndMoments();
    void menu();
    void preparedTransactions();
    void byKeyboardAlone();
    void namesAndSql();
    void pictures();
};

void TestBlockingView::emptyStateSaysWhatToDo()
{
    const auto empty = tests::openSession();
    BlockingView view(empty.get());
    view.show();
    QTRY_VERIFY(view.isReady());
    QVERIFY(tests::labelText(view).contains(QLatin1String("pg_blocking_pids")));
}

void TestBlockingView::treeAndMoments()
{
    const auto session = atThirty();
    BlockingView view(session.get());
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 1);
    const QModelIndex root = view.model()->index(0, 0), victim = view.model()->index(0, 0, root);
    QVERIFY(view.tree()->isExpanded(root) && view.tree()->isExpanded(victim));
    QVERIFY(view.noteText().contains(QLatin1String("Blocked sessions: 2")));
    // The next sample keeps what was chosen.
    view.tree()->setCurrentIndex(victim);
    QCOMPARE(session->context()->selection().id, qint64(20));
    Q_EMIT session->liveAppended();
    QTRY_VERIFY(view.isReady());
    QCOMPARE(view.model()->place(view.tree()->currentIndex()).pid, qint64(20));
    // What the user closed stays closed, the rest open.
    view.tree()->collapse(view.tree()->currentIndex());
    session->playback()->hold(tests::kRecordedFrom + 31 * tests::kSecond);
    QTRY_VERIFY(view.isReady());
    QVERIFY(view.tree()->isExpanded(view.model()->index(0, 0)));
    QVERIFY(!view.tree()->isExpanded(view.model()->indexOf(20, 0)));
    view.tree()->expand(view.model()->indexOf(20, 0));
    session->playback()->hold(tests::kRecordedFrom + 32 * tests::kSecond);
    QTRY_VERIFY(view.isReady());
    QVERIFY(view.tree()->isExpanded(view.model()->indexOf(20, 0)));
    // Also above the chosen one, which is chosen again among the new rows.
    view.tree()->setCurrentIndex(view.model()->indexOf(30, 0));
    view.tree()->collapse(view.model()->indexOf(20, 0));
    for (const int second : {33, 34}) {
        session->playback()->hold(tests::kRecordedFrom + second * tests::kSecond);
        QTRY_VERIFY(view.isReady());
        QVERIFY(!view.tree()->isExpanded(view.model()->indexOf(20, 0)));
        QCOMPARE(view.model()->place(view.tree()->currentIndex()).pid, qint64(30));
    }
    // A quiet moment, and back by the strip.
    session->playback()->hold(tests::kRecordedFrom + 50 * tests::kSecond);
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 0);
    QVERIFY(tests::labelText(view).contains(QLatin1String("Nobody is blocked at this moment")));
    const StripBlock *blocked = nullptr;
    for (const StripBlock &block : view.strip()->blocks()) {
        if (block.height == 1)
            blocked = &block;
    }
    QVERIFY(blocked);
    Q_EMIT view.strip()->momentChosen(blocked->moment);
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 1);
}

void TestBlockingView::menu()
{
    const auto session = atThirty();
    BlockingView view(session.get());
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 1);
    view.tree()->setCurrentIndex(view.model()->index(0, 0));
    Q_EMIT view.tree()->customContextMenuRequested({5, 5});
    QMenu *menu = nullptr;
    QTRY_VERIFY((menu = view.findChild<QMenu *>()) != nullptr);
    QStringList texts;
    for (QAction *action : menu->actions()) {
        texts << action->text();
        if (action->text().contains(QLatin1String("pg_terminate_backend(10)")))
            action->trigger();
    }
    QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("SELECT pg_terminate_backend(10);"));
    const QString all = texts.join(QLatin1Char('\n'));
    QVERIFY(all.contains(QLatin1String("pg_cancel_backend(10)")));
    QVERIFY(all.contains(QLatin1String("nothing is run from here")));
    QSignalSpy commands(&view, &View::commandRequested);
    for (QAction *action : menu->actions()) {
        if (action->text().contains(QLatin1String("xplain")))
            action->trigger();
    }
    QCOMPARE(commands.size(), 1);
    delete menu;
}

/// pg_blocking_pids() says 0 of them: there is no process to end.
void TestBlockingView::preparedTransactions()
{
    tests::Recorded recorded;
    const RecordRef server = recorded.server("primary");
    recorded.session(server, 5,
        {20, "active", "Lock", "transactionid", "shop", "UPDATE orders SET n = 2", 1});
    recorded.wait(server, 5, 20, 0, 4'000);
    const auto session = recorded.open();
    session->playback()->setRecorded({tests::kRecordedFrom, tests::kRecordedFrom + 6 * tests::kSecond});
    session->playback()->hold(tests::kRecordedFrom + 5 * tests::kSecond);
    BlockingView view(session.get());
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 1);
    const QModelIndex root = view.model()->index(0, 0);
    QCOMPARE(root.data().toString(), QStringLiteral("prepared transaction"));
    QVERIFY(root.data(Qt::ToolTipRole).toString().contains(QLatin1String("pg_prepared_xacts")));
    QCOMPARE(root.siblingAtColumn(items::BlockingModel::State).data().toString(), QStringLiteral("prepared"));
    view.tree()->setCurrentIndex(root);
    Q_EMIT view.tree()->customContextMenuRequested({5, 5});
    QMenu *menu = nullptr;
    QTRY_VERIFY((menu = view.findChild<QMenu *>()) != nullptr);
    int offered = 0;
    for (const QAction *action : menu->actions()) {
        if (action->text().contains(QLatin1String("_backend(")))
            offered += action->isEnabled() ? 100 : action->toolTip().contains(QLatin1String("prepared"));
    }
    QCOMPARE(offered, 2);
    delete menu;
}

void TestBlockingView::byKeyboardAlone()
{
    const auto session = atThirty();
    BlockingView view(session.get());
    view.resize(1200, 800);
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 1);
    view.tree()->setFocus();
    QTest::keyClick(view.tree(), Qt::Key_Home);
    QTest::keyClick(view.tree(), Qt::Key_Down);
    QCOMPARE(session->context()->selection().id, qint64(20));
    QTest::keyClick(view.tree(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains(QLatin1String("\n    30\t")));
    QSignalSpy views(&view, &View::openViewRequested);
    QTest::keyClick(view.tree(), Qt::Key_Return);
    QCOMPARE(views.size(), 1);
    view.strip()->setFocus();
    QTest::keyClick(view.strip(), Qt::Key_Home);
    QTest::keyClick(view.strip(), Qt::Key_Return);
    QTRY_VERIFY(view.isReady() && view.model()->rowCount() == 0);
    const QStringList nameless = tests::nameless(view);
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QLatin1Char('\n'))));
}

void TestBlockingView::namesAndSql()
{
    const auto session = atThirty();
    BlockingView view(session.get());
    view.show();
    QTRY_VERIFY(view.isReady());
    QCOMPARE(tests::sqlProblem(*session, view.showSql()), QString());
}

void TestBlockingView::pictures()
{
    const auto session = atThirty();
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<BlockingView>(session.get()); }), QString());
}

QTEST_MAIN(TestBlockingView)
#include "tst_blockingview.moc"
