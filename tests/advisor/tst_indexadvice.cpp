// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Which index a scan asks for: conditions, order, joins and what the catalog has.
#include "advisor/indexadvice.h"
#include "advisor/indextext.h"
#include "planfixture.h"

#include <QTest>

using namespace tailscope;
using advisor::ExistingIndex;
using advisor::IndexCandidate;
using advisor::ScanFacts;
using advisor::TableFacts;
using testing::Fields;
using testing::PlanFixture;

namespace {

ScanFacts scanOf(const char *filter)
{
    ScanFacts scan;
    scan.relation = "orders";
    scan.alias = "o";
    scan.filter = filter;
    scan.conditions = advisor::parsePlanCondition(filter, "o", "orders");
    scan.examined = 1e6;
    scan.kept = 100;
    return scan;
}

ExistingIndex indexOf(const char *name, std::vector<std::string> columns)
{
    ExistingIndex index;
    index.name = name;
    index.method = "btree";
    index.columns = std::move(columns);
    return index;
}

QString first(const std::vector<IndexCandidate> &list)
{
    return list.empty() ? QString() : QString::fromStdString(list.front().ddl);
}

/// What stands behind the name: "orders (a, b)".
QString target(const std::vector<IndexCandidate> &list, std::size_t at = 0)
{
    return at < list.size() ? QString::fromStdString(list[at].ddl).section(QStringLiteral(" ON "), 1)
                            : QString();
}

} // namespace

class TestIndexAdvice : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void names();
    void definitions();
    void expressions();
    void conditions_data();
    void conditions();
    void whatNeedsNone();
    void reasonsWithoutIndex();
    void sortBeforeRange();
    void catalogDecides();
    void partialAndCovering();
    void planOrdersAndJoins();
    void planWithCatalog();
};

void TestIndexAdvice::names()
{
    QCOMPARE(advisor::quotedName("orders"), std::string("orders"));
    QCOMPARE(advisor::quotedName("user"), std::string("\"user\""));
    QCOMPARE(advisor::quotedName("Mixed"), std::string("\"Mixed\""));
    QCOMPARE(advisor::quotedName("a\"b"), std::string("\"a\"\"b\""));
    QCOMPARE(advisor::quotedName("1st"), std::string("\"1st\""));
    QCOMPARE(advisor::plainName("\"a\"\"b\""), std::string("a\"b"));
    QCOMPARE(advisor::sqlConstant("it's"), std::string("'it''s'"));
    QCOMPARE(advisor::sqlConstant("-4.5"), std::string("-4.5"));
    QCOMPARE(advisor::sqlConstant("1e"), std::string("'1e'"));
    QCOMPARE(advisor::indexName("orders", {"lower(email)", "a"}, "_part"),
        std::string("idx_orders_lower_email_a_part"));
    // 63 bytes, whole characters, the suffix kept.
    const std::string name
        = advisor::indexName(std::string(40, 'x'), {"straße_straße_straße_straße"}, "_part");
    QVERIFY(name.size() <= 63 && name.ends_with("_part"));
    QVERIFY(QString::fromUtf8(name.c_str()).toUtf8() == name.c_str());
}

void TestIndexAdvice::definitions()
{
    const auto index
        = advisor::parseIndexDefinition("CREATE UNIQUE INDEX \"My ix\" ON public.\"Order Lines\" USING btree "
                                        "(customer_id, lower(email) DESC NULLS LAST,"
                                        " \"Mixed, Case\" text_pattern_ops, ((data ->> 'k'::text))) INCLUDE "
                                        "(total, note) WHERE (status = 'x'::text)");
    QCOMPARE(index.method, std::string("btree"));
    QCOMPARE(index.columns,
        (std::vector<std::string>{"customer_id", "lower(email)", "Mixed, Case", "(data ->> 'k'::text)"}));
    QCOMPARE(index.include, (std::vector<std::string>{"total", "note"}));
    QCOMPARE(index.predicate, std::string("(status = 'x'::text)"));
    QVERIFY(advisor::parseIndexDefinition("DROP TABLE x").columns.empty());
    QVERIFY(advisor::parseIndexDefinition("CREATE INDEX a ON b USING btree (").columns.empty());
    QCOMPARE(advisor::parseIndexDefinition("CREATE INDEX a ON b USING gin (doc jsonb_path_ops)").columns,
        (std::vector<std::string>{"doc"}));
}

void TestIndexAdvice::expressions()
{
    QCOMPARE(advisor::expressionAround("(lower((o.email)::text) = 'x'::text)", "lower", "email", "o"),
        std::string("lower((email)::text)"));
    QCOMPARE(advisor::expressionAround("((o.created_at)::date = '2024-01-01'::date)", "::date", "created_at",
                 "o"),
        std::string("(created_at)::date"));
    QCOMPARE(advisor::expressionAround("((a = 1) AND ((data ->> 'k'::text) = 'v'::text))", "->>", "data",
                 "t"),
        std::string("data ->> 'k'::text"));
    QCOMPARE(advisor::expressionAround("(date_trunc('day'::text, o.at) = $1)", "date_trunc", "at", "o"),
        std::string("date_trunc('day'::text, at)"));
    QVERIFY(advisor::expressionAround("(lower(b) = 'x')", "lower", "email", "o").empty());
    QCOMPARE(advisor::withoutQualifier("(o.a = 'o.b'::text) AND foo.c", "o"),
        std::string("(a = 'o.b'::text) AND foo.c"));
}

void TestIndexAdvice::conditions_data()
{
    QTest::addColumn<QString>("filter");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *filter, const char *expected) {
        QTest::newRow(filter) << QString::fromLatin1(filter) << QString::fromLatin1(expected);
    };
    row("((o.customer_id = 42) AND (o.status = 'shipped'::text))", "orders (customer_id, status);");
    row("((o.at > '2024-01-01'::date) AND (o.kind = 'x'::text))", "orders (kind, at);");
    row("((o.a > 1) AND (o.a < 5) AND (o.b > 2))", "orders (a);");
    row("((o.\"user\" = 1) AND (o.\"Mixed Case\" = 2))", "orders (\"user\", \"Mixed Case\");");
    row("(lower((o.email)::text) = 'x'::text)", "orders (lower((email)::text));");
    row("((o.at)::date = '2024-01-01'::date)", "orders (((at)::date));");
    row("((o.data ->> 'k'::text) = 'v'::text)", "orders ((data ->> 'k'::text));");
    row("((o.a + o.b) = 7)", "orders ((a + b));");
    row("((o.name)::text ~~ 'abc%'::text)", "orders (name text_pattern_ops);");
    row("((o.name)::text ~~ '%abc'::text)", "orders USING gin (name gin_trgm_ops);");
    row("(o.doc @> '{\"a\": 1}'::jsonb)", "orders USING gin (doc);");
    row("((o.doc @> '{}'::jsonb) AND (o.a = 1))", "orders (a);");
    row("((o.state = ANY ('{1,2}'::integer[])) AND (o.a = 1))", "orders (a, state);");
    row("((o.a = 1) AND ((o.b = 2) OR (o.c = 3)))", "orders (a);");
    row("((o.a = 1) AND (o.b <> 2))", "orders (a);");
    row("(o.customer_id = c.id)", "orders (customer_id);");
    row("((o.a = 1) AND (o.a = 1))", "orders (a);");
}

void TestIndexAdvice::conditions()
{
    QFETCH(QString, filter);
    QFETCH(QString, expected);
    const QByteArray text = filter.toLatin1();
    QCOMPARE(target(advisor::adviseIndexes(scanOf(text.constData()), {})), expected);
}

void TestIndexAdvice::whatNeedsNone()
{
    ScanFacts scan = scanOf("(o.a = 1)");
    QVERIFY(!advisor::adviseIndexes(scan, {}).empty());
    scan.kept = 300'001;
    QVERIFY(advisor::adviseIndexes(scan, {}).empty());
    scan.kept = 300'000;
    QVERIFY(!advisor::adviseIndexes(scan, {}).empty());
    scan.kept = 1;
    scan.examined = 999;
    QVERIFY(advisor::adviseIndexes(scan, {}).empty());
    // Estimates only: nothing is known of the size without the catalog.
    scan.examined = -1;
    QVERIFY(advisor::adviseIndexes(scan, {}).empty());
    TableFacts table;
    table.isKnown = true;
    table.rows = 500'000;
    QVERIFY(!advisor::adviseIndexes(scan, table).empty());
}

void TestIndexAdvice::reasonsWithoutIndex()
{
    auto list = advisor::adviseIndexes(scanOf("((o.a = 1) OR (o.b = 2))"), {});
    QCOMPARE(list.size(), std::size_t(1));
    QVERIFY(list[0].ddl.empty() && list[0].reason.find("(a, b)") != std::string::npos);
    list = advisor::adviseIndexes(scanOf("(o.a <> 1)"), {});
    QCOMPARE(list.size(), std::size_t(1));
    QVERIFY(list[0].ddl.empty() && list[0].reason.find("<>") != std::string::npos);
    QVERIFY(advisor::adviseIndexes(scanOf("(o.a IS NOT NULL)"), {}).empty());
    QVERIFY(advisor::adviseIndexes(scanOf("(o.name ~~ $1)"), {}).empty());
}

void TestIndexAdvice::sortBeforeRange()
{
    ScanFacts scan = scanOf("((o.at > 5) AND (o.user_id = 1) AND (o.kind = ANY ('{1,2}'::integer[])))");
    scan.sort = {{"created_at", " DESC"}};
    QCOMPARE(target(advisor::adviseIndexes(scan, {})),
        QStringLiteral("orders (user_id, created_at DESC, kind);"));
    // A column compared by = has one value: it does not order anything.
    scan.sort = {{"user_id", ""}, {"at", ""}};
    QCOMPARE(target(advisor::adviseIndexes(scan, {})), QStringLiteral("orders (user_id, at, kind);"));
    scan.conditions.clear();
    scan.sort = {{"at", " DESC"}, {"id", " DESC"}};
    scan.kept = scan.examined;
    QCOMPARE(target(advisor::adviseIndexes(scan, {})), QStringLiteral("orders (at DESC, id DESC);"));
}

void TestIndexAdvice::catalogDecides()
{
    const ScanFacts scan = scanOf("((o.status = 'shipped'::text) AND (o.customer_id = 42) AND (o.at > 5))");
    TableFacts table;
    table.isKnown = true;
    table.rows = 1e6;
    table.distinct = {{"status", 4}, {"customer_id", 50'000}};
    // The column with more values first.
    QCOMPARE(target(advisor::adviseIndexes(scan, table)),
        QStringLiteral("orders (customer_id, status, at);"));
    // An index that begins with one of them is widened, so that it can go.
    table.indexes = {indexOf("i_status", {"status"}), indexOf("pk", {"id"})};
    auto list = advisor::adviseIndexes(scan, table);
    QCOMPARE(target(list), QStringLiteral("orders (status, customer_id, at);"));
    QCOMPARE(list[0].existing, std::string("i_status"));
    QVERIFY(list[0].reason.find("2 indexes; every insert would write 3") != std::string::npos);
    // What exists is not suggested again: equality columns in any order.
    table.indexes = {indexOf("wide", {"status", "customer_id", "at", "x"})};
    list = advisor::adviseIndexes(scan, table);
    QCOMPARE(list.size(), std::size_t(1));
    QVERIFY(list[0].ddl.empty());
    QCOMPARE(list[0].existing, std::string("wide"));
    // An invalid or a partial one does not serve.
    table.indexes[0].isValid = false;
    QCOMPARE(target(advisor::adviseIndexes(scan, table)),
        QStringLiteral("orders (customer_id, status, at);"));
    table.indexes[0].isValid = true;
    table.indexes[0].predicate = "(x > 1)";
    QCOMPARE(target(advisor::adviseIndexes(scan, table)),
        QStringLiteral("orders (customer_id, status, at);"));
    // The name is free.
    table.indexes = {indexOf("idx_orders_customer_id_status_at", {"other"})};
    QVERIFY(first(advisor::adviseIndexes(scan, table))
                .contains(QStringLiteral("idx_orders_customer_id_status_at_2 ON")));
    table.parent = "orders_all";
    QVERIFY(
        advisor::adviseIndexes(scan, table)[0].reason.find("partition of orders_all") != std::string::npos);
}

void TestIndexAdvice::partialAndCovering()
{
    ScanFacts scan = scanOf("((o.customer_id = 42) AND (o.status = 'shipped'::text))");
    scan.output = {"customer_id", "status", "total"};
    auto list = advisor::adviseIndexes(scan, {});
    QCOMPARE(list.size(), std::size_t(3));
    QCOMPARE(target(list, 1), QStringLiteral("orders (customer_id) WHERE status = 'shipped';"));
    QCOMPARE(target(list, 2), QStringLiteral("orders (customer_id, status) INCLUDE (total);"));
    // A parameter or a key is no constant of a partial index.
    QCOMPARE(advisor::adviseIndexes(scanOf("((o.a = 42) AND (o.b = $1))"), {}).size(), std::size_t(1));
    list = advisor::adviseIndexes(scanOf("((o.deleted_at IS NULL) AND (o.a = 42))"), {});
    // NULL is no parameter: the partial index is the one to try first.
    QCOMPARE(target(list, 0), QStringLiteral("orders (a) WHERE deleted_at IS NULL;"));
    QCOMPARE(target(list, 1), QStringLiteral("orders (deleted_at, a);"));
    // Statistics tell a state from a key.
    TableFacts table;
    table.isKnown = true;
    table.distinct = {{"status", 90'000}, {"customer_id", 5}};
    list = advisor::adviseIndexes(scanOf("((o.customer_id = 42) AND (o.status = 'shipped'::text))"), table);
    QCOMPARE(target(list, 1), QStringLiteral("orders (status) WHERE customer_id = 42;"));
    // More than four columns are no small set.
    scan.output = {"a", "b", "c", "d", "e"};
    QCOMPARE(advisor::adviseIndexes(scan, {}).size(), std::size_t(2));
}

void TestIndexAdvice::planOrdersAndJoins()
{
    const Fields limit{{"node_type", "Limit"}, {"plan_rows", 20.0}, {"actual_rows", 20.0},
        {"total_ms", 90.0}};
    const Fields sort{{"node_type", "Sort"}, {"plan_rows", 84000.0}, {"actual_rows", 20.0},
        {"total_ms", 90.0}, {"extra", R"({"Sort Key":["e.created_at DESC","e.id DESC"]})"}};
    const Fields scan{{"node_type", "Seq Scan"}, {"relation", "events"}, {"schema", "app"}, {"alias", "e"},
        {"filter", "((e.user_id = 7) AND (e.status = 'open'::text))"}, {"plan_rows", 84000.0},
        {"actual_rows", 84000.0}, {"rows_removed_by_filter", 916000.0}, {"total_ms", 80.0}};
    const auto ddl = [](PlanFixture &fixture) {
        fixture.analyse();
        return QString::fromStdString(
            fixture.text("SELECT coalesce((SELECT group_concat(substr(ddl, instr(ddl, ' ON ') +"
                         " 4), ' ') FROM index_candidate WHERE rank = 1), '')"));
    };
    {
        PlanFixture fixture;
        fixture.addPlan({}, {{-1, limit}, {0, sort}, {1, scan}});
        QCOMPARE(ddl(fixture), QStringLiteral("app.events (user_id, status, created_at DESC, id DESC);"));
    }
    {
        // Without a LIMIT the order is not worth an index.
        PlanFixture fixture;
        fixture.addPlan({}, {{-1, sort}, {0, scan}});
        QCOMPARE(ddl(fixture), QStringLiteral("app.events (user_id, status);"));
    }
    const Fields loop{{"node_type", "Nested Loop"}, {"actual_rows", 5000.0},
        {"rows_removed_by_join_filter", 9995000.0}, {"total_ms", 900.0},
        {"extra", R"x({"Join Filter":"(t.id = o.tariff_id)"})x"}};
    const Fields outer{{"node_type", "Seq Scan"}, {"relation", "orders"}, {"alias", "o"},
        {"parent_relationship", "Outer"}, {"actual_rows", 5000.0}, {"total_ms", 12.0}};
    const Fields inner{{"node_type", "Seq Scan"}, {"relation", "tariffs"}, {"alias", "t"},
        {"parent_relationship", "Inner"}, {"actual_rows", 1e7}, {"loops", 5000.0}, {"total_ms", 0.18}};
    {
        PlanFixture fixture;
        fixture.addPlan({}, {{-1, loop}, {0, outer}, {0, inner}});
        QCOMPARE(ddl(fixture), QStringLiteral("tariffs (id);"));
    }
    {
        // The large side of a hash join that keeps few rows.
        const Fields join{{"node_type", "Hash Join"}, {"actual_rows", 300.0}, {"total_ms", 900.0},
            {"condition", "(b.a_id = a.id)"}};
        const Fields big{{"node_type", "Seq Scan"}, {"relation", "b"}, {"alias", "b"},
            {"parent_relationship", "Outer"}, {"actual_rows", 2e6}, {"total_ms", 700.0}};
        const Fields hash{{"node_type", "Hash"}, {"parent_relationship", "Inner"}, {"actual_rows", 30.0},
            {"total_ms", 1.0}};
        const Fields few{{"node_type", "Seq Scan"}, {"relation", "a"}, {"alias", "a"},
            {"parent_relationship", "Outer"}, {"actual_rows", 30.0}, {"total_ms", 1.0}};
        PlanFixture fixture;
        fixture.addPlan({}, {{-1, join}, {0, big}, {0, hash}, {2, few}});
        QCOMPARE(ddl(fixture), QStringLiteral("b (a_id);"));
    }
    {
        // An index in use is not suggested again; its filter asks for more columns.
        const Fields index{{"node_type", "Index Scan"}, {"relation", "orders"}, {"alias", "orders"},
            {"index_name", "i"}, {"condition", "(customer_id = 42)"}, {"actual_rows", 5000.0},
            {"total_ms", 90.0}};
        PlanFixture fixture;
        fixture.addPlan({}, {{-1, index}});
        QCOMPARE(ddl(fixture), QString());
    }
}

void TestIndexAdvice::planWithCatalog()
{
    PlanFixture fixture;
    const Fields table{{"source_id", std::int64_t(1)}, {"schemaname", "public"}, {"relname", "Order Lines"},
        {"oid", std::int64_t(10)}, {"reltuples", 500000.0}};
    fixture.insert("db_table_raw", table);
    fixture.insert("db_index_raw",
        {{"source_id", std::int64_t(1)}, {"schemaname", "public"}, {"relname", "Order Lines"},
            {"indexrelname", "Lines pk"},
            {"indexdef",
                "CREATE UNIQUE INDEX \"Lines pk\" ON public.\"Order Lines\" USING btree (\"Order\")"},
            {"indisunique", std::int64_t(1)}});
    fixture.insert("db_column_raw",
        {{"source_id", std::int64_t(1)}, {"schemaname", "public"}, {"relname", "Order Lines"},
            {"attname", "Order"}, {"n_distinct", -0.5}});
    fixture.bump("catalog");
    // The text form prints names with quotes. Only planned, but the catalog knows the size.
    fixture.addPlan({},
        {{-1,
            {{"node_type", "Seq Scan"}, {"relation", "\"Order Lines\""}, {"alias", "\"Order Lines\""},
                {"filter", "((sku = 'a1'::text) AND (\"Order\" = 3))"}, {"plan_rows", 4.0},
                {"total_cost", 9000.0}}}});
    fixture.execute("UPDATE plan_node_raw SET loops = NULL");
    fixture.analyse();
    QCOMPARE(fixture.text("SELECT ddl FROM index_candidate WHERE rank = 1"),
        std::string("CREATE INDEX CONCURRENTLY \"idx_Order Lines_Order_sku\" ON \"Order Lines\" "
                    "(\"Order\", sku);"));
    QCOMPARE(fixture.text("SELECT existing || ' ' || table_indexes FROM index_candidate WHERE rank = 1"),
        std::string("Lines pk 1"));
    // The result follows the catalog.
    fixture.insert("db_index_raw",
        {{"source_id", std::int64_t(1)}, {"schemaname", "public"}, {"relname", "Order Lines"},
            {"indexrelname", "both"},
            {"indexdef", "CREATE INDEX both ON public.\"Order Lines\" USING btree (sku, \"Order\")"}});
    fixture.bump("catalog");
    fixture.analyse();
    QCOMPARE(fixture.text("SELECT existing FROM index_candidate WHERE rank = 1 AND ddl IS NULL"),
        std::string("both"));
}

QTEST_GUILESS_MAIN(TestIndexAdvice)
#include "tst_indexadvice.moc"
