// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions, waits and blocking at a moment of a recording, and of an imported snapshot.
#include "import/importjob.h"
#include "items/blockingmodel.h"
#include "items/sessionhistory.h"
#include "items/sessionmodel.h"
#include "items/waitmodel.h"
#include "session/playback.h"
#include "sessionfixture.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QItemSelectionModel>

using namespace tailscope;
using namespace tailscope::items;
using namespace tailscope::tests;

namespace {

constexpr TimeRange kMinute{kRecordedFrom, kRecordedFrom + 59 * kSecond + 1};

void waitFor(const std::function<bool()> &ready)
{
    if (!QTest::qWaitFor(ready, 20'000))
        qFatal("nothing came");
}

/// Holds a second of the recording and waits until the model shows it.
template<typename Model>
void hold(session::Session &session, Model &model, int second)
{
    session.playback()->setRecorded(kMinute);
    session.playback()->hold(kRecordedFrom + second * kSecond);
    model.setActive(true);
    waitFor([&] { return !model.isBusy(); });
}

QString cell(const QAbstractItemModel &model, int row, int column, const QModelIndex &parent = {})
{
    return model.index(row, column, parent).data().toString();
}

QString pids(const SessionModel &model)
{
    QStringList list;
    for (int row = 0; row < model.rowCount(); ++row)
        list << cell(model, row, SessionModel::Pid);
    list.sort();
    return list.join(QLatin1Char(' '));
}

} // namespace

class TestSessionModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sessionsOfAMoment();
    void filterSortAndGroup();
    void selectionsStay();
    void connectionsAndWhatIsHidden();
    void connectionsWithoutPgMonitor();
    void copies();
    void history();
    void fiveThousandSessions();
    void waits();
    void blocking();
    void severalServersAndCircles();
    void importedSnapshots();
};

void TestSessionModel::sessionsOfAMoment()
{
    const auto session = recordedMinute();
    SessionModel model(session.get());
    QAbstractItemModelTester tester(&model);
    QCOMPARE(model.rowCount(), 0); // nobody looks
    hold(*session, model, 30);
    QCOMPARE(pids(model), QStringLiteral("10 20 30 40 50 60"));
    model.sort(SessionModel::Pid, Qt::AscendingOrder);
    QCOMPARE(cell(model, 0, SessionModel::State), QStringLiteral("idle in transaction"));
    QCOMPARE(cell(model, 0, SessionModel::TransactionAge), QStringLiteral("15 s"));
    QCOMPARE(cell(model, 0, SessionModel::Blocks), QStringLiteral("20"));
    QCOMPARE(cell(model, 1, SessionModel::BlockedBy), QStringLiteral("10"));
    QCOMPARE(cell(model, 1, SessionModel::Wait), QStringLiteral("Lock: transactionid"));
    QCOMPARE(cell(model, 1, SessionModel::Query), QStringLiteral("UPDATE orders SET n = $1"));
    QCOMPARE(cell(model, 3, SessionModel::Wait), QStringLiteral("CPU"));
    QCOMPARE(cell(model, 5, SessionModel::State), QStringLiteral("hidden"));
    QVERIFY(model.index(5, SessionModel::State)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(QLatin1String("pg_monitor")));
    // Another moment: the chain is gone.
    hold(*session, model, 45);
    QCOMPARE(pids(model), QStringLiteral("40 50 60"));
    QVERIFY(model.index(1, SessionModel::State)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(QLatin1String("as of")));
    hold(*session, model, 0);
    QCOMPARE(pids(model), QStringLiteral("40 50 60"));
}

void TestSessionModel::filterSortAndGroup()
{
    const auto session = recordedMinute();
    SessionModel model(session.get());
    QAbstractItemModelTester tester(&model);
    hold(*session, model, 30);
    const auto shown = [&](SessionFilter filter) {
        model.setFilter(filter);
        return pids(model);
    };
    SessionFilter filter;
    filter.onlyActive = true;
    QCOMPARE(shown(filter), QStringLiteral("20 30 40"));
    filter.onlyWaiting = true;
    QCOMPARE(shown(filter), QStringLiteral("20 30"));
    filter = {};
    filter.onlyInTransaction = true;
    QCOMPARE(shown(filter), QStringLiteral("10 20 30 40"));
    filter = {};
    filter.words = QStringLiteral("orders BILL");
    QCOMPARE(shown(filter), QStringLiteral("10"));
    filter = {};
    filter.withBackground = true;
    QVERIFY(shown(filter).contains(QLatin1String("99")));
    model.setFilter({});
    model.sort(SessionModel::TransactionAge, Qt::DescendingOrder);
    QCOMPARE(cell(model, 0, SessionModel::Pid), QStringLiteral("40"));
    QCOMPARE(cell(model, 1, SessionModel::Pid), QStringLiteral("10"));
    model.sort(SessionModel::TransactionAge, Qt::AscendingOrder);
    QCOMPARE(cell(model, 3, SessionModel::Pid), QStringLiteral("40")); // unknown ones stay last
    model.setGroupColumn(SessionModel::Application);
    QCOMPARE(cell(*model.groups(), 0, 0), QStringLiteral("shop"));
    QCOMPARE(cell(*model.groups(), 0, 1), QStringLiteral("3"));
    QCOMPARE(cell(*model.groups(), 0, 3), QStringLiteral("2"));
    filter = {};
    filter.groupColumn = SessionModel::Application;
    filter.groupValue = model.groupValue(model.groups()->idAt(0));
    QCOMPARE(shown(filter), QStringLiteral("20 30 50"));
}

void TestSessionModel::selectionsStay()
{
    const auto session = recordedMinute();
    SessionModel model(session.get());
    QAbstractItemModelTester tester(&model);
    model.sort(SessionModel::Pid, Qt::AscendingOrder);
    hold(*session, model, 10);
    QItemSelectionModel selection(&model);
    selection.setCurrentIndex(model.index(model.rowOf(40, 0), 0), QItemSelectionModel::SelectCurrent);
    for (const int second : {30, 12, 39, 45, 59, 20}) {
        hold(*session, model, second);
        QCOMPARE(cell(model, selection.currentIndex().row(), SessionModel::Pid), QStringLiteral("40"));
    }
    selection.setCurrentIndex(model.index(model.rowOf(30, 0), 0), QItemSelectionModel::SelectCurrent);
    hold(*session, model, 50); // it ended
    QVERIFY(!selection.currentIndex().isValid());
}

void TestSessionModel::connectionsAndWhatIsHidden()
{
    const auto session = recordedMinute();
    SessionModel model(session.get());
    hold(*session, model, 30);
    // Six clients of 10 - 3 places.
    QCOMPARE(model.connections().size(), 1);
    QVERIFY(model.connections().first().text.contains(QLatin1String("6 of 7 connections (86 %)")));
    QCOMPARE(model.connections().first().level, 2);
    hold(*session, model, 50);
    QCOMPARE(model.connections().first().level, 0);
    QVERIFY(model.hiddenText().contains(QLatin1String("pg_monitor")));
    QVERIFY(model.momentText().contains(QLatin1String("11:00:50")));
}

/// The server does not say what its own processes are then: they have no user.
void TestSessionModel::connectionsWithoutPgMonitor()
{
    Recorded recorded;
    const RecordRef server = recorded.server("primary", "needs pg_monitor");
    recorded.setting(server, "max_connections", "10");
    recorded.session(server, 0, {10, "active", {}, {}, "shop", "SELECT 1", {}, {}});
    recorded.session(server, 0, {11, {}, {}, {}, {}, {}, {}, {}});
    for (std::int64_t pid = 1; pid < 6; ++pid)
        recorded.session(server, 0, {pid, {}, {}, {}, {}, {}, {}, {}, {}});
    const auto session = recorded.open();
    SessionModel model(session.get());
    hold(*session, model, 0);
    QCOMPARE(model.connections().size(), 1);
    QVERIFY2(model.connections().first().text.contains(QLatin1String("2 of 7 connections")),
        qPrintable(model.connections().first().text));
}

void TestSessionModel::copies()
{
    const auto session = recordedMinute();
    SessionModel model(session.get());
    model.sort(SessionModel::Pid, Qt::AscendingOrder);
    hold(*session, model, 30);
    const QStringList lines = model.toText(QLatin1Char(','), {0, 1}).split(QLatin1Char('\n'));
    QVERIFY(lines[0].startsWith(QLatin1String("Server,PID,")));
    QVERIFY(lines[0].contains(QLatin1String("Transaction (s)")));
    QVERIFY(lines[1].contains(QLatin1String(",15.000,")));
    QCOMPARE(model.cellText(0, SessionModel::Query), QStringLiteral("UPDATE orders SET n = $1"));
    QCOMPARE(model.statementText(model.item(0)->row.statementId), QStringLiteral("UPDATE orders SET n = 1"));
    QCOMPARE(cancelText(10), QStringLiteral("SELECT pg_cancel_backend(10);"));
}

void TestSessionModel::history()
{
    const auto session = recordedMinute();
    SessionModel model(session.get());
    hold(*session, model, 59);
    SessionHistory history(session.get());
    const SessionServer server = model.list()->servers.front();
    history.setTarget(server.server, 20, kUnknownNanos, server.sampleNs);
    waitFor([&] { return !history.isBusy(); });
    QCOMPARE(history.stretches().size(), std::size_t(1));
    QCOMPARE(history.stretches()[0].time,
        (TimeRange{kRecordedFrom + 20 * kSecond, kRecordedFrom + 40 * kSecond}));
    QCOMPARE(history.stretches()[0].tone, SessionTone::LockWait);
    QCOMPARE(history.stretches()[0].samples, 20);
    // An idle one is known between its rows.
    history.setTarget(server.server, 50, kUnknownNanos, server.sampleNs);
    waitFor([&] { return !history.isBusy(); });
    QCOMPARE(history.stretches().size(), std::size_t(1));
    QCOMPARE(history.stretches()[0].time.begin, kRecordedFrom);
    QCOMPARE(history.stretches()[0].time.end, history.window().end);
}

void TestSessionModel::fiveThousandSessions()
{
    Recorded recorded;
    const RecordRef server = recorded.server("busy");
    for (int i = 0; i < 5'000; ++i) {
        const std::string query = "SELECT * FROM t" + std::to_string(i % 500) + " WHERE id = 1";
        recorded.session(server, 0, {1'000 + i, "idle", "Client", "ClientRead", "shop", query, {}});
    }
    for (int s = 1; s < 4; ++s) {
        for (int i = 0; i < 200; ++i)
            recorded.session(server, s, {1'000 + i, "active", "IO", "DataFileRead", "shop", "SELECT 1", s});
    }
    const auto session = recorded.open();
    SessionModel model(session.get());
    model.sort(SessionModel::TransactionAge, Qt::DescendingOrder);
    model.setActive(true);
    waitFor([&] { return !model.isBusy(); });
    QCOMPARE(model.rowCount(), 5'000);
    // What the window does itself when a sample comes, with everything sorted: a fraction of a frame's 250
    // ms.
    QElapsedTimer timer;
    timer.start();
    SessionFilter filter;
    filter.words = QStringLiteral("t7");
    model.setFilter(filter);
    model.setFilter({});
    model.sort(SessionModel::Query, Qt::AscendingOrder);
    model.sort(SessionModel::TransactionAge, Qt::DescendingOrder);
    const qint64 ms = timer.elapsed();
    qInfo("filter, sort and sort again of 5,000 sessions: %lld ms", static_cast<long long>(ms));
    QVERIFY(ms < 1'000);
    timer.restart();
    Q_EMIT session->liveAppended();
    waitFor([&] { return !model.isBusy(); });
    qInfo("read again: %lld ms", static_cast<long long>(timer.elapsed()));
    QVERIFY(timer.elapsed() < 3'000);
    QCOMPARE(cell(model, 0, SessionModel::State), QStringLiteral("active"));
}

void TestSessionModel::waits()
{
    const auto session = recordedMinute();
    WaitModel model(session.get());
    QAbstractItemModelTester tester(model.parts());
    hold(*session, model, 59);
    QCOMPARE(model.content()->history.sampleCount, std::int64_t(60));
    QCOMPARE(cell(*model.parts(), 0, 0), QStringLiteral("CPU"));
    QCOMPARE(cell(*model.parts(), 0, 1), QStringLiteral("1.00"));
    QCOMPARE(cell(*model.parts(), 1, 0), QStringLiteral("Lock"));
    QCOMPARE(cell(*model.parts(), 1, 1), QStringLiteral("0.667")); // 2 sessions in 20 of 60 samples
    QCOMPARE(cell(*model.parts(), 1, 2), QStringLiteral("40.0 %"));
    QCOMPARE(cell(*model.parts(), 1, 4), QStringLiteral("40"));
    QCOMPARE(cell(*model.parts(), 1, 5), QStringLiteral("2"));
    QCOMPARE(cell(*model.parts(), 1, 6), QStringLiteral("± 16 %")); // 1 / sqrt(40)
    QVERIFY(!cell(*model.parts(), 1, 7).isEmpty());
    QCOMPARE(model.statements()->rowCount(), 2); // the two UPDATEs are one without their values
    model.choose(QStringLiteral("Lock"));
    waitFor([&] { return !model.isBusy(); });
    QCOMPARE(model.statements()->rowCount(), 1);
    QCOMPARE(cell(*model.statements(), 0, 0), QStringLiteral("UPDATE orders SET n = $1"));
    // The shared range goes before the window.
    session->context()->setRange(TimeRange{kRecordedFrom + 20 * kSecond, kRecordedFrom + 40 * kSecond});
    waitFor([&] { return !model.isBusy(); });
    QCOMPARE(cell(*model.parts(), 0, 0), QStringLiteral("Lock"));
    QCOMPARE(cell(*model.parts(), 0, 1), QStringLiteral("2.00"));
    model.setGroup(analysis::ActivityGroup::Application);
    waitFor([&] { return !model.isBusy(); });
    QCOMPARE(cell(*model.parts(), 0, 0), QStringLiteral("shop"));
    QVERIFY(waitMeaning(QStringLiteral("IO: SomethingNew")).contains(QLatin1String("file")));
}

void TestSessionModel::blocking()
{
    const auto session = recordedMinute();
    BlockingModel model(session.get());
    QAbstractItemModelTester tester(&model);
    hold(*session, model, 30);
    QCOMPARE(model.rowCount(), 1);
    const QModelIndex root = model.index(0, 0), second = model.index(0, 0, root),
                      third = model.index(0, 0, second);
    QCOMPARE(root.data().toString(), QStringLiteral("10"));
    QCOMPARE(second.data().toString(), QStringLiteral("20"));
    QCOMPARE(third.data().toString(), QStringLiteral("30"));
    QCOMPARE(model.rowCount(third), 0);
    QCOMPARE(cell(model, 0, BlockingModel::State), QStringLiteral("idle in transaction for 15 s"));
    QCOMPARE(cell(model, 0, BlockingModel::Victims), QStringLiteral("2"));
    QCOMPARE(cell(model, 0, BlockingModel::Depth), QStringLiteral("2"));
    QCOMPARE(cell(model, 0, BlockingModel::Waited), QStringLiteral("up to 11 s"));
    QCOMPARE(cell(model, 0, BlockingModel::Relation, root), QStringLiteral("orders"));
    QCOMPARE(cell(model, 0, BlockingModel::ModeWanted, root), QStringLiteral("ShareLock"));
    QCOMPARE(cell(model, 0, BlockingModel::ModeHeld, root), QStringLiteral("ExclusiveLock"));
    QVERIFY(model.summary().contains(QLatin1String("Blocked sessions: 2, roots: 1, longest chain: 2")));
    QVERIFY(model.toText(QLatin1Char('\t')).contains(QLatin1String("\n  20\t")));
    // Over time: two blocked from 20 s to the moment shown.
    Nanos with = 0;
    for (const BlockedBin &bin : model.content()->bins)
        with += bin.blocked.value_or(0) == 2 ? bin.time.length() : 0;
    QVERIFY2(with >= 9 * kSecond && with <= 13 * kSecond, qPrintable(QString::number(with / kSecond)));
    hold(*session, model, 45);
    QCOMPARE(model.rowCount(), 0);
    QVERIFY(model.summary().contains(QLatin1String("Nobody")));
}

void TestSessionModel::severalServersAndCircles()
{
    Recorded recorded;
    for (const char *name : {"one", "two"}) {
        const RecordRef server = recorded.server(name);
        recorded.session(server, 0, {5, "active", "Lock", "tuple", "a", "SELECT 1", 0});
        recorded.session(server, 0, {7, "active", "Lock", "tuple", "a", "SELECT 1", 0});
        recorded.wait(server, 0, 5, 7, 10);
        recorded.wait(server, 0, 7, 5, 10);
    }
    const auto session = recorded.open();
    BlockingModel model(session.get());
    QAbstractItemModelTester tester(&model);
    model.setActive(true);
    waitFor([&] { return !model.isBusy(); });
    QCOMPARE(model.rowCount(), 2);
    QVERIFY(cell(model, 0, 0).contains(QLatin1String("5 on one")));
    QVERIFY(cell(model, 0, 0).contains(QLatin1String("circle")));
    SessionModel sessions(session.get());
    sessions.setActive(true);
    waitFor([&] { return !sessions.isBusy(); });
    QCOMPARE(sessions.rowCount(), 4); // the same process numbers on two servers
}

void TestSessionModel::importedSnapshots()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace.has_value());
    const std::string text
        = "now,pid,usename,datname,application_name,state,wait_event_type,wait_event,xact_start,query_start,"
          "state_change,backend_type,query,pg_blocking_pids\n"
          "2026-03-02 11:00:00+00,10,app,bench,billing,idle in transaction,Client,ClientRead,2026-03-02 "
          "10:59:00+00,2026-03-02 10:59:00+00,2026-03-02 10:59:01+00,client backend,UPDATE t SET n = 1,{}\n"
          "2026-03-02 11:00:00+00,20,app,bench,shop,active,Lock,transactionid,2026-03-02 "
          "10:59:30+00,2026-03-02 "
          "10:59:30+00,2026-03-02 10:59:30+00,client backend,UPDATE t SET n = 2,{10}\n"
          "2026-03-02 11:01:00+00,10,app,bench,billing,idle,Client,ClientRead,,2026-03-02 "
          "10:59:00+00,2026-03-02 "
          "11:00:30+00,client backend,COMMIT,{}\n";
    const auto done = import::importText(**workspace, "activity.csv", text, {}, {});
    QVERIFY2(done.has_value(), done ? "" : done.error().toText().c_str());
    auto session = std::make_unique<session::Session>(std::move(*workspace));
    QSignalSpy loaded(session.get(), &session::Session::loaded);
    session->reload();
    QVERIFY(loaded.wait(30'000));
    session->playback()->setRecorded({kRecordedFrom, kRecordedFrom + 60 * kSecond + 1});
    SessionModel sessions(session.get());
    BlockingModel blocking(session.get());
    const auto at = [&](int second) {
        session->playback()->hold(kRecordedFrom + second * kSecond);
        sessions.setActive(true);
        blocking.setActive(true);
        waitFor([&] { return !sessions.isBusy() && !blocking.isBusy(); });
    };
    at(30); // the snapshot before: all of it, and nothing of others
    QCOMPARE(pids(sessions), QStringLiteral("10 20"));
    QCOMPARE(blocking.rowCount(), 1);
    QCOMPARE(blocking.index(0, 0).data().toString(), QStringLiteral("10"));
    at(60);
    QCOMPARE(pids(sessions), QStringLiteral("10"));
    QCOMPARE(blocking.rowCount(), 0);
    WaitModel waits(session.get());
    waits.setActive(true);
    waitFor([&] { return !waits.isBusy(); });
    QCOMPARE(waits.content()->history.sampleCount, std::int64_t(2));
    QCOMPARE(cell(*waits.parts(), 0, 1), QStringLiteral("0.500"));
}

QTEST_GUILESS_MAIN(TestSessionModel)
#include "tst_sessionmodel.moc"
