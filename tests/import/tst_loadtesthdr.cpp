// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtesthdr/hdr.h"
#include "import/loadtesthdr/hdrcounts.h"
#include "loadrows.h"

#include <cmath>
#include <map>
#include <random>

#include <QByteArray>
#include <QtTest>
#include <zlib.h>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Lines = std::vector<std::string>;

namespace {

/// An encoder written from the description alone: buckets are found by walking, not by the index formula.
class SlowHistogram
{
public:
    explicit SlowHistogram(int digits)
        : m_digits(digits)
    {
        m_sub = 1;
        while (m_sub < 2 * std::llround(std::pow(10, digits)))
            m_sub *= 2;
    }
    void add(std::int64_t value) { ++m_counts[indexOf(value)]; }
    /// Largest value in the bucket of `value`.
    std::int64_t highest(std::int64_t value) const
    {
        std::int64_t width = 1;
        while (value / width >= m_sub)
            width *= 2;
        return value / width * width + width - 1;
    }
    QByteArray encode() const
    {
        QByteArray counts;
        std::int64_t next = 0;
        for (const auto &[index, count] : m_counts) {
            if (index > next)
                put(counts, -(index - next));
            put(counts, count);
            next = index + 1;
        }
        QByteArray plain;
        big(plain, 0x1C849313, 4);
        big(plain, std::uint64_t(counts.size()), 4);
        big(plain, 0, 4);
        big(plain, std::uint64_t(m_digits), 4);
        big(plain, 1, 8);
        big(plain, 3'600'000'000'000, 8);
        const double ratio = 1;
        std::uint64_t bits = 0;
        std::memcpy(&bits, &ratio, 8);
        big(plain, bits, 8);
        plain += counts;
        uLongf size = compressBound(uLong(plain.size()));
        QByteArray packed(qsizetype(size), '\0');
        compress(reinterpret_cast<Bytef *>(packed.data()), &size,
            reinterpret_cast<const Bytef *>(plain.constData()), uLong(plain.size()));
        packed.truncate(qsizetype(size));
        QByteArray whole;
        big(whole, 0x1C849314, 4);
        big(whole, std::uint64_t(packed.size()), 4);
        return (whole + packed).toBase64();
    }

private:
    std::int64_t indexOf(std::int64_t value) const
    {
        // The first m_sub values have a place each; every further power of two adds half as many.
        std::int64_t first = 0, width = 1, index = 0;
        std::int64_t places = m_sub;
        for (;;) {
            if (value < first + places * width)
                return index + (value - first) / width;
            first += places * width;
            index += places;
            places = m_sub / 2;
            width = width * 2;
        }
    }
    static void big(QByteArray &out, std::uint64_t value, int bytes)
    {
        for (int i = bytes - 1; i >= 0; --i)
            out += char((value >> (8 * i)) & 0xFF);
    }
    static void put(QByteArray &out, std::int64_t value)
    {
        std::uint64_t zigzag = value < 0 ? std::uint64_t(-value) * 2 - 1 : std::uint64_t(value) * 2;
        while (zigzag >= 128) {
            out += char((zigzag % 128) | 128);
            zigzag /= 128;
        }
        out += char(zigzag);
    }

    int m_digits;
    std::int64_t m_sub = 1;
    std::map<std::int64_t, std::int64_t> m_counts;
};

const std::string kKnown = "HISTFAAAAEV42pNpmSzMwMCgyAABTBDKT4GBgdnNYMcCBvsPEBEJISEuATEZMQ4uASkhIR4nrxg9v2lMa"
                           "xhvMekILGZkKmcCAEf2CsI=";

ReadOutcome readLog(const std::string &text) { return readBytes(hlogImporter(), text, 4096); }
ReadOutcome readDistribution(const std::string &text, const std::string &map = {})
{
    ReadOptions options;
    options.columnMap = map;
    return readBytes(hgrmImporter(), text, 4096, options);
}

const std::string kDistribution = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
                                  "       1.000 0.000000000000          1           1.00\n"
                                  "       2.000 0.500000000000         50           2.00\n"
                                  "       4.000 0.950000000000         95          20.00\n"
                                  "       8.000 0.990000000000         99         100.00\n"
                                  "      16.000 1.000000000000        100\n"
                                  "#[Mean    =        2.500, StdDeviation   =        1.250]\n"
                                  "#[Max     =       16.000, Total count    =          100]\n"
                                  "#[Buckets =           20, SubBuckets     =         2048]\n";

} // namespace

class TestLoadTestHdr : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void decodesWhatAnotherEncoderWrote_data();
    void decodesWhatAnotherEncoderWrote();
    void decodesTheKnownLine();
    void refusesBadHistograms();
    void givesNearestRanks();
    void readsALog();
    void findsItsClock();
    void findsItsUnit();
    void keepsTagsApart();
    void readsADistribution();
    void doesNotGuessAUnit();
    void takesTheUnitFromTheMapOrTheHead();
    void leavesOutWhatGoesBack();
    void sniffs();
};

void TestLoadTestHdr::decodesWhatAnotherEncoderWrote_data()
{
    QTest::addColumn<int>("digits");
    for (const int digits : {0, 1, 2, 3, 4, 5})
        QTest::addRow("%d digits", digits) << digits;
}

void TestLoadTestHdr::decodesWhatAnotherEncoderWrote()
{
    QFETCH(int, digits);
    std::mt19937_64 random(7);
    SlowHistogram histogram(digits);
    std::map<std::int64_t, std::int64_t> expected;
    for (int i = 0; i < 20'000; ++i) {
        const std::int64_t value = std::int64_t(std::exp(double(random() % 2'900'000) / 1e5));
        histogram.add(value);
        ++expected[histogram.highest(value)];
    }
    std::string problem;
    const auto counts = hdr::decodeHistogram(histogram.encode().toStdString(), problem);
    QVERIFY2(counts, problem.c_str());
    const std::vector<std::pair<std::int64_t, std::int64_t>> wanted(expected.begin(), expected.end());
    QVERIFY(counts->buckets == wanted);
    QCOMPARE(counts->total(), 20'000);
}

/// The first line of the library's own tagged log: 2 digits, its maximum stands beside it as 2.769 ms.
void TestLoadTestHdr::decodesTheKnownLine()
{
    std::string problem;
    const auto counts = hdr::decodeHistogram(kKnown, problem);
    QVERIFY2(counts, problem.c_str());
    QCOMPARE(counts->digits, 2);
    const double max = double(counts->buckets.back().first);
    QVERIFY(std::abs(max / 1e6 - 2.769) <= 0.0005);
}

void TestLoadTestHdr::refusesBadHistograms()
{
    std::string problem;
    for (const std::string &text : {""s, "HISTFAAAAEV4"s, "!!!!!!!!!!!!"s, "AAAAAAAAAAAAAAAAAAAA"s,
             "HIRJAAAAAAAAAAAAAAA="s, kKnown.substr(0, kKnown.size() - 12)}) {
        problem.clear();
        QVERIFY2(!hdr::decodeHistogram(text, problem), text.c_str());
        QVERIFY(!problem.empty());
    }
    // A byte in the middle: the checksum of zlib tells.
    std::string damaged = kKnown;
    damaged[60] = damaged[60] == 'A' ? 'B' : 'A';
    QVERIFY(!hdr::decodeHistogram(damaged, problem));
}

void TestLoadTestHdr::givesNearestRanks()
{
    SlowHistogram histogram(3);
    for (int i = 1; i <= 100; ++i)
        histogram.add(i);
    std::string problem;
    const auto counts = hdr::decodeHistogram(histogram.encode().toStdString(), problem);
    QVERIFY(counts);
    QCOMPARE(*counts->quantile(0.5), 50);
    QCOMPARE(*counts->quantile(0.99), 99);
    QCOMPARE(*counts->quantile(0.999), 100);
    QCOMPARE(*counts->quantile(0.07), 7);
    QVERIFY(!hdr::HdrCounts().quantile(0.5));
}

void TestLoadTestHdr::readsALog()
{
    SlowHistogram first(3), second(3);
    for (int i = 0; i < 100; ++i)
        first.add(1'000'000);
    first.add(9'000'000);
    second.add(4'000'000);
    const ReadOutcome outcome = readLog("#[Logged with tool 1.0]\n#[Histogram log format version 1.3]\n"
                                        "#[StartTime: 1700000000.000 (seconds since epoch), x]\n"
                                        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                                        "\"Interval_Compressed_Histogram\"\n"
                                        "0.500,1.000,9.000,"
        + first.encode().toStdString() + "\n1.500,2.000,4.000," + second.encode().toStdString()
        + "\n3.5,1.0,0.0," + SlowHistogram(3).encode().toStdString() + "\n4.5,bad\n");
    QCOMPARE(outcome.report.rowsRead(), 3);
    QCOMPARE(outcome.report.rowsSkipped(), 1);
    const Lines intervals = phasesOf(outcome, "interval");
    QCOMPARE(intervals.size(), 3u);
    QCOMPARE(fieldOf(intervals[0], "start_ns"), "1700000000500000000"s);
    QCOMPARE(fieldOf(intervals[0], "requests"), "101"s);
    QCOMPARE(fieldOf(intervals[1], "rate"), "0.5"s);
    QCOMPARE(fieldOf(intervals[2], "requests"), "0"s);
    QCOMPARE(fieldOf(intervals[2], "p50_ms"), ""s);
    QCOMPARE(wholeField(outcome, "requests"), "102"s);
    // 1,000,000 ns lie in a bucket 512 ns wide.
    QVERIFY(std::abs(std::stod(wholeField(outcome, "p50_ms")) - 1.0) < 0.001);
    QVERIFY(hasText(outcome, R"("version":"tool 1.0")"));
    QCOMPARE(bucketsOf(outcome).size(), 3u);
}

void TestLoadTestHdr::findsItsClock()
{
    SlowHistogram one(2);
    one.add(2'000'000);
    const std::string rest = ",1.0,2.0," + one.encode().toStdString() + "\n";
    const auto start
        = [](const ReadOutcome &outcome) { return fieldOf(phasesOf(outcome, "interval").at(0), "start_ns"); };
    QCOMPARE(start(readLog("#[StartTime: 1700000000 (s)]\n1700000005.25" + rest)), "1700000005250000000"s);
    QCOMPARE(start(readLog("#[StartTime: 1700000000 (s)]\n5.25" + rest)), "1700000005250000000"s);
    QCOMPARE(start(readLog("#[BaseTime: 1600000000 (s)]\n#[StartTime: 1700000000 (s)]\n5.25" + rest)),
        "1600000005250000000"s);
    const ReadOutcome relative = readLog("5.25" + rest);
    QCOMPARE(start(relative), "5250000000"s);
    QVERIFY(hasText(relative, "source kind=load_test clock=relative"));
}

void TestLoadTestHdr::findsItsUnit()
{
    SlowHistogram micros(3);
    micros.add(1500);
    const ReadOutcome outcome = readLog("1,1,1.5," + micros.encode().toStdString() + "\n");
    QVERIFY(outcome.hasIssue("unit-assumed"));
    QCOMPARE(wholeField(outcome, "p50_ms"), "1.5"s);
    const ReadOutcome millis = readLog("1,1,1500," + micros.encode().toStdString() + "\n");
    QCOMPARE(wholeField(millis, "p50_ms"), "1500"s);
}

void TestLoadTestHdr::keepsTagsApart()
{
    SlowHistogram one(2), two(2);
    one.add(1'000'000);
    two.add(8'000'000);
    const ReadOutcome outcome = readLog("Tag=READ,1,1,1.0," + one.encode().toStdString()
        + "\nTag=WRITE,1,1,8.0," + two.encode().toStdString() + "\n");
    QCOMPARE(phasesOf(outcome, "operation").size(), 2u);
    QCOMPARE(wholeField(outcome, "p50_ms"), ""s);
    QVERIFY(hasText(outcome, R"({"tag":"READ"})"));
}

void TestLoadTestHdr::readsADistribution()
{
    const ReadOutcome outcome = readDistribution(kDistribution, "unit = \"ms\"\n");
    QCOMPARE(bucketsOf(outcome), (Lines{"1 1", "2 49", "4 45", "8 4", "16 1"}));
    QCOMPARE(wholeField(outcome, "p50_ms"), "2"s);
    QCOMPARE(wholeField(outcome, "p95_ms"), "4"s);
    QCOMPARE(wholeField(outcome, "p99_ms"), "8"s);
    QCOMPARE(wholeField(outcome, "max_ms"), "16"s);
    QCOMPARE(wholeField(outcome, "mean_ms"), "2.5"s);
    QCOMPARE(wholeField(outcome, "requests"), "100"s);
    QVERIFY(!outcome.hasIssue("unit-unknown"));
    // The same as CSV, with decimal points.
    const ReadOutcome csv = readDistribution("\"Value\",\"Percentile\",\"TotalCount\",\"1/(1-Percentile)\"\n"
                                             "1.000,0.0,1,1.00\n2.000,0.5,50,2.00\n");
    QCOMPARE(bucketsOf(csv), (Lines{"1 1", "2 49"}));
    // And in a language with a decimal comma.
    const ReadOutcome comma = readDistribution("  Value  Percentile TotalCount 1/(1-Percentile)\n"
                                               "  1,000 0,000000 1 1,00\n  2,500 0,500000 50 2,00\n");
    QCOMPARE(bucketsOf(comma), (Lines{"1 1", "2.5 49"}));
}

void TestLoadTestHdr::doesNotGuessAUnit()
{
    const ReadOutcome outcome = readDistribution(kDistribution);
    QVERIFY(outcome.hasIssue("unit-unknown"));
    QCOMPARE(wholeField(outcome, "p95_ms"), ""s);
    QVERIFY(hasText(outcome, R"("p95":4)"));
    QVERIFY(hasText(outcome, R"("unit":"unknown")"));
}

void TestLoadTestHdr::takesTheUnitFromTheMapOrTheHead()
{
    QCOMPARE(wholeField(readDistribution(kDistribution, "unit = 'us'"), "p95_ms"), "0.004"s);
    QCOMPARE(wholeField(readDistribution("Value(ms)\tPercentile\tTotalCount\t1/(1-Percentile)\n"
                                         "3.5\t0.500000\t5\t2.0\n7.5\t1.0\t10\tinf\n"),
                 "max_ms"),
        "7.5"s);
}

void TestLoadTestHdr::leavesOutWhatGoesBack()
{
    const ReadOutcome outcome = readDistribution("Value Percentile TotalCount 1/(1-Percentile)\n"
                                                 "1 0.1 10 1\n2 0.5 50 2\n1.5 0.6 60 2\n3 0.7 40 2\nx y z\n"
                                                 "4 1.0 100\n");
    QCOMPARE(bucketsOf(outcome), (Lines{"1 10", "2 40", "4 50"}));
    QVERIFY(outcome.hasIssue("percentiles-go-back"));
    QCOMPARE(outcome.report.rowsSkipped(), 1);
    QVERIFY(readDistribution("Value Percentile TotalCount 1/(1-Percentile)\n").error);
}

void TestLoadTestHdr::sniffs()
{
    QCOMPARE(sniffImporter(kDistribution, "a.txt"), &hgrmImporter());
    QCOMPARE(sniffImporter("#[Histogram log format version 1.2]\n", "a"), &hlogImporter());
    QCOMPARE(sniffImporter("Tag=A,0.127,1.007,2.769," + kKnown + "\n", "a.csv"), &hlogImporter());
    QCOMPARE(hlogImporter().sniff("a,b,c,d\n", "x.hlog"), Confidence::No);
}

QTEST_MAIN(TestLoadTestHdr)
#include "tst_loadtesthdr.moc"
