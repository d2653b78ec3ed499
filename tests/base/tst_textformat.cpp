// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"

#include <QtTest>

#include <clocale>
#include <cmath>

using namespace tailscope;
using namespace std::string_literals;

namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

QString shown(const std::optional<std::int64_t> &value)
{
    return value ? QString::number(*value) : QStringLiteral("none");
}

} // namespace

class TestTextFormat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void parsesIntegers();
    void parsesDoubles();
    void scalesDecimals_data();
    void scalesDecimals();
    void scaledDecimalsAgreeWithIntegers();
    void tellsDurations_data();
    void tellsDurations();
    void tellsOtherFigures();
    void ignoresTheLocale();
    void tellsTimes();
    void parsesTimes_data();
    void parsesTimes();
    void refusesTimes_data();
    void refusesTimes();
};

void TestTextFormat::parsesIntegers()
{
    QCOMPARE(shown(parseInt64("-42")), QStringLiteral("-42"));
    QCOMPARE(shown(parseInt64("9223372036854775807")), QString::number(kMax));
    QCOMPARE(shown(parseInt64("-9223372036854775808")), QString::number(kMin));
    for (const char *bad : {"", "-", "+1", " 1", "1 ", "1x", "0x10", "9223372036854775808", "1.0"})
        QVERIFY2(!parseInt64(bad), bad);
    QVERIFY(parseUint64("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
    QVERIFY(!parseUint64("18446744073709551616"));
    QVERIFY(!parseUint64("-1"));
    QVERIFY(parseHex64("DEADbeef00000001") == 0xdeadbeef00000001ULL);
    for (const char *bad : {"", "0x1", "g", "11112222333344445", " a"})
        QVERIFY2(!parseHex64(bad), bad);
}

void TestTextFormat::parsesDoubles()
{
    QCOMPARE(parseDouble("1.5e3").value(), 1500.0);
    QCOMPARE(parseDouble("-0.25").value(), -0.25);
    QCOMPARE(parseDouble("+7").value(), 7.0);
    QCOMPARE(parseDouble("20.").value(), 20.0);
    QCOMPARE(parseDouble("1e-400").value(), 0.0);
    QCOMPARE(parseDouble('0' + "."s + std::string(400, '0') + '1').value(), 0.0);
    for (const char *bad : {"", "+", "+-1", "-+1", "1e999", "-1e999", "inf", "nan", "NaN", "Infinity", "0x10",
             "1,5", "1 ", " 1", "1e", "--1", "."})
        QVERIFY2(!parseDouble(bad), bad);
    // Overflow by digits with a negative exponent is not underflow.
    QVERIFY(!parseDouble(std::string(400, '9') + "e-1"));
}

void TestTextFormat::scalesDecimals_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("scale");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *text, qint64 scale, const QString &expected) {
        QTest::addRow("%s x %lld", text, static_cast<long long>(scale))
            << QString::fromLatin1(text) << scale << expected;
    };
    const QString none = QStringLiteral("none");
    row("5.1", 1000, QStringLiteral("5100"));
    row("-5.1", 1000, QStringLiteral("-5100"));
    row("+5.1", 1000, QStringLiteral("5100"));
    row("0.0005", 1000, QStringLiteral("1")); // half away from zero
    row("-0.0005", 1000, QStringLiteral("-1"));
    row("0.00049999", 1000, QStringLiteral("0"));
    row("1700000000.123456789", 1'000'000'000, QStringLiteral("1700000000123456789"));
    row("1700000000123456.789", 1000, QStringLiteral("1700000000123456789")); // 61 bits: no double holds it
    row("9223372036854775807", 1, QString::number(kMax));
    row("-9223372036854775808", 1, QString::number(kMin));
    row("9223372036854775808", 1, none);
    row("-9223372036854775809", 1, none);
    row("9223372036854775.8075", 1000, none); // rounds up past the end
    row("9223372036854775.8074", 1000, QString::number(kMax));
    row("1.5e3", 1000, QStringLiteral("1500000"));
    row("15e-1", 1000, QStringLiteral("1500"));
    row("1E+2", 1, QStringLiteral("100"));
    row("1e19", 1, none);
    row("1e999999999999999999999", 1, none);
    row("0e999999999999999999999", 1, QStringLiteral("0"));
    row("1e-999999999999999999999", 1, QStringLiteral("0"));
    row("000000000000000000000000000012.5", 10, QStringLiteral("125"));
    row("0.000000000000000000000000000000001", 1, QStringLiteral("0"));
    row(".5", 10, QStringLiteral("5"));
    row("5.", 10, QStringLiteral("50"));
    row("123456789012345678901234567890e-20", 1, QStringLiteral("1234567890"));
    for (const char *bad :
        {"", "-", ".", "e5", "1e", "1e+", "1.2.3", "1x", " 1", "1 ", "0x1", "--1", "nan", "1,5"})
        row(bad, 1000, none);
}

void TestTextFormat::scalesDecimals()
{
    QFETCH(QString, text);
    QFETCH(qint64, scale);
    QFETCH(QString, expected);
    QCOMPARE(shown(parseScaledDecimal(text.toStdString(), scale)), expected);
}

void TestTextFormat::scaledDecimalsAgreeWithIntegers()
{
    // Two ways to the same number: digits with a point, and the whole number of thousandths.
    std::uint64_t state = 88172645463325252ULL;
    for (int i = 0; i < 20'000; ++i) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const std::int64_t whole = static_cast<std::int64_t>(state) >> (state % 60);
        std::string digits = std::to_string(whole < 0 ? -(whole + 1) : whole);
        if (digits.size() < 4)
            digits.insert(0, 4 - digits.size(), '0');
        const std::int64_t expected = whole < 0 ? whole + 1 : whole;
        const std::string text = (whole < 0 ? "-" : "") + digits.substr(0, digits.size() - 3) + '.'
            + digits.substr(digits.size() - 3);
        QCOMPARE(shown(parseScaledDecimal(text, 1000)), shown(expected));
    }
}

void TestTextFormat::tellsDurations_data()
{
    QTest::addColumn<qint64>("ns");
    QTest::addColumn<QString>("text");
    QTest::newRow("zero") << qint64{0} << QStringLiteral("0 ns");
    QTest::newRow("ns") << qint64{999} << QStringLiteral("999 ns");
    QTest::newRow("us") << qint64{1'234} << QStringLiteral("1.23 µs");
    QTest::newRow("ms") << qint64{1'240'000} << QStringLiteral("1.24 ms");
    QTest::newRow("no needless zeros") << qint64{17'000'000'000} << QStringLiteral("17 s");
    QTest::newRow("rounds into the next unit") << qint64{999'960} << QStringLiteral("1 ms");
    QTest::newRow("stays below") << qint64{999'400} << QStringLiteral("999 µs");
    QTest::newRow("tens") << qint64{12'345'678} << QStringLiteral("12.3 ms");
    QTest::newRow("hundreds") << qint64{123'456'789} << QStringLiteral("123 ms");
    QTest::newRow("minutes") << qint64{150'000'000'000} << QStringLiteral("2.5 min");
    QTest::newRow("hours") << qint64{3} * 3600 * 1'000'000'000 << QStringLiteral("3 h");
    QTest::newRow("days") << qint64{72} * 3600 * 1'000'000'000 << QStringLiteral("3 d");
    QTest::newRow("negative") << qint64{-1'500'000} << QStringLiteral("-1.5 ms");
    QTest::newRow("unknown") << qint64{kUnknownNanos} << QStringLiteral("unknown");
    QTest::newRow("largest") << qint64{kMax} << QStringLiteral("106752 d");
}

void TestTextFormat::tellsDurations()
{
    QFETCH(qint64, ns);
    QFETCH(QString, text);
    QCOMPARE(QString::fromStdString(humanDuration(ns)), text);
}

void TestTextFormat::tellsOtherFigures()
{
    QCOMPARE(humanMillis(1.24), "1.24 ms"s);
    QCOMPARE(humanMillis(0.0000001), "0.1 ns"s);
    QCOMPARE(humanMillis(std::nan("")), "unknown"s);
    QCOMPARE(humanMillis(INFINITY), "unknown"s);
    QCOMPARE(humanBytes(0), "0 B"s);
    QCOMPARE(humanBytes(1023), "1023 B"s);
    QCOMPARE(humanBytes(1024), "1 KiB"s);
    QCOMPARE(humanBytes(69363722649ULL), "64.6 GiB"s);
    QCOMPARE(humanBytes(1048575), "1 MiB"s);
    QCOMPARE(humanBytes(~0ULL), "16 EiB"s);
    QCOMPARE(groupedCount(12847623), "12,847,623"s);
    QCOMPARE(groupedCount(-1234), "-1,234"s);
    QCOMPARE(groupedCount(999), "999"s);
    QCOMPARE(groupedCount(-999), "-999"s);
    QCOMPARE(groupedCount(kMin), "-9,223,372,036,854,775,808"s);
    QCOMPARE(exactDuration(1'234'567), "1.234567 ms (1,234,567 ns)"s);
    QCOMPARE(exactDuration(-1'500), "-1.5 \xC2\xB5s (-1,500 ns)"s);
    QCOMPARE(exactDuration(42), "42 ns"s);
    QCOMPARE(exactDuration(kUnknownNanos), "unknown"s);
}

void TestTextFormat::ignoresTheLocale()
{
    // A Qt program runs under the user's locale, where printf() may write a decimal comma.
    const char *const old = std::setlocale(LC_NUMERIC, nullptr);
    const std::string saved = old != nullptr ? old : "C";
    for (const char *name : {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE"}) {
        if (std::setlocale(LC_NUMERIC, name) != nullptr)
            break;
    }
    const std::string human = humanDuration(1'240'000);
    const auto parsed = parseDouble("1.5");
    std::setlocale(LC_NUMERIC, saved.c_str());
    QCOMPARE(human, "1.24 ms"s);
    QCOMPARE(parsed.value(), 1.5);
}

void TestTextFormat::tellsTimes()
{
    QCOMPARE(utcTimestamp(0), "1970-01-01 00:00:00Z"s);
    QCOMPARE(utcTimestamp(1'772'452'800'123'456'789), "2026-03-02 12:00:00.123456789Z"s);
    QCOMPARE(utcTimestamp(1'772'452'800'500'000'000), "2026-03-02 12:00:00.500Z"s);
    QCOMPARE(utcTimestamp(1'772'452'800'000'001'000), "2026-03-02 12:00:00.000001Z"s);
    QCOMPARE(utcTimestamp(-1), "1969-12-31 23:59:59.999999999Z"s);
    QCOMPARE(utcTimestamp(kMax), "2262-04-11 23:47:16.854775807Z"s);
    QCOMPARE(utcTimestamp(kMin + 1), "1677-09-21 00:12:43.145224193Z"s);
    QCOMPARE(utcTimestamp(kUnknownNanos), "unknown"s);
}

void TestTextFormat::parsesTimes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("ns");
    QTest::addColumn<bool>("zone");
    QTest::addColumn<int>("offset");
    const qint64 noon = 1'772'452'800'000'000'000; // 2026-03-02 12:00:00 UTC
    QTest::newRow("Z") << "2026-03-02T12:00:00Z" << noon << true << 0;
    QTest::newRow("offset") << "2026-03-02T14:00:00+02:00" << noon << true << 7200;
    QTest::newRow("short offset") << "2026-03-02 14:00:00+02" << noon << true << 7200;
    QTest::newRow("offset without colon") << "2026-03-02T06:30:00-0530" << noon << true << -19800;
    QTest::newRow("UTC word") << "2026-03-02 12:00:00 UTC" << noon << true << 0;
    QTest::newRow("no zone") << "2026-03-02 12:00:00" << noon - 3600'000'000'000 << false << 3600;
    QTest::newRow("no seconds") << "2026-03-02 12:00Z" << noon << true << 0;
    QTest::newRow("fraction") << "2026-03-02T12:00:00.123456789Z" << noon + 123'456'789 << true << 0;
    QTest::newRow("comma") << "2026-03-02T12:00:00,5Z" << noon + 500'000'000 << true << 0;
    QTest::newRow("long fraction") << "2026-03-02T12:00:00.9999999999Z" << noon + 999'999'999 << true << 0;
    QTest::newRow("leap day") << "2024-02-29T00:00:00Z" << qint64{1'709'164'800'000'000'000} << true << 0;
    QTest::newRow("leap second") << "2016-12-31T23:59:60Z" << qint64{1'483'228'800'000'000'000} << true << 0;
    QTest::newRow("before 1970") << "1969-12-31T23:59:59.5Z" << qint64{-500'000'000} << true << 0;
}

void TestTextFormat::parsesTimes()
{
    QFETCH(QString, text);
    QFETCH(qint64, ns);
    QFETCH(bool, zone);
    QFETCH(int, offset);
    const auto time = parseTimestamp(text.toStdString(), 3600);
    QVERIFY(time.has_value());
    QCOMPARE(qint64(time->ns), ns);
    QCOMPARE(time->hasZone, zone);
    QCOMPARE(time->offsetSeconds, offset);
}

void TestTextFormat::refusesTimes_data()
{
    QTest::addColumn<QString>("text");
    for (const char *bad : {"", "2026-03-02", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
             "2025-02-29T00:00:00Z", "2026-03-02T24:00:00Z", "2026-03-02T12:60:00Z", "2026-03-02T12:00:61Z",
             "2026-03-02T12:00:00.Z", "2026-03-02T12:00:00+2", "2026-03-02T12:00:00+25:00",
             "2026-03-02T12:00:00 CET", "2026-03-02T12:00:00Zx", "26-03-02T12:00:00Z", "2026-3-2T12:00:00Z",
             " 2026-03-02T12:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-03-02x12:00:00Z"})
        QTest::newRow(*bad ? bad : "empty") << QString::fromLatin1(bad);
}

void TestTextFormat::refusesTimes()
{
    QFETCH(QString, text);
    QVERIFY(!parseTimestamp(text.toStdString()));
}

QTEST_GUILESS_MAIN(TestTextFormat)
#include "tst_textformat.moc"
