// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Which moment the live views show: following, holding, playing.
#include "session/playback.h"

#include <QSignalSpy>
#include <QTest>

using namespace tailscope;
using session::Playback;

namespace {

constexpr Nanos kStart = 1'772'449'200 * kNanosPerSecond;
constexpr Nanos kSecond = kNanosPerSecond;

} // namespace

class TestPlayback : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void knowsNothingAtFirst();
    void followsWhatGrows();
    void holdsWithinTheRecording();
    void stepsAndWindows();
    void playsToTheEnd();
    void playsFasterThanTime();
    void forgetsWhatIsGone();
};

void TestPlayback::knowsNothingAtFirst()
{
    Playback playback;
    QCOMPARE(playback.moment(), kUnknownNanos);
    QVERIFY(playback.shown().isEmpty());
    playback.hold(kStart);
    playback.play();
    playback.step(kSecond);
    QCOMPARE(playback.moment(), kUnknownNanos);
    QCOMPARE(playback.mode(), Playback::Mode::Follow);
}

void TestPlayback::followsWhatGrows()
{
    Playback playback;
    QSignalSpy moments(&playback, &Playback::momentChanged), ranges(&playback, &Playback::recordedChanged);
    playback.setRecorded({kStart, kStart + 10 * kSecond});
    QCOMPARE(playback.moment(), kStart + 10 * kSecond);
    playback.setRecorded({kStart, kStart + 11 * kSecond});
    playback.setRecorded({kStart, kStart + 11 * kSecond});
    QCOMPARE(playback.moment(), kStart + 11 * kSecond);
    QCOMPARE(moments.size(), 2);
    QCOMPARE(ranges.size(), 2);
    // The sample at the moment itself is within what charts show.
    QVERIFY(playback.shown().contains(playback.moment()));
    QCOMPARE(playback.shown().begin, kStart + 11 * kSecond - playback.windowNs());
    playback.hold(kStart + 3 * kSecond);
    playback.setRecorded({kStart, kStart + 20 * kSecond});
    QCOMPARE(playback.moment(), kStart + 3 * kSecond);
    playback.follow();
    QCOMPARE(playback.moment(), kStart + 20 * kSecond);
}

void TestPlayback::holdsWithinTheRecording()
{
    Playback playback;
    playback.setRecorded({kStart, kStart + 10 * kSecond});
    QSignalSpy modes(&playback, &Playback::modeChanged);
    playback.hold(kStart - kSecond);
    QCOMPARE(playback.moment(), kStart);
    playback.hold(kStart + 99 * kSecond);
    QCOMPARE(playback.moment(), kStart + 10 * kSecond);
    QCOMPARE(playback.mode(), Playback::Mode::Hold);
    QCOMPARE(modes.size(), 1);
    // The beginning was thinned out by retention: what is held moves along.
    playback.hold(kStart);
    playback.setRecorded({kStart + 4 * kSecond, kStart + 10 * kSecond});
    QCOMPARE(playback.moment(), kStart + 4 * kSecond);
}

void TestPlayback::stepsAndWindows()
{
    Playback playback;
    playback.setRecorded({kStart, kStart + 100 * kSecond});
    playback.step(-5 * kSecond);
    QCOMPARE(playback.moment(), kStart + 95 * kSecond);
    QCOMPARE(playback.mode(), Playback::Mode::Hold);
    playback.step(-1000 * kSecond);
    QCOMPARE(playback.moment(), kStart);
    playback.step(std::numeric_limits<Nanos>::max());
    QCOMPARE(playback.moment(), kStart + 100 * kSecond);
    QSignalSpy moments(&playback, &Playback::momentChanged);
    playback.setWindowNs(60 * kSecond);
    QCOMPARE(playback.shown().begin, kStart + 40 * kSecond);
    playback.setWindowNs(0);
    QCOMPARE(playback.windowNs(), kSecond);
    QCOMPARE(moments.size(), 2);
}

void TestPlayback::playsToTheEnd()
{
    Playback playback;
    playback.setRecorded({kStart, kStart + 2 * kSecond});
    QSignalSpy moments(&playback, &Playback::momentChanged);
    playback.play(4); // at the end: from the start
    QCOMPARE(playback.moment(), kStart);
    QCOMPARE(playback.mode(), Playback::Mode::Play);
    QTRY_COMPARE_WITH_TIMEOUT(playback.mode(), Playback::Mode::Hold, 10'000);
    QCOMPARE(playback.moment(), kStart + 2 * kSecond);
    // Half a second at four steps a second, with room for a slow machine: never a flood.
    QVERIFY2(moments.size() >= 2 && moments.size() <= 8, qPrintable(QString::number(moments.size())));
    Nanos last = playback.moment();
    QTest::qWait(400);
    QCOMPARE(playback.moment(), last); // the timer stands still
}

void TestPlayback::playsFasterThanTime()
{
    Playback playback;
    playback.setRecorded({kStart, kStart + 100'000 * kSecond});
    playback.hold(kStart);
    QElapsedTimer clock;
    playback.play(60);
    clock.start();
    QTest::qWait(900);
    const double moved = double(playback.moment() - kStart) / 1e9, passed = double(clock.elapsed()) / 1e3;
    // By the time that went by, not by the number of steps; the last step may lie a quarter of a second back.
    QVERIFY2(moved > 60 * (passed - 0.6) && moved <= 60 * passed + 1,
        qPrintable(QStringLiteral("%1 s in %2 s").arg(moved).arg(passed)));
    playback.hold(kStart + 5 * kSecond);
    QTest::qWait(400);
    QCOMPARE(playback.moment(), kStart + 5 * kSecond);
    playback.play(1e9);
    QCOMPARE(playback.speed(), 1000.0);
}

void TestPlayback::forgetsWhatIsGone()
{
    Playback playback;
    playback.setRecorded({kStart, kStart + 10 * kSecond});
    playback.hold(kStart);
    playback.play();
    playback.setRecorded({});
    QCOMPARE(playback.moment(), kUnknownNanos);
    QCOMPARE(playback.mode(), Playback::Mode::Follow);
    QTest::qWait(600);
    QCOMPARE(playback.moment(), kUnknownNanos);
    playback.setRecorded({kStart, kStart + 10 * kSecond});
    QCOMPARE(playback.moment(), kStart + 10 * kSecond);
}

QTEST_GUILESS_MAIN(TestPlayback)
#include "tst_playback.moc"
