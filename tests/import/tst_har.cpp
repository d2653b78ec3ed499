// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/har/har.h"
#include "import/har/harentry.h"
#include "import/har/harrows.h"
#include "profilestacks.h"

#include <QtTest>

#include <algorithm>
#include <set>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(harImporter(), text, 1); }

std::string log(const std::string &entries, const std::string &pages = "[]")
{
    return R"({"log":{"creator":{},"pages":)" + pages + R"(,"entries":)" + entries + "}}";
}

std::string request(const std::string &url, const std::string &more)
{
    return R"({"startedDateTime":"1970-01-01T00:00:01Z","request":{"method":"GET","url":")" + url + R"("})"
        + more + "}";
}

std::string spanOf(const ReadOutcome &outcome, const std::string &operation)
{
    for (const std::string &line : outcome.sink.linesOf("span")) {
        if (fieldOf(line, "operation") == operation)
            return line;
    }
    return {};
}

/// "operation start duration", in microseconds after 1 s.
std::vector<std::string> phasesOf(const std::string &timings)
{
    std::vector<std::string> result;
    const ReadOutcome outcome = read(log('[' + request("https://a/b", R"(,"timings":)" + timings) + ']'));
    for (const std::string &line : outcome.sink.linesOf("span")) {
        if (fieldOf(line, "kind") != "client")
            result.push_back(fieldOf(line, "operation") + ' '
                + std::to_string(std::stoll(fieldOf(line, "start")) / 1000 - 1'000'000) + ' '
                + std::to_string(std::stoll(fieldOf(line, "duration")) / 1000));
    }
    return result;
}

} // namespace

class TestHar : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void laysPhasesOneAfterTheOther();
    void takesSumWithoutTime();
    void endsPagesWithTheirLastRequest();
    void showsTheStaircase();
    void splitsUrls_data();
    void splitsUrls();
    void keepsNoSecrets();
    void readsServerTiming();
    void linksToTheServer();
    void tellsPhasesThatDiffer();
    void rejectsBadEntries();
    void salvagesTruncated();
    void refuses();
    void sniffs();
};

void TestHar::laysPhasesOneAfterTheOther()
{
    using Phases = std::vector<std::string>;
    QCOMPARE(
        phasesOf(
            R"({"blocked":10,"_blocked_queueing":4,"dns":5,"connect":30,"ssl":20,"send":1,"wait":7,"receive":2})"),
        (Phases{"blocked 0 10000", "queueing 0 4000", "dns 10000 5000", "connect 15000 30000",
            "tls 25000 20000", "send 45000 1000", "wait 46000 7000", "receive 53000 2000"}));
    // -1, null and 0 make no span; what comes after them does not move.
    QCOMPARE(phasesOf(R"({"blocked":-1,"dns":null,"connect":0,"ssl":-1,"send":0,"wait":7.5,"receive":"x"})"),
        (Phases{"wait 0 7500"}));
    QCOMPARE(phasesOf("7"), Phases{});
}

void TestHar::takesSumWithoutTime()
{
    const std::string line = spanOf(
        read(log('[' + request("https://a/b", R"(,"timings":{"connect":30,"ssl":20,"wait":7})") + ']')),
        "GET a/b");
    QCOMPARE(fieldOf(line, "duration"), "37000000"s); // ssl is a part of connect
    const std::string unknown = spanOf(read(log('[' + request("https://a/b", "") + ']')), "GET a/b");
    QCOMPARE(fieldOf(unknown, "duration"), ""s);
}

void TestHar::endsPagesWithTheirLastRequest()
{
    const std::string entries = '[' + request("https://a/b", R"(,"pageref":"p","time":500)") + ','
        + request("https://a/c", R"(,"pageref":"p","time":100)") + ']';
    const auto page = [&](const std::string &load) {
        return spanOf(
            read(log(entries,
                R"([{"id":"p","title":"T","startedDateTime":"1970-01-01T00:00:00.5Z","pageTimings":{"onLoad":)"
                    + load + "}}]")),
            "page T");
    };
    QCOMPARE(fieldOf(page("200"), "duration"), "1000000000"s);
    QCOMPARE(fieldOf(page("1700"), "duration"), "1700000000"s);
    QCOMPARE(fieldOf(page("-1"), "start"), "500000000"s);
    // Behind the entries, or not at all.
    const ReadOutcome unlisted = read(log(entries));
    QCOMPARE(fieldOf(spanOf(unlisted, "page p"), "duration"), "500000000"s);
    QVERIFY(unlisted.hasIssue("unlisted-page"));
    QCOMPARE(unlisted.sink.count("trace"), std::size_t{1});
}

/// 50 assets of 100 ms over six connections are nine rounds.
void TestHar::showsTheStaircase()
{
    std::string entries;
    for (int i = 0; i < 50; ++i)
        entries += (i ? "," : "") + R"({"pageref":"p","startedDateTime":"1970-01-01T00:00:00)"s
            + (i / 6 > 0 ? "." + std::to_string(i / 6) : "") + R"(Z","time":100,"connection":")"
            + std::to_string(i % 6) + R"(","request":{"method":"GET","url":"https://a/)" + std::to_string(i)
            + R"(.png"},"timings":{"wait":100}})";
    const ReadOutcome outcome = read(log('[' + entries + ']'));
    std::set<std::string> starts, tracks;
    for (const std::string &line : outcome.sink.linesOf("span")) {
        if (fieldOf(line, "kind") == "client") {
            starts.insert(fieldOf(line, "start"));
            tracks.insert(fieldOf(line, "track"));
            QCOMPARE(fieldOf(line, "operation"), "GET a/{id}.png"s);
        }
    }
    QCOMPARE(starts.size(), std::size_t{9});
    QCOMPARE(tracks.size(), std::size_t{6});
    QCOMPARE(fieldOf(spanOf(outcome, "page p"), "duration"), "900000000"s);
}

void TestHar::splitsUrls_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("parts");
    QTest::newRow("plain") << "https://a.b/c/d?e=f#g"
                           << "https|a.b|0|/c/d|e=f";
    QTest::newRow("port") << "http://a:81"
                          << "http|a|81|/|";
    QTest::newRow("user") << "http://me:pass@a/x"
                          << "http|a|0|/x|";
    QTest::newRow("v6") << "http://[::1]:8080/x"
                        << "http|[::1]|8080|/x|";
    QTest::newRow("query at once") << "http://a?b"
                                   << "http|a|0|/|b";
    QTest::newRow("data") << "data:image/png;base64,AA"
                          << "data||0||";
    QTest::newRow("none") << "x"
                          << "||0||";
}

void TestHar::splitsUrls()
{
    QFETCH(QString, url);
    QFETCH(QString, parts);
    const std::string text = url.toStdString();
    const har::Url split = har::splitUrl(text);
    const auto joined = std::string(split.scheme) + '|' + std::string(split.host) + '|'
        + std::to_string(split.port) + '|' + std::string(split.path) + '|' + std::string(split.query);
    QCOMPARE(joined, parts.toStdString());
}

void TestHar::keepsNoSecrets()
{
    const std::string entry
        = R"({"startedDateTime":"1970-01-01T00:00:01Z","request":{"method":"GET","url":"https://me:pw@a/b","headers":[)"
          R"({"name":"Authorization","value":"Bearer s3cret"},{"name":"Cookie","value":"s3cret"}],"cookies":[{"name":"x","value":"s3cret"}],)"
          R"("postData":{"text":"s3cret"}},"response":{"headers":[{"name":"Set-Cookie","value":"s3cret"},{"name":"VARY","value":"Cookie"}],)"
          R"("content":{"text":"s3cret"}}})";
    const ReadOutcome outcome = read(log('[' + entry + ']'));
    QVERIFY(outcome.text().find("s3cret") == std::string::npos);
    QVERIFY(outcome.text().find("pw@") == std::string::npos);
    QVERIFY(outcome.text().find(R"("http.request.authenticated":text "true")") != std::string::npos);
    QVERIFY(outcome.text().find(R"("http.response.header.vary":text "Cookie")") != std::string::npos);
}

void TestHar::readsServerTiming()
{
    const auto timings = har::serverTimings(R"(db;dur=53.2;desc="a, b", cache;desc=x;DUR=1 , miss, x;dur=y)");
    QCOMPARE(timings.size(), std::size_t{2});
    QCOMPARE(timings.at(0), (std::pair<std::string, double>{"db", 53.2}));
    QCOMPARE(timings.at(1), (std::pair<std::string, double>{"cache", 1.0}));
}

void TestHar::linksToTheServer()
{
    const auto link = [](const std::string &value) {
        return read(
            log(R"([{"startedDateTime":"1970-01-01T00:00:01Z","request":{"url":"https://a/b","headers":[{"name":"Traceparent","value":")"
                + value + R"("}]}}])"))
            .sink.linesOf("span_link");
    };
    const auto good = link("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    QCOMPARE(good.size(), std::size_t{1});
    QVERIFY(good.at(0).find("4bf92f3577b34da6a3ce929d0e0e4736") != std::string::npos);
    QVERIFY(link("00-zz-00f067aa0ba902b7-01").empty());
}

void TestHar::tellsPhasesThatDiffer()
{
    const auto outcome = [](const std::string &time) {
        return read(log('['
            + request("https://a/b", R"(,"time":)" + time + R"(,"timings":{"wait":10,"receive":5})") + ']'));
    };
    QVERIFY(!outcome("15.4").hasIssue("phases-differ"));
    QVERIFY(outcome("25").hasIssue("phases-differ"));
    QCOMPARE(fieldOf(spanOf(outcome("25"), "GET a/b"), "duration"), "25000000"s);
}

void TestHar::rejectsBadEntries()
{
    const std::string text = log(R"([7,{"time":1},{"startedDateTime":"x","request":{"url":"https://a/"}}])");
    const ReadOutcome outcome = read(text);
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.issues(), (std::vector<std::string>{"bad-time 1", "malformed-entry 1", "no-request 1"}));
    const auto &reject = outcome.report.rejects().at(1);
    QCOMPARE(reject.bytes, R"({"time":1})"s);
    QCOMPARE(reject.offset, std::uint64_t{text.find(reject.bytes)});
}

void TestHar::salvagesTruncated()
{
    const std::string text = log('[' + request("https://a/b", R"(,"pageref":"p","time":5)") + ','
        + request("https://a/c", R"(,"pageref":"p","time":5)") + ']');
    const ReadOutcome outcome = read(text.substr(0, text.size() - 12));
    QVERIFY(!outcome.error);
    QVERIFY(outcome.hasIssue("truncated"));
    QVERIFY(!spanOf(outcome, "GET a/b").empty());
    QVERIFY(!spanOf(outcome, "page p").empty());
    QVERIFY(spanOf(outcome, "GET a/c").empty());
}

void TestHar::refuses()
{
    for (const std::string &text : {""s, "[]"s, "{}"s, R"({"log":7})"s, R"({"log":{}})"s, "\x7F"s + "ELF"}) {
        const ReadOutcome outcome = read(text);
        QVERIFY2(outcome.error, text.c_str());
        QVERIFY(!outcome.error->hint.empty());
    }
}

void TestHar::sniffs()
{
    const auto sniff = [](std::string_view text) { return int(harImporter().sniff(text, "x.json")); };
    QCOMPARE(sniff(R"({"log":{"version":"1.2","creator":{"name":"x"},"pages":[)"), int(Confidence::Strong));
    QCOMPARE(sniff(R"({"log":{"entries":[{"startedDateTime":)"), int(Confidence::Strong));
    QCOMPARE(sniff(R"({"log":{"level":"info"}})"), int(Confidence::No));
    QCOMPARE(sniff(R"({"log":"x","startedDateTime":1})"), int(Confidence::No));
}

QTEST_GUILESS_MAIN(TestHar)
#include "tst_har.moc"
