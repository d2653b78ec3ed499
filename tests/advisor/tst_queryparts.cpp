// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/queryparts.h"

#include <QTest>

using namespace tailscope::advisor;

namespace {

QueryPartNode node(const char *type, const char *relation = "", const char *alias = "",
    std::vector<std::string> conditions = {})
{
    QueryPartNode out;
    out.nodeType = type;
    out.relation = relation;
    out.alias = alias;
    out.conditions = std::move(conditions);
    return out;
}

/// The parts as text, with bars between.
QByteArray parts(const std::string &sql, const QueryPartNode &node)
{
    QByteArrayList out;
    for (const TextRange &range : queryParts(sql, node))
        out << QByteArray::fromStdString(sql.substr(range.begin, range.length));
    return out.join(" | ");
}

const std::string kOrders
    = "SELECT o.id, sum(i.price * i.amount) AS total, count(*) -- not FROM here\n"
      "FROM shop.orders AS o JOIN items i ON i.order_id = o.id AND i.kind <> 'x(y'\n"
      "WHERE o.customer_id = 42 AND (o.state = 'paid' OR o.state = 'sent') AND i.price > 3\n"
      "GROUP BY o.id ORDER BY total DESC, 1 LIMIT 10 OFFSET 5";

} // namespace

class TestQueryParts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tableWithAlias() { QCOMPARE(parts(kOrders, node("Seq Scan", "orders", "o")), "shop.orders AS o"); }

    void tableAndItsConditions()
    {
        QCOMPARE(parts(kOrders, node("Index Scan", "orders", "o", {"(customer_id = 42)"})),
            "shop.orders AS o | o.customer_id = 42");
        QCOMPARE(parts(kOrders,
                     node("Seq Scan", "orders", "o", {"((state = 'paid'::text) OR (state = 'sent'::text))"})),
            "shop.orders AS o | o.state = 'paid' OR o.state = 'sent'");
    }

    void conditionsOfAnotherTableAreLeftOut()
    {
        // Both tables could have a column of that name; the qualifier tells.
        QCOMPARE(parts("SELECT * FROM a, b WHERE a.x > 1 AND b.x > 2",
                     node("Seq Scan", "b", "b", {"(x > 2)"})),
            "b | b.x > 2");
    }

    void literalsAndComments()
    {
        QCOMPARE(parts(kOrders,
                     node("Seq Scan", "items", "i", {"((kind <> 'x(y'::text) AND (price > '3'::numeric))"})),
            "items i | i.kind <> 'x(y' | i.price > 3");
    }

    void joinCondition()
    {
        QCOMPARE(parts(kOrders, node("Hash Join", "", "", {"(i.order_id = o.id)"})), "i.order_id = o.id");
        QCOMPARE(parts("SELECT * FROM a JOIN b USING (id)", node("Merge Join", "", "", {"(a.id = b.id)"})),
            "USING (id)");
    }

    void innerIndexConditionOfANestedLoop()
    {
        QCOMPARE(parts(kOrders, node("Index Scan", "items", "i", {"(order_id = o.id)"})),
            "items i | i.order_id = o.id");
    }

    void orderByNameAndNumber()
    {
        QueryPartNode sort = node("Sort");
        sort.sortKeys = {"(sum((i.price * i.amount))) DESC", "o.id"};
        QCOMPARE(parts(kOrders, sort), "ORDER BY total DESC, 1");
        sort.sortKeys = {"o.unknown_column"};
        QCOMPARE(parts(kOrders, sort), QByteArray());
    }

    void groupBy()
    {
        QueryPartNode group = node("GroupAggregate");
        group.groupKeys = {"o.id"};
        QCOMPARE(parts(kOrders, group), "GROUP BY o.id");
        // A sort for the grouping.
        QueryPartNode sort = node("Sort");
        sort.sortKeys = {"o.id"};
        QCOMPARE(parts("SELECT o.id, count(*) FROM o GROUP BY o.id", sort), "GROUP BY o.id");
    }

    void plainAggregate()
    {
        QCOMPARE(parts("SELECT count(*) FILTER (WHERE x > 1), lower(max(y)) FROM t", node("Aggregate")),
            "count(*) FILTER (WHERE x > 1) | max(y)");
    }

    void limitAndOffset() { QCOMPARE(parts(kOrders, node("Limit")), "LIMIT 10 | OFFSET 5"); }

    void cteUseAndDefinition()
    {
        QueryPartNode scan = node("CTE Scan", "", "r");
        scan.cteName = "recent";
        const std::string sql = "WITH recent AS MATERIALIZED (SELECT * FROM orders WHERE day > 5)"
                                " SELECT * FROM recent r WHERE r.id = 1";
        QCOMPARE(parts(sql, scan), "recent | recent r");
        // Inside the definition only its text counts.
        QueryPartNode inside = node("Seq Scan", "orders", "orders", {"(day > 5)"});
        inside.scopes = {"recent"};
        QCOMPARE(parts(sql, inside), "orders | day > 5");
        inside.alias = inside.relation = "recent";
        inside.conditions.clear();
        QCOMPARE(parts(sql, inside), QByteArray());
    }

    void subPlan()
    {
        QueryPartNode sub = node("Seq Scan", "items", "i");
        sub.isSubplanRoot = true;
        sub.relations = {"items"};
        const std::string sql = "SELECT * FROM orders o WHERE EXISTS (SELECT 1 FROM items i WHERE i.o = o.id)"
                                " AND o.x = (SELECT max(y) FROM limits)";
        QCOMPARE(parts(sql, sub), "EXISTS (SELECT 1 FROM items i WHERE i.o = o.id)");
        sub = node("Aggregate");
        sub.isSubplanRoot = true;
        sub.relations = {"limits"};
        QVERIFY(parts(sql, sub).startsWith("(SELECT max(y) FROM limits)"));
    }

    void numberedAliases()
    {
        const std::string sql = "SELECT * FROM t WHERE id IN (SELECT id FROM t WHERE b = 2)";
        const auto first = queryParts(sql, node("Seq Scan", "t", "t"));
        const auto second = queryParts(sql, node("Seq Scan", "t", "t_1"));
        QCOMPARE(first.size(), std::size_t(1));
        QCOMPARE(second.size(), std::size_t(1));
        QVERIFY(first[0].begin < second[0].begin);
        // A partition is called after its table.
        QCOMPARE(parts("SELECT * FROM orders o", node("Seq Scan", "orders_2024", "o_3")), "orders o");
    }

    void subqueryFunctionAndValues()
    {
        QCOMPARE(parts("SELECT * FROM (SELECT a FROM t OFFSET 0) AS s WHERE s.a > 1",
                     node("Subquery Scan", "", "s", {"(s.a > 1)"})),
            "(SELECT a FROM t OFFSET 0) | s.a > 1");
        QueryPartNode function = node("Function Scan", "", "g");
        function.functionName = "generate_series";
        QCOMPARE(parts("SELECT * FROM generate_series(1, 10) g", function), "generate_series(1, 10)");
    }

    void changesOfRows()
    {
        QCOMPARE(parts("UPDATE orders SET state = 'x' WHERE id = 7", node("ModifyTable", "orders", "orders")),
            "UPDATE | orders");
        QCOMPARE(parts("DELETE FROM orders WHERE id = 7",
                     node("Index Scan", "orders", "orders", {"(id = 7)"})),
            "orders | id = 7");
        QCOMPARE(parts("INSERT INTO log SELECT * FROM orders FOR UPDATE", node("LockRows")), "FOR UPDATE");
    }

    void setsDistinctAndWindows()
    {
        QCOMPARE(parts("SELECT a FROM x UNION ALL SELECT a FROM y", node("Append")), "UNION ALL");
        QCOMPARE(parts("SELECT DISTINCT a FROM x", node("Unique")), "DISTINCT");
        QCOMPARE(parts("SELECT a, rank() OVER (PARTITION BY b ORDER BY c) FROM x", node("WindowAgg")),
            "rank() OVER (PARTITION BY b ORDER BY c)");
    }

    void notFound()
    {
        QCOMPARE(parts("SELECT 1", node("Seq Scan", "orders", "o", {"(id = 1)"})), QByteArray());
        QCOMPARE(parts(kOrders, node("Hash")), QByteArray());
        QVERIFY(!QueryText::parse("this is not SQL"));
        QVERIFY(!QueryText::parse("SELECT 1; SELECT 2"));
        QVERIFY(!QueryText::parse(""));
        QVERIFY(!QueryText::parse(std::string(5000, '(')));
        QVERIFY(!QueryText::parse("SELECT " + std::string(200'000, '1')));
    }

    void textOutsideAscii()
    {
        const std::string sql = "SELECT '\xC3\xA4\xC3\xB6' FROM \"Gr\xC3\xB6\xC3\x9F"
                                "e\" g WHERE g.wert = 1";
        QCOMPARE(parts(sql,
                     node("Seq Scan",
                         "Gr\xC3\xB6\xC3\x9F"
                         "e",
                         "g", {"(wert = 1)"})),
            QByteArray("\"Gr\xC3\xB6\xC3\x9F"
                       "e\" g | g.wert = 1"));
    }
};

QTEST_APPLESS_MAIN(TestQueryParts)
#include "tst_queryparts.moc"
