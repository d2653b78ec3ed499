// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/findings/findingsview.h"

#include "tests/widgets/viewtest.h"
#include "widgets/findings/findingtarget.h"

#include <QTableView>
#include <QTextBrowser>
#include <QUrl>

using namespace tailscope;
using namespace tailscope::widgets;
using Kind = session::Selection::Kind;

class TestFindingsView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everySubjectLeadsSomewhere_data();
    void everySubjectLeadsSomewhere();
    void operationNarrowsAndShowsItsExample();
    void tableAsksTheConsole();
    void functionsLeadToTheList();
    void nowhereToGoIsNoLink();
    void emptyStates();
    void showsTextsAndGoesThere();
    void sqlAndNames();
    void pictures();

private:
    void open(const tests::Files &files);
    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<FindingsView> m_view;
};

void TestFindingsView::open(const tests::Files &files)
{
    m_view.reset();
    m_session = tests::openSession(files);
    m_view = std::make_unique<FindingsView>(m_session.get(), nullptr);
    m_view->resize(900, 500);
    m_view->show();
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
}

void TestFindingsView::everySubjectLeadsSomewhere_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("view");
    QTest::addColumn<int>("selected");
    const auto row = [](const char *kind, const char *id, const char *view, Kind selected) {
        QTest::newRow(kind) << QString::fromLatin1(kind) << QString::fromLatin1(id)
                            << QString::fromLatin1(view) << int(selected);
    };
    row("plan_node", "7", "plan", Kind::PlanNode);
    row("plan", "7", "plan", Kind::Plan);
    row("span", "7", "timeline", Kind::Span);
    row("source", "7", "sources", Kind::Source);
    row("series", "7", "timeline", Kind::Series);
    row("trace", "7", "waterfall", Kind::Trace);
    row("statement", "7", "statements", Kind::Statement);
    row("operation", "shop: GET /", "distribution", Kind::Operation);
}

void TestFindingsView::everySubjectLeadsSomewhere()
{
    QFETCH(QString, kind);
    QFETCH(QString, id);
    QFETCH(QString, view);
    QFETCH(int, selected);
    const auto targets = findingTargets({kind, id, QStringLiteral("{}"), std::nullopt, std::nullopt});
    QVERIFY(!targets.isEmpty());
    QCOMPARE(targets.first().view, view);
    QCOMPARE(int(targets.first().selection.kind), selected);
    QVERIFY(!targets.first().text.isEmpty());
    if (selected != int(Kind::Operation))
        QCOMPARE(targets.first().selection.id, 7);
}

void TestFindingsView::operationNarrowsAndShowsItsExample()
{
    const QString evidence = QStringLiteral(R"({"service":"shop","example_span_id":42})");
    const auto targets = findingTargets(
        {QStringLiteral("operation"), QStringLiteral("shop: GET: \"x\""), evidence, Nanos(5), Nanos(9)});
    QCOMPARE(targets.size(), 4);
    QCOMPARE(targets[0].view, QStringLiteral("timeline"));
    QCOMPARE(targets[0].selection, (session::Selection{Kind::Span, 42, {}}));
    QCOMPARE(targets[1].filter, QStringLiteral(R"(operation="GET: \"x\"" service="shop")"));
    QCOMPARE(targets[1].view, QStringLiteral("distribution"));
    QCOMPARE(targets[2].view, QStringLiteral("flame"));
    QCOMPARE(targets[3].range, std::optional(TimeRange{5, 9}));
    const auto traced = findingTargets({QStringLiteral("operation"), QStringLiteral("GET /"),
        QStringLiteral(R"({"example_trace_id":9})"), std::nullopt, std::nullopt});
    QCOMPARE(traced[0].view, QStringLiteral("waterfall"));
    QCOMPARE(traced[0].selection, (session::Selection{Kind::Trace, 9, {}}));
    // A span of a trace is shown within its trace first.
    const auto both = findingTargets({QStringLiteral("operation"), QStringLiteral("GET /"),
        QStringLiteral(R"({"example_trace_id":9,"example_span_id":42})"), std::nullopt, std::nullopt});
    QCOMPARE(both[0].view, QStringLiteral("waterfall"));
    QCOMPARE(both[0].selection, (session::Selection{Kind::Span, 42, {}}));
    QCOMPARE(both[1].view, QStringLiteral("timeline"));
    // Without a service the colon belongs to the operation.
    const auto plain = findingTargets(
        {QStringLiteral("operation"), QStringLiteral("GET: x"), QStringLiteral("{}"), {}, {}});
    QCOMPARE(plain.first().filter, QStringLiteral("operation=\"GET: x\""));
}

void TestFindingsView::tableAsksTheConsole()
{
    open({});
    const auto targets = findingTargets(
        {QStringLiteral("table"), QStringLiteral("public.it's"), QStringLiteral("{}"), Nanos(3), Nanos(3)});
    QCOMPARE(targets.size(), 1);
    QCOMPARE(tests::sqlProblem(*m_session, targets.first().sql), QString());
}

void TestFindingsView::functionsLeadToTheList()
{
    const auto functions = findingTargets({QStringLiteral("function"), QStringLiteral("parse"),
        QStringLiteral(R"({"before_profile_id":1,"after_profile_id":2})"), {}, {}});
    QCOMPARE(functions.size(), 2);
    QCOMPARE(functions[0].view, QStringLiteral("functions"));
    QCOMPARE(functions[0].selection,
        (session::Selection{session::Selection::Kind::Frame, 2, QStringLiteral("parse")}));
    QCOMPARE(functions[1].view, QStringLiteral("flamediff"));
}

void TestFindingsView::nowhereToGoIsNoLink()
{
    QVERIFY(findingTargets({QStringLiteral("weather"), QStringLiteral("main"), {}, {}, {}}).isEmpty());
    QVERIFY(findingTargets({QStringLiteral("plan"), QStringLiteral("no number"), {}, {}, {}}).isEmpty());
}

void TestFindingsView::emptyStates()
{
    open({});
    QVERIFY2(tests::labelText(*m_view).contains(QStringLiteral("the rules run after every import")),
        qPrintable(tests::labelText(*m_view)));
}

void TestFindingsView::showsTextsAndGoesThere()
{
    open(tests::plan("a"));
    auto *table = m_view->findChild<QTableView *>();
    auto *text = m_view->findChild<QTextBrowser *>();
    QVERIFY(table->model()->rowCount() > 0);
    QVERIFY(text->toPlainText().contains(QStringLiteral("Show where")));
    QVERIFY(text->toPlainText().contains(QStringLiteral("Fix")));
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    Q_EMIT text->anchorClicked(QUrl(QStringLiteral("target:0")));
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.takeFirst().at(0).toString(), QStringLiteral("plan"));
    QVERIFY(m_session->context()->selection().kind == Kind::PlanNode
        || m_session->context()->selection().kind == Kind::Plan);
    // The same by keyboard.
    table->setFocus();
    table->selectRow(0);
    QTest::keyClick(table, Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    // Another view points at a finding.
    const int last = table->model()->rowCount() - 1;
    const qint64 id
        = table->model()->index(last, table->model()->columnCount() - 1).data(Qt::UserRole).toLongLong();
    m_session->context()->setSelection({Kind::Finding, id, {}});
    QCOMPARE(table->currentIndex().row(), last);
}

void TestFindingsView::sqlAndNames()
{
    open(tests::plan("a"));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    QCOMPARE(tests::nameless(*m_view), QStringList());
}

void TestFindingsView::pictures()
{
    open(tests::plan("a"));
    QCOMPARE(tests::pictureProblem(
                 [this] { return std::make_unique<FindingsView>(m_session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestFindingsView)
#include "tst_findingsview.moc"
