// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explainother/explainother.h"

#include "base/text.h"
#include "import/explain/planreader.h"
#include "import/explainother/mysqljson.h"
#include "import/explainother/mysqltable.h"
#include "import/explainother/mysqltree.h"
#include "import/explainother/plantable.h"
#include "import/explainother/sqliteplan.h"

namespace tailscope::import {

namespace {

using namespace explain;

class MysqlTreeReader final : public PlanReader
{
protected:
    Result<void> parse(std::string_view text, const std::string &subject, ImportReport &report,
        const PlanTaker &take) override
    {
        return parseMysqlTrees(text, subject, report, take);
    }
    std::string_view form() const override { return "TREE of MySQL"; }
};

class MysqlJsonReader final : public PlanReader
{
protected:
    Result<void> parse(std::string_view text, const std::string &subject, ImportReport &report,
        const PlanTaker &take) override
    {
        return parseMysqlJson(text, subject, report, take);
    }
    std::string_view form() const override { return "JSON of MySQL"; }
};

class MysqlTableReader final : public PlanReader
{
protected:
    Result<void> parse(std::string_view text, const std::string &, ImportReport &report,
        const PlanTaker &take) override
    {
        parseMysqlTables(text, report, take);
        return {};
    }
    std::string_view form() const override { return "TRADITIONAL of MySQL"; }
};

class SqliteReader final : public PlanReader
{
protected:
    Result<void> parse(std::string_view text, const std::string &, ImportReport &report,
        const PlanTaker &take) override
    {
        parseSqlitePlans(text, report, take);
        return {};
    }
    std::string_view form() const override { return "QUERY PLAN of SQLite"; }
};

/// One class for all: descriptor, sniffer and reader.
template<typename ReaderType>
class PlanImporter final : public Importer
{
public:
    PlanImporter(FormatDescriptor descriptor, bool (*has)(std::string_view))
        : m_descriptor(std::move(descriptor))
        , m_has(has)
    {}
    const FormatDescriptor &descriptor() const override { return m_descriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        return m_has(prefix) ? Confidence::Strong : Confidence::No;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<ReaderType>();
    }

private:
    FormatDescriptor m_descriptor;
    bool (*m_has)(std::string_view);
};

bool hasMysqlTable(std::string_view text)
{
    // A header alone may be all that is seen of a vertical or wide table.
    return text.find("select_type") != std::string_view::npos && !hasMysqlJson(text)
        && !findTables(text, "select_type", "extra").empty();
}

} // namespace

const Importer &explainMysqlTreeImporter()
{
    static const PlanImporter<MysqlTreeReader> importer(
        {"explain-mysql-tree", "MySQL EXPLAIN ANALYZE and FORMAT=TREE", "*.txt *.plan *.explain",
            SourceKind::Plan,
            "EXPLAIN ANALYZE or EXPLAIN FORMAT=TREE of MySQL 8, as client or driver prints it."},
        hasMysqlTree);
    return importer;
}

const Importer &explainMysqlJsonImporter()
{
    static const PlanImporter<MysqlJsonReader> importer(
        {"explain-mysql-json", "MySQL and MariaDB EXPLAIN FORMAT=JSON", "*.json *.plan", SourceKind::Plan,
            "EXPLAIN FORMAT=JSON (versions 1 and 2) of MySQL, ANALYZE FORMAT=JSON of MariaDB."},
        hasMysqlJson);
    return importer;
}

const Importer &explainMysqlTableImporter()
{
    static const PlanImporter<MysqlTableReader> importer(
        {"explain-mysql-table", "MySQL and MariaDB EXPLAIN table", "*.txt *.tsv *.csv *.plan",
            SourceKind::Plan, "The table of EXPLAIN: grid, \\G, tabs, CSV, Markdown."},
        hasMysqlTable);
    return importer;
}

const Importer &explainSqliteImporter()
{
    static const PlanImporter<SqliteReader> importer(
        {"explain-sqlite", "SQLite EXPLAIN QUERY PLAN", "*.txt *.eqp *.plan", SourceKind::Plan,
            "EXPLAIN QUERY PLAN in sqlite3's tree or as rows of id, parent, notused, detail."},
        hasSqlitePlan);
    return importer;
}

} // namespace tailscope::import
