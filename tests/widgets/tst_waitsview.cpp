// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Average active sessions.
#include "items/waitmodel.h"
#include "session/playback.h"
#include "tests/items/sessionfixture.h"
#include "tests/widgets/viewtest.h"
#include "widgets/base/celltableview.h"
#include "widgets/charts/plotview.h"
#include "widgets/sessions/waitsview.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>

#include <cmath>

using namespace tailscope;
using namespace tailscope::widgets;

namespace {

std::unique_ptr<session::Session> minute()
{
    auto session = tests::recordedMinute();
    session->playback()->setRecorded({tests::kRecordedFrom, tests::kRecordedFrom + 59 * tests::kSecond + 1});
    session->playback()->setWindowNs(60 * tests::kSecond);
    return session;
}

QString cell(const CellTableView *table, int row, int column)
{
    return table->model()->index(row, column).data().toString();
}

} // namespace

class TestWaitsView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void stackAndTables();
    void rangesNarrow();
    void byKeyboardAlone();
    void namesAndSql();
    void pictures();
};

void TestWaitsView::emptyStateSaysWhatToDo()
{
    const auto empty = tests::openSession();
    WaitsView view(empty.get());
    view.show();
    QTRY_VERIFY(view.isReady());
    QVERIFY(tests::labelText(view).contains(QLatin1String("pg_stat_activity")));
    const auto session = minute();
    WaitsView late(session.get());
    session->context()->setRange(TimeRange{5, 10'000});
    late.show();
    QTRY_VERIFY(tests::labelText(late).contains(QLatin1String("No Sample in This Window")));
}

void TestWaitsView::stackAndTables()
{
    const auto session = minute();
    WaitsView view(session.get());
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.partTable()->model()->rowCount() == 2);
    const PlotContent &plot = view.plot()->content();
    QCOMPARE(plot.series.size(), std::size_t(2));
    QCOMPARE(plot.series[0].name, QStringLiteral("CPU"));
    // Sums, one on the other: from 20 s to 39 s two more sessions.
    const auto at = [&plot](int second) {
        for (std::size_t i = 0; i < plot.series[1].x.size(); ++i) {
            const double ns = plot.series[1].x[i] + double(plot.x.origin - tests::kRecordedFrom);
            if (std::abs(ns / 1e9 - second) <= 0.5)
                return plot.series[1].y[i];
        }
        return -1.0;
    };
    QCOMPARE(at(10), 1.0);
    QCOMPARE(at(30), 3.0);
    QCOMPARE(at(50), 1.0);
    QVERIFY(view.noteText().contains(QLatin1String("60 samples 1 s apart")));
    view.partTable()->selectId(1);
    QTRY_VERIFY(view.isReady() && view.statementTable()->model()->rowCount() == 1);
    QVERIFY(tests::labelText(view).contains(QLatin1String("Statements in \"Lock\"")));
    QCOMPARE(cell(view.statementTable(), 0, 0), QStringLiteral("UPDATE orders SET n = $1"));
    QSignalSpy views(&view, &View::openViewRequested);
    view.statementTable()->selectRow(0);
    QTest::keyClick(view.statementTable(), Qt::Key_Return);
    QCOMPARE(views.size(), 1);
    view.groupBox()->setCurrentIndex(view.groupBox()->findData(int(analysis::ActivityGroup::Application)));
    QTRY_VERIFY(view.isReady() && cell(view.partTable(), 0, 0) == QLatin1String("report"));
    QVERIFY(!view.originBox()->isVisible()); // there is one origin only
}

void TestWaitsView::rangesNarrow()
{
    const auto session = minute();
    WaitsView view(session.get());
    view.show();
    QTRY_VERIFY(view.isReady() && view.partTable()->model()->rowCount() == 2);
    const Nanos origin = view.model()->range().begin;
    const double low = double(tests::kRecordedFrom + 20 * tests::kSecond - origin);
    Q_EMIT view.plot()->rangeSelected(low, low + 20e9);
    QTRY_VERIFY(view.isReady() && cell(view.partTable(), 0, 0) == QLatin1String("Lock"));
    QCOMPARE(cell(view.partTable(), 0, 1), QStringLiteral("2.00"));
    QVERIFY(tests::labelText(view).contains(QLatin1String("chosen range")));
    Q_EMIT view.plot()->rangeCleared();
    QTRY_VERIFY(view.isReady() && cell(view.partTable(), 0, 0) == QLatin1String("CPU"));
}

void TestWaitsView::byKeyboardAlone()
{
    const auto session = minute();
    WaitsView view(session.get());
    view.resize(1200, 800);
    view.show();
    QTRY_VERIFY(view.isReady() && view.partTable()->model()->rowCount() == 2);
    view.partTable()->setFocus();
    QTest::keyClick(view.partTable(), Qt::Key_Down);
    QTest::keyClick(view.partTable(), Qt::Key_Down);
    QTRY_COMPARE(view.model()->chosen(), QStringLiteral("Lock"));
    QTest::keyClick(view.partTable(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains(QLatin1String("Lock\t0.66")));
    const QStringList nameless = tests::nameless(view);
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QLatin1Char('\n'))));
    WaitsView again(session.get());
    view.groupBox()->setCurrentIndex(1);
    again.restoreState(view.saveState());
    QCOMPARE(again.groupBox()->currentIndex(), 1);
}

void TestWaitsView::namesAndSql()
{
    const auto session = minute();
    WaitsView view(session.get());
    view.show();
    QTRY_VERIFY(view.isReady() && view.partTable()->model()->rowCount() == 2);
    for (int group = 0; group < view.groupBox()->count(); ++group) {
        view.groupBox()->setCurrentIndex(group);
        QTRY_VERIFY(view.isReady());
        QCOMPARE(tests::sqlProblem(*session, view.showSql()), QString());
    }
    // What the picture shows, SQL gives too.
    view.groupBox()->setCurrentIndex(0);
    QTRY_VERIFY(view.isReady());
    QCOMPARE(tests::value(*session,
                 qPrintable(QStringLiteral("SELECT average_active FROM (%1) WHERE part = 'CPU'")
                                .arg(view.showSql().chopped(1)))),
        QStringLiteral("1.0"));
}

void TestWaitsView::pictures()
{
    const auto session = minute();
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<WaitsView>(session.get()); }), QString());
}

QTEST_MAIN(TestWaitsView)
#include "tst_waitsview.moc"
