// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/statements/statementsview.h"

#include "items/statementmodel.h"
#include "items/statementrangemodel.h"
#include "session/playback.h"
#include "tests/widgets/viewtest.h"
#include "widgets/base/celltableview.h"
#include "widgets/charts/plotview.h"
#include "widgets/statements/statementdetails.h"
#include "widgets/statements/statementrangepanel.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>

using namespace tailscope;
using namespace tailscope::widgets;
using items::StatementModel;

namespace {

/// formulas.md FE-19, with twelve small statements more.
tests::Files counters()
{
    QByteArray lines;
    const auto add = [&](const QByteArray &query, qint64 id, const QByteArray &calls, const QByteArray &total,
                         const QByteArray &rest) {
        lines += R"({"query":")" + query + R"(","queryid":)" + QByteArray::number(id) + R"(,"calls":)" + calls
            + R"(,"total_exec_time":)" + total + rest + "}\n";
    };
    add("SELECT a FROM t WHERE id = $1", 1, "18000000", "5400000",
        R"(,"rows":18000000,"shared_blks_hit":90000000)");
    add("SELECT b FROM t\\nWHERE c = $1", 2, "1200", "3840000",
        R"(,"rows":1200,"shared_blks_hit":96000000,"shared_blks_read":1200,"wal_bytes":2048)");
    add("SELECT c FROM t", 3, "900000", "720000", R"(,"rows":900000,"shared_blks_hit":2700000)");
    add("SELECT d FROM u", 4, "1", "600000", R"(,"rows":5,"shared_blks_hit":10)");
    return {{QStringLiteral("statements.jsonl"), lines}};
}

/// Two plans of the second statement, one known by its query id only.
tests::Files plans()
{
    const auto plan = [](const QByteArray &head, const QByteArray &time) {
        return "[{" + head
            + R"("Plan":{"Node Type":"Seq Scan","Relation Name":"t","Alias":"t","Startup Cost":0.0,)"
            + R"("Total Cost":100.0,"Plan Rows":1,"Plan Width":4,"Actual Startup Time":0.1,"Actual Total Time":)"
            + time + R"(,"Actual Rows":1,"Actual Loops":1,"Filter":"c = 5",)"
            + R"("Rows Removed by Filter":200000},)"
            + R"("Query Identifier":2,"Planning Time":0.1,"Execution Time":)" + time + "}]";
    };
    return {{QStringLiteral("a.json"), plan(R"("Query Text":"SELECT b FROM t WHERE c = 5",)", "50.0")},
        {QStringLiteral("b.json"), plan("", "70.0")}};
}

/// Seven snapshots of two statements, ten seconds apart: 10 calls of 5 ms and 1 call of 100 ms each step.
tests::Files snapshots()
{
    QByteArray lines;
    for (int i = 0; i <= 6; ++i) {
        const QByteArray ts
            = "2026-03-02T12:0" + QByteArray::number(i / 6) + ":" + QByteArray::number(i % 6) + "0Z";
        const auto add = [&](const char *sql, int id, int calls, double ms) {
            lines += R"({"ts":")" + ts + R"(","query":")" + sql + R"(","queryid":)" + QByteArray::number(id)
                + R"(,"userid":10,"dbid":5,"calls":)" + QByteArray::number(calls) + R"(,"total_exec_time":)"
                + QByteArray::number(ms) + R"(,"rows":)" + QByteArray::number(2 * calls) + "}\n";
        };
        add("SELECT quick FROM t WHERE id = $1", 1, 1000 + 10 * i, 9000 + 50 * i);
        add("SELECT slow FROM t WHERE c = $1", 2, 3 + i, 300 + 100 * i);
    }
    return {{QStringLiteral("snapshots.jsonl"), lines}};
}

/// 100 spans with a statement; every second one names its tenant.
tests::Files spans()
{
    QByteArray lines;
    for (int i = 1; i <= 100; ++i) {
        const qint64 start = 1'700'000'000'000'000'000 + qint64(i) * 1'000'000'000;
        const QByteArray sql
            = "SELECT x FROM y WHERE z = " + QByteArray::number(i) + (i % 2 ? " /*tenant_id='7'*/" : "");
        lines
            += R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[{"traceId":")"
            + QByteArray::number(i).rightJustified(32, '0')
            + R"(","spanId":"0000000000000001","name":"SELECT","kind":3,"startTimeUnixNano":")"
            + QByteArray::number(start) + R"(","endTimeUnixNano":")"
            + QByteArray::number(start + i * 1'000'000)
            + R"(","attributes":[{"key":"db.system","value":{"stringValue":"postgresql"}},{"key":"db.query.text","value":{"stringValue":")"
            + sql + R"("}}]}]}]}]})" + "\n";
    }
    return {{QStringLiteral("spans.jsonl"), lines}};
}

} // namespace

class TestStatementsView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void ranksByTime();
    void sortsWithTheUnknownLast();
    void searches();
    void showsTextAndPlans();
    void spansAndTags();
    void stateComesBack();
    void followsTheSelection();
    void copiesAndSaves();
    void whatRanInTheRange();
    void rangeFollowsThePlayback();
    void keyboardAndNames();
    void pictures();

private:
    void open(const tests::Files &files);
    QString cell(int row, int column) const;

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<StatementsView> m_view;
};

void TestStatementsView::open(const tests::Files &files)
{
    m_view.reset();
    m_session = tests::openSession(files);
    m_view = std::make_unique<StatementsView>(m_session.get());
    m_view->resize(1400, 800);
    m_view->show();
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
}

QString TestStatementsView::cell(int row, int column) const
{
    return m_view->model()->index(row, column).data().toString();
}

void TestStatementsView::emptyStateSaysWhatToDo()
{
    open({});
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("pg_stat_statements")));
    QSignalSpy commands(m_view.get(), &View::commandRequested);
    for (QPushButton *button : m_view->findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.size(), 1);
}

void TestStatementsView::ranksByTime()
{
    open(counters());
    QAbstractItemModelTester tester(m_view->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(m_view->model()->rowCount(), 4);
    QCOMPARE(cell(0, StatementModel::Text), QStringLiteral("SELECT a FROM t WHERE id = $1"));
    QCOMPARE(cell(1, StatementModel::Text), QStringLiteral("SELECT b FROM t WHERE c = $1"));
    QCOMPARE(cell(0, StatementModel::Share), QStringLiteral("51.1 %"));
    QCOMPARE(cell(1, StatementModel::Cumulative), QStringLiteral("87.5 %"));
    QCOMPARE(cell(3, StatementModel::Cumulative), QStringLiteral("100.0 %"));
    QCOMPARE(cell(1, StatementModel::Mean), QStringLiteral("3.2 s"));
    QCOMPARE(cell(1, StatementModel::RowsPerCall), QStringLiteral("1"));
    QCOMPARE(cell(0, StatementModel::Wal), QStringLiteral("–"));
    QCOMPARE(cell(0, StatementModel::P99), QStringLiteral("–"));
    QCOMPARE(cell(0, StatementModel::Verdict), QStringLiteral("batch"));
    QCOMPARE(cell(1, StatementModel::Verdict), QStringLiteral("index"));
    QVERIFY(m_view->model()
                ->index(1, StatementModel::Verdict)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(QStringLiteral("80,001 blocks")));
    QVERIFY2(m_view->noteText().contains(QStringLiteral("2 of 4 statements carry 80 %")),
        qPrintable(m_view->noteText()));
    QVERIFY(m_view->noteText().contains(QStringLiteral("since the last reset")));
}

void TestStatementsView::sortsWithTheUnknownLast()
{
    open(counters());
    QAbstractItemModelTester tester(m_view->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    m_view->table()->sortByColumn(StatementModel::Mean, Qt::DescendingOrder);
    QCOMPARE(cell(0, StatementModel::Text), QStringLiteral("SELECT d FROM u"));
    QCOMPARE(cell(3, StatementModel::Text), QStringLiteral("SELECT a FROM t WHERE id = $1"));
    for (const auto order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        m_view->table()->sortByColumn(StatementModel::Wal, order);
        QCOMPARE(cell(0, StatementModel::Wal), QStringLiteral("2 KiB"));
    }
    for (int column = 0; column < StatementModel::ColumnCount; ++column)
        m_view->table()->sortByColumn(column, Qt::AscendingOrder);
    QCOMPARE(cell(0, StatementModel::Verdict), QStringLiteral("batch"));
}

void TestStatementsView::searches()
{
    open(counters());
    QAbstractItemModelTester tester(m_view->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    m_view->startSearch();
    QVERIFY(m_view->searchEdit()->hasFocus() || !m_view->isActiveWindow());
    QTest::keyClicks(m_view->searchEdit(), QStringLiteral("from T where"));
    QCOMPARE(m_view->model()->rowCount(), 2);
    // Shares stay those of all.
    QCOMPARE(cell(0, StatementModel::Share), QStringLiteral("51.1 %"));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    m_view->searchEdit()->setText(QStringLiteral("cache"));
    QCOMPARE(m_view->model()->rowCount(), 1);
    m_view->searchEdit()->setText(QStringLiteral("no such 100 % _statement'"));
    QCOMPARE(m_view->model()->rowCount(), 0);
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    m_view->searchEdit()->clear();
    QCOMPARE(m_view->model()->rowCount(), 4);
}

void TestStatementsView::showsTextAndPlans()
{
    open(counters() + plans());
    StatementDetails *details = m_view->details();
    m_view->table()->selectRow(1);
    QTRY_VERIFY(m_view->isReady());
    QCOMPARE(cell(1, StatementModel::Plans), QStringLiteral("2"));
    QCOMPARE(cell(1, StatementModel::Verdict), QStringLiteral("index"));
    QCOMPARE(details->text()->toPlainText(), QStringLiteral("SELECT b FROM t\nWHERE c = $1"));
    QCOMPARE(details->plans()->model()->rowCount(), 2);
    // The slowest plan opens by Enter, a chosen one from the list.
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    QTest::keyClick(m_view->table(), Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.first().at(0).toString(), QStringLiteral("plan"));
    QVERIFY(m_session->context()->selection().kind == session::Selection::Kind::Plan);
    QCOMPARE(QString::number(m_session->context()->selection().id),
        tests::value(*m_session, "SELECT id FROM plan ORDER BY execution_ms DESC"));
    details->plans()->selectRow(1);
    QTest::keyClick(details->plans(), Qt::Key_Return);
    QCOMPARE(opened.size(), 2);
    QCOMPARE(QString::number(m_session->context()->selection().id),
        tests::value(*m_session, "SELECT id FROM plan ORDER BY execution_ms"));
    m_view->table()->selectRow(0);
    QTRY_VERIFY(m_view->isReady());
    QCOMPARE(details->plans()->model()->rowCount(), 0);
    QTest::keyClick(m_view->table(), Qt::Key_Return);
    QCOMPARE(opened.size(), 2);
}

void TestStatementsView::spansAndTags()
{
    open(counters() + spans());
    QCOMPARE(m_view->model()->origin(), StatementModel::Statistics);
    QComboBox *box = m_view->originBox();
    QCOMPARE(box->itemText(2), QStringLiteral("Spans (1)"));
    box->setFocus();
    QTest::keyClick(box, Qt::Key_End);
    QCOMPARE(m_view->model()->origin(), StatementModel::Spans);
    QCOMPARE(cell(0, StatementModel::P99), QStringLiteral("99 ms"));
    QCOMPARE(cell(0, StatementModel::Calls), QStringLiteral("100"));
    QCOMPARE(cell(0, StatementModel::Rows), QStringLiteral("–"));
    QVERIFY(m_view->noteText().contains(QStringLiteral("whatever the weight")));
    m_view->pages()->setCurrentIndex(1);
    QTRY_VERIFY(m_view->isReady());
    const QAbstractItemModel *tags = m_view->tagTable()->model();
    QCOMPARE(tags->rowCount(), 2);
    QCOMPARE(tags->index(0, 1).data().toString(), QStringLiteral("(without)"));
    QCOMPARE(tags->index(0, 3).data().toString(), QStringLiteral("50"));
    QCOMPARE(tags->index(1, 0).data().toString(), QStringLiteral("tenant_id"));
    QCOMPARE(tags->index(1, 1).data().toString(), QStringLiteral("7"));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    m_view->pages()->setCurrentIndex(0);
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    const QString sql = m_view->model()->spansSql(m_view->model()->item(0)->id);
    QCOMPARE(tests::sqlProblem(*m_session, sql), QString());
    QVERIFY(!tests::value(*m_session, sql.toUtf8().constData()).isEmpty());
    // An origin without statements says so.
    m_view->model()->setOrigin(StatementModel::Log);
    QVERIFY(m_view->noteText().contains(QStringLiteral("No statements from here")));
}

void TestStatementsView::stateComesBack()
{
    open(counters() + spans());
    m_view->model()->setOrigin(StatementModel::Spans);
    m_view->searchEdit()->setText(QStringLiteral("from"));
    m_view->pages()->setCurrentIndex(1);
    const QJsonObject state = m_view->saveState();
    StatementsView other(m_session.get());
    other.restoreState(state);
    other.show();
    QTRY_VERIFY(other.isReady());
    QCOMPARE(other.saveState(), state);
    other.restoreState({});
    QCOMPARE(other.pages()->currentIndex(), 0);
}

void TestStatementsView::followsTheSelection()
{
    open(counters() + spans());
    const auto choose = [&](const char *sql) {
        const qint64 id = tests::value(*m_session, sql).toLongLong();
        m_session->context()->setSelection({session::Selection::Kind::Statement, id, {}});
        return id;
    };
    m_view->searchEdit()->setText(QStringLiteral("FROM u"));
    m_view->pages()->setCurrentIndex(1);
    qint64 id = choose("SELECT id FROM statement WHERE text LIKE 'SELECT c%'");
    QCOMPARE(m_view->pages()->currentIndex(), 0);
    QCOMPARE(m_view->model()->item(m_view->table()->currentIndex().row())->id, id);
    QVERIFY(m_view->searchEdit()->text().isEmpty());
    // Only spans know this one.
    id = choose("SELECT id FROM statement WHERE text LIKE 'SELECT x%'");
    QCOMPARE(m_view->model()->origin(), StatementModel::Spans);
    QCOMPARE(m_view->originBox()->currentIndex(), int(StatementModel::Spans));
    QCOMPARE(m_view->model()->item(m_view->table()->currentIndex().row())->id, id);
    // A view that is opened by a finding shows what the finding chose.
    choose("SELECT id FROM statement WHERE text LIKE 'SELECT b%'");
    StatementsView other(m_session.get());
    other.show();
    QTRY_VERIFY(other.isReady());
    QVERIFY(other.details()->shownText().startsWith(QStringLiteral("SELECT b")));
    // What the user points at is the selection of all views.
    const QRect cell = other.table()->visualRect(other.model()->index(0, StatementModel::Text));
    QTest::mouseClick(other.table()->viewport(), Qt::LeftButton, {}, cell.center());
    QCOMPARE(m_session->context()->selection().id, other.model()->item(0)->id);
}

void TestStatementsView::copiesAndSaves()
{
    open(counters());
    m_view->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_view.get()));
    m_view->table()->setFocus();
    m_view->table()->selectRow(1);
    QTest::keySequence(m_view->table(), QKeySequence::Copy);
    const QStringList lines = QApplication::clipboard()->text().split(QLatin1Char('\n'));
    QCOMPARE(lines.at(0).section(QLatin1Char('\t'), 0, 2), QStringLiteral("Statement\tCalls\tTotal"));
    QVERIFY2(lines.at(1).startsWith(QStringLiteral("SELECT b FROM t WHERE c = $1\t1200\t3840000\t0.36")),
        qPrintable(lines.at(1)));
    // Unknown is an empty field, a text of two lines one quoted field.
    const QString csv = m_view->model()->toText(QLatin1Char(','), {0, 1});
    QVERIFY2(csv.contains(QStringLiteral("\"SELECT b FROM t\nWHERE c = $1\",1200,")), qPrintable(csv));
    QVERIFY(csv.contains(QStringLiteral(",0.3,,18000000,1,,90000000,")));
    QCOMPARE(m_view->viewActions().size(), 1);
}

void TestStatementsView::whatRanInTheRange()
{
    open(snapshots());
    m_view->pages()->setCurrentIndex(2);
    StatementRangePanel *panel = m_view->rangePanel();
    QTRY_COMPARE(panel->table()->model()->rowCount(), 2);
    QTRY_VERIFY(m_view->isReady());
    const auto text
        = [&](int row, int column) { return panel->table()->model()->index(row, column).data().toString(); };
    using items::StatementRangeModel;
    // 6 calls in 600 ms before 60 calls in 300 ms: two thirds of the time.
    QVERIFY(text(0, StatementRangeModel::Text).startsWith(QStringLiteral("SELECT slow")));
    QCOMPARE(text(0, StatementRangeModel::CallsPerSecond), QStringLiteral("0.1/s"));
    QCOMPARE(text(0, StatementRangeModel::Calls), QStringLiteral("6"));
    QCOMPARE(text(0, StatementRangeModel::Share), QStringLiteral("67 %"));
    QCOMPARE(text(1, StatementRangeModel::Cumulative), QStringLiteral("100 %"));
    QCOMPARE(text(1, StatementRangeModel::RowsPerCall), QStringLiteral("2"));
    QVERIFY2(panel->noteText().contains(QStringLiteral("7 samples"))
            && panel->noteText().contains(QStringLiteral("no percentiles exist here")),
        qPrintable(panel->noteText()));
    // The chosen one over time: six steps of 0.1 calls a second.
    QTRY_COMPARE(panel->callsPlot()->content().series.size(), std::size_t{1});
    QCOMPARE(panel->callsPlot()->content().series[0].y, std::vector<double>(6, 0.1));
    QCOMPARE(panel->meanPlot()->content().series[0].y, std::vector<double>(6, 100e6));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    QCOMPARE(tests::value(*m_session, qPrintable(m_view->showSql())).isEmpty(), false);
    m_view->searchEdit()->setText(QStringLiteral("quick"));
    QCOMPARE(panel->table()->model()->rowCount(), 1);
    QCOMPARE(tests::nameless(*m_view), QStringList());
    // A range within: the samples nearest to it; the choice stays.
    m_view->searchEdit()->clear();
    constexpr Nanos begin = 1'772'452'800 * kNanosPerSecond;
    m_session->context()->setRange(TimeRange{begin + 9 * kNanosPerSecond, begin + 31 * kNanosPerSecond});
    QTRY_COMPARE(text(0, StatementRangeModel::Calls), QStringLiteral("2"));
    m_session->context()->setRange(TimeRange{begin + 11 * kNanosPerSecond, begin + 12 * kNanosPerSecond});
    QTRY_VERIFY(tests::labelText(*m_view).contains(QStringLiteral("Fewer Than Two Samples")));
}

void TestStatementsView::rangeFollowsThePlayback()
{
    open(snapshots());
    constexpr Nanos begin = 1'772'452'800 * kNanosPerSecond;
    // A recording is there: its page is shown unless the user chose another.
    m_session->playback()->setWindowNs(20 * kNanosPerSecond);
    m_session->playback()->setRecorded({begin, begin + 60 * kNanosPerSecond});
    QCOMPARE(m_view->pages()->currentIndex(), 2);
    const auto calls = [&] {
        const QAbstractItemModel *model = m_view->rangePanel()->table()->model();
        return model->rowCount() == 2 ? model->index(1, items::StatementRangeModel::Calls).data().toString()
                                      : QString();
    };
    QTRY_COMPARE(calls(), QStringLiteral("20"));
    // Ten seconds in: one step only; what comes later is not looked at.
    m_session->playback()->hold(begin + 10 * kNanosPerSecond);
    QTRY_COMPARE(calls(), QStringLiteral("10"));
    m_session->playback()->follow();
    QTRY_COMPARE(calls(), QStringLiteral("20"));
}

void TestStatementsView::keyboardAndNames()
{
    open(counters());
    QCOMPARE(tests::nameless(*m_view), QStringList());
    m_view->table()->setFocus();
    m_view->table()->selectRow(0);
    QTest::keyClick(m_view->table(), Qt::Key_Down);
    QCOMPARE(m_view->details()->shownText(), QStringLiteral("SELECT b FROM t\nWHERE c = $1"));
    m_view->pages()->setCurrentIndex(1);
    QTRY_VERIFY(m_view->isReady());
    QVERIFY(tests::labelText(*m_view).contains(QStringLiteral("sqlcommenter")));
    QCOMPARE(tests::nameless(*m_view), QStringList());
}

void TestStatementsView::pictures()
{
    m_view.reset();
    for (const tests::Files &files : {tests::Files(), counters() + spans()}) {
        m_session = tests::openSession(files);
        QCOMPARE(tests::pictureProblem([this] { return std::make_unique<StatementsView>(m_session.get()); }),
            QString());
    }
}

QTEST_MAIN(TestStatementsView)
#include "tst_statementsview.moc"
