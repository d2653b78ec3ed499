// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The views of replicas and of queues.
#include "items/queuemodel.h"
#include "items/replicamodel.h"
#include "store/bulkwriter.h"
#include "tests/widgets/viewtest.h"
#include "widgets/base/celltableview.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/charts/plotview.h"
#include "widgets/queue/queueview.h"
#include "widgets/replication/replicainputs.h"
#include "widgets/replication/replicationview.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QDoubleSpinBox>
#include <QPushButton>
#include <QTabWidget>

using namespace tailscope;
using namespace tailscope::widgets;

namespace {

constexpr Nanos kSecond = kNanosPerSecond, kStart = 1'772'449'200 * kSecond;
constexpr std::int64_t kMb = 1'000'000;

/// Two replicas of which one stalls for 20 minutes, and a queue whose group stops after an hour.
std::unique_ptr<session::Session> sample()
{
    auto workspace = store::Workspace::temporary();
    if (!workspace)
        qFatal("%s", workspace.error().toText().c_str());
    auto writer = store::BulkWriter::create(**workspace, {"samples.csv", "test", std::nullopt}, {});
    if (!writer)
        qFatal("%s", writer.error().toText().c_str());
    SourceInfo info;
    info.kind = SourceKind::Metrics;
    (*writer)->setSource(info);
    for (std::int64_t s = 0; s <= 1'800; s += 10) {
        const std::int64_t current = 1'000'000 * kMb + 8 * kMb * s;
        const double lag = s < 300 ? 200
            : s <= 1'500           ? double(s - 300) * 1'000
                                   : std::max(200.0, 1'200e3 - double(s - 1'500) * 8'000);
        for (const auto &[name, ms] : {std::pair<std::string_view, double>{"r1", lag}, {"r2", 150}}) {
            const std::int64_t replayed = current - std::int64_t(ms / 1'000 * 8) * kMb;
            const RecordField fields[]{{"replica", name}, {"ts_ns", kStart + s * kSecond},
                {"state", std::string_view("streaming")}, {"current_position", current},
                {"sent_position", current}, {"write_position", current}, {"flush_position", current},
                {"replay_position", replayed}, {"replay_lag_ms", ms},
                {"flush_lag_ms", name == "r1" ? 180.0 : 3.0}};
            (*writer)->record({RecordTable::ReplicaSample, {}, {}, {}, {}, fields});
        }
    }
    for (std::int64_t minute = 0; minute <= 180; ++minute) {
        const std::int64_t end = 10'000 + 1'000 * minute, done = minute <= 60 ? end : 70'000;
        const RecordField fields[]{{"queue", std::string_view("orders")},
            {"consumer_group", std::string_view("g-1")}, {"partition", std::string_view("0")},
            {"ts_ns", kStart + minute * 60 * kSecond}, {"position", done}, {"end_position", end},
            {"members", minute <= 60 ? std::int64_t(3) : std::int64_t(0)},
            {"assigned", minute <= 60 ? std::int64_t(1) : std::int64_t(0)}};
        (*writer)->record({RecordTable::QueueSample, {}, {}, {}, {}, fields});
    }
    const auto done = (*writer)->finish({});
    if (!done)
        qFatal("%s", done.error().toText().c_str());
    auto session = std::make_unique<session::Session>(std::move(*workspace));
    session->reload();
    return session;
}

void clickVisibleButton(QWidget &view)
{
    for (QPushButton *button : view.findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
}

QString cell(const CellTableView *table, int row, int column)
{
    return table->model()->index(row, column).data().toString();
}

} // namespace

class TestReplicationView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void emptyStatesSayWhatToDo();
    void replicasAndEpisodes();
    void whatReadersAndCommitsSee();
    void queuesAndPhases();
    void byKeyboardAlone();
    void namesAndSql();
    void pictures();
};

void TestReplicationView::emptyStatesSayWhatToDo()
{
    const auto empty = tests::openSession();
    ReplicationView replicas(empty.get(), nullptr);
    QueueView queues(empty.get(), nullptr);
    for (const auto &[view, word] : {std::pair<View *, const char *>{&replicas, "pg_stat_replication"},
             {&queues, "kafka-consumer-groups"}}) {
        view->show();
        QTRY_VERIFY(view->isReady());
        QVERIFY(tests::labelText(*view).contains(QLatin1String(word)));
        QSignalSpy commands(view, &View::commandRequested);
        clickVisibleButton(*view);
        QCOMPARE(commands.size(), 1);
    }
    const auto full = sample();
    ReplicationView late(full.get(), nullptr);
    QueueView lateQueue(full.get(), nullptr);
    for (View *view : {static_cast<View *>(&late), static_cast<View *>(&lateQueue)}) {
        full->context()->setRange(TimeRange{5, 10});
        view->show();
        QTRY_VERIFY(tests::labelText(*view).contains(QLatin1String("in the chosen time")));
        clickVisibleButton(*view);
        QVERIFY(!full->context()->range());
    }
}

void TestReplicationView::replicasAndEpisodes()
{
    const auto session = sample();
    ReplicationView view(session.get(), nullptr);
    QAbstractItemModelTester tester(view.model()->replicas());
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.replicaTable()->model()->rowCount() == 2);
    // The late one is chosen; its episode, its distribution, its stage.
    QCOMPARE(view.model()->lane()->name, std::string("r1"));
    QCOMPARE(view.episodeTable()->model()->rowCount(), 1);
    QCOMPARE(cell(view.episodeTable(), 0, 1), QStringLiteral("stalled"));
    QCOMPARE(cell(view.episodeTable(), 0, 3), QStringLiteral("unreplayed 100.0 %"));
    QCOMPARE(cell(view.episodeTable(), 0, 4), QStringLiteral("20 min"));
    QCOMPARE(cell(view.episodeTable(), 0, 5), QStringLiteral("1.00"));
    QVERIFY(view.findChild<ElidedLabel *>()->text().contains(QLatin1String("181 samples")));
    const PlotContent &lag = view.lagPlot()->content();
    QCOMPARE(lag.series.size(), std::size_t(3)); // and the two alert lines
    QCOMPARE(lag.series[0].y.size(), std::size_t(181));
    QVERIFY(std::any_of(lag.marks.begin(), lag.marks.end(),
        [](const PlotMark &m) { return m.label == QLatin1String("60 s") && m.x == 360e9; }));
    const PlotContent &stages = view.stagePlot()->content();
    QCOMPARE(stages.series.size(), std::size_t(4));
    QCOMPARE(stages.series[3].y[150], 1'200.0 * 8 * kMb);
    // Enter narrows to the episode; the verdict is of the range then.
    view.episodeTable()->selectRow(0);
    QTest::keyClick(view.episodeTable(), Qt::Key_Return);
    QVERIFY(session->context()->range().has_value());
    QTRY_VERIFY(view.isReady() && view.model()->lane() && view.model()->lane()->whole.n < 181);
    session->context()->setRange(std::nullopt);
    QTRY_VERIFY(view.isReady() && view.model()->lane() && view.model()->lane()->whole.n == 181);
    // Another replica by the table: selection is shared.
    view.replicaTable()->selectId(1);
    QCOMPARE(view.model()->lane()->name, std::string("r2"));
    QCOMPARE(session->context()->selection().kind, session::Selection::Kind::Replica);
    QCOMPARE(session->context()->selection().text, QStringLiteral("r2"));
    QCOMPARE(view.episodeTable()->model()->rowCount(), 0);
    // As a finding leads here.
    session->context()->setSelection({session::Selection::Kind::Replica, 0, QStringLiteral("r1")});
    QCOMPARE(view.model()->lane()->name, std::string("r1"));
}

void TestReplicationView::whatReadersAndCommitsSee()
{
    const auto session = sample();
    ReplicationView view(session.get(), nullptr);
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->lane());
    items::CellTable *readers = view.model()->readers();
    const auto answer = [&](int row) { return readers->index(row, 1).data().toString(); };
    // From 303 s to 1,649 s more than 2 s behind: 135 of 181 samples.
    QCOMPARE(answer(0), QStringLiteral("%1 %").arg(100.0 * 134 / 181, 0, 'f', 2));
    view.readerInputs()->box(QStringLiteral("think"))->setValue(1e7);
    QCOMPARE(answer(0), QStringLiteral("0.00 %"));
    view.readerInputs()->box(QStringLiteral("apply"))->setValue(64);
    view.readerInputs()->box(QStringLiteral("write"))->setValue(64);
    QCOMPARE(answer(5), QStringLiteral("never"));
    // FL-08: 0, 3, 5.2, 8, 10 ms.
    const auto wait = [&](int row) { return view.model()->commits()->index(row, 1).data().toString(); };
    QCOMPARE(wait(2), QStringLiteral("5.2 ms"));
    QCOMPARE(wait(4), QStringLiteral("10 ms"));
    view.commitInputs()->box(QStringLiteral("way"))->setValue(72);
    QCOMPARE(wait(3), QStringLiteral("150 ms"));
    items::ReplicaModel::Inputs inputs = view.model()->inputs();
    inputs.standbyNames = QStringLiteral("FIRST 1 (r1, r2)");
    view.model()->setInputs(inputs);
    QVERIFY(view.model()->commitText().contains(QLatin1String("180 ms for r1")));
    inputs.standbyNames = QStringLiteral("ANY 1 (r1, r2)");
    view.model()->setInputs(inputs);
    QVERIFY(view.model()->commitText().contains(QLatin1String("3 ms for r2")));
    inputs.standbyNames = QStringLiteral("ANY 1 (gone)");
    view.model()->setInputs(inputs);
    QVERIFY(view.model()->commitText().contains(QLatin1String("missing: gone")));
    // Inputs are kept with the workspace.
    ReplicationView again(session.get(), nullptr);
    again.restoreState(view.saveState());
    QCOMPARE(again.readerInputs()->box(QStringLiteral("apply"))->value(), 64.0);
}

void TestReplicationView::queuesAndPhases()
{
    const auto session = sample();
    QueueView view(session.get(), nullptr);
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.queueTable()->model()->rowCount() == 1);
    QCOMPARE(cell(view.queueTable(), 0, 2), QStringLiteral("stopped"));
    QCOMPARE(cell(view.queueTable(), 0, 3), QStringLiteral("120,000"));
    QCOMPARE(cell(view.queueTable(), 0, 7), QStringLiteral("never"));
    QCOMPARE(view.phaseTable()->model()->rowCount(), 2);
    QCOMPARE(view.alarmTable()->model()->rowCount(), 7);
    QVERIFY(view.findChild<ElidedLabel *>()->text().contains(
        QLatin1String("last useful work 2 h before the end")));
    const PlotContent &depth = view.depthPlot()->content();
    QCOMPARE(depth.series[0].y.back(), 120'000.0);
    QVERIFY(std::any_of(depth.marks.begin(), depth.marks.end(),
        [](const PlotMark &m) { return m.label == QLatin1String("last work"); }));
    view.phaseTable()->selectRow(1);
    QTest::keyClick(view.phaseTable(), Qt::Key_Return);
    QCOMPARE(session->context()->range()->end, kStart + 180 * 60 * kSecond + 1);
}

void TestReplicationView::byKeyboardAlone()
{
    const auto session = sample();
    ReplicationView view(session.get(), nullptr);
    view.resize(1400, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.replicaTable()->model()->rowCount() == 2);
    view.replicaTable()->setFocus();
    QTest::keyClick(view.replicaTable(), Qt::Key_Down);
    QCOMPARE(view.model()->chosen(), 1);
    QTest::keyClick(view.replicaTable(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains(QLatin1String("r2\tcurrent")));
    QueueView queues(session.get(), nullptr);
    queues.show();
    QTRY_VERIFY(queues.isReady() && queues.queueTable()->model()->rowCount() == 1);
    for (View *each : {static_cast<View *>(&view), static_cast<View *>(&queues)}) {
        const QStringList nameless = tests::nameless(*each);
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QLatin1Char('\n'))));
    }
}

void TestReplicationView::namesAndSql()
{
    const auto session = sample();
    ReplicationView replicas(session.get(), nullptr);
    QueueView queues(session.get(), nullptr);
    for (View *view : {static_cast<View *>(&replicas), static_cast<View *>(&queues)}) {
        view->show();
        QTRY_VERIFY(view->isReady());
        QCOMPARE(tests::sqlProblem(*session, view->showSql()), QString());
        QVERIFY(!view->accessibleName().isEmpty());
    }
    QTRY_VERIFY(replicas.showSql().contains(QLatin1String("replica = 'r1'")));
    QTRY_VERIFY(queues.showSql().contains(QLatin1String("consumer_group, '') = 'g-1'")));
}

void TestReplicationView::pictures()
{
    const auto session = sample();
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<ReplicationView>(session.get(), nullptr); }),
        QString());
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<QueueView>(session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestReplicationView)
#include "tst_replicationview.moc"
