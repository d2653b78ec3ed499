// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/waterfall/tracelistview.h"

#include "tests/widgets/viewtest.h"
#include "widgets/waterfall/tracescattercanvas.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QTableView>

using namespace tailscope;
using namespace tailscope::widgets;
using Kind = session::Selection::Kind;

class TestTraceListView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStatesSayWhatToDo();
    void enterOpensTheTrace();
    void searchNarrowsTheList();
    void menuActs();
    void draggingNarrowsEverything();
    void scatterByKeyboard();
    void followsTheSelection();
    void stateSqlAndNames();
    void pictures();

private:
    void open(const tests::Files &files);
    void trigger(const char *text);
    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<TraceListView> m_view;
};

void TestTraceListView::open(const tests::Files &files)
{
    m_view.reset();
    m_session = tests::openSession(files);
    m_view = std::make_unique<TraceListView>(m_session.get());
    m_view->resize(1000, 700);
    m_view->show();
    QTRY_VERIFY(m_view->isReady());
}

void TestTraceListView::trigger(const char *text)
{
    QMenu *menu = m_view->makeMenu();
    for (QAction *action : menu->actions()) {
        if (action->text().remove(QLatin1Char('&')) == QLatin1String(text)) {
            QVERIFY2(action->isEnabled(), text);
            action->trigger();
            delete menu;
            return;
        }
    }
    QFAIL(text);
}

void TestTraceListView::emptyStatesSayWhatToDo()
{
    open({});
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("OpenTelemetry")));
    QSignalSpy commands(m_view.get(), &View::commandRequested);
    for (QPushButton *button : m_view->findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.value(0).value(0).toString(), QStringLiteral("open"));
    // Spans, but no trace IDs.
    open({{QStringLiteral("chrome.json"), R"([{"name":"a","ph":"X","ts":1,"dur":5,"pid":1,"tid":1}])"}});
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("no trace IDs")));
    // A filter that nothing passes.
    open(tests::orderTraces(3));
    m_session->context()->setFilterText(QStringLiteral("service=nobody"));
    QTRY_VERIFY(tests::labelText(*m_view).contains(QStringLiteral("No span of any trace passes")));
    for (QPushButton *button : m_view->findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QTRY_COMPARE(m_view->model()->rowCount(), 3);
}

void TestTraceListView::enterOpensTheTrace()
{
    open(tests::orderTraces(5));
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    m_view->table()->setFocus();
    QTest::keyClick(m_view->table(), Qt::Key_Home);
    QTest::keyClick(m_view->table(), Qt::Key_Down);
    QTest::keyClick(m_view->table(), Qt::Key_Return);
    QCOMPARE(opened.value(0).value(0).toString(), QStringLiteral("waterfall"));
    QCOMPARE(m_session->context()->selection().kind, Kind::Trace);
    const int row = m_view->table()->currentIndex().row();
    QCOMPARE(row, 1);
    QCOMPARE(m_session->context()->selection().id, m_view->model()->idAt(row));
}

void TestTraceListView::searchNarrowsTheList()
{
    open(tests::orderTraces(12));
    m_view->startSearch();
    auto *edit = m_view->findChild<QLineEdit *>();
    QTest::keyClicks(edit, QStringLiteral("000000c"));
    QTest::keyClick(edit, Qt::Key_Return);
    // Trace ids are decimal here: none has a letter.
    QTRY_VERIFY(tests::labelText(*m_view).contains(QStringLiteral("No trace matches")));
    edit->setText(QStringLiteral("00012"));
    QTRY_COMPARE(m_view->model()->rowCount(), 1);
    QTRY_COMPARE(m_view->model()->keyAt(0).right(2), QStringLiteral("12"));
}

void TestTraceListView::menuActs()
{
    open(tests::orderTraces(5));
    m_view->table()->selectRow(2);
    const qint64 id = m_view->model()->idAt(2);
    QGuiApplication::clipboard()->clear();
    trigger("Copy Trace ID");
    QTRY_COMPARE(QGuiApplication::clipboard()->text().size(), 32);
    trigger("Copy Row");
    QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("\tPOST /order\t2\t")));
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    trigger("Open in Waterfall");
    QCOMPARE(opened.size(), 1);
    trigger("Filter to This Trace");
    QCOMPARE(m_session->context()->filterText(), QStringLiteral("trace=%1").arg(id));
    QTRY_COMPARE(m_view->model()->rowCount(), 1);
    QCOMPARE(m_view->model()->idAt(0), id);
}

void TestTraceListView::draggingNarrowsEverything()
{
    open(tests::orderTraces(60));
    TraceScatterCanvas *scatter = m_view->scatter();
    QTRY_VERIFY(m_view->isReady() && m_view->model()->scatter());
    const QRect plot = scatter->plotRect();
    const QPoint from(plot.left() + 1, plot.top() + 1);
    const QPoint to(plot.center().x(), plot.bottom() - 1);
    QTest::mousePress(scatter, Qt::LeftButton, {}, from);
    QTest::mouseMove(scatter, (from + to) / 2);
    QTest::mouseMove(scatter, to);
    QTest::mouseRelease(scatter, Qt::LeftButton, {}, to);
    QVERIFY(m_session->context()->range());
    QVERIFY(m_session->context()->filterText().contains(QStringLiteral("depth=0")));
    QTRY_VERIFY(m_view->model()->rowCount() > 20 && m_view->model()->rowCount() < 40);
    QTRY_VERIFY(m_view->isReady());
    scatter->setFocus();
    QTest::keyClick(scatter, Qt::Key_Backspace);
    QVERIFY(!m_session->context()->range());
    QTRY_COMPARE(m_view->model()->rowCount(), 60);
}

void TestTraceListView::scatterByKeyboard()
{
    open(tests::orderTraces(8));
    TraceScatterCanvas *scatter = m_view->scatter();
    QTRY_VERIFY(m_view->isReady() && m_view->model()->scatter());
    scatter->setFocus();
    QSignalSpy activated(scatter, &TraceScatterCanvas::traceActivated);
    QTest::keyClick(scatter, Qt::Key_Right);
    QVERIFY(scatter->accessibleValue().contains(QStringLiteral("POST /order")));
    QVERIFY(scatter->accessibleValue().contains(QStringLiteral("100 ms (100,000,000 ns)")));
    QTest::keyClick(scatter, Qt::Key_Right);
    QTest::keyClick(scatter, Qt::Key_Return);
    QCOMPARE(activated.size(), 1);
    // The second in time.
    const auto table = m_view->model()->table();
    const int row = m_view->model()->rowOfId(activated.at(0).at(0).toLongLong()).value_or(-1);
    QVERIFY(row >= 0);
    QCOMPARE(table->start[m_view->model()->entryAt(row)], 1'700'000'001'000'000'000);
    QTest::keyClick(scatter, Qt::Key_Right, Qt::ShiftModifier);
    QVERIFY(scatter->selection());
    QTest::keyClick(scatter, Qt::Key_Return);
    QTRY_COMPARE(m_view->model()->rowCount(), 2);
}

void TestTraceListView::followsTheSelection()
{
    open(tests::orderTraces(6));
    const qint64 id = m_view->model()->idAt(4);
    m_session->context()->setSelection({Kind::Trace, id, {}});
    QCOMPARE(m_view->table()->currentIndex().row(), 4);
    const auto columns = m_session->context()->columns();
    const std::uint32_t root = m_view->model()->table()->rootRow[m_view->model()->entryAt(1)];
    m_session->context()->setSelection({Kind::Span, columns->id(root), {}});
    QCOMPARE(m_view->table()->currentIndex().row(), 1);
    // The span stays selected: only the list went along.
    QCOMPARE(m_session->context()->selection().kind, Kind::Span);
}

void TestTraceListView::stateSqlAndNames()
{
    open(tests::orderTraces(5));
    m_view->table()->sortByColumn(items::TraceListModel::Errors, Qt::AscendingOrder);
    QTRY_VERIFY(m_view->isReady());
    const QJsonObject state = m_view->saveState();
    m_view->table()->sortByColumn(items::TraceListModel::Start, Qt::DescendingOrder);
    m_view->restoreState(state);
    QTRY_VERIFY(m_view->isReady());
    QCOMPARE(m_view->model()->field(), items::TraceField::Errors);
    QVERIFY(!m_view->model()->isDescending());
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    QCOMPARE(tests::nameless(*m_view), QStringList());
}

void TestTraceListView::pictures()
{
    m_view.reset();
    m_session = tests::openSession(tests::orderTraces(40));
    QCOMPARE(tests::pictureProblem([this]() -> std::unique_ptr<View> {
        return std::make_unique<TraceListView>(m_session.get());
    }),
        QString());
}

QTEST_MAIN(TestTraceListView)
#include "tst_tracelistview.moc"
