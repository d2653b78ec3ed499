// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Tables and indexes: known answers.
#include "analysis/indexreview.h"
#include "analysis/tablefigures.h"

#include <QTest>

#include <cmath>
#include <map>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

using Settings = std::map<std::string, std::string, std::less<>>;

VacuumSettings settingsOf(const Settings &server, std::string_view table = {})
{
    return vacuumSettings(
        [&](std::string_view name) -> std::optional<std::string> {
            const auto found = server.find(name);
            return found == server.end() ? std::nullopt : std::optional(found->second);
        },
        table);
}

IndexFacts index(const char *name, std::vector<int> keys, const char *columns, std::int64_t scans = 5)
{
    IndexFacts facts;
    facts.schema = "public";
    facts.table = "orders";
    facts.name = name;
    facts.method = "btree";
    facts.keys = std::move(keys);
    facts.definition
        = std::string("CREATE INDEX ") + name + " ON public.orders USING btree (" + columns + ")";
    facts.scans = scans;
    facts.bytes = 1 << 20;
    return facts;
}

/// "name kind other" of each remark.
QStringList told(const std::vector<IndexFacts> &indexes, const std::vector<ForeignKeyFacts> &keys = {},
    bool hasStandbys = false)
{
    const char *kinds[]{"invalid", "duplicate", "prefix", "unused", "unused here", "missing"};
    QStringList out;
    for (const IndexRemark &remark : reviewIndexes(indexes, keys, hasStandbys)) {
        const bool isMissing = remark.kind == IndexRemark::Kind::MissingForForeignKey;
        out << QString::fromStdString((isMissing ? keys[remark.index].name : indexes[remark.index].name) + " "
            + kinds[int(remark.kind)] + (remark.other.empty() ? "" : " " + remark.other));
    }
    return out;
}

} // namespace

class TestTableFigures : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void triggers();
    void settingsOfTables();
    void bloat();
    void growth();
    void duplicatesAndPrefixes();
    void unused();
    void foreignKeys();
    void texts();
};

void TestTableFigures::triggers()
{
    // formulas.md FE-08.
    QCOMPARE(vacuumTrigger(settingsOf({}), 80e6).changed, 8'000'050.0);
    QCOMPARE(vacuumTrigger(settingsOf({}, "{autovacuum_vacuum_scale_factor=0.01}"), 150e6).dead, 1'500'050.0);
    QCOMPARE(vacuumTrigger(settingsOf({}), 1e6).dead, 200'050.0);
    QCOMPARE(*vacuumTrigger(settingsOf({}), 1e6).inserted, 201'000.0);
    QVERIFY(!vacuumTrigger(settingsOf({{"autovacuum_vacuum_insert_threshold", "-1"}}), 1e6).inserted);
    // Version 18 caps it; -1 turns the cap off.
    QCOMPARE(vacuumTrigger(settingsOf({{"autovacuum_vacuum_max_threshold", "100000000"}}), 1e9).dead, 1e8);
    QCOMPARE(vacuumTrigger(settingsOf({{"autovacuum_vacuum_max_threshold", "-1"}}), 1e9).dead, 200'000'050.0);
    QCOMPARE(vacuumTrigger(settingsOf({}), -1).dead, 50.0);
}

void TestTableFigures::settingsOfTables()
{
    const auto own = settingsOf({{"autovacuum_vacuum_threshold", "500"},
                                    {"autovacuum_freeze_max_age", "300000000"}},
        R"(["fillfactor=70","autovacuum_freeze_max_age=100000000","autovacuum_vacuum_scale_factor=0.5"])");
    QCOMPARE(own.threshold, 500.0);
    QCOMPARE(own.scaleFactor, 0.5);
    QCOMPARE(own.fillFactor, 70.0);
    QCOMPARE(own.freezeMaxAge, 1e8); // only earlier, never later
    QCOMPARE(settingsOf({}, "{autovacuum_freeze_max_age=900000000}").freezeMaxAge, 200e6);
    QVERIFY(!settingsOf({}, "{autovacuum_enabled=false}").isEnabled);
    QVERIFY(!settingsOf({{"autovacuum", "off"}}, "{autovacuum_enabled=true}").isEnabled);
    QCOMPARE(settingsOf({{"autovacuum_vacuum_scale_factor", "no number"}}).scaleFactor, 0.2);
}

void TestTableFigures::bloat()
{
    // pgbench_accounts: 4 + 4 + 4 + 85 bytes, no nulls: 24 + 104 + 4 = 132 a row, 61 a page of 8,168 bytes.
    const std::vector<BloatColumn> accounts{{0.0, 4.0}, {0.0, 4.0}, {0.0, 4.0}, {0.0, 85.0}};
    auto found = estimateBloat(accounts, 100'000, 1640, 100);
    QVERIFY(found);
    QCOMPARE(found->bytes, 0.0); // 1,640 pages are just enough
    found = estimateBloat(accounts, 100'000, 3280, 100);
    QCOMPARE(found->bytes, 1640 * 8192.0);
    QCOMPARE(found->share, 0.5);
    QVERIFY(QString::fromStdString(found->doubt).contains(QLatin1String("estimate")));
    // Half of each page is kept free on purpose, 30 rows a page: no bloat.
    QCOMPARE(estimateBloat(accounts, 100'000, 3334, 50)->bytes, 0.0);
    // 60 pages of one row of 7 kB each: the rest of each page is empty by nature.
    found = estimateBloat(std::vector<BloatColumn>{{0.0, 7000.0}}, 60, 60, 100);
    QCOMPARE(found->bytes, 0.0);
    QVERIFY(QString::fromStdString(found->doubt).contains(QLatin1String("TOAST")));
    // Nothing is guessed.
    QVERIFY(
        !estimateBloat(std::vector<BloatColumn>{{0.0, 4.0}, {std::nullopt, std::nullopt}}, 1e6, 1e4, 100));
    QVERIFY(!estimateBloat(accounts, -1, 1640, 100));
    QVERIFY(!estimateBloat(accounts, 100, 4, 100));
}

void TestTableFigures::growth()
{
    TableCounters before, now;
    const auto seq = std::size_t(TableCounter::SeqScans), rows = std::size_t(TableCounter::SeqRows),
               idx = std::size_t(TableCounter::IndexScans);
    before[seq] = 10;
    now[seq] = 14;
    before[rows] = 1000;
    now[rows] = 1400;
    now[idx] = 3; // unknown before
    auto grown = tableGrowth(before, now);
    QCOMPARE(*grown.by[seq], std::int64_t{4});
    QCOMPARE(*grown.by[rows], std::int64_t{400});
    QVERIFY(!grown.by[idx] && !grown.wasReset);
    // One that fell: all of them began anew.
    now[rows] = 200;
    grown = tableGrowth(before, now);
    QVERIFY(grown.wasReset);
    QCOMPARE(*grown.by[rows], std::int64_t{200});
    QCOMPARE(*grown.by[seq], std::int64_t{14});
}

void TestTableFigures::duplicatesAndPrefixes()
{
    // The one that is read more is kept.
    QCOMPARE(told({index("a", {1}, "customer_id", 3), index("b", {1}, "customer_id", 9)}),
        (QStringList{QStringLiteral("a duplicate b")}));
    QCOMPARE(told({index("a", {1}, "customer_id"), index("b", {1, 2}, "customer_id, created")}),
        (QStringList{QStringLiteral("a prefix b")}));
    // Another order or operator class is another index.
    QCOMPARE(told({index("a", {1}, "customer_id"), index("b", {1}, "customer_id DESC")}), QStringList());
    QCOMPARE(told({index("a", {1}, "name"), index("b", {1, 2}, "name text_pattern_ops, created")}),
        QStringList());
    // What enforces something is never superfluous because of what does not.
    IndexFacts unique = index("u", {1}, "customer_id");
    unique.isUnique = true;
    unique.definition = "CREATE UNIQUE INDEX u ON public.orders USING btree (customer_id)";
    QCOMPARE(told({unique, index("b", {1}, "customer_id"), index("c", {1, 2}, "customer_id, created")}),
        (QStringList{QStringLiteral("b duplicate u")}));
    IndexFacts partial = index("p", {1}, "customer_id");
    partial.predicate = "(state = 1)";
    partial.definition += " WHERE (state = 1)";
    QCOMPARE(told({partial, index("b", {1, 2}, "customer_id, created")}), QStringList());
    IndexFacts expression = index("e", {0}, "lower(name)");
    QCOMPARE(told({expression, index("f", {0, 1}, "lower(name), id")}), QStringList());
    // Nothing rests on an index that nobody can read.
    IndexFacts broken = index("x", {1, 2}, "customer_id, created");
    broken.isValid = false;
    QCOMPARE(told({index("a", {1}, "customer_id"), broken}), (QStringList{QStringLiteral("x invalid")}));
    broken.isBeingBuilt = true;
    QCOMPARE(told({broken}), QStringList());
    // Of another table.
    IndexFacts other = index("o", {1}, "customer_id");
    other.table = "lines";
    QCOMPARE(told({index("a", {1}, "customer_id"), other}), QStringList());
}

void TestTableFigures::unused()
{
    const IndexFacts never = index("n", {3}, "note", 0);
    QCOMPARE(told({never}), (QStringList{QStringLiteral("n unused")}));
    // A standby nobody looked at may read it; one that was looked at and does not.
    QCOMPARE(told({never}, {}, true), (QStringList{QStringLiteral("n unused here")}));
    IndexFacts elsewhere = never;
    elsewhere.scansElsewhere = 0;
    QCOMPARE(told({elsewhere}, {}, true), (QStringList{QStringLiteral("n unused")}));
    elsewhere.scansElsewhere = 7;
    QCOMPARE(told({elsewhere}, {}, true), (QStringList{QStringLiteral("n unused here")}));
    IndexFacts constraint = never;
    constraint.constraint = "orders_note_excl";
    QCOMPARE(told({constraint}), QStringList());
    IndexFacts unknown = never;
    unknown.scans.reset();
    QCOMPARE(told({unknown}), QStringList());
}

void TestTableFigures::foreignKeys()
{
    ForeignKeyFacts key{"public", "orders", "orders_customer_fkey", "FOREIGN KEY (customer_id) ...",
        "customer", {2, 4}, {"customer_id", "region"}};
    QCOMPARE(told({}, {key}), (QStringList{QStringLiteral("orders_customer_fkey missing")}));
    // Begins with the columns, in any order.
    QCOMPARE(told({index("a", {4, 2, 1}, "region, customer_id, id")}, {key}), QStringList());
    QCOMPARE(told({index("a", {1, 2, 4}, "id, customer_id, region")}, {key}),
        (QStringList{QStringLiteral("orders_customer_fkey missing")}));
    IndexFacts partial = index("p", {2, 4}, "customer_id, region");
    partial.predicate = "(state = 1)";
    QCOMPARE(told({partial}, {key}), (QStringList{QStringLiteral("orders_customer_fkey missing")}));
    partial.predicate = "(customer_id IS NOT NULL)";
    QCOMPARE(told({partial}, {key}), QStringList());
}

void TestTableFigures::texts()
{
    IndexFacts one = index("Old Index", {1}, "customer_id");
    one.schema = "public";
    QCOMPARE(QString::fromStdString(dropIndexText(one)).section(QLatin1Char('\n'), 0, 0),
        QStringLiteral("DROP INDEX CONCURRENTLY public.\"Old Index\";"));
    QVERIFY(QString::fromStdString(dropIndexText(one)).contains(QLatin1String("CREATE INDEX Old Index")));
    one.isPrimary = true;
    QVERIFY(dropIndexText(one).empty());
    QCOMPARE(QString::fromStdString(createIndexText({"public", "orders", "k", "", "", {2}, {"customer_id"}})),
        QStringLiteral("CREATE INDEX CONCURRENTLY ON public.orders (customer_id);"));
    QVERIFY(createIndexText({"public", "orders", "k", "", "", {2, 3}, {"customer_id"}}).empty());
    QCOMPARE(QString::fromStdString(sqlName("a\"b")), QStringLiteral("\"a\"\"b\""));
    QCOMPARE(QString::fromStdString(sqlName("1a")), QStringLiteral("\"1a\""));
}

QTEST_GUILESS_MAIN(TestTableFigures)
#include "tst_tablefigures.moc"
