// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/accessline.h"
#include "import/accesslog/accesslog.h"
#include "import/accesslog/routetemplate.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

ReadOutcome read(const std::string &text, const ReadOptions &options = {})
{
    return readBytes(accessLogImporter(), text, 65536, options);
}

QString line(const ReadOutcome &outcome, std::string_view word, std::size_t i = 0)
{
    const std::vector<std::string> all = outcome.sink.linesOf(word);
    return i < all.size() ? QString::fromStdString(all[i]) : QString();
}

const std::string kCommon
    = R"(127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif?x=1 HTTP/1.0" 200 2326)"
      "\n";
const std::string kCombined
    = R"x(10.0.0.7 - - [10/Oct/2000:13:55:37 +0000] "POST /users/42/files HTTP/1.1" 503 - "http://a/b" "Mozilla/5.0 (\"x\")" 0.125)x"
      "\n";

} // namespace

class TestAccessLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void routes_data();
    void routes();
    void targets_data();
    void targets();
    void times_data();
    void times();
    void durations_data();
    void durations();
    void sniff_data();
    void sniff();
    void hostile();
    void rows();
    void virtualHosts();
    void oddRequests();
    void badLines();
    void zones();
    void badText();
    void noRequest();
};

void TestAccessLog::routes_data()
{
    QTest::addColumn<QString>("route");
    const auto row
        = [](const char *path, const char *route) { QTest::newRow(path) << QString::fromLatin1(route); };
    row("/", "/");
    row("/users", "/users");
    row("/users/42", "/users/{id}");
    row("/users/42/", "/users/{id}/");
    row("/v2/users", "/v2/users");
    row("/a/123e4567-e89b-12d3-a456-426614174000/b", "/a/{id}/b");
    row("/f/9f86d081884c7d65", "/f/{id}");
    row("/f/deadbeef", "/f/deadbeef");
    row("/f/DEADBEEF01", "/f/{id}");
    row("/img/1234.png", "/img/{id}.png");
    row("/img/logo2.png", "/img/logo2.png");
    row("/t/eyJhbGciOiJIUzI1NiIsInR5", "/t/eyJhbGciOiJIUzI1NiIsInR5");
    row("/t/eyJ0eXAiOiJKV1Q1LCJh8bG4", "/t/{id}");
    row("/blog/2024-03-01-release-of-the-product", "/blog/2024-03-01-release-of-the-product");
    row("//1//", "//{id}//");
    row("*", "*");
}

void TestAccessLog::routes()
{
    QFETCH(QString, route);
    QCOMPARE(QString::fromStdString(accesslog::routeTemplate(QTest::currentDataTag())), route);
}

void TestAccessLog::targets_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("query");
    const auto row = [](const char *target, const char *path, const char *query) {
        QTest::newRow(target) << QString::fromLatin1(path) << QString::fromLatin1(query);
    };
    row("/a?b=c#d", "/a", "b=c");
    row("/a#d?x", "/a", "");
    row("http://host:80/a/b?c", "/a/b", "c");
    row("http://host", "/", "");
    row("/go?to=http://x/y", "/go", "to=http://x/y");
    row("*", "*", "");
}

void TestAccessLog::targets()
{
    const accesslog::Target target = accesslog::splitTarget(QTest::currentDataTag());
    QTEST(QString::fromStdString(std::string(target.path)), "path");
    QTEST(QString::fromStdString(std::string(target.query)), "query");
}

void TestAccessLog::times_data()
{
    QTest::addColumn<QString>("rfc");
    const auto row
        = [](const char *time, const char *rfc) { QTest::newRow(time) << QString::fromLatin1(rfc); };
    row("10/Oct/2000:13:55:36 -0700", "2000-10-10T13:55:36-07:00");
    row("01/Jan/2024:00:00:00 +0530", "2024-01-01T00:00:00+05:30");
    row("10/Oct/2000:13:55:36.123 +0000", "2000-10-10T13:55:36.123+00:00");
    row("10/Oct/2000:13:55:36", "2000-10-10T13:55:36");
    row("10/Xxx/2000:13:55:36 -0700", "10/Xxx/2000:13:55:36 -0700");
    row("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z");
}

void TestAccessLog::times()
{
    QTEST(QString::fromStdString(accesslog::rfcTime(QTest::currentDataTag())), "rfc");
}

void TestAccessLog::durations_data()
{
    QTest::addColumn<QString>("number");
    QTest::addColumn<qint64>("scale");
    const auto row = [](const char *more, const char *number, qint64 scale) {
        QTest::newRow(more) << QString::fromLatin1(number) << scale;
    };
    row("0.125", "0.125", kNanosPerSecond);
    row("\"0.125\" 0.100", "0.125", kNanosPerSecond);
    row("rt=0.2 uct=0.1", "0.2", kNanosPerSecond);
    row("pool=a request_time=\"0.3\"", "0.3", kNanosPerSecond);
    row("duration_ms=17", "17", kNanosPerMilli);
    row("D=412", "412", kNanosPerMicro);
    row("412", "", 0); // any unit
    row("rt=-", "", 0);
    row("\"-\" 0.5", "", 0);
    row("10.0.0.1:80 0.5", "", 0);
}

void TestAccessLog::durations()
{
    const auto duration = accesslog::durationIn(QTest::currentDataTag());
    QTEST(QString::fromStdString(duration ? std::string(duration->number) : std::string()), "number");
    QTEST(qint64(duration ? duration->scale : 0), "scale");
}

void TestAccessLog::sniff_data()
{
    QTest::addColumn<QByteArray>("prefix");
    QTest::addColumn<int>("confidence");
    const auto row = [](const char *name, const std::string &prefix, Confidence confidence) {
        QTest::newRow(name) << QByteArray::fromStdString(prefix) << int(confidence);
    };
    row("common", kCommon, Confidence::Strong);
    row("combined", kCombined + kCombined, Confidence::Strong);
    row("half of the lines", kCommon + "x\n", Confidence::No);
    row("JSON", R"({"time":"10/Oct/2000:13:55:36 -0700"})", Confidence::No);
    row("syslog", "Oct 10 13:55:36 host app[17]: GET / 200\n", Confidence::No);
    row("PostgreSQL", "2024-03-02 12:00:00.123 UTC [17] LOG:  duration: 1.2 ms\n", Confidence::No);
    row("empty", "", Confidence::No);
}

void TestAccessLog::sniff()
{
    QFETCH(QByteArray, prefix);
    QTEST(int(accessLogImporter().sniff({prefix.constData(), std::size_t(prefix.size())}, "x")),
        "confidence");
}

void TestAccessLog::hostile()
{
    const QString problems = hostileProblems(accessLogImporter(), kCommon + kCombined);
    QVERIFY2(problems.isEmpty(), qPrintable(problems));
}

void TestAccessLog::rows()
{
    const ReadOutcome outcome = read(kCommon + kCombined);
    QVERIFY(!outcome.error);
    QVERIFY2(outcome.report.rowsSkipped() == 0, outcome.text().c_str());
    QVERIFY(line(outcome, "source").contains(QLatin1String("kind=access_log clock=utc")));
    QCOMPARE(line(outcome, "track"), QStringLiteral("track 1 service=\"unknown_service\" shape=linked"));
    QCOMPARE(line(outcome, "span"),
        QStringLiteral(
            "span 1 track=1 operation=\"GET /apache_pb.gif\" kind=server http=200 "
            "start=971211336000000000 "
            "attributes={\"http.request.method\":text \"GET\",\"http.route\":text \"/apache_pb.gif\","
            "\"url.path\":text \"/apache_pb.gif\",\"url.query\":text \"x=1\","
            "\"http.response.body.size\":integer 2326,\"network.protocol.version\":text \"1.0\","
            "\"client.address\":text \"127.0.0.1\",\"enduser.id\":text \"frank\"} quality=132"));
    const QString second = line(outcome, "span", 1);
    QVERIFY2(second.contains(
                 QLatin1String("operation=\"POST /users/{id}/files\" kind=server status=error http=503 "
                               "start=971186136875000000 duration=125000000")),
        qPrintable(second));
    QVERIFY(second.contains(QLatin1String("\"url.path\":text \"/users/42/files\"")));
    QVERIFY(second.contains(QLatin1String("\"access_log.more\":text \"0.125\"")));
    QVERIFY(second.contains(QLatin1String("\"http.request.header.referer\":text \"http://a/b\"")));
    QVERIFY(second.contains(QLatin1String("\"user_agent.original\":text \"Mozilla/5.0")));
    QVERIFY(!second.contains(QLatin1String("body.size")));
    QVERIFY(second.endsWith(QLatin1String("quality=128"))); // no id
}

void TestAccessLog::virtualHosts()
{
    const ReadOutcome outcome
        = read(R"(shop.example:443 10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/2.0" 404 0)"
               "\n"
               R"(10.0.0.1 - john doe [10/Oct/2000:13:55:36 -0700] "GET / HTTP/2.0" 404 0)");
    QCOMPARE(line(outcome, "track"), QStringLiteral("track 1 service=\"shop.example\" shape=linked"));
    QVERIFY(line(outcome, "span").contains(QLatin1String("\"client.address\":text \"10.0.0.1\"")));
    QVERIFY(!line(outcome, "span").contains(QLatin1String("status=")));
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("\"enduser.id\":text \"john doe\"")));
}

void TestAccessLog::oddRequests()
{
    const std::string head = "10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] ";
    const ReadOutcome outcome = read(head + "\"-\" 408 0\n" + head + "\"\\x16\\x03\\x01\" 400 0\n" + head
        + "\"GET /a b c HTTP/1.1\" 200 1\n" + head + "\"GET /9\" 200 1\n" + head
        + "\"GET / HTTP/1.1\" - -\n");
    QCOMPARE(outcome.report.rowsRead(), 5);
    QVERIFY(!line(outcome, "span").contains(QLatin1String("operation=")));
    QVERIFY(line(outcome, "span", 1).contains(QLatin1String("operation=\"\\\\x16\\\\x03\\\\x01\"")));
    QVERIFY(line(outcome, "span", 2).contains(QLatin1String("operation=\"GET /a b c\"")));
    QVERIFY(line(outcome, "span", 3).contains(QLatin1String("operation=\"GET /{id}\"")));
    QVERIFY(!line(outcome, "span", 4).contains(QLatin1String("http=")));
}

void TestAccessLog::badLines()
{
    const std::string bad = R"(10.0.0.1 - - [99/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1)";
    const ReadOutcome outcome = read(kCommon + "nonsense\n\n# comment\n" + bad + "\n"
        + R"(10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1 200 1)" + "\n"
        + R"(10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" ok 1)");
    const auto &rejects = outcome.report.rejects();
    QCOMPARE(int(rejects.size()), 4);
    QCOMPARE(rejects[0].kind, std::string("bad-line"));
    QCOMPARE(rejects[0].offset, std::uint64_t(kCommon.size()));
    QCOMPARE(rejects[0].bytes, std::string("nonsense"));
    QCOMPARE(rejects[1].kind, std::string("bad-time"));
    QCOMPARE(rejects[1].bytes, bad);
    QCOMPARE(rejects[2].kind, std::string("bad-line"));
    QCOMPARE(rejects[3].kind, std::string("bad-line"));
    QCOMPARE(outcome.report.rowsRead(), 1);
    const ReadOutcome big = read(kCommon + std::string(2'000'000, 'x') + "\n" + kCommon);
    QCOMPARE(big.report.rejects().at(0).kind, std::string("line-too-long"));
    QCOMPARE(big.report.rowsRead(), 2);
}

void TestAccessLog::zones()
{
    const std::string local = R"(a - - [10/Oct/2000:13:55:36] "GET / HTTP/1.1" 200 1)";
    ReadOptions options;
    options.timezoneGiven = true;
    options.timezoneOffsetSeconds = 7200;
    QVERIFY(line(read(local, options), "span").contains(QLatin1String("start=971178936000000000")));
    const ReadOutcome assumed = read(local);
    QVERIFY(line(assumed, "span").contains(QLatin1String("start=971186136000000000")));
    QVERIFY(line(assumed, "source", 1).contains(QLatin1String("assumed")));
}

void TestAccessLog::badText()
{
    const ReadOutcome outcome = read("a - - [10/Oct/2000:13:55:36 +0000] \"GET /\xFF HTTP/1.1\" 200 1\r\n");
    QVERIFY(outcome.hasIssue("bad-utf8"));
    QVERIFY(line(outcome, "span").contains(QString::fromUtf8("operation=\"GET /\xEF\xBF\xBD\"")));
}

void TestAccessLog::noRequest()
{
    QVERIFY(read("# nothing\n\n").error.has_value());
    QCOMPARE(read("this is a letter\n").report.rowsSkipped(), 1);
}

QTEST_GUILESS_MAIN(TestAccessLog)
#include "tst_accesslog.moc"
