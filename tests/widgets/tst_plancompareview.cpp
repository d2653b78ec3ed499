// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/plancompareview.h"

#include "items/plancomparemodel.h"
#include "session/savedplancommand.h"
#include "tests/widgets/viewtest.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QPushButton>
#include <QTableView>

using namespace tailscope;
using namespace tailscope::widgets;
using items::PlanCompareModel;
using items::PlanEntry;
using Kind = session::Selection::Kind;

namespace {

const QByteArray kJoin
    = R"(Query Text: SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.country = 'DE'
Hash Join  (cost=1.00..90.00 rows=100 width=8) (actual time=1.0..9.0 rows=100 loops=1)
  Hash Cond: (o.customer_id = c.id)
  ->  Seq Scan on orders o  (cost=0.00..50.00 rows=1000 width=8) (actual time=0.1..3.0 rows=1000 loops=1)
  ->  Hash  (cost=1.00..1.00 rows=10 width=4) (actual time=1.0..1.0 rows=10 loops=1)
        ->  Seq Scan on customers c  (cost=0.00..1.00 rows=10 width=4) (actual time=0.1..1.0 rows=10 loops=1)
              Filter: (country = 'DE'::text)
Execution Time: 9.5 ms

Query Text: SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.country = 'DE'
Nested Loop  (cost=0.00..900.00 rows=100 width=8) (actual time=1.0..900.0 rows=100 loops=1)
  ->  Seq Scan on orders o  (cost=0.00..50.00 rows=1000 width=8) (actual time=0.1..3.0 rows=1000 loops=1)
  ->  Index Scan using customers_pkey on customers c  (cost=0.00..0.80 rows=1 width=4) (actual time=0.7..0.8 rows=0 loops=1000)
        Index Cond: (id = o.customer_id)
        Filter: (country = 'DE'::text)
Execution Time: 901 ms
)";

} // namespace

class TestPlanCompareView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void onePlanAsksForASecond();
    void theSeedCase();
    void rowsStandSideBySide();
    void onlyDifferences();
    void choiceSwapAndState();
    void savedPlanIsTheBaseline();
    void followsTheSelection();
    void defaultPair();
    void keyboardSearchAndCopy();
    void sqlAndNames();
    void pictures();

private:
    void open(const tests::Files &files)
    {
        m_view.reset();
        m_session = tests::openSession(files);
        m_view = std::make_unique<PlanCompareView>(m_session.get(), nullptr);
        m_view->setViewId(QStringLiteral("plancompare"));
        m_view->resize(1200, 600);
        m_view->show();
        settle();
    }
    void settle() { QTRY_VERIFY_WITH_TIMEOUT(m_view->isReady() && m_session->jobs()->isIdle(), 20'000); }
    QTableView *table() const { return m_view->findChild<QTableView *>(); }
    PlanCompareModel *model() const { return m_view->findChild<PlanCompareModel *>(); }
    QString cell(int row, int column) const { return model()->index(row, column).data().toString(); }

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<PlanCompareView> m_view;
};

void TestPlanCompareView::emptyStateSaysWhatToDo()
{
    open({});
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("Ctrl+Shift+V")));
    QSignalSpy commands(m_view.get(), &View::commandRequested);
    for (QPushButton *button : m_view->findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.size(), 1);
}

void TestPlanCompareView::onePlanAsksForASecond()
{
    open(tests::plan("a"));
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("second plan")));
    QVERIFY(!table()->isVisible());
}

void TestPlanCompareView::theSeedCase()
{
    open(tests::plan("a") + tests::plan("b"));
    const QString told = tests::labelText(*m_view);
    QVERIFY2(told.contains(QStringLiteral(
                 "Index Scan using idx_orders_customer_status on orders replaced Seq Scan on orders.")),
        qPrintable(told));
    QVERIFY2(told.contains(QStringLiteral("56,229 times faster")), qPrintable(told));
    QVERIFY2(told.contains(QStringLiteral("1,758 times fewer buffers")), qPrintable(told));
    QVERIFY2(told.contains(QStringLiteral("both return 4,793 rows")), qPrintable(told));
    QCOMPARE(model()->rowCount(), 1);
    QCOMPARE(cell(0, PlanCompareModel::Change), QStringLiteral("≠ changed"));
}

void TestPlanCompareView::rowsStandSideBySide()
{
    open({{QStringLiteral("join.txt"), kJoin}});
    QAbstractItemModelTester tester(model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model()->rowCount(), 4);
    QStringList rows;
    for (int row = 0; row < 4; ++row)
        rows << cell(row, PlanCompareModel::Change) + QLatin1Char('|')
                + cell(row, PlanCompareModel::NodeA).trimmed() + QLatin1Char('|')
                + cell(row, PlanCompareModel::NodeB).trimmed();
    QCOMPARE(rows.join(QLatin1Char('\n')),
        QStringLiteral("≠ changed|Hash Join|Nested Loop\n"
                       "= same|Seq Scan on orders o|Seq Scan on orders o\n"
                       "− removed|Hash|\n"
                       "≠ changed|Seq Scan on customers c|Index Scan using customers_pkey on customers c"));
    QCOMPARE(cell(3, PlanCompareModel::LoopsA), QStringLiteral("1"));
    QCOMPARE(cell(3, PlanCompareModel::LoopsB), QStringLiteral("1,000"));
    QCOMPARE(cell(3, PlanCompareModel::SelfDifference), QStringLiteral("+799 ms"));
    QCOMPARE(cell(2, PlanCompareModel::SelfB), QString()); // not there, not 0
    QVERIFY(cell(0, PlanCompareModel::What).contains(QStringLiteral("node type: Hash Join → Nested Loop")));
    // The tree's depth is told by the indent.
    QVERIFY(cell(3, PlanCompareModel::NodeA).startsWith(QStringLiteral("    S")));
    QVERIFY(cell(3, PlanCompareModel::NodeB).startsWith(QStringLiteral("  I")));
    // No buffers in these plans: no columns for them.
    QVERIFY(table()->isColumnHidden(PlanCompareModel::BuffersA));
    QVERIFY(!table()->isColumnHidden(PlanCompareModel::LoopsA));
}

void TestPlanCompareView::onlyDifferences()
{
    open({{QStringLiteral("join.txt"), kJoin}});
    m_view->findChild<QCheckBox *>()->click();
    QCOMPARE(model()->rowCount(), 3);
    for (int row = 0; row < 3; ++row)
        QVERIFY(!cell(row, PlanCompareModel::Change).contains(QStringLiteral("same")));
    QVERIFY(m_view->saveState().value(QStringLiteral("only_differences")).toBool());
    m_view->findChild<QCheckBox *>()->click();
    QCOMPARE(model()->rowCount(), 4);
}

void TestPlanCompareView::choiceSwapAndState()
{
    open(tests::plan("a") + tests::plan("b") + tests::Files{{QStringLiteral("join.txt"), kJoin}});
    const auto boxes = m_view->findChildren<QComboBox *>();
    QCOMPARE(boxes.size(), 2);
    QCOMPARE(boxes[0]->count(), 4);
    // The statement that takes most time; its plans come first in the boxes.
    QCOMPARE(std::pair(model()->planA(), model()->planB()), std::pair(qint64(1), qint64(2)));
    QVERIFY(boxes[0]->itemText(0).startsWith(QStringLiteral("#1 ")));
    boxes[1]->setCurrentIndex(boxes[1]->findData(qint64(4)));
    Q_EMIT boxes[1]->activated(boxes[1]->currentIndex());
    settle();
    QCOMPARE(model()->planB(), qint64(4));
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("different statements")));
    model()->swap();
    settle();
    QCOMPARE(std::pair(model()->planA(), model()->planB()), std::pair(qint64(4), qint64(1)));
    const QJsonObject state = m_view->saveState();
    PlanCompareView other(m_session.get(), nullptr);
    other.restoreState(state);
    QTRY_VERIFY(other.isReady());
    QCOMPARE(other.saveState(), state);
}

void TestPlanCompareView::savedPlanIsTheBaseline()
{
    open(tests::plan("a") + tests::plan("b"));
    QSignalSpy loaded(m_session.get(), &session::Session::loaded);
    session::saveFastPlan(m_session.get(), 2, true);
    QVERIFY(loaded.wait(20'000));
    settle();
    QCOMPARE(std::pair(model()->planA(), model()->planB()), std::pair(qint64(2), qint64(1)));
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("56,229 times slower")));
    QVERIFY(m_view->findChildren<QComboBox *>().first()->currentText().contains(QStringLiteral("saved")));
}

void TestPlanCompareView::followsTheSelection()
{
    open(tests::plan("a") + tests::plan("b") + tests::Files{{QStringLiteral("join.txt"), kJoin}});
    m_session->context()->setSelection({Kind::Plan, 3, {}});
    settle();
    QCOMPARE(std::pair(model()->planA(), model()->planB()), std::pair(qint64(3), qint64(4)));
    const qint64 node
        = tests::value(*m_session, "SELECT min(id) FROM plan_node WHERE plan_id = 2").toLongLong();
    m_session->context()->setSelection({Kind::PlanNode, node, {}});
    settle();
    QCOMPARE(std::pair(model()->planA(), model()->planB()), std::pair(qint64(1), qint64(2)));
    // What the user chose stays while the statement stays.
    model()->setPlans(2, 1);
    settle();
    m_session->context()->setSelection({Kind::Plan, 1, {}});
    settle();
    QCOMPARE(std::pair(model()->planA(), model()->planB()), std::pair(qint64(2), qint64(1)));
}

void TestPlanCompareView::defaultPair()
{
    const auto entry = [](qint64 id, qint64 statement, double ms, bool saved = false) {
        return PlanEntry{id, statement, {}, {}, std::nullopt, ms, saved};
    };
    const auto pair = [](const QList<PlanEntry> &entries, qint64 selected) {
        const auto [a, b] = items::plansToCompare(entries, selected);
        return QStringLiteral("%1 %2").arg(a).arg(b);
    };
    const QList<PlanEntry> plain{entry(1, 7, 5), entry(2, 7, 6), entry(3, 8, 900), entry(4, 7, 4)};
    QCOMPARE(pair(plain, 0), QStringLiteral("2 4")); // the only statement with several
    QCOMPARE(pair(plain, 1), QStringLiteral("1 4"));
    QCOMPARE(pair(plain, 4), QStringLiteral("2 4"));
    QCOMPARE(pair(plain, 3), QStringLiteral("2 4")); // alone: nothing of its own to compare with
    const QList<PlanEntry> saved{entry(1, 7, 5), entry(2, 7, 6, true), entry(3, 7, 900)};
    QCOMPARE(pair(saved, 0), QStringLiteral("2 3"));
    QCOMPARE(pair(saved, 1), QStringLiteral("2 1"));
    QCOMPARE(pair(saved, 2), QStringLiteral("2 3"));
    QCOMPARE(pair({entry(1, 0, 5), entry(2, 0, 6)}, 0), QStringLiteral("1 2")); // no statement is known
    QCOMPARE(pair({entry(1, 7, 5)}, 1), QStringLiteral("0 0"));
    QCOMPARE(pair({}, 0), QStringLiteral("0 0"));
}

void TestPlanCompareView::keyboardSearchAndCopy()
{
    open({{QStringLiteral("join.txt"), kJoin}});
    table()->setFocus();
    table()->selectRow(0);
    QTest::keyClick(table(), Qt::Key_Down);
    QCOMPARE(table()->currentIndex().row(), 1);
    QTest::keyClick(table(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("Seq Scan on orders o")));
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    QTest::keyClick(table(), Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened[0][0].toString(), QStringLiteral("plan"));
    QCOMPARE(m_session->context()->selection().kind, Kind::PlanNode);
    settle();
    m_view->startSearch();
    QTest::keyClicks(QApplication::focusWidget() ? QApplication::focusWidget() : m_view.get(),
        QStringLiteral("customers_pkey"));
    QCOMPARE(table()->currentIndex().row(), 3);
    const QString text = model()->toText();
    QCOMPARE(text.split(QLatin1Char('\n')).size(), 3 + 4);
    QVERIFY(text.startsWith(model()->sentence()));
}

void TestPlanCompareView::sqlAndNames()
{
    open(tests::plan("a") + tests::plan("b"));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    QVERIFY2(m_view->commandLine().contains(QStringLiteral("--view plancompare --state '{\"a\":1,\"b\":2}'")),
        qPrintable(m_view->commandLine()));
    QCOMPARE(tests::nameless(*m_view), QStringList());
}

void TestPlanCompareView::pictures()
{
    open({{QStringLiteral("join.txt"), kJoin}});
    QCOMPARE(tests::pictureProblem(
                 [this] { return std::make_unique<PlanCompareView>(m_session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestPlanCompareView)
#include "tst_plancompareview.moc"
