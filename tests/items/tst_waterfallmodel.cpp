// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/waterfallmodel.h"

#include "items/waterfalltext.h"
#include "tests/items/otlptraces.h"
#include "tests/widgets/viewtest.h"

#include <QAbstractItemModelTester>

#include <set>

using namespace tailscope;
using namespace tailscope::items;
using analysis::kNoRow;
using tests::TraceSpan;

namespace {

constexpr Nanos kMs = 1'000'000;

} // namespace

class TestWaterfallModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rowsInTheOrderOfTheTree();
    void totalsAddUp();
    void gapsAreRanked();
    void groupsOpen();
    void correctionMovesTheServer();
    void eventsAndLinks();
    void idleTimeIsCutOut();
    void axisIsItsOwnInverse();
    void everySpanOnceWhateverIsFolded();
    void servicesFold();
    void searchWalksInOrder();
    void followsTheSelectionAndTheList();
    void keyOpensATrace();
    void textAndSql();

private:
    void open(const std::vector<TraceSpan> &spans);
    QString names() const;
    int rowNamed(const QString &start) const;
    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<WaterfallModel> m_model;
};

void TestWaterfallModel::open(const std::vector<TraceSpan> &spans)
{
    m_model.reset();
    m_session = tests::openSession(tests::otlpTraces(spans));
    m_model = std::make_unique<WaterfallModel>(m_session.get());
    m_model->setActive(true);
    QTRY_VERIFY(!m_model->isBusy());
}

QString TestWaterfallModel::names() const
{
    QStringList list;
    for (const WaterfallRow &row : m_model->rows())
        list << QString(int(row.depth), QLatin1Char('.')) + waterfallRowName(*m_model->trace(), row);
    return list.join(QLatin1Char('\n'));
}

int TestWaterfallModel::rowNamed(const QString &start) const
{
    for (std::size_t i = 0; i < m_model->rows().size(); ++i) {
        if (waterfallRowName(*m_model->trace(), m_model->rows()[i]).startsWith(start))
            return int(i);
    }
    return -1;
}

void TestWaterfallModel::rowsInTheOrderOfTheTree()
{
    open(tests::payTrace());
    const QStringList lines = names().split(QLatin1Char('\n'));
    QCOMPARE(lines.value(0), QStringLiteral("POST /pay"));
    QCOMPARE(lines.value(1), QStringLiteral(".time in no span: 200 ms (20.0 %), before pool.acquire"));
    QCOMPARE(lines.value(2), QStringLiteral(".pool.acquire"));
    QCOMPARE(lines.value(3), QStringLiteral(".5 × SELECT item, 150 ms, sequential"));
    QCOMPARE(lines.value(4), QStringLiteral(".charge"));
    QCOMPARE(lines.at(lines.size() - 2), QStringLiteral("Asynchronous: 1 span nobody waits for"));
    QCOMPARE(lines.last(), QStringLiteral(".send mail"));
    m_model->setShowingGaps(false);
    QVERIFY(!names().contains(QStringLiteral("time in no span")));
    m_model->setOpen(rowNamed(QStringLiteral("Asynchronous")), false);
    QVERIFY(!names().contains(QStringLiteral("send mail")));
}

void TestWaterfallModel::totalsAddUp()
{
    open(tests::payTrace());
    const auto trace = m_model->trace();
    Nanos sum = 0;
    for (const Nanos total : trace->totals)
        sum += total;
    QCOMPARE(sum, 1000 * kMs);
    QCOMPARE(trace->totals[std::size_t(analysis::TimeClass::Wait)], 100 * kMs);
    // The way to the bank and back.
    QCOMPARE(trace->totals[std::size_t(analysis::TimeClass::Network)], 100 * kMs);
    Nanos onPath = 0;
    for (const Nanos own : trace->onPath)
        onPath += own;
    QCOMPARE(onPath, 1000 * kMs);
    QCOMPARE(trace->selfOf(trace->spans.root), 200 * kMs);
}

void TestWaterfallModel::gapsAreRanked()
{
    open(tests::payTrace());
    TraceGapModel gaps;
    const QAbstractItemModelTester tester(&gaps, QAbstractItemModelTester::FailureReportingMode::QtTest);
    gaps.setTrace(m_model->trace());
    QCOMPARE(gaps.rowCount(), 3); // 200 ms, and 50 ms on either side of the server
    QCOMPARE(gaps.index(0, TraceGapModel::Duration).data().toString(), QStringLiteral("200 ms"));
    QCOMPARE(gaps.index(0, TraceGapModel::Share).data().toString(), QStringLiteral("20.0 %"));
    QCOMPARE(gaps.index(0, TraceGapModel::Where).data().toString(), QStringLiteral("before pool.acquire"));
    QCOMPARE(gaps.index(0, TraceGapModel::Class).data().toString(), QStringLiteral("unknown"));
    QCOMPARE(gaps.index(0, TraceGapModel::Critical).data().toString(), QStringLiteral("200 ms"));
    QCOMPARE(gaps.index(1, TraceGapModel::Class).data().toString(), QStringLiteral("network"));
    QCOMPARE(gaps.toText({0}).split(QLatin1Char('\n')).size(), 2);
}

void TestWaterfallModel::groupsOpen()
{
    open(tests::payTrace());
    const int group = rowNamed(QStringLiteral("5 ×"));
    const std::size_t before = m_model->rows().size();
    m_model->setOpen(group, true);
    QCOMPARE(m_model->rows().size(), before + 5);
    QCOMPARE(m_model->rows()[std::size_t(group) + 1].depth, m_model->rows()[std::size_t(group)].depth + 1);
    m_model->setOpen(group, false);
    QCOMPARE(m_model->rows().size(), before);
    // A folded call is revealed.
    const std::uint32_t call = m_model->trace()->groups[0].calls[3];
    QCOMPARE(rowOfSpan(*m_model->trace(), m_model->rows(), call), group);
    const int row = m_model->reveal(call);
    QCOMPARE(m_model->rows()[std::size_t(row)].index, call);
    m_model->setFoldingGroups(false);
    QVERIFY(!names().contains(QStringLiteral("5 ×")));
    QCOMPARE(names().count(QStringLiteral("SELECT item")), 5);
}

void TestWaterfallModel::correctionMovesTheServer()
{
    open(tests::payTrace());
    QCOMPARE(m_model->trace()->skew.corrected, 1U);
    // Half of the 100 ms that the client is longer: 410 becomes 500.
    QCOMPARE(m_model->trace()->skew.largest, 90 * kMs);
    const int row = rowNamed(QStringLiteral("transfer"));
    const std::uint32_t span = m_model->rows()[std::size_t(row)].index;
    QCOMPARE(m_model->trace()->spans.start[span], tests::kTraceBegin + 500 * kMs);
    QVERIFY(waterfallRowLines(*m_model->trace(), m_model->rows()[std::size_t(row)])
                .join(QLatin1Char('\n'))
                .contains(QStringLiteral("corrected by +90 ms")));
    m_model->setCorrecting(false);
    QTRY_VERIFY(!m_model->isBusy());
    QCOMPARE(m_model->trace()->spans.start[span], tests::kTraceBegin + 410 * kMs);
    QCOMPARE(m_model->trace()->skewed, 1U);
    QVERIFY(m_model->trace()->skew.shift.empty());
}

void TestWaterfallModel::eventsAndLinks()
{
    open(tests::payTrace());
    const auto trace = m_model->trace();
    const auto rowOf = [&](const char *name) {
        return m_model->rows()[std::size_t(rowNamed(QString::fromLatin1(name)))].index;
    };
    QCOMPARE(trace->marksOf(rowOf("charge")).size(), std::size_t(1));
    QCOMPARE(trace->marksOf(rowOf("charge"))[0].ts, tests::kTraceBegin + 650 * kMs);
    QVERIFY(trace->marksOf(rowOf("transfer")).empty());
    // Out of the mail, into the charge.
    QCOMPARE(trace->links.size(), std::size_t(2));
    for (const WaterfallTrace::Link &link : trace->links) {
        QCOMPARE(link.span, link.isIncoming ? rowOf("charge") : rowOf("send mail"));
        QCOMPARE(link.otherLocal, link.isIncoming ? rowOf("send mail") : rowOf("charge"));
    }
}

void TestWaterfallModel::idleTimeIsCutOut()
{
    open(tests::payTrace());
    const WaterfallAxis &axis = m_model->trace()->axis;
    QCOMPARE(axis.breaks().size(), std::size_t(1));
    QCOMPARE(axis.breaks()[0].end - axis.breaks()[0].begin, 7'200'000 * kMs);
    // 1 s and 0.5 s busy, and a fiftieth of that.
    QCOMPARE(axis.length(), 1530 * kMs);
    QCOMPARE(axis.placeOf(tests::kTraceBegin + 7'201'500 * kMs), 1530 * kMs);
    // A hole no longer than three times what is busy stays.
    const WaterfallAxis whole({{0, 100}, {400, 500}});
    QVERIFY(whole.breaks().empty());
    QCOMPARE(whole.length(), 500);
    QCOMPARE(WaterfallAxis(std::vector<TimeRange>()).length(), 1);
}

void TestWaterfallModel::axisIsItsOwnInverse()
{
    const WaterfallAxis axis({{1000, 2000}, {1'000'000, 1'000'500}, {1500, 2500}, {9'000'000, 9'000'000}});
    QCOMPARE(axis.breaks().size(), std::size_t(2));
    Nanos last = -1;
    for (const Nanos time : {1000, 1700, 2499, 2500, 1'000'000, 1'000'250, 1'000'500, 9'000'000}) {
        const Nanos place = axis.placeOf(time);
        QCOMPARE(axis.timeAt(place), time);
        QVERIFY(place > last);
        last = place;
    }
    // Inside a break the order is kept.
    QVERIFY(axis.placeOf(500'000) > axis.placeOf(2500) && axis.placeOf(500'000) < axis.placeOf(1'000'000));
    QCOMPARE(axis.placeOf(900), -100);
}

void TestWaterfallModel::everySpanOnceWhateverIsFolded()
{
    open(tests::payTrace());
    const auto trace = m_model->trace();
    for (unsigned mask = 0; mask < 8; ++mask) {
        WaterfallFolding folding;
        folding.showsGaps = mask & 1;
        folding.foldsGroups = mask & 2;
        if (mask & 4) {
            for (std::uint32_t i = 0; i < trace->size(); ++i)
                folding.closed.insert(i);
        }
        std::multiset<std::uint32_t> seen;
        for (const WaterfallRow &row : buildWaterfallRows(*trace, folding)) {
            if (row.kind == WaterfallRow::Kind::Span)
                seen.insert(row.index);
            else if (row.kind == WaterfallRow::Kind::Group)
                seen.insert(trace->groups[row.index].calls.begin(), trace->groups[row.index].calls.end());
        }
        QCOMPARE(seen.size(), std::set(seen.begin(), seen.end()).size());
        // Closed: the request, and what nobody waits for.
        QCOMPARE(seen.size(), (mask & 4) ? std::size_t(2) : trace->size());
        for (std::uint32_t i = 0; i < trace->size(); ++i) {
            WaterfallFolding opened = folding;
            revealSpan(*trace, opened, i);
            const auto rows = buildWaterfallRows(*trace, opened);
            const int row = rowOfSpan(*trace, rows, i);
            QVERIFY(row >= 0 && rows[std::size_t(row)].kind == WaterfallRow::Kind::Span);
            QCOMPARE(rows[std::size_t(row)].index, i);
        }
    }
}

void TestWaterfallModel::servicesFold()
{
    open({{1, "a1", "", "web", "GET /", 0, 100}, {1, "a2", "a1", "web", "handle", 10, 80},
        {1, "a3", "a2", "web", "render", 20, 60}, {1, "a4", "a3", "db", "SELECT x", 30, 20},
        {1, "a5", "a4", "db", "scan", 32, 10}});
    m_model->setFoldingServices(true);
    // No gaps between spans that are not shown.
    QCOMPARE(names(), QStringLiteral("GET /\n.SELECT x"));
    m_model->reveal(2);
    QVERIFY(names().contains(QStringLiteral("render")));
}

void TestWaterfallModel::searchWalksInOrder()
{
    open(tests::payTrace());
    m_model->setSearch(
        QRegularExpression(QStringLiteral("select|mail"), QRegularExpression::CaseInsensitiveOption));
    QCOMPARE(m_model->matches().size(), std::size_t(6));
    std::uint32_t at = kNoRow;
    for (int i = 0; i < 6; ++i)
        at = m_model->stepMatch(at, true);
    QCOMPARE(QString::fromStdString(m_model->trace()->operation(at)), QStringLiteral("send mail"));
    QCOMPARE(QString::fromStdString(m_model->trace()->operation(m_model->stepMatch(at, true))),
        QStringLiteral("SELECT item"));
    m_model->setSearch({});
    QVERIFY(m_model->matches().empty());
}

void TestWaterfallModel::followsTheSelectionAndTheList()
{
    open({{1, "a1", "", "web", "fast", 0, 100}, {2, "b1", "", "web", "slow", 500, 900},
        {3, "c1", "", "web", "middle", 2000, 300}});
    // By default the slowest.
    QCOMPARE(names(), QStringLiteral("slow"));
    QCOMPARE(m_model->placeText(), QStringLiteral("1 of 3"));
    QVERIFY(m_model->step(1));
    QTRY_COMPARE(names(), QStringLiteral("middle"));
    QVERIFY(m_session->context()->selection().kind == session::Selection::Kind::Trace);
    QVERIFY(m_model->step(1));
    QTRY_COMPARE(names(), QStringLiteral("fast"));
    QVERIFY(!m_model->step(1));
    const auto columns = m_session->context()->columns();
    for (std::uint32_t row = 0; row < columns->size(); ++row) {
        if (columns->operations[columns->operation[row]] == "slow")
            m_session->context()->setSelection({session::Selection::Kind::Span, columns->id(row), {}});
    }
    QTRY_COMPARE(names(), QStringLiteral("slow"));
    QCOMPARE(m_model->selectedSpan(), 0U);
}

void TestWaterfallModel::keyOpensATrace()
{
    open({{1, "a1", "", "web", "fast", 0, 100}, {2, "b1", "", "web", "slow", 500, 900}});
    m_model->showKey(QStringLiteral("00000000000000000000000000000001"));
    QTRY_COMPARE(names(), QStringLiteral("fast"));
    m_model->showKey(QStringLiteral("nothing of that name"));
    QTRY_VERIFY(!m_model->isBusy());
    QCOMPARE(names(), QStringLiteral("fast"));
}

void TestWaterfallModel::textAndSql()
{
    open(tests::payTrace());
    const QString text = waterfallText(*m_model->trace(), m_model->rows());
    QVERIFY(text.contains(QStringLiteral("wait 100 ms (10.0 %)")));
    QVERIFY(text.contains(QStringLiteral("  web: pool.acquire  +200 ms  100 ms  wait  critical")));
    QVERIFY(text.contains(QStringLiteral("bank: transfer")) && text.contains(QStringLiteral("ERROR")));
    QCOMPARE(tests::sqlProblem(*m_session, waterfallSql(m_model->trace()->id)), QString());
    const QString details = waterfallRowDetails(*m_model->trace(), m_model->rows()[0]);
    QVERIFY(details.contains(QStringLiteral("duration_ns\t1000000000")));
    QVERIFY(details.contains(QStringLiteral("self_ns\t200000000")));
}

QTEST_MAIN(TestWaterfallModel)
#include "tst_waterfallmodel.moc"
