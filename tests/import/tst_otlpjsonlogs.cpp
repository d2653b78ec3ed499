// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of logs in OTLP JSON, alone and beside spans.
#include "otlpdocuments.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

std::string logs(const std::string &records, const std::string &scopeKey = "scopeLogs")
{
    return "{\"resourceLogs\":[{" + resource("shop") + ",\"" + scopeKey
        + "\":[{\"scope\":{\"name\":\"net\"},\"logRecords\":[" + records + "]}]}]}";
}

} // namespace

class TestOtlpJsonLogs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void line();
    void severities();
    void times();
    void beside();
    void broken();
    void rejectsCanBeReadAgain();
    void hostile();
};

void TestOtlpJsonLogs::line()
{
    const std::string text = logs(
        R"({"timeUnixNano":"5","observedTimeUnixNano":"9","severityNumber":"SEVERITY_NUMBER_ERROR2","body":{"stringValue":"no stock"},)"
        R"("attributes":[)"
        + attribute("request_id", R"("stringValue":"r-1")") + R"(],"traceId":")" + kTrace
        + R"(","spanId":"00f067aa0ba902b7"},{"timeUnixNano":6,"body":{"arrayValue":{"values":[{"intValue":1}]}}})");
    const ReadOutcome outcome = read(text, 1);
    QVERIFY2(!outcome.error, outcome.text().c_str());
    QCOMPARE(lines(outcome, "log_entry"),
        QStringList({QStringLiteral(
                         "log_entry ts=5 service=\"shop\" logger=\"net\" severity=\"ERROR\" kind=\"error\" "
                         "message=\"no stock\" trace=\"%1\" span=00f067aa0ba902b7 resource=1 "
                         "attributes={\"request_id\":text \"r-1\"}")
                         .arg(QString::fromStdString(kTrace)),
            QStringLiteral("log_entry ts=6 service=\"shop\" logger=\"net\" kind=\"other\" message=\"[1]\" "
                           "resource=1")}));
    QVERIFY(outcome.sink.linesOf("source").back().find("kind=log") != std::string::npos);
    // Names of the .proto file and of older versions.
    const std::string plain = R"({"time_unix_nano":"5"})";
    for (const char *key : {"scope_logs", "instrumentationLibraryLogs"})
        QCOMPARE(read(logs(plain, key)).sink.count("log_entry"), 1U);
}

void TestOtlpJsonLogs::severities()
{
    const auto severity = [](const std::string &members) {
        const std::string line = read(logs("{" + members + "}")).sink.linesOf("log_entry").at(0);
        const std::size_t at = line.find("severity=\"");
        return at == std::string::npos ? std::string()
                                       : line.substr(at + 10, line.find('"', at + 10) - at - 10);
    };
    const std::vector<std::pair<std::string, std::string>> cases{{R"("severityNumber":1)", "TRACE"},
        {R"("severityNumber":8)", "DEBUG"}, {R"("severityNumber":"13")", "WARN"},
        {R"("severityNumber":24)", "FATAL"}, {R"("severityNumber":25)", ""},
        {R"("severityNumber":9,"severityText":"notice")", "notice"}};
    for (const auto &[members, expected] : cases)
        QCOMPARE(severity(members), expected);
}

void TestOtlpJsonLogs::times()
{
    const ReadOutcome outcome
        = read(logs(R"({"observedTimeUnixNano":"9"},{"timeUnixNano":"0"},{"timeUnixNano":"x"})"));
    const QStringList found = lines(outcome, "log_entry");
    QCOMPARE(found.size(), 2);
    QVERIFY(found[0].contains(QLatin1String(" ts=9 ")));
    QVERIFY(!found[1].contains(QLatin1String(" ts=")));
    QCOMPARE(outcome.issues(), std::vector<std::string>({"bad-time 1", "no-log-time 1"}));
}

void TestOtlpJsonLogs::beside()
{
    const std::string spans = document("s", span("a", "00f067aa0ba902b7"));
    const ReadOutcome outcome = read(spans + "\n" + logs(R"({"timeUnixNano":"5"})") + "\n"
        + R"({"resourceProfiles":[{}]})" + "\n" + spans + "\n");
    QVERIFY(!outcome.error);
    QCOMPARE(outcome.sink.count("span"), 2U);
    QCOMPARE(outcome.sink.count("log_entry"), 1U);
    QVERIFY(outcome.hasIssue("resourceProfiles-not-read"));
    QVERIFY(outcome.sink.linesOf("source").back().find("kind=log") == std::string::npos);
}

void TestOtlpJsonLogs::broken()
{
    const std::string text = logs(R"({"timeUnixNano":"5"},{"timeUnixNano" "7"},{"timeUnixNano":"6"})");
    const ReadOutcome outcome = read(text);
    QCOMPARE(outcome.sink.count("log_entry"), 2U);
    QCOMPARE(outcome.report.rejects().size(), std::size_t(1));
    QCOMPARE(outcome.report.rejects().front().kind, std::string("malformed-log"));
    QCOMPARE(outcome.report.rejects().front().offset, std::uint64_t(text.find("{\"timeUnixNano\" \"7")));
    const ReadOutcome cut = read(text.substr(0, text.find("\"7\"")));
    QVERIFY(!cut.error && cut.hasIssue("truncated"));
    QCOMPARE(cut.sink.count("log_entry"), 1U);
}

void TestOtlpJsonLogs::rejectsCanBeReadAgain()
{
    const auto wrap = otlpJsonImporter().descriptor().wrapRecord;
    const ReadOutcome outcome = read(wrap(R"({"timeUnixNano":"5","body":{"stringValue":"a"}})") + "\n"
        + wrap(span("a", "00f067aa0ba902b7")) + "\n");
    QCOMPARE(outcome.sink.count("log_entry"), 1U);
    QCOMPARE(outcome.sink.count("span"), 1U);
}

void TestOtlpJsonLogs::hostile()
{
    const QString problems
        = hostileProblems(otlpJsonImporter(), logs(R"({"timeUnixNano":"5","body":{"stringValue":"a"}})"));
    QVERIFY2(problems.isEmpty(), qPrintable(problems));
}

QTEST_GUILESS_MAIN(TestOtlpJsonLogs)
#include "tst_otlpjsonlogs.moc"
