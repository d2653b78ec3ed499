// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/planview.h"

#include "items/planmodel.h"
#include "tests/widgets/viewtest.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTreeView>

using namespace tailscope;
using namespace tailscope::widgets;
using Kind = session::Selection::Kind;

class TestPlanView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void showsTheSlowestNode();
    void nodeOfAnotherPlanIsLoaded();
    void loadingKeepsTheSelectionOfOthers();
    void newestImportIsShown();
    void firstOfSeveralFilesIsShown();
    void keyboardAndSearch();
    void sqlCommandAndNames();
    void pictures();

private:
    void open(const tests::Files &files);
    QTreeView *tree() const { return m_view->findChild<QTreeView *>(QStringLiteral("planTree")); }
    items::PlanModel *model() const { return m_view->findChild<items::PlanModel *>(); }
    qint64 currentNode() const
    {
        return tree()->currentIndex().data(items::PlanModel::NodeIdRole).toLongLong();
    }
    qint64 number(const char *sql) const { return tests::value(*m_session, sql).toLongLong(); }

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<PlanView> m_view;
};

void TestPlanView::open(const tests::Files &files)
{
    m_view.reset();
    m_session = tests::openSession(files);
    m_view = std::make_unique<PlanView>(m_session.get(), nullptr);
    m_view->setViewId(QStringLiteral("plan"));
    m_view->resize(900, 600);
    m_view->show();
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
}

void TestPlanView::emptyStateSaysWhatToDo()
{
    open({});
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("Ctrl+Shift+V")));
    QSignalSpy commands(m_view.get(), &View::commandRequested);
    for (QPushButton *button : m_view->findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.size(), 1);
    QCOMPARE(commands.at(0).at(0).toString(), QStringLiteral("paste"));
}

void TestPlanView::showsTheSlowestNode()
{
    open(tests::plan("a"));
    QVERIFY(model()->rowCount() > 0);
    const qint64 slowest = number("SELECT id FROM plan_node ORDER BY self_ms DESC LIMIT 1");
    QCOMPARE(currentNode(), slowest);
    // Nothing was selected before: what is shown is the selection of all views.
    QCOMPARE(m_session->context()->selection(), (session::Selection{Kind::PlanNode, slowest, {}}));
    QVERIFY(!m_view->findChildren<QPlainTextEdit *>().first()->toPlainText().isEmpty());
}

void TestPlanView::nodeOfAnotherPlanIsLoaded()
{
    open(tests::plan("a") + tests::plan("b"));
    const qint64 other = number("SELECT id FROM plan_node WHERE plan_id <> (SELECT min(id) FROM plan)"
                                " ORDER BY node LIMIT 1");
    QVERIFY(other > 0);
    QVERIFY(!model()->indexOfNode(other).isValid());
    const session::Selection chosen{Kind::PlanNode, other, {}};
    m_session->context()->setSelection(chosen);
    QTRY_COMPARE(currentNode(), other);
    QCOMPARE(m_session->context()->selection(), chosen);
    // A node that does not exist leaves the plan alone.
    m_session->context()->setSelection({Kind::PlanNode, 987'654'321, {}});
    QTRY_VERIFY(m_view->isReady());
    QCOMPARE(currentNode(), other);
}

void TestPlanView::loadingKeepsTheSelectionOfOthers()
{
    open({});
    const session::Selection span{Kind::Span, 5, QStringLiteral("GET /")};
    m_session->context()->setSelection(span);
    m_session->importText(QStringLiteral("a"), tests::plan("a").first().second);
    QTRY_VERIFY_WITH_TIMEOUT(currentNode() > 0, 20'000);
    QCOMPARE(m_session->context()->selection(), span);
    // The user's own click is a selection.
    const QModelIndex root = tree()->model()->index(0, 0);
    QTest::mouseClick(tree()->viewport(), Qt::LeftButton, {}, tree()->visualRect(root).center());
    QCOMPARE(m_session->context()->selection().kind, Kind::PlanNode);
}

void TestPlanView::newestImportIsShown()
{
    open(tests::plan("a"));
    const qint64 first = model()->currentPlan();
    m_session->importText(QStringLiteral("b"), tests::plan("b").first().second);
    QTRY_VERIFY_WITH_TIMEOUT(model()->plans().size() == 2, 20'000);
    QTRY_VERIFY(model()->currentPlan() != first && m_view->isReady());
    auto *plans = m_view->findChild<QComboBox *>();
    QCOMPARE(plans->currentData().toLongLong(), model()->currentPlan());
    // A reload without a new plan keeps what the user chose.
    plans->setCurrentIndex(plans->findData(first));
    Q_EMIT plans->activated(plans->currentIndex());
    QTRY_VERIFY(m_view->isReady());
    QSignalSpy loaded(m_session.get(), &session::Session::loaded);
    m_session->reload();
    QVERIFY(loaded.wait(20'000));
    QTRY_VERIFY(m_view->isReady());
    QCOMPARE(model()->currentPlan(), first);
}

void TestPlanView::firstOfSeveralFilesIsShown()
{
    open({});
    m_session->importText(QStringLiteral("a"), tests::plan("a").first().second);
    m_session->importText(QStringLiteral("b"), tests::plan("b").first().second);
    QTRY_VERIFY_WITH_TIMEOUT(model()->plans().size() == 2, 20'000);
    QTRY_VERIFY(m_session->jobs()->isIdle());
    QCOMPARE(model()->currentPlan(), model()->plans().first().id);
}

void TestPlanView::keyboardAndSearch()
{
    open(tests::plan("a"));
    tree()->setFocus();
    tree()->setCurrentIndex(tree()->model()->index(0, 0));
    const qint64 root = currentNode();
    QTest::keyClick(tree(), Qt::Key_Down);
    QVERIFY(model()->nodes().size() == 1 || currentNode() != root);
    QCOMPARE(m_session->context()->selection().id, currentNode());
    m_view->startSearch();
    QTest::keyClicks(QApplication::focusWidget() ? QApplication::focusWidget() : m_view.get(),
        QStringLiteral("Scan"));
    QVERIFY(tree()->currentIndex().isValid());
}

void TestPlanView::sqlCommandAndNames()
{
    open(tests::plan("a"));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    const QString wanted = QStringLiteral("--view plan --state '{\"plan\":%1}'").arg(model()->currentPlan());
    QVERIFY2(m_view->commandLine().contains(wanted), qPrintable(m_view->commandLine()));
    QCOMPARE(tests::nameless(*m_view), QStringList());
}

void TestPlanView::pictures()
{
    open(tests::plan("a"));
    QCOMPARE(tests::pictureProblem([this] { return std::make_unique<PlanView>(m_session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestPlanView)
#include "tst_planview.moc"
