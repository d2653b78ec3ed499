// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/workspaceimpl.h"

#include <algorithm>
#include <map>
#include <system_error>

namespace tailscope::store {

namespace {

constexpr const char *kRestoreHint = "Restore the file from a copy, or import its sources again";

std::string quotedName(std::string_view name)
{
    std::string out = "\"";
    for (const char c : name) {
        out += c;
        if (c == '"')
            out += c;
    }
    return out + "\"";
}

/// What has to be done to a file to make its schema ours again.
struct Repair
{
    bool viewsDiffer = false;
    std::vector<const SchemaObject *> foreign; ///< triggers and views
    std::vector<const SchemaObject *> indexes; ///< foreign, on our tables
    std::vector<const SchemaObject *> missing; ///< our indexes
};

using ByName = std::map<std::string, const SchemaObject *>;

ByName byName(const std::vector<SchemaObject> &objects)
{
    ByName map;
    for (const SchemaObject &object : objects) {
        if (object.type != "trigger") // a trigger may bear the name of a table
            map.emplace(object.name, &object);
    }
    return map;
}

Result<Repair> compare(const std::vector<SchemaObject> &actual, const std::vector<SchemaObject> &expected,
    const std::string &subject)
{
    Repair repair;
    const ByName have = byName(actual), want = byName(expected);
    for (const auto &[name, object] : want) {
        const auto found = have.find(name);
        const bool same
            = found != have.end() && found->second->type == object->type && found->second->sql == object->sql;
        if (same)
            continue;
        if (found != have.end() && found->second->type != object->type)
            return fail(ErrorCode::Damaged, subject,
                "another program made a " + found->second->type + " " + name, kRestoreHint);
        if (object->type == "table")
            return fail(ErrorCode::Damaged, subject,
                "table " + name + (found == have.end() ? " is missing" : " was changed by another program"),
                kRestoreHint);
        if (object->type == "view")
            repair.viewsDiffer = true;
        else if (found != have.end())
            repair.indexes.push_back(found->second);
        else if (!object->optional)
            repair.missing.push_back(object);
    }
    for (const SchemaObject &object : actual) {
        if (object.type == "trigger" || (object.type == "view" && !want.contains(object.name)))
            repair.foreign.push_back(&object);
        else if (object.type == "index" && !want.contains(object.name) && want.contains(object.table))
            repair.indexes.push_back(&object);
    }
    return repair;
}

Result<std::filesystem::path> copyBeside(Database &database)
{
    TS_TRY(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    const std::string base = database.path().string() + ".original";
    for (int number = 1; number < 1000; ++number) {
        const std::filesystem::path copy = number == 1 ? base : base + "-" + std::to_string(number);
        std::error_code status;
        if (std::filesystem::exists(copy, status))
            continue;
        std::filesystem::copy_file(database.path(), copy, status);
        if (!status)
            return copy;
        std::error_code ignored;
        std::filesystem::remove(copy, ignored);
        return fail(status == std::errc::no_space_on_device ? ErrorCode::DiskFull : ErrorCode::NotReadable,
            database.path().string(),
            "it holds triggers or views of another program, and no copy of it can be made: "
                + status.message(),
            "Open it for reading only, or make room for a copy");
    }
    return fail(ErrorCode::NotReadable, database.path().string(), "too many copies of it lie beside it",
        "Remove the files ending in .original");
}

Result<void> apply(Database &database, const Repair &repair, std::vector<std::string> &messages)
{
    TS_TRY(database.begin());
    const auto work = [&]() -> Result<void> {
        for (const SchemaObject *object : repair.foreign) {
            TS_TRY(database.execute("DROP " + object->type + " IF EXISTS " + quotedName(object->name)));
            messages.push_back(object->type + " \"" + object->name + "\" of another program was dropped");
        }
        for (const SchemaObject *object : repair.indexes) {
            TS_TRY(database.execute("DROP INDEX IF EXISTS " + quotedName(object->name)));
            messages.push_back("index \"" + object->name + "\" was dropped: it is not one of ours");
        }
        for (const SchemaObject *object : repair.missing)
            TS_TRY(database.execute(object->sql));
        if (repair.viewsDiffer) {
            TS_TRY(recreateViews(database));
            messages.push_back("the views were restored");
        }
        return {};
    };
    const Result<void> done = work();
    if (!done) {
        database.rollback();
        return done;
    }
    return database.commit();
}

} // namespace

Result<FileIdentity> identifyWorkspace(const std::filesystem::path &path)
{
    std::error_code status;
    FileIdentity identity;
    if (!std::filesystem::exists(path, status)) {
        identity.empty = true;
        return identity;
    }
    Result<Database> database = Database::open(path, Database::Mode::ReadOnly);
    if (!database) {
        Error error = database.error();
        if (error.code == ErrorCode::Damaged)
            error.detail = "is not a Tailscope workspace, or damaged (" + error.detail + ")";
        return fail(std::move(error));
    }
    const auto application = database->integer("PRAGMA application_id");
    const auto version = database->integer("PRAGMA user_version");
    const auto objects = database->integer("SELECT count(*) FROM sqlite_schema");
    for (const auto *part : {&application, &version, &objects}) {
        if (!*part)
            return fail(part->error());
    }
    if (**application == 0 && **version == 0 && **objects == 0) {
        identity.empty = true;
        return identity;
    }
    if (**application != kApplicationId)
        return fail(ErrorCode::Damaged, path.string(), "is a SQLite database of another program",
            "Name a workspace made by Tailscope");
    identity.version = static_cast<int>(std::clamp<std::int64_t>(**version, 0, 1'000'000'000));
    if (identity.version / 1000 > kSchemaVersion / 1000)
        return fail(ErrorCode::NewerVersion, path.string(),
            "was written by a newer Tailscope (schema " + std::to_string(identity.version / 1000) + "."
                + std::to_string(identity.version % 1000) + ")",
            "Update Tailscope to open it");
    if (identity.version < 1000)
        return fail(ErrorCode::Damaged, path.string(), "has no valid schema version", kRestoreHint);
    return identity;
}

Result<bool> checkSchema(Database &database, bool repair, std::vector<std::string> &messages)
{
    const Result<std::vector<SchemaObject>> expected = expectedObjects();
    if (!expected)
        return fail(expected.error());
    const Result<std::vector<SchemaObject>> actual = schemaObjects(database);
    if (!actual)
        return fail(actual.error());
    const Result<Repair> difference = compare(*actual, *expected, database.path().string());
    if (!difference)
        return fail(difference.error());
    if (!repair) {
        if (!difference->foreign.empty())
            messages.push_back(std::to_string(difference->foreign.size())
                + " trigger(s) or view(s) of another program are ignored");
        if (difference->viewsDiffer)
            messages.push_back("the views of the file were changed by another program: ours are used");
        return !difference->viewsDiffer;
    }
    if (!difference->foreign.empty()) {
        const Result<std::filesystem::path> copy = copyBeside(database);
        if (!copy)
            return fail(copy.error());
        messages.push_back("the file as it was is kept as " + copy->filename().string());
    }
    const bool needed = difference->viewsDiffer || !difference->foreign.empty()
        || !difference->indexes.empty() || !difference->missing.empty();
    if (needed)
        TS_TRY(apply(database, *difference, messages));
    return true;
}

Result<void> quickCheckDatabase(Database &database)
{
    const Result<std::optional<std::string>> verdict = database.text("PRAGMA quick_check(1)");
    if (!verdict)
        return fail(verdict.error());
    if (!*verdict || **verdict != "ok")
        return fail(ErrorCode::Damaged, database.path().string(),
            "the file is damaged: " + verdict->value_or("no answer"), kRestoreHint);
    return {};
}

} // namespace tailscope::store
