// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/accesslog.h"
#include "import/accesslog/logformats.h"
#include "profilestacks.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using accesslog::LogFormat;
using accesslog::LogMatch;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(accessLogImporter(), text, 1); }

std::string span(const ReadOutcome &outcome, std::size_t i = 0)
{
    const auto spans = outcome.sink.linesOf("span");
    return i < spans.size() ? spans[i] : std::string();
}

const std::string kCombined
    = "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"GET /a/7?b HTTP/1.1\" 200 12 \"-\" \"agent \\\"x\\\"\"";

} // namespace

class TestLogFormat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void matchesNginx();
    void matchesApache();
    void takesDirectivesWhole();
    void takesListsOfTimes_data();
    void takesListsOfTimes();
    void readsUnits_data();
    void readsUnits();
    void refuses_data();
    void refuses();
    void keepsNoSecrets();
    void isLinear();
    void startsWhereTheServerSays();
    void knowsWellKnownFormats_data();
    void knowsWellKnownFormats();
    void remembersByFolderAndName();
    void readsByTheList();
    void readsALineWithTheFormat();
    void rejectsLinesOfAnotherFormat();

private:
    QTemporaryDir m_config;
};

void TestLogFormat::init()
{
    qputenv("XDG_CONFIG_HOME", m_config.path().toUtf8());
    QFile::remove(QString::fromStdString(accesslog::logFormatsFile().string()));
}

void TestLogFormat::matchesNginx()
{
    const auto format = LogFormat::compile(
        R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent ${request_time}s "$http_x_id" $host)");
    QVERIFY(format);
    QCOMPARE(int(format->timeIs()), int(LogFormat::TimeIs::End));
    LogMatch match;
    const std::string line
        = R"(10.0.0.1 - ada [10/Oct/2000:13:55:36 +0000] "GET /a \"b\" HTTP/1.1" 200 - 0.125s "i\"d" shop:80)";
    QVERIFY(format->match(line, match));
    QCOMPARE(std::string(match.user), "ada"s);
    QCOMPARE(std::string(match.time), "10/Oct/2000:13:55:36 +0000"s);
    QCOMPARE(std::string(match.request), "GET /a \\\"b\\\" HTTP/1.1"s);
    QCOMPARE(std::string(match.bytes), ""s);
    QCOMPARE(std::string(match.duration), "0.125"s);
    QCOMPARE(match.durationScale, kNanosPerSecond);
    QCOMPARE(match.attributes.size(), std::size_t{1});
    QCOMPARE(std::string(match.attributes.at(0).first), "http.request.header.x-id"s);
    QCOMPARE(std::string(match.attributes.at(0).second), "i\\\"d"s);
    QCOMPARE(std::string(match.host), "shop:80"s);
    QVERIFY(!format->match("10.0.0.1 - ada", match));
    const std::string bad = R"(10.0.0.1 - ada [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" ok - 0.1s "-" a)";
    QVERIFY(!format->match(bad, match));
}

void TestLogFormat::matchesApache()
{
    const auto format = LogFormat::compile(
        R"(%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" %D %{ms}T "%{X-Cache}o" %%)");
    QVERIFY(format);
    QCOMPARE(int(format->timeIs()), int(LogFormat::TimeIs::Start));
    LogMatch match;
    const std::string line
        = R"(shop:443 ::1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/2.0" 304 512 "-" "x" 41250 41 "HIT" %)";
    QVERIFY(format->match(line, match));
    QCOMPARE(std::string(match.host), "shop"s);
    QCOMPARE(std::string(match.status), "304"s);
    QCOMPARE(std::string(match.time), "10/Oct/2000:13:55:36 -0700"s);
    // The finer of two durations.
    QCOMPARE(std::string(match.duration), "41250"s);
    QCOMPARE(match.durationScale, kNanosPerMicro);
    QCOMPARE(std::string(match.attributes.back().first), "http.response.header.x-cache"s);
}

void TestLogFormat::takesDirectivesWhole()
{
    const auto nginx = LogFormat::compile(
        "log_format main '$remote_addr [$time_local] '\n    '\"$request\" $request_time';");
    QVERIFY(nginx);
    QCOMPARE(nginx->text(), "$remote_addr [$time_local] \"$request\" $request_time"s);
    const auto apache = LogFormat::compile(R"(LogFormat "%h %t \"%r\" %D" timed)");
    QVERIFY(apache);
    QCOMPARE(apache->text(), "%h %t \"%r\" %D"s);
}

void TestLogFormat::takesListsOfTimes_data()
{
    QTest::addColumn<QString>("times");
    for (const char *times : {"0.1", "-", "0.1, 0.2", "0.1, 0.2 : 0.3", "-, 0.2 : -"})
        QTest::newRow(times) << QString::fromLatin1(times);
}

void TestLogFormat::takesListsOfTimes()
{
    QFETCH(QString, times);
    const std::string text = times.toStdString();
    const auto format = LogFormat::compile("$time_iso8601 $upstream_response_time $status");
    QVERIFY(format);
    LogMatch match;
    QVERIFY(format->match("2024-01-01T00:00:00Z " + text + " 200", match));
    QCOMPARE(std::string(match.status), "200"s);
    QCOMPARE(match.upstreamTimes.size(), text == "-" ? std::size_t{0} : std::size_t{1});
    if (text != "-")
        QCOMPARE(std::string(match.upstreamTimes.at(0).second), text);
}

void TestLogFormat::readsUnits_data()
{
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("line");
    QTest::addColumn<qint64>("duration");
    QTest::newRow("D") << "%t %D"
                       << "[10/Oct/2000:13:55:36 +0000] 1500" << qint64(1'500'000);
    QTest::newRow("T") << "%t %T"
                       << "[10/Oct/2000:13:55:36 +0000] 2" << qint64(2'000'000'000);
    QTest::newRow("ms T") << "%t %{ms}T"
                          << "[10/Oct/2000:13:55:36 +0000] 7" << qint64(7'000'000);
    QTest::newRow("us T") << "%t %{us}T"
                          << "[10/Oct/2000:13:55:36 +0000] 7" << qint64(7'000);
    QTest::newRow("request_time") << "$msec $request_time"
                                  << "971186136.000 0.007" << qint64(7'000'000);
    QTest::newRow("epoch") << "%{msec}t %D"
                           << "971186136000 7" << qint64(7'000);
    QTest::newRow("none") << "%t %D"
                          << "[10/Oct/2000:13:55:36 +0000] -" << qint64(-1);
}

void TestLogFormat::readsUnits()
{
    QFETCH(QString, format);
    QFETCH(QString, line);
    QFETCH(qint64, duration);
    const ReadOutcome outcome
        = read("#log_format " + format.toStdString() + '\n' + line.toStdString() + '\n');
    QVERIFY2(outcome.report.rowsRead() == 1, outcome.text().c_str());
    const std::string written = fieldOf(span(outcome), "duration");
    QCOMPARE(written.empty() ? qint64(-1) : qint64(std::stoll(written)), duration);
    const bool atEnd = format.contains(QLatin1Char('$'));
    QCOMPARE(std::stoll(fieldOf(span(outcome), "start")), 971186136000000000LL - (atEnd ? duration : 0));
}

void TestLogFormat::refuses_data()
{
    QTest::addColumn<QString>("format");
    QTest::newRow("nothing") << "";
    QTest::newRow("text") << "hello";
    QTest::newRow("no time") << "$remote_addr $status";
    QTest::newRow("side by side") << "$time_local$status";
    QTest::newRow("open brace") << "%t %{Referer";
    QTest::newRow("percent") << "%t %";
    QTest::newRow("dollar") << "$time_local $";
}

void TestLogFormat::refuses()
{
    QFETCH(QString, format);
    const auto compiled = LogFormat::compile(format.toStdString());
    QVERIFY(!compiled);
    QVERIFY(!compiled.error().hint.empty());
}

void TestLogFormat::keepsNoSecrets()
{
    const ReadOutcome outcome
        = read("#log_format [$time_local] \"$http_authorization\" $cookie_sid \"$http_x_api_key\" $status\n"
               "[10/Oct/2000:13:55:36 +0000] \"Bearer s3cret\" s3cret \"s3cret\" 200\n");
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{1});
    QVERIFY(span(outcome).find("s3cret") == std::string::npos);
}

/// A line that nearly matches many times costs no more than its length a field.
void TestLogFormat::isLinear()
{
    std::string format = "$time_local ";
    for (int i = 0; i < 60; ++i)
        format += "\"$http_x\" ";
    const auto compiled = LogFormat::compile(format + "end$status");
    QVERIFY(compiled);
    std::string line = "x ";
    for (int i = 0; i < 100'000; ++i)
        line += "\"a\" ";
    LogMatch match;
    QElapsedTimer clock;
    clock.start();
    QVERIFY(!compiled->match(line, match));
    QVERIFY(clock.elapsed() < 1000);
}

void TestLogFormat::startsWhereTheServerSays()
{
    const ReadOutcome nginx = read(kCombined + " 0.250\n");
    QCOMPARE(fieldOf(span(nginx), "start"), "971186135750000000"s);
    QCOMPARE(fieldOf(span(nginx), "duration"), "250000000"s);
    QVERIFY(nginx.hasIssue("time-is-end"));
    const ReadOutcome apache
        = read("#log_format LogFormat \"%h %l %u %t \\\"%r\\\" %>s %b %D\" x\n"
               "10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 1 250000\n");
    QCOMPARE(fieldOf(span(apache), "start"), "971186136000000000"s);
    QCOMPARE(fieldOf(span(apache), "duration"), "250000000"s);
    QVERIFY(apache.hasIssue("time-is-start"));
    // A number that may be a duration is named, not guessed.
    const ReadOutcome unknown = read(kCombined + " 412\n");
    QVERIFY(unknown.hasIssue("number-without-unit"));
    QCOMPARE(fieldOf(span(unknown), "duration"), ""s);
}

void TestLogFormat::knowsWellKnownFormats_data()
{
    QTest::addColumn<QString>("more");
    QTest::addColumn<QString>("attribute");
    QTest::newRow("two times") << " 0.250 0.100, 0.140"
                               << R"("nginx.upstream_response_time":text "0.100, 0.140")";
    QTest::newRow("forwarded") << R"( "10.9.9.9" 0.250)"
                               << R"("http.request.header.x-forwarded-for":text "10.9.9.9")";
    QTest::newRow("keys") << R"( rt=0.250 uct="0.001" uht="0.2" urt="0.24")"
                          << R"("nginx.upstream_connect_time":text "0.001")";
    QTest::newRow("ingress") << " 512 0.250 [shop-web-80] [] 10.1.2.3:80 900 0.249 200 abcdef0123"
                             << R"("nginx.proxy_upstream_name":text "shop-web-80")";
}

void TestLogFormat::knowsWellKnownFormats()
{
    QFETCH(QString, more);
    QFETCH(QString, attribute);
    const ReadOutcome outcome = read(kCombined + more.toStdString() + '\n');
    QCOMPARE(fieldOf(span(outcome), "duration"), "250000000"s);
    QCOMPARE(fieldOf(span(outcome), "start"), "971186135750000000"s);
    QVERIFY2(span(outcome).find(attribute.toStdString()) != std::string::npos, span(outcome).c_str());
    QVERIFY(outcome.hasIssue("log-format"));
    const ReadOutcome traefik = read(
        R"(10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 200 12 "-" "x" 7 "web@docker" "http://10.1.1.1:80" 250ms)");
    QCOMPARE(fieldOf(span(traefik), "duration"), "250000000"s);
    QCOMPARE(fieldOf(span(traefik), "start"), "971186136000000000"s);
}

void TestLogFormat::remembersByFolderAndName()
{
    using accesslog::rememberedFormat;
    QCOMPARE(accesslog::patternOf("/var/log/access.log.12.gz"), "/var/log/access.log*"s);
    QCOMPARE(accesslog::patternOf("/var/log/access.log-20240101"), "/var/log/access.log*"s);
    QCOMPARE(accesslog::patternOf("/a[1]/x"), "/a\\[1\\]/x*"s);
    QCOMPARE(rememberedFormat("/var/log/access.log"), ""s);
    QVERIFY(accesslog::rememberFormat("/var/log/access.log.1", "%t one"));
    QCOMPARE(rememberedFormat("/var/log/access.log.7.gz"), "%t one"s);
    QCOMPARE(rememberedFormat("/var/other/access.log"), ""s);
    QCOMPARE(rememberedFormat("access.log"), "%t one"s); // the name alone, as for telling formats apart
    QVERIFY(accesslog::rememberFormat("/var/log/access.log", "%t two"));
    QCOMPARE(rememberedFormat("/var/log/access.log"), "%t two"s);
}

void TestLogFormat::readsByTheList()
{
    QVERIFY(accesslog::rememberFormat("/x/odd.log",
        "$status|$time_iso8601|$request_method|$request_uri|$request_time"));
    const std::string text = "200|2000-10-10T13:55:36Z|GET|/a/7?b=c|0.5\n";
    QCOMPARE(int(accessLogImporter().sniff(text, "odd.log")), int(Confidence::Magic));
    QCOMPARE(int(accessLogImporter().sniff(text, "other.log")), int(Confidence::No));
    MemorySource source(text, "/x/odd.log", 1);
    ReadOutcome outcome;
    QVERIFY(accessLogImporter().newReader({})->read(source, outcome.sink, outcome.report));
    QCOMPARE(fieldOf(span(outcome), "operation"), "GET /a/{id}"s);
    QCOMPARE(fieldOf(span(outcome), "start"), "971186135500000000"s);
    QVERIFY(span(outcome).find("\"url.query\":text \"b=c\"") != std::string::npos);
    QVERIFY(outcome.hasIssue("header")); // what its rejects need to be read again
}

void TestLogFormat::readsALineWithTheFormat()
{
    const ReadOutcome outcome = read("#log_format $time_iso8601 $request_uri\n2000-10-10T13:55:36Z /a\n"
                                     "#log_format nonsense\n2000-10-10T13:55:36Z /b\n");
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{2});
    QCOMPARE(outcome.report.rejects().at(0).kind, "bad-log-format"s);
}

void TestLogFormat::rejectsLinesOfAnotherFormat()
{
    const std::string text = "#log_format $time_iso8601 $status\n2000-10-10T13:55:36Z 200\nnonsense\nx 200\n";
    const ReadOutcome outcome = read(text);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{1});
    QCOMPARE(outcome.report.rejects().at(0).kind, "bad-line"s);
    QCOMPARE(outcome.report.rejects().at(0).offset, std::uint64_t{text.find("nonsense")});
    QCOMPARE(outcome.report.rejects().at(1).kind, "bad-time"s);
}

QTEST_GUILESS_MAIN(TestLogFormat)
#include "tst_logformat.moc"
