// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/patroni/patroni.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

bool contains(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

ReadOutcome read(const std::string &text) { return readBytes(patroniImporter(), text); }

constexpr const char *kTable = "+ Cluster: demo (71) ---+\n| Member | Host | Role | State | TL | Lag in MB "
                               "|\n+---+---+---+---+---+---+\n";

} // namespace

class TestPatroni : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsTables();
    void tellsFailovers();
    void readsTheApi();
    void sniffs();
};

void TestPatroni::readsTables()
{
    const ReadOutcome outcome = read("2026-03-02 10:00:00\n"s + kTable
        + "| a | h0 | Leader | running | 3 | |\n| b | h1 | Sync Standby | streaming | 3 | 2 |\n"
          "| c | h2 | Replica | running | 2 | unknown |\n| d | h3 | Replica | running | 2 | 5% |\n");
    const auto rows = outcome.sink.linesOf("replica_sample");
    QCOMPARE(rows.size(), std::size_t{3});
    QVERIFY2(contains(rows[0],
                 "replica=\"b\" client=\"h1\" state=\"streaming\" sync_state=\"sync\" "
                 "ts_ns=1772445600000000000 timeline=3 unreplayed_bytes=2097152"),
        rows[0].c_str());
    QVERIFY(!contains(rows[1], "unreplayed_bytes"));
    QVERIFY(!contains(rows[2], "unreplayed_bytes"));
    QVERIFY(outcome.hasIssue("bad-value"));
    QVERIFY(contains(outcome.sink.text(), "name=\"demo\""));
}

void TestPatroni::tellsFailovers()
{
    const std::string first = "2026-03-02 10:00:00\n"s + kTable + "| a | h | Leader | running | 3 | |\n";
    const std::string second = "2026-03-02 10:00:30\n"s + kTable + "| b | h | Leader | running | 4 | |\n";
    QCOMPARE(read(first + first).sink.linesOf("event").size(), std::size_t{0});
    const auto events = read(first + second).sink.linesOf("event");
    QCOMPARE(events.size(), std::size_t{1});
    QVERIFY2(contains(events[0], "kind=\"failover\" service=\"demo\" title=\"leader a -> b\""),
        events[0].c_str());
}

void TestPatroni::readsTheApi()
{
    const std::string answer
        = R"({"members":[{"name":"a","role":"leader","api_url":"x","timeline":3},)"
          R"({"name":"b","role":"replica","state":"streaming","timeline":3,"lag":524288},)"
          R"({"name":"c","role":"replica","lag":"unknown"},{"role":"replica"}],"scope":"demo"})";
    const ReadOutcome outcome
        = read("2026-03-02T10:00:00Z\n" + answer + "\n{\"members\":[{\"na\n" + answer + "\n");
    const auto rows = outcome.sink.linesOf("replica_sample");
    QCOMPARE(rows.size(), std::size_t{4});
    QVERIFY2(contains(rows[0], "unreplayed_bytes=524288"), rows[0].c_str());
    QVERIFY(!contains(rows[1], "unreplayed_bytes"));
    QVERIFY(outcome.hasIssue("bad-json"));
    QVERIFY(outcome.hasIssue("no-name"));
}

void TestPatroni::sniffs()
{
    QCOMPARE(patroniImporter().sniff(kTable, "x"), Confidence::Strong);
    QCOMPARE(patroniImporter().sniff(R"({"members":[{"name":"a","role":"x"}]})", "x"), Confidence::No);
}

QTEST_GUILESS_MAIN(TestPatroni)
#include "tst_patroni.moc"
