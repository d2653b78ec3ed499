// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules on statements, on workloads they must find and on their neighbours; and the facts of texts they stand
// on.
#include "advisor/statementfacts.h"
#include "logfixture.h"

#include <functional>

#include <QTest>

using namespace tailscope;
using testing::LogFixture;

namespace {

using Fill = std::function<void(LogFixture &)>;

std::string joined(const std::vector<std::string> &names)
{
    std::string line;
    for (const std::string &name : names)
        line += (line.empty() ? "" : " ") + name;
    return line;
}

/// A plan of a statement with one scan below the root.
void addPlan(LogFixture &f, const std::string &sql, int width, double rows, double removed)
{
    const std::string statement = std::to_string(f.statementId(sql));
    f.sql("INSERT INTO plan_raw (source_id, statement_id) VALUES (1, " + statement
        + ");"
          "INSERT INTO plan_node_raw (source_id, plan_id, node, parent, depth, node_type, relation, "
          "plan_width, actual_rows,"
          " rows_removed_by_filter, loops) VALUES (1, last_insert_rowid(), 0, NULL, 0, 'Seq Scan', 'orders', "
        + std::to_string(width) + ", " + std::to_string(rows) + ", " + std::to_string(removed)
        + ", 1);"
          "UPDATE generation SET n = n + 1 WHERE table_family = 'plan'");
}

void others(LogFixture &f, int n, double totalMs)
{
    for (int i = 0; i < n; ++i)
        f.stat({"SELECT a FROM other" + std::to_string(i) + " WHERE id = 1", 10, totalMs});
}

} // namespace

class TestStatementRules : public QObject
{
    Q_OBJECT

    /// before: what goes through the writer; after: derived rows.
    static void fires(const char *rule, const char *expected, const Fill &after, const Fill &before = {})
    {
        LogFixture fixture;
        if (before)
            before(fixture);
        fixture.done();
        after(fixture);
        fixture.findings(rule);
        const std::string found = fixture.severity(rule);
        if (found != expected)
            qInfo("%s",
                fixture
                    .text("SELECT coalesce(group_concat(rule_id || ' ' || evidence, char(10)), '') FROM "
                          "finding")
                    .c_str());
        QCOMPARE(rule + (' ' + found), rule + (' ' + std::string(expected)));
    }
    static void silent(const char *rule, const Fill &after, const Fill &before = {})
    {
        fires(rule, "", after, before);
    }

private Q_SLOTS:
    void facts();
    void factsOfOddTexts();
    void pareto();
    void cheapOrDear();
    void selectStar();
    void repeatedAggregate();
    void countForPagination();
    void analyzeJob();
    void analyticsOnPrimary();
    void unboundedResult();
    void keysetWithoutTiebreak();
    void literals();
    void singleRowInserts();
    void noisyTenant();
    void hotKey();
    void roundTrips();
    void eagerJoins();
};

void TestStatementRules::facts()
{
    auto f = advisor::statementFacts("SELECT o.*, u.name FROM orders o JOIN users u ON u.id = o.user_id"
                                     " WHERE o.state = 'x' AND o.id < $1 AND (u.a = 1 OR u.b = 2)"
                                     " ORDER BY o.created_at DESC, o.id DESC LIMIT 20 OFFSET 40");
    QCOMPARE(f.kind, std::string("select"));
    QVERIFY(f.star && f.hasLimit && f.hasOffset && !f.aggregate);
    QCOMPARE(f.limitRows.value_or(-1), 20);
    QCOMPARE(f.offsetRows.value_or(-1), 40);
    QCOMPARE(f.joins, 1);
    QCOMPARE(joined(f.orderBy), std::string("created_at id"));
    QCOMPARE(f.orderRelation, std::string("orders"));
    QCOMPARE(joined(f.equalColumns), std::string("state"));
    QCOMPARE(joined(f.rangeColumns), std::string("id"));
    QVERIFY(!f.columns);

    f = advisor::statementFacts("SELECT count(*) FROM orders WHERE id IN (1, 2) LIMIT $1");
    QVERIFY(f.countStar && f.aggregate && !f.grouped && f.hasLimit && !f.limitRows);
    QCOMPARE(joined(f.equalColumns), std::string("id"));
    f = advisor::statementFacts(
        "SELECT day, sum(x), rank() OVER (ORDER BY 1) FROM t GROUP BY day ORDER BY lower(a)");
    QVERIFY(f.aggregate && f.grouped && !f.countStar);
    QCOMPARE(f.columns.value_or(-1), 3);
    QCOMPARE(joined(f.orderBy), std::string("?"));
    f = advisor::statementFacts("SELECT row_number() OVER () FROM t");
    QVERIFY(!f.aggregate);
    f = advisor::statementFacts("SELECT id FROM t WHERE (a, id) > ($1, $2) ORDER BY a, id LIMIT 0");
    QCOMPARE(joined(f.rangeColumns), std::string("a id"));
    QCOMPARE(f.limitRows.value_or(-1), 0);

    f = advisor::statementFacts("INSERT INTO s.items (a, b) VALUES (1, 2), (3, 4) ON CONFLICT DO NOTHING");
    QCOMPARE(f.kind + " " + f.target, std::string("insert items"));
    QCOMPARE(f.insertedRows.value_or(-1), 2);
    QVERIFY(!advisor::statementFacts("INSERT INTO items SELECT * FROM other").insertedRows);
    f = advisor::statementFacts("UPDATE orders SET a = 1, b = b + 1 WHERE id = $1");
    QCOMPARE(f.kind + " " + f.target + " " + joined(f.changedColumns) + " " + joined(f.equalColumns),
        std::string("update orders a b id"));
    f = advisor::statementFacts(
        "WITH q AS (SELECT * FROM jobs) SELECT id FROM q FOR NO KEY UPDATE SKIP LOCKED");
    QCOMPARE(f.locks + " " + joined(f.tables), std::string("no key update jobs"));
    QVERIFY(f.skipLocked && !f.star);
    f = advisor::statementFacts("SELECT id FROM orders WHERE id = 1 FOR UPDATE");
    QCOMPARE(f.locks + " " + f.target, std::string("update orders"));
    f = advisor::statementFacts("SELECT * FROM a UNION SELECT * FROM b ORDER BY 1 LIMIT 3");
    QVERIFY(f.star && f.hasLimit);
    QCOMPARE(joined(f.tables), std::string("a b"));
}

void TestStatementRules::factsOfOddTexts()
{
    const auto kind = [](const std::string &sql) { return advisor::statementFacts(sql).kind; };
    QCOMPARE(kind("VACUUM (ANALYZE, VERBOSE) orders"), std::string("analyze"));
    QCOMPARE(kind("ANALYZE public.orders"), std::string("analyze"));
    QCOMPARE(advisor::statementFacts("ANALYZE public.orders").target, std::string("orders"));
    QCOMPARE(kind("VACUUM orders"), std::string("vacuum"));
    QCOMPARE(kind("DELETE FROM orders"), std::string("delete"));
    QCOMPARE(kind("CREATE INDEX ON orders (a)"), std::string("ddl"));
    QCOMPARE(kind("ALTER TABLE orders ADD COLUMN a int"), std::string("ddl"));
    QCOMPARE(kind("COMMIT"), std::string("utility"));
    for (const std::string &sql : {std::string(), std::string("SELECT FROM WHERE"),
             std::string("SELECT 1; SELECT 2"), std::string("SELECT 1\0", 9), std::string(100'000, 'x')})
        QCOMPARE(kind(sql), std::string("unknown"));
    // What the fingerprint refused is not given to the grammar: a row of unknown facts.
    LogFixture f;
    f.done();
    f.statementId("SELECT " + std::string(5000, '(') + "1" + std::string(5000, ')'));
    f.statementId("SELECT a FROM t");
    f.findings();
    QCOMPARE(f.text("SELECT group_concat(kind || ':' || coalesce(tables, '-')) FROM statement_fact"),
        std::string("unknown:-,select:t"));
}

void TestStatementRules::pareto()
{
    const auto load = [](int heavy, double minutes) {
        return [=](LogFixture &f) {
            for (int i = 0; i < heavy; ++i)
                f.stat({"SELECT b FROM heavy" + std::to_string(i), 1000, 60'000, "stat", {}, {}, minutes});
            others(f, 20, 50);
        };
    };
    fires("stmt-pareto", "warning", load(3, 60));
    fires("stmt-pareto", "info", load(12, 60));
    silent("stmt-pareto", [](LogFixture &f) { others(f, 40, 500); });
    // Five minutes, few statements, and spans, which are a sample.
    silent("stmt-pareto", [](LogFixture &f) {
        for (int i = 0; i < 30; ++i)
            f.stat({"SELECT a FROM t" + std::to_string(i), 10, i == 0 ? 60'000.0 : 10.0, "stat", {}, {}, 5});
    });
    silent("stmt-pareto", [](LogFixture &f) { f.stat({"SELECT 1", 10, 1000}); });
    silent("stmt-pareto", [](LogFixture &f) {
        for (int i = 0; i < 30; ++i)
            f.stat({"SELECT a FROM t" + std::to_string(i), 10, i == 0 ? 60'000.0 : 10.0, "span"});
    });
    LogFixture f;
    f.done();
    load(3, 60)(f);
    f.findings();
    QCOMPARE(f.evidence("stmt-pareto", "k"), std::string("3"));
    QCOMPARE(f.evidence("stmt-pareto", "n"), std::string("23"));
    QCOMPARE(f.evidence("stmt-pareto", "share_pct").substr(0, 5), std::string("99.44")); // 180,000 of 181,000
}

void TestStatementRules::cheapOrDear()
{
    fires("stmt-many-cheap-or-few-dear", "info", [](LogFixture &f) {
        f.stat({"SELECT b FROM t WHERE id = 1", 100'000, 200'000});
        others(f, 8, 500);
    });
    fires("stmt-many-cheap-or-few-dear", "info", [](LogFixture &f) {
        f.stat({"SELECT b FROM t WHERE x = 1", 10, 9000});
        others(f, 8, 100);
    });
    silent("stmt-many-cheap-or-few-dear", [](LogFixture &f) {
        f.stat({"SELECT b FROM t WHERE x = 1", 100, 5000}); // 50 ms each
        others(f, 8, 20);
    });
    silent("stmt-many-cheap-or-few-dear", [](LogFixture &f) { others(f, 40, 500); });
}

void TestStatementRules::selectStar()
{
    const std::string sql = "SELECT * FROM orders WHERE id > 3";
    const auto wide = [&](int width, const std::string &text) {
        return [=](LogFixture &f) {
            f.stat({text, 100, 5000, "stat", 2000});
            addPlan(f, text, width, 20, 0);
        };
    };
    fires("stmt-select-star", "warning", wide(800, sql));
    silent("stmt-select-star", wide(100, sql));
    silent("stmt-select-star", wide(800, "SELECT id, note FROM orders WHERE id > 3"));
    silent("stmt-select-star", wide(800, "SELECT id FROM orders WHERE EXISTS (SELECT * FROM items)"));
    silent("stmt-select-star", [&](LogFixture &f) {
        wide(800, sql)(f);
        others(f, 20, 900'000); // not among the first 20
    });
    const auto columns = [](int n) {
        return [=](LogFixture &f) {
            for (int i = 1; i <= n; ++i)
                f.record(RecordTable::DbColumn,
                    {{"attrelid", 1}, {"schemaname", "public"}, {"relname", "orders"}, {"attnum", i},
                        {"attname", "c" + std::to_string(i)}});
        };
    };
    const auto used = [&](LogFixture &f) { f.stat({sql, 100, 5000, "stat", 2000}); };
    fires("stmt-select-star", "info", used, columns(25));
    silent("stmt-select-star", used, columns(5));
}

void TestStatementRules::repeatedAggregate()
{
    const std::string sql = "SELECT day, sum(total) FROM orders GROUP BY day";
    const auto load = [](const std::string &text, std::int64_t calls, double meanMs, double rows) {
        return [=](LogFixture &f) {
            f.stat({text, calls, meanMs * double(calls), "stat", 30});
            addPlan(f, text, 8, rows, 0);
        };
    };
    fires("stmt-repeated-aggregate", "warning", load(sql, 600, 900, 5e6));
    silent("stmt-repeated-aggregate", load(sql, 20, 900, 5e6));
    silent("stmt-repeated-aggregate", load(sql, 600, 90, 5e6));
    silent("stmt-repeated-aggregate", load(sql, 600, 900, 1000));
    silent("stmt-repeated-aggregate", load("SELECT day FROM orders", 600, 900, 5e6));
    fires("stmt-repeated-aggregate", "warning", [&](LogFixture &f) {
        f.stat({sql, 600, 540'000, "stat", 30, 600 * 50'000});
    });
    silent("stmt-repeated-aggregate", [&](LogFixture &f) {
        f.stat({sql, 600, 540'000, "stat", 30, 600 * 500});
    });
}

void TestStatementRules::countForPagination()
{
    const auto load = [](const std::string &count, const std::string &page, double meanMs) {
        return [=](LogFixture &f) {
            f.stat({count, 100, meanMs * 100});
            f.stat({page, 100, 300});
        };
    };
    const std::string page = "SELECT id FROM orders ORDER BY id LIMIT 20";
    fires("stmt-count-for-pagination", "warning", load("SELECT COUNT(*) FROM orders", page, 900));
    fires("stmt-count-for-pagination", "warning",
        load("SELECT count(id) FROM orders WHERE deleted_at IS NULL", page, 900));
    silent("stmt-count-for-pagination", load("SELECT count(*) FROM orders", page, 40));
    silent("stmt-count-for-pagination", load("SELECT count(*) FROM orders WHERE user_id = 7", page, 900));
    silent("stmt-count-for-pagination",
        load("SELECT count(*) FROM orders", "SELECT id FROM users LIMIT 20", 900));
    silent("stmt-count-for-pagination", load("SELECT state, count(*) FROM orders GROUP BY state", page, 900));
}

void TestStatementRules::analyzeJob()
{
    const auto load = [](const char *sql, std::int64_t calls, double totalMs) {
        return [=](LogFixture &f) {
            f.stat({sql, calls, totalMs});
            others(f, 10, 1000);
        };
    };
    fires("stmt-analyze-job", "warning", load("ANALYZE orders", 12, 300));
    fires("stmt-analyze-job", "warning", load("VACUUM ANALYZE orders", 2, 3000));
    silent("stmt-analyze-job", load("ANALYZE orders", 1, 3000));
    silent("stmt-analyze-job", load("ANALYZE orders", 2, 30));
    silent("stmt-analyze-job", load("VACUUM orders", 12, 3000));
}

void TestStatementRules::analyticsOnPrimary()
{
    const std::string report = "SELECT region, sum(total) FROM orders GROUP BY region";
    const std::string quick = "SELECT a FROM t WHERE id = 1";
    const auto samples = [=](const char *reportUser) {
        return [=](LogFixture &f) {
            f.record(RecordTable::StatementSample,
                {{"statement_id", report}, {"db", "shop"}, {"user", reportUser},
                    {"ts_ns", LogFixture::kStartNs}});
            f.record(RecordTable::StatementSample,
                {{"statement_id", quick}, {"db", "shop"}, {"user", "app"}, {"ts_ns", LogFixture::kStartNs}});
        };
    };
    const auto load = [=](double meanMs, double rows, std::int64_t calls) {
        return [=](LogFixture &f) {
            f.stat({report, 4, 4 * meanMs});
            f.stat({quick, calls, 2.0 * double(calls)});
            addPlan(f, report, 8, rows, 0);
        };
    };
    fires("stmt-analytics-on-primary", "warning", load(30'000, 5e7, 50'000), samples("app"));
    silent("stmt-analytics-on-primary", load(30'000, 5e7, 50'000), samples("reports"));
    silent("stmt-analytics-on-primary", load(3000, 5e7, 50'000), samples("app"));
    silent("stmt-analytics-on-primary", load(30'000, 5e4, 50'000), samples("app"));
    silent("stmt-analytics-on-primary", load(30'000, 5e7, 100), samples("app"));
}

void TestStatementRules::unboundedResult()
{
    const auto load = [](const char *sql, std::int64_t rowsPerCall) {
        return [=](LogFixture &f) { f.stat({sql, 10, 9000, "stat", 10 * rowsPerCall}); };
    };
    fires("stmt-unbounded-result", "warning", load("SELECT id FROM orders", 50'000));
    fires("stmt-unbounded-result", "critical", load("SELECT id FROM orders", 2'000'000));
    silent("stmt-unbounded-result", load("SELECT id FROM orders", 500));
    silent("stmt-unbounded-result", load("SELECT id FROM orders LIMIT 50000", 50'000));
    silent("stmt-unbounded-result", load("COPY orders TO STDOUT", 50'000));
}

void TestStatementRules::keysetWithoutTiebreak()
{
    const auto index = [](LogFixture &f) {
        int number = 0;
        for (const char *name : {"id", "created_at", "shop_id", "number"})
            f.record(RecordTable::DbColumn,
                {{"attrelid", 1}, {"relname", "orders"}, {"attnum", ++number}, {"attname", name}});
        f.record(RecordTable::DbIndex,
            {{"indexrelid", 10}, {"indrelid", 1}, {"relname", "orders"}, {"indisunique", 1},
                {"indkey", "1"}});
        f.record(RecordTable::DbIndex,
            {{"indexrelid", 11}, {"indrelid", 1}, {"relname", "orders"}, {"indisunique", 1},
                {"indkey", "3 4"}});
        f.record(RecordTable::DbIndex,
            {{"indexrelid", 12}, {"indrelid", 1}, {"relname", "orders"}, {"indisunique", 0},
                {"indkey", "2"}});
    };
    const auto used = [](const char *sql) { return [=](LogFixture &f) { f.stat({sql, 10, 10}); }; };
    fires("stmt-keyset-no-tiebreak", "warning",
        used("SELECT id FROM orders WHERE created_at < $1 ORDER BY created_at DESC LIMIT 20"), index);
    fires("stmt-keyset-no-tiebreak", "warning",
        used("SELECT id FROM orders ORDER BY created_at LIMIT 20 OFFSET 40"), index);
    fires("stmt-keyset-no-tiebreak", "warning",
        used("SELECT id FROM orders WHERE number > 3 ORDER BY number LIMIT 20"), index);
    silent("stmt-keyset-no-tiebreak",
        used("SELECT id FROM orders WHERE (created_at, id) < ($1, $2) ORDER BY created_at, id LIMIT 20"),
        index);
    silent("stmt-keyset-no-tiebreak",
        used("SELECT id FROM orders WHERE number > 3 ORDER BY shop_id, number LIMIT 20"), index);
    // The first page only, and a relation of which nothing is known.
    silent("stmt-keyset-no-tiebreak", used("SELECT id FROM orders ORDER BY created_at LIMIT 20"), index);
    silent("stmt-keyset-no-tiebreak", used("SELECT id FROM users WHERE a > 3 ORDER BY a LIMIT 20"), index);
}

void TestStatementRules::literals()
{
    const auto texts = [](int n, bool bound) {
        return [=](LogFixture &f) {
            for (int i = 0; i < n; ++i) {
                const std::string sql
                    = "SELECT a FROM t WHERE id = " + (bound ? std::string("$1") : std::to_string(i));
                f.line({double(i), "slow_statement",
                    "duration: 3." + std::to_string(i) + " ms  statement: " + sql, sql});
            }
        };
    };
    const Fill nothing = [](LogFixture &) {};
    fires("stmt-literals", "info", nothing, texts(150, false));
    fires("stmt-literals", "warning", nothing, texts(1500, false));
    silent("stmt-literals", nothing, texts(50, false));
    silent("stmt-literals", nothing, texts(1500, true));
}

void TestStatementRules::singleRowInserts()
{
    const auto lines = [](int n, double every, const char *sql) {
        return [=](LogFixture &f) {
            for (int i = 0; i < n; ++i)
                f.line({i * every, "slow_statement", "duration: 2.0 ms", sql, {}, "LOG", {}, {}, "shop", {},
                    42, 2.0});
        };
    };
    const Fill nothing = [](LogFixture &) {};
    const char *one = "INSERT INTO items (a) VALUES (1)";
    fires("stmt-single-row-inserts", "warning", nothing, lines(60, 0.01, one));
    silent("stmt-single-row-inserts", nothing, lines(60, 1.5, one));
    silent("stmt-single-row-inserts", nothing, lines(60, 0.01, "INSERT INTO items (a) VALUES (1), (2)"));
    const auto pattern = [=](int n) {
        return [=](LogFixture &f) {
            f.statementId(one);
            f.sql("INSERT INTO call_pattern (run_id, kind, endpoint_service, endpoint_operation, service, "
                  "parent_operation,"
                  " operation, fingerprint, traces, examined, n_p50, n_max, total_p50_ns, saving_p50_ns)"
                  " SELECT 0, 'sequential', 'shop', 'POST /cart', 'shop', 'save', 'INSERT items', "
                  "fingerprint, 10, 10, "
                + std::to_string(n) + ", 90, 90000000, 80000000 FROM statement_raw");
        };
    };
    fires("stmt-single-row-inserts", "warning", pattern(45));
    silent("stmt-single-row-inserts", pattern(5));
}

void TestStatementRules::noisyTenant()
{
    const auto tenants = [](const char *key, int n, double first, double load) {
        return [=](LogFixture &f) {
            const std::string sql = "SELECT a FROM t WHERE tenant = 1";
            f.stat({sql, 1000, load, "log"});
            for (int i = 0; i < n; ++i)
                f.tag(sql, key, "t-" + std::to_string(i), 100, i == 0 ? first : 1000);
        };
    };
    fires("stmt-noisy-tenant", "critical", tenants("tenant_id", 5, 9000, 13'000));
    fires("stmt-noisy-tenant", "warning", tenants("tenant_id", 7, 6000, 12'000));
    silent("stmt-noisy-tenant", tenants("tenant_id", 7, 1500, 7500));
    silent("stmt-noisy-tenant", tenants("tenant_id", 2, 9000, 10'000));
    silent("stmt-noisy-tenant", tenants("controller", 5, 9000, 13'000));
    // Most of the load carries no mark.
    silent("stmt-noisy-tenant", tenants("tenant_id", 5, 9000, 50'000));
}

void TestStatementRules::hotKey()
{
    const auto shards = [](int n, std::int64_t first, std::int64_t rest) {
        return [=](LogFixture &f) {
            const std::string sql = "SELECT a FROM t WHERE x = 1";
            f.stat({sql, 10'000, 9000, "log"});
            for (int i = 0; i < n; ++i)
                f.tag(sql, "shard", std::to_string(i), i == 0 ? first : rest, 100);
        };
    };
    fires("stmt-hot-key-skew", "warning", shards(10, 8000, 200));
    silent("stmt-hot-key-skew", shards(10, 1000, 1000));
    silent("stmt-hot-key-skew", shards(10, 80, 2));
    silent("stmt-hot-key-skew", shards(500, 300, 50)); // more than twice its part, yet little
}

void TestStatementRules::roundTrips()
{
    const auto pool = [](std::int64_t active) {
        return [=](LogFixture &f) {
            for (int i = 0; i < 10; ++i)
                f.record(RecordTable::PoolSample,
                    {{"pool", "orders"}, {"kind", "connection"}, {"ts_ns", LogFixture::kStartNs + i},
                        {"capacity", 20}, {"active", active}});
        };
    };
    const auto calls = [](int n) {
        return [=](LogFixture &f) {
            const std::string sql = "SELECT a FROM t WHERE id = 1";
            f.statementId(sql);
            f.sql("INSERT INTO source_raw (path, format, kind, state, sha256) SELECT 'x', 'x', 0, 2, 'x'");
            f.sql("INSERT INTO track (source_id) SELECT max(id) FROM source_raw");
            f.sql("INSERT INTO span_raw (source_id, track_id, start_ns, duration_ns)"
                  " SELECT s.id, (SELECT max(id) FROM track), 0, 10 FROM source_raw AS s WHERE s.path = 'x'");
            f.sql("INSERT INTO call_pattern (run_id, kind, endpoint_service, endpoint_operation, service, "
                  "parent_operation,"
                  " operation, fingerprint, traces, examined, n_p50, n_max, total_p50_ns, saving_p50_ns)"
                  " SELECT 0, 'sequential', 'shop', 'GET /cart', 'shop', 'load', 'SELECT t', fingerprint, "
                  "10, 10, "
                + std::to_string(n) + ", 90, 90000000, 80000000 FROM statement_raw");
        };
    };
    fires("stmt-round-trips", "info", calls(14), pool(18));
    silent("stmt-round-trips", calls(14), pool(4));
    silent("stmt-round-trips", calls(4), pool(18));
}

void TestStatementRules::eagerJoins()
{
    const auto plan = [](double joined, const char *second, bool limit) {
        return [=](LogFixture &f) {
            const auto node = [&](int number, int parent, int depth, const char *type, const char *join,
                                  const char *relation, double rows) {
                const auto quoted = [](const char *text) {
                    return text ? "'" + std::string(text) + "'" : std::string("NULL");
                };
                f.sql("INSERT INTO plan_node_raw (source_id, plan_id, node, parent, depth, node_type, "
                      "join_type, relation,"
                      " actual_rows, loops, wall_ms) VALUES (1, 1, "
                    + std::to_string(number) + ", " + std::to_string(parent) + ", " + std::to_string(depth)
                    + ", '" + type + "', " + quoted(join) + ", " + quoted(relation) + ", "
                    + std::to_string(rows) + ", 1, 50)");
            };
            f.sql("INSERT INTO plan_raw (source_id) VALUES (1)");
            node(0, -1, 0, limit ? "Limit" : "Result", nullptr, nullptr, 20);
            node(1, 0, 1, "Hash Join", "Left", nullptr, joined);
            node(2, 1, 2, second, std::string_view(second) == "Hash Join" ? "Left" : nullptr, nullptr, 400);
            node(3, 2, 3, "Seq Scan", nullptr, "orders", 100);
            node(4, 2, 3, "Seq Scan", nullptr, "items", 400);
            node(5, 1, 2, "Seq Scan", nullptr, "notes", 900);
            f.sql("UPDATE generation SET n = n + 1 WHERE table_family = 'plan'");
        };
    };
    fires("stmt-eager-join-explosion", "warning", plan(9000, "Hash Join", true));
    silent("stmt-eager-join-explosion", plan(100, "Hash Join", true));
    silent("stmt-eager-join-explosion", plan(9000, "Hash Join", false));
    silent("stmt-eager-join-explosion", plan(9000, "Append", true));
}

QTEST_GUILESS_MAIN(TestStatementRules)
#include "tst_statementrules.moc"
