// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/readyindexes.h"

#include "base/text.h"
#include "store/embeddedsql.h"

#include <string_view>
#include <vector>

namespace tailscope::store {

namespace {

constexpr std::string_view kPrefix = "CREATE INDEX IF NOT EXISTS ";

std::vector<std::string_view> indexStatements()
{
    std::vector<std::string_view> statements;
    for (const EmbeddedSql &file : embeddedSql()) {
        if (file.name != "readyindexes.sql")
            continue;
        for (const std::string_view line : split(file.text, '\n')) {
            if (line.starts_with(kPrefix))
                statements.push_back(line);
        }
    }
    return statements;
}

std::string_view indexName(std::string_view statement)
{
    statement.remove_prefix(kPrefix.size());
    return statement.substr(0, statement.find(' '));
}

} // namespace

Result<void> createReadyIndexes(Database &database, const Progress &progress)
{
    const std::vector<std::string_view> statements = indexStatements();
    std::uint64_t done = 0;
    for (const std::string_view statement : statements) {
        progress.update({"indexing", done, statements.size(), 0});
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, database.path().string(), "cancelled while indexing");
        TS_TRY(database.begin());
        const Result<void> made = database.execute(statement);
        if (!made) {
            database.rollback();
            return made;
        }
        TS_TRY(database.commit());
        ++done;
    }
    progress.update({"indexing", done, statements.size(), 0});
    return {};
}

Result<void> dropReadyIndexes(Database &database)
{
    TS_TRY(database.begin());
    for (const std::string_view statement : indexStatements()) {
        const Result<void> dropped
            = database.execute("DROP INDEX IF EXISTS " + std::string(indexName(statement)));
        if (!dropped) {
            database.rollback();
            return dropped;
        }
    }
    return database.commit();
}

} // namespace tailscope::store
