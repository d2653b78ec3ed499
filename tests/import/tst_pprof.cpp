// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pprof/pprof.h"
#include "profilestacks.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Stacks = std::vector<std::string>;

namespace {

ReadOutcome read(const std::string &bytes) { return readBytes(pprofImporter(), bytes, 4096); }

std::string varint(std::uint64_t value)
{
    std::string out;
    for (; value > 127; value >>= 7)
        out += static_cast<char>(value | 128);
    return out + static_cast<char>(value);
}
std::string number(int field, std::uint64_t value) { return varint(field << 3) + varint(value); }
std::string message(int field, const std::string &bytes)
{
    return varint(field << 3 | 2) + varint(bytes.size()) + bytes;
}
std::string packed(int field, const std::vector<std::uint64_t> &values)
{
    std::string bytes;
    for (const std::uint64_t value : values)
        bytes += varint(value);
    return message(field, bytes);
}

/// One type (cpu in ns), the samples given, locations 1 and 2 of functions "one" and "two".
std::string small(const std::string &samples)
{
    std::string bytes = message(1, number(1, 1) + number(2, 2)) + samples;
    for (int i = 1; i <= 2; ++i)
        bytes += message(4, number(1, i) + message(4, number(1, i)))
            + message(5, number(1, i) + number(2, i == 1 ? 8 : 6));
    for (const char *text : {"", "cpu", "nanoseconds", "samples", "count", "tid", "two", "far", "one"})
        bytes += message(6, text);
    return bytes;
}

} // namespace

class TestPprof : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsStacksLeafFirst();
    void expandsInlinedLines();
    void keepsTypesApart();
    void takesAnyIds();
    void survivesCyclicAndDeepStacks();
    void takesHugeStringTables();
    void keepsThreadsAndTellsLabels();
    void tellsWhatIsMissing();
    void skipsMalformedMessages();
    void salvagesAndRefuses();
    void sniffs();
    void agreesWithTheCorpus_data();
    void agreesWithTheCorpus();
};

void TestPprof::readsStacksLeafFirst()
{
    const ReadOutcome outcome = read(small(message(2, packed(1, {2, 1}) + packed(2, {5}))));
    QVERIFY(!outcome.error);
    QCOMPARE(stacksOf(outcome), Stacks{"one|two 5"});
    QCOMPARE(outcome.sink.linesOf("profile").at(0),
        "profile 1 name=\"cpu\" kind=on_cpu sample_type=\"cpu\" unit=\"ns\""s);
    QCOMPARE(outcome.sink.linesOf("source").at(0), "source kind=profile clock=none"s);
    // Not packed, which is legal too.
    QCOMPARE(stacksOf(read(small(message(2, number(1, 2) + number(1, 1) + number(2, 5))))),
        Stacks{"one|two 5"});
}

void TestPprof::expandsInlinedLines()
{
    const std::string location
        = message(4, number(1, 7) + message(4, number(1, 1)) + message(4, number(1, 2)));
    QCOMPARE(stacksOf(read(small(message(2, packed(1, {7}) + packed(2, {5}))) + location)),
        Stacks{"two|one 5"});
}

void TestPprof::keepsTypesApart()
{
    std::string bytes
        = message(1, number(1, 3) + number(2, 4)) + small(message(2, packed(1, {1}) + packed(2, {4, 100})));
    const ReadOutcome outcome = read(bytes);
    QCOMPARE(outcome.sink.count("profile"), std::size_t{2});
    // The last type is the default one and comes first; microseconds become ns elsewhere, counts stay.
    QVERIFY(outcome.sink.linesOf("profile").at(0).find("\"cpu\"") != std::string::npos);
    QVERIFY(outcome.sink.linesOf("profile").at(1).find("sample_type=\"samples\" unit=\"samples\"")
        != std::string::npos);
    QCOMPARE(outcome.sink.weight(ProfileRef(1)), 100.0);
    QCOMPARE(outcome.sink.weight(ProfileRef(2)), 4.0);
    QCOMPARE(countOf(outcome, 1), std::int64_t{4});
    // default_sample_type names another.
    QVERIFY(
        read(bytes + number(14, 3)).sink.linesOf("profile").at(0).find("\"samples\"") != std::string::npos);
}

void TestPprof::takesAnyIds()
{
    const std::uint64_t big = 0xFFFFFFFFFFFFFFFFULL, other = big - (1ULL << 32);
    std::string bytes = small(message(2, packed(1, {big, other}) + packed(2, {1})));
    bytes += message(4, number(1, big) + message(4, number(1, 1)))
        + message(4, number(1, other) + message(4, number(1, 1ULL << 40)));
    bytes += message(5, number(1, 1ULL << 40) + number(2, 7));
    QCOMPARE(stacksOf(read(bytes)), Stacks{"far|one 1"});
}

void TestPprof::survivesCyclicAndDeepStacks()
{
    QCOMPARE(stacksOf(read(small(message(2, packed(1, {1, 2, 1, 2}) + packed(2, {3}))))),
        Stacks{"two|one|two|one 3"});
    const std::vector<std::uint64_t> deep(50'000, 1);
    const ReadOutcome outcome = read(small(message(2, packed(1, deep) + packed(2, {3}))));
    QVERIFY(outcome.hasIssue("stack-too-deep"));
    QCOMPARE(outcome.sink.count("call_node"), std::size_t{10'000});
    QCOMPARE(outcome.sink.weight(), 3.0);
}

void TestPprof::takesHugeStringTables()
{
    std::string bytes = small(message(2, packed(1, {9}) + packed(2, {3})));
    for (int i = 0; i < 300'000; ++i)
        bytes += message(6, "name" + std::to_string(i));
    bytes += message(6, std::string(100'000, 'x')) + message(6, "caf\xE9");
    bytes += message(4,
        number(1, 9) + message(4, number(1, 8)) + message(4, number(1, 9)) + message(4, number(1, 10)));
    // The table of small() has 9 strings.
    bytes += message(5, number(1, 8) + number(2, 9 + 299'999))
        + message(5, number(1, 9) + number(2, 9 + 300'000));
    bytes += message(5, number(1, 10) + number(2, 9 + 300'001));
    const ReadOutcome outcome = read(bytes);
    const std::string stack = stacksOf(outcome).at(0);
    QCOMPARE(stack, "caf\uFFFD|" + std::string(4096, 'x') + "|name299999 3");
    QCOMPARE(outcome.issues(), (Stacks{"bad-utf8 1", "long-name 1"}));
}

void TestPprof::keepsThreadsAndTellsLabels()
{
    const auto label = [](int key, int text, int value) {
        return message(3, number(1, key) + (text ? number(2, text) : "") + (value ? number(3, value) : ""));
    };
    const ReadOutcome outcome
        = read(small(message(2, packed(1, {1}) + packed(2, {1}) + label(5, 0, 12) + label(3, 1, 0))
            + message(2, packed(1, {1}) + packed(2, {1}) + label(5, 6, 0))));
    QCOMPARE(fieldOf(outcome.sink.linesOf("sample").at(0), "thread"), "12"s);
    QCOMPARE(fieldOf(outcome.sink.linesOf("sample").at(1), "thread"), "two"s);
    QCOMPARE(outcome.issues(), Stacks{"labels 1"});
}

void TestPprof::tellsWhatIsMissing()
{
    const ReadOutcome outcome = read(small(message(2, packed(1, {99}) + packed(2, {7}))
        + message(2, packed(1, {1})) + message(2, packed(1, {1}) + packed(2, {1, 2}))));
    QVERIFY(outcome.hasIssue("unknown-location"));
    QVERIFY(outcome.hasIssue("missing-value"));
    QVERIFY(outcome.hasIssue("untyped-values"));
    // A location without lines is an address; a negative value stays one.
    const ReadOutcome bare
        = read(small(message(2, packed(1, {9}) + packed(2, {static_cast<std::uint64_t>(-4)})))
            + message(4, number(1, 9) + number(3, 0xABC)));
    QCOMPARE(stacksOf(bare), Stacks{"0xabc -4"});
    QCOMPARE(stacksOf(read(small(message(2, packed(1, {9}) + packed(2, {4})))
                 + message(4, number(1, 9) + number(3, 16) + message(4, number(1, 77))))),
        Stacks{"0x10 4"});
}

void TestPprof::skipsMalformedMessages()
{
    const std::string start = message(1, number(1, 1) + number(2, 2));
    const std::string bytes = start + message(2, "\x0a\x05\x01") + message(2, "\x09\x01")
        + small(message(2, packed(1, {1}) + packed(2, {4})));
    const ReadOutcome outcome = read(bytes);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{2});
    QCOMPARE(outcome.report.rejects().at(0).kind, "malformed-sample"s);
    QCOMPARE(outcome.report.rejects().at(0).offset, std::uint64_t{start.size()});
    QCOMPARE(outcome.report.rejects().at(0).length, std::uint64_t{5});
}

void TestPprof::salvagesAndRefuses()
{
    const std::string bytes = small(message(2, packed(1, {1}) + packed(2, {4})));
    QVERIFY(read(bytes.substr(0, bytes.size() - 2)).hasIssue("truncated"));
    QVERIFY(read(bytes + "\x0b").hasIssue("bad-field"));
    for (const std::string &bad :
        {""s, "{}"s, "\0\0\0\0"s, std::string(100, '\xFF'), message(6, "x"), "--- heapz 1 ---\n"s}) {
        const ReadOutcome outcome = read(bad);
        QVERIFY(outcome.error && !outcome.error->hint.empty() && !outcome.error->detail.empty());
    }
}

void TestPprof::sniffs()
{
    const auto sniff
        = [](std::string_view text) { return int(pprofImporter().sniff(text.substr(0, kSniffBytes), "x")); };
    const std::string bytes = small(message(2, packed(1, {1}) + packed(2, {4})));
    QCOMPARE(sniff(bytes), int(Confidence::Strong));
    std::string big = bytes;
    for (int i = 0; i < 5000; ++i)
        big += message(6, "some name of a function");
    QCOMPARE(sniff(big), int(Confidence::Strong));
    QCOMPARE(sniff(""), int(Confidence::No));
    QCOMPARE(sniff("{\"a\":1}\n"), int(Confidence::No));
    // A trace of Perfetto has packets in field 1, too.
    QCOMPARE(sniff(message(1, number(8, 123456)) + message(1, number(8, 123457) + number(10, 1))),
        int(Confidence::No));
    QCOMPARE(sniff(message(1, message(1, "x"))), int(Confidence::No));
}

void TestPprof::agreesWithTheCorpus_data() { addCorpusRows("pprof"); }

void TestPprof::agreesWithTheCorpus()
{
    QFETCH(QString, path);
    QFETCH(QString, facts);
    if (!QFile::exists(path))
        QSKIP("the corpus is not beside the checkout");
    const ReadOutcome outcome = readCorpusFile(path, pprofImporter());
    if (facts.startsWith(QLatin1String("not pprof protobuf"))) {
        QVERIFY(outcome.error);
        QCOMPARE(int(outcome.error->code), int(ErrorCode::UnknownFormat));
        return;
    }
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->toText().c_str() : "");
    QCOMPARE(double(outcome.report.rowsRead()), factOf(facts, "samples"));
    // totals[samples/count=176, cpu/nanoseconds=1760000000]
    const QString totals = facts.section(QStringLiteral("totals["), 1).section(QLatin1Char(']'), 0, 0);
    const QStringList types = totals.split(QStringLiteral(", "));
    const Stacks profiles = outcome.sink.linesOf("profile");
    QCOMPARE(qsizetype(profiles.size()), types.size());
    for (const QString &type : types) {
        const std::string name = type.section(QLatin1Char('/'), 0, 0).toStdString();
        bool found = false;
        for (std::size_t i = 0; i < profiles.size(); ++i) {
            if (fieldOf(profiles[i], "sample_type") != name)
                continue;
            found = true;
            QCOMPARE(outcome.sink.weight(ProfileRef(static_cast<std::uint32_t>(i + 1))),
                type.section(QLatin1Char('='), 1).toDouble());
        }
        QVERIFY2(found, name.c_str());
    }
    for (const ImportReport::Issue &issue : outcome.report.issues())
        QVERIFY2(issue.severity == IssueSeverity::Info, issue.kind.c_str());
}

QTEST_GUILESS_MAIN(TestPprof)
#include "tst_pprof.moc"
