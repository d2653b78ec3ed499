// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"

#include "store/sqlfunctions.h"
#include "store/sqliteerror.h"
#include "store/writerlane.h"

#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <system_error>

#include <sqlite3.h>

namespace tailscope::store {

namespace {

constexpr int kBusyMilliseconds = 10'000;
constexpr int kProgressSteps = 4'000; // well under a millisecond of work between two looks at the cancel flag

struct Limit
{
    int id, value;
};
// Far above what our own statements need, far below what a hostile file or query could use against us.
constexpr std::array kLimits{
    Limit{SQLITE_LIMIT_LENGTH, 256 << 20},
    Limit{SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
    Limit{SQLITE_LIMIT_COLUMN, 500},
    Limit{SQLITE_LIMIT_EXPR_DEPTH, 500},
    Limit{SQLITE_LIMIT_COMPOUND_SELECT, 100},
    Limit{SQLITE_LIMIT_VDBE_OP, 1'000'000},
    Limit{SQLITE_LIMIT_FUNCTION_ARG, 100},
    Limit{SQLITE_LIMIT_ATTACHED, 0},
    Limit{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1'000},
    Limit{SQLITE_LIMIT_VARIABLE_NUMBER, 32'766},
    Limit{SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    Limit{SQLITE_LIMIT_WORKER_THREADS, 2},
};

std::string uriOf(const std::filesystem::path &path)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string uri = "file:";
    for (const char c : path.string()) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = byte > 0x20 && byte < 0x7f && !std::strchr("%?#\"", c);
        if (plain) {
            uri += c;
        } else {
            uri += '%';
            uri += digits[byte >> 4];
            uri += digits[byte & 15];
        }
    }
    return uri;
}

int authorizeReading(void *, int action, const char *, const char *second, const char *, const char *)
{
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        // The second name is the function. load_extension loads code; fts3_tokenizer reads and writes
        // pointers.
        return second
                && (sqlite3_stricmp(second, "load_extension") == 0
                    || sqlite3_stricmp(second, "fts3_tokenizer") == 0)
            ? SQLITE_DENY
            : SQLITE_OK;
    default:
        return SQLITE_DENY;
    }
}

int isCancelled(void *token) { return static_cast<const CancelToken *>(token)->isCancelled() ? 1 : 0; }

} // namespace

struct Database::Impl
{
    sqlite3 *handle = nullptr;
    std::filesystem::path path;
    std::string subject;
    std::optional<CancelToken> cancel;
    std::shared_ptr<WriterLane> lane;
    bool inLane = false;
    int busyMilliseconds = kBusyMilliseconds;

    ~Impl()
    {
        if (handle && sqlite3_get_autocommit(handle) == 0)
            sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
        leaveLane();
        sqlite3_close_v2(handle);
    }
    void leaveLane()
    {
        if (inLane)
            lane->release();
        inLane = false;
    }
    Error error(int code) const { return sqliteError(handle, code, subject); }
    int run(const char *sql) const { return sqlite3_exec(handle, sql, nullptr, nullptr, nullptr); }
    int openHandle(Mode mode, const char *uriQuery);
    Result<void> configure(Mode mode);
};

int Database::Impl::openHandle(Mode mode, const char *uriQuery)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
    flags |= mode == Mode::ReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (mode == Mode::Create)
        flags |= SQLITE_OPEN_CREATE;
    sqlite3_close_v2(std::exchange(handle, nullptr));
    const int code = sqlite3_open_v2((uriOf(path) + uriQuery).c_str(), &handle, flags, nullptr);
    if (code != SQLITE_OK)
        return code;
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    for (const Limit &limit : kLimits)
        sqlite3_limit(handle, limit.id, limit.value);
    sqlite3_busy_timeout(handle, busyMilliseconds);
    // The page size counts only before the first page is written; the first read also tells whether it is a
    // database.
    if (mode == Mode::Create)
        run("PRAGMA page_size = 8192");
    return run("SELECT count(*) FROM sqlite_schema");
}

Result<void> Database::Impl::configure(Mode mode)
{
    // WAL: readers go on while an import writes. NORMAL: a power cut may lose the last transactions, never
    // the file.
    if (mode != Mode::ReadOnly) {
        const int code = run("PRAGMA journal_mode = WAL");
        if (code != SQLITE_OK)
            return fail(error(code));
    }
    const int code
        = run("PRAGMA synchronous = NORMAL; PRAGMA secure_delete = OFF; PRAGMA cell_size_check = ON;"
              "PRAGMA cache_size = -16000; PRAGMA threads = 2; PRAGMA journal_size_limit = 67108864");
    if (code != SQLITE_OK)
        return fail(error(code));
    return registerFunctions(handle, subject);
}

Database::Database(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}
Database::Database(Database &&) noexcept = default;
Database &Database::operator=(Database &&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::filesystem::path &path, Mode mode)
{
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->subject = path.string();
    std::error_code status;
    if (std::filesystem::is_directory(path, status))
        return fail(ErrorCode::NotReadable, impl->subject, "is a folder", "Name a workspace file");
    if (mode != Mode::Create && !std::filesystem::exists(path, status))
        return fail(ErrorCode::NotFound, impl->subject, "no such workspace", "Check the name");

    int code = impl->openHandle(mode, "");
    const int primary = code & 0xff;
    if (mode == Mode::ReadOnly && (primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY)
        && !std::filesystem::exists(path.string() + "-wal", status)) {
        // A folder that cannot be written has no place for the -shm file; without a -wal the file is
        // complete.
        code = impl->openHandle(mode, "?immutable=1");
    }
    if (code != SQLITE_OK)
        return fail(impl->error(code));
    TS_TRY(impl->configure(mode));
    impl->lane = WriterLane::of(path);
    return Database(std::move(impl));
}

Result<void> Database::execute(std::string_view sql)
{
    while (!sql.empty()) {
        sqlite3_stmt *raw = nullptr;
        const char *tail = nullptr;
        const int code
            = sqlite3_prepare_v2(m_impl->handle, sql.data(), static_cast<int>(sql.size()), &raw, &tail);
        if (code != SQLITE_OK)
            return fail(m_impl->error(code));
        sql.remove_prefix(static_cast<std::size_t>(tail - sql.data()));
        if (!raw)
            continue; // blanks and comments
        Statement statement(raw, m_impl->subject);
        for (;;) {
            const Result<bool> row = statement.step();
            if (!row)
                return fail(row.error());
            if (!*row)
                break;
        }
    }
    return {};
}

Result<Statement> Database::prepare(std::string_view sql)
{
    sqlite3_stmt *raw = nullptr;
    const char *tail = nullptr;
    int code = sqlite3_prepare_v2(m_impl->handle, sql.data(), static_cast<int>(sql.size()), &raw, &tail);
    if (code != SQLITE_OK)
        return fail(m_impl->error(code));
    Statement statement(raw, m_impl->subject);
    if (!raw)
        return fail(ErrorCode::Sql, m_impl->subject, "there is no statement in the SQL text",
            "Write a SELECT");
    while (tail && tail < sql.data() + sql.size()) {
        const std::string_view rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
        sqlite3_stmt *more = nullptr;
        code = sqlite3_prepare_v2(m_impl->handle, rest.data(), static_cast<int>(rest.size()), &more, &tail);
        sqlite3_finalize(more);
        if (code != SQLITE_OK || more)
            return fail(ErrorCode::Sql, m_impl->subject, "there is more than one statement in the SQL text",
                "Run one statement at a time");
    }
    return statement;
}

Result<std::optional<std::int64_t>> Database::integer(std::string_view sql)
{
    Result<Statement> statement = prepare(sql);
    if (!statement)
        return fail(statement.error());
    const Result<bool> row = statement->step();
    if (!row)
        return fail(row.error());
    if (!*row)
        return std::nullopt;
    return statement->optionalInteger(0);
}

Result<std::optional<std::string>> Database::text(std::string_view sql)
{
    Result<Statement> statement = prepare(sql);
    if (!statement)
        return fail(statement.error());
    const Result<bool> row = statement->step();
    if (!row)
        return fail(row.error());
    if (!*row || statement->isNull(0))
        return std::nullopt;
    return std::string(statement->text(0));
}

Result<void> Database::begin()
{
    if (m_impl->inLane)
        return fail(ErrorCode::Internal, m_impl->subject, "a transaction is open already");
    if (!m_impl->lane->acquire(std::chrono::milliseconds(m_impl->busyMilliseconds)))
        return fail(ErrorCode::Locked, m_impl->subject, "another job is writing to the workspace",
            "Try again when it is done");
    m_impl->inLane = true;
    const int code = m_impl->run("BEGIN IMMEDIATE");
    if (code == SQLITE_OK)
        return {};
    Error error = m_impl->error(code);
    m_impl->leaveLane();
    return fail(std::move(error));
}

Result<void> Database::commit()
{
    const int code = m_impl->run("COMMIT");
    if (code == SQLITE_OK) {
        m_impl->leaveLane();
        return {};
    }
    // A failed commit leaves nothing half done: what could not be written is taken back at once.
    Error error = m_impl->error(code);
    rollback();
    return fail(std::move(error));
}

void Database::rollback()
{
    if (sqlite3_get_autocommit(m_impl->handle) == 0)
        m_impl->run("ROLLBACK");
    m_impl->leaveLane();
}

std::int64_t Database::lastInsertId() const { return sqlite3_last_insert_rowid(m_impl->handle); }

std::int64_t Database::changes() const { return sqlite3_changes64(m_impl->handle); }

void Database::setCancel(const CancelToken &token)
{
    m_impl->cancel = token;
    sqlite3_progress_handler(m_impl->handle, kProgressSteps, isCancelled, &*m_impl->cancel);
}

void Database::setBusyTimeout(int milliseconds)
{
    m_impl->busyMilliseconds = milliseconds;
    sqlite3_busy_timeout(m_impl->handle, milliseconds);
}

void Database::setReadOnlyAuthorizer(bool on)
{
    // Table-valued functions are made at their first use, which counts as making a table: it has to come
    // before.
    if (on)
        m_impl->run("SELECT 1 FROM json_each('[]'); SELECT 1 FROM json_tree('[]')");
    sqlite3_set_authorizer(m_impl->handle, on ? authorizeReading : nullptr, nullptr);
}

const std::filesystem::path &Database::path() const { return m_impl->path; }

sqlite3 *Database::handle() const { return m_impl->handle; }

} // namespace tailscope::store
