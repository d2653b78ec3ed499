// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/sessioncontext.h"

#include <QSignalSpy>
#include <QTest>

using namespace tailscope;
using session::SessionContext;

namespace {

std::shared_ptr<analysis::SpanColumns> threeSpans()
{
    auto columns = std::make_shared<analysis::SpanColumns>();
    columns->operations = {"read", "write"};
    columns->tracks = {{1, 1, "p", "t", "api", "i", 0, 0, 0}};
    columns->traceIds = {};
    for (int i = 0; i < 3; ++i) {
        columns->start.push_back(i * 100);
        columns->duration.push_back(10 * (i + 1));
        columns->self.push_back(10 * (i + 1));
        columns->operation.push_back(i == 1 ? 1 : 0);
        columns->track.push_back(0);
        columns->trace.push_back(analysis::kNoRow);
        columns->parent.push_back(analysis::kNoRow);
        columns->spanId.push_back(std::uint32_t(i));
        columns->depth.push_back(0);
        columns->kind.push_back(0);
        columns->status.push_back(i == 2 ? 2 : 0);
        columns->httpStatus.push_back(0);
    }
    columns->lanes = {{0, 0, 0, 3}};
    columns->range = {0, 231};
    return columns;
}

} // namespace

class TestSessionContext : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void filterIsEvaluatedIntoTheSharedBitmap();
    void wrongFilterKeepsTheOldOne();
    void narrowReplacesTermsOfTheSameField();
    void historyGoesBackAndForward();
    void whereSqlHoldsLiterals();
    void resetShowsEverything();
    void baselineAndCohortAreSteps();
};

void TestSessionContext::filterIsEvaluatedIntoTheSharedBitmap()
{
    session::JobQueue jobs;
    SessionContext context(&jobs);
    context.setColumns(threeSpans(), nullptr);
    QSignalSpy spy(&context, &SessionContext::filterChanged);
    context.setFilterText(QStringLiteral("operation=read"));
    QVERIFY(spy.wait());
    QVERIFY(context.filterBitmap());
    QCOMPARE(context.filterBitmap()->count(), std::size_t(2));
    QVERIFY(!context.filterBitmap()->test(1));
    context.setFilterText({});
    QVERIFY(!context.filterBitmap());
}

void TestSessionContext::wrongFilterKeepsTheOldOne()
{
    session::JobQueue jobs;
    SessionContext context(&jobs);
    context.setFilterText(QStringLiteral("status=error"));
    context.setFilterText(QStringLiteral("duration>abc"));
    QVERIFY(!context.filterError().isEmpty());
    QCOMPARE(context.filterText(), QStringLiteral("status=error"));
    context.setFilterText(QStringLiteral("status=ok"));
    QVERIFY(context.filterError().isEmpty());
}

void TestSessionContext::narrowReplacesTermsOfTheSameField()
{
    session::JobQueue jobs;
    SessionContext context(&jobs);
    context.setFilterText(QStringLiteral("status=error duration>=1ms duration<2ms"));
    context.narrow(QStringLiteral("duration>=5ms"));
    QVERIFY(context.filterText().contains(QStringLiteral("status=error")));
    QVERIFY(!context.filterText().contains(QStringLiteral("2ms")));
    QCOMPARE(context.filter().terms.size(), std::size_t(2));
}

void TestSessionContext::historyGoesBackAndForward()
{
    session::JobQueue jobs;
    SessionContext context(&jobs);
    QVERIFY(!context.canUndo());
    context.setRange(TimeRange{10, 20});
    context.setFilterText(QStringLiteral("status=error"));
    context.undo();
    QCOMPARE(context.filterText(), QString());
    QCOMPARE(*context.range(), (TimeRange{10, 20}));
    context.undo();
    QVERIFY(!context.range());
    QVERIFY(!context.canUndo());
    context.redo();
    context.redo();
    QCOMPARE(context.filterText(), QStringLiteral("status=error"));
    QVERIFY(!context.canRedo());
    context.undo();
    context.setRange(TimeRange{1, 2});
    QVERIFY2(!context.canRedo(), "a new step cuts the steps that were taken back");
}

void TestSessionContext::whereSqlHoldsLiterals()
{
    session::JobQueue jobs;
    SessionContext context(&jobs);
    QCOMPARE(context.whereSql(), QStringLiteral("1"));
    context.setRange(TimeRange{5, 9});
    context.setFilterText(QStringLiteral("service=\"it's\""));
    const QString sql = context.whereSql();
    QVERIFY2(sql.contains(QStringLiteral("'it''s'")), qPrintable(sql));
    QVERIFY2(sql.contains(QStringLiteral("start_ns >= 5")), qPrintable(sql));
    QVERIFY2(!sql.contains(QLatin1Char('?')), qPrintable(sql));
}

void TestSessionContext::resetShowsEverything()
{
    session::JobQueue jobs;
    SessionContext context(&jobs);
    context.setRange(TimeRange{5, 9});
    context.setFilterText(QStringLiteral("status=error"));
    context.resetNavigation();
    QVERIFY(!context.range());
    QVERIFY(context.filterText().isEmpty());
    context.undo();
    QCOMPARE(context.filterText(), QStringLiteral("status=error"));
}

void TestSessionContext::baselineAndCohortAreSteps()
{
    session::JobQueue jobs;
    SessionContext context(&jobs);
    QSignalSpy baselines(&context, &SessionContext::baselineChanged);
    QSignalSpy cohorts(&context, &SessionContext::cohortChanged);
    const session::Baseline hour{TimeRange{0, 100}, QStringLiteral("service=api"), 0};
    context.setBaseline(hour);
    context.setBaseline(hour);
    QCOMPARE(baselines.count(), 1);
    session::Cohort slow;
    slow.slow = session::Cohort::Slow::Durations;
    slow.low = 800;
    context.setCohort(slow);
    QCOMPARE(cohorts.count(), 1);
    context.undo();
    QCOMPARE(context.cohort(), session::Cohort());
    QVERIFY(context.baseline() == hour);
    context.undo();
    QVERIFY(!context.baseline());
    QCOMPARE(baselines.count(), 2);
    context.redo();
    context.redo();
    QCOMPARE(context.cohort(), slow);
    context.setRange(TimeRange{1, 2});
    context.resetNavigation();
    QVERIFY(!context.range());
    QVERIFY2(context.baseline() == hour && context.cohort() == slow,
        "showing everything keeps what is compared");
}

QTEST_GUILESS_MAIN(TestSessionContext)
#include "tst_sessioncontext.moc"
