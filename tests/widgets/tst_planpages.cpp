// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of the plan view: one chosen node for all, keyboard, large plans, pictures.
#include "items/planlistmodel.h"
#include "items/planmodel.h"
#include "items/plantables.h"
#include "tests/widgets/viewtest.h"
#include "widgets/plan/plandiagram.h"
#include "widgets/plan/planicicleview.h"
#include "widgets/plan/plansidepane.h"
#include "widgets/plan/plantablepage.h"
#include "widgets/plan/planview.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QHeaderView>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTreeView>

using namespace tailscope;
using namespace tailscope::widgets;
using Kind = session::Selection::Kind;
using Mode = QAbstractItemModelTester::FailureReportingMode;

namespace {

/// A parallel join of two tables, with figures of each process and its statement.
tests::Files parallelPlan()
{
    return {{QStringLiteral("parallel.json"), R"json([{"Query Text":
"SELECT o.id, count(*) FROM orders o JOIN items i ON i.order_id = o.id WHERE o.state = 'paid' GROUP BY o.id LIMIT 5",
"Plan": {"Node Type": "Limit", "Startup Cost": 1, "Total Cost": 9, "Plan Rows": 5, "Plan Width": 8,
 "Actual Startup Time": 90, "Actual Total Time": 100, "Actual Rows": 5, "Actual Loops": 1,
 "Shared Hit Blocks": 100, "Shared Read Blocks": 28, "Plans": [
 {"Node Type": "Gather", "Parent Relationship": "Outer", "Startup Cost": 1, "Total Cost": 8, "Plan Rows": 500,
  "Plan Width": 8, "Actual Startup Time": 10, "Actual Total Time": 99, "Actual Rows": 5, "Actual Loops": 1,
  "Workers Planned": 2, "Workers Launched": 1, "Shared Hit Blocks": 100, "Shared Read Blocks": 28, "Plans": [
  {"Node Type": "Hash Join", "Parent Relationship": "Outer", "Join Type": "Inner", "Startup Cost": 1, "Total Cost": 7,
   "Plan Rows": 500, "Plan Width": 8, "Actual Startup Time": 9, "Actual Total Time": 50, "Actual Rows": 4,
   "Actual Loops": 2, "Hash Cond": "(i.order_id = o.id)", "Shared Hit Blocks": 100, "Shared Read Blocks": 28,
   "Workers": [{"Worker Number": 0, "Actual Startup Time": 9, "Actual Total Time": 90, "Actual Rows": 7,
     "Actual Loops": 1}], "Plans": [
   {"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "items", "Alias": "i",
    "Startup Cost": 0, "Total Cost": 3, "Plan Rows": 900, "Plan Width": 4, "Actual Startup Time": 0.1,
    "Actual Total Time": 30, "Actual Rows": 450, "Actual Loops": 2, "Shared Hit Blocks": 80, "Shared Read Blocks": 20,
    "Workers": [{"Worker Number": 0, "Actual Startup Time": 0.1, "Actual Total Time": 55, "Actual Rows": 800,
      "Actual Loops": 1}]},
   {"Node Type": "Hash", "Parent Relationship": "Inner", "Startup Cost": 1, "Total Cost": 2, "Plan Rows": 10,
    "Plan Width": 4, "Actual Startup Time": 8, "Actual Total Time": 8, "Actual Rows": 1000, "Actual Loops": 2,
    "Hash Buckets": 1024, "Hash Batches": 1, "Shared Hit Blocks": 20, "Shared Read Blocks": 8, "Plans": [
    {"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "orders", "Alias": "o",
     "Startup Cost": 0, "Total Cost": 2, "Plan Rows": 10, "Plan Width": 4, "Actual Startup Time": 0.1,
     "Actual Total Time": 7, "Actual Rows": 1000, "Actual Loops": 2, "Filter": "(state = 'paid'::text)",
     "Rows Removed by Filter": 9000, "Shared Hit Blocks": 20, "Shared Read Blocks": 8}]}]}]}]},
 "Planning Time": 2, "Execution Time": 120
}])json"}};
}

/// An Append of `members` with a node below each, or a chain of `levels` nodes.
tests::Files largePlan(int members, int levels)
{
    const auto head = [](const QByteArray &type, const QByteArray &more) {
        return "{\"Node Type\":\"" + type
            + "\",\"Plan Rows\":1,\"Actual Total Time\":0.5,\"Actual Rows\":1,"
              "\"Actual Loops\":1"
            + more;
    };
    QByteArray text = "[{\"Plan\":" + head("Append", ",\"Plans\":[");
    for (int i = 0; i < members; ++i) {
        const QByteArray name = ",\"Relation Name\":\"p" + QByteArray::number(i) + '"';
        text += (i > 0 ? "," : "") + head("Limit", ",\"Plans\":[" + head("Seq Scan", name + "}]}"));
    }
    for (int i = 0; i < levels; ++i)
        text += head("Materialize", i + 1 < levels ? ",\"Plans\":[" : "}");
    for (int i = 1; i < levels; ++i)
        text += "]}";
    return {{QStringLiteral("large.json"), text + "]},\"Execution Time\":900}]"}};
}

} // namespace

class TestPlanPages : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void oneChosenNodeForAllPages();
    void pagesByKeyboard();
    void diagramByKeyboardAndMouse();
    void icicle();
    void listSortsByAnyColumn();
    void models();
    void checklistChoosesNodes();
    void partOfTheStatement();
    void whatIsBesideTheTree();
    void anonymisedCopyAndComparison();
    void pictureFiles();
    void largePlans_data();
    void largePlans();
    void stateAndNames();
    void pictures_data();
    void pictures();

private:
    void open(const tests::Files &files);
    template<typename T>
    T *find() const
    {
        return m_view->findChild<T *>();
    }
    items::PlanModel *model() const { return find<items::PlanModel>(); }
    int nodeOf(const char *title) const
    {
        for (int i = 0; i < int(model()->nodes().size()); ++i) {
            if (model()->cells().nodeTitle(i) == QLatin1String(title))
                return i;
        }
        return -1;
    }

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<PlanView> m_view;
};

void TestPlanPages::open(const tests::Files &files)
{
    m_view.reset();
    m_session = tests::openSession(files);
    m_view = std::make_unique<PlanView>(m_session.get(), nullptr);
    m_view->setViewId(QStringLiteral("plan"));
    m_view->resize(1100, 700);
    m_view->show();
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
}

void TestPlanPages::oneChosenNodeForAllPages()
{
    open(parallelPlan());
    const int scan = nodeOf("Seq Scan on orders o");
    QVERIFY(scan > 0);
    m_session->context()->setSelection({Kind::PlanNode, model()->nodes()[std::size_t(scan)].id, {}});
    QCOMPARE(m_view->currentNode(), scan);
    QCOMPARE(find<PlanDiagram>()->current(), scan);
    QCOMPARE(find<PlanIcicleCanvas>()->current(), scan);
    for (QTreeView *view : m_view->findChildren<QTreeView *>()) {
        if (view->accessibleName().startsWith(QLatin1String("Plan nodes")))
            QCOMPARE(view->currentIndex().data(items::PlanModel::NodeIndexRole).toInt(), scan);
        if (view->accessibleName() == QLatin1String("Sums per table"))
            QCOMPARE(view->currentIndex().siblingAtColumn(0).data().toString(), QStringLiteral("orders"));
    }
    // And back: a row of the sums chooses for all.
    m_view->setPage(4);
    for (QTreeView *view : m_view->findChildren<QTreeView *>()) {
        if (view->accessibleName() == QLatin1String("Sums per type of node"))
            view->setCurrentIndex(view->model()
                                      ->match(view->model()->index(0, 0), Qt::DisplayRole,
                                          QStringLiteral("Hash Join"), 1, Qt::MatchExactly)
                                      .first());
    }
    QCOMPARE(find<PlanDiagram>()->current(), nodeOf("Hash Join"));
    QCOMPARE(m_session->context()->selection().id, model()->nodes()[std::size_t(nodeOf("Hash Join"))].id);
}

void TestPlanPages::pagesByKeyboard()
{
    open(parallelPlan());
    QCOMPARE(m_view->page(), 0);
    for (int i = 4; i >= 0; --i) {
        QTest::keyClick(m_view->focusProxy(), Qt::Key(Qt::Key_1 + i));
        QCOMPARE(m_view->page(), i);
    }
    QTest::keyClick(m_view.get(), Qt::Key_PageDown, Qt::ControlModifier);
    QCOMPARE(m_view->page(), 1);
    QTest::keyClick(m_view.get(), Qt::Key_PageUp, Qt::ControlModifier);
    QTest::keyClick(m_view.get(), Qt::Key_PageUp, Qt::ControlModifier);
    QCOMPARE(m_view->page(), 4);
    QSignalSpy commands(m_view.get(), &View::commandRequested);
    QTest::keyClick(m_view.get(), Qt::Key_V, Qt::ControlModifier);
    QCOMPARE(commands.size(), 1);
    QCOMPARE(commands.at(0).at(0).toString(), QStringLiteral("paste"));
}

void TestPlanPages::diagramByKeyboardAndMouse()
{
    open(parallelPlan());
    m_view->setPage(1);
    auto *diagram = find<PlanDiagram>();
    QTest::keyClick(diagram, Qt::Key_Home);
    QCOMPARE(m_view->currentNode(), 0);
    QTest::keyClick(diagram, Qt::Key_Down);
    QTest::keyClick(diagram, Qt::Key_Down);
    QTest::keyClick(diagram, Qt::Key_Down);
    QCOMPARE(m_view->currentNode(), nodeOf("Seq Scan on items i"));
    QTest::keyClick(diagram, Qt::Key_Right);
    QCOMPARE(m_view->currentNode(), nodeOf("Hash"));
    QTest::keyClick(diagram, Qt::Key_Up);
    QCOMPARE(m_view->currentNode(), nodeOf("Hash Join"));
    QVERIFY(diagram->accessibleValue().contains(QLatin1String("Hash Join")));
    QTest::keyClick(diagram, Qt::Key_Space);
    QVERIFY(diagram->isFolded(m_view->currentNode()));
    QVERIFY(!diagram->planLayout().isShown(nodeOf("Hash")));
    // Choosing what is folded away brings it back.
    m_session->context()->setSelection(
        {Kind::PlanNode, model()->nodes()[std::size_t(nodeOf("Hash"))].id, {}});
    QVERIFY(diagram->planLayout().isShown(nodeOf("Hash")));
    QTest::keyClick(diagram, Qt::Key_0);
    const double all = diagram->scale();
    QTest::keyClick(diagram, Qt::Key_Plus);
    QVERIFY(diagram->scale() > all);
    QTest::keyClick(diagram, Qt::Key_0);
    QCOMPARE(diagram->scale(), all);
    const QPoint middle = diagram->boxOnWidget(nodeOf("Gather")).center().toPoint();
    QTest::mouseClick(diagram, Qt::LeftButton, {}, middle);
    QCOMPARE(m_view->currentNode(), nodeOf("Gather"));
    QVERIFY(diagram->toolTipAt(middle).contains(QLatin1String("2 planned, 1 launched")));
    QVERIFY(diagram->toolTipAt({1, diagram->height() - 1}).isEmpty());
}

void TestPlanPages::icicle()
{
    open(parallelPlan());
    m_view->setPage(2);
    auto *canvas = find<PlanIcicleCanvas>();
    // Self times add up to the root's wall time.
    QVERIFY(qAbs(canvas->icicle().total() - 100) < 1e-6);
    QTest::keyClick(canvas, Qt::Key_Home);
    QTest::keyClick(canvas, Qt::Key_Down);
    QCOMPARE(m_view->currentNode(), nodeOf("Gather"));
    const int scan = nodeOf("Seq Scan on items i");
    const QPoint middle = canvas->nodeRect(scan).center().toPoint();
    QTest::mouseClick(canvas, Qt::LeftButton, {}, middle);
    QCOMPARE(m_view->currentNode(), scan);
    QVERIFY(canvas->toolTipAt(middle).contains(QLatin1String("55.000 ms"))); // of the slowest process
    QTest::keyClick(canvas, Qt::Key_Return);
    QVERIFY(qAbs(canvas->nodeRect(scan).width() - canvas->width()) < 1);
    QTest::keyClick(canvas, Qt::Key_0);
    QVERIFY(canvas->nodeRect(scan).width() < canvas->width());
    canvas->setWeight(items::PlanIcicle::Weight::Buffers);
    QCOMPARE(canvas->icicle().total(), 128.0);
    QCOMPARE(canvas->current(), scan);
}

void TestPlanPages::listSortsByAnyColumn()
{
    open(parallelPlan());
    auto *page = find<PlanTablePage>();
    QVERIFY(!page->isList());
    Q_EMIT page->tree()->header()->sectionClicked(items::PlanModel::Rows);
    QVERIFY(page->isList());
    auto *list = qobject_cast<QTreeView *>(page->focusTarget());
    QVERIFY(list && list != page->tree());
    const auto rows = [&](int row) {
        return list->model()->index(row, items::PlanModel::Rows).data(items::PlanModel::SortRole).toDouble();
    };
    for (int i = 1; i < list->model()->rowCount(); ++i)
        QVERIFY(rows(i - 1) >= rows(i));
    QVERIFY(!list->isColumnHidden(items::PlanModel::Path));
    QVERIFY(page->tree()->isColumnHidden(items::PlanModel::Path));
    QVERIFY(list->isColumnHidden(items::PlanModel::HeapFetches)); // no node has them
    QVERIFY(m_view->saveState().contains(QLatin1String("table")));
    page->setList(false);
    QVERIFY(!page->isList());
}

void TestPlanPages::models()
{
    open(parallelPlan());
    items::PlanListModel list(model());
    QAbstractItemModelTester listTester(&list, Mode::QtTest);
    list.sort(items::PlanModel::HeapFetches, Qt::AscendingOrder); // all unknown
    list.sort(items::PlanModel::Node, Qt::AscendingOrder);
    const QPersistentModelIndex kept = list.indexOf(nodeOf("Limit"));
    list.sort(items::PlanModel::SelfTime, Qt::DescendingOrder);
    QCOMPARE(kept.data().toString(), QStringLiteral("Limit"));
    QCOMPARE(list.index(0, 0).data(items::PlanModel::NodeIndexRole).toInt(), model()->facts().hottest());
    items::PlanSumModel sums(model(), analysis::PlanSumBy::Table);
    QAbstractItemModelTester sumTester(&sums, Mode::QtTest);
    QCOMPARE(sums.rowCount(), 2);
    sums.sort(items::PlanSumModel::Key, Qt::AscendingOrder);
    QCOMPARE(sums.index(0, 0).data().toString(), QStringLiteral("items"));
    QCOMPARE(sums.index(0, items::PlanSumModel::Read).data().toString(),
        QStringLiteral("160 KiB")); // 20 blocks
    items::PlanProcessModel processes(model());
    QAbstractItemModelTester processTester(&processes, Mode::QtTest);
    QCOMPARE(processes.nodes().size(), std::size_t(2));
    // The join: 2 x 50 ms in all, 90 of them the worker's, so the leader took 10.
    QCOMPARE(processes.index(0, items::PlanProcessModel::Process).data().toString(),
        QStringLiteral("leader"));
    QVERIFY(
        processes.index(0, items::PlanProcessModel::Time).data().toString().startsWith(QLatin1String("10")));
    QCOMPARE(processes.index(0, items::PlanProcessModel::Skew).data().toString(), QStringLiteral("1.80 ×"));
    QVERIFY(processes.summary().contains(QLatin1String("worker 0")));
    QVERIFY(processes.summary().contains(QLatin1String("1 of 2 planned")));
    model()->setCurrentPlan(0);
    QTRY_COMPARE(list.rowCount(), 0);
}

void TestPlanPages::checklistChoosesNodes()
{
    open(parallelPlan());
    auto *checks = find<QListWidget>();
    QVERIFY(checks->count() >= 9);
    QString all;
    int removed = -1;
    for (int i = 0; i < checks->count(); ++i) {
        all += checks->item(i)->text();
        if (checks->item(i)->text().contains(QLatin1String("Rows thrown away")))
            removed = i;
    }
    QVERIFY2(all.contains(QLatin1String("1 of 2 planned workers started")), qPrintable(all));
    Q_EMIT checks->itemActivated(checks->item(removed));
    QCOMPARE(m_view->currentNode(), nodeOf("Seq Scan on orders o"));
}

void TestPlanPages::partOfTheStatement()
{
    open(parallelPlan());
    const auto marked = [&](const char *title) {
        m_session->context()->setSelection(
            {Kind::PlanNode, model()->nodes()[std::size_t(nodeOf(title))].id, {}});
        QStringList parts;
        for (QPlainTextEdit *edit : m_view->findChildren<QPlainTextEdit *>()) {
            if (edit->accessibleName() != QLatin1String("Statement"))
                continue;
            for (const QTextEdit::ExtraSelection &mark : edit->extraSelections())
                parts << mark.cursor.selectedText();
        }
        return parts.join(QStringLiteral(" | "));
    };
    QCOMPARE(marked("Seq Scan on orders o"), QStringLiteral("orders o | o.state = 'paid'"));
    QCOMPARE(marked("Hash Join"), QStringLiteral("i.order_id = o.id"));
    QCOMPARE(marked("Limit"), QStringLiteral("LIMIT 5"));
    QCOMPARE(marked("Gather"), QString());
}

void TestPlanPages::whatIsBesideTheTree()
{
    open(parallelPlan());
    const QString text = tests::labelText(*m_view);
    QVERIFY2(text.contains(QLatin1String("start-up and shutdown")), qPrintable(text));
    QVERIFY(text.contains(QLatin1String("20.0 ms")) || text.contains(QLatin1String("20 ms"))); // 120 - 100
    open({{QStringLiteral("never.txt"),
        "Result  (cost=0.00..0.00 rows=0 width=0) (actual time=0.002..0.002 rows=0 loops=1)\n"
        "  One-Time Filter: false\nPlanning Time: 0.1 ms\nExecution Time: 0.02 ms\n"}});
    QVERIFY2(tests::labelText(*m_view).contains(QLatin1String("the whole plan never runs")),
        qPrintable(tests::labelText(*m_view)));
}

void TestPlanPages::anonymisedCopyAndComparison()
{
    open(parallelPlan());
    const auto run = [&](const char *name) {
        for (QAction *action : m_view->viewActions()) {
            if (action->text() == QString::fromUtf8(name))
                action->trigger();
        }
    };
    QApplication::clipboard()->clear();
    run("Copy Anonymised");
    QTRY_VERIFY(QApplication::clipboard()->text().contains(QLatin1String("Hash Join")));
    QVERIFY(!QApplication::clipboard()->text().contains(QLatin1String("orders")));
    QVERIFY(!QApplication::clipboard()->text().contains(QLatin1String("paid")));
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    run("Compare with…");
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.at(0).at(0).toString(), QStringLiteral("plancompare"));
    QCOMPARE(m_session->context()->selection(), (session::Selection{Kind::Plan, model()->currentPlan(), {}}));
}

void TestPlanPages::pictureFiles()
{
    open(parallelPlan());
    QTemporaryDir folder;
    auto *diagram = find<PlanDiagram>();
    const QString png = folder.filePath(QStringLiteral("plan.png")),
                  svg = folder.filePath(QStringLiteral("plan.svg"));
    QCOMPARE(diagram->exportPicture(png), QString());
    const QImage image(png);
    QVERIFY(image.width() > 400 && image.height() > 500); // five levels, whole
    QVERIFY(tests::colours(image) > 8);
    QCOMPARE(diagram->exportPicture(svg), QString());
    QFile file(svg);
    QVERIFY(file.open(QIODevice::ReadOnly) && file.readAll().contains("<svg"));
    QVERIFY(!diagram->exportPicture(folder.filePath(QStringLiteral("no/such/plan.png"))).isEmpty());
}

void TestPlanPages::largePlans_data()
{
    QTest::addColumn<int>("members");
    QTest::addColumn<int>("levels");
    QTest::newRow("4,001 nodes") << 2000 << 0;
    QTest::newRow("300 levels") << 0 << 300;
    QTest::newRow("5,000 levels") << 0 << 5000;
}

void TestPlanPages::largePlans()
{
    QFETCH(int, members);
    QFETCH(int, levels);
    open(largePlan(members, levels));
    QCOMPARE(int(model()->nodes().size()), 1 + 2 * members + levels);
    m_view->setPage(1);
    auto *diagram = find<PlanDiagram>();
    QImage image(diagram->size(), QImage::Format_ARGB32_Premultiplied);
    const auto fastest = [&] {
        qint64 best = std::numeric_limits<qint64>::max();
        for (int i = 0; i < 5; ++i) {
            QElapsedTimer timer;
            timer.start();
            diagram->render(&image);
            best = std::min(best, timer.elapsed());
        }
        return best;
    };
    QVERIFY(!diagram->miniMap().isNull());
    QVERIFY2(fastest() <= 16, "readable");
    QTest::keyClick(diagram, Qt::Key_0);
    QVERIFY2(fastest() <= 16, "all");
    QVERIFY(tests::colours(image) > 2);
    for (int i = 0; i < 12; ++i) {
        QTest::keyClick(diagram, Qt::Key_Plus);
        QVERIFY2(fastest() <= 16, qPrintable(QStringLiteral("zoom %1").arg(diagram->scale())));
    }
}

void TestPlanPages::stateAndNames()
{
    open(parallelPlan());
    for (int i = 0; i < 5; ++i) {
        m_view->setPage(i);
        QCOMPARE(tests::nameless(*m_view), QStringList());
    }
    m_view->setPage(2);
    const QJsonObject state = m_view->saveState();
    QCOMPARE(state.value(QLatin1String("page")).toInt(), 2);
    PlanView other(m_session.get(), nullptr);
    other.restoreState(state);
    QCOMPARE(other.page(), 2);
    other.restoreState({{QStringLiteral("page"), 99}, {QStringLiteral("colour"), -5}});
    QCOMPARE(other.page(), 4);
}

void TestPlanPages::pictures_data()
{
    QTest::addColumn<int>("page");
    for (int i = 0; i < 5; ++i)
        QTest::addRow("page %d", i) << i;
}

void TestPlanPages::pictures()
{
    QFETCH(int, page);
    open(parallelPlan());
    QCOMPARE(tests::pictureProblem([&] {
        auto view = std::make_unique<PlanView>(m_session.get(), nullptr);
        view->setPage(page);
        return view;
    }),
        QString());
}

QTEST_MAIN(TestPlanPages)
#include "tst_planpages.moc"
