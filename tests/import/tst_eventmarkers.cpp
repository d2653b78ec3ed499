// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/eventmarkers/eventmarkers.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

ReadOutcome read(const std::string &text, const ReadOptions &options = {})
{
    return readBytes(eventMarkersImporter(), text, 65536, options);
}

std::string marker(const std::string &line)
{
    const ReadOutcome outcome = read(line + "\n");
    const auto events = outcome.sink.linesOf("event");
    return events.size() == 1 ? events[0] : outcome.text();
}

} // namespace

class TestEventMarkers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsMarkers();
    void choosesTitleAndDetail();
    void readsTimes();
    void readsEnds();
    void turnsUnknownKindsIntoNotes();
    void keepsNestedDetail();
    void skipsBadLines();
    void readsArrays();
    void ignoresWhatItDoesNotKnow();
    void sniffs();
};

void TestEventMarkers::readsMarkers()
{
    const ReadOutcome outcome
        = read("{\"ts\":\"2026-03-02T12:00:00Z\",\"kind\":\"deploy\",\"service\":\"shop\",\"note\":\"v42\"}\n"
               "\n{\"kind\":\"alert\",\"ts\":\"2026-03-02T12:00:05Z\"}\r\n");
    QCOMPARE(outcome.sink.text(),
        "source kind=metrics clock=utc timezone=\"UTC\"\n"
        "event ts=1772452800000000000 kind=\"deploy\" service=\"shop\" title=\"v42\"\n"
        "event ts=1772452805000000000 kind=\"alert\"\n"
        "source kind=metrics clock=utc timezone=\"UTC\""s);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{2});
    QVERIFY(outcome.report.issues().empty());
}

void TestEventMarkers::choosesTitleAndDetail()
{
    QCOMPARE(marker("{\"ts\":1772452800,\"kind\":\"flag\",\"title\":\"t\",\"note\":\"n\"}"),
        "event ts=1772452800000000000 kind=\"flag\" title=\"t\" detail=\"n\""s);
    QCOMPARE(marker("{\"ts\":1772452800,\"kind\":\"flag\",\"title\":\"t\",\"note\":\"n\",\"detail\":\"d\"}"),
        "event ts=1772452800000000000 kind=\"flag\" title=\"t\" detail=\"n\\nd\""s);
    QCOMPARE(marker("{\"ts\":1772452800,\"kind\":\"flag\",\"title\":\"t\",\"note\":\"\\\"n\\\"\",\"detail\":{"
                    "\"a\":1}}"),
        "event ts=1772452800000000000 kind=\"flag\" title=\"t\" "
        "detail=\"{\\\"note\\\":\\\"\\\\\\\"n\\\\\\\"\\\",\\\"detail\\\":{\\\"a\\\":1}}\""s);
    QCOMPARE(marker("{\"ts\":1772452800,\"kind\":\"flag\",\"detail\":\"d\"}"),
        "event ts=1772452800000000000 kind=\"flag\" detail=\"d\""s);
}

void TestEventMarkers::readsTimes()
{
    QCOMPARE(marker("{\"ts\":\"2026-03-02T14:00:00+02:00\",\"kind\":\"chaos\"}"),
        "event ts=1772452800000000000 kind=\"chaos\" utc_offset=7200"s);
    QCOMPARE(marker("{\"ts\":1772452800,\"kind\":\"statistics_reset\"}"),
        "event ts=1772452800000000000 kind=\"statistics_reset\""s);
    QCOMPARE(marker("{\"ts\":1772452800123,\"kind\":\"chaos\"}"),
        "event ts=1772452800123000000 kind=\"chaos\""s);
    QCOMPARE(marker("{\"ts\":\"1772452800123456789\",\"kind\":\"chaos\"}"),
        "event ts=1772452800123456789 kind=\"chaos\""s);
    // Written as a number, all digits survive.
    QCOMPARE(marker("{\"ts\":1772452800123456789,\"kind\":\"chaos\"}"),
        "event ts=1772452800123456789 kind=\"chaos\""s);
    ReadOptions options;
    options.timezoneGiven = true;
    options.timezoneOffsetSeconds = 3600;
    QCOMPARE(read("{\"ts\":\"2026-03-02 13:00:00\",\"kind\":\"cron\"}", options).sink.linesOf("event").at(0),
        "event ts=1772452800000000000 kind=\"cron\" utc_offset=3600"s);
}

void TestEventMarkers::readsEnds()
{
    QCOMPARE(marker("{\"ts\":1772452800,\"end\":1772452860,\"kind\":\"alert\"}"),
        "event ts=1772452800000000000 end=1772452860000000000 kind=\"alert\""s);
    for (const char *bad : {"\"never\"", "1772452799"}) {
        const ReadOutcome outcome = read("{\"ts\":1772452800,\"kind\":\"alert\",\"end\":"s + bad + "}\n");
        QCOMPARE(outcome.sink.linesOf("event").at(0), "event ts=1772452800000000000 kind=\"alert\""s);
        QVERIFY(outcome.hasIssue("bad-end"));
    }
}

void TestEventMarkers::turnsUnknownKindsIntoNotes()
{
    const ReadOutcome outcome = read("{\"ts\":1772452800,\"kind\":\"full moon\",\"note\":\"x\"}\n"
                                     "{\"ts\":1772452800,\"kind\":\"Deploy\"}\n");
    QCOMPARE(outcome.sink.linesOf("event").at(0), "event ts=1772452800000000000 kind=\"note\" title=\"x\""s);
    QCOMPARE(outcome.sink.linesOf("event").at(1), "event ts=1772452800000000000 kind=\"deploy\""s);
    QCOMPARE(outcome.issues(), std::vector<std::string>{"unknown-kind 1"});
    QVERIFY(outcome.report.issues()[0].example.find("full moon") != std::string::npos);
}

void TestEventMarkers::keepsNestedDetail()
{
    QCOMPARE(marker("{\"detail\":{\"a\":[1,{\"b\":null}],\"c\":1.50},\"ts\":1772452800,\"kind\":\"alert\"}"),
        "event ts=1772452800000000000 kind=\"alert\" detail=\"{\\\"a\\\":[1,{\\\"b\\\":null}],\\\"c\\\":1.50}\""s);
    // Nested ts and kind are not the marker's own.
    QCOMPARE(marker("{\"x\":{\"ts\":1,\"kind\":\"flag\"},\"ts\":1772452800,\"kind\":\"alert\"}"),
        "event ts=1772452800000000000 kind=\"alert\""s);
}

void TestEventMarkers::skipsBadLines()
{
    const ReadOutcome outcome = read("{\"ts\":1772452800,\"kind\":\"deploy\"}\n"
                                     "not json\n"
                                     "17\n"
                                     "{\"ts\":1772452800}\n"
                                     "{\"kind\":\"deploy\"}\n"
                                     "{\"ts\":\"soon\",\"kind\":\"deploy\"}\n"
                                     "{\"ts\":1772452800,\"kind\":\"deploy\"} trailing\n"
                                     "{\"ts\":1772452800,\"kind\":\"dep"
        + std::string(1'100'000, 'x') + "\"}\n{\"ts\":1,\"kind\":\"de");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{1});
    QCOMPARE(outcome.issues(),
        (std::vector<std::string>{"bad-json 4", "bad-time 1", "line-too-long 1", "missing-field 2"}));
    QCOMPARE(outcome.report.rejects().at(0).offset, std::uint64_t{34});
}

void TestEventMarkers::readsArrays()
{
    const std::string lines
        = read("{\"ts\":1772452800,\"kind\":\"deploy\"}\n{\"ts\":1772452801,\"kind\":\"alert\"}\n")
              .sink.text();
    QCOMPARE(
        read("[\n  {\"ts\":1772452800,\"kind\":\"deploy\"},\n  {\"ts\":1772452801,\"kind\":\"alert\"}\n]\n")
            .sink.text(),
        lines);
    QCOMPARE(read("[{\"ts\":1772452800,\"kind\":\"deploy\"},\n{\"ts\":1772452801,\"kind\":\"alert\"}]")
                 .sink.text(),
        lines);
}

void TestEventMarkers::ignoresWhatItDoesNotKnow()
{
    QCOMPARE(marker("{\"id\":[1,2],\"ts\":1772452800,\"extra\":null,\"kind\":\"alert\",\"service\":null,"
                    "\"ok\":true}"),
        "event ts=1772452800000000000 kind=\"alert\""s);
}

void TestEventMarkers::sniffs()
{
    const auto sniff
        = [](std::string_view text) { return int(eventMarkersImporter().sniff(text, "upload")); };
    QCOMPARE(sniff("\n{\"ts\":1,\"kind\":\"x\"}\n"), int(Confidence::Strong));
    QCOMPARE(sniff("[\n{\"ts\":1,\"kind\":\"x\"},\n"), int(Confidence::Strong));
    QCOMPARE(sniff("{\"ts\":1,\"kind\":\"x\",\"note\":\"a very lo"), int(Confidence::Weak));
    QCOMPARE(sniff("{\"ts\":1,\"ph\":\"X\",\"kind\":\"x\"}\n"), int(Confidence::No)); // a trace event
    QCOMPARE(sniff("{\"ts\":1}\n"), int(Confidence::No));
    QCOMPARE(sniff("{\"resourceSpans\":[{\"ts\":1,\"kind\":2}]}\n"), int(Confidence::No));
    QCOMPARE(sniff("text\n"), int(Confidence::No));
    QCOMPARE(sniff(""), int(Confidence::No));
}

QTEST_GUILESS_MAIN(TestEventMarkers)
#include "tst_eventmarkers.moc"
