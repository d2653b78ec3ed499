// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/database.h"

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::store {

/// PRAGMA user_version of a workspace: major * 1000 + minor. A newer minor is read, a newer major refused.
inline constexpr int kSchemaVersion = 1002;
/// PRAGMA application_id: "TSCP".
inline constexpr int kApplicationId = 0x54534350;

/// An object of sqlite_schema.
struct SchemaObject
{
    std::string type; ///< table, index, view, trigger
    std::string name, table, sql;
    bool optional = false; ///< of what is expected: one of readyindexes.sql, which may be missing
};
/// All objects of a database that SQLite did not make itself, by name.
Result<std::vector<SchemaObject>> schemaObjects(Database &database);

/// What a workspace of kSchemaVersion holds when it is untouched, by name: built once from the embedded
/// files.
Result<std::vector<SchemaObject>> expectedObjects();

/// SQL of a schema file with $text, $time and $visible expanded to plain SQL.
std::string expandedSql(std::string_view text);

/// All migrations as one text in which columns that were added later stand in their CREATE TABLE: what an
/// empty file gets. The schema is the same to the letter.
std::string foldedMigrations();

/// Runs the migrations after `fromVersion` (0 = empty file) and makes the views; within the caller's
/// transaction.
Result<void> applyMigrations(Database &database, int fromVersion);

/// Drops and makes all our views; within the caller's transaction.
Result<void> recreateViews(Database &database);

/// Makes our views in the connection's own temporary schema, where they hide those of a file that cannot be
/// mended.
Result<void> shadowViews(Database &database);

} // namespace tailscope::store
