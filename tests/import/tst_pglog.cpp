// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Logs of a PostgreSQL 15 in its four forms (tests/golden/postgresql-*: one run, written by the server itself
// as stderr, csvlog and jsonlog; the syslog file is the first cut into pieces as the server does) and hostile
// ones.
#include "explainrows.h"
#include "import/pglog/pglog.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;

namespace {

const QString kGolden = QStringLiteral(TS_SOURCE_DIR "/tests/golden/");

std::string golden(const char *name) { return fileBytes(kGolden + QLatin1String(name)); }

/// Plans with all figures of their nodes as text; the form's own extras are left out.
std::string treesOf(const Importer &importer, const std::string &bytes, bool figures)
{
    const PlanOutcome outcome = readPlans(importer, bytes);
    std::string text;
    for (const PlanRows &plan : outcome.plans()) {
        text += "plan " + std::string(plan.plan.format) + ' ' + std::string(plan.plan.queryText) + '\n';
        if (figures)
            text += std::to_string(plan.plan.durationMs) + ' ' + std::to_string(plan.plan.executionMs) + ' '
                + std::to_string(plan.plan.capturedAtNs / 1'000'000'000) + '\n';
        for (const PlanNodeRow &node : plan.nodes) {
            text += std::to_string(node.parent) + ' ' + std::string(node.nodeType) + ' '
                + std::string(node.relation) + ' ' + std::string(node.indexName) + ' '
                + std::string(node.condition) + ' ' + std::string(node.filter);
            if (figures)
                text += ' ' + std::to_string(node.totalMs.value_or(-1)) + ' '
                    + std::to_string(node.actualRows.value_or(-1)) + ' '
                    + std::to_string(node.sharedHit.value_or(-1)) + ' '
                    + std::to_string(node.planRows.value_or(-1));
            text += '\n';
        }
    }
    return text;
}

/// Rows of a table without what only some forms tell: client, backend type, code, host, query id.
std::vector<std::string> common(const ReadOutcome &outcome, std::string_view table)
{
    std::vector<std::string> lines = outcome.sink.linesOf(table);
    for (std::string &line : lines) {
        for (const char *field : {" client=", " logger=", " sqlstate=", " instance=", " query_id="}) {
            const std::size_t at = line.find(field);
            if (at == std::string::npos)
                continue;
            const std::size_t value = at + std::string_view(field).size();
            const std::size_t end = line[value] == '"' ? line.find('"', value + 1) + 1
                                                       : std::min(line.find(' ', value), line.size());
            line.erase(at, end - at);
        }
    }
    return lines;
}

/// The values of one field of the log's rows: "kind" gives {"error", ...}.
std::vector<std::string> valuesOf(const ReadOutcome &outcome, const std::string &field)
{
    std::vector<std::string> values;
    for (const std::string &line : outcome.sink.linesOf("log_entry")) {
        const std::size_t at = line.find(' ' + field + "=\"");
        if (at == std::string::npos) {
            values.emplace_back("-");
            continue;
        }
        const std::size_t begin = at + field.size() + 3;
        values.push_back(line.substr(begin, line.find('"', begin) - begin));
    }
    return values;
}

ReadOutcome readLog(const std::string &text) { return readBytes(postgresLogImporter(), text); }

std::string line(int second, int pid, const std::string &text)
{
    char head[64];
    std::snprintf(head, sizeof head, "2026-11-22 04:11:%02d.000 UTC [%d] ", second, pid);
    return head + text + "\n";
}

using Values = std::vector<std::string>;

} // namespace

class TestPgLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void formsGiveOnePlan();
    void formsGiveOneLog();
    void secondPrefixGivesTheSameTrees();
    void readsTheCorpus();
    void leavesOnePlanToItsReader();
    void tellsThePrefix();
    void followsAPrefixThatChanges();
    void groupsInterleavedProcesses();
    void readsDeadlocks();
    void readsWaitsAndFigures();
    void joinsDurationsToStatements();
    void makesEvents();
    void countsBrokenLines();
    void survivesACutPlan();
    void rejectsBrokenCsv();
    void rejectsBrokenJson();
    void keepsLongTexts();
    void readsOtherLanguages();
    void keepsTimeRunningBackwards();
    void readsSyslogWithoutYear();
};

void TestPgLog::formsGiveOnePlan()
{
    const std::string stderrTrees
        = treesOf(postgresLogImporter(), golden("postgresql-log/stderr/input.log"), true);
    QVERIFY(
        stderrTrees.find("plan text select c.name, sum(o.total)\n  from orders o\n") != std::string::npos);
    for (const char *form : {"plan json ", "plan xml ", "plan yaml "})
        QVERIFY2(stderrTrees.find(form + std::string("prepare p(int, text)")) != std::string::npos, form);
    QCOMPARE(treesOf(postgresCsvLogImporter(), golden("postgresql-csvlog/own/input.csv"), true), stderrTrees);
    QCOMPARE(treesOf(postgresJsonLogImporter(), golden("postgresql-jsonlog/own/input.json"), true),
        stderrTrees);
    QCOMPARE(treesOf(postgresSyslogImporter(), golden("postgresql-syslog/own/input.log"), true), stderrTrees);
}

void TestPgLog::formsGiveOneLog()
{
    const ReadOutcome text = readLog(golden("postgresql-log/stderr/input.log"));
    const ReadOutcome csv = readBytes(postgresCsvLogImporter(), golden("postgresql-csvlog/own/input.csv"));
    const ReadOutcome json
        = readBytes(postgresJsonLogImporter(), golden("postgresql-jsonlog/own/input.json"));
    const ReadOutcome syslog = readBytes(postgresSyslogImporter(), golden("postgresql-syslog/own/input.log"));
    for (const ReadOutcome *outcome : {&text, &csv, &json, &syslog}) {
        QVERIFY(!outcome->error);
        QCOMPARE(outcome->report.rowsSkipped(), std::int64_t(0));
        QCOMPARE(outcome->report.rowsRead(), std::int64_t(95));
        for (const char *table : {"deadlock_member", "lock_edge", "point"}) {
            QVERIFY2(!common(*outcome, table).empty(), table);
            QVERIFY2(common(*outcome, table) == common(text, table), table);
        }
        // The last ones come when the prefix has lost its milliseconds.
        QCOMPARE(outcome->sink.count("event"), text.sink.count("event"));
        QCOMPARE(valuesOf(*outcome, "kind"), valuesOf(text, "kind"));
        QCOMPARE(valuesOf(*outcome, "severity"), valuesOf(text, "severity"));
    }
    QVERIFY(common(csv, "log_entry") == common(json, "log_entry"));
    const Values kinds = valuesOf(text, "kind");
    for (const char *kind : {"slow_statement", "statement", "plan", "lock_wait", "deadlock", "checkpoint",
             "autovacuum", "temp_file", "error", "connection", "other"})
        QVERIFY2(std::find(kinds.begin(), kinds.end(), kind) != kinds.end(), kind);
    const Values codes = valuesOf(csv, "sqlstate");
    for (const char *code : {"42P01", "23505", "22012", "40P01"})
        QVERIFY2(std::find(codes.begin(), codes.end(), code) != codes.end(), code);
}

void TestPgLog::secondPrefixGivesTheSameTrees()
{
    // The same statements once more: other times, and one row more of a table, but the same nodes.
    const std::string first
        = treesOf(postgresLogImporter(), golden("postgresql-log/stderr/input.log"), false);
    const std::string second
        = treesOf(postgresLogImporter(), golden("postgresql-log/second-prefix/input.log"), false);
    QVERIFY(!first.empty());
    QCOMPARE(second, first);
}

void TestPgLog::readsTheCorpus()
{
    const std::string bytes = fileBytes(QStringLiteral(TS_SHARED_DIR "/corpus/plans/log/own15/syslog.log"));
    if (bytes.empty())
        QSKIP("the corpus is not beside the checkout");
    QVERIFY(sniffImporter(std::string_view(bytes).substr(0, kSniffBytes), "x") == &postgresSyslogImporter());
    const PlanOutcome outcome = readPlans(postgresSyslogImporter(), bytes);
    QCOMPARE(outcome.plans().size(), std::size_t(32));
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(0));
    for (const PlanRows &plan : outcome.plans()) {
        QVERIFY(!plan.plan.queryText.empty());
        QVERIFY(plan.plan.durationMs > 0);
        QVERIFY(plan.plan.capturedAtNs != kUnknownNanos);
    }
    // Eight statements in four forms: the nodes are the same.
    for (std::size_t i = 0; i < 8; ++i) {
        for (std::size_t form = 1; form < 4; ++form) {
            const auto &one = outcome.plans()[i].nodes, &other = outcome.plans()[form * 8 + i].nodes;
            QCOMPARE(other.size(), one.size());
            for (std::size_t n = 0; n < one.size(); ++n) {
                QCOMPARE(std::string(other[n].nodeType), std::string(one[n].nodeType));
                QCOMPARE(std::string(other[n].relation), std::string(one[n].relation));
                QCOMPARE(other[n].parent, one[n].parent);
            }
        }
    }
}

void TestPgLog::leavesOnePlanToItsReader()
{
    const std::string plan = line(1, 5, "LOG:  duration: 10.2 ms  plan:") + "\tQuery Text: select 1;\n"
        + "\tResult  (cost=0.00..0.01 rows=1 width=4) (actual time=0.001..0.001 rows=1 loops=1)\n";
    QVERIFY(sniffImporter(plan, "x") == &explainTextImporter());
    QVERIFY(sniffImporter(plan + line(2, 5, "LOG:  duration: 1 ms"), "x") == &postgresLogImporter());
    // Prose, other logs and other forms are nobody's here.
    for (const std::string &text : {std::string("NOTE:  this is a letter\nWARNING:  really\n"),
             std::string("2026-11-22 04:11:05,123 ERROR: x\n2026-11-22 04:11:06,123 ERROR: y\n"),
             std::string("ts,metric,value\n2026-11-22 04:11:05,cpu,1\n"),
             std::string("{\"timestamp\":\"2026-11-22 04:11:05\",\"level\":\"error\"}\n")}) {
        for (const Importer *importer : {&postgresLogImporter(), &postgresSyslogImporter(),
                 &postgresCsvLogImporter(), &postgresJsonLogImporter()})
            QVERIFY2(importer->sniff(text, "x") == Confidence::No, text.c_str());
    }
}

void TestPgLog::tellsThePrefix()
{
    const ReadOutcome outcome
        = readLog("2026-11-22 04:11:04 UTC:10.0.0.1(5432):app@shop:[77]:LOG:  duration: 1.5 ms\n"
                  "2026-11-22 04:11:05 UTC::@:[12]:LOG:  checkpoint starting: time\n");
    const auto issues = outcome.report.issues();
    QVERIFY(std::any_of(issues.begin(), issues.end(), [](const ImportReport::Issue &issue) {
        return issue.kind == "line-prefix" && issue.example.find("'%t:%r:%u@%d:[%p]:'") != std::string::npos;
    }));
    QVERIFY(outcome.sink.linesOf("log_entry")[0].find("user=\"app\" db=\"shop\"") != std::string::npos);
    QVERIFY(outcome.sink.linesOf("log_entry")[0].find("client=\"10.0.0.1\"") != std::string::npos);
}

void TestPgLog::followsAPrefixThatChanges()
{
    std::string text;
    for (int i = 0; i < 20; ++i)
        text += line(i, 7, "LOG:  duration: 1.5 ms  statement: select 1");
    for (int i = 20; i < 40; ++i)
        text += "2026-11-22 04:11:" + std::to_string(i) + " UTC [8]: [" + std::to_string(i)
            + "-1] user=app,db=shop,app=web,client=10.0.0.9 LOG:  duration: 1.5 ms  statement: select 2\n";
    const ReadOutcome outcome = readLog(text);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t(40));
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(0));
    QVERIFY(outcome.sink.linesOf("log_entry")[39].find("pid=8 user=\"app\" db=\"shop\" application=\"web\"")
        != std::string::npos);
    // A file that has another prefix on each line costs no more than its lines.
    std::string hostile;
    for (int i = 0; i < 20'000; ++i)
        hostile += std::string(static_cast<std::size_t>(i) % 300, '#') + std::to_string(i) + " LOG:  x\n";
    const ReadOutcome many = readLog(hostile);
    QVERIFY(!many.error);
    QCOMPARE(many.report.rowsRead() + many.report.rowsSkipped(), std::int64_t(20'000));
}

void TestPgLog::groupsInterleavedProcesses()
{
    const ReadOutcome outcome = readLog(line(1, 7, "ERROR:  relation \"a\" does not exist")
        + line(1, 8, "ERROR:  relation \"b\" does not exist") + line(1, 7, "STATEMENT:  select *")
        + "\t  from a\n" + line(1, 8, "HINT:  look at b") + line(1, 7, "DETAIL:  of a")
        + line(2, 9, "LOG:  x") + line(2, 8, "STATEMENT:  select * from b"));
    const std::vector<std::string> rows = outcome.sink.linesOf("log_entry");
    QCOMPARE(rows.size(), std::size_t(3));
    QVERIFY(rows[0].find("detail=\"of a\"") != std::string::npos);
    QVERIFY(rows[0].find("statement=\"select *\\n  from a\"") != std::string::npos);
    QVERIFY(rows[1].find("hint=\"look at b\"") != std::string::npos);
    QVERIFY(rows[1].find("statement=\"select * from b\"") != std::string::npos);
    QVERIFY(rows[2].find("statement=") == std::string::npos);
    // A line of a process that is gone from the window is counted, not given to another one.
    std::string late = line(1, 7, "ERROR:  a");
    for (int i = 0; i < 100; ++i)
        late += line(2, 100 + i, "LOG:  x");
    const ReadOutcome gone = readLog(late + line(3, 7, "DETAIL:  too late"));
    QVERIFY(gone.hasIssue("orphan-line"));
    QCOMPARE(gone.report.rejects().at(0).offset, std::uint64_t(late.size()));
}

void TestPgLog::readsDeadlocks()
{
    const std::string text = line(5, 7, "ERROR:  Verklemmung (Deadlock) entdeckt")
        + line(5, 7,
            "DETAIL:  Prozess 7 wartet auf ShareLock-Sperre auf Transaktion 752; blockiert von Prozess 8.")
        + "\tProzess 8 wartet auf ExclusiveLock-Sperre auf Tupel (0,1) von Relation 16385 der Datenbank 5; "
          "blockiert von Prozess 9.\n"
        + "\tProzess 9 wartet auf ShareRowExclusiveLock-Sperre auf x; blockiert von Prozess 7.\n"
        + "\tProzess 7: update a\n\t  set b = 'Process 8: x'\n\tProzess 8: delete from a\n\tProzess 9: lock "
          "a\n"
        + line(5, 7, "CONTEXT:  while updating tuple (0,3) in relation \"orders\"")
        + line(5, 7, "STATEMENT:  update a") + line(6, 7, "ERROR:  deadlock detected")
        + line(6, 7, "DETAIL:  Process 7 waits for ShareLock on transaction 1; blocked by process 8.")
        + "\tProcess 8 waits for AccessExclusiveLock on relation 16385 of database 5; blocked by process "
          "7.\n";
    const ReadOutcome outcome = readLog(text);
    QCOMPARE(valuesOf(outcome, "kind"), (Values{"deadlock", "deadlock"}));
    const std::vector<std::string> members = outcome.sink.linesOf("deadlock_member");
    QCOMPARE(members.size(), std::size_t(5));
    const auto has = [&](std::size_t i, const char *part) {
        QVERIFY2(members[i].find(part) != std::string::npos, (members[i] + " lacks " + part).c_str());
    };
    has(0, "deadlock=1 position=0 pid=7 waits_for_pid=8 mode=\"ShareLock\"");
    has(0, "relation=\"orders\"");
    has(0, "query_text=\"update a\\n  set b = 'Process 8: x'\"");
    has(1, "position=1 pid=8 waits_for_pid=9 mode=\"ExclusiveLock\"");
    has(1, "query_text=\"delete from a\"");
    has(2, "waits_for_pid=7 mode=\"ShareRowExclusiveLock\"");
    has(3, "deadlock=2 position=0 pid=7 waits_for_pid=8");
    has(3, "lock_type=\"transactionid\"");
    has(4, "waits_for=\"relation 16385 of database 5\"");
    has(4, "lock_type=\"relation\" relation=\"16385\"");
    QCOMPARE(outcome.sink.count("lock_edge"), std::size_t(5));
}

void TestPgLog::readsWaitsAndFigures()
{
    const ReadOutcome outcome = readLog(
        line(1, 7, "LOG:  process 7 still waiting for ShareLock on transaction 5 after 1000.250 ms")
        + line(1, 7, "DETAIL:  Processes holding the lock: 8, 9. Wait queue: 7, 10.")
        + line(3, 7, "LOG:  process 7 acquired ShareLock on transaction 5 after 3000.5 ms")
        + line(4, 12, "LOG:  checkpoint starting: time")
        + line(9, 12,
            "LOG:  checkpoint complete: wrote 1035 buffers (6.3%); 1 WAL file(s) added, 2 removed, 3 "
            "recycled; "
            "write=4.500 s, sync=0.250 s, total=5.000 s; sync files=11, longest=0.125 s, average=0.010 s; "
            "distance=5349 kB, estimate=6000 kB")
        + line(10, 12, "LOG:  checkpoints are occurring too frequently (3 seconds apart)")
        + line(11, 13, "LOG:  temporary file: path \"base/pgsql_tmp/pgsql_tmp13.0\", size 548864"));
    QCOMPARE(valuesOf(outcome, "kind"),
        (Values{"lock_wait", "lock_wait", "checkpoint", "checkpoint", "other", "temp_file"}));
    const std::vector<std::string> edges = outcome.sink.linesOf("lock_edge");
    QCOMPARE(edges.size(), std::size_t(4));
    QVERIFY(edges[1].find("blocked_pid=7 blocker_pid=9") != std::string::npos);
    QVERIFY(edges[1].find("waited_ms=1000.25") != std::string::npos);
    // Who held the lock is known from the record before.
    QVERIFY(edges[2].find("blocked_pid=7 blocker_pid=8") != std::string::npos);
    QVERIFY(edges[2].find("waited_ms=3000.5") != std::string::npos);
    const std::string checkpoint = outcome.sink.linesOf("log_entry")[3];
    for (const char *figure : {"\"buffers_written\":integer 1035", "\"wal_added\":integer 1",
             "\"wal_removed\":integer 2", "\"wal_recycled\":integer 3", "\"write_time\":integer 4500",
             "\"sync_time\":integer 250", "\"total_time\":integer 5000", "\"sync_files\":integer 11",
             "\"longest_sync\":integer 125", "\"distance\":integer 5477376", "duration_ms=5000"})
        QVERIFY2(checkpoint.find(figure) != std::string::npos, figure);
    const std::vector<std::string> events = outcome.sink.linesOf("event");
    QCOMPARE(events.size(), std::size_t(1));
    QVERIFY(events[0].find("ts=1795320664000000000 end=1795320669000000000 kind=\"checkpoint\"")
        != std::string::npos);
    QVERIFY(events[0].find("title=\"Checkpoint (time)\"") != std::string::npos);
    QVERIFY(outcome.sink.linesOf("log_entry")[5].find("\"bytes\":integer 548864") != std::string::npos);
}

void TestPgLog::joinsDurationsToStatements()
{
    const ReadOutcome outcome = readLog(line(1, 7, "LOG:  statement: select 'a'")
        + line(1, 8, "LOG:  execute <unnamed>: select 'b'")
        + line(1, 8, "DETAIL:  parameters: $1 = '5', $2 = NULL") + line(2, 8, "LOG:  duration: 2.5 ms")
        + line(2, 7, "LOG:  duration: 1.5 ms") + line(3, 9, "LOG:  duration: 9 ms")
        + line(3, 9, "LOG:  duration: 0.5 ms  bind s1: select $1")
        + line(3, 9, "DETAIL:  Parameters: $1 = 'x'"));
    QCOMPARE(valuesOf(outcome, "kind"),
        (Values{"statement", "statement", "slow_statement", "slow_statement", "slow_statement",
            "statement"}));
    QCOMPARE(valuesOf(outcome, "statement"),
        (Values{"select 'a'", "select 'b'", "select 'b'", "select 'a'", "-", "select $1"}));
    QVERIFY(outcome.sink.linesOf("log_entry")[1].find("$1 = '5', $2 = NULL") != std::string::npos);
    QVERIFY(outcome.sink.linesOf("log_entry")[5].find("\"prepared\":text \"s1\"") != std::string::npos);
}

void TestPgLog::makesEvents()
{
    const ReadOutcome outcome = readLog(line(1, 1, "LOG:  starting PostgreSQL 15.18 (Debian) on x86_64")
        + line(2, 1, "LOG:  server process (PID 99) was terminated by signal 9: Killed")
        + line(2, 1, "DETAIL:  Failed process was running: select 1")
        + line(3, 1, "LOG:  received promote request")
        + line(4, 1, "LOG:  parameter \"work_mem\" changed to \"64MB\"")
        + line(5, 1, "PANIC:  could not write to file")
        + line(6, 1, "LOG:  disconnection: session time: 1:02:03.500 user=a database=b host=c"));
    const ReadOutcome secret = readLog(line(1, 1,
        "LOG:  parameter \"primary_conninfo\" changed to \"host=a password=geheim user=b password='x y'\""));
    QVERIFY(
        secret.text().find("geheim") == std::string::npos && secret.text().find("x y") == std::string::npos);
    QVERIFY(secret.text().find("password=*** user=b") != std::string::npos);
    QVERIFY(outcome.sink.linesOf("server")[0].find("server_version=\"15.18\"") != std::string::npos);
    std::vector<std::string> events = outcome.sink.linesOf("event");
    QCOMPARE(events.size(), std::size_t(4));
    for (std::size_t i = 0; i < 4; ++i) {
        const std::array<const char *, 4> kinds{"kind=\"alert\"", "kind=\"failover\"", "kind=\"config\"",
            "kind=\"alert\""};
        QVERIFY2(events[i].find(kinds[i]) != std::string::npos, events[i].c_str());
    }
    QVERIFY(outcome.sink.linesOf("log_entry").back().find("duration_ms=3723500") != std::string::npos);
}

void TestPgLog::countsBrokenLines()
{
    const std::string start = "\tgoes on with nothing\n";
    const std::string head = line(1, 7, "LOG:  a") + "\tb\n";
    const ReadOutcome outcome = readLog(start + head + "junk of a script\n" + line(2, 7, "LOG:  c") + "\t"
        + std::string("x\0y\xFFz", 5) + "\n");
    QCOMPARE(outcome.report.rowsRead(), std::int64_t(2));
    QCOMPARE(outcome.report.rejects().size(), std::size_t(2));
    QCOMPARE(outcome.report.rejects()[0].kind, std::string("orphan-line"));
    QCOMPARE(outcome.report.rejects()[0].offset, std::uint64_t(0));
    QCOMPARE(outcome.report.rejects()[1].kind, std::string("no-log-line"));
    QCOMPARE(outcome.report.rejects()[1].offset, std::uint64_t(start.size() + head.size()));
    QVERIFY(outcome.hasIssue("bad-utf8"));
    QCOMPARE(valuesOf(outcome, "message"), (Values{"a\\nb", "c\\nx\u2400y\uFFFDz"}));
    // Without tabs, as some services store it, further lines have no mark of their own.
    const ReadOutcome bare
        = readLog(line(1, 7, "LOG:  duration: 1 ms  statement: select 1") + "from t\n\nwhere x\n");
    QCOMPARE(valuesOf(bare, "statement"), (Values{"select 1\\nfrom t\\n\\nwhere x"}));
}

void TestPgLog::survivesACutPlan()
{
    const std::string whole = golden("postgresql-log/stderr/input.log");
    // In the middle of each plan: the record stays, what is there of the plan too.
    for (const char *mark : {"\t                    Hash Cond:", "\"Node Type\": \"Hash\"",
             "<Node-Type>Hash<", "Node Type: \"Hash\""}) {
        const std::size_t at = whole.find(mark);
        QVERIFY2(at != std::string::npos, mark);
        const std::size_t next = whole.find("\n2026-", at) + 1;
        const ReadOutcome outcome = readLog(whole.substr(0, at + 12) + "\n" + whole.substr(next));
        QVERIFY(!outcome.error);
        QCOMPARE(outcome.sink.count("log_entry"), std::size_t(95));
        QVERIFY2(outcome.report.rowsSkipped() > 0 || outcome.hasIssue("truncated")
                || outcome.hasIssue("xml-syntax") || outcome.sink.count("plan") == 12,
            mark);
    }
    // No plan at all where one is announced.
    const ReadOutcome none
        = readLog(line(1, 7, "LOG:  duration: 1 ms  plan:") + "\tnothing\n" + line(2, 7, "LOG:  x"));
    QVERIFY(none.hasIssue("bad-plan"));
    QCOMPARE(valuesOf(none, "kind"), (Values{"plan", "other"}));
}

void TestPgLog::rejectsBrokenCsv()
{
    const std::string good = golden("postgresql-csvlog/own/input.csv");
    const std::size_t third = good.find('\n', good.find('\n') + 1) + 1;
    // A quote too many in the third record: it is lost, and only it.
    std::string broken = good;
    broken.insert(broken.find(",\"", third) + 1, "\"");
    const ReadOutcome outcome = readBytes(postgresCsvLogImporter(), broken);
    QVERIFY(outcome.hasIssue("bad-csv"));
    QCOMPARE(outcome.report.rejects()[0].offset, std::uint64_t(third));
    QVERIFY(outcome.report.rowsRead() >= 93);
    QCOMPARE(outcome.sink.count("plan"), std::size_t(12));
    // A quote that is never closed at the end of the file.
    const ReadOutcome cut
        = readBytes(postgresCsvLogImporter(), good.substr(0, good.rfind("\"LOG\"") - 1) + "\"");
    QVERIFY(cut.report.rowsSkipped() > 0 || cut.hasIssue("bad-csv"));
    const ReadOutcome few = readBytes(postgresCsvLogImporter(), "2026-11-22 04:11:04.973 UTC,a,b,12,\n");
    QVERIFY(few.hasIssue("bad-csv"));
}

void TestPgLog::rejectsBrokenJson()
{
    std::string text = golden("postgresql-jsonlog/own/input.json");
    const std::size_t second = text.find('\n') + 1;
    text[second] = '[';
    const std::size_t third = text.find('\n', second) + 1;
    text.insert(third, "{\"timestamp\":\"never\",\"error_severity\":\"LOG\"}\n\n");
    const ReadOutcome outcome = readBytes(postgresJsonLogImporter(), text);
    QCOMPARE(outcome.report.rowsRead(), std::int64_t(94));
    QCOMPARE(outcome.report.rejects().size(), std::size_t(2));
    QCOMPARE(outcome.report.rejects()[0].offset, std::uint64_t(second));
    QCOMPARE(outcome.report.rejects()[1].kind, std::string("no-log-record"));
}

void TestPgLog::keepsLongTexts()
{
    // 10 MB of one statement over many lines, then a line of 20 MB.
    std::string text = line(1, 7, "LOG:  duration: 1 ms  statement: select");
    for (int i = 0; i < 100'000; ++i)
        text += "\t" + std::string(99, 'x') + "\n";
    text += line(2, 7, "LOG:  duration: 1 ms  statement: select " + std::string(20'000'000, 'y'))
        + line(3, 7, "LOG:  z");
    const ReadOutcome outcome = readLog(text);
    const std::vector<std::string> rows = outcome.sink.linesOf("log_entry");
    QCOMPARE(rows.size(), std::size_t(3));
    QVERIFY(rows[0].size() > 20'000'000); // message and statement
    QVERIFY(rows[1].size() < 10'000);
    QVERIFY(outcome.hasIssue("record-cut"));
    QCOMPARE(outcome.report.rowsSkipped(), std::int64_t(0));
}

void TestPgLog::readsOtherLanguages()
{
    const ReadOutcome outcome = readLog(line(1, 7, "FEHLER:  Relation »a« existiert nicht")
        + line(1, 7, "TIPP:  so") + line(1, 7, "ANWEISUNG:  select * from a")
        + line(2, 7, "СООБЩЕНИЕ:  продолжительность: 5.5 мс, оператор: select 1")
        + line(3, 7, "LOG:  期間: 7.5 ミリ秒  文: select 2") + line(4, 7, "错误:  关系不存在")
        + line(4, 7, "语句:  select 3") + line(5, 7, "ERREUR:  division par zéro")
        + line(5, 7, "INSTRUCTION :  select 1/0"));
    QCOMPARE(valuesOf(outcome, "kind"),
        (Values{"error", "slow_statement", "slow_statement", "error", "error"}));
    QCOMPARE(valuesOf(outcome, "severity"), (Values{"ERROR", "LOG", "LOG", "ERROR", "ERROR"}));
    QCOMPARE(valuesOf(outcome, "statement"),
        (Values{"select * from a", "select 1", "select 2", "select 3", "select 1/0"}));
}

void TestPgLog::keepsTimeRunningBackwards()
{
    const ReadOutcome outcome
        = readLog(line(30, 7, "LOG:  a") + line(10, 7, "LOG:  b") + line(40, 7, "LOG:  c"));
    QCOMPARE(valuesOf(outcome, "message"), (Values{"a", "b", "c"}));
    QVERIFY(outcome.sink.linesOf("log_entry")[1].find("ts=1795320670000000000") != std::string::npos);
}

void TestPgLog::readsSyslogWithoutYear()
{
    const std::string text
        = "Dec 31 23:59:59 db1 postgres[7]: [1-1] app@shop LOG:  duration: 1 ms  statement: select a,\n"
          "Jan  1 00:00:01 db1 sshd[9]: hello\n"
          "Jan  1 00:00:01 db1 postgres[8]: [1-1] app@shop ERROR:  x\n"
          "Dec 31 23:59:59 db1 postgres[7]: [1-2]  b\n"
          "Jan  1 00:00:01 db1 postgres[8]: [1-2] app@shop STATEMENT:  y\n"
          "Dec 31 23:59:59 db1 postgres[7]: [1-3] #011from t\n";
    const ReadOutcome outcome = readBytes(postgresSyslogImporter(), text);
    QCOMPARE(valuesOf(outcome, "statement"), (Values{"select a, b\\nfrom t", "y"}));
    QVERIFY(outcome.hasIssue("no-year"));
    QVERIFY(outcome.hasIssue("other-program"));
    const std::vector<std::string> rows = outcome.sink.linesOf("log_entry");
    QVERIFY(rows[1].find("pid=8 user=\"app\" db=\"shop\"") != std::string::npos);
    // Two seconds later, in the next year.
    QVERIFY(rows[0].find("ts=978307199000000000") != std::string::npos);
    QVERIFY(rows[1].find("ts=978307201000000000") != std::string::npos);
    QVERIFY(outcome.sink.linesOf("source").back().find("clock=relative") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestPgLog)
#include "tst_pglog.moc"
