// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// An attachment of the open document: what the views are told while it grows, and when it ends.
#include "session/livesession.h"
#include "session/livetables.h"
#include "session/playback.h"
#include "session/session.h"
#include "tests/session/fakerecording.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;
using session::LiveSession;
using tests::FakeRecording;
using tests::kRecordStart;

namespace {

constexpr Nanos kSecond = kNanosPerSecond;

struct Fixture
{
    std::unique_ptr<session::Session> session;
    FakeRecording *recording = nullptr; ///< the newest one
    int made = 0;

    explicit Fixture(std::unique_ptr<store::Workspace> workspace = nullptr)
    {
        if (!workspace) {
            auto fresh = store::Workspace::temporary();
            if (!fresh)
                qFatal("%s", fresh.error().toText().c_str());
            workspace = std::move(*fresh);
        }
        session = std::make_unique<session::Session>(std::move(workspace));
        session->live()->setStarter(
            [this](std::shared_ptr<const store::Workspace> where, std::vector<live::Target> targets,
                const live::AttachOptions &) -> Result<std::shared_ptr<session::LiveRecording>> {
                auto fake = std::make_shared<FakeRecording>(*where, std::move(targets));
                recording = fake.get();
                ++made;
                return fake;
            });
        QSignalSpy loaded(session.get(), &session::Session::loaded);
        session->reload();
        if (!loaded.wait(20'000))
            qFatal("the session did not load");
    }
    LiveSession &live() const { return *session->live(); }
    void start()
    {
        live::Target target;
        target.label = "db1";
        live().start({target}, {});
        if (!QTest::qWaitFor([this] { return live().isLive(); }, 10'000))
            qFatal("it did not start");
    }
    void stop()
    {
        live().stop();
        if (!QTest::qWaitFor(
                [this] {
                    return live().state() == LiveSession::State::Idle && session->jobs()->isIdle()
                        && !session->isLoading();
                },
                20'000))
            qFatal("it did not stop");
    }
};

} // namespace

class TestLiveSession : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tellsWhatIsNew();
    void showsMarkersAndContents();
    void endsTheSource();
    void severalOneAfterAnother();
    void reopenedIsReplayed();
    void passwordsAndSnapshots();
    void saysWhyItCannotStart();
    void endsWithTheDocument();
    void refreshesAnalyses();
    void pausesOfAnalyses();
};

void TestLiveSession::tellsWhatIsNew()
{
    Fixture fixture;
    QSignalSpy states(&fixture.live(), &LiveSession::stateChanged);
    QSignalSpy appended(fixture.session.get(), &session::Session::liveAppended);
    fixture.start();
    QCOMPARE(states.size(), 2); // starting, running
    QCOMPARE(fixture.live().servers().size(), std::size_t(1));
    QCOMPARE(appended.size(), 0); // nothing is committed yet
    fixture.recording->addSession(0);
    QTRY_COMPARE(appended.size(), 1);
    QCOMPARE(fixture.session->playback()->moment(), kRecordStart + 1); // one sample: the shortest range
    for (int second = 1; second <= 5; ++second)
        fixture.recording->addSession(second);
    QTRY_COMPARE(fixture.session->playback()->moment(), kRecordStart + 5 * kSecond);
    QCOMPARE(fixture.session->playback()->recorded(), (TimeRange{kRecordStart, kRecordStart + 5 * kSecond}));
    QVERIFY(fixture.live().rowsPerSecond() > 0);
    QCOMPARE(fixture.live().recording().rows, fixture.recording->recording().rows);
    // Quiet when nothing comes, and never more often than four times a second.
    QTest::qWait(300);
    appended.clear();
    QTest::qWait(600);
    QCOMPARE(appended.size(), 0);
    QElapsedTimer clock;
    clock.start();
    for (int second = 6; clock.elapsed() < 1500; ++second)
        fixture.recording->addSession(second);
    QTest::qWait(300);
    QVERIFY2(appended.size() <= 8, qPrintable(QString::number(appended.size())));
    QVERIFY(appended.size() >= 3);
}

void TestLiveSession::showsMarkersAndContents()
{
    Fixture fixture;
    QVERIFY(!fixture.session->contents().contains(QLatin1String("session")));
    fixture.start();
    EventRow event;
    event.tsNs = kRecordStart + 2 * kSecond;
    event.endNs = kRecordStart + 4 * kSecond;
    event.kind = "gap";
    event.service = "db1";
    event.title = "not sampled";
    fixture.recording->writer().event(event);
    fixture.recording->addSession(5);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.session->contents().contains(QLatin1String("session")), 12'000);
    QVERIFY(fixture.session->contents().contains(QLatin1String("recording")));
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->markers().size(), 1, 12'000);
    const session::Marker marker = fixture.session->markers().constFirst();
    QCOMPARE(marker.kind, QStringLiteral("gap"));
    QCOMPARE(marker.endNs, std::optional<Nanos>(event.endNs));
    QCOMPARE(fixture.session->sources().size(), 1);
    QVERIFY(fixture.session->sources().constFirst().state == store::SourceState::Recording);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.session->context()->fullRange().contains(kRecordStart + 5 * kSecond),
        12'000);
}

void TestLiveSession::endsTheSource()
{
    Fixture fixture;
    fixture.start();
    fixture.recording->addSession(0);
    fixture.recording->addSession(9);
    fixture.stop();
    QCOMPARE(fixture.session->sources().size(), 1);
    QVERIFY(fixture.session->sources().constFirst().state == store::SourceState::Complete);
    QVERIFY(fixture.live().servers().empty());
    // What was recorded stays to be replayed.
    QTRY_COMPARE(fixture.session->playback()->recorded(),
        (TimeRange{kRecordStart, kRecordStart + 9 * kSecond}));
    QVERIFY(fixture.live().recording().sourceId != 0);
}

void TestLiveSession::severalOneAfterAnother()
{
    Fixture fixture;
    fixture.start();
    fixture.recording->addSession(0);
    fixture.live().start({}, {}); // ignored: one is running
    fixture.stop();
    QTRY_VERIFY(!fixture.session->playback()->recorded().isEmpty());
    fixture.start();
    QCOMPARE(fixture.made, 2);
    fixture.recording->addSession(90);
    fixture.recording->addSession(100);
    // Both are on one axis.
    QTRY_COMPARE(fixture.session->playback()->recorded(),
        (TimeRange{kRecordStart, kRecordStart + 100 * kSecond}));
    fixture.stop();
    QCOMPARE(fixture.session->sources().size(), 2);
    QTRY_COMPARE(fixture.session->playback()->recorded(),
        (TimeRange{kRecordStart, kRecordStart + 100 * kSecond}));
}

void TestLiveSession::reopenedIsReplayed()
{
    auto workspace = store::Workspace::temporary();
    {
        live::Target target;
        target.label = "db1";
        FakeRecording before(**workspace, {target});
        before.addSession(3);
        before.addSession(7);
        QVERIFY(before.stop());
    }
    {
        // Samples of an imported file that is no recording, earlier than it: not a part of the replay.
        auto writer = store::BulkWriter::create(**workspace, {"pools", "test", {}}, {});
        SourceInfo info;
        info.kind = SourceKind::Metrics;
        (*writer)->setSource(info);
        const RecordField fields[]{{"pool", std::string_view("p")}, {"ts_ns", kRecordStart - 99 * kSecond}};
        (*writer)->record({RecordTable::PoolSample, {}, {}, {}, {}, fields});
        QVERIFY((*writer)->finish({}));
    }
    const auto range = session::recordedRange(**workspace);
    QVERIFY(range);
    QCOMPARE(*range, (TimeRange{kRecordStart + 3 * kSecond, kRecordStart + 7 * kSecond}));
    Fixture fixture(std::move(*workspace));
    QTRY_COMPARE(fixture.session->playback()->recorded(), *range);
    QCOMPARE(fixture.session->playback()->moment(), range->end);
    QVERIFY(!fixture.live().isLive());
}

void TestLiveSession::passwordsAndSnapshots()
{
    Fixture fixture;
    fixture.start();
    live::ServerStatus asking;
    asking.label = "db1";
    asking.state = live::ServerStatus::State::NeedsPassword;
    QSignalSpy status(&fixture.live(), &LiveSession::statusChanged);
    fixture.recording->setServer(0, asking);
    QTRY_VERIFY(!status.isEmpty());
    QVERIFY(fixture.live().servers()[0].state == live::ServerStatus::State::NeedsPassword);
    fixture.live().setPassword(0, "secret");
    fixture.live().setPassword(7, "nobody"); // no such server
    QCOMPARE(fixture.recording->passwords.size(), std::size_t(1));
    QCOMPARE(fixture.recording->passwords[0].second, std::string("secret"));
    QCOMPARE(fixture.live().targets()[0].password, std::string("secret")); // for EXPLAIN on demand
    fixture.live().runNow();
    QCOMPARE(fixture.recording->snapshots, std::vector<std::string>{""});
    fixture.recording->addSession(1);
    fixture.stop();
    QVERIFY(fixture.live().targets().empty());
}

void TestLiveSession::saysWhyItCannotStart()
{
    Fixture fixture;
    QSignalSpy failed(fixture.session.get(), &session::Session::failed);
    fixture.live().setStarter({});
    fixture.live().start({}, {});
    QCOMPARE(failed.size(), 1);
    fixture.live().setStarter(
        [](auto, auto, const auto &) -> Result<std::shared_ptr<session::LiveRecording>> {
            return fail(ErrorCode::DiskFull, "x", "no room", "Make some");
        });
    fixture.live().start({{}}, {});
    QTRY_COMPARE(failed.size(), 2);
    QCOMPARE(fixture.live().state(), LiveSession::State::Idle);
    QVERIFY(fixture.live().targets().empty());
}

void TestLiveSession::endsWithTheDocument()
{
    QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("w.tailscope")).toStdString();
    {
        auto workspace = store::Workspace::open(path);
        QVERIFY(workspace);
        Fixture fixture(std::move(*workspace));
        fixture.start();
        fixture.recording->addSession(1);
    } // closed while it records
    auto again = store::Workspace::open(path);
    QVERIFY(again);
    QVERIFY(!(*again)->openReport().uncleanEnd);
    const auto sources = (*again)->sources();
    QCOMPARE(sources->size(), std::size_t(1));
    QVERIFY(sources->front().state == store::SourceState::Complete);
}

void TestLiveSession::refreshesAnalyses()
{
    Fixture fixture;
    QSignalSpy loaded(fixture.session.get(), &session::Session::loaded);
    fixture.start();
    fixture.recording->addSession(1);
    // Rules run in the background while it records: rule_run has rows before it ends.
    const auto rules = [&] {
        auto database = fixture.session->workspace().connectReader();
        return database->integer("SELECT count(*) FROM rule_run").value().value_or(0);
    };
    QCOMPARE(rules(), 0);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.live().refreshSeconds() > 0, 30'000);
    QVERIFY(fixture.live().isLive());
    QVERIFY(rules() > 0);
    QVERIFY(!loaded.isEmpty());
}

void TestLiveSession::pausesOfAnalyses()
{
    using namespace std::chrono_literals;
    QCOMPARE(LiveSession::refreshPause(0), 30'000ms);
    QCOMPARE(LiveSession::refreshPause(3), 30'000ms); // a tenth of the time at most
    QCOMPARE(LiveSession::refreshPause(12), 120'000ms);
}

QTEST_GUILESS_MAIN(TestLiveSession)
#include "tst_livesession.moc"
