// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/planconditions.h"

#include <QTest>

using namespace tailscope;

namespace {

/// "column op literal [wrapped]" joined by "; ", "?" before what is no conjunct.
QString shown(const std::vector<advisor::PlanCondition> &conditions)
{
    QStringList parts;
    for (const advisor::PlanCondition &c : conditions) {
        QString part = c.conjunct ? QString() : QStringLiteral("? ");
        part += QString::fromStdString(c.column + " " + c.op);
        if (!c.literal.empty())
            part += QLatin1Char(' ') + QString::fromStdString(c.literal);
        if (!c.wrappedIn.empty())
            part += QStringLiteral(" [%1]").arg(QString::fromStdString(c.wrappedIn));
        parts.append(part);
    }
    return parts.join(QStringLiteral("; "));
}

} // namespace

class TestPlanConditions : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void parses_data();
    void parses();
    void hostileTexts();
    void fillsTheTableOnce();
};

void TestPlanConditions::parses_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *expression, const char *expected) {
        QTest::newRow(expression) << QString::fromUtf8(expression) << QString::fromUtf8(expected);
    };
    row("((customer_id = 42) AND (status = 'shipped'::text))", "customer_id = 42; status = shipped");
    row("((o.status)::text = 'shipped'::text)", "status = shipped [::text]");
    row("(lower((email)::text) = $1)", "email = $1 [lower]");
    row("((created_at)::date = '2024-01-01'::date)", "created_at = 2024-01-01 [::date]");
    row("(date_trunc('day'::text, created_at) > '2024-01-01 00:00:00'::timestamp without time zone)",
        "created_at > 2024-01-01 00:00:00 [date_trunc]");
    row("(n = ANY ('{1,2}'::integer[]))", "n = ANY {1,2}");
    row("(n <> ALL ('{1,2}'::integer[]))", "n <> ALL {1,2}");
    row("((a IS NULL) AND (b IS NOT NULL) AND flag AND (NOT off))",
        "a IS NULL; b IS NOT NULL; flag IS TRUE; off IS FALSE");
    row("((a = 1) OR (b = 2))", "? a = 1; ? b = 2");
    row("((a = 1) AND ((b = 2) OR (c > 3)))", "a = 1; ? b = 2; ? c > 3");
    row("(42 < x)", "x > 42");
    row("(x = -5)", "x = -5");
    row("(x = 0)", "x = 0");
    row("(x > 1.50)", "x > 1.50");
    row("((x + 1) = 5)", "x = 5 [+]");
    row("(name ~~ '%x'::text)", "name ~~ %x");
    row("(name ~~* 'x%'::text)", "name ~~* x%");
    row("(tags @> '{a}'::text[])", "tags @> {a}");
    row("((doc ->> 'k'::text) = 'v'::text)", "doc = v [->>]");
    row("(o.customer_id = c.id)", "customer_id =");
    row("(c.id = o.customer_id)", "customer_id =");
    row("(c.id = c.other)", "");
    row("(hashed SubPlan 1)", "");
    row("((a = 1) AND (NOT (hashed SubPlan 1)))", "a = 1");
    row("(x <> (InitPlan 1).col1)", "x <>");
    row("(NOT (ANY (x = (hashed SubPlan 2).col1)))", "? x =");
    row("(x > $0)", "x > $0");
    row("(\"Odd Name\" = 1)", "Odd Name = 1");
    row("((x)::numeric(10,2) >= 5)", "x >= 5 [::numeric]");
    row("true", "");
    row("", "");
    row("a = ", "");
    row("a = 1; DROP TABLE t", "");
    row("true) UNION SELECT (1", "");
}

void TestPlanConditions::parses()
{
    QFETCH(QString, expression);
    QFETCH(QString, expected);
    QCOMPARE(shown(advisor::parsePlanCondition(expression.toStdString(), "o", "orders")), expected);
}

void TestPlanConditions::hostileTexts()
{
    std::string chain = "a";
    for (int i = 0; i < 3900; ++i)
        chain += "+a";
    advisor::parsePlanCondition(chain, {}, {});
    advisor::parsePlanCondition(std::string(4000, '(') + "a" + std::string(4000, ')'), {}, {});
    advisor::parsePlanCondition(std::string(4000, '('), {}, {});
    advisor::parsePlanCondition(std::string("a = '\0'", 7), {}, {});
    advisor::parsePlanCondition("a = '\xff\xfe'", {}, {});
    QCOMPARE(advisor::parsePlanCondition("a = " + std::string(10'000, '1'), {}, {}).size(), std::size_t(0));
    std::string many = "(a = 1)";
    for (int i = 0; i < 500; ++i)
        many += " AND (a = 1)";
    QCOMPARE(advisor::parsePlanCondition(many, {}, {}).size(), std::size_t(200));
}

void TestPlanConditions::fillsTheTableOnce()
{
    auto workspace = store::Workspace::temporary();
    QVERIFY(workspace);
    const auto execute = [&](const char *sql) {
        auto writer = (*workspace)->connectWriter();
        QVERIFY(writer);
        const auto done = writer->execute(sql);
        QVERIFY2(done, done ? "" : done.error().toText().c_str());
    };
    execute("INSERT INTO source_raw (id, path, format, kind, state) VALUES (1, 'x', 'x', 2, 2);"
            "INSERT INTO plan_raw (id, source_id) VALUES (1, 1);"
            "INSERT INTO plan_node_raw (id, source_id, plan_id, node, node_type, alias, condition, filter, "
            "extra) VALUES"
            " (10, 1, 1, 0, 'Hash Join', NULL, '(o.id = c.id)', NULL, '{\"Join Filter\":\"(o.a > c.b)\"}'),"
            " (11, 1, 1, 1, 'Index Scan', 'o', '(id = 3)', '((x = 1) OR (y = 2))', NULL),"
            " (12, 1, 1, 2, 'Bitmap Heap Scan', 'c', '(id > 3)', NULL, 'not json');"
            "INSERT INTO generation (table_family, n) VALUES ('plan', 1)"
            " ON CONFLICT (table_family) DO UPDATE SET n = n + 1");
    const auto rows = advisor::derivePlanConditions(**workspace, {});
    QVERIFY2(rows, rows ? "" : rows.error().toText().c_str());
    QCOMPARE(*rows, 6);
    auto reader = (*workspace)->connectReader();
    QVERIFY(reader);
    const auto all = reader->text("SELECT group_concat(plan_node_id || ' ' || place || ' ' || \"column\" || "
                                  "ordinal, ', ') FROM plan_condition");
    QVERIFY(all);
    QCOMPARE(all->value_or(""),
        std::string(
            "10 hash_cond id0, 10 join_filter a1, 11 index_cond id0, 11 filter.or x1, 11 filter.or y2, "
            "12 recheck_cond id0"));
    // Nothing new: nothing is written, whether the generation moved or not.
    QCOMPARE(advisor::derivePlanConditions(**workspace, {}).value_or(-1), 0);
    execute("UPDATE generation SET n = n + 1 WHERE table_family = 'plan'");
    QCOMPARE(advisor::derivePlanConditions(**workspace, {}).value_or(-1), 0);
}

QTEST_GUILESS_MAIN(TestPlanConditions)
#include "tst_planconditions.moc"
