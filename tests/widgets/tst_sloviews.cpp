// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Service levels, resources and load tests as the user meets them.
#include "analysis/slostore.h"
#include "items/loadtestmodel.h"
#include "items/slomodel.h"
#include "items/usemodel.h"
#include "store/bulkwriter.h"
#include "tests/widgets/viewtest.h"
#include "widgets/charts/plotview.h"
#include "widgets/loadtest/loadtestview.h"
#include "widgets/slo/sloview.h"
#include "widgets/slo/useview.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>

using namespace tailscope;
using namespace tailscope::widgets;

namespace {

/// 1,200 requests in two hours, one a 6 s, of which 12 fail and 12 are slow.
tests::Files accessLog()
{
    QByteArray lines;
    for (int i = 0; i < 1200; ++i) {
        const int second = 6 * i;
        const QByteArray when = QStringLiteral("02/Mar/2026:%1:%2:%3 +0000")
                                    .arg(12 + second / 3600, 2, 10, QLatin1Char('0'))
                                    .arg(second / 60 % 60, 2, 10, QLatin1Char('0'))
                                    .arg(second % 60, 2, 10, QLatin1Char('0'))
                                    .toLatin1();
        const bool failed = i % 100 == 0, slow = i % 100 == 50;
        lines += "10.0.0.1 - - [" + when + "] \"GET /orders HTTP/1.1\" " + (failed ? "504" : "200")
            + " 512 \"-\" \"curl\" " + (slow ? "0.900" : "0.050") + "\n";
    }
    return {{QStringLiteral("access.log"), lines}};
}

/// Two load tests as records: steps to 40 users, the second one slower; host metrics and a pool beside them.
std::unique_ptr<session::Session> loadTests()
{
    auto workspace = store::Workspace::temporary();
    if (!workspace)
        qFatal("%s", workspace.error().toText().c_str());
    constexpr Nanos begin = 1'772'452'800 * kNanosPerSecond;
    for (int test = 0; test < 2; ++test) {
        auto writer = store::BulkWriter::create(**workspace, {"test", "made", {}}, {});
        if (!writer)
            qFatal("%s", writer.error().toText().c_str());
        SourceInfo info;
        info.kind = SourceKind::LoadTest;
        (*writer)->setSource(info);
        const Nanos from = begin + test * 3600 * kNanosPerSecond;
        const RecordField run[]{{"name", std::string_view(test ? "second" : "first")},
            {"kind", std::string_view("load_test")}, {"tool", std::string_view("k6")}, {"start_ns", from},
            {"end_ns", from + 1600 * kNanosPerSecond},
            {"parameters", std::string_view(R"({"loop":"closed"})")}};
        (*writer)->record({RecordTable::Run, {}, {}, {}, {}, run});
        TrackRow trackRow;
        trackRow.service = "k6";
        trackRow.shape = TrackRow::Shape::Linked;
        const TrackRef track = (*writer)->track(trackRow);
        SeriesRow series;
        series.metric = series.foreignName = "loadtest.users";
        series.labelsJson = "{}";
        series.kind = SeriesKind::Gauge;
        const SeriesRef users = (*writer)->series(series);
        const double rates[]{5, 9, 12, 12};
        for (int second = 0; second < 1600; ++second) {
            const int level = second / 400;
            (*writer)->point(users, from + (second + 1) * kNanosPerSecond, 10.0 * (level + 1));
            for (int i = 0; i < int(rates[level]); ++i) {
                SpanRow row;
                row.track = track;
                row.operation = "GET /orders";
                row.kind = SpanKind::Client;
                row.status = second % 97 == 0 && i == 0 ? SpanStatus::Error : SpanStatus::Ok;
                row.startNs = from + second * kNanosPerSecond + i * 80 * kNanosPerMilli;
                row.durationNs = (50 + 40 * level + i) * kNanosPerMilli * (test ? 2 : 1);
                (*writer)->span(row);
            }
        }
        if (test == 0) {
            series.metric = series.foreignName = "system.cpu.utilization";
            series.instance = "web-1";
            const SeriesRef cpu = (*writer)->series(series);
            for (int second = 0; second < 1600; second += 10) {
                (*writer)->point(cpu, from + second * kNanosPerSecond, second < 1200 ? 0.5 : 0.96);
                const RecordField pool[]{{"pool", std::string_view("orders")},
                    {"kind", std::string_view("connection")}, {"ts_ns", from + second * kNanosPerSecond},
                    {"capacity", std::int64_t(20)}, {"active", std::int64_t(second < 1200 ? 10 : 20)},
                    {"waiting", std::int64_t(second < 1200 ? 0 : 7)}};
                (*writer)->record({RecordTable::PoolSample, {}, {}, {}, {}, pool});
            }
        }
        const auto finished = (*writer)->finish({});
        if (!finished)
            qFatal("%s", finished.error().toText().c_str());
        if (const auto ready = session::refresh(**workspace, {test + 1}, false, {}); !ready)
            qFatal("%s", ready.error().toText().c_str());
    }
    auto session = std::make_unique<session::Session>(std::move(*workspace));
    QSignalSpy loaded(session.get(), &session::Session::loaded);
    session->reload();
    if (!loaded.wait(30'000))
        qFatal("the session did not load");
    return session;
}

QString cell(const QTableView *table, int row, int column)
{
    return table->model()->index(row, column).data().toString();
}

int rowOf(const QTableView *table, const QString &text)
{
    for (int row = 0; row < table->model()->rowCount(); ++row) {
        if (cell(table, row, 0) == text)
            return row;
    }
    return -1;
}

} // namespace

class TestSloViews : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStatesSayWhatToDo();
    void budgetInCounts();
    void definitionIsKept();
    void badDefinitionsFallBack();
    void resources();
    void loadTest();
    void twoRuns();
    void keyboardAndNames();
    void pictures();
};

void TestSloViews::emptyStatesSayWhatToDo()
{
    const auto empty = tests::openSession();
    SloView slo(empty.get(), nullptr);
    UseView use(empty.get(), nullptr);
    LoadTestView load(empty.get(), nullptr);
    const std::pair<View *, const char *> views[]{{&slo, "http_requests_total"}, {&use, "HikariCP"},
        {&load, "JMeter"}};
    for (const auto &[view, word] : views) {
        view->show();
        QTRY_VERIFY(view->isReady());
        QTRY_VERIFY2(tests::labelText(*view).contains(QLatin1String(word)), word);
        QSignalSpy commands(view, &View::commandRequested);
        for (QPushButton *button : view->findChildren<QPushButton *>()) {
            if (button->isVisible())
                button->click();
        }
        QCOMPARE(commands.size(), 1);
    }
}

void TestSloViews::budgetInCounts()
{
    const auto session = tests::openSession(accessLog());
    SloView view(session.get(), nullptr);
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.dayTable()->model()->rowCount() == 1);
    QVERIFY2(view.headline().startsWith(
                 QStringLiteral("12 of 1,200 failed (99 % good) · 1 allowed at 99.9 % · 11 over")),
        qPrintable(view.headline()));
    QCOMPARE(cell(view.dayTable(), 0, items::SloModel::Day), QStringLiteral("2026-03-02"));
    QCOMPARE(cell(view.causeTable(), 0, items::SloModel::CauseCategory), QStringLiteral("timeout"));
    QCOMPARE(view.userTable()->model()->rowCount(), 4);
    QVERIFY(view.burnPlot()->content().series.size() == 4);
    // The burn of one hour: 6 of 600 are 10 times what 99.9 % allows.
    QTest::keyClick(view.dayTable(), Qt::Key_Home, Qt::ControlModifier);
    QTest::keyClick(view.dayTable(), Qt::Key_Return);
    QVERIFY(session->context()->range().has_value());
    QCOMPARE(session->context()->range()->length(), 86'400 * kNanosPerSecond);
}

void TestSloViews::definitionIsKept()
{
    const auto session = tests::openSession(accessLog());
    SloView view(session.get(), nullptr);
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.dayTable()->model()->rowCount() == 1);
    view.objectiveEdit()->setText(QStringLiteral("99 %"));
    view.limitEdit()->setText(QStringLiteral("500"));
    QTest::keyClick(view.limitEdit(), Qt::Key_Return);
    QTRY_VERIFY2(view.headline().startsWith(
                     QStringLiteral("24 of 1,200 failed (98 % good) · 12 allowed at 99 % · 12 over")),
        qPrintable(view.headline()));
    // The stored results, which rules read, follow.
    QTRY_COMPARE(tests::value(*session,
                     "SELECT bad || ' ' || slow || ' ' || is_stated FROM slo_level"
                     " WHERE subject_kind = 'all'"),
        QStringLiteral("24 12 1"));
    const auto definition = analysis::readSloDefinition(session->workspace());
    QVERIFY(definition && definition->objective == (analysis::Quantile{99, 100}));
    SloView again(session.get(), nullptr);
    again.show();
    QTRY_COMPARE(again.limitEdit()->text(), QStringLiteral("500"));
}

void TestSloViews::badDefinitionsFallBack()
{
    const auto session = tests::openSession(accessLog());
    SloView view(session.get(), nullptr);
    view.show();
    QTRY_VERIFY(view.isReady() && view.dayTable()->model()->rowCount() == 1);
    QSignalSpy status(&view, &View::statusText);
    view.objectiveEdit()->setText(QStringLiteral("101 %"));
    QTest::keyClick(view.objectiveEdit(), Qt::Key_Return);
    QCOMPARE(view.objectiveEdit()->text(), QStringLiteral("99.9 %"));
    QVERIFY(!status.isEmpty() && status.last().first().toString().contains(QStringLiteral("101 %")));
    view.limitEdit()->setText(QStringLiteral("-3"));
    QTest::keyClick(view.limitEdit(), Qt::Key_Return);
    QVERIFY(view.limitEdit()->text().isEmpty());
}

void TestSloViews::resources()
{
    const auto session = loadTests();
    UseView view(session.get(), nullptr);
    view.resize(1200, 600);
    view.show();
    QTRY_VERIFY(view.isReady() && view.table()->model()->rowCount() >= 13);
    const int cpu = rowOf(view.table(), QStringLiteral("CPU")),
              pools = rowOf(view.table(), QStringLiteral("Connection pools"));
    QVERIFY(cpu >= 0 && pools >= 0);
    QCOMPARE(cell(view.table(), cpu, items::UseModel::Subject), QStringLiteral("web-1"));
    QVERIFY(cell(view.table(), cpu, items::UseModel::Utilisation).contains(QStringLiteral("worst 96 %")));
    QCOMPARE(cell(view.table(), cpu, items::UseModel::Saturation), QStringLiteral("needs host"));
    QVERIFY(cell(view.table(), pools, items::UseModel::Utilisation).contains(QStringLiteral("worst 100 %")));
    QVERIFY(cell(view.table(), pools, items::UseModel::Saturation).contains(QStringLiteral("worst 7")));
    QVERIFY(view.table()
                ->model()
                ->index(cpu, items::UseModel::Saturation)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(QStringLiteral("vmstat")));
    QSignalSpy opened(&view, &View::openViewRequested);
    view.table()->setCurrentIndex(view.table()->model()->index(pools, 0));
    QTest::keyClick(view.table(), Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.first().first().toString(), QStringLiteral("pool"));
    QCOMPARE(session->context()->selection().text, QStringLiteral("orders"));
    // Every query behind a cell runs.
    for (const items::UseResource &resource : items::useResources())
        for (const auto &queries : resource.sql)
            for (const std::string &sql : queries) {
                const QString problem = tests::sqlProblem(*session, QString::fromStdString(sql));
                QVERIFY2(problem.isEmpty(),
                    qPrintable(problem + QLatin1Char('\n') + QString::fromStdString(sql)));
            }
}

void TestSloViews::loadTest()
{
    const auto session = loadTests();
    LoadTestView view(session.get(), nullptr);
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.phaseTable()->model()->rowCount() == 5);
    QCOMPARE(view.runTable()->model()->rowCount(), 2);
    QCOMPARE(cell(view.phaseTable(), 1, items::LoadTestModel::PhaseKind), QStringLiteral("step"));
    QCOMPARE(cell(view.phaseTable(), 4, items::LoadTestModel::PhaseUsers), QStringLiteral("40"));
    const auto *run = view.model()->current();
    QVERIFY(run && run->knee && run->fit);
    QCOMPARE(run->knee->users, 30.0);
    QVERIFY2(view.verdictText().contains(QStringLiteral("Knee at 30 users: 12 requests/s")),
        qPrintable(view.verdictText()));
    QCOMPARE(run->run.phases[1].requests, 2000);
    QCOMPARE(run->run.phases[1].p50Ms, 52.0); // 50..54 ms
    QCOMPARE(view.gateTable()->model()->rowCount(), 10); // P95 and failures of four levels, length, loop
    QVERIFY(!view.latency()->content().marks.isEmpty());
    QVERIFY(!view.curve()->content().series.empty());
    view.phaseTable()->setCurrentIndex(view.phaseTable()->model()->index(2, 0));
    QTest::keyClick(view.phaseTable(), Qt::Key_Return);
    QCOMPARE(session->context()->range()->length(), 400 * kNanosPerSecond);
}

void TestSloViews::twoRuns()
{
    const auto session = loadTests();
    LoadTestView view(session.get(), nullptr);
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.runTable()->model()->rowCount() == 2);
    view.runTable()->selectRow(1); // the slower one
    QCOMPARE(session->context()->selection().kind, session::Selection::Kind::Run);
    QCOMPARE(view.otherBox()->count(), 2);
    view.otherBox()->setCurrentIndex(1);
    Q_EMIT view.otherBox()->activated(1);
    QTRY_COMPARE(view.comparisonTable()->model()->rowCount(), 4);
    QCOMPARE(cell(view.comparisonTable(), 1, items::LoadTestModel::CompareRatio), QStringLiteral("2.00×"));
    QCOMPARE(cell(view.comparisonTable(), 1, items::LoadTestModel::CompareVerdict), QStringLiteral("worse"));
}

void TestSloViews::keyboardAndNames()
{
    const auto requests = tests::openSession(accessLog());
    const auto tests = loadTests();
    SloView slo(requests.get(), nullptr);
    UseView use(tests.get(), nullptr);
    LoadTestView load(tests.get(), nullptr);
    for (View *view : {static_cast<View *>(&slo), static_cast<View *>(&use), static_cast<View *>(&load)}) {
        view->resize(1300, 800);
        view->show();
        QTRY_VERIFY(view->isReady());
        QTest::qWait(50);
        const QStringList nameless = tailscope::tests::nameless(*view);
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QLatin1Char('\n'))));
        const auto &session = view == &slo ? *requests : *tests;
        const QString problem = tailscope::tests::sqlProblem(session, view->showSql());
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    QTRY_COMPARE(slo.causeTable()->model()->rowCount(), 1);
    use.hide();
    load.hide();
    slo.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&slo));
    slo.causeTable()->setFocus();
    QTest::keyClick(slo.causeTable(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("timeout\t")));
}

void TestSloViews::pictures()
{
    const auto requests = tests::openSession(accessLog());
    const auto tests = loadTests();
    QString problem = tailscope::tests::pictureProblem(
        [&] { return std::make_unique<SloView>(requests.get(), nullptr); });
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    problem
        = tailscope::tests::pictureProblem([&] { return std::make_unique<UseView>(tests.get(), nullptr); });
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    problem = tailscope::tests::pictureProblem(
        [&] { return std::make_unique<LoadTestView>(tests.get(), nullptr); });
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
}

QTEST_MAIN(TestSloViews)
#include "tst_sloviews.moc"
