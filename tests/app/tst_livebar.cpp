// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The bar of an attachment: servers, recording, the moment shown, a password that is asked for.
#include "app/livebar.h"
#include "app/timeslider.h"
#include "session/playback.h"
#include "tests/session/fakerecording.h"
#include "tests/widgets/viewtest.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QToolButton>

using namespace tailscope;
using app::LiveBar;
using session::Playback;
using tests::FakeRecording;
using tests::kRecordStart;

namespace {

constexpr Nanos kSecond = kNanosPerSecond;

struct Fixture
{
    std::unique_ptr<session::Session> session;
    FakeRecording *recording = nullptr;
    LiveBar bar;

    Fixture()
    {
        session = tests::openSession();
        session->live()->setStarter(
            [this](std::shared_ptr<const store::Workspace> where, std::vector<live::Target> targets,
                const live::AttachOptions &) -> Result<std::shared_ptr<session::LiveRecording>> {
                auto fake = std::make_shared<FakeRecording>(*where, std::move(targets));
                recording = fake.get();
                return fake;
            });
        bar.resize(1200, 60);
        bar.setSession(session.get());
    }
    ~Fixture() { bar.setSession(nullptr); }
    void start()
    {
        live::Target target;
        target.label = "db1";
        session->live()->start({target}, {});
        if (!QTest::qWaitFor([this] { return session->live()->isLive(); }, 10'000))
            qFatal("it did not start");
    }
    void record(int seconds)
    {
        recording->addSession(0);
        recording->addSession(seconds);
        if (!QTest::qWaitFor(
                [&] { return session->playback()->moment() == kRecordStart + seconds * kSecond; }, 10'000))
            qFatal("nothing came");
    }
    Playback &playback() const { return *session->playback(); }
};

} // namespace

class TestLiveBar : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void hidesWithoutRecording();
    void showsServersAndRecording();
    void longErrorsDoNotWiden();
    void pausesAndFollows();
    void keys();
    void sliderHoldsMoments();
    void playsAndWindows();
    void asksForAPassword();
    void snapshotAndStop();
    void pictures();
};

void TestLiveBar::hidesWithoutRecording()
{
    Fixture fixture;
    QVERIFY(!fixture.bar.isVisible());
    fixture.start();
    QVERIFY(fixture.bar.isVisible());
    fixture.bar.setSession(nullptr);
    QVERIFY(!fixture.bar.isVisible());
}

void TestLiveBar::showsServersAndRecording()
{
    Fixture fixture;
    fixture.start();
    fixture.record(10);
    QVERIFY2(fixture.bar.serverText(0).contains(QLatin1String("db1")), qPrintable(fixture.bar.serverText(0)));
    QTRY_VERIFY(fixture.bar.recordingText().contains(QLatin1String("rows/s")));
    live::ServerStatus lost;
    lost.label = "db1";
    lost.state = live::ServerStatus::State::Lost;
    lost.detail = "connection refused; tried again in 2 s";
    lost.since = kRecordStart;
    fixture.recording->setServer(0, lost);
    QTRY_VERIFY(fixture.bar.serverText(0).contains(QLatin1String("lost since")));
    QVERIFY(fixture.bar.serverText(0).contains(QStringLiteral("✖"))); // not by colour alone
    bool isTold = false;
    for (const QToolButton *one : fixture.bar.findChildren<QToolButton *>())
        isTold = isTold || one->toolTip().contains(QLatin1String("tried again in 2 s"));
    QVERIFY(isTold);
    QCOMPARE(tests::nameless(fixture.bar), QStringList());
}

void TestLiveBar::longErrorsDoNotWiden()
{
    Fixture fixture;
    fixture.start();
    const int before = fixture.bar.minimumSizeHint().width();
    fixture.recording->setError(
        {ErrorCode::DiskFull, std::string(400, 'x') + ".tailscope", "no space is left", std::nullopt, {}});
    QTRY_VERIFY(fixture.bar.recordingText().contains(QLatin1String("no space is left")));
    QVERIFY(fixture.bar.minimumSizeHint().width() <= before);
    bool isTold = false;
    for (const QLabel *one : fixture.bar.findChildren<QLabel *>())
        isTold = isTold || one->toolTip().contains(QLatin1String("no space is left"));
    QVERIFY(isTold);
}

void TestLiveBar::pausesAndFollows()
{
    Fixture fixture;
    fixture.start();
    fixture.record(10);
    QCOMPARE(fixture.bar.followButton()->text(), QStringLiteral("Pause"));
    fixture.bar.followButton()->click();
    QCOMPARE(fixture.playback().mode(), Playback::Mode::Hold);
    QCOMPARE(fixture.bar.followButton()->text(), QStringLiteral("Follow"));
    fixture.recording->addSession(20); // the recording goes on
    QTRY_COMPARE(fixture.playback().recorded().end, kRecordStart + 20 * kSecond);
    QCOMPARE(fixture.playback().moment(), kRecordStart + 10 * kSecond);
    fixture.bar.followButton()->click();
    QCOMPARE(fixture.playback().moment(), kRecordStart + 20 * kSecond);
}

void TestLiveBar::keys()
{
    Fixture fixture;
    fixture.start();
    fixture.record(100);
    app::TimeSlider *slider = fixture.bar.slider();
    QTest::keyClick(slider, Qt::Key_Left);
    QCOMPARE(fixture.playback().moment(), kRecordStart + 99 * kSecond);
    QCOMPARE(fixture.playback().mode(), Playback::Mode::Hold);
    QTest::keyClick(slider, Qt::Key_Right);
    QCOMPARE(fixture.playback().moment(), kRecordStart + 100 * kSecond);
    QTest::keyClick(slider, Qt::Key_Home);
    QCOMPARE(fixture.playback().moment(), kRecordStart);
    QTest::keyClick(slider, Qt::Key_End);
    QCOMPARE(fixture.playback().mode(), Playback::Mode::Follow);
    QTest::keyClick(slider, Qt::Key_Space);
    QCOMPARE(fixture.playback().mode(), Playback::Mode::Hold);
    QTest::keyClick(slider, Qt::Key_Space);
    QCOMPARE(fixture.playback().mode(), Playback::Mode::Follow);
    QTest::keyClick(&fixture.bar, Qt::Key_Left);
    QCOMPARE(fixture.playback().moment(), kRecordStart + 99 * kSecond);
}

void TestLiveBar::sliderHoldsMoments()
{
    Fixture fixture;
    fixture.start();
    EventRow gap;
    gap.tsNs = kRecordStart + 40 * kSecond;
    gap.endNs = kRecordStart + 50 * kSecond;
    gap.kind = "gap";
    gap.service = "db1";
    gap.title = "not sampled";
    fixture.recording->writer().event(gap);
    EventRow checkpoint;
    checkpoint.tsNs = kRecordStart + 60 * kSecond;
    checkpoint.kind = "checkpoint";
    fixture.recording->writer().event(checkpoint);
    fixture.record(100);
    app::TimeSlider *slider = fixture.bar.slider();
    QCOMPARE(slider->maximum(), 100);
    QCOMPARE(slider->value(), 100);
    QTRY_COMPARE_WITH_TIMEOUT(slider->gaps(), 1, 12'000);
    QCOMPARE(slider->ticks(), 1);
    QTest::mouseClick(slider, Qt::LeftButton, {}, QPoint(slider->width() / 2, slider->height() / 2));
    const double second = double(fixture.playback().moment() - kRecordStart) / 1e9;
    QVERIFY2(second > 48 && second < 52, qPrintable(QString::number(second)));
    QCOMPARE(fixture.playback().mode(), Playback::Mode::Hold);
}

void TestLiveBar::playsAndWindows()
{
    Fixture fixture;
    fixture.start();
    fixture.record(1000);
    fixture.playback().hold(kRecordStart);
    fixture.bar.speedBox()->setCurrentIndex(2);
    fixture.bar.playButton()->click();
    QCOMPARE(fixture.playback().mode(), Playback::Mode::Play);
    QCOMPARE(fixture.playback().speed(), 60.0);
    QCOMPARE(fixture.bar.playButton()->text(), QStringLiteral("Hold"));
    QTRY_VERIFY(fixture.playback().moment() > kRecordStart + 10 * kSecond);
    fixture.bar.playButton()->click();
    QCOMPARE(fixture.playback().mode(), Playback::Mode::Hold);
    fixture.bar.windowBox()->setCurrentIndex(2);
    Q_EMIT fixture.bar.windowBox()->activated(2);
    QCOMPARE(fixture.playback().windowNs(), 900 * kSecond);
    fixture.playback().setWindowNs(60 * kSecond); // by a view
    QCOMPARE(fixture.bar.windowBox()->currentIndex(), 0);
}

void TestLiveBar::asksForAPassword()
{
    Fixture fixture;
    fixture.start();
    QVERIFY(!fixture.bar.passwordField()->isVisible());
    live::ServerStatus asking;
    asking.label = "db1";
    asking.state = live::ServerStatus::State::NeedsPassword;
    fixture.recording->setServer(0, asking);
    QTRY_VERIFY(fixture.bar.passwordField()->isVisible());
    QVERIFY(tests::labelText(fixture.bar).contains(QLatin1String("db1 asks for a password")));
    QCOMPARE(fixture.bar.passwordField()->echoMode(), QLineEdit::Password);
    QTest::keyClicks(fixture.bar.passwordField(), QStringLiteral("s3cret"));
    QTest::keyClick(fixture.bar.passwordField(), Qt::Key_Return);
    QCOMPARE(fixture.recording->passwords.size(), std::size_t(1));
    QCOMPARE(fixture.recording->passwords[0].second, std::string("s3cret"));
    QVERIFY(!fixture.bar.passwordField()->isVisible());
    QVERIFY(fixture.bar.passwordField()->text().isEmpty());
    // A wrong one is asked for again.
    QTest::qWait(600);
    fixture.recording->setServer(0, asking);
    QTRY_VERIFY(fixture.bar.passwordField()->isVisible());
}

void TestLiveBar::snapshotAndStop()
{
    Fixture fixture;
    fixture.start();
    fixture.record(10);
    QToolButton *snapshot = nullptr, *stop = nullptr;
    for (QToolButton *one : fixture.bar.findChildren<QToolButton *>()) {
        if (one->text() == QLatin1String("Snapshot Now"))
            snapshot = one;
        if (one->text() == QLatin1String("Stop"))
            stop = one;
    }
    QVERIFY(snapshot && stop);
    snapshot->click();
    QCOMPARE(fixture.recording->snapshots.size(), std::size_t(1));
    stop->click();
    QTRY_VERIFY(fixture.session->live()->state() == session::LiveSession::State::Idle);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.session->jobs()->isIdle() && !fixture.session->isLoading(), 20'000);
    // What was recorded is there to be replayed.
    QVERIFY(fixture.bar.isVisible());
    QVERIFY(!stop->isVisible());
    QVERIFY(fixture.bar.slider()->isVisible());
}

void TestLiveBar::pictures()
{
    Fixture fixture;
    fixture.start();
    fixture.record(10);
    for (const auto scheme : {widgets::ColorScheme::Light, widgets::ColorScheme::Dark}) {
        widgets::applyColorScheme(scheme);
        const QImage picture = fixture.bar.grab().toImage().convertToFormat(QImage::Format_RGB32);
        QVERIFY(tests::colours(picture) > 4);
    }
    widgets::applyColorScheme(widgets::ColorScheme::Light);
}

QTEST_MAIN(TestLiveBar)
#include "tst_livebar.moc"
