// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The dashboard: its figures against known answers, live growth, servers chosen, held moments, and pictures.
#include "items/livelines.h"
#include "items/livemodel.h"
#include "items/livequery.h"
#include "live/retention.h"
#include "session/playback.h"
#include "tests/session/fakerecording.h"
#include "tests/widgets/viewtest.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"
#include "widgets/live/livecharts.h"
#include "widgets/live/liveview.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QPushButton>
#include <QTableView>

#include <cmath>

using namespace tailscope;
using namespace tailscope::widgets;
using items::LiveBins;
using items::LiveLine;
using items::LiveModel;
using items::LivePoint;
using tests::FakeRecording;
using tests::kRecordStart;

namespace {

constexpr Nanos kSecond = kNanosPerSecond;

void addSession(FakeRecording &recording, std::size_t server, Nanos ts, int pid, std::string_view state,
    std::string_view wait = {}, Nanos xactStart = kUnknownNanos, std::string_view type = "client backend")
{
    std::vector<RecordField> fields{{"ts_ns", ts}, {"pid", std::int64_t(pid)}, {"backend_type", type}};
    if (!state.empty())
        fields.push_back({"state", state});
    if (!wait.empty())
        fields.push_back({"wait_event_type", wait});
    if (xactStart != kUnknownNanos)
        fields.push_back({"xact_start_ns", xactStart});
    recording.writer().record({RecordTable::SessionSample, recording.server(server), {}, {}, {}, fields});
}

SeriesRef counter(FakeRecording &recording, std::string_view metric, std::string_view server,
    std::string_view database)
{
    const std::string labels = R"({"datname":")" + std::string(database) + "\"}";
    SeriesRow row;
    row.metric = row.foreignName = metric;
    row.service = server;
    row.labelsJson = labels;
    row.kind = SeriesKind::Counter;
    return recording.writer().series(row);
}

/// A primary with two databases and its replica, for 60 seconds: 100 + 20 commits a second until second 30,
/// then none; from second 40 to 55 nothing was sampled.
void fill(FakeRecording &recording)
{
    store::BulkWriter &writer = recording.writer();
    const SeriesRef one = counter(recording, "postgresql.commits", "primary", "a"),
                    two = counter(recording, "postgresql.commits", "primary", "b"),
                    hit = counter(recording, "postgresql.blocks_hit", "primary", "a"),
                    read = counter(recording, "postgresql.blocks_read", "primary", "a"),
                    wal = counter(recording, "postgresql.wal.bytes", "primary", ""),
                    replicaCommits = counter(recording, "postgresql.commits", "replica", "a"),
                    size = counter(recording, "postgresql.database_bytes", "primary", "a");
    for (int i = 0; i <= 60; ++i) {
        if (i > 40 && i < 55)
            continue;
        const Nanos ts = kRecordStart + i * kSecond;
        const double busy = std::min(i, 30);
        writer.point(one, ts, 5000 + 100 * busy);
        writer.point(two, ts, 20 * busy);
        writer.point(hit, ts, 900 * busy);
        writer.point(read, ts, 100 * busy);
        writer.point(wal, ts, 1'000'000 * busy);
        writer.point(replicaCommits, ts, 7.0 * i);
        if (i % 60 == 0)
            writer.point(size, ts, 1e9 + i * 1e6);
        addSession(recording, 0, ts, 10, "active");
        addSession(recording, 0, ts, 11, "active", "Lock", ts - 20 * kSecond);
        addSession(recording, 0, ts, 12, "idle in transaction", "Client", ts - 30 * kSecond);
        if (i % 10 == 0)
            addSession(recording, 0, ts, 13, "idle", "Client");
        addSession(recording, 0, ts, 20, "active", "Activity", kUnknownNanos, "walsender");
        addSession(recording, 1, ts, 30, "active", "IO");
    }
    const RecordField limit[]{{"ts_ns", kRecordStart}, {"name", std::string_view("max_connections")},
        {"setting", std::string_view("100")}};
    const RecordField reserved[]{{"ts_ns", kRecordStart},
        {"name", std::string_view("superuser_reserved_connections")}, {"setting", std::string_view("3")}};
    writer.record({RecordTable::Setting, recording.server(0), {}, {}, {}, limit});
    writer.record({RecordTable::Setting, recording.server(0), {}, {}, {}, reserved});
    const RecordField edge[]{{"ts_ns", kRecordStart + 60 * kSecond}, {"blocked_pid", std::int64_t(11)},
        {"blocker_pid", std::int64_t(12)}, {"waited_ms", 20'000.0}};
    writer.record({RecordTable::LockEdge, recording.server(0), {}, {}, {}, edge});
    EventRow gap;
    gap.tsNs = kRecordStart + 40 * kSecond;
    gap.endNs = kRecordStart + 55 * kSecond;
    gap.kind = "gap";
    gap.service = "primary";
    gap.title = "not sampled";
    writer.event(gap);
    recording.commit(kRecordStart + 60 * kSecond);
}

std::vector<live::Target> targets()
{
    live::Target primary, replica;
    primary.label = "primary";
    replica.label = "replica";
    return {primary, replica};
}

std::unique_ptr<session::Session> sample()
{
    auto workspace = store::Workspace::temporary();
    FakeRecording recording(**workspace, targets());
    fill(recording);
    if (!recording.stop())
        qFatal("the recording did not end");
    auto session = std::make_unique<session::Session>(std::move(*workspace));
    QSignalSpy loaded(session.get(), &session::Session::loaded);
    session->reload();
    if (!loaded.wait(30'000)
        || !QTest::qWaitFor([&] { return !session->playback()->recorded().isEmpty(); }, 10'000))
        qFatal("the session did not load");
    session->playback()->setWindowNs(60 * kSecond);
    return session;
}

/// Value of a line at a second of the recording.
double at(const LiveModel &model, LiveLine line, int second)
{
    const std::vector<double> values = model.line(line);
    const auto bin = std::size_t(
        (kRecordStart + second * kSecond - model.picture()->bins.begin) / model.picture()->bins.width);
    return bin < values.size() ? values[bin] : std::nan("");
}

QString cell(const LiveView &view, int row, int column)
{
    return view.serverTable()->model()->index(row, column).data().toString();
}

} // namespace

class TestLiveView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void linesByHand();
    void linesAgainstTheSlowWay();
    void emptyStateSaysWhatToDo();
    void figuresOfAServer();
    void linesOfARecording();
    void linesOfMinutes();
    void serverOfTheMoment();
    void choosesServers();
    void holdsMoments();
    void growsLive();
    void movedWindowIsTheSame();
    void eventsAndSql();
    void byKeyboardAlone();
    void pictures();
};

void TestLiveView::linesByHand()
{
    const LiveBins bins = LiveBins::of({0, 10 * kSecond});
    QCOMPARE(bins.count, std::size_t(10));
    QCOMPARE(bins.width, kSecond);
    const std::vector<LivePoint> counter{{0, 0}, {2 * kSecond, 20}, {4 * kSecond, 5}, {9 * kSecond, 10}};
    const auto rate = items::rateInBins(counter, bins, 3 * kSecond);
    QCOMPARE(rate[0], 10.0);
    QCOMPARE(rate[1], 10.0);
    QCOMPARE(rate[2], 2.5); // fell: began anew, 5 in two seconds
    QVERIFY(std::isnan(rate[4]) && std::isnan(rate[8])); // five seconds apart: a gap
    // A counter that rested is not stored: where its server was sampled the rate is 0, elsewhere unknown.
    const LiveBins minute = LiveBins::of({0, 60 * kSecond});
    const std::vector<LivePoint> rested{{0, 5}, {2 * kSecond, 9}, {50 * kSecond, 9}, {51 * kSecond, 19}};
    std::vector<LivePoint> runs;
    for (int s = 0; s < 60; ++s) {
        if (s < 20 || s > 35)
            runs.push_back({s * kSecond, 1});
    }
    const items::LiveHold hold(3 * kSecond);
    const auto zero = items::rateInBins(items::withRests(rested, runs, hold), minute, hold);
    QCOMPARE(zero[10], 0.0);
    QVERIFY(std::isnan(zero[27]));
    QCOMPARE(zero[40], 0.0);
    QCOMPARE(zero[50], 10.0);
    QCOMPARE(zero[54], 0.0);
    QVERIFY(std::isnan(zero[58])); // its probe may not have been asked since
    QVERIFY(std::isnan(items::rateInBins(rested, minute, hold)[10]));
    const std::vector<LivePoint> gauge{{0, 4}, {kSecond / 2, 6}, {3 * kSecond, 8}, {9 * kSecond, 1}};
    const auto mean = items::meanInBins(gauge, bins, 2 * kSecond);
    QCOMPARE(mean[0], 5.0);
    QCOMPARE(mean[1], 6.0); // held
    QCOMPARE(mean[3], 8.0);
    QVERIFY(std::isnan(mean[7]));
    // Old times have a sample a minute: no gap there, while seconds without one are a gap in the rest.
    const std::vector<LivePoint> thinned{{0, 0}, {60 * kSecond, 600}, {120 * kSecond, 1200},
        {121 * kSecond, 1210}, {122 * kSecond, 1220}, {123 * kSecond, 1230}, {160 * kSecond, 1600}};
    const LiveBins wide = LiveBins::of({0, 160 * kSecond});
    const auto border = items::rateInBins(thinned, wide, items::holdOf(thinned, 10 * kSecond, 120 * kSecond));
    QCOMPARE(border[30], 10.0);
    QCOMPARE(border[90], 10.0);
    QCOMPARE(border[121], 10.0);
    QVERIFY(std::isnan(border[140]));
    const auto level = items::meanInBins(thinned, wide, items::holdOf(thinned, 10 * kSecond, 120 * kSecond));
    QCOMPARE(level[119], 600.0);
    QVERIFY(std::isnan(level[140]));
    // An idle server has no hit ratio, rather than one of 0.
    const auto share = items::shareLine({0, 9, std::nan("")}, {0, 1, 1});
    QVERIFY(std::isnan(share[0]) && std::isnan(share[2]));
    QCOMPARE(share[1], 0.9);
    const LiveBins hour = LiveBins::of({7 * kSecond, 3607 * kSecond});
    QVERIFY(hour.count <= LiveBins::kMaxBins && hour.begin <= 7 * kSecond && hour.end() >= 3607 * kSecond);
}

/// The area below a rate line is the increase of the counter, whatever the bins.
void TestLiveView::linesAgainstTheSlowWay()
{
    std::vector<LivePoint> points;
    double value = 0;
    unsigned seed = 7;
    for (Nanos ts = 0; ts < 1000 * kSecond;) {
        points.push_back({ts, value});
        seed = seed * 1103515245 + 12345;
        value += double(seed >> 20);
        ts += kSecond / 2 + Nanos(seed % 1000) * kNanosPerMilli;
    }
    for (const Nanos length : {50, 300, 999}) {
        const TimeRange window{100 * kSecond, (100 + length) * kSecond};
        const LiveBins bins = LiveBins::of(window);
        double sum = 0;
        for (const double rate : items::rateInBins(points, bins, 10 * kSecond))
            sum += std::isnan(rate) ? 0 : rate * double(bins.width) / 1e9;
        const auto valueAt = [&](Nanos ts) { // linear between the samples
            const auto next = std::find_if(points.begin(), points.end(),
                [&](const LivePoint &point) { return point.tsNs >= ts; });
            if (next == points.end())
                return points.back().value;
            if (next == points.begin())
                return next->value;
            const auto before = next - 1;
            return before->value
                + (next->value - before->value) * double(ts - before->tsNs)
                / double(next->tsNs - before->tsNs);
        };
        // A bin that the samples cover in part stands for all of it: only the last may.
        const double expected = valueAt(bins.end()) - valueAt(bins.begin);
        QVERIFY2(std::abs(sum - expected) <= 0.01 * expected + 5000,
            qPrintable(QStringLiteral("%1 against %2").arg(sum).arg(expected)));
    }
}

void TestLiveView::emptyStateSaysWhatToDo()
{
    const auto empty = tests::openSession();
    LiveView view(empty.get(), nullptr);
    view.show();
    QTRY_VERIFY(view.isReady());
    QVERIFY(tests::labelText(view).contains(QLatin1String("Attach to PostgreSQL")));
    QSignalSpy commands(&view, &View::commandRequested);
    for (QPushButton *button : view.findChildren<QPushButton *>()) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.size(), 1);
    QCOMPARE(commands.first().first().toString(), QStringLiteral("attach"));
}

void TestLiveView::figuresOfAServer()
{
    const auto session = sample();
    LiveView view(session.get(), nullptr);
    QAbstractItemModelTester servers(view.model()->servers()), events(view.model()->events());
    view.resize(1500, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.serverTable()->model()->rowCount() == 2);
    QCOMPARE(cell(view, 0, LiveModel::Server), QStringLiteral("primary"));
    QCOMPARE(cell(view, 0, LiveModel::State), QStringLiteral("recorded"));
    // Two active, one in a transaction, one idle that was last stored at this very second.
    QCOMPARE(cell(view, 0, LiveModel::Connections), QStringLiteral("4 of 97"));
    QCOMPARE(cell(view, 0, LiveModel::OldestTransaction), QStringLiteral("30 s"));
    QCOMPARE(cell(view, 0, LiveModel::LongestWait), QStringLiteral("20 s"));
    QCOMPARE(view.model()->picture()->servers[0].sizeBytes, std::optional<double>(1e9 + 60e6));
    QCOMPARE(view.model()->picture()->servers[0].growthPerHour, std::optional<double>(3600e6));
    // What was never told is unknown, not 0.
    QCOMPARE(cell(view, 1, LiveModel::Size), QStringLiteral("unknown"));
    QCOMPARE(cell(view, 0, LiveModel::OwnCost), QStringLiteral("unknown"));
    QCOMPARE(cell(view, 1, LiveModel::LongestWait), QStringLiteral("none"));
    QVERIFY(view.model()
                ->servers()
                ->index(0, LiveModel::Connections)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(QLatin1String("max_connections 100 less 3 reserved")));
}

void TestLiveView::linesOfARecording()
{
    const auto session = sample();
    LiveView view(session.get(), nullptr);
    view.resize(1500, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.model()->picture());
    const LiveModel &model = *view.model();
    // Both databases of the primary and one of the replica: 100 + 20 + 7.
    QCOMPARE(at(model, LiveLine::Commits, 10), 127.0);
    QCOMPARE(at(model, LiveLine::Commits, 35), 7.0);
    QVERIFY(std::isnan(at(model, LiveLine::Commits, 42))); // not sampled: a gap, not 0
    QCOMPARE(at(model, LiveLine::WalBytes, 10), 1e6);
    QCOMPARE(at(model, LiveLine::Active, 10), 3.0); // of both servers, without the walsender
    QCOMPARE(at(model, LiveLine::IdleInTransaction, 10), 1.0);
    QCOMPARE(at(model, LiveLine::Idle, 16), 1.0); // stored at second 10, unchanged since
    QCOMPARE(at(model, LiveLine::OnCpu, 10), 1.0);
    QCOMPARE(at(model, LiveLine::LockWait, 10), 1.0);
    QCOMPARE(at(model, LiveLine::IoWait, 10), 1.0);
    const std::vector<double> ratio = model.hitRatio();
    const auto bin = [&](int second) {
        return std::size_t((kRecordStart + second * kSecond - model.picture()->bins.begin) / kSecond);
    };
    QCOMPARE(ratio[bin(10)], 0.9);
    QVERIFY(std::isnan(ratio[bin(36)])); // nothing is read any more
    // Stacked: the highest line is the sum.
    const PlotContent &sessions = view.plot("sessions")->content();
    QVERIFY(sessions.series.size() >= 3);
    QCOMPARE(sessions.series.back().y[bin(16)], 5.0);
    QVERIFY(sessions.series.front().filled);
    // Charts without data take no room.
    QVERIFY(view.plot("sessions")->isVisible());
    QVERIFY(!view.plot("pools")->isVisible());
}

/// What is kept by the minute only shows the same means; idle sessions are unknown then, not 0.
void TestLiveView::linesOfMinutes()
{
    const auto session = sample();
    const store::Workspace &workspace = session->workspace();
    live::Retention retention(workspace, 1, std::chrono::seconds(10), std::chrono::seconds(0));
    const auto removed = retention.run(kRecordStart + 80 * kSecond);
    QVERIFY(removed && *removed > 100);
    const TimeRange window{kRecordStart, kRecordStart + 61 * kSecond};
    const auto answer = items::readLive(workspace, window, nullptr, {});
    QVERIFY(answer);
    const items::LiveServer &server = answer->picture.servers.front();
    QCOMPARE(server.name, std::string("primary"));
    const auto value = [&](LiveLine line, std::size_t bin) {
        const auto &values = server.lines[std::size_t(line)];
        return bin < values.size() ? values[bin] : std::nan("");
    };
    for (const std::size_t bin : {std::size_t(0), std::size_t(20), std::size_t(58)}) {
        QCOMPARE(value(LiveLine::Active, bin), 2.0);
        QCOMPARE(value(LiveLine::LockWait, bin), 1.0);
        QCOMPARE(value(LiveLine::OnCpu, bin), 1.0);
        QCOMPARE(value(LiveLine::IdleInTransaction, bin), 1.0);
        QVERIFY(std::isnan(value(LiveLine::Idle, bin)));
    }
    QCOMPARE(value(LiveLine::Idle, 60), 1.0); // by the second again
    // A window that lies in the minute alone.
    const auto early = items::readLive(workspace, {kRecordStart, kRecordStart + 30 * kSecond}, nullptr, {});
    QVERIFY(early && !early->picture.servers.front().connections);
    QCOMPARE(early->picture.servers.front().lines[std::size_t(LiveLine::Active)].at(15), 2.0);
}

/// A promoted standby gets another row: before it was promoted the one of then counts.
void TestLiveView::serverOfTheMoment()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace.has_value());
    live::Target target;
    target.label = "node";
    FakeRecording recording(**workspace, {target});
    const auto row = [&](std::int64_t standby) {
        const RecordField fields[]{{"kind", std::string_view("postgresql")},
            {"name", std::string_view("node")}, {"in_recovery", standby}};
        return recording.writer().record({RecordTable::Server, {}, {}, {}, {}, fields});
    };
    const auto sample = [&](RecordRef server, int second) {
        const RecordField fields[]{{"ts_ns", kRecordStart + second * kSecond}, {"pid", std::int64_t(10)},
            {"backend_type", std::string_view("client backend")}, {"state", std::string_view("active")}};
        recording.writer().record({RecordTable::SessionSample, server, {}, {}, {}, fields});
    };
    const RecordRef standby = row(1);
    for (int second = 0; second < 20; ++second)
        sample(standby, second);
    const RecordRef primary = row(0);
    for (int second = 20; second < 40; ++second)
        sample(primary, second);
    recording.commit(kRecordStart + 39 * kSecond);
    QVERIFY(recording.stop());
    for (const int second : {15, 35}) {
        const auto answer = items::readLive(**workspace,
            {kRecordStart + (second - 10) * kSecond, kRecordStart + second * kSecond}, nullptr, {});
        QVERIFY(answer && answer->picture.servers.size() == 1);
        QCOMPARE(answer->picture.servers[0].inRecovery.value_or(second > 20), second < 20);
    }
}

void TestLiveView::choosesServers()
{
    const auto session = sample();
    LiveView view(session.get(), nullptr);
    view.resize(1500, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.serverTable()->model()->rowCount() == 2);
    view.serverTable()->selectRow(1);
    QCOMPARE(view.model()->chosenServers(), QStringList{QStringLiteral("replica")});
    QCOMPARE(at(*view.model(), LiveLine::Commits, 10), 7.0);
    QVERIFY(view.model()->line(LiveLine::WalBytes).empty());
    QTRY_VERIFY(view.isReady() && !view.plot("wal")->isVisible());
    // The choice outlives a new reading.
    session->playback()->step(-kSecond);
    QTRY_VERIFY(view.isReady());
    QCOMPARE(view.model()->chosenServers(), QStringList{QStringLiteral("replica")});
    QCOMPARE(view.serverTable()->selectionModel()->selectedRows().size(), 1);
    view.serverTable()->clearSelection();
    QCOMPARE(at(*view.model(), LiveLine::Commits, 10), 127.0);
    const QJsonObject state = view.saveState();
    view.serverTable()->selectRow(0);
    view.restoreState(state);
    QVERIFY(view.model()->chosenServers().isEmpty());
}

void TestLiveView::holdsMoments()
{
    const auto session = sample();
    LiveView view(session.get(), nullptr);
    view.resize(1500, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.plot("sessions")->isVisible());
    // The event holds its moment.
    QTRY_COMPARE(view.eventTable()->model()->rowCount(), 1);
    Q_EMIT view.eventTable()->activated(view.eventTable()->model()->index(0, 0));
    QCOMPARE(session->playback()->mode(), session::Playback::Mode::Hold);
    QCOMPARE(session->playback()->moment(), kRecordStart + 40 * kSecond);
    QTRY_VERIFY(view.isReady());
    session->playback()->follow();
    QTRY_VERIFY(view.isReady());
    PlotCanvas *canvas = view.plot("sessions")->canvas();
    QTest::mouseClick(canvas->viewport(), Qt::LeftButton, {}, canvas->plotRect().center());
    QCOMPARE(session->playback()->mode(), session::Playback::Mode::Hold);
    const double middle = double(session->playback()->moment() - kRecordStart) / 1e9;
    QVERIFY2(middle > 25 && middle < 35, qPrintable(QString::number(middle)));
    QTRY_VERIFY(view.isReady());
    // Tables show that moment: nobody waited for a lock then.
    QCOMPARE(cell(view, 0, LiveModel::LongestWait), QStringLiteral("none"));
}

void TestLiveView::growsLive()
{
    auto workspace = store::Workspace::temporary();
    session::Session session(std::move(*workspace));
    FakeRecording *recording = nullptr;
    session.live()->setStarter(
        [&](std::shared_ptr<const store::Workspace> where, std::vector<live::Target> servers,
            const live::AttachOptions &) -> Result<std::shared_ptr<session::LiveRecording>> {
            auto made = std::make_shared<FakeRecording>(*where, std::move(servers));
            recording = made.get();
            return made;
        });
    QSignalSpy loaded(&session, &session::Session::loaded);
    session.reload();
    QVERIFY(loaded.wait(20'000));
    LiveView view(&session, nullptr);
    view.resize(1200, 800);
    view.show();
    session.live()->start(targets(), {});
    QTRY_VERIFY(session.live()->isLive());
    const std::int64_t before = view.model()->reads();
    for (int i = 0; i < 3; ++i) {
        for (int pid = 0; pid <= i; ++pid)
            addSession(*recording, 0, kRecordStart + i * kSecond, 100 + pid, "active");
        recording->commit(kRecordStart + i * kSecond);
        QTest::qWait(260);
    }
    QTRY_VERIFY(view.isReady() && view.serverTable()->model()->rowCount() == 2);
    QTRY_COMPARE(cell(view, 0, LiveModel::Connections), QStringLiteral("3"));
    QCOMPARE(cell(view, 0, LiveModel::State), QStringLiteral("connected"));
    QCOMPARE(at(*view.model(), LiveLine::Active, 1), 2.0);
    QVERIFY2(view.model()->reads() - before <= 8, qPrintable(QString::number(view.model()->reads())));
    // Nobody looks: nothing is read.
    view.hide();
    const std::int64_t hidden = view.model()->reads();
    addSession(*recording, 0, kRecordStart + 4 * kSecond, 100, "active");
    recording->commit(kRecordStart + 4 * kSecond);
    QTest::qWait(600);
    QCOMPARE(view.model()->reads(), hidden);
}

/// What was kept of the window before and what is read of a new one give the same as reading all.
void TestLiveView::movedWindowIsTheSame()
{
    const auto session = sample();
    std::shared_ptr<const items::LiveCache> cache;
    for (const int end : {20, 21, 25, 41, 46, 47, 60, 30}) {
        const TimeRange window{kRecordStart + (end - 15) * kSecond, kRecordStart + end * kSecond + 1};
        const auto moved = items::readLive(session->workspace(), window, cache, {});
        const auto fresh = items::readLive(session->workspace(), window, nullptr, {});
        QVERIFY(moved && fresh);
        cache = moved->cache;
        for (std::size_t server = 0; server < 2; ++server) {
            for (std::size_t line = 0; line < items::kLiveLines; ++line) {
                const auto &a = moved->picture.servers[server].lines[line];
                const auto &b = fresh->picture.servers[server].lines[line];
                QCOMPARE(a.size(), b.size());
                for (std::size_t i = 0; i < a.size(); ++i)
                    QVERIFY2(a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i])),
                        qPrintable(QStringLiteral("window to %1, line %2, bin %3: %4 against %5")
                                       .arg(end)
                                       .arg(line)
                                       .arg(i)
                                       .arg(a[i])
                                       .arg(b[i])));
            }
        }
    }
}

void TestLiveView::eventsAndSql()
{
    const auto session = sample();
    LiveView view(session.get(), nullptr);
    view.resize(1500, 900);
    view.show();
    QTRY_VERIFY(view.isReady() && view.eventTable()->model()->rowCount() == 1);
    QCOMPARE(view.eventTable()->model()->index(0, LiveModel::EventKind).data().toString(),
        QStringLiteral("gap"));
    QTRY_COMPARE(view.plot("sessions")->content().marks.size(), 1);
    QCOMPARE(tests::sqlProblem(*session, view.showSql()), QString());
}

void TestLiveView::byKeyboardAlone()
{
    const auto session = sample();
    LiveView view(session.get(), nullptr);
    view.resize(1500, 900);
    view.show();
    QApplication::setActiveWindow(&view);
    QTRY_VERIFY(view.isReady() && view.plot("sessions")->isVisible());
    QCOMPARE(tests::nameless(view), QStringList());
    view.serverTable()->setFocus();
    QTest::keyClick(view.serverTable(), Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains(QLatin1String("primary")));
    // Enter at the cursor of a chart holds the moment.
    PlotCanvas *canvas = view.plot("waits")->canvas();
    QTest::keyClick(canvas, Qt::Key_Home);
    QTest::keyClick(canvas, Qt::Key_Right);
    QTest::keyClick(canvas, Qt::Key_Return);
    QCOMPARE(session->playback()->mode(), session::Playback::Mode::Hold);
    QVERIFY(session->playback()->moment() < kRecordStart + 10 * kSecond);
}

void TestLiveView::pictures()
{
    const auto session = sample();
    QCOMPARE(tests::pictureProblem([&] { return std::make_unique<LiveView>(session.get(), nullptr); }),
        QString());
}

QTEST_MAIN(TestLiveView)
#include "tst_liveview.moc"
