// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/bulkidmap.h"
#include "store/workspaceimpl.h"

#include <algorithm>
#include <chrono>
#include <functional>

namespace tailscope::store {

namespace {

constexpr std::int64_t kIdsPerStep = 5'000;
constexpr std::chrono::milliseconds kTransactionTime{50};

/// Rows to delete: ids first..last of a table, by source where other sources may lie between.
struct Sweep
{
    std::string table;
    std::string column = "id"; ///< "set_id" for attribute_set_item
    bool bySource = false;
    std::int64_t first = 0, last = -1;
};

/// Records (samples, catalogs) may also come without a BulkWriter.
bool isFilledElsewhereToo(Family family) { return family >= Family::Server; }

class Remover
{
public:
    Remover(Database &database, std::int64_t sourceId, const Progress &progress)
        : m_database(database)
        , m_source(sourceId)
        , m_progress(progress)
    {}

    Result<void> run()
    {
        TS_TRY(inOne([this] { return hide(); }));
        TS_TRY(plan());
        for (const Sweep &sweep : m_sweeps)
            TS_TRY(remove(sweep));
        return inOne([this] { return finish(); });
    }

private:
    Result<void> inOne(const std::function<Result<void>()> &work)
    {
        TS_TRY(m_database.begin());
        const Result<void> done = work();
        if (!done) {
            m_database.rollback();
            return done;
        }
        return m_database.commit();
    }
    Result<void> runFor(std::string_view sql)
    {
        Result<Statement> statement = m_database.prepare(sql);
        if (!statement)
            return fail(statement.error());
        statement->bind(0, m_source);
        return statement->run();
    }

    /// From here on the source shows nowhere, and a removal that is cut short can be repeated.
    Result<void> hide()
    {
        TS_TRY(runFor("UPDATE source_raw SET state = 3 WHERE id = ?1"));
        if (m_database.changes() == 0)
            return fail(ErrorCode::NotFound, m_database.path().string(),
                "there is no source " + std::to_string(m_source));
        return bumpGenerationsOf(m_database, m_source);
    }

    Result<void> plan()
    {
        const Result<IdMaps> maps = readIdMaps(m_database, m_source);
        if (!maps)
            return fail(maps.error());
        for (const FamilyInfo &info : allFamilies()) {
            if (isFilledElsewhereToo(info.family))
                continue; // planTables() finds them all
            for (const IdMap::Run &run : mapOf(*maps, info.family).runs())
                planRun(info, run);
        }
        TS_TRY(planTables());
        return clampSweeps();
    }
    /// A run may claim more than there is: what is beyond the last row needs no steps.
    Result<void> clampSweeps()
    {
        for (Sweep &sweep : m_sweeps) {
            const Result<std::optional<std::int64_t>> last
                = m_database.integer("SELECT max(" + sweep.column + ") FROM " + sweep.table);
            if (!last)
                return fail(last.error());
            sweep.last = std::min(sweep.last, last->value_or(sweep.first - 1));
        }
        std::erase_if(m_sweeps, [](const Sweep &sweep) { return sweep.last < sweep.first; });
        return {};
    }
    void planRun(const FamilyInfo &info, const IdMap::Run &run)
    {
        const auto add = [&](std::string_view table, std::string_view column, bool bySource) {
            m_sweeps.push_back({std::string(table), std::string(column), bySource, run.firstId,
                run.firstId + run.count - 1});
        };
        add(info.table, "id", info.family != Family::String);
        if (info.family == Family::Span)
            add("span_calc", "id", false);
        else if (info.family == Family::Trace)
            add("trace_calc", "id", false);
        else if (info.family == Family::CallNode)
            add("call_node_calc", "id", false);
        else if (info.family == Family::AttributeSet)
            add("attribute_set_item", "set_id", false);
    }
    /// Rows that no run covers (samples, catalogs, derived links, reports): found by source_id.
    Result<void> planTables()
    {
        Result<Statement> tables = m_database.prepare(
            "SELECT s.name FROM sqlite_schema AS s WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite\\_%' "
            "ESCAPE '\\'"
            " AND s.sql LIKE 'CREATE TABLE%' AND s.sql NOT LIKE '%WITHOUT ROWID' AND s.name <> 'source_raw'"
            " AND EXISTS (SELECT 1 FROM pragma_table_info(s.name) AS c WHERE c.name = 'source_id')"
            " AND EXISTS (SELECT 1 FROM pragma_table_info(s.name) AS c WHERE c.name = 'id') ORDER BY s.name");
        if (!tables)
            return fail(tables.error());
        const Result<std::vector<SchemaObject>> ours = expectedObjects();
        if (!ours)
            return fail(ours.error());
        for (;;) {
            const Result<bool> row = tables->step();
            if (!row)
                return fail(row.error());
            if (!*row)
                return {};
            const std::string table(tables->text(0));
            const bool known = std::any_of(ours->begin(), ours->end(),
                [&](const SchemaObject &object) { return object.type == "table" && object.name == table; });
            if (known)
                TS_TRY(planTable(table));
        }
    }
    Result<void> planTable(const std::string &table)
    {
        // What a BulkWriter wrote is covered exactly by its runs; some tables get rows from elsewhere too.
        const bool covered
            = std::any_of(allFamilies().begin(), allFamilies().end(), [&](const FamilyInfo &info) {
                  return info.table == table && info.family != Family::SpanLink
                      && !isFilledElsewhereToo(info.family);
              });
        if (covered)
            return {};
        Result<Statement> range
            = m_database.prepare("SELECT min(id), max(id) FROM " + table + " WHERE source_id = ?1");
        if (!range)
            return fail(range.error());
        range->bind(0, m_source);
        const Result<bool> row = range->step();
        if (!row)
            return fail(row.error());
        if (!range->isNull(0))
            m_sweeps.push_back({table, "id", true, range->integer(0), range->integer(1)});
        return {};
    }

    Result<void> remove(const Sweep &sweep)
    {
        Result<Statement> statement = m_database.prepare("DELETE FROM " + sweep.table + " WHERE "
            + sweep.column + " BETWEEN ?1 AND ?2" + (sweep.bySource ? " AND source_id = ?3" : ""));
        if (!statement)
            return fail(statement.error());
        std::int64_t next = sweep.first;
        while (next <= sweep.last) {
            m_progress.update({"removing", m_done, total(), static_cast<std::uint64_t>(m_rows)});
            if (m_progress.isCancelled())
                return fail(ErrorCode::Cancelled, m_database.path().string(), "removing was cancelled",
                    "Remove the source again to go on");
            TS_TRY(inOne([&] { return removeSome(*statement, sweep, next); }));
        }
        return {};
    }
    Result<void> removeSome(Statement &statement, const Sweep &sweep, std::int64_t &next)
    {
        const auto start = std::chrono::steady_clock::now();
        while (next <= sweep.last && std::chrono::steady_clock::now() - start < kTransactionTime) {
            const std::int64_t end = std::min(sweep.last, next + (kIdsPerStep - 1));
            statement.bind(0, next);
            statement.bind(1, end);
            if (sweep.bySource)
                statement.bind(2, m_source);
            TS_TRY(statement.run());
            m_rows += m_database.changes();
            m_done += static_cast<std::uint64_t>(end - next + 1);
            next = end + 1;
        }
        return {};
    }

    Result<void> finish()
    {
        for (const std::string_view sql : {"DELETE FROM pyramid WHERE source_id = ?1",
                 "DELETE FROM budget_component_raw WHERE budget_id NOT IN (SELECT id FROM budget_raw) AND ?1 "
                 "> 0",
                 "DELETE FROM source_run WHERE source_id = ?1",
                 "UPDATE source_raw SET duplicate_of = NULL WHERE duplicate_of = ?1",
                 "DELETE FROM source_raw WHERE id = ?1",
                 "DELETE FROM statement_raw WHERE ?1 > 0"
                 " AND NOT EXISTS (SELECT 1 FROM plan_raw WHERE statement_id = statement_raw.id)"
                 " AND NOT EXISTS (SELECT 1 FROM statement_sample_raw WHERE statement_id = statement_raw.id)"
                 " AND NOT EXISTS (SELECT 1 FROM session_sample_raw WHERE statement_id = statement_raw.id)"
                 " AND NOT EXISTS (SELECT 1 FROM session_minute_raw WHERE statement_id = statement_raw.id)"
                 " AND NOT EXISTS (SELECT 1 FROM log_entry_raw WHERE statement_id = statement_raw.id)"
                 " AND NOT EXISTS (SELECT 1 FROM statement_stat WHERE statement_id = statement_raw.id)"
                 " AND id NOT IN (SELECT statement_id FROM deadlock_member_raw WHERE statement_id IS NOT "
                 "NULL)"})
            TS_TRY(runFor(sql));
        return bumpGeneration(m_database, "source");
    }
    std::uint64_t total() const
    {
        std::uint64_t sum = 0;
        for (const Sweep &sweep : m_sweeps)
            sum += static_cast<std::uint64_t>(sweep.last - sweep.first + 1);
        return sum;
    }

    Database &m_database;
    std::int64_t m_source;
    const Progress &m_progress;
    std::vector<Sweep> m_sweeps;
    std::uint64_t m_done = 0;
    std::int64_t m_rows = 0;
};

} // namespace

Result<void> Workspace::removeSource(std::int64_t sourceId, const Progress &progress) const
{
    Result<Database> database = connectWriter();
    if (!database)
        return fail(database.error());
    database->setCancel(progress.cancel);
    return Remover(*database, sourceId, progress).run();
}

} // namespace tailscope::store
