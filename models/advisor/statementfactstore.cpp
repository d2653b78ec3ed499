// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/statementfacts.h"
#include "analysis/rowinsert.h"

#include <utility>

namespace tailscope::advisor {

namespace {

constexpr std::int64_t kMaxStatements = 200'000; // later ones have no row
constexpr std::string_view kColumns
    = "run_id, statement_id, kind, tables, target, star, columns, joins, has_limit, limit_rows, has_offset,"
      " offset_rows, order_by, order_relation, equal_columns, range_columns, aggregate, grouped, count_star,"
      " inserted_rows, locks, skip_locked, changed_columns";

using Row = std::pair<std::int64_t, StatementFacts>;

std::string joined(const std::vector<std::string> &names)
{
    std::string line;
    for (const std::string &name : names)
        line += (line.empty() ? "" : ", ") + name;
    return line;
}

void addNumber(analysis::RowInsert &insert, const std::optional<std::int64_t> &value)
{
    if (value)
        insert.add(*value);
    else
        insert.null();
}

Result<void> writeRow(analysis::RowInsert &insert, std::int64_t runId, const Row &row)
{
    const StatementFacts &f = row.second;
    const std::string tables = joined(f.tables), orderBy = joined(f.orderBy), equal = joined(f.equalColumns),
                      range = joined(f.rangeColumns), changed = joined(f.changedColumns);
    insert.add(runId).add(row.first).add(std::string_view(f.kind));
    if (f.kind == "unknown") {
        for (int i = 0; i < 20; ++i)
            insert.null();
        return insert.run();
    }
    insert.textOrNull(tables).textOrNull(f.target).add(std::int64_t(f.star));
    addNumber(insert, f.columns);
    insert.add(f.joins).add(std::int64_t(f.hasLimit));
    addNumber(insert, f.limitRows);
    insert.add(std::int64_t(f.hasOffset));
    addNumber(insert, f.offsetRows);
    insert.textOrNull(orderBy).textOrNull(f.orderRelation).textOrNull(equal).textOrNull(range);
    insert.add(std::int64_t(f.aggregate)).add(std::int64_t(f.grouped)).add(std::int64_t(f.countStar));
    addNumber(insert, f.insertedRows);
    insert.textOrNull(f.locks).add(std::int64_t(f.skipLocked)).textOrNull(changed);
    return insert.run();
}

} // namespace

Result<analysis::WriteRows> computeStatementFacts(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    Result<store::Statement> query
        = reader->prepare("SELECT id, coalesce(text, normalized), fingerprint LIKE 't:%' FROM statement"
                          " ORDER BY id LIMIT ?1");
    if (!query)
        return fail(query.error());
    query->bind(0, kMaxStatements);
    std::vector<Row> rows;
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, "shapes of statements", "cancelled", "Run the rules again");
        // A fingerprint of tokens: the grammar refuses the text, or it is too deep for it.
        rows.emplace_back(query->integer(0),
            query->integer(2) != 0 ? StatementFacts() : statementFacts(query->text(1)));
    }
    return analysis::WriteRows(
        [rows = std::move(rows)](store::Database &writer, std::int64_t runId) -> Result<void> {
            analysis::RowInsert insert;
            TS_TRY(insert.replace(writer, "statement_fact", kColumns));
            for (const Row &row : rows)
                TS_TRY(writeRow(insert, runId, row));
            return {};
        });
}

} // namespace tailscope::advisor
