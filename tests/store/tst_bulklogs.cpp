// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storetest.h"

using namespace storetest;

class TestBulkLogs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void linesAndTheirAttributes();
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

QTEST_GUILESS_MAIN(TestBulkLogs)
#include "tst_bulklogs.moc"
