// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/indexcatalog.h"

#include "advisor/indextext.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tailscope::advisor {

namespace {

/// Calls `take` for every row.
template<typename Take>
Result<void> eachRow(store::Database &reader, std::string_view sql, Take take)
{
    Result<store::Statement> query = reader.prepare(sql);
    if (!query)
        return fail(query.error());
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        take(*query);
    }
}

} // namespace

Result<IndexCatalog> IndexCatalog::load(store::Database &reader)
{
    IndexCatalog catalog;
    TS_TRY(catalog.loadTables(reader));
    TS_TRY(catalog.loadColumns(reader));
    TS_TRY(catalog.loadIndexes(reader));
    return catalog;
}

TableFacts &IndexCatalog::made(std::string_view schema, std::string_view relation)
{
    TableFacts &facts = m_tables[std::string(relation)][std::string(schema)];
    facts.isKnown = true;
    return facts;
}

Result<void> IndexCatalog::loadTables(store::Database &reader)
{
    using Key = std::pair<std::int64_t, std::int64_t>; // server, oid
    std::map<Key, std::string> names;
    std::vector<std::pair<TableFacts *, Key>> partitions;
    TS_TRY(eachRow(reader,
        "SELECT schemaname, relname, reltuples, coalesce(server_id, 0), oid, parent_oid FROM db_table",
        [&](const store::Statement &row) {
            TableFacts &facts = made(row.text(0), row.text(1));
            facts.rows = row.optionalReal(2).value_or(-1);
            names.emplace(Key(row.integer(3), row.integer(4)), row.text(1));
            if (row.integer(5) > 0)
                partitions.push_back({&facts, {row.integer(3), row.integer(5)}});
        }));
    for (const auto &[facts, parent] : partitions) {
        if (const auto found = names.find(parent); found != names.end())
            facts->parent = found->second;
    }
    return {};
}

Result<void> IndexCatalog::loadColumns(store::Database &reader)
{
    return eachRow(reader,
        "SELECT schemaname, relname, attname, n_distinct FROM db_column WHERE n_distinct IS NOT NULL",
        [this](const store::Statement &row) {
            TableFacts &facts = made(row.text(0), row.text(1));
            const double distinct = row.real(3); // below 0: minus the share of the rows
            if (distinct > 0)
                facts.distinct[std::string(row.text(2))] = distinct;
            else if (distinct < 0 && facts.rows >= 0)
                facts.distinct[std::string(row.text(2))] = -distinct * facts.rows;
        });
}

Result<void> IndexCatalog::loadIndexes(store::Database &reader)
{
    return eachRow(reader,
        "SELECT schemaname, relname, indexrelname, indexdef, indisunique, coalesce(indisvalid, 1) FROM "
        "db_index",
        [this](const store::Statement &row) {
            TableFacts &facts = made(row.text(0), row.text(1));
            ExistingIndex index;
            index.name = row.text(2);
            // Two captures of one server tell the same index twice.
            if (std::any_of(facts.indexes.begin(), facts.indexes.end(),
                    [&](const ExistingIndex &other) { return other.name == index.name; }))
                return;
            IndexDefinition definition = parseIndexDefinition(row.text(3));
            index.method = std::move(definition.method);
            index.columns = std::move(definition.columns);
            index.include = std::move(definition.include);
            index.predicate = std::move(definition.predicate);
            index.isUnique = row.integer(4) != 0;
            index.isValid = row.integer(5) != 0;
            index.servesPrefix = row.text(3).find("_pattern_ops") != std::string_view::npos
                || row.text(3).find("COLLATE \"C\"") != std::string_view::npos;
            facts.indexes.push_back(std::move(index));
        });
}

const TableFacts &IndexCatalog::table(const std::string &schema, const std::string &relation) const
{
    static const TableFacts kUnknown;
    const auto found = m_tables.find(relation);
    if (found == m_tables.end())
        return kUnknown;
    if (schema.empty())
        return found->second.size() == 1 ? found->second.begin()->second : kUnknown;
    const auto exact = found->second.find(schema);
    return exact == found->second.end() ? kUnknown : exact->second;
}

} // namespace tailscope::advisor
