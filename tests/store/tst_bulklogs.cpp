// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storetest.h"

using namespace storetest;

class TestBulkLogs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void linesAndTheirAttributes();
    void recordsByColumnNames();
    void recordsAreRemovedWithTheirSource();
    void statementsAreMetOnce();
};

void TestBulkLogs::linesAndTheirAttributes()
{
    auto workspace = Workspace::temporary();
    TS_VERIFY_OK(workspace);
    auto made = BulkWriter::create(**workspace, {"a", "test", {}}, {});
    TS_VERIFY_OK(made);
    const auto sink = std::move(*made);
    const auto rows = [&](std::string_view sql) { return rowsOf(**workspace, sql); };
    const Attribute host{"host.name", AttributeType::Text, "h1", 0, 0};
    const Attribute code{"code", AttributeType::Integer, {}, 7, 0};
    LogRow row;
    row.tsNs = 5;
    row.service = "shop";
    row.instance = "i1";
    row.logger = "net";
    row.severity = "WARN";
    row.kind = "other";
    row.message = "slow";
    row.statement = "SELECT * FROM t WHERE a = 1";
    row.queryId = -4;
    row.traceKey = "0123456789ABCDEF0123456789abcdef";
    row.spanKey = {SpanKey::Kind::Hex64, 0xFFFFFFFFFFFFFFF1ULL, {}};
    row.resource = sink->attributeSet({&host, 1});
    row.attributes = {&code, 1};
    sink->logEntry(row);
    sink->logEntry({}); // what a line does not say is unknown
    TS_VERIFY_OK(sink->finish({}));
    QCOMPARE(rows("SELECT id, ts_ns, service, instance, logger, severity, kind, message, query_id, trace_key,"
                  " span_key, pid, duration_ms FROM log_entry ORDER BY id"),
        "1|5|shop|i1|net|WARN|other|slow|-4|0123456789abcdef0123456789abcdef|fffffffffffffff1|NULL|NULL\n"
        "2|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL");
    QCOMPARE(rows("SELECT log_id, scope, key, value FROM log_attribute ORDER BY scope"),
        "1|log|code|7\n1|resource|host.name|h1");
    QCOMPARE(rows("SELECT s.text FROM log_entry l JOIN statement s ON s.id = l.statement_id"),
        "SELECT * FROM t WHERE a = 1");
    // A trace key of a log compares with that of a trace.
    QCOMPARE(rows("SELECT hex(trace_key) FROM log_entry_raw WHERE id = 1"),
        "0123456789ABCDEF0123456789ABCDEF");
}

void TestBulkLogs::recordsByColumnNames()
{
    auto workspace = Workspace::temporary();
    TS_VERIFY_OK(workspace);
    auto made = BulkWriter::create(**workspace, {"a", "test", {}}, {});
    TS_VERIFY_OK(made);
    const auto sink = std::move(*made);
    using Text = std::string_view;
    const RecordField server[]{{"kind", Text("postgresql")}, {"name", Text("db1")},
        {"port", std::int64_t{5432}}};
    const RecordRef db = sink->record({RecordTable::Server, {}, {}, {}, {}, server});
    const RecordField sample[]{{"statement_id", Text("select  1")}, {"db", Text("app")}, {"user", Text("u")},
        {"calls", std::int64_t{3}}, {"mean_ms", 1.5}, {"max_ms", {}}};
    sink->record({RecordTable::StatementSample, db, {}, {}, {}, sample});
    LogRow line;
    line.kind = "deadlock";
    line.pattern = "deadlock detected";
    line.server = db;
    const LogRef log = sink->logEntry(line);
    const RecordField member[]{{"deadlock", std::int64_t{1}}, {"mode", Text("ShareLock")}};
    sink->record({RecordTable::DeadlockMember, db, {}, {}, log, member});
    TS_VERIFY_OK(sink->finish({}));
    const auto rows = [&](std::string_view sql) { return rowsOf(**workspace, sql); };
    QCOMPARE(rows("SELECT v.kind, v.name, v.port, v.host, x.db, x.user, x.calls, x.mean_ms, x.max_ms, s.text"
                  " FROM statement_sample x JOIN server v ON v.id = x.server_id"
                  " JOIN statement s ON s.id = x.statement_id"),
        "postgresql|db1|5432|NULL|app|u|3|1.5|NULL|select  1");
    QCOMPARE(
        rows("SELECT l.pattern, l.server_id = v.id, m.mode, m.deadlock, m.lock_type FROM deadlock_member m"
             " JOIN log_entry l ON l.id = m.log_id JOIN server v ON v.id = m.server_id"),
        "deadlock detected|1|ShareLock|1|NULL");
    QCOMPARE(rows("SELECT sum(n) FROM generation WHERE table_family IN ('statement', 'catalog', 'log')"),
        "3");
}

void TestBulkLogs::recordsAreRemovedWithTheirSource()
{
    auto workspace = Workspace::temporary();
    TS_VERIFY_OK(workspace);
    for (const char *name : {"a", "b"}) {
        auto made = BulkWriter::create(**workspace, {name, "test", {}}, {});
        TS_VERIFY_OK(made);
        const RecordField setting[]{{"name", std::string_view("work_mem")},
            {"setting", std::string_view(name)}};
        for (int i = 0; i < 3; ++i)
            (*made)->record({RecordTable::Setting, {}, {}, {}, {}, setting});
        TS_VERIFY_OK((*made)->finish({}));
    }
    TS_VERIFY_OK((*workspace)->removeSource(1, {}));
    QCOMPARE(rowsOf(**workspace, "SELECT setting, count(*) FROM setting_raw GROUP BY 1"), "b|3");
}

void TestBulkLogs::statementsAreMetOnce()
{
    auto workspace = Workspace::temporary();
    TS_VERIFY_OK(workspace);
    auto made = BulkWriter::create(**workspace, {"a", "test", {}}, {});
    TS_VERIFY_OK(made);
    for (int i = 0; i < 10'000; ++i) { // several batches
        const std::string sql = i % 2 == 0 ? "SELECT a FROM t WHERE b = " + std::to_string(i)
                                           : "SELECT `a` FROM u LIMIT " + std::to_string(i) + ", 10";
        LogRow line;
        line.kind = "slow_statement";
        line.durationMs = 1;
        line.statement = i % 10 == 0 ? std::string_view(" -- nothing") : std::string_view(sql);
        (*made)->logEntry(line);
    }
    TS_VERIFY_OK((*made)->finish({}));
    QCOMPARE(rowsOf(**workspace,
                 "SELECT s.text, s.normalized, count(*) FROM log_entry l LEFT JOIN statement s"
                 " ON s.id = l.statement_id GROUP BY s.id ORDER BY s.text"),
        "NULL|NULL|1000\n"
        "SELECT `a` FROM u LIMIT 1, 10|SELECT `a` FROM u LIMIT ?, ...|5000\n"
        "SELECT a FROM t WHERE b = 2|SELECT a FROM t WHERE b = $1|4000");
}

QTEST_GUILESS_MAIN(TestBulkLogs)
#include "tst_bulklogs.moc"
