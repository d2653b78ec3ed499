// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/overview/overviewview.h"

#include "tests/items/spanfixture.h"
#include "tests/widgets/viewtest.h"
#include "widgets/overview/linktable.h"

#include <QPushButton>

using namespace tailscope;
using namespace tailscope::widgets;
using Kind = session::Selection::Kind;

namespace {

enum Column { Name, Total, Self, Count, Errors, P50, P95, P99 };

} // namespace

class TestOverviewView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStateSaysWhatToDo();
    void figuresAreLinks_data();
    void figuresAreLinks();
    void keyboardFollowsTheCell();
    void nameSelectsAndEnterNarrows();
    void unknownIsNotZero();
    void planNodeIsSelected();
    void summaryLinks();
    void sqlAndNames();
    void pictures();

private:
    void open(const tests::Files &files);
    LinkTable *table(const char *name) const;
    void click(LinkTable *table, QTreeWidgetItem *item, int column);
    static QTreeWidgetItem *row(LinkTable *table, const char *name);

    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<OverviewView> m_view;
};

void TestOverviewView::open(const tests::Files &files)
{
    m_view.reset();
    m_session = tests::openSession(files);
    m_view = std::make_unique<OverviewView>(m_session.get(), nullptr);
    m_view->resize(1100, 900);
    m_view->show();
    QTRY_VERIFY(m_view->isReady() && m_session->jobs()->isIdle());
}

LinkTable *TestOverviewView::table(const char *name) const
{
    for (LinkTable *table : m_view->findChildren<LinkTable *>()) {
        if (table->accessibleName() == QLatin1String(name))
            return table;
    }
    return nullptr;
}

QTreeWidgetItem *TestOverviewView::row(LinkTable *table, const char *name)
{
    const auto found = table->findItems(QString::fromLatin1(name), Qt::MatchExactly, Name);
    return found.isEmpty() ? nullptr : found.first();
}

void TestOverviewView::click(LinkTable *table, QTreeWidgetItem *item, int column)
{
    const QRect cell = table->visualRect(table->model()->index(table->indexOfTopLevelItem(item), column));
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, cell.center());
}

void TestOverviewView::emptyStateSaysWhatToDo()
{
    open({});
    QSignalSpy commands(m_view.get(), &View::commandRequested);
    for (QPushButton *button : m_view->findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.size(), 1);
    QCOMPARE(commands.at(0).at(0).toString(), QStringLiteral("open"));
}

void TestOverviewView::figuresAreLinks_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<QString>("view");
    QTest::newRow("total") << int(Total) << QStringLiteral("flame");
    QTest::newRow("self") << int(Self) << QStringLiteral("flame");
    QTest::newRow("count") << int(Count) << QStringLiteral("timeline");
    QTest::newRow("errors") << int(Errors) << QString();
    QTest::newRow("p50") << int(P50) << QStringLiteral("distribution");
    QTest::newRow("p95") << int(P95) << QStringLiteral("distribution");
    QTest::newRow("p99") << int(P99) << QStringLiteral("distribution");
}

void TestOverviewView::figuresAreLinks()
{
    QFETCH(int, column);
    QFETCH(QString, view);
    open(tests::orderTraces(40));
    LinkTable *operations = table("Operations");
    QTreeWidgetItem *order = row(operations, "POST /order");
    QVERIFY(order);
    QVERIFY(order->toolTip(column).contains(QStringLiteral("Click or Enter")));
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    click(operations, order, column);
    QVERIFY(m_session->context()->filterText().contains(QStringLiteral("operation=\"POST /order\"")));
    QCOMPARE(m_session->context()->filterText().contains(QStringLiteral("status=error")), column == Errors);
    QCOMPARE(opened.size(), view.isEmpty() ? 0 : 1);
    if (!view.isEmpty())
        QCOMPARE(opened.first().at(0).toString(), view);
    // No error, no link.
    QTRY_VERIFY(m_session->jobs()->isIdle());
    m_session->context()->setFilterText({});
    QTRY_VERIFY(m_view->isReady() && row(operations, "SELECT stock"));
    QVERIFY(row(operations, "SELECT stock")->data(Errors, LinkTable::LinkRole).toString().isEmpty());
}

void TestOverviewView::keyboardFollowsTheCell()
{
    open(tests::orderTraces(40));
    LinkTable *operations = table("Operations");
    QTreeWidgetItem *order = row(operations, "POST /order");
    operations->setFocus();
    operations->setCurrentItem(order, Name);
    for (int step = 0; step < P95; ++step)
        QTest::keyClick(operations, Qt::Key_Right);
    QCOMPARE(operations->currentColumn(), int(P95));
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    QTest::keyClick(operations, Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.first().at(0).toString(), QStringLiteral("distribution"));
    QVERIFY(m_session->context()->filterText().contains(QStringLiteral("POST /order")));
}

void TestOverviewView::nameSelectsAndEnterNarrows()
{
    open(tests::orderTraces(40));
    LinkTable *operations = table("Operations");
    QTreeWidgetItem *order = row(operations, "POST /order");
    click(operations, order, Name);
    QVERIFY(m_session->context()->filterText().isEmpty());
    QCOMPARE(m_session->context()->selection(),
        (session::Selection{Kind::Operation, 0, QStringLiteral("POST /order")}));
    operations->setFocus();
    QTest::keyClick(operations, Qt::Key_Return);
    QCOMPARE(m_session->context()->filterText(), QStringLiteral("operation=\"POST /order\""));
}

void TestOverviewView::unknownIsNotZero()
{
    open({});
    tests::SpanFixture fixture;
    const std::uint32_t track = fixture.track("app", "main");
    fixture.span(track, 0, "hang", 10, kUnknownNanos);
    fixture.span(track, 1, "work", 20, 5'000'000);
    const auto columns = fixture.build();
    m_session->context()->setFullRange(columns->range);
    m_session->context()->setColumns(columns, nullptr);
    LinkTable *operations = table("Operations");
    QTRY_VERIFY(row(operations, "hang"));
    for (const int column : {int(Total), int(Self), int(P50), int(P95), int(P99)})
        QCOMPARE(row(operations, "hang")->text(column), QStringLiteral("unknown"));
    QCOMPARE(row(operations, "hang")->text(Count), QStringLiteral("1"));
    QCOMPARE(row(operations, "work")->text(Total), QStringLiteral("5 ms"));
}

void TestOverviewView::planNodeIsSelected()
{
    open(tests::plan("a"));
    LinkTable *plans = table("Slowest Plan Nodes");
    QVERIFY(plans->topLevelItemCount() > 0);
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    click(plans, plans->topLevelItem(0), 1);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.first().at(0).toString(), QStringLiteral("plan"));
    const qint64 slowest
        = tests::value(*m_session, "SELECT id FROM plan_node ORDER BY self_ms DESC LIMIT 1").toLongLong();
    QCOMPARE(m_session->context()->selection(), (session::Selection{Kind::PlanNode, slowest, {}}));
}

void TestOverviewView::summaryLinks()
{
    open(tests::orderTraces(40));
    QLabel *summary = nullptr;
    for (QLabel *label : m_view->findChildren<QLabel *>()) {
        if (label->accessibleName() == QLatin1String("Summary"))
            summary = label;
    }
    QVERIFY(summary);
    // Every part is a link: traces to their list, errors to the filter, the rest to a view.
    const QStringList parts = summary->text().split(QStringLiteral(" &nbsp;·&nbsp; "));
    QVERIFY(parts.size() >= 5);
    for (const QString &part : parts)
        QVERIFY2(part.startsWith(QLatin1String("<a href=")), qPrintable(part));
    QSignalSpy opened(m_view.get(), &View::openViewRequested);
    QVERIFY(summary->text().contains(QStringLiteral("view:traces")));
    Q_EMIT summary->linkActivated(QStringLiteral("view:traces"));
    QCOMPARE(opened.value(0).value(0).toString(), QStringLiteral("traces"));
    Q_EMIT summary->linkActivated(QStringLiteral("filter:status=error"));
    QCOMPARE(m_session->context()->filterText(), QStringLiteral("status=error"));
}

void TestOverviewView::sqlAndNames()
{
    open(tests::orderTraces(40) + tests::plan("a"));
    QCOMPARE(tests::sqlProblem(*m_session, m_view->showSql()), QString());
    QCOMPARE(tests::nameless(*m_view), QStringList());
}

void TestOverviewView::pictures()
{
    open(tests::orderTraces(40) + tests::plan("a"));
    QCOMPARE(tests::pictureProblem(
                 [this] { return std::make_unique<OverviewView>(m_session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestOverviewView)
#include "tst_overviewview.moc"
