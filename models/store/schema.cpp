// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/schema.h"

#include "base/text.h"
#include "store/embeddedsql.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>

namespace tailscope::store {

namespace {

struct MigrationFile
{
    int version; ///< user_version the file leads to
    std::string_view name;
};
// One line per file, ascending. To change tables: add migrations/NNN.sql with a new minor version, never edit
// old ones; to change views: edit schema.sql and raise the minor version.
constexpr std::array kMigrations{
    MigrationFile{1000, "migrations/001.sql"},
    MigrationFile{1000, "migrations/001live.sql"},
    MigrationFile{1000, "migrations/001derived.sql"},
    MigrationFile{1001, "migrations/002.sql"},
    MigrationFile{1001, "migrations/002joins.sql"},
    MigrationFile{1001, "migrations/002plans.sql"},
    MigrationFile{1001, "migrations/002pools.sql"},
    MigrationFile{1001, "migrations/002replication.sql"},
    MigrationFile{1001, "migrations/002loadtests.sql"},
    MigrationFile{1001, "migrations/002series.sql"},
    MigrationFile{1001, "migrations/002budgets.sql"},
    MigrationFile{1001, "migrations/002slo.sql"},
    MigrationFile{1002, "migrations/003live.sql"},
    MigrationFile{1002, "migrations/003sessions.sql"},
    MigrationFile{1002, "migrations/003objects.sql"},
    MigrationFile{1002, "migrations/003recording.sql"},
    MigrationFile{1002, "migrations/003remote.sql"},
};
constexpr std::string_view kViewFile = "schema.sql";

std::string_view embedded(std::string_view name)
{
    for (const EmbeddedSql &file : embeddedSql()) {
        if (file.name == name)
            return file.text;
    }
    return {};
}

struct Macro
{
    std::string_view name;
    std::string (*expand)(const std::vector<std::string> &arguments);
};

std::string expandText(const std::vector<std::string> &a)
{
    return "CASE typeof(" + a[0] + ") WHEN 'integer' THEN (SELECT text FROM string WHERE id = " + a[0]
        + ") ELSE " + a[0] + " END";
}
std::string expandTime(const std::vector<std::string> &a)
{
    return a[1] + " + (SELECT offset_ns FROM source_raw WHERE id = " + a[0] + ".source_id)";
}
std::string expandVisible(const std::vector<std::string> &a)
{
    return a[0] + ".source_id IN (SELECT id FROM source_raw WHERE state IN (1, 2))";
}
constexpr std::array kMacros{
    Macro{"$text(", expandText},
    Macro{"$time(", expandTime},
    Macro{"$visible(", expandVisible},
};

/// Arguments of a call whose "(" is just before `at`; at is moved behind the ")". Commas within parentheses
/// stay.
std::vector<std::string> callArguments(std::string_view text, std::size_t &at)
{
    std::vector<std::string> arguments(1);
    int depth = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == ')' && depth == 0)
            break;
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (c == ',' && depth == 0)
            arguments.emplace_back();
        else if (c != ' ' || !arguments.back().empty())
            arguments.back() += c;
    }
    ++at;
    return arguments;
}

constexpr std::string_view kCreateView = "CREATE VIEW ";

std::vector<std::string> viewNames(std::string_view text)
{
    std::vector<std::string> names;
    for (std::size_t at = text.find(kCreateView); at != std::string_view::npos;
         at = text.find(kCreateView, at)) {
        at += kCreateView.size();
        names.emplace_back(text.substr(at, text.find(' ', at) - at));
    }
    return names;
}

} // namespace

std::string expandedSql(std::string_view text)
{
    std::string out;
    out.reserve(text.size() * 2);
    // Comments are left out: they may name the short forms, and views keep their text in every workspace.
    for (std::string_view line : split(text, '\n')) {
        if (trimmed(line).starts_with("--"))
            continue;
        std::size_t at = 0;
        while (at < line.size()) {
            const auto *macro = std::find_if(kMacros.begin(), kMacros.end(), [&](const Macro &candidate) {
                return line.substr(at, candidate.name.size()) == candidate.name;
            });
            if (macro == kMacros.end()) {
                out += line[at++];
                continue;
            }
            at += macro->name.size();
            out += macro->expand(callArguments(line, at));
        }
        out += '\n';
    }
    return out;
}

Result<std::vector<SchemaObject>> schemaObjects(Database &database)
{
    Result<Statement> query
        = database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema"
                           " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name, type");
    if (!query)
        return fail(query.error());
    std::vector<SchemaObject> objects;
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return objects;
        objects.push_back({std::string(query->text(0)), std::string(query->text(1)),
            std::string(query->text(2)), std::string(query->text(3)), false});
    }
}

namespace {

constexpr std::string_view kAlter = "\nALTER TABLE ";
constexpr std::string_view kAddColumn = " ADD COLUMN ";

/// Place of the bracket that closes the one at `open`; comments to the end of a line are passed by.
std::size_t closingBracket(std::string_view sql, std::size_t open)
{
    int depth = 0;
    for (std::size_t i = open; i < sql.size(); ++i) {
        if (sql.substr(i, 2) == "--") {
            i = sql.find('\n', i);
            if (i == std::string_view::npos)
                return i;
        }
        depth += sql[i] == '(' ? 1 : sql[i] == ')' ? -1 : 0;
        if (depth == 0)
            return i;
    }
    return std::string_view::npos;
}

} // namespace

std::string foldedMigrations()
{
    std::string sql;
    for (const MigrationFile &file : kMigrations)
        sql += embedded(file.name);
    for (std::size_t at = sql.find(kAlter); at != std::string::npos; at = sql.find(kAlter, at)) {
        const std::size_t end = sql.find(';', at);
        const std::string statement = sql.substr(at + kAlter.size(), end - at - kAlter.size());
        const std::size_t add = statement.find(kAddColumn);
        const std::size_t create = add == std::string::npos
            ? std::string::npos
            : sql.rfind("CREATE TABLE " + statement.substr(0, add) + " (", at);
        if (end == std::string::npos || create == std::string::npos) {
            at += kAlter.size(); // stays as it is
            continue;
        }
        sql.erase(at, end + 1 - at);
        const std::size_t close = closingBracket(sql, sql.find('(', create));
        sql.insert(close, ", " + statement.substr(add + kAddColumn.size()));
    }
    return sql;
}

Result<void> applyMigrations(Database &database, int fromVersion)
{
    // A new column makes SQLite read the whole schema again: a hundred of them cost a third of a second.
    if (fromVersion == 0) {
        static const std::string folded = foldedMigrations();
        TS_TRY(database.execute(folded));
    }
    for (const MigrationFile &file : kMigrations) {
        if (fromVersion > 0 && file.version > fromVersion)
            TS_TRY(database.execute(embedded(file.name)));
    }
    TS_TRY(recreateViews(database));
    TS_TRY(database.execute("PRAGMA application_id = " + std::to_string(kApplicationId)));
    return database.execute("PRAGMA user_version = " + std::to_string(kSchemaVersion));
}

Result<void> recreateViews(Database &database)
{
    const std::string sql = expandedSql(embedded(kViewFile));
    for (const std::string &name : viewNames(sql))
        TS_TRY(database.execute("DROP VIEW IF EXISTS \"" + name + "\""));
    return database.execute(sql);
}

Result<void> shadowViews(Database &database)
{
    std::string sql = expandedSql(embedded(kViewFile));
    for (std::size_t at = sql.find(kCreateView); at != std::string::npos; at = sql.find(kCreateView, at + 1))
        sql.replace(at, kCreateView.size(), "CREATE TEMP VIEW ");
    return database.execute(sql);
}

Result<std::vector<SchemaObject>> expectedObjects()
{
    static std::mutex mutex;
    static std::optional<std::vector<SchemaObject>> cached;
    const std::lock_guard guard(mutex);
    if (cached)
        return *cached;
    Result<Database> memory = Database::open(":memory:", Database::Mode::Create);
    if (!memory)
        return fail(memory.error());
    TS_TRY(applyMigrations(*memory, 0));
    const Result<std::vector<SchemaObject>> always = schemaObjects(*memory);
    if (!always)
        return fail(always.error());
    TS_TRY(memory->execute(embedded("readyindexes.sql")));
    Result<std::vector<SchemaObject>> objects = schemaObjects(*memory);
    if (!objects)
        return fail(objects.error());
    for (SchemaObject &object : *objects) {
        object.optional = std::none_of(always->begin(), always->end(),
            [&](const SchemaObject &other) { return other.name == object.name; });
    }
    cached = std::move(*objects);
    return *cached;
}

} // namespace tailscope::store
