// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rules about tables, indexes and migrations, on texts as people save and write them, read by the importers.
#include "planfixture.h"

#include "import/importjob.h"

#include <QTest>

using namespace tailscope;
using testing::PlanFixture;

namespace {

struct File
{
    std::string name, text;
};
using Files = std::vector<File>;

std::string sql(const std::string &text) { return text; }

/// A million orders of the shop, with their columns.
const File kCatalog{"catalog.csv",
    "schemaname,relname,relkind,reltuples,oid,table_bytes\n"
    "shop,orders,r,1000000,10,2000000000\nshop,small,r,100,11,8192\nshop,parts,p,-1,12,\n\n"
    "schemaname,relname,attname,attnum,format_type\n"
    "shop,orders,name,1,character "
    "varying(20)\nshop,orders,total,2,\"numeric(10,2)\"\nshop,orders,customer_id,3,bigint\n"
    "shop,orders,code,4,text\n"};

} // namespace

class TestCatalogRules : public QObject
{
    Q_OBJECT

    static void load(PlanFixture &fixture, const Files &files)
    {
        for (const File &file : files) {
            const auto done = import::importText(fixture.workspace(), file.name, file.text, {}, {});
            QVERIFY2(done, done ? "" : done.error().toText().c_str());
        }
    }
    /// The worst severity of the rule's findings, or "" when there is none.
    static QString severity(const Files &files, const char *rule)
    {
        PlanFixture fixture;
        load(fixture, files);
        const QStringList lines = QString::fromStdString(fixture.findings()).split(QLatin1Char('\n'));
        for (const char *word : {"critical", "warning", "info"}) {
            if (lines.contains(QLatin1String(rule) + QLatin1Char(' ') + QLatin1String(word)))
                return QString::fromLatin1(word);
        }
        return {};
    }
    static void fires(const char *rule, const char *expected, const Files &files)
    {
        const QString name = QString::fromLatin1(rule) + QLatin1Char(' ');
        QCOMPARE(name + severity(files, rule), name + QLatin1String(expected));
    }
    static void silent(const char *rule, const Files &files) { fires(rule, "", files); }
    /// A migration after the catalog.
    static Files migration(const std::string &text, const char *name = "change.sql")
    {
        return {kCatalog, {name, text}};
    }
    /// The text of the rule's first finding.
    static QString summary(const Files &files, const char *rule)
    {
        PlanFixture fixture;
        load(fixture, files);
        fixture.findings();
        return QString::fromStdString(
            fixture.text(std::string("SELECT title || ' / ' || summary FROM finding WHERE rule_id = '") + rule
                + "' ORDER BY id LIMIT 1"));
    }

private Q_SLOTS:
    void deadTuples();
    void staleStatistics();
    void invalidIndexes();
    void unusedIndexes();
    void foreignKeys();
    void overIndexed();
    void wraparound();
    void timeouts();
    void indexBlocking();
    void addNotNull();
    void typeChange();
    void lockTimeout();
    void setNotNull();
    void addForeignKey();
    void volatileDefault();
    void concurrently();
    void renames();
    void drops();
    void rewrites();
    void wholeTables();
    void dumpsAreQuiet();
};

void TestCatalogRules::deadTuples()
{
    const auto tables = [](const std::string &row, const std::string &more = {}) {
        return Files{{"tables.csv",
            "ts,schemaname,relname,n_live_tup,n_dead_tup,last_autovacuum\n" + row + '\n' + more}};
    };
    fires("table-dead-tuples", "warning", tables("1772452800,shop,orders,1000000,200000,"));
    fires("table-dead-tuples", "critical", tables("1772452800,shop,orders,1000000,500000,"));
    fires("table-dead-tuples", "critical", tables("1772452800,shop,orders,0,500000,"));
    silent("table-dead-tuples", tables("1772452800,shop,orders,1000000,199000,"));
    silent("table-dead-tuples", tables("1772452800,shop,orders,1000,99999,"));
    // The last snapshot counts; figures that are not there are not zero.
    silent("table-dead-tuples",
        tables("1772452800,shop,orders,1000000,500000,\n1772452900,shop,orders,1000000,10,"));
    fires("table-dead-tuples", "critical",
        tables("1772452800,shop,orders,1000000,500000,\n1772452900,shop,orders,,,"));
    silent("table-dead-tuples",
        tables("1772452800,shop,orders,1000000,500000,",
            "ts,pid,relid,phase,heap_blks_total,heap_blks_scanned,heap_blks_vacuumed\n"
            "1772452800,7,shop.orders,scanning heap,10,5,0\n"));
    const QString text = summary(tables("1772452800,shop,orders,1000000,500000,2026-03-02 11:00:00+00"),
        "table-dead-tuples");
    QVERIFY2(text.contains(QStringLiteral("500,000 dead rows beside 1,000,000 live ones in shop.orders")),
        qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("it last ran 2026-03-02 11:00 UTC")), qPrintable(text));
}

void TestCatalogRules::staleStatistics()
{
    // Tables without an oid are told apart by their names.
    const std::string header = "schemaname,relname,n_live_tup,n_mod_since_analyze,last_analyze\n";
    fires("table-stats-stale", "warning",
        {{"t.csv",
            header
                + "shop,a,1000000,900000,2026-03-02 11:00:00+00\nshop,b,1000000,1,2026-03-02 "
                  "11:00:00+00\n"}});
    fires("table-stats-stale", "warning",
        {{"t.csv",
            header
                + "shop,a,1000000,1,2026-03-02 11:00:00+00\nshop,b,1000000,900000,2026-03-02 "
                  "11:00:00+00\n"}});
    // Rows of pg_statio_user_tables say nothing about it.
    fires("table-stats-stale", "warning",
        {{"t.csv",
            header
                + "shop,a,1000000,900000,2026-03-02 "
                  "11:00:00+00\n\nschemaname,relname,heap_blks_read,heap_blks_hit\nshop,a,1,2\n"}});
    silent("table-stats-stale", {{"t.csv", header + "shop,a,1000000,900,2026-03-02 11:00:00+00\n"}});
}

void TestCatalogRules::invalidIndexes()
{
    const std::string header = "schemaname,relname,indexrelname,indisvalid,index_bytes\n";
    fires("index-invalid", "warning", {{"i.csv", header + "shop,orders,orders_x,f,8192\n"}});
    silent("index-invalid", {{"i.csv", header + "shop,orders,orders_x,t,8192\n"}});
    // It was still being built.
    silent("index-invalid",
        {{"i.csv", header + "shop,orders,orders_x,f,8192\nshop,orders,orders_x,t,8192\n"}});
    silent("index-invalid",
        {{"i.csv",
            header
                + "shop,orders,orders_x,f,8192\n\npid,relid,phase,blocks_total,blocks_done,tuples_done,"
                  "lockers_total\n"
                  "7,shop.orders,building index,10,5,0,0\n"}});
    silent("index-invalid", {kCatalog, {"i.csv", header + "shop,parts,parts_x,f,\n"}});
}

void TestCatalogRules::unusedIndexes()
{
    const std::string indexes
        = "schemaname,relname,indexrelname,indisunique,indisprimary,constraint_name,index_bytes\n"
          "shop,orders,orders_old,f,f,,20000000\nshop,orders,orders_key,t,f,,20000000\n"
          "shop,orders,orders_tiny,f,f,,8192\n\n";
    const std::string header = "ts,schemaname,relname,indexrelname,idx_scan,idx_tup_read\n";
    fires("index-unused", "info", {{"i.csv", indexes + header + "1772452800,shop,orders,orders_old,0,0\n"}});
    fires("index-unused", "warning",
        {{"i.csv",
            indexes + header
                + "1772452800,shop,orders,orders_old,9,9\n1775131200,shop,orders,orders_old,9,9\n"}});
    silent("index-unused", {{"i.csv", indexes + header + "1772452800,shop,orders,orders_old,9,9\n"}});
    silent("index-unused",
        {{"i.csv",
            indexes + header
                + "1772452800,shop,orders,orders_old,9,9\n1775131200,shop,orders,orders_old,10,9\n"}});
    silent("index-unused", {{"i.csv", indexes + header + "1772452800,shop,orders,orders_key,0,0\n"}});
    silent("index-unused", {{"i.csv", indexes + header + "1772452800,shop,orders,orders_tiny,0,0\n"}});
    // Of another database, or whose nature nobody knows.
    silent("index-unused", {{"i.csv", indexes + header + "1772452800,shop,orders,orders_other,0,0\n"}});
}

void TestCatalogRules::foreignKeys()
{
    const std::string constraints
        = "schemaname,relname,conname,contype,conkey,confrelid,constraintdef\n"
          "shop,orders,orders_fk,f,{3},11,FOREIGN KEY (customer_id) REFERENCES shop.small(id)\n\n";
    const std::string header = "schemaname,relname,indexrelname,indkey,indisvalid,indpred\n";
    const auto with = [&](const std::string &index, const std::string &more = {}) {
        return Files{kCatalog, {"c.csv", constraints + header + index + "\n\n" + more}};
    };
    fires("fk-unindexed", "warning", with("shop,orders,orders_pkey,1,t,"));
    fires("fk-unindexed", "warning", with("shop,orders,orders_x,1 3,t,"));
    fires("fk-unindexed", "warning", with("shop,orders,orders_x,3,f,"));
    fires("fk-unindexed", "warning", with("shop,orders,orders_x,3,t,(total > 1)"));
    fires("fk-unindexed", "warning", with("shop,orders,orders_x,33,t,"));
    // Parents are never deleted.
    fires("fk-unindexed", "info",
        with("shop,orders,orders_x,1,t,",
            "relid,schemaname,relname,seq_scan,n_tup_del\n11,shop,small,1,0\n"));
    silent("fk-unindexed", with("shop,orders,orders_x,3,t,"));
    silent("fk-unindexed", with("shop,orders,orders_x,3 1,t,"));
    silent("fk-unindexed", with("shop,orders,orders_x,3,t,(customer_id IS NOT NULL)"));
    silent("fk-unindexed",
        {kCatalog, {"c.csv", "schemaname,relname,conname,contype,conkey\nshop,small,small_fk,f,{1}\n"}});
    // Several columns, in any order.
    const std::string two
        = "schemaname,relname,conname,contype,conkey\nshop,orders,two_fk,f,\"{3,1}\"\n\n" + header;
    silent("fk-unindexed", {kCatalog, {"c.csv", two + "shop,orders,orders_x,1 3 2,t,\n"}});
    fires("fk-unindexed", "warning", {kCatalog, {"c.csv", two + "shop,orders,orders_x,1 2 3,t,\n"}});
    const QString text = summary(with("shop,orders,orders_pkey,1,t,"), "fk-unindexed");
    QVERIFY2(text.contains(QStringLiteral("No index of shop.orders begins with customer_id")),
        qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("refers to shop.small")), qPrintable(text));
}

void TestCatalogRules::overIndexed()
{
    const auto files = [](int indexes, const char *sample) {
        std::string text = "schemaname,relname,indexrelname,indisprimary,indisvalid\n";
        for (int i = 0; i < indexes; ++i)
            text += "shop,orders,i" + std::to_string(i) + (i == 0 ? ",t,t\n" : ",f,t\n");
        return Files{{"i.csv",
            text + "\nschemaname,relname,seq_scan,idx_scan,n_tup_ins,n_tup_upd\nshop,orders," + sample
                + '\n'}};
    };
    fires("table-over-indexed", "info", files(8, "10,90000,60000,40000"));
    fires("table-over-indexed", "warning", files(3, "0,100,60000,0"));
    silent("table-over-indexed", files(7, "10,90000,60000,40000"));
    silent("table-over-indexed", files(8, "10,100000,60000,40000"));
    silent("table-over-indexed", files(2, "0,100,60000,0"));
    silent("table-over-indexed", files(8, "0,0,5000,0"));
}

void TestCatalogRules::wraparound()
{
    const auto files = [](const char *age) {
        return Files{{"t.csv",
            std::string("schemaname,relname,relkind,relfrozenxid_age\nshop,a,r,5\nshop,orders,r,") + age
                + '\n'}};
    };
    fires("xid-wraparound", "warning", files("500000000"));
    fires("xid-wraparound", "critical", files("1200000000"));
    silent("xid-wraparound", files("499999999"));
    silent("xid-wraparound", files(""));
    QVERIFY(summary(files("1200000000"), "xid-wraparound").contains(QStringLiteral("947,483,648")));
}

void TestCatalogRules::timeouts()
{
    const std::string header = "ts,name,setting,unit,context\n";
    fires("lint-db-timeouts-unset", "warning",
        {{"s.csv",
            header + "1772452800,lock_timeout,0,ms,user\n1772452800,statement_timeout,5000,ms,user\n"}});
    silent("lint-db-timeouts-unset", {{"s.csv", header + "1772452800,statement_timeout,5000,ms,user\n"}});
    // It was set meanwhile.
    silent("lint-db-timeouts-unset",
        {{"s.csv", header + "1772452800,lock_timeout,0,ms,user\n1772452900,lock_timeout,5000,ms,user\n"}});
    // Another setting's zero.
    silent("lint-db-timeouts-unset", {{"s.csv", header + "1772452800,log_rotation_size,0,kB,sighup\n"}});
    QVERIFY(summary(
        {{"s.csv", header + "1772452800,statement_timeout,0,ms,user\n1772452800,lock_timeout,0,ms,user\n"}},
        "lint-db-timeouts-unset")
                .startsWith(QStringLiteral("No limit: lock_timeout, statement_timeout / ")));
}

void TestCatalogRules::indexBlocking()
{
    fires("mig-index-blocking", "critical", migration("CREATE INDEX i ON shop.orders (total);"));
    fires("mig-index-blocking", "critical", migration("CREATE INDEX i ON orders (total);"));
    // Nothing is known of the table.
    fires("mig-index-blocking", "warning", {{"a.sql", "CREATE INDEX i ON shop.other (total);"}});
    silent("mig-index-blocking", migration("CREATE INDEX CONCURRENTLY i ON shop.orders (total);"));
    silent("mig-index-blocking", migration("CREATE INDEX i ON shop.small (total);"));
    silent("mig-index-blocking", migration("CREATE INDEX i ON shop.parts (total);"));
    silent("mig-index-blocking",
        migration("CREATE TABLE orders (a int); CREATE INDEX i ON shop.orders (a);"));
    silent("mig-index-blocking", migration("CREATE INDEX i ON shop.orders (total);", "V1__x.down.sql"));
    const QString text
        = summary(migration("-- x\nCREATE INDEX i ON shop.orders (total, code);"), "mig-index-blocking");
    QVERIFY2(text.startsWith(QStringLiteral("change.sql:2: building i stops all writes to shop.orders / ")),
        qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("the table has 1,000,000 rows")), qPrintable(text));
}

void TestCatalogRules::addNotNull()
{
    fires("mig-add-not-null", "critical", migration("ALTER TABLE shop.orders ADD COLUMN a int NOT NULL;"));
    fires("mig-add-not-null", "critical", migration("ALTER TABLE shop.orders ADD a int PRIMARY KEY;"));
    silent("mig-add-not-null", migration("ALTER TABLE shop.orders ADD COLUMN a int NOT NULL DEFAULT 0;"));
    silent("mig-add-not-null", migration("ALTER TABLE shop.orders ADD COLUMN a int;"));
    silent("mig-add-not-null", migration("ALTER TABLE shop.orders ADD COLUMN a bigserial NOT NULL;"));
    silent("mig-add-not-null",
        migration("ALTER TABLE shop.orders ADD COLUMN a int NOT NULL GENERATED ALWAYS AS IDENTITY;"));
    silent("mig-add-not-null", migration("CREATE TABLE t (b int); ALTER TABLE t ADD COLUMN a int NOT NULL;"));
}

void TestCatalogRules::typeChange()
{
    const auto to = [](const char *column, const char *type) {
        return migration(sql("ALTER TABLE shop.orders ALTER COLUMN ") + column + " TYPE " + type + ";");
    };
    fires("mig-type-change", "critical", to("customer_id", "numeric"));
    fires("mig-type-change", "critical", to("name", "varchar(10)"));
    fires("mig-type-change", "critical", to("total", "numeric(12,4)"));
    fires("mig-type-change", "critical", to("total", "numeric(8,2)"));
    fires("mig-type-change", "critical", to("code", "varchar(30)"));
    fires("mig-type-change", "warning", to("unknown_column", "integer"));
    fires("mig-type-change", "info", to("unknown_column", "text"));
    for (const auto &[column, type] :
        {std::pair{"name", "varchar(30)"}, {"name", "text"}, {"name", "varchar"}, {"total", "numeric(14,2)"},
            {"total", "numeric"}, {"code", "varchar"}, {"customer_id", "bigint"}})
        silent("mig-type-change", to(column, type));
    silent("mig-type-change", migration("ALTER TABLE shop.small ALTER COLUMN a TYPE bigint;"));
}

void TestCatalogRules::lockTimeout()
{
    fires("mig-no-lock-timeout", "warning", migration("ALTER TABLE shop.orders ADD COLUMN a int;"));
    fires("mig-no-lock-timeout", "warning",
        migration("SET lock_timeout = 0; ALTER TABLE shop.orders ADD COLUMN a int;"));
    fires("mig-no-lock-timeout", "warning",
        migration("ALTER TABLE shop.orders ADD COLUMN a int; SET lock_timeout = '2s';"));
    silent("mig-no-lock-timeout",
        migration("SET lock_timeout = '2s'; ALTER TABLE shop.orders ADD COLUMN a int;"));
    silent("mig-no-lock-timeout", migration("CREATE INDEX CONCURRENTLY i ON shop.orders (total);"));
    silent("mig-no-lock-timeout",
        migration("CREATE TABLE t (a int); ALTER TABLE t ADD b int; CREATE INDEX ON t (b);"));
}

void TestCatalogRules::setNotNull()
{
    fires("mig-set-not-null", "critical", migration("ALTER TABLE shop.orders ALTER name SET NOT NULL;"));
    fires("mig-set-not-null", "warning", {{"a.sql", "ALTER TABLE shop.orders ALTER name SET NOT NULL;"}});
    silent("mig-set-not-null", migration("ALTER TABLE shop.small ALTER name SET NOT NULL;"));
    silent("mig-set-not-null",
        migration("ALTER TABLE shop.orders VALIDATE CONSTRAINT c; ALTER TABLE shop.orders ALTER name SET NOT "
                  "NULL;"));
}

void TestCatalogRules::addForeignKey()
{
    const std::string key
        = "ALTER TABLE shop.orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES shop.small (id)";
    fires("mig-foreign-key", "critical", migration(key + ";"));
    fires("mig-foreign-key", "warning", {{"a.sql", key + ";"}});
    silent("mig-foreign-key", migration(key + " NOT VALID;"));
    silent("mig-foreign-key",
        migration("ALTER TABLE shop.small ADD FOREIGN KEY (a) REFERENCES shop.orders (id);"));
    // A new column is NULL everywhere: nothing to check.
    silent("mig-foreign-key",
        migration("ALTER TABLE shop.orders ADD COLUMN b bigint REFERENCES shop.small (id);"));
}

void TestCatalogRules::volatileDefault()
{
    fires("mig-volatile-default", "critical",
        migration("ALTER TABLE shop.orders ADD a uuid DEFAULT gen_random_uuid();"));
    fires("mig-volatile-default", "critical", migration("ALTER TABLE shop.orders ADD a bigserial;"));
    silent("mig-volatile-default", migration("ALTER TABLE shop.orders ADD a timestamptz DEFAULT now();"));
    silent("mig-volatile-default", migration("ALTER TABLE shop.orders ADD a int DEFAULT my_function();"));
    const File old{"server.csv", "server_version,server_version_num\n9.6.24,90624\n"};
    fires("mig-volatile-default", "critical",
        {kCatalog, old, {"a.sql", "ALTER TABLE shop.orders ADD a timestamptz DEFAULT now();"}});
}

void TestCatalogRules::concurrently()
{
    const std::string build = "CREATE INDEX CONCURRENTLY i ON shop.orders (total);";
    fires("mig-concurrently-in-transaction", "critical", migration("BEGIN; " + build + " COMMIT;"));
    fires("mig-concurrently-in-transaction", "critical", migration("-- migrate:up\n" + build));
    fires("mig-concurrently-in-transaction", "critical",
        migration("SET lock_timeout = '1s'; " + build, "1_a.up.sql"));
    silent("mig-concurrently-in-transaction", migration(build));
    silent("mig-concurrently-in-transaction", migration("BEGIN; COMMIT; " + build));
    silent("mig-concurrently-in-transaction", migration("-- migrate:up transaction:false\n" + build));
    silent("mig-concurrently-in-transaction", migration(build, "V1__a.sql"));
    silent("mig-concurrently-in-transaction", migration(build, "1_a.up.sql"));
}

void TestCatalogRules::renames()
{
    fires("mig-rename", "critical", migration("ALTER TABLE shop.orders RENAME COLUMN name TO title;"));
    fires("mig-rename", "critical", migration("ALTER TABLE shop.orders RENAME TO purchases;"));
    silent("mig-rename",
        migration("ALTER INDEX shop.i RENAME TO j; CREATE TABLE t (a int); ALTER TABLE t RENAME a TO b;"));
}

void TestCatalogRules::drops()
{
    fires("mig-drop", "warning", migration("DROP TABLE shop.orders;"));
    fires("mig-drop", "critical",
        {kCatalog,
            {"a.csv",
                "pid,state,query_start,query,wait_event_type\n1,active,2026-03-02 12:00:00+00,SELECT name "
                "FROM orders,\n"},
            {"a.sql", "ALTER TABLE shop.orders DROP COLUMN name;"}});
    silent("mig-drop", migration("CREATE TABLE t (a int); DROP TABLE t;"));
    silent("mig-drop", migration("DROP TABLE shop.orders;", "V1__x.down.sql"));
}

void TestCatalogRules::rewrites()
{
    fires("mig-vacuum-full", "critical",
        migration("ANALYZE shop.orders; CREATE VIEW v AS SELECT 1; VACUUM FULL shop.orders;"));
    fires("mig-vacuum-full", "critical", migration("DROP VIEW v; CLUSTER shop.orders USING i;"));
    silent("mig-vacuum-full", migration("DROP VIEW v; VACUUM shop.orders;"));
    silent("mig-vacuum-full", migration("DROP VIEW v; VACUUM FULL shop.small;"));
}

void TestCatalogRules::wholeTables()
{
    fires("mig-update-whole-table", "critical", migration("DROP VIEW v; UPDATE shop.orders SET name = '';"));
    fires("mig-update-whole-table", "warning", {{"a.sql", "DROP VIEW v; DELETE FROM shop.other;"}});
    silent("mig-update-whole-table",
        migration("DROP VIEW v; UPDATE shop.orders SET name = '' WHERE id < 5;"));
    silent("mig-update-whole-table", migration("DROP VIEW v; UPDATE shop.small SET name = '';"));
}

void TestCatalogRules::dumpsAreQuiet()
{
    // A whole schema makes what it changes: nobody waits for it.
    PlanFixture fixture;
    load(fixture,
        {{"structure.sql",
            "SET lock_timeout = 0;\nCREATE TABLE public.orders (id bigint NOT NULL, name text);\n"
            "ALTER TABLE ONLY public.orders ALTER COLUMN id SET DEFAULT nextval('s'::regclass);\n"
            "ALTER TABLE ONLY public.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);\n"
            "CREATE INDEX i ON public.orders USING btree (name);\n"}});
    QCOMPARE(QString::fromStdString(fixture.findings()), QString());
}

QTEST_GUILESS_MAIN(TestCatalogRules)
#include "tst_catalogrules.moc"
