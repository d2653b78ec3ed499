// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/planhistoryview.h"

#include "analysis/workspaceanalyses.h"
#include "items/planhistorymodel.h"
#include "tests/widgets/viewtest.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"
#include "widgets/plan/planmarkers.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QComboBox>
#include <QTableView>

#include <cmath>

using namespace tailscope;
using namespace tailscope::widgets;
using items::PlanCaptureTable;
using items::PlanShapeTable;
using Kind = session::Selection::Kind;

namespace {

QByteArray capture(const char *scan, int ms, const char *table = "t")
{
    return QByteArray("Query Text: SELECT * FROM ") + table + " WHERE id = 1\n" + scan + " on " + table
        + "  (cost=0.00..9.00 rows=1 width=4) (actual time=0.1.." + QByteArray::number(ms)
        + ".0 rows=1 loops=1)\nExecution Time: " + QByteArray::number(ms) + " ms\n\n";
}

/// Six captures of one statement, an hour apart, slow from the fourth on; one of another statement.
std::unique_ptr<session::Session> openHistory()
{
    auto session = tests::openSession({{QStringLiteral("plans.txt"),
        capture("Index Scan using t_pkey", 2) + capture("Index Scan using t_pkey", 4)
            + capture("Index Scan using t_pkey", 3) + capture("Seq Scan", 300) + capture("Seq Scan", 500)
            + capture("Seq Scan", 400) + capture("Seq Scan", 7, "u")}});
    auto writer = session->workspace().connectWriter();
    if (!writer
        || !writer->execute("UPDATE plan_raw SET captured_at_ns = 1700000000000000000 + id * 3600000000000;"
                            "UPDATE generation SET n = n + 1 WHERE table_family = 'plan'")
        || !analysis::refreshWorkspaceAnalyses(session->workspace(), analysis::workspaceAnalyses(), {}))
        qFatal("the times of captures cannot be set");
    return session;
}

} // namespace

class TestPlanHistoryView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void showsShapesAndCaptures();
    void chartHasALineAShapeAndAMarkAChange();
    void clickAndKeysSelectPlans();
    void followsTheSelection();
    void savesAndForgets();
    void withoutTimesTheOrderCounts();
    void models();
    void sqlAndNames();
    void pictures();

private:
    void open(std::unique_ptr<session::Session> session)
    {
        m_view.reset();
        m_session = std::move(session);
        m_view = std::make_unique<PlanHistoryView>(m_session.get(), nullptr);
        m_view->setViewId(QStringLiteral("planhistory"));
        m_view->resize(1100, 700);
        m_view->show();
        settle();
    }
    void settle() { QTRY_VERIFY_WITH_TIMEOUT(m_view->isReady() && m_session->jobs()->isIdle(), 20'000); }
    QTableView *table(const char *name) const
    {
        for (QTableView *one : m_view->findChildren<QTableView *>()) {
            if (one->accessibleName().startsWith(QLatin1String(name)))
                return one;
        }
        return nullptr;
    }
    QTableView *shapes() const { return table("Shapes"); }
    QTableView *captures() const { return table("Captured"); }
    PlotCanvas *canvas() const { return m_view->findChild<PlotView *>()->canvas(); }
    static QString cell(const QTableView *table, int row, int column)
    {
        return table->model()->index(row, column).data().toString();
    }
    QAction *action(const char *text) const
    {
        for (QAction *one : m_view->viewActions()) {
            if (one->text() == QString::fromUtf8(text))
                return one;
        }
        return nullptr;
    }

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<PlanHistoryView> m_view;
};

void TestPlanHistoryView::emptyStateSaysWhatToDo()
{
    open(tests::openSession());
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("auto_explain")));
    QVERIFY(!captures()->isVisible());
}

void TestPlanHistoryView::showsShapesAndCaptures()
{
    open(openHistory());
    auto *statements = m_view->findChild<QComboBox *>();
    QCOMPARE(statements->count(), 2);
    QVERIFY(statements->currentText().contains(QStringLiteral("6 plans"))); // most time first
    QCOMPARE(shapes()->model()->rowCount(), 2);
    QCOMPARE(cell(shapes(), 0, PlanShapeTable::Letter), QStringLiteral("A"));
    QCOMPARE(cell(shapes(), 0, PlanShapeTable::Root), QStringLiteral("Index Scan using t_pkey on t"));
    QCOMPARE(cell(shapes(), 0, PlanShapeTable::Median), QStringLiteral("3 ms"));
    QCOMPARE(cell(shapes(), 1, PlanShapeTable::Median), QStringLiteral("400 ms"));
    QCOMPARE(cell(shapes(), 1, PlanShapeTable::P99), QStringLiteral("500 ms (n = 3)"));
    QVERIFY(cell(shapes(), 1, PlanShapeTable::FirstSeen).startsWith(QStringLiteral("2023-11-15 02:13:20")));
    QCOMPARE(captures()->model()->rowCount(), 6);
    QCOMPARE(cell(captures(), 0, PlanCaptureTable::Plan), QStringLiteral("#6")); // newest first
    QCOMPARE(cell(captures(), 2, PlanCaptureTable::Note),
        QStringLiteral("Seq Scan on t replaced Index Scan using t_pkey on t."));
    const QString told = tests::labelText(*m_view);
    QVERIFY2(told.contains(QStringLiteral("6 captured plans · 2 shapes · 1 change")), qPrintable(told));
    QVERIFY2(told.contains(QStringLiteral("133 times as long")), qPrintable(told));
    statements->setCurrentIndex(1);
    Q_EMIT statements->activated(1);
    settle();
    QCOMPARE(captures()->model()->rowCount(), 1);
}

void TestPlanHistoryView::chartHasALineAShapeAndAMarkAChange()
{
    open(openHistory());
    const PlotContent &plot = canvas()->content();
    QCOMPARE(plot.x.unit, PlotUnit::Time);
    QCOMPARE(plot.series.size(), std::size_t(2));
    QVERIFY(plot.series[0].pen != plot.series[1].pen); // not by colour alone
    QVERIFY(plot.series[0].colorIndex != plot.series[1].colorIndex);
    QCOMPARE(plot.series[0].y[1], 4e6);
    QVERIFY(std::isnan(plot.series[0].y[3])); // a gap where the other shape ran
    QCOMPARE(plot.series[1].y[3], 300e6);
    QCOMPARE(plot.marks.size(), 1);
    QCOMPARE(plot.marks[0].x, 3 * 3600e9);
    QVERIFY(PlanMarkers::form(0, {}, 4) != PlanMarkers::form(1, {}, 4));
}

void TestPlanHistoryView::clickAndKeysSelectPlans()
{
    open(openHistory());
    auto *markers = m_view->findChild<PlanMarkers *>();
    QCOMPARE(markers->geometry(), canvas()->viewport()->rect());
    // The last capture lies at the right end of the axis.
    QPointF place;
    for (int x = canvas()->plotRect().right() + 8; x > canvas()->plotRect().center().x() && place.isNull();
         --x) {
        for (int y = canvas()->plotRect().top(); y < canvas()->plotRect().bottom(); y += 4) {
            if (markers->planAt({double(x), double(y)}) == 6)
                place = {double(x), double(y)};
        }
    }
    QVERIFY(!place.isNull());
    QTest::mouseClick(canvas()->viewport(), Qt::LeftButton, {}, place.toPoint());
    QCOMPARE(m_session->context()->selection(), (session::Selection{Kind::Plan, 6, {}}));
    canvas()->setFocus();
    canvas()->setCursorX(0.0);
    QTest::keyClick(canvas(), Qt::Key_Return);
    QCOMPARE(m_session->context()->selection().id, qint64(1));
    settle();
    QCOMPARE(captures()->currentIndex().row(), 5);
    captures()->setFocus();
    QTest::keyClick(captures(), Qt::Key_Up);
    QCOMPARE(m_session->context()->selection().id, qint64(2));
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    QTest::keyClick(captures(), Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    action("Compare with…")->trigger();
    QCOMPARE(opened.last()[0].toString(), QStringLiteral("plancompare"));
}

void TestPlanHistoryView::followsTheSelection()
{
    open(openHistory());
    m_session->context()->setSelection({Kind::Plan, 7, {}});
    settle();
    QCOMPARE(captures()->model()->rowCount(), 1);
    const qint64 node
        = tests::value(*m_session, "SELECT min(id) FROM plan_node WHERE plan_id = 3").toLongLong();
    m_session->context()->setSelection({Kind::PlanNode, node, {}});
    settle();
    QCOMPARE(captures()->model()->rowCount(), 6);
    QCOMPARE(cell(captures(), captures()->currentIndex().row(), PlanCaptureTable::Plan),
        QStringLiteral("#3"));
    // Showing it does not take the selection away from who made it.
    QCOMPARE(m_session->context()->selection().kind, Kind::PlanNode);
}

void TestPlanHistoryView::savesAndForgets()
{
    open(openHistory());
    m_session->context()->setSelection({Kind::Plan, 1, {}});
    settle();
    QSignalSpy loaded(m_session.get(), &session::Session::loaded);
    action("Save as Fast Plan")->trigger();
    QVERIFY(loaded.wait(20'000));
    settle();
    QCOMPARE(cell(shapes(), 0, PlanShapeTable::Letter), QStringLiteral("A (saved)"));
    QCOMPARE(cell(captures(), 5, PlanCaptureTable::Note), QStringLiteral("saved fast plan"));
    QCOMPARE(tests::value(*m_session, "SELECT count(*) FROM finding WHERE rule_id = 'plan-regressed'"),
        QStringLiteral("1"));
    action("Forget Saved Plan")->trigger();
    QVERIFY(loaded.wait(20'000));
    settle();
    QCOMPARE(cell(shapes(), 0, PlanShapeTable::Letter), QStringLiteral("A"));
}

void TestPlanHistoryView::withoutTimesTheOrderCounts()
{
    open(tests::openSession(
        {{QStringLiteral("p.txt"), capture("Seq Scan", 5) + capture("Index Scan using i", 1)}}));
    QCOMPARE(canvas()->content().x.unit, PlotUnit::Count);
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("order of their import")));
    QCOMPARE(cell(captures(), 0, PlanCaptureTable::Captured), QStringLiteral("–"));
}

void TestPlanHistoryView::models()
{
    open(openHistory());
    using Mode = QAbstractItemModelTester::FailureReportingMode;
    PlanShapeTable shapeTable;
    PlanCaptureTable captureTable;
    QAbstractItemModelTester first(&shapeTable, Mode::QtTest), second(&captureTable, Mode::QtTest);
    const auto history = m_view->findChild<items::PlanHistoryModel *>()->history();
    shapeTable.setHistory(history);
    captureTable.setHistory(history);
    QCOMPARE(items::tableText(shapeTable).split(QLatin1Char('\n')).size(), 3);
    QCOMPARE(captureTable.rowOfPlan(4), 2);
    QCOMPARE(captureTable.rowOfPlan(99), -1);
    shapeTable.setHistory({});
    captureTable.setHistory({});
    QCOMPARE(shapeTable.rowCount() + captureTable.rowCount(), 0);
}

void TestPlanHistoryView::sqlAndNames()
{
    open(openHistory());
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    QCOMPARE(tests::nameless(*m_view), QStringList());
    const QJsonObject state = m_view->saveState();
    QCOMPARE(state.value(QStringLiteral("statement")).toInteger(), qint64(1));
    PlanHistoryView other(m_session.get(), nullptr);
    other.restoreState({{QStringLiteral("statement"), 2}});
    QTRY_VERIFY(other.isReady());
    QCOMPARE(other.saveState().value(QStringLiteral("statement")).toInteger(), qint64(2));
}

void TestPlanHistoryView::pictures()
{
    open(openHistory());
    QCOMPARE(tests::pictureProblem(
                 [this] { return std::make_unique<PlanHistoryView>(m_session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestPlanHistoryView)
#include "tst_planhistoryview.moc"
