// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/gitlog/gitlog.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

bool contains(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

std::vector<std::string> events(const std::string &text)
{
    return readBytes(gitLogImporter(), text).sink.linesOf("event");
}

} // namespace

class TestGitLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void prefersTheTimeOfTheCommit();
    void readsLines_data();
    void readsLines();
    void rejectsWhatHasNoTime();
    void sniffs();
};

void TestGitLog::prefersTheTimeOfTheCommit()
{
    const std::string head = "commit 0123456789abcdef0123456789abcdef01234567 (HEAD -> main, tag: v1)\n"
                             "Author:     Ada B <a@b.c>\nAuthorDate: Sun Mar 1 08:00:00 2026 +0100\n";
    const std::string tail = "\n    Raise the pool\n\n    Because.\n\n";
    const auto authored = events(head + tail);
    QCOMPARE(authored.size(), std::size_t{1});
    QCOMPARE(authored[0],
        "event ts=1772348400000000000 kind=\"deploy\" title=\"Raise the pool\" detail=\"commit "
        "0123456789ab by Ada B (HEAD -> main, tag: v1)\" utc_offset=3600"s);
    const auto committed = events(
        head + "Commit:     C D <c@d.e>\nCommitDate: Mon Mar 2 10:00:00 2026 +0100\n" + tail + head + tail);
    QCOMPARE(committed.size(), std::size_t{2});
    QVERIFY2(contains(committed[0], "ts=1772442000000000000"), committed[0].c_str());
    QVERIFY2(contains(committed[1], "ts=1772348400000000000"), committed[1].c_str());
}

void TestGitLog::readsLines_data()
{
    QTest::addColumn<QString>("line");
    for (const char *line :
        {"0123456|2026-03-02T10:00:00+01:00|Raise | 50%", "0123456\t2026-03-02T10:00:00+01:00\tRaise | 50%",
            "0123456 2026-03-02 10:00:00 +0100 Raise | 50%", "0123456 2026-03-02T10:00:00+01:00 Raise | 50%",
            "0123456;1772442000;Raise | 50%"})
        QTest::newRow(line) << QString::fromLatin1(line);
}

void TestGitLog::readsLines()
{
    QFETCH(QString, line);
    const auto rows = events(line.toStdString() + "\n");
    QCOMPARE(rows.size(), std::size_t{1});
    QVERIFY2(contains(rows[0], "ts=1772442000000000000"), rows[0].c_str());
    QVERIFY2(contains(rows[0], "title=\"Raise | 50%\""), rows[0].c_str());
}

void TestGitLog::rejectsWhatHasNoTime()
{
    const ReadOutcome outcome = readBytes(gitLogImporter(),
        "0123456|2026-03-02T10:00:00Z|one\n0123457 no time at all\ncommit 0123456789abcdef\nAuthor: A "
        "<a@b>\n\n    x\n");
    QCOMPARE(outcome.sink.linesOf("event").size(), std::size_t{1});
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t{2});
}

void TestGitLog::sniffs()
{
    QCOMPARE(gitLogImporter().sniff("commit 0123456789abcdef\nAuthor: A <a@b>\n", "x"), Confidence::Strong);
    QCOMPARE(gitLogImporter().sniff("commit work\n", "x"), Confidence::No);
    QCOMPARE(gitLogImporter().sniff("0123456 Raise the pool\n", "x"), Confidence::No);
}

QTEST_GUILESS_MAIN(TestGitLog)
#include "tst_gitlog.moc"
