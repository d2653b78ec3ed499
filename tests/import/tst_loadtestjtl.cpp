// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestjtl/jtl.h"
#include "loadrows.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;
using Lines = std::vector<std::string>;

namespace {

ReadOutcome readCsv(const std::string &text) { return readBytes(jmeterCsvImporter(), text, 7); }
ReadOutcome readXml(const std::string &text) { return readBytes(jmeterXmlImporter(), text, 7); }

const std::string kHead
    = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,allThreads\n";

} // namespace

class TestLoadTestJtl : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsByHeader();
    void takesAnyOrderAndDelimiter();
    void knowsTheDefaultColumns_data();
    void knowsTheDefaultColumns();
    void readsDates();
    void marksTransactions();
    void thinsTheUsers();
    void passesHeadersBy();
    void rejectsBadLines();
    void readsXml();
    void nestsSamples();
    void readsXmlThatBreaksOff();
    void refuses();
    void sniffs();
};

void TestLoadTestJtl::readsByHeader()
{
    const ReadOutcome outcome = readCsv(kHead
        + "1772452800100,42,\"GET, cart\",200,OK,T 1-1,true,1\n1772452800200,7,pay,503,Busy,T 1-1,false,1\n"
          "1772452800300,5,pay,Non HTTP response code: java.net.ConnectException,refused,T 1-1,false,1\n");
    QCOMPARE(requestsOf(outcome),
        (Lines{"GET, cart 1772452800100000 42000", "pay 1772452800200000 7000 error",
            "pay 1772452800300000 5000 error"}));
    QCOMPARE(wholeField(outcome, "requests"), "3"s);
    QCOMPARE(wholeField(outcome, "errors"), "2"s);
    QVERIFY(hasText(outcome, R"("loadtest.message":text "Busy")"));
    QVERIFY(hasText(outcome, R"("jmeter.response_code":text "Non HTTP)"));
    QVERIFY(hasText(outcome, R"("loop":"closed","coordinated_omission":"possible")"));
}

void TestLoadTestJtl::takesAnyOrderAndDelimiter()
{
    for (const char delimiter : {';', '\t', '|', ','}) {
        std::string text = "label,\"elapsed\",other,success,timeStamp\nhome,12,x,true,1772452800100\n";
        std::replace(text.begin(), text.end(), ',', delimiter);
        const ReadOutcome outcome = readCsv(text);
        QCOMPARE(requestsOf(outcome), (Lines{"home 1772452800100000 12000"}));
    }
}

void TestLoadTestJtl::knowsTheDefaultColumns_data()
{
    QTest::addColumn<QString>("rest");
    QTest::addColumn<QString>("waiting");
    QTest::newRow("2.3") << "512,40"
                         << "40";
    QTest::newRow("2.13") << "512,3,4,41"
                          << "41";
    QTest::newRow("3.0") << ",512,3,4,42,0"
                         << "42";
    QTest::newRow("3.1") << ",512,120,3,4,43,0,2"
                         << "43";
    QTest::newRow("5.6") << ",512,120,3,4,http://shop/a,44,0,2"
                         << "44";
}

void TestLoadTestJtl::knowsTheDefaultColumns()
{
    QFETCH(QString, rest);
    QFETCH(QString, waiting);
    const ReadOutcome outcome
        = readCsv("1772452800100,50,home,200,OK,T 1-1,text,true," + rest.toStdString() + "\n");
    QCOMPARE(requestsOf(outcome), (Lines{"home 1772452800100000 50000"}));
    QVERIFY(hasText(outcome, "\"loadtest.waiting_ms\":real " + waiting.toStdString()));
}

void TestLoadTestJtl::readsDates()
{
    const ReadOutcome outcome = readCsv(kHead
        + "2026/03/02 12:00:00.250,42,a,200,OK,T,true,1\n"
          "2026-03-02T12:00:01+01:00,42,a,200,OK,T,true,1\n");
    QCOMPARE(requestsOf(outcome), (Lines{"a 1772452800250000 42000", "a 1772449201000000 42000"}));
}

/// The controller's sample covers the ones in it: counting both would double the requests.
void TestLoadTestJtl::marksTransactions()
{
    const ReadOutcome outcome = readCsv(kHead
        + "1772452800100,42,a,200,OK,T,true,1\n1772452800100,42,Checkout,,\"Number of samples in transaction "
          ": "
          "1, number of failing samples : 0\",T,true,1\n");
    QCOMPARE(outcome.sink.count("span"), 2);
    QCOMPARE(wholeField(outcome, "requests"), "1"s);
    QVERIFY(hasText(outcome, R"("loadtest.sum":boolean)"));
}

void TestLoadTestJtl::thinsTheUsers()
{
    const ReadOutcome outcome = readCsv(kHead
        + "1772452800100,10,a,200,OK,T,true,1\n1772452800200,10,a,200,OK,T,true,5\n"
          "1772452800300,10,a,200,OK,T,true,3\n1772452801300,10,a,200,OK,T,true,4\n");
    const Lines points = outcome.sink.linesOf("point");
    QCOMPARE(points.size(), 2u);
    QCOMPARE(fieldOf(points[0], "value"), "5"s);
    QCOMPARE(fieldOf(points[1], "value"), "4"s);
    QCOMPARE(wholeField(outcome, "users"), "5"s);
}

void TestLoadTestJtl::passesHeadersBy()
{
    const ReadOutcome outcome = readCsv(
        kHead + "1772452800100,1,a,200,OK,T,true,1\n" + kHead + "1772452800200,1,a,200,OK,T,true,1\n");
    QCOMPARE(outcome.sink.count("span"), 2);
    QVERIFY(outcome.hasIssue("header-again"));
    QCOMPARE(outcome.report.rowsSkipped(), 0);
}

void TestLoadTestJtl::rejectsBadLines()
{
    const ReadOutcome outcome = readCsv(kHead
        + "soon,1,a,200,OK,T,true,1\n1772452800100,NaN,a,200,OK,T,true,1\n1772452800100,1,a\n"
          "1772452800100,-5,a,200,OK,T,true,1\n\"1772452800100,1,a,200,OK,T,true,1\n");
    QCOMPARE(outcome.report.rowsSkipped(), 4);
    QVERIFY(outcome.hasIssue("bad-sample"));
    QVERIFY(outcome.hasIssue("column-count"));
    // A negative time is a request whose duration is unknown.
    QCOMPARE(requestsOf(outcome), (Lines{"a 1772452800100000 ?"}));
}

void TestLoadTestJtl::readsXml()
{
    const ReadOutcome outcome = readXml(R"(<?xml version="1.0" encoding="UTF-8"?>
<testResults version="1.2"><httpSample t="42" lt="40" ct="3" ts="1772452800100" s="false" lb="a &amp; b" rc="500"
 rm="Error" tn="T" na="2"><assertionResult><name>x</name><failure>true</failure><error>false</error>
 <failureMessage>no /paid/</failureMessage></assertionResult><responseData>&lt;html&gt;</responseData>
 <java.net.URL>http:/)"
                                        R"(/shop/cart?x=1</java.net.URL></httpSample></testResults>)");
    QCOMPARE(requestsOf(outcome), (Lines{"a & b 1772452800100000 42000 error"}));
    for (const char *attribute : {R"("loadtest.message":text "no /paid/")", R"("url.path":text "/cart")",
             R"("loadtest.connecting_ms":real 3)", R"("loadtest.users":integer 2)"})
        QVERIFY2(hasText(outcome, attribute), attribute);
}

void TestLoadTestJtl::nestsSamples()
{
    const ReadOutcome outcome = readXml(R"(<testResults version="1.2">
<sample t="100" ts="1772452800100" s="true" lb="Checkout"><httpSample t="40" ts="1772452800100" s="true" lb="a"/>
<httpSample t="60" ts="1772452800140" s="true" lb="b"/></sample>
<httpSample t="9" ts="1772452800300" s="true" lb="alone"/></testResults>)");
    QCOMPARE(outcome.sink.count("span"), 4);
    QCOMPARE(outcome.sink.count("trace"), 1);
    QCOMPARE(wholeField(outcome, "requests"), "3"s);
    const Lines spans = outcome.sink.linesOf("span");
    QVERIFY(fieldOf(spans[0], "parent") != "");
    QCOMPARE(fieldOf(spans[0], "parent"), fieldOf(spans[2], "key"));
    QCOMPARE(fieldOf(spans[3], "trace"), ""s);
}

void TestLoadTestJtl::readsXmlThatBreaksOff()
{
    const ReadOutcome outcome = readXml(R"(<testResults version="1.2">
<httpSample t="9" ts="1772452800300" s="true" lb="a"/><httpSample t="9" ts="17724)");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("span"), 1);
    QVERIFY(outcome.hasIssue("truncated"));
}

void TestLoadTestJtl::refuses()
{
    QVERIFY(readCsv("a,b,c\n1,2,3\n").error);
    QVERIFY(readCsv("").error);
    // A number of columns that no version writes by itself.
    const ReadOutcome outcome = readCsv("1772452800100,50,home,200,OK,T 1-1,text,true,1,2,3\n");
    QVERIFY(outcome.error);
    QVERIFY(outcome.error->hint.find("print_field_names") != std::string::npos);
    QVERIFY(readXml("<html></html>").error);
}

void TestLoadTestJtl::sniffs()
{
    QCOMPARE(sniffImporter(kHead, "x"), &jmeterCsvImporter());
    QCOMPARE(sniffImporter("1772452800100,50,home,200,OK,T 1-1,text,true,512,3,4,41\n", "x"),
        &jmeterCsvImporter());
    QCOMPARE(sniffImporter("<?xml version=\"1.0\"?>\n<testResults version=\"1.2\">", "x"),
        &jmeterXmlImporter());
    QCOMPARE(jmeterCsvImporter().sniff("ts,series,labels,value\n", "x.csv"), Confidence::No);
}

QTEST_MAIN(TestLoadTestJtl)
#include "tst_loadtestjtl.moc"
