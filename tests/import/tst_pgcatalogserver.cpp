// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The script of `tailscope catalog-sql` against a real server: what is imported equals what psql says. Needs
// psql and the conninfo of a database in TS_TEST_PG.
#include "import/importjob.h"
#include "store/workspace.h"

#include <algorithm>

#include <QProcess>
#include <QStandardPaths>
#include <QtTest>

using namespace tailscope;

namespace {

QString conninfo() { return qEnvironmentVariable("TS_TEST_PG"); }

QByteArray psql(const QStringList &arguments)
{
    QProcess process;
    process.start(QStringLiteral("psql"),
        QStringList{QStringLiteral("-XAt"), QStringLiteral("-d"), conninfo()} + arguments);
    const bool done = process.waitForFinished(60'000);
    const QByteArray errors = process.readAllStandardError();
    if (!done || process.exitCode() != 0 || !errors.isEmpty())
        qWarning("psql: %s", errors.constData());
    return process.readAllStandardOutput();
}

} // namespace

class TestPgCatalogServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void agrees_data();
    void agrees();
    void printsNoValues();

private:
    QByteArray m_output;
    std::unique_ptr<store::Workspace> m_workspace;
};

void TestPgCatalogServer::initTestCase()
{
    if (conninfo().isEmpty() || QStandardPaths::findExecutable(QStringLiteral("psql")).isEmpty())
        QSKIP("no server: set TS_TEST_PG to the conninfo of a database, and install psql");
    m_output = psql({QStringLiteral("-f"), QStringLiteral(TS_SOURCE_DIR "/resources/catalog/catalog.sql")});
    QVERIFY(m_output.startsWith("{\"catalog_view\""));
    auto created = store::Workspace::temporary();
    QVERIFY2(created, created ? "" : created.error().toText().c_str());
    m_workspace = std::move(*created);
    const auto done = import::importText(*m_workspace, "catalog.jsonl", m_output.toStdString(), {}, {});
    QVERIFY2(done, done ? "" : done.error().toText().c_str());
    QCOMPARE(done->rowsSkipped, std::int64_t(0));
    QCOMPARE(done->rowsRead, std::int64_t(m_output.count('\n')));
}

void TestPgCatalogServer::agrees_data()
{
    QTest::addColumn<QByteArray>("theirs");
    QTest::addColumn<QByteArray>("ours");
    const auto row = [](const char *name, const char *theirs, const char *ours) {
        QTest::newRow(name) << QByteArray(theirs) << QByteArray(ours);
    };
    row("server",
        "SELECT current_setting('server_version_num') || ' ' || current_database() || ' ' || "
        "pg_is_in_recovery()::int",
        "SELECT server_version_num || ' ' || dbname || ' ' || in_recovery FROM server");
    row("tables",
        "SELECT c.oid || ' ' || n.nspname || ' ' || relname || ' ' || relkind::text || ' ' || relpages || ' "
        "' ||"
        " reltuples::bigint || ' ' || relhastriggers::int || ' ' || coalesce(reloptions::text, '-') || ' ' ||"
        " coalesce(CASE WHEN relkind IN ('r', 'm') THEN pg_table_size(c.oid) END::text, '-')"
        " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace WHERE relkind IN ('r', 'p', 'm', "
        "'f', 'v')"
        " AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname !~ '^pg_'",
        "SELECT oid || ' ' || schemaname || ' ' || relname || ' ' || relkind || ' ' || relpages || ' ' ||"
        " CAST(reltuples AS INTEGER) || ' ' || relhastriggers || ' ' || replace(coalesce(reloptions, '-'), "
        "'\"', '') || ' ' ||"
        " coalesce(table_bytes, '-') FROM db_table");
    row("indexes",
        "SELECT i.indexrelid || ' ' || i.indrelid || ' ' || indkey::text || ' ' || indisunique::int || "
        "indisprimary::int ||"
        " indisvalid::int || ' ' || indnkeyatts || ' ' || coalesce(pg_get_expr(indpred, indrelid), '-') || ' "
        "' ||"
        " pg_get_indexdef(i.indexrelid) || ' ' || c.reltuples::bigint"
        " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = "
        "c.relnamespace"
        " WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname !~ '^pg_'",
        "SELECT indexrelid || ' ' || indrelid || ' ' || indkey || ' ' || indisunique || indisprimary || "
        "indisvalid || ' ' ||"
        " indnkeyatts || ' ' || coalesce(indpred, '-') || ' ' || indexdef || ' ' || CAST(reltuples AS "
        "INTEGER) FROM db_index");
    row("columns",
        "SELECT a.attrelid || ' ' || attnum || ' ' || a.attname || ' ' || format_type(atttypid, atttypmod) "
        "|| ' ' || attnotnull::int ||"
        " ' ' || coalesce(pg_get_expr(adbin, adrelid), '-') || ' ' || coalesce(round(1000 * "
        "n_distinct::numeric)::text, '-') || ' ' ||"
        " coalesce(avg_width::text, '-') FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
        " JOIN pg_namespace AS n ON n.oid = relnamespace LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid "
        "AND d.adnum = attnum"
        " LEFT JOIN pg_stats AS s ON s.schemaname = nspname AND s.tablename = relname AND s.attname = "
        "a.attname"
        " WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'm', 'f')"
        " AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname !~ '^pg_'",
        "SELECT attrelid || ' ' || attnum || ' ' || attname || ' ' || format_type || ' ' || attnotnull || ' "
        "' ||"
        " coalesce(column_default, '-') || ' ' || coalesce(CAST(round(1000 * n_distinct) AS INTEGER), '-') "
        "|| ' ' ||"
        " coalesce(avg_width, '-') FROM db_column");
    row("constraints",
        "SELECT conrelid || ' ' || conname || ' ' || contype::text || ' ' || convalidated::int || ' ' ||"
        " coalesce(array_to_string(conkey, ' '), '-') || ' ' || coalesce(array_to_string(confkey, ' '), '-') "
        "|| ' ' ||"
        " pg_get_constraintdef(k.oid) FROM pg_constraint AS k JOIN pg_namespace AS n ON n.oid = connamespace "
        "WHERE conrelid <> 0"
        " AND nspname NOT IN ('pg_catalog', 'information_schema')",
        "SELECT conrelid || ' ' || conname || ' ' || contype || ' ' || convalidated || ' ' || "
        "coalesce(conkey, '-') || ' ' ||"
        " coalesce(confkey, '-') || ' ' || constraintdef FROM db_constraint");
    row("settings",
        "SELECT name || ' ' || setting || ' ' || coalesce(unit, '-') || ' ' || context FROM pg_settings"
        " WHERE name IN ('work_mem', 'shared_buffers', 'lock_timeout', 'statement_timeout', 'search_path', "
        "'TimeZone',"
        " 'max_connections', 'autovacuum_vacuum_scale_factor')",
        "SELECT name || ' ' || setting || ' ' || coalesce(unit, '-') || ' ' || context FROM setting"
        " WHERE name IN ('work_mem', 'shared_buffers', 'lock_timeout', 'statement_timeout', 'search_path', "
        "'TimeZone',"
        " 'max_connections', 'autovacuum_vacuum_scale_factor')");
    row("table samples",
        "SELECT s.relid || ' ' || n_live_tup || ' ' || n_dead_tup || ' ' || n_tup_ins || ' ' || "
        "n_tup_hot_upd || ' ' ||"
        " coalesce(floor(extract(epoch FROM last_analyze))::bigint::text, '-') FROM pg_stat_user_tables AS s",
        "SELECT relid || ' ' || n_live_tup || ' ' || n_dead_tup || ' ' || n_tup_ins || ' ' || n_tup_hot_upd "
        "|| ' ' ||"
        " coalesce(last_analyze_ns / 1000000000, '-') FROM table_sample");
    row("index samples",
        "SELECT indexrelid || ' ' || relname || ' ' || indexrelname FROM pg_stat_user_indexes",
        "SELECT indexrelid || ' ' || relname || ' ' || indexrelname FROM index_sample");
}

void TestPgCatalogServer::agrees()
{
    QFETCH(QByteArray, theirs);
    QFETCH(QByteArray, ours);
    QByteArrayList expected = psql({QStringLiteral("-c"), QString::fromUtf8(theirs)}).split('\n');
    expected.removeAll({});
    // psql prints arrays without the quotes that need not be.
    for (QByteArray &line : expected)
        line.replace('"', "");
    QByteArrayList found;
    auto reader = m_workspace->connectReader();
    QVERIFY(reader);
    auto statement = reader->prepare(ours.toStdString());
    QVERIFY2(statement, statement ? "" : statement.error().detail.c_str());
    for (;;) {
        const auto row = statement->step();
        QVERIFY(row);
        if (!*row)
            break;
        found.append(QByteArray::fromStdString(std::string(statement->text(0))).replace('"', ""));
    }
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    QVERIFY(!expected.isEmpty());
    QCOMPARE(found, expected);
}

void TestPgCatalogServer::printsNoValues()
{
    QVERIFY(!m_output.contains("\"query\":") && !m_output.contains("primary_conninfo"));
    auto reader = m_workspace->connectReader();
    QVERIFY(reader);
    const auto values = reader->integer("SELECT count(most_common_vals) FROM db_column");
    QVERIFY(values);
    QCOMPARE(values->value_or(-1), std::int64_t(0));
}

QTEST_GUILESS_MAIN(TestPgCatalogServer)
#include "tst_pgcatalogserver.moc"
