// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "import/common/timetext.h"

#include <QTimeZone>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace std::string_literals;

namespace {

ReadOptions zone(const char *name)
{
    ReadOptions options;
    options.timezoneGiven = true;
    options.timezoneName = name;
    return options;
}

/// The moments of local times in a zone, in UTC.
QStringList utc(LocalClock &clock, std::initializer_list<const char *> times)
{
    QStringList result;
    for (const char *time : times)
        result << QString::fromStdString(utcTimestamp(clock.toUtc(parseTimestamp(time)->ns).ns)).mid(11, 8);
    return result;
}

} // namespace

class TestTimeText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void guessesUnits();
    void readsNumbers();
    void readsDates();
    void usesOffsets();
    void refusesUnknownZones();
    void readsZones();
    void repeatedHourGoesOn();
    void repeatedHourStaysForJitter();
    void leaptHourKeepsTheOrder();
    void agreesWithQtOutsideChanges();
    void tellsClock();
};

void TestTimeText::initTestCase()
{
    if (!QTimeZone("Europe/Paris").isValid())
        QSKIP("the system has no time zone data");
}

void TestTimeText::guessesUnits()
{
    QVERIFY(epochUnitOf("1772452800") == EpochUnit::Seconds);
    QVERIFY(epochUnitOf("1772452800.123") == EpochUnit::Seconds);
    QVERIFY(epochUnitOf("1772452800000") == EpochUnit::Millis);
    QVERIFY(epochUnitOf("1772452800000000") == EpochUnit::Micros);
    QVERIFY(epochUnitOf("1772452800000000000") == EpochUnit::Nanos);
    QVERIFY(epochUnitOf("-5") == EpochUnit::Seconds);
    QVERIFY(!epochUnitOf("soon"));
    QVERIFY(!epochUnitOf(""));
}

void TestTimeText::readsNumbers()
{
    ImportReport report;
    TimeText time({});
    QCOMPARE(time.parse("1772452800.5", 0, report)->ns, Nanos{1772452800500000000});
    QCOMPARE(time.parse("1772452800123", 0, report)->ns, Nanos{1772452800123000000});
    QCOMPARE(time.parse(" 1772452800123456789 ", 0, report)->ns, Nanos{1772452800123456789});
    time.setUnit(EpochUnit::Millis);
    QCOMPARE(time.parse("5", 0, report)->ns, Nanos{5000000});
    QVERIFY(!time.parse("99999999999999999999", 0, report));
    QVERIFY(!time.parse("tomorrow", 0, report));
    QVERIFY(!time.parse("", 0, report));
    QVERIFY(report.issues().empty());
}

void TestTimeText::readsDates()
{
    ImportReport report;
    TimeText time({});
    QCOMPARE(time.parse("2026-03-02T12:00:00+02:00", 0, report)->ns, Nanos{1772445600000000000});
    QCOMPARE(time.parse("2026-03-02T12:00:00+02:00", 0, report)->offsetSeconds, 7200);
    QVERIFY(report.issues().empty());
    QCOMPARE(time.parse("2026-03-02 12:00:00", 40, report)->ns, Nanos{1772452800000000000});
    QCOMPARE(time.parse("2026-03-02 12:00:00", 60, report)->ns, Nanos{1772452800000000000});
    // Said once, with the first place.
    QCOMPARE(report.issues().size(), std::size_t{1});
    QCOMPARE(report.issues()[0].kind, "timezone-assumed"s);
    QCOMPARE(report.issues()[0].count, std::int64_t{1});
    QCOMPARE(report.issues()[0].firstOffset, std::uint64_t{40});
    QCOMPARE(time.timezone(), "UTC (assumed)"s);
}

void TestTimeText::usesOffsets()
{
    ReadOptions options;
    options.timezoneGiven = true;
    options.timezoneOffsetSeconds = -5 * 3600 - 1800;
    ImportReport report;
    TimeText time(options);
    QCOMPARE(time.parse("2026-03-02 12:00:00", 0, report)->ns,
        Nanos{1772452800000000000 + 19800 * kNanosPerSecond});
    QCOMPARE(time.timezone(), "-05:30"s);
    QVERIFY(report.issues().empty());
    // A zone in the text wins.
    QCOMPARE(time.parse("2026-03-02 12:00:00Z", 0, report)->ns, Nanos{1772452800000000000});
}

void TestTimeText::refusesUnknownZones()
{
    const TimeText time(zone("Mars/Olympus"));
    const auto checked = time.check("a.csv");
    QVERIFY(!checked);
    QCOMPARE(int(checked.error().code), int(ErrorCode::Usage));
    QVERIFY(!checked.error().hint.empty());
    QVERIFY(TimeText(zone("Europe/Paris")).check("a.csv").has_value());
}

void TestTimeText::readsZones()
{
    LocalClock clock(zone("Europe/Paris"));
    QCOMPARE(utc(clock, {"2026-01-15 12:00:00", "2026-07-15 12:00:00"}),
        (QStringList{"11:00:00", "10:00:00"}));
    LocalClock india(zone("Asia/Kolkata"));
    QCOMPARE(utc(india, {"2026-01-15 12:00:00"}), QStringList{"06:30:00"});
    LocalClock none(zone("UTC"));
    QCOMPARE(utc(none, {"2026-01-15 12:00:00"}), QStringList{"12:00:00"});
}

void TestTimeText::repeatedHourGoesOn()
{
    // 2026-10-25 in Paris: 03:00 summer time becomes 02:00.
    LocalClock clock(zone("Europe/Paris"));
    QCOMPARE(utc(clock,
                 {"2026-10-25 01:59:00", "2026-10-25 02:00:00", "2026-10-25 02:45:00", "2026-10-25 02:30:00",
                     "2026-10-25 02:59:00", "2026-10-25 03:00:00"}),
        (QStringList{"23:59:00", "00:00:00", "00:45:00", "01:30:00", "01:59:00", "02:00:00"}));
    QVERIFY(clock.toUtc(parseTimestamp("2026-10-25 02:30:00")->ns).reading == LocalClock::Reading::Twice);
    QVERIFY(clock.toUtc(parseTimestamp("2026-10-25 01:30:00")->ns).reading == LocalClock::Reading::Exact);
    QVERIFY(clock.toUtc(parseTimestamp("2026-10-25 03:00:00")->ns).reading == LocalClock::Reading::Exact);
}

void TestTimeText::repeatedHourStaysForJitter()
{
    LocalClock clock(zone("Europe/Paris"));
    // A row that comes a second late is no clock change, in either pass.
    QCOMPARE(utc(clock,
                 {"2026-10-25 02:10:00", "2026-10-25 02:09:59", "2026-10-25 02:50:00", "2026-10-25 02:10:00",
                     "2026-10-25 02:09:59"}),
        (QStringList{"00:10:00", "00:09:59", "00:50:00", "01:10:00", "01:09:59"}));
}

void TestTimeText::leaptHourKeepsTheOrder()
{
    // 2026-03-29 in Paris: 02:00 becomes 03:00.
    LocalClock clock(zone("Europe/Paris"));
    QCOMPARE(utc(clock,
                 {"2026-03-29 01:59:59", "2026-03-29 02:00:00", "2026-03-29 02:30:00",
                     "2026-03-29 03:00:00"}),
        (QStringList{"00:59:59", "01:00:00", "01:00:00", "01:00:00"}));
    QVERIFY(clock.toUtc(parseTimestamp("2026-03-29 02:30:00")->ns).reading == LocalClock::Reading::Never);
    ImportReport report;
    TimeText time(zone("Europe/Paris"));
    time.parse("2026-03-29 02:30:00", 17, report);
    time.parse("2026-10-25 02:30:00", 18, report);
    QCOMPARE(report.issues().size(), std::size_t{2});
    QCOMPARE(report.issues()[0].kind, "time-leapt-over"s);
    QCOMPARE(report.issues()[1].kind, "time-occurs-twice"s);
}

void TestTimeText::agreesWithQtOutsideChanges()
{
    for (const char *name :
        {"Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"}) {
        const QTimeZone qt(name);
        if (!qt.isValid())
            continue;
        LocalClock clock(zone(name));
        // Every 5 hours and 7 minutes over three years, forward in time: each moment must come back.
        const QDateTime start(QDate(2024, 1, 1), QTime(0, 0), Qt::UTC);
        for (qint64 step = 0; step < 5000; ++step) {
            const qint64 moment = start.toSecsSinceEpoch() + step * 18420;
            const int offset = qt.offsetFromUtc(QDateTime::fromSecsSinceEpoch(moment, Qt::UTC));
            const auto got = clock.toUtc((moment + offset) * kNanosPerSecond);
            // The second pass of a repeated hour, hours after the row before, cannot be told from the first.
            const bool earlier
                = got.reading == LocalClock::Reading::Twice && got.ns < moment * kNanosPerSecond;
            if (got.ns != moment * kNanosPerSecond && !earlier)
                QFAIL(qPrintable(QStringLiteral("%1 at %2").arg(QLatin1String(name)).arg(moment)));
        }
    }
}

void TestTimeText::tellsClock()
{
    ImportReport report;
    TimeText relative({});
    relative.parse("0", 0, report);
    relative.parse("12.5", 0, report);
    QVERIFY(relative.clock() == ClockKind::Relative);
    relative.parse("1772452800", 0, report);
    QVERIFY(relative.clock() == ClockKind::Utc);
    QCOMPARE(relative.timezone(), "UTC"s);
}

QTEST_GUILESS_MAIN(TestTimeText)
#include "tst_timetext.moc"
