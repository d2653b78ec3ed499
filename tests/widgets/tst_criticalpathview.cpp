// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/criticalpath/criticalpathview.h"

#include "items/criticalpathmodel.h"
#include "tests/widgets/viewtest.h"
#include "widgets/criticalpath/whatifpanel.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QListWidget>
#include <QPushButton>
#include <QTableView>

using namespace tailscope;
using namespace tailscope::widgets;
using items::CriticalPathModel;

class TestCriticalPathView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void rowsAndExample();
    void whatIfByKeyboard();
    void stateComesBack();
    void sqlAndNames();
    void pictures();

private:
    void open(const tests::Files &files);
    int row(const char *operation) const;
    QString cell(int row, int column) const;

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<CriticalPathView> m_view;
};

void TestCriticalPathView::open(const tests::Files &files)
{
    m_view.reset();
    m_session = tests::openSession(files);
    m_view = std::make_unique<CriticalPathView>(m_session.get(), nullptr);
    m_view->resize(1100, 700);
    m_view->show();
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
}

QString TestCriticalPathView::cell(int row, int column) const
{
    return m_view->table()->model()->index(row, column).data().toString();
}

int TestCriticalPathView::row(const char *operation) const
{
    for (int i = 0; i < m_view->table()->model()->rowCount(); ++i) {
        if (cell(i, CriticalPathModel::Operation) == QLatin1String(operation))
            return i;
    }
    return -1;
}

void TestCriticalPathView::emptyStateSaysWhatToDo()
{
    open({});
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("Open traces")));
    QSignalSpy commands(m_view.get(), &View::commandRequested);
    for (QPushButton *button : m_view->findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.size(), 1);
}

void TestCriticalPathView::rowsAndExample()
{
    open(tests::orderTraces(40)); // 100 ms, of which a query takes 30
    QAbstractItemModelTester tester(m_view->table()->model(),
        QAbstractItemModelTester::FailureReportingMode::QtTest);
    const int gap = row("POST /order"), query = row("SELECT stock");
    QVERIFY(gap >= 0 && query >= 0);
    QCOMPARE(cell(gap, CriticalPathModel::Place), QStringLiteral("gap"));
    QCOMPARE(cell(gap, CriticalPathModel::Total), QStringLiteral("2.8 s"));
    QCOMPARE(cell(query, CriticalPathModel::Share), QStringLiteral("30.0 %"));
    QCOMPARE(cell(query, CriticalPathModel::P50), QStringLiteral("30 ms"));
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    m_view->table()->selectRow(query);
    QTest::keyClick(m_view->table(), Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.first().at(0).toString(), QStringLiteral("waterfall"));
    QVERIFY(m_session->context()->selection().kind == session::Selection::Kind::Trace);
    QVERIFY(m_session->context()->selection().id > 0);
    QTest::keySequence(m_view->table(), QKeySequence::Copy);
    QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("SELECT stock\tshop\t0")));
}

void TestCriticalPathView::whatIfByKeyboard()
{
    open(tests::orderTraces(200));
    WhatIfPanel *panel = m_view->whatIfPanel();
    m_view->table()->selectRow(row("SELECT stock"));
    panel->changeBox()->setFocus();
    QTest::keyClick(panel->changeBox(), Qt::Key_Down); // at most
    panel->amountBox()->setValue(10);
    panel->addEdit();
    QTRY_VERIFY(m_view->isReady());
    QVERIFY2(panel->resultText().contains(QStringLiteral("P50 100 ms → 80 ms (-20 %)")),
        qPrintable(panel->resultText()));
    QVERIFY(panel->resultText().contains(QStringLiteral("200 of 200 traces")));
    // A second change is run together with the first.
    m_view->table()->selectRow(row("POST /order"));
    panel->amountBox()->setValue(100);
    panel->addEdit();
    QTRY_VERIFY(m_view->isReady());
    QVERIFY2(panel->resultText().contains(QStringLiteral("P99 100 ms → 10 ms")),
        qPrintable(panel->resultText()));
    panel->list()->setFocus();
    panel->list()->setCurrentRow(1);
    QTest::keyClick(panel->list(), Qt::Key_Delete);
    QCOMPARE(panel->list()->count(), 1);
    panel->clearEdits();
    QVERIFY(panel->resultText().contains(QStringLiteral("never added")));
    QVERIFY(tests::nameless(*m_view).isEmpty());
}

void TestCriticalPathView::stateComesBack()
{
    open(tests::orderTraces(20));
    m_view->table()->selectRow(row("SELECT stock"));
    m_view->whatIfPanel()->addEdit();
    const QJsonObject state = m_view->saveState();
    m_view->whatIfPanel()->clearEdits();
    m_view->restoreState(state);
    QCOMPARE(m_view->whatIfPanel()->list()->count(), 1);
    QVERIFY(m_view->whatIfPanel()->list()->item(0)->text().contains(QStringLiteral("50 % faster")));
    m_view->restoreState({});
    QCOMPARE(m_view->whatIfPanel()->list()->count(), 0);
}

void TestCriticalPathView::sqlAndNames()
{
    open(tests::orderTraces(20));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    m_session->context()->setFilterText(QStringLiteral("status=error"));
    QTRY_VERIFY(row("SELECT stock") >= 0
        && cell(row("SELECT stock"), CriticalPathModel::Traces) == QStringLiteral("5"));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    m_session->context()->setFilterText(QStringLiteral("operation=nothing"));
    QTRY_VERIFY(tests::labelText(*m_view).contains(QStringLiteral("Nothing Passes")));
}

void TestCriticalPathView::pictures()
{
    const auto session = tests::openSession(tests::orderTraces(20));
    QCOMPARE(tests::pictureProblem(
                 [&] { return std::make_unique<CriticalPathView>(session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestCriticalPathView)
#include "tst_criticalpathview.moc"
