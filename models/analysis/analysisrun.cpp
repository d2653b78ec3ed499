// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/analysisrun.h"

namespace tailscope::analysis {

Result<std::optional<std::int64_t>> finishedRun(store::Database &database, const AnalysisRun &run)
{
    Result<store::Statement> statement
        = database.prepare("SELECT id FROM analysis_run WHERE kind = ? AND version = ? AND parameters = ?"
                           " AND input_generation = ? AND state = 'done' ORDER BY id DESC LIMIT 1");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    statement->bind(0, run.kind);
    statement->bind(1, std::int64_t(run.version));
    statement->bind(2, std::string_view(run.parameters));
    statement->bind(3, run.inputGeneration);
    const Result<bool> row = statement->step();
    if (!row)
        return tl::unexpected(row.error());
    return *row ? statement->optionalInteger(0) : std::nullopt;
}

Result<std::int64_t> recordRun(store::Database &writer, const AnalysisRun &run)
{
    Result<store::Statement> remove
        = writer.prepare("DELETE FROM analysis_run WHERE kind = ? AND parameters = ?");
    if (!remove)
        return tl::unexpected(std::move(remove.error()));
    remove->bind(0, run.kind);
    remove->bind(1, std::string_view(run.parameters));
    TS_TRY(remove->run());
    Result<store::Statement> insert = writer.prepare(
        "INSERT INTO analysis_run (kind, version, parameters, input_generation, state, seconds)"
        " VALUES (?, ?, ?, ?, 'done', ?)");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    insert->bind(0, run.kind);
    insert->bind(1, std::int64_t(run.version));
    insert->bind(2, std::string_view(run.parameters));
    insert->bind(3, run.inputGeneration);
    insert->bind(4, run.seconds);
    TS_TRY(insert->run());
    return writer.lastInsertId();
}

} // namespace tailscope::analysis
