// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/dbconfig/dbconfig.h"

#include "import/dbconfig/conffile.h"
#include "support/importhelpers.h"

#include <QtTest>

using namespace tailscope;
using namespace tailscope::import;
using namespace tailscope::testing;
using namespace std::string_literals;

namespace {

bool contains(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

/// "kind subject parent key=value unit" of each row of config.
std::string config(const Importer &importer, const std::string &text)
{
    std::string all;
    for (const std::string &line : readBytes(importer, text).sink.linesOf("config"))
        all += line.substr(line.find("subject_kind")) + '\n';
    return all;
}
std::string settings(const Importer &importer, const std::string &text)
{
    std::string all;
    for (const std::string &line : readBytes(importer, text).sink.linesOf("setting"))
        all += line + '\n';
    return all;
}

} // namespace

class TestDbConfig : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void convertsUnits_data();
    void convertsUnits();
    void takesTheLastOfTwo();
    void readsQuotes();
    void resolvesPoolsOfAPooler();
    void bindsNamesLoosely();
    void followsYaml();
    void keepsPasswordsOut();
    void tellsWhatItDoesNotFollow();
    void findsTargets();
    void sniffs();
};

void TestDbConfig::convertsUnits_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("expected");
    const auto add = [](const char *name, const char *value, const char *expected) {
        QTest::addRow("%s %s", name, value)
            << QString::fromLatin1(name) << QString::fromLatin1(value) << QString::fromLatin1(expected);
    };
    add("shared_buffers", "128MB", "16384 8kB");
    add("shared_buffers", "16384", "16384 8kB");
    add("work_mem", "4MB", "4096 kB");
    add("max_wal_size", "1GB", "1024 MB");
    add("checkpoint_timeout", "15min", "900 s");
    add("statement_timeout", "1.5min", "90000 ms");
    add("log_rotation_age", "1d", "1440 min");
    add("log_min_duration_statement", "-1", "-1 ms");
    add("statement_timeout", "5MB", "");
    add("statement_timeout", "5 bananas", "");
    add("wal_level", "5MB", "");
}

void TestDbConfig::convertsUnits()
{
    QFETCH(QString, name);
    QFETCH(QString, value);
    QFETCH(QString, expected);
    const auto quantity = pgQuantity(name.toStdString(), value.toStdString());
    const std::string got
        = quantity ? plainNumber(quantity->value) + ' ' + std::string(quantity->unit) : std::string();
    QCOMPARE(got, expected.toStdString());
}

void TestDbConfig::takesTheLastOfTwo()
{
    const std::string text = "max_connections = 100\nMax_Connections 60 # fewer\nreserved_connections = 5\n";
    const std::string rows = config(postgresqlConfImporter(), text);
    QCOMPARE(rows,
        "subject_kind=\"server\" subject=\"postgresql\" key=\"max_connections\" value=\"60\"\n"
        "subject_kind=\"server\" subject=\"postgresql\" key=\"reserved\" value=\"8\"\n"s);
    QVERIFY(readBytes(postgresqlConfImporter(), text).hasIssue("set-twice"));
    // What is not written is not made up.
    QVERIFY(!contains(config(postgresqlConfImporter(), "max_connections = 60\nport = 1\n"), "reserved"));
}

void TestDbConfig::readsQuotes()
{
    QCOMPARE(confValue("'it''s a \\'b\\'' # no"), "it's a 'b'"s);
    QCOMPARE(confValue("  plain "), "plain"s);
    QVERIFY(contains(settings(postgresqlConfImporter(), "log_line_prefix = '%m [%p] # ' # comment\n"),
        "\"%m [%p] # \""));
}

void TestDbConfig::resolvesPoolsOfAPooler()
{
    const std::string rows = config(pgbouncerIniImporter(),
        "[databases]\nshop = host=db1 port=5432 pool_size=7\nbills = host='db "
        "2'\n[pgbouncer]\ndefault_pool_size = 20\n"
        "pool_mode = transaction\nquery_wait_timeout = 2.5\n");
    for (const char *part : {"subject=\"shop\" parent=\"pgbouncer\" key=\"size\" value=\"7\"",
             "subject=\"bills\" parent=\"pgbouncer\" key=\"size\" value=\"20\"",
             "key=\"target\" value=\"db1:5432\"", "key=\"target\" value=\"db 2\"",
             "key=\"acquire_timeout_ms\" value=\"2500\" unit=\"ms\""})
        QVERIFY2(contains(rows, part), (part + ("\n" + rows)).c_str());
}

void TestDbConfig::bindsNamesLoosely()
{
    const std::string expected = "subject_kind=\"pool\" subject=\"p\" key=\"size\" value=\"20\"\n";
    for (const char *name : {"maximum-pool-size", "maximumPoolSize", "MAXIMUM_POOL_SIZE"})
        QCOMPARE(config(hikariConfigImporter(),
                     "spring.datasource.hikari.pool-name=p\nspring.datasource.hikari."s + name + "=20\n"),
            expected);
    QCOMPARE(config(hikariConfigImporter(), "poolName=p\nmaximumPoolSize=20\n"), expected);
    QCOMPARE(config(hikariConfigImporter(), "poolName=p\nmaximumPoolSize=${SIZE:20}\n"), expected);
    QCOMPARE(config(hikariConfigImporter(), "poolName=p\nmaximumPoolSize=20%\n"), ""s);
}

void TestDbConfig::followsYaml()
{
    const std::string rows = config(hikariConfigImporter(),
        "spring:\n  application:\n    name: shop\n  datasource:\n    url: jdbc:postgresql://db1:5432/x\n    "
        "hikari:\n"
        "      maximum-pool-size: 20 # each\n  jpa:\n    maximum-pool-size: 99\n");
    QCOMPARE(rows,
        "subject_kind=\"pool\" subject=\"datasource\" parent=\"shop\" key=\"target\" value=\"db1:5432/x\"\n"
        "subject_kind=\"pool\" subject=\"datasource\" parent=\"shop\" key=\"size\" value=\"20\"\n"s);
}

void TestDbConfig::keepsPasswordsOut()
{
    const std::string all
        = readBytes(pgbouncerIniImporter(),
              "[databases]\na = host=h password='it''s hunter2'\n[pgbouncer]\nstats_password = hunter2\n")
              .text()
        + readBytes(postgresqlConfImporter(), "port = 1\nprimary_conninfo = 'password=hunter2'\n").text()
        + readBytes(hikariConfigImporter(),
            "a.hikari.maximum-pool-size=1\na.hikari.password=hunter2\na.hikari.jdbc-url=jdbc:x://u:hunter2@h/"
            "d?password="
            "hunter2\n")
              .text();
    QVERIFY2(!contains(all, "hunter2"), all.c_str());
}

void TestDbConfig::tellsWhatItDoesNotFollow()
{
    QVERIFY(readBytes(postgresqlConfImporter(), "port = 1\ninclude_dir = 'conf.d'\n").hasIssue("include"));
    QVERIFY(readBytes(pgbouncerIniImporter(), "[pgbouncer]\n%include more.ini\npool_mode = session\n")
                .hasIssue("include"));
    QCOMPARE(readBytes(postgresqlConfImporter(), "port = 1\ntwo words here\n").report.rowsSkipped(),
        std::int64_t{1});
}

void TestDbConfig::findsTargets()
{
    QCOMPARE(jdbcTarget("jdbc:postgresql://db1:5432/shop?user=x"), "db1:5432/shop"s);
    QCOMPARE(jdbcTarget("jdbc:mysql://u:p@h1,h2/shop"), "h1,h2/shop"s);
    QCOMPARE(jdbcTarget("http://x/y"), ""s);
}

void TestDbConfig::sniffs()
{
    QCOMPARE(postgresqlConfImporter().sniff("max_connections = 1\nport = 2\nwal_level = x\n", "x"),
        Confidence::Strong);
    QCOMPARE(postgresqlConfImporter().sniff("[x]\nmax_connections = 1\nwal_level = x\n", "x"),
        Confidence::No);
    QCOMPARE(pgbouncerIniImporter().sniff("[databases]\nmaster = 1\n", "x.ini"), Confidence::No);
    QCOMPARE(hikariConfigImporter().sniff("server.port=80\n", "application.properties"), Confidence::No);
}

QTEST_GUILESS_MAIN(TestDbConfig)
#include "tst_dbconfig.moc"
