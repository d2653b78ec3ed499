// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/queuelag/queuelag.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

std::vector<std::string> kafka(const std::string &text)
{
    return readBytes(kafkaGroupsImporter(), text).sink.linesOf("queue_sample");
}
std::vector<std::string> table(const std::string &text)
{
    return readBytes(queueTableImporter(), text).sink.linesOf("queue_sample");
}
bool contains(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

constexpr const char *kHeader
    = "GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID\n";

} // namespace

class TestQueueLag : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsMembersOfAGroup();
    void knowsIdleAndRebalancingGroups();
    void findsColumnsByName();
    void readsTables();
    void sumsWhatWaits();
    void sniffs();
};

void TestQueueLag::countsMembersOfAGroup()
{
    const auto rows = kafka("2026-03-02T10:00:00Z\n"s + kHeader
        + "g t 0 10 15 5 c-1 /10.0.0.1 c\ng t 1 10 15 5 c-1 /10.0.0.1 c\ng u 0 1 1 0 c-2 /10.0.0.2 c\n"
          "g u 1 1 4 3 - - -\nh t 0 - 15 - c-9 /10.0.0.3 c\n");
    QCOMPARE(rows.size(), std::size_t{5});
    QCOMPARE(rows[0],
        "queue_sample 1 queue=\"t\" partition=\"0\" consumer_group=\"g\" ts_ns=1772445600000000000 depth=5 "
        "members=2 assigned=1 position=10 end_position=15"s);
    QVERIFY(contains(rows[3], "members=2 assigned=0"));
    QVERIFY(contains(rows[4], "members=1 assigned=1"));
    QVERIFY(!contains(rows[4], "depth="));
    QVERIFY(!contains(rows[4], " position="));
}

void TestQueueLag::knowsIdleAndRebalancingGroups()
{
    const auto rows = kafka("Consumer group 'g' has no active members.\n\n"s + kHeader
        + "g t 0 10 15 5 - - -\n\nWarning: Consumer group 'h' is rebalancing.\n\n" + kHeader
        + "h t 0 10 15 5 - - -\n");
    QCOMPARE(rows.size(), std::size_t{2});
    QVERIFY(contains(rows[0], "members=0 assigned=0"));
    // While it is rebalancing nobody can say.
    QVERIFY(!contains(rows[1], "members="));
    QVERIFY(!contains(rows[1], "assigned="));
}

void TestQueueLag::findsColumnsByName()
{
    const auto rows
        = kafka("GROUP TOPIC PARTITION LEADER-EPOCH CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST "
                "CLIENT-ID\ng t 7 3 100 250 150 - - -\n");
    QCOMPARE(rows.size(), std::size_t{1});
    QVERIFY(contains(rows[0], "partition=\"7\""));
    QVERIFY(contains(rows[0], "depth=150 "));
    QVERIFY(contains(rows[0], "position=100 end_position=250"));
}

void TestQueueLag::readsTables()
{
    const auto rows = table("ts,group,topic,partition,current_offset,log_end_offset,lag,members,assigned\n"
                            "2026-03-02T10:00:00Z,g,t,0,10,15,,2,true\n");
    QCOMPARE(rows.size(), std::size_t{1});
    QVERIFY2(contains(rows[0], "depth=5 members=2 assigned=1 position=10 end_position=15"), rows[0].c_str());
    const auto metrics
        = table("timestamp\tQueueName\tApproximateNumberOfMessagesVisible\tApproximateAgeOfOldestMessage\n"
                "2026-03-02T10:00:00Z\tmail\t7\t90\n");
    QCOMPARE(metrics.size(), std::size_t{1});
    QVERIFY2(contains(metrics[0], "depth=7 oldest_age_ms=90000"), metrics[0].c_str());
}

void TestQueueLag::sumsWhatWaits()
{
    const auto rows
        = table("ts,queue,waiting,prioritized,paused,active,completed,failed\n"
                "2026-03-02T10:00:00Z,mail,5,3,2,4,100,1\n2026-03-02T10:00:01Z,mail,5%,3,-2,4,100,1\n");
    QCOMPARE(rows.size(), std::size_t{2});
    QVERIFY2(contains(rows[0], "depth=10 completed=100 in_flight=4 failed=1"), rows[0].c_str());
    QVERIFY2(contains(rows[1], "depth=3 "), rows[1].c_str());
}

void TestQueueLag::sniffs()
{
    QCOMPARE(kafkaGroupsImporter().sniff("\n"s + kHeader, "x"), Confidence::Strong);
    QCOMPARE(kafkaGroupsImporter().sniff("GROUP BY topic\n", "x"), Confidence::No);
    QCOMPARE(queueTableImporter().sniff("ts,name,value\n", "queues.csv"), Confidence::No);
    QCOMPARE(queueTableImporter().sniff("ts,queue,depth\n", "x"), Confidence::Strong);
}

QTEST_GUILESS_MAIN(TestQueueLag)
#include "tst_queuelag.moc"
