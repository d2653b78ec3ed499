// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/topology/topology.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

ReadOutcome read(const std::string &text) { return readBytes(topologyImporter(), text); }

/// Rows of the only record kind, without their numbers.
std::vector<std::string> rows(const ReadOutcome &outcome) { return outcome.sink.linesOf("config"); }

} // namespace

class TestTopology : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesSubjects();
    void writesValuesAsText();
    void refusesWhatAKeyDoesNotTake_data();
    void refusesWhatAKeyDoesNotTake();
    void readsOnAfterABadLine();
    void givesUpOnWhatIsNoToml();
    void boundsItsInput();
    void sniffs();
};

void TestTopology::namesSubjects()
{
    const ReadOutcome outcome = read("[service.a]\ninstances=2\n[service.a.pool.p]\nsize=20\n"
                                     "[call.a.b]\ntimeout_ms=500\n[server.z]\nreserved=3\n");
    QCOMPARE(outcome.sink.text(),
        "source kind=config clock=none\n"
        "config 1 subject_kind=\"call\" subject=\"a->b\" parent=\"a\" key=\"timeout_ms\" value=\"500\" "
        "unit=\"ms\"\n"
        "config 2 subject_kind=\"server\" subject=\"z\" key=\"reserved\" value=\"3\"\n"
        "config 3 subject_kind=\"service\" subject=\"a\" key=\"instances\" value=\"2\"\n"
        "config 4 subject_kind=\"pool\" subject=\"p\" parent=\"a\" key=\"size\" value=\"20\""s);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t{4});
    QVERIFY(outcome.report.issues().empty());
}

void TestTopology::writesValuesAsText()
{
    const ReadOutcome outcome = read("[service.a]\ncores=0.5\ninstances=0x10\ntier=[1,\"x\"]\n"
                                     "[call.a.b]\nsync=false\ntimeout_ms=2.5e3\n");
    QCOMPARE(rows(outcome).size(), std::size_t{5});
    const std::string all = outcome.sink.text();
    for (const char *part : {"key=\"cores\" value=\"0.5\" unit=\"cores\"", "key=\"instances\" value=\"16\"",
             "key=\"sync\" value=\"false\"", "key=\"timeout_ms\" value=\"2500.0\" unit=\"ms\""})
        QVERIFY2(all.find(part) != std::string::npos, (part + ("\n" + all)).c_str());
}

void TestTopology::refusesWhatAKeyDoesNotTake_data()
{
    QTest::addColumn<QString>("line");
    for (const char *line : {"instances = \"50%\"", "instances = -1", "instances = 2.5", "cores = \"2,5\"",
             "cores = nan", "cores = inf", "workers = true"})
        QTest::newRow(line) << QString::fromLatin1(line);
}

void TestTopology::refusesWhatAKeyDoesNotTake()
{
    QFETCH(QString, line);
    const ReadOutcome outcome = read("[service.a]\ntier = 1\n" + line.toStdString() + "\n");
    QCOMPARE(rows(outcome).size(), std::size_t{1});
    QCOMPARE(outcome.report.rejects().size(), std::size_t{1});
    QCOMPARE(outcome.report.rejects()[0].kind, "bad-value"s);
    QCOMPARE(outcome.report.rejects()[0].offset, std::uint64_t{21});
    QCOMPARE(outcome.report.rejects()[0].bytes, line.toStdString());
}

void TestTopology::readsOnAfterABadLine()
{
    // The keys of a table whose header is bad must not fall to the table before it.
    const ReadOutcome outcome
        = read("[service.a]\ninstances = 1\noh no\n[service.b\ninstances = 2\n[service.c]\ninstances = 3\n");
    QCOMPARE(rows(outcome).size(), std::size_t{2});
    QVERIFY(outcome.sink.text().find("value=\"2\"") == std::string::npos);
    QCOMPARE(outcome.report.rejects().size(), std::size_t{2});
    QCOMPARE(outcome.report.rejects()[1].bytes, "[service.b\ninstances = 2"s);
    QVERIFY(!outcome.error);
}

void TestTopology::givesUpOnWhatIsNoToml()
{
    std::string text = "[service.a]\ninstances = 1\n";
    for (int i = 0; i < 30; ++i)
        text += "not a line of TOML\n";
    const ReadOutcome outcome = read(text);
    QVERIFY(outcome.error.has_value());
    QVERIFY(outcome.error->where && outcome.error->where->line == std::uint64_t{23});
    QVERIFY(rows(outcome).empty());
}

void TestTopology::boundsItsInput()
{
    QVERIFY(read(std::string(2 * 1024 * 1024, '#')).error.has_value());
    std::string deep = "[service.a]\ninstances = 1\n";
    for (int i = 0; i < 5000; ++i)
        deep += "a.";
    const ReadOutcome outcome
        = read(deep + "b = 1\n[service.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t]\nu = 1\n");
    QVERIFY(!outcome.error);
    QVERIFY(outcome.hasIssue("line-too-long"));
    QVERIFY(outcome.hasIssue("too-deep"));
    QCOMPARE(rows(outcome).size(), std::size_t{1});
}

void TestTopology::sniffs()
{
    const Importer &importer = topologyImporter();
    QCOMPARE(importer.sniff("# ours\n[server.db]\nmax_connections = 200\n", "x"), Confidence::Strong);
    QCOMPARE(importer.sniff("[service.web]\nimage = \"nginx\"\n", "x.toml"), Confidence::No);
    QCOMPARE(importer.sniff("[databases]\nsize = 3\n", "x.toml"), Confidence::No);
}

QTEST_GUILESS_MAIN(TestTopology)
#include "tst_topology.moc"
