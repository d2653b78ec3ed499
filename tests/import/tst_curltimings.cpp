// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/curltimings/curlrows.h"
#include "import/curltimings/curltimings.h"
#include "profilestacks.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Lines = std::vector<std::string>;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(curlTimingsImporter(), text, 1); }

/// "operation start duration" of every span, in microseconds.
Lines spansOf(const ReadOutcome &outcome)
{
    Lines result;
    for (const std::string &line : outcome.sink.linesOf("span")) {
        const std::string start = fieldOf(line, "start");
        result.push_back(fieldOf(line, "operation") + ' '
            + std::to_string(start.empty() ? 0 : std::stoll(start) / 1000) + ' '
            + std::to_string(std::stoll(fieldOf(line, "duration")) / 1000));
    }
    return result;
}

} // namespace

class TestCurlTimings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void turnsTimesIntoPhases();
    void leavesOutWhatDidNotHappen();
    void tellsRedirects();
    void takesTimesThatGoBackNotForPhases();
    void readsLines();
    void laysRequestsEndToEnd();
    void readsObjectsOverLines();
    void rejectsWithoutTotal();
    void refuses();
    void sniffs();
};

/// Half a second of handshakes: scenario T67.
void TestCurlTimings::turnsTimesIntoPhases()
{
    const ReadOutcome outcome = read(
        R"({"time_namelookup":0.1,"time_connect":0.3,"time_appconnect":0.5,"time_pretransfer":0.5002,"time_starttransfer":0.54,"time_total":0.541})");
    QCOMPARE(spansOf(outcome),
        (Lines{"curl request 0 541000", "dns 0 100000", "connect 100000 200000", "tls 300000 200000",
            "prepare 500000 200", "wait 500200 39800", "receive 540000 1000"}));
    QCOMPARE(outcome.sink.lines.at(0), "source kind=trace clock=relative"s);
}

void TestCurlTimings::leavesOutWhatDidNotHappen()
{
    QCOMPARE(
        spansOf(read(
            R"({"time_namelookup":0,"time_connect":0,"time_appconnect":0,"time_pretransfer":0.001,"time_starttransfer":0.24,"time_total":0.24})")),
        (Lines{"curl request 0 240000", "prepare 0 1000", "wait 1000 239000"}));
}

void TestCurlTimings::tellsRedirects()
{
    const ReadOutcome outcome
        = read(R"({"time_namelookup":0.1,"time_connect":0.2,"time_redirect":0.3,"time_total":0.5})");
    QCOMPARE(spansOf(outcome),
        (Lines{"curl request 0 500000", "redirects 0 300000", "last request 300000 200000"}));
    QVERIFY(outcome.hasIssue("redirected"));
}

void TestCurlTimings::takesTimesThatGoBackNotForPhases()
{
    const ReadOutcome outcome = read(R"({"time_connect":0.3,"time_starttransfer":0.2,"time_total":0.5})");
    QCOMPARE(spansOf(outcome),
        (Lines{"curl request 0 500000", "dns to connect 0 300000", "prepare to receive 300000 200000"}));
    QVERIFY(outcome.hasIssue("phases-go-back"));
    QCOMPARE(spansOf(read(R"({"time_total":-1})")), Lines{});
}

void TestCurlTimings::readsLines()
{
    QCOMPARE(curl::secondsOf("0.052s"), Nanos{52'000'000});
    QCOMPARE(curl::secondsOf("0,052"), Nanos{52'000'000});
    QCOMPARE(curl::secondsOf("x"), kUnknownNanos);
    const ReadOutcome outcome = read("  time_connect:  0.1s\r\n ----------\n time_total : "
                                     "0.2\nhttp_code=404\nurl_effective=http://a/b/7?c\n\ntime_total: 1\n");
    QCOMPARE(spansOf(outcome),
        (Lines{"GET a/b/{id} 0 200000", "dns to connect 0 100000", "prepare to receive 100000 100000",
            "curl request 200000 1000000"}));
    const std::string first = outcome.sink.linesOf("span").at(0);
    QCOMPARE(fieldOf(first, "status"), "error"s);
    QVERIFY(first.find(R"("url.query":text "c")") != std::string::npos);
}

void TestCurlTimings::laysRequestsEndToEnd()
{
    const ReadOutcome outcome = read(R"({"time_total":1}{"time_total":2} {"time_total":3})");
    QCOMPARE(spansOf(outcome).at(2), "curl request 3000000 3000000"s);
    QCOMPARE(outcome.sink.count("trace"), std::size_t{3});
    QVERIFY(outcome.hasIssue("laid-end-to-end"));
}

void TestCurlTimings::readsObjectsOverLines()
{
    const ReadOutcome outcome
        = read("{\n \"url\": \"http://a/}{\\\"\",\n \"time_total\": 1\n}\nbody of an answer\n");
    QCOMPARE(outcome.sink.count("span"), std::size_t{1});
    QVERIFY(outcome.hasIssue("other-lines"));
    const ReadOutcome cut = read(R"({"time_total":1}{"time_total":)");
    QCOMPARE(cut.sink.count("trace"), std::size_t{1});
    QCOMPARE(cut.report.rejects().at(0).kind, "truncated"s);
}

void TestCurlTimings::rejectsWithoutTotal()
{
    const ReadOutcome outcome = read("{\"http_code\":200}\n{\"time_total\":}\nhttp_code: 1\n");
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{3});
    QVERIFY(outcome.hasIssue("no-total"));
    QVERIFY(outcome.hasIssue("malformed-object"));
}

void TestCurlTimings::refuses()
{
    for (const std::string &text : {""s, "[]"s, "hello\n"s, "\x7F"s + "ELF"}) {
        const ReadOutcome outcome = read(text);
        QVERIFY2(outcome.error, text.c_str());
        QVERIFY(!outcome.error->hint.empty());
    }
}

void TestCurlTimings::sniffs()
{
    const auto sniff = [](std::string_view text) { return int(curlTimingsImporter().sniff(text, "x.txt")); };
    QCOMPARE(sniff(R"({"time_namelookup":0.1,"time_total":1})"), int(Confidence::Strong));
    QCOMPARE(sniff("time_connect: 1\ntime_total: 2\n"), int(Confidence::Strong));
    QCOMPARE(sniff("time_total: 2\n"), int(Confidence::No));
    QCOMPARE(sniff(R"({"time_total":1})"), int(Confidence::No));
}

QTEST_GUILESS_MAIN(TestCurlTimings)
#include "tst_curltimings.moc"
