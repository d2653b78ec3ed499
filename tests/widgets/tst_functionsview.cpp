// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/functionsview.h"

#include "tests/widgets/profilefiles.h"
#include "widgets/flame/flamecanvas.h"
#include "widgets/flame/flamescene.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QGuiApplication>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTreeView>

using namespace tailscope;
using namespace tailscope::widgets;
using items::FunctionTable;

class TestFunctionsView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void listsFunctions();
    void sandwich();
    void operationsOfSpans();
    void findsByName();
    void keyboardAlone();
    void remembersItsState();
    void modelIsSound();
    void pictures();

private:
    void open(const tests::Files &files)
    {
        m_view.reset();
        m_session = tests::openSession(files);
        m_view = std::make_unique<FunctionsView>(m_session.get());
        m_view->resize(1000, 500);
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
        QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
    }
    QString cell(int row, int column) const
    {
        const auto *model = m_view->list()->model();
        return model->index(row, column).data().toString();
    }

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<FunctionsView> m_view;
};

void TestFunctionsView::emptyStateSaysWhatToDo()
{
    open({});
    QVERIFY(!m_view->list()->isVisible());
    const auto labels = m_view->findChildren<QLabel *>();
    QVERIFY(std::any_of(labels.begin(), labels.end(),
        [](const QLabel *label) { return label->text().contains(QStringLiteral("Ctrl+O")); }));
    QVERIFY(tests::sqlProblem(*m_session, m_view->showSql()).isEmpty());
}

void TestFunctionsView::listsFunctions()
{
    open(tests::oneProfile());
    const auto *model = m_view->list()->model();
    QTRY_COMPARE(model->rowCount(), 5);
    // By own weight: read 40, write 40, then parse and idle with 10.
    QCOMPARE(model->index(0, FunctionTable::Self).data(FunctionTable::SortRole).toDouble(), 40.0);
    QCOMPARE(cell(0, FunctionTable::SelfShare), QStringLiteral("40 %"));
    int parse = -1;
    for (int row = 0; row < model->rowCount(); ++row) {
        if (cell(row, FunctionTable::Function) == QLatin1String("parse"))
            parse = row;
    }
    QVERIFY(parse >= 0);
    // Recursion counts once: 10 + 30 + 10, not 60.
    QCOMPARE(model->index(parse, FunctionTable::Total).data(FunctionTable::SortRole).toDouble(), 50.0);
    QCOMPARE(cell(parse, FunctionTable::Self), QStringLiteral("10"));
    QCOMPARE(model->headerData(FunctionTable::Self, Qt::Horizontal).toString(),
        QStringLiteral("Self (samples)"));
    // At least 10 % is hot, and says so.
    QCOMPARE(model->index(0, FunctionTable::SelfShare).data(FunctionTable::LevelRole).toInt(), 2);
    QVERIFY(model->index(0, FunctionTable::SelfShare)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(QStringLiteral("Hot")));
    QVERIFY(tests::sqlProblem(*m_session, m_view->showSql()).isEmpty());
}

void TestFunctionsView::sandwich()
{
    open(tests::oneProfile());
    QVERIFY(m_view->showFunction(QStringLiteral("read")));
    QTRY_VERIFY(m_view->isReady() && m_view->callers()->scene() && m_view->callees()->scene());
    // Both halves are as wide as the total of the function, and it lies at the seam.
    QTRY_COMPARE(m_view->callers()->scene()->extent(), 40.0);
    QCOMPARE(m_view->callees()->scene()->extent(), 40.0);
    QCOMPARE(m_view->callers()->scene()->figures(1).name, QStringLiteral("read"));
    QCOMPARE(m_view->callers()->scene()->figures(2).name, QStringLiteral("parse"));
    QVERIFY(m_view->callers()->isUpward());
    QVERIFY(!m_view->callees()->isUpward());
    // What another view selects is shown here.
    m_session->context()->setSelection({session::Selection::Kind::Frame, 1, QStringLiteral("write")});
    QTRY_COMPARE(m_view->callers()->scene() ? m_view->callers()->scene()->figures(1).name : QString(),
        QStringLiteral("write"));
}

void TestFunctionsView::operationsOfSpans()
{
    open(tests::orderTraces(20));
    QTRY_COMPARE(m_view->list()->model()->rowCount(), 2);
    QCOMPARE(cell(0, FunctionTable::Function), QStringLiteral("POST /order"));
    QCOMPARE(cell(0, FunctionTable::Self), QStringLiteral("1.4 s")); // 20 x 70 ms
    QCOMPARE(cell(0, FunctionTable::Total), QStringLiteral("2 s"));
    QCOMPARE(cell(0, FunctionTable::Count), QStringLiteral("20"));
    m_session->context()->setFilterText(QStringLiteral("operation=\"SELECT stock\""));
    QTRY_COMPARE(m_view->list()->model()->rowCount(), 1);
    QTRY_VERIFY(m_view->isReady());
    QVERIFY(tests::sqlProblem(*m_session, m_view->showSql()).isEmpty());
    m_session->context()->setFilterText(QStringLiteral("duration>100s"));
    QTRY_VERIFY(m_view->isReady() && !m_view->list()->isVisible());
}

void TestFunctionsView::findsByName()
{
    open(tests::oneProfile());
    m_view->startSearch();
    auto *edit = m_view->findChild<QLineEdit *>();
    QVERIFY(edit->hasFocus());
    QTest::keyClicks(edit, QStringLiteral("PAR"));
    QCOMPARE(m_view->list()->model()->rowCount(), 1);
    QTest::keyClick(edit, Qt::Key_Return);
    QVERIFY(m_view->list()->hasFocus());
    // A function that the search hides is found all the same.
    QVERIFY(m_view->showFunction(QStringLiteral("write")));
    QVERIFY(edit->text().isEmpty());
}

void TestFunctionsView::keyboardAlone()
{
    open(tests::oneProfile());
    m_view->list()->setFocus();
    QTest::keyClick(m_view->list(), Qt::Key_Down);
    QTRY_VERIFY(m_view->isReady());
    QTest::keyClick(m_view->list(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("function\tgroup\tself")));
    QTest::keyClick(m_view->list(), Qt::Key_Return);
    QVERIFY(m_view->callees()->hasFocus());
    QTest::keyClick(m_view->callees(), Qt::Key_Down);
    QTest::keyClick(m_view->callees(), Qt::Key_Down);
    QVERIFY(m_view->callees()->focusedFrame() != FlameScene::kNothing);
    QCOMPARE(tests::nameless(*m_view), QStringList());
}

void TestFunctionsView::remembersItsState()
{
    open(tests::oneProfile());
    m_view->list()->sortByColumn(FunctionTable::Total, Qt::DescendingOrder);
    QVERIFY(m_view->showFunction(QStringLiteral("parse")));
    QTRY_VERIFY(m_view->isReady());
    FunctionsView other(m_session.get());
    other.restoreState(m_view->saveState());
    other.show();
    QTRY_VERIFY(other.isReady() && other.callers()->scene());
    QTRY_COMPARE(other.callers()->scene()->figures(1).name, QStringLiteral("parse"));
    QCOMPARE(other.list()->model()->index(0, 0).data().toString(), QStringLiteral("main"));
    other.restoreState(QJsonObject{{QStringLiteral("sort"), 99}});
}

void TestFunctionsView::modelIsSound()
{
    const auto session = tests::openSession(tests::oneProfile());
    items::FlameModel model(session.get());
    FunctionTable table(session.get(), &model);
    QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setActive(true);
    QTRY_VERIFY(!model.profiles().empty());
    model.setProfile(model.profiles().front().id);
    QTRY_COMPARE(table.rowCount(), 5);
    QVERIFY(table.rowOf("parse", "") >= 0);
    QCOMPARE(table.rowOf("parse", "other"), -1);
    QVERIFY(table.toTsv({0, -1, 99}).count(QLatin1Char('\n')) == 2);
}

void TestFunctionsView::pictures()
{
    const auto session = tests::openSession(tests::oneProfile());
    const QString problem
        = tests::pictureProblem([&] { return std::make_unique<FunctionsView>(session.get()); });
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
}

QTEST_MAIN(TestFunctionsView)
#include "tst_functionsview.moc"
