// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/callweights.h"
#include "store/workspaceimpl.h"

#include <set>

namespace tailscope::store {

std::string_view toText(SourceState state)
{
    switch (state) {
    case SourceState::Importing:
        return "importing";
    case SourceState::Recording:
        return "recording";
    case SourceState::Complete:
        return "complete";
    case SourceState::Cancelled:
        return "cancelled";
    case SourceState::Broken:
        return "broken";
    }
    return "broken";
}

namespace {

// The words of the view `source`, for the sources it hides as well.
constexpr std::string_view kSourceColumns
    = "SELECT id, path, format, "
      "CASE kind WHEN 0 THEN 'trace' WHEN 1 THEN 'profile' WHEN 2 THEN 'plan' WHEN 3 THEN 'log'"
      " WHEN 4 THEN 'metrics' WHEN 5 THEN 'access_log' WHEN 6 THEN 'load_test' WHEN 7 THEN 'catalog'"
      " WHEN 8 THEN 'config' WHEN 9 THEN 'recording' END, "
      "sha256, CASE clock WHEN 0 THEN 'utc' WHEN 1 THEN 'monotonic' WHEN 2 THEN 'relative' WHEN 3 THEN "
      "'none' END, "
      "timezone, offset_method, bytes, rows_committed, rows_read, rows_skipped, imported_at_ns, offset_ns, "
      "state, "
      "duplicate_of FROM source_raw ";

SourceRecord recordOf(const Statement &row)
{
    SourceRecord record;
    record.id = row.integer(0);
    record.path = row.text(1);
    record.format = row.text(2);
    record.kind = row.text(3);
    record.sha256 = row.text(4);
    record.clock = row.text(5);
    record.timezone = row.text(6);
    record.offsetMethod = row.text(7);
    record.bytes = row.integer(8);
    record.rowsCommitted = row.integer(9);
    record.rowsRead = row.integer(10);
    record.rowsSkipped = row.integer(11);
    record.importedAtNs = row.integer(12);
    record.offsetNs = row.integer(13);
    const std::int64_t state = row.integer(14);
    record.state = state >= 0 && state <= 4 ? static_cast<SourceState>(state) : SourceState::Broken;
    record.duplicateOf = row.optionalInteger(15);
    return record;
}

Result<void> markKept(Database &database, std::int64_t sourceId)
{
    Result<Statement> keep
        = database.prepare("UPDATE source_raw SET state = 2, partial = 1,"
                           " kind = ifnull(kind, 0), clock = ifnull(clock, 0) WHERE id = ?1");
    if (!keep)
        return fail(keep.error());
    keep->bind(0, sourceId);
    TS_TRY(keep->run());
    Result<Statement> remark = database.prepare(
        "INSERT INTO import_issue_raw (source_id, severity, kind, count, first_offset, example)"
        " SELECT id, 'data_loss', 'kept-partial', 1, NULL, 'The import stopped midway: only '"
        " || rows_committed || ' rows of the file are here.' FROM source_raw WHERE id = ?1");
    if (!remark)
        return fail(remark.error());
    remark->bind(0, sourceId);
    TS_TRY(remark->run());
    return bumpGenerationsOf(database, sourceId);
}

} // namespace

Result<std::vector<SourceRecord>> readSources(Database &database, bool hiddenOnly)
{
    Result<Statement> query = database.prepare(
        std::string(kSourceColumns) + (hiddenOnly ? "WHERE state NOT IN (1, 2) " : "") + "ORDER BY id");
    if (!query)
        return fail(query.error());
    std::vector<SourceRecord> records;
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return records;
        records.push_back(recordOf(*query));
    }
}

Result<void> bumpGeneration(Database &database, std::string_view family)
{
    Result<Statement> bump = database.prepare("INSERT INTO generation (table_family, n) VALUES (?1, 1)"
                                              " ON CONFLICT (table_family) DO UPDATE SET n = n + 1");
    if (!bump)
        return fail(bump.error());
    bump->bind(0, family);
    return bump->run();
}

Result<void> bumpGenerationsOf(Database &database, std::int64_t sourceId)
{
    std::set<std::string_view> families{"source"};
    Result<Statement> query = database.prepare("SELECT DISTINCT family FROM source_run WHERE source_id = ?1");
    if (!query)
        return fail(query.error());
    query->bind(0, sourceId);
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        const std::int64_t family = query->integer(0);
        if (family >= 0 && family < kFamilies) {
            const std::string_view name = familyInfo(static_cast<Family>(family)).generation;
            if (!name.empty())
                families.insert(name);
        }
    }
    for (const std::string_view family : families)
        TS_TRY(bumpGeneration(database, family));
    return {};
}

Result<std::vector<SourceRecord>> Workspace::sources() const
{
    Result<Database> database = connectReader();
    if (!database)
        return fail(database.error());
    return readSources(*database, false);
}

Result<void> Workspace::keepPartial(std::int64_t sourceId) const
{
    Result<Database> database = connectWriter();
    if (!database)
        return fail(database.error());
    const Result<std::optional<std::int64_t>> state
        = database->integer("SELECT state FROM source_raw WHERE id = " + std::to_string(sourceId));
    if (!state)
        return fail(state.error());
    const std::string subject = m_impl->path.string();
    if (!*state)
        return fail(ErrorCode::NotFound, subject, "there is no source " + std::to_string(sourceId));
    if (**state == static_cast<int>(SourceState::Complete)
        || **state == static_cast<int>(SourceState::Recording))
        return fail(ErrorCode::Usage, subject, "source " + std::to_string(sourceId) + " is complete already");
    TS_TRY(rebuildCallWeights(*database, sourceId));
    TS_TRY(database->begin());
    const Result<void> kept = markKept(*database, sourceId);
    if (!kept) {
        database->rollback();
        return kept;
    }
    return database->commit();
}

} // namespace tailscope::store
