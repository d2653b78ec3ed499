// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/budget/budgetview.h"

#include "items/budgetmodel.h"
#include "tests/widgets/viewtest.h"
#include "widgets/budget/budgetcanvas.h"
#include "widgets/budget/budgetchanges.h"
#include "widgets/budget/budgeteditor.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QTableView>
#include <QTableWidget>

using namespace tailscope;
using namespace tailscope::widgets;
using items::BudgetModel;

namespace {

/// 50 ms for a request of 100 ms; its query takes 30 of 20.
tests::Files orders(int requests = 40)
{
    tests::Files files = tests::orderTraces(requests);
    files.append({QStringLiteral("budget.toml"),
        "[budget]\nname = \"Orders\"\ntarget_ms = 50\nmatch = \"POST /order\"\n\n"
        "[[component]]\nname = \"Stock\"\nmatch = \"SELECT stock\"\nkind = \"database\"\nbudget_ms = 20\n"
        "floor_ms = 5\n"});
    return files;
}

} // namespace

class TestBudgetView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateOffersThePresets();
    void waterfallAndTable();
    void changesAgainstTheTarget();
    void oneRequest();
    void editorMakesABudget();
    void findingLeadsToIt();
    void sqlNamesAndState();
    void pictures();

private:
    void open(const tests::Files &files);
    QString cell(int row, int column) const;

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<BudgetView> m_view;
};

void TestBudgetView::open(const tests::Files &files)
{
    m_view.reset();
    m_session = tests::openSession(files);
    m_view = std::make_unique<BudgetView>(m_session.get(), nullptr);
    m_view->resize(1200, 760);
    m_view->show();
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
}

QString TestBudgetView::cell(int row, int column) const
{
    return m_view->table()->model()->index(row, column).data().toString();
}

void TestBudgetView::emptyStateOffersThePresets()
{
    open(tests::orderTraces(4));
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("Choose one of the presets")));
    QCOMPARE(m_view->model()->choices().size(), 4);
    for (QPushButton *button : m_view->findChildren<QPushButton *>()) {
        if (button->isVisible() && button->text().contains(QStringLiteral("Preset")))
            button->click();
    }
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    QVERIFY(m_view->model()->report() != nullptr);
    QCOMPARE(m_view->model()->report()->requests, 4);
}

void TestBudgetView::waterfallAndTable()
{
    open(orders());
    QAbstractItemModelTester tester(m_view->table()->model(),
        QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(m_view->budgetBox()->currentText(), QStringLiteral("Orders"));
    const auto &bars = m_view->model()->bars();
    QCOMPARE(bars.size(), std::size_t(3)); // total, component, rest
    QCOMPARE(bars[1].length.value(), 30.0);
    QCOMPARE(bars[1].start, 0.0);
    QCOMPARE(bars[2].start, 30.0);
    QCOMPARE(bars[2].length.value(), 70.0);
    QVERIFY(bars[2].isUnaccounted);
    QCOMPARE(cell(1, BudgetModel::P50), QStringLiteral("30 ms"));
    QCOMPARE(cell(1, BudgetModel::Used), QStringLiteral("150 %"));
    QCOMPARE(cell(1, BudgetModel::Timeout), QStringLiteral("missing"));
    QVERIFY(cell(2, BudgetModel::Verdict).contains(QStringLiteral("70.0 %")));
    BudgetCanvas *canvas = m_view->canvas();
    // The bar is as long as it says, on the scale of the axis.
    const QRectF rect = canvas->barRect(1);
    QVERIFY(std::abs(rect.left() - canvas->xOf(0)) < 1);
    QVERIFY(std::abs(rect.right() - canvas->xOf(30)) < 1);
    canvas->setFocus();
    QTest::keyClick(canvas, Qt::Key_Home);
    QTest::keyClick(canvas, Qt::Key_Down);
    QCOMPARE(canvas->current(), 1);
    QVERIFY(canvas->accessibleValue().contains(QStringLiteral("Stock")));
    QCOMPARE(m_view->table()->currentIndex().row(), 1);
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    QTest::keyClick(canvas, Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QVERIFY(m_session->context()->selection().kind == session::Selection::Kind::Trace);
    QTest::keySequence(m_view->table(), QKeySequence::Copy);
    QVERIFY2(QApplication::clipboard()->text().contains(QStringLiteral("Stock\t40\t30")),
        qPrintable(QApplication::clipboard()->text()));
    QVERIFY(m_view->model()->toMarkdown().contains(QStringLiteral("| Stock | 40 |")));
    QVERIFY(m_view->model()->headline().contains(QStringLiteral("over budget")));
}

void TestBudgetView::changesAgainstTheTarget()
{
    open(orders());
    BudgetChanges *changes = m_view->changes();
    // What suggests itself: the query down to its floor, the rest found.
    QTRY_COMPARE(m_view->model()->outcomes().size(), 2);
    QVERIFY2(changes->list()->item(0)->text().contains(QStringLiteral("together so far 75 ms")),
        qPrintable(changes->list()->item(0)->text()));
    QVERIFY2(changes->list()->item(1)->text().contains(QStringLiteral("alone 30 ms · together so far 5 ms")),
        qPrintable(changes->list()->item(1)->text()));
    QVERIFY(changes->resultText().contains(QStringLiteral("inside the target")));
    changes->list()->item(1)->setCheckState(Qt::Unchecked);
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    QVERIFY2(changes->resultText().contains(
                 QStringLiteral("P95 100 ms → 75 ms of 50 ms: still over the target")),
        qPrintable(changes->resultText()));
    changes->list()->setFocus();
    changes->list()->setCurrentRow(1);
    QTest::keyClick(changes->list(), Qt::Key_Delete);
    QCOMPARE(changes->list()->count(), 1);
    changes->targetBox()->setCurrentIndex(changes->targetBox()->count() - 1); // a new call
    changes->amountBox()->setValue(100);
    changes->addChange();
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    QVERIFY(changes->resultText().contains(QStringLiteral("175 ms")));
    QVERIFY(tests::nameless(*m_view).isEmpty());
}

void TestBudgetView::oneRequest()
{
    open(orders());
    m_session->context()->setSelection({session::Selection::Kind::Trace, 3, {}});
    m_view->model()->setScope(BudgetModel::Scope::OneRequest);
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    QCOMPARE(m_view->model()->report()->requests, 1);
    m_view->model()->setScope(BudgetModel::Scope::AllRequests);
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    QCOMPARE(m_view->model()->report()->requests, 40);
    // The filter of all views narrows the requests.
    m_session->context()->setFilterText(QStringLiteral("status=error"));
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    QCOMPARE(m_view->model()->report()->requests, 10);
}

void TestBudgetView::editorMakesABudget()
{
    open(orders());
    m_view->edit(true);
    BudgetEditor *editor = m_view->editor();
    QVERIFY(editor);
    editor->nameEdit()->setText(QStringLiteral("Mine"));
    editor->matchEdit()->setText(QStringLiteral("POST *"));
    editor->targetBox()->setValue(120);
    editor->addComponent();
    editor->addComponent();
    editor->table()->item(0, 0)->setText(QStringLiteral("First"));
    editor->table()->item(1, 0)->setText(QStringLiteral("Second"));
    editor->table()->item(1, 1)->setText(QStringLiteral("SELECT *"));
    editor->table()->item(1, 2)->setText(QStringLiteral("40"));
    editor->table()->setCurrentCell(1, 1);
    QTRY_VERIFY(editor->previewText().contains(QStringLiteral("40 spans: SELECT stock (40)")));
    QVERIFY2(editor->sumsText().contains(QStringLiteral("critical path 50 ms")),
        qPrintable(editor->sumsText()));
    editor->moveComponent(-1);
    QCOMPARE(editor->budget().components[0].name, std::string("Second"));
    editor->table()->setCurrentCell(1, 0);
    editor->removeComponent();
    QCOMPARE(editor->budget().components.size(), std::size_t(1));
    // What is wrong cannot be saved.
    editor->table()->item(0, 2)->setText(QStringLiteral("many"));
    QVERIFY(tests::labelText(*editor).contains(QStringLiteral("budget_ms")));
    editor->table()->item(0, 2)->setText(QStringLiteral("40"));
    QVERIFY(tests::nameless(*editor).isEmpty());
    Q_EMIT editor->saved(editor->budget());
    editor->close();
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    QCOMPARE(tests::value(*m_session, "SELECT count(*) FROM budget WHERE source_id IS NULL"),
        QStringLiteral("1"));
    QCOMPARE(tests::value(*m_session, "SELECT state FROM budget_result WHERE name = 'Second'"),
        QStringLiteral("ok"));
    QTRY_COMPARE(m_view->budgetBox()->currentText(), QStringLiteral("Mine"));
    m_session->undoStack()->undo();
    QTRY_VERIFY(m_session->jobs()->isIdle());
    QCOMPARE(tests::value(*m_session, "SELECT count(*) FROM budget WHERE source_id IS NULL"),
        QStringLiteral("0"));
    QCOMPARE(tests::value(*m_session, "SELECT count(*) FROM budget_component"), QStringLiteral("1"));
    m_session->undoStack()->redo();
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    QCOMPARE(tests::value(*m_session, "SELECT match FROM budget WHERE source_id IS NULL"),
        QStringLiteral("POST *"));
}

void TestBudgetView::findingLeadsToIt()
{
    open(orders(250));
    QVERIFY(tests::value(*m_session, "SELECT count(*) FROM finding WHERE rule_id = 'budget-component-over'")
        == QStringLiteral("1"));
    m_view->model()->setCurrent(QStringLiteral("preset:mobile"));
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    m_session->context()->setSelection({session::Selection::Kind::Budget, 1, {}});
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    QCOMPARE(m_view->model()->currentKey(), QStringLiteral("id:1"));
}

void TestBudgetView::sqlNamesAndState()
{
    open(orders());
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    QVERIFY(tests::nameless(*m_view).isEmpty());
    m_view->model()->setPercentile(BudgetModel::Percentile::P95);
    const QJsonObject state = m_view->saveState();
    m_view->model()->setCurrent(QStringLiteral("preset:api-200ms"));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    m_view->restoreState(state);
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    QCOMPARE(m_view->budgetBox()->currentText(), QStringLiteral("Orders"));
    QVERIFY(m_view->model()->toToml().contains(QStringLiteral("match = \"POST /order\"")));
}

void TestBudgetView::pictures()
{
    m_view.reset();
    const auto session = tests::openSession(orders());
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<BudgetView>(session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestBudgetView)
#include "tst_budgetview.moc"
