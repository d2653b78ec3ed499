// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/workspace.h"

#include "store/workspaceimpl.h"

#include <cstdlib>
#include <functional>
#include <system_error>

namespace tailscope::store {

namespace {

/// A dead owner's recording ends where it stopped: it was visible all along and stays so.
Result<void> closeDeadRecordings(Database &database, std::vector<std::string> &messages)
{
    TS_TRY(database.execute("UPDATE source_raw SET state = 2, partial = 1 WHERE state = 1"));
    if (const std::int64_t count = database.changes(); count > 0)
        messages.push_back(std::to_string(count) + " recording(s) ended with their program");
    return {};
}

Result<void> inTransaction(Database &database, const std::function<Result<void>()> &work)
{
    TS_TRY(database.begin());
    const Result<void> done = work();
    if (!done) {
        database.rollback();
        return done;
    }
    return database.commit();
}

} // namespace

Workspace::Impl::~Impl()
{
    anchor.reset();
    if (!temporaryFolder.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(temporaryFolder, ignored);
    }
}

Workspace::Workspace(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

Workspace::~Workspace() = default;

Result<std::unique_ptr<Workspace>> Workspace::open(const std::filesystem::path &path, bool readOnly)
{
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->report.readOnly = readOnly;
    if (!readOnly) {
        Result<LockFile> lock = LockFile::acquire(path);
        if (!lock)
            return fail(lock.error());
        impl->lock = std::move(*lock);
    }
    Result<FileIdentity> identity = identifyWorkspace(path);
    if (!identity)
        return fail(identity.error());
    if (identity->version > kSchemaVersion) {
        impl->report.newerSchema = true;
        impl->report.readOnly = true;
        impl->report.messages.push_back(
            "the workspace was written by a newer Tailscope: open for reading only");
        impl->lock = LockFile();
    }
    const bool writable = !impl->report.readOnly;
    impl->report.uncleanEnd = writable && !identity->empty && impl->lock.wasLeftBehind();
    if (identity->empty && !writable)
        return fail(ErrorCode::NotFound, path.string(), "no such workspace", "Check the name");

    Result<Database> opened
        = Database::open(path, writable ? Database::Mode::Create : Database::Mode::ReadOnly);
    if (!opened)
        return fail(opened.error());
    impl->anchor = std::move(*opened);
    Database &database = *impl->anchor;
    if (impl->report.uncleanEnd)
        TS_TRY(quickCheckDatabase(database));
    if (writable && (identity->empty || identity->version < kSchemaVersion)) {
        TS_TRY(inTransaction(database, [&] { return applyMigrations(database, identity->version); }));
    }
    if (!impl->report.newerSchema) {
        const Result<bool> intact = checkSchema(database, writable, impl->report.messages);
        if (!intact)
            return fail(intact.error());
        impl->shadowViews = !*intact;
    }
    if (writable) {
        TS_TRY(inTransaction(database, [&] { return closeDeadRecordings(database, impl->report.messages); }));
        Result<std::vector<SourceRecord>> hidden = readSources(database, true);
        if (!hidden)
            return fail(hidden.error());
        impl->report.interrupted = std::move(*hidden);
        impl->lock.markSound();
    }
    return std::unique_ptr<Workspace>(new Workspace(std::move(impl)));
}

Result<std::unique_ptr<Workspace>> Workspace::temporary()
{
    std::error_code status;
    const std::filesystem::path base = std::filesystem::temp_directory_path(status);
    std::string folder = ((status ? std::filesystem::path("/tmp") : base) / "tailscope-XXXXXX").string();
    if (!mkdtemp(folder.data()))
        return fail(ErrorCode::NotReadable, folder, "no temporary folder can be made",
            "Set TMPDIR to a folder with free space");
    Result<std::unique_ptr<Workspace>> workspace
        = open(std::filesystem::path(folder) / "temporary.tailscope");
    if (workspace)
        (*workspace)->m_impl->temporaryFolder = folder;
    else
        std::filesystem::remove_all(folder, status);
    return workspace;
}

const std::filesystem::path &Workspace::path() const { return m_impl->path; }

const OpenReport &Workspace::openReport() const { return m_impl->report; }

bool Workspace::isReadOnly() const { return m_impl->report.readOnly; }

bool Workspace::isTemporary() const { return !m_impl->temporaryFolder.empty(); }

Result<Database> Workspace::connectWriter() const
{
    if (isReadOnly())
        return fail(ErrorCode::Locked, m_impl->path.string(), "the workspace is open for reading only",
            "Open it for writing, or work on a copy");
    return Database::open(m_impl->path, Database::Mode::ReadWrite);
}

Result<Database> Workspace::connectReader() const
{
    Result<Database> database = Database::open(m_impl->path, Database::Mode::ReadOnly);
    if (database && m_impl->shadowViews)
        TS_TRY(shadowViews(*database));
    return database;
}

Result<void> Workspace::quickCheck(const Progress &progress) const
{
    Result<Database> database = connectReader();
    if (!database)
        return fail(database.error());
    database->setCancel(progress.cancel);
    return quickCheckDatabase(*database);
}

Result<std::int64_t> Workspace::generation(std::string_view family) const
{
    Result<Database> database = connectReader();
    if (!database)
        return fail(database.error());
    Result<Statement> query = database->prepare("SELECT total(n) FROM generation WHERE ?1 = ''"
                                                " OR instr(',' || replace(?1, ' ', '') || ',',"
                                                " ',' || table_family || ',') > 0");
    if (!query)
        return fail(query.error());
    query->bind(0, family);
    const Result<bool> row = query->step();
    if (!row)
        return fail(row.error());
    return query->integer(0);
}

Result<std::optional<std::string>> Workspace::property(std::string_view key) const
{
    Result<Database> database = connectReader();
    if (!database)
        return fail(database.error());
    Result<Statement> query = database->prepare("SELECT value FROM setting_kv WHERE key = ?1");
    if (!query)
        return fail(query.error());
    query->bind(0, key);
    const Result<bool> row = query->step();
    if (!row)
        return fail(row.error());
    if (!*row)
        return std::nullopt;
    return std::string(query->text(0));
}

Result<void> Workspace::setProperty(std::string_view key, std::string_view value) const
{
    Result<Database> database = connectWriter();
    if (!database)
        return fail(database.error());
    return inTransaction(*database, [&]() -> Result<void> {
        Result<Statement> upsert
            = database->prepare("INSERT INTO setting_kv (key, value) VALUES (?1, ?2)"
                                " ON CONFLICT (key) DO UPDATE SET value = excluded.value");
        if (!upsert)
            return fail(upsert.error());
        upsert->bind(0, key);
        upsert->bind(1, value);
        return upsert->run();
    });
}

} // namespace tailscope::store
