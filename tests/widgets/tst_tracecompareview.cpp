// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/waterfall/tracecompareview.h"

#include "tests/items/otlptraces.h"
#include "tests/widgets/viewtest.h"
#include "widgets/waterfall/tracecomparecanvas.h"
#include "widgets/waterfall/tracelistview.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>
#include <QPushButton>
#include <QTableView>

#include <cmath>

using namespace tailscope;
using namespace tailscope::widgets;
using items::TraceDiffModel;
using Kind = session::Selection::Kind;

namespace {

/// 100 ms, 200 ms and 1,300 ms; the last waits 1,100 ms longer in the pool than the first.
std::vector<tests::TraceSpan> threeRequests()
{
    return {{1, "a1", "", "web", "POST /pay", 0, 100}, {1, "a2", "a1", "web", "pool.acquire", 10, 20},
        {1, "a3", "a1", "db", "SELECT a", 30, 10}, {1, "a4", "a1", "web", "log", 60, 5},
        {2, "b1", "", "web", "POST /pay", 3000, 200}, {3, "c1", "", "web", "POST /pay", 5000, 1300},
        {3, "c2", "c1", "web", "pool.acquire", 5010, 1120}, {3, "c3", "c1", "db", "SELECT a", 6130, 12}};
}

} // namespace

class TestTraceCompareView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateLeadsToTheList();
    void medianAgainstSlowest();
    void wordsNameTheParts();
    void tableByPath();
    void chosenFromTheList();
    void keyboardAndSelection();
    void oneScaleForBoth();
    void stateSqlAndNames();
    void pictures();

private:
    void open(const std::vector<tests::TraceSpan> &spans);
    qint64 idOf(int trace) const;
    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<TraceCompareView> m_view;
};

void TestTraceCompareView::open(const std::vector<tests::TraceSpan> &spans)
{
    m_view.reset();
    m_session = tests::openSession(tests::otlpTraces(spans));
    m_view = std::make_unique<TraceCompareView>(m_session.get());
    m_view->resize(1100, 700);
    m_view->show();
    QTRY_VERIFY(m_view->isReady());
}

qint64 TestTraceCompareView::idOf(int trace) const
{
    const auto id = items::traceIdOfKey(m_session->workspace(),
        QString::number(trace).rightJustified(32, QLatin1Char('0')));
    return id && *id ? **id : -1;
}

void TestTraceCompareView::emptyStateLeadsToTheList()
{
    open({{1, "a1", "", "web", "alone", 0, 100}});
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("Two traces are needed")));
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    for (QPushButton *button : m_view->findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(opened.value(0).value(0).toString(), QStringLiteral("traces"));
}

void TestTraceCompareView::medianAgainstSlowest()
{
    open(threeRequests());
    const auto pair = m_view->model()->pair();
    QVERIFY(pair);
    QCOMPARE(pair->a->request(), 200'000'000);
    QCOMPARE(pair->b->request(), 1'300'000'000);
    QVERIFY(m_view->words().contains(QStringLiteral("Median against slowest")));
}

void TestTraceCompareView::wordsNameTheParts()
{
    open(threeRequests());
    m_view->model()->setBaseline(idOf(1));
    m_view->model()->setOther(idOf(3));
    QTRY_VERIFY(m_view->isReady());
    const QString words = m_view->words();
    QVERIFY2(words.startsWith(QLatin1String("B is 1.2 s slower (13 times A): +1.1 s in pool.acquire (wait)")),
        qPrintable(words));
    QVERIFY2(words.contains(QStringLiteral("in no span of POST /pay (unknown)")), qPrintable(words));
    m_view->model()->swap();
    QTRY_VERIFY(m_view->words().startsWith(QLatin1String("B is 1.2 s faster")));
    QVERIFY(m_view->words().contains(QStringLiteral("−1.1 s in pool.acquire (wait)")));
}

void TestTraceCompareView::tableByPath()
{
    open(threeRequests());
    m_view->model()->setBaseline(idOf(1));
    m_view->model()->setOther(idOf(3));
    QTRY_VERIFY(m_view->isReady());
    TraceDiffModel *model = m_view->model();
    const QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model->rowCount(), 4);
    const auto text = [model](int row, int column) { return model->index(row, column).data().toString(); };
    // Sorted by the size of the difference.
    QCOMPARE(text(0, TraceDiffModel::Operation), QStringLiteral("POST /pay"));
    QCOMPARE(text(0, TraceDiffModel::TotalDelta), QStringLiteral("+1.2 s"));
    QCOMPARE(text(1, TraceDiffModel::Operation), QStringLiteral("pool.acquire"));
    QCOMPARE(text(1, TraceDiffModel::TotalA), QStringLiteral("20 ms"));
    QCOMPARE(text(1, TraceDiffModel::SelfDelta), QStringLiteral("+1.1 s"));
    QCOMPARE(text(2, TraceDiffModel::Operation), QStringLiteral("log"));
    QCOMPARE(text(2, TraceDiffModel::In), QStringLiteral("only in A"));
    QCOMPARE(text(2, TraceDiffModel::TotalB), QStringLiteral("–"));
    QCOMPARE(text(2, TraceDiffModel::TotalDelta), QStringLiteral("−5 ms"));
    QCOMPARE(text(3, TraceDiffModel::TotalDelta), QStringLiteral("+2 ms"));
    QVERIFY(model->toText({1}).contains(QStringLiteral("\t20000000\t1120000000\t1100000000\t")));
    model->sort(TraceDiffModel::Operation, Qt::AscendingOrder);
    QCOMPARE(text(0, TraceDiffModel::Operation), QStringLiteral("POST /pay"));
    QCOMPARE(text(1, TraceDiffModel::Operation), QStringLiteral("SELECT a"));
}

void TestTraceCompareView::chosenFromTheList()
{
    open(threeRequests());
    TraceListView list(m_session.get());
    list.resize(900, 600);
    list.show();
    QTRY_VERIFY(list.isReady());
    const auto trigger = [&list](const char *text) {
        QMenu *menu = list.makeMenu();
        bool done = false;
        for (QAction *action : menu->actions()) {
            if (action->text().remove(QLatin1Char('&')) == QLatin1String(text) && action->isEnabled()) {
                action->trigger();
                done = true;
            }
        }
        delete menu;
        return done;
    };
    list.table()->selectRow(list.model()->rowOfId(idOf(2)).value_or(-1));
    QVERIFY(!trigger("Compare with Baseline"));
    QVERIFY(trigger("Use as Baseline"));
    list.table()->selectRow(list.model()->rowOfId(idOf(1)).value_or(-1));
    QSignalSpy opened(&list, &View::openViewRequested);
    QVERIFY(trigger("Compare with Baseline"));
    QCOMPARE(opened.value(0).value(0).toString(), QStringLiteral("tracecompare"));
    QTRY_VERIFY(m_view->isReady() && m_view->model()->pair()->a->id == idOf(2));
    QCOMPARE(m_view->model()->pair()->b->id, idOf(1));
    // Two marked ones: the shorter is A.
    list.table()->selectAll();
    QVERIFY(!trigger("Compare These Two"));
    list.table()->clearSelection();
    for (const int trace : {3, 1}) {
        const int row = list.model()->rowOfId(idOf(trace)).value_or(-1);
        list.table()->selectionModel()->select(list.model()->index(row, 0),
            QItemSelectionModel::Select | QItemSelectionModel::Rows);
    }
    QVERIFY(trigger("Compare These Two"));
    QTRY_VERIFY(m_view->isReady() && m_view->model()->pair()->a->id == idOf(1));
    QCOMPARE(m_view->model()->pair()->b->id, idOf(3));
}

void TestTraceCompareView::keyboardAndSelection()
{
    open(threeRequests());
    m_view->model()->setBaseline(idOf(1));
    m_view->model()->setOther(idOf(3));
    QTRY_VERIFY(m_view->isReady());
    TraceCompareCanvas *canvas = m_view->canvas();
    canvas->setFocus();
    QTest::keyClick(canvas, Qt::Key_Down);
    QVERIFY2(canvas->accessibleValue().contains(QStringLiteral("B − A: +1.1 s")),
        qPrintable(canvas->accessibleValue()));
    QCOMPARE(m_session->context()->selection().kind, Kind::Span);
    QCOMPARE(m_session->context()->selection().text, QStringLiteral("pool.acquire"));
    QCOMPARE(m_view->table()->currentIndex().row(), 1);
    m_view->table()->setCurrentIndex(m_view->model()->index(0, 0));
    QCOMPARE(canvas->currentRow(), 0);
    QTest::keyClick(canvas, Qt::Key_End);
    QCOMPARE(canvas->currentRow(), 3);
}

void TestTraceCompareView::oneScaleForBoth()
{
    open(threeRequests());
    m_view->model()->setBaseline(idOf(1));
    m_view->model()->setOther(idOf(3));
    QTRY_VERIFY(m_view->isReady());
    TraceCompareCanvas *canvas = m_view->canvas();
    const QRect a = canvas->barRect(0, false), b = canvas->barRect(0, true);
    QVERIFY(std::abs(double(b.width()) / a.width() - 13) < 2);
    const TimeRange before = canvas->window();
    canvas->setFocus();
    QTest::keyClick(canvas, Qt::Key_W);
    QVERIFY(canvas->window().length() < before.length());
    QTest::keyClick(canvas, Qt::Key_0);
    QCOMPARE(canvas->window(), canvas->limits());
}

void TestTraceCompareView::stateSqlAndNames()
{
    open(threeRequests());
    QVERIFY(m_view->saveState().isEmpty());
    m_view->model()->setBaseline(idOf(1));
    m_view->model()->setOther(idOf(2));
    QTRY_VERIFY(m_view->isReady());
    const QJsonObject state = m_view->saveState();
    m_view->model()->swap();
    QTRY_VERIFY(m_view->isReady());
    m_view->restoreState(state);
    QTRY_VERIFY(m_view->isReady() && m_view->model()->pair()->a->id == idOf(1));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    QCOMPARE(tests::nameless(*m_view), QStringList());
}

void TestTraceCompareView::pictures()
{
    m_view.reset();
    m_session = tests::openSession(tests::otlpTraces(threeRequests()));
    QCOMPARE(tests::pictureProblem([this]() -> std::unique_ptr<View> {
        return std::make_unique<TraceCompareView>(m_session.get());
    }),
        QString());
}

QTEST_MAIN(TestTraceCompareView)
#include "tst_tracecompareview.moc"
