// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/importrecord.h"

#include "store/database.h"

namespace tailscope::import {

namespace {

constexpr std::int64_t kStateComplete = 2; // source_raw.state

/// Runs `work` in one transaction.
template<typename Work>
Result<void> inTransaction(store::Database &database, const Work &work)
{
    TS_TRY(database.begin());
    Result<void> done = work();
    if (!done) {
        database.rollback();
        return done;
    }
    return database.commit();
}

Result<void> runFor(store::Database &database, std::string_view sql, std::int64_t sourceId)
{
    Result<store::Statement> statement = database.prepare(sql);
    if (!statement)
        return fail(std::move(statement.error()));
    statement->bind(0, sourceId);
    return statement->run();
}

Result<void> insertIssues(store::Database &database, std::int64_t sourceId,
    const std::vector<ImportReport::Issue> &issues)
{
    Result<store::Statement> insert = database.prepare(
        "INSERT INTO import_issue_raw (source_id, severity, kind, count, first_offset, example)"
        " VALUES (?, ?, ?, ?, ?, ?)");
    if (!insert)
        return fail(std::move(insert.error()));
    for (const ImportReport::Issue &issue : issues) {
        insert->bind(0, sourceId);
        insert->bind(1, toText(issue.severity));
        insert->bind(2, std::string_view(issue.kind));
        insert->bind(3, issue.count);
        insert->bind(4, static_cast<std::int64_t>(issue.firstOffset));
        insert->bind(5, std::string_view(issue.example));
        TS_TRY(insert->run());
    }
    return {};
}

Result<void> insertRejects(store::Database &database, std::int64_t sourceId, const ImportReport &report)
{
    Result<store::Statement> insert
        = database.prepare("INSERT INTO import_reject_raw (source_id, offset, length, kind, reason, bytes) "
                           "VALUES (?, ?, ?, ?, ?, ?)");
    if (!insert)
        return fail(std::move(insert.error()));
    for (const ImportReport::Reject &reject : report.rejects()) {
        insert->bind(0, sourceId);
        insert->bind(1, static_cast<std::int64_t>(reject.offset));
        insert->bind(2, static_cast<std::int64_t>(reject.length));
        insert->bind(3, std::string_view(reject.kind));
        insert->bind(4, std::string_view(reject.reason));
        insert->bindBlob(5, reject.bytes.data(), reject.bytes.size());
        TS_TRY(insert->run());
    }
    return {};
}

} // namespace

Result<void> storeReport(const store::Workspace &workspace, std::int64_t sourceId, const ImportReport &report)
{
    Result<store::Database> database = workspace.connectWriter();
    if (!database)
        return fail(std::move(database.error()));
    return inTransaction(*database, [&]() -> Result<void> {
        TS_TRY(runFor(*database, "DELETE FROM import_issue_raw WHERE source_id = ?", sourceId));
        TS_TRY(runFor(*database, "DELETE FROM import_reject_raw WHERE source_id = ?", sourceId));
        TS_TRY(insertIssues(*database, sourceId, report.issues()));
        return insertRejects(*database, sourceId, report);
    });
}

Result<void> storeIssue(const store::Workspace &workspace, std::int64_t sourceId,
    const ImportReport::Issue &issue)
{
    Result<store::Database> database = workspace.connectWriter();
    if (!database)
        return fail(std::move(database.error()));
    return inTransaction(*database, [&] { return insertIssues(*database, sourceId, {issue}); });
}

Result<void> storeOffset(const store::Workspace &workspace, std::int64_t sourceId, std::int64_t offsetNs)
{
    Result<store::Database> database = workspace.connectWriter();
    if (!database)
        return fail(std::move(database.error()));
    Result<store::Statement> update
        = database->prepare("UPDATE source_raw SET offset_ns = ?, offset_method = 'user' WHERE id = ?");
    if (!update)
        return fail(std::move(update.error()));
    update->bind(0, offsetNs);
    update->bind(1, sourceId);
    return update->run();
}

Result<std::vector<SameSize>> sourcesOfSize(const store::Workspace &workspace, std::uint64_t bytes)
{
    Result<store::Database> database = workspace.connectReader();
    if (!database)
        return fail(std::move(database.error()));
    Result<store::Statement> query
        = database->prepare("SELECT id, sha256, format, timezone, offset_ns FROM source_raw"
                            " WHERE bytes = ? AND state = ? AND partial = 0 AND duplicate_of IS NULL AND "
                            "sha256 IS NOT NULL ORDER BY id");
    if (!query)
        return fail(std::move(query.error()));
    query->bind(0, static_cast<std::int64_t>(bytes));
    query->bind(1, kStateComplete);
    std::vector<SameSize> found;
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return found;
        found.push_back({query->integer(0), std::string(query->text(1)), std::string(query->text(2)),
            std::string(query->text(3)), query->integer(4)});
    }
}

Result<std::int64_t> storeDuplicate(const store::Workspace &workspace, const std::string &path,
    std::int64_t originalId, std::int64_t importedAtNs)
{
    Result<store::Database> database = workspace.connectWriter();
    if (!database)
        return fail(std::move(database.error()));
    Result<store::Statement> insert = database->prepare(
        "INSERT INTO source_raw (path, format, kind, sha256, bytes, state, imported_at_ns, clock, timezone, "
        "offset_ns,"
        " offset_method, duplicate_of)"
        " SELECT ?, format, kind, sha256, bytes, state, ?, clock, timezone, offset_ns, offset_method, id"
        " FROM source_raw WHERE id = ?");
    if (!insert)
        return fail(std::move(insert.error()));
    insert->bind(0, std::string_view(path));
    insert->bind(1, importedAtNs);
    insert->bind(2, originalId);
    TS_TRY(insert->run());
    return database->lastInsertId();
}

} // namespace tailscope::import
