// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/bulkcommit.h"

#include "store/fingerprint.h"
#include "store/sqliteerror.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <sqlite3.h>

namespace tailscope::store {

namespace {

using Clock = std::chrono::steady_clock;
// A transaction shall end within 100 ms: what begins after half of that is a batch of a few milliseconds.
constexpr std::chrono::milliseconds kTransactionTime{50};
constexpr std::chrono::seconds kRetryAfter{1};
// Appending needs few pages at a time: a larger cache or -wal file only costs fresh memory (4 MB, 8 MB).
constexpr int kCheckpointPages = 1'000;
constexpr int kCacheKilobytes = 4'000;

std::string insertSql(const FamilyInfo &info)
{
    const auto columns = std::count(info.columns.begin(), info.columns.end(), ',') + 1;
    std::string sql
        = "INSERT INTO " + std::string(info.table) + " (id, " + std::string(info.columns) + ") SELECT c0";
    for (long i = 1; i <= columns; ++i)
        sql += ", c" + std::to_string(i);
    return sql + " FROM bulk_feed";
}

std::string_view textOf(const Cell &cell, const Batch &batch)
{
    return std::string_view(batch.arena).substr(static_cast<std::size_t>(cell.value), cell.length);
}

} // namespace

BulkCommitter::BulkCommitter(Database database, BatchQueue &queue, std::int64_t sourceId, IdMaps maps,
    std::int64_t rowsCommitted, bool isPatient)
    : m_database(std::move(database))
    , m_queue(queue)
    , m_sourceId(sourceId)
    , m_maps(std::move(maps))
    , m_rowsCommitted(rowsCommitted)
    , m_isPatient(isPatient)
{}

BulkCommitter::~BulkCommitter()
{
    if (m_thread.joinable()) {
        m_queue.abandon();
        giveUp();
        m_thread.join();
    }
}

Result<void> BulkCommitter::prepare()
{
    sqlite3 *db = m_database.handle();
    if (const int code = registerFeed(db, &m_slot); code != SQLITE_OK)
        return fail(sqliteError(db, code, m_database.path().string()));
    TS_TRY(m_database.execute("PRAGMA wal_autocheckpoint = " + std::to_string(kCheckpointPages)
        + "; PRAGMA cache_size = -" + std::to_string(kCacheKilobytes)));
    const auto prepareInto = [this](std::optional<Statement> &into, std::string_view sql) -> Result<void> {
        Result<Statement> statement = m_database.prepare(sql);
        if (!statement)
            return fail(statement.error());
        into = std::move(*statement);
        return {};
    };
    TS_TRY(prepareInto(m_version, "PRAGMA data_version"));
    TS_TRY(prepareInto(m_insertStatement,
        "INSERT INTO statement_raw (fingerprint, text, normalized) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (fingerprint) DO NOTHING"));
    TS_TRY(prepareInto(m_selectStatement, "SELECT id FROM statement_raw WHERE fingerprint = ?1"));
    TS_TRY(prepareInto(m_updateTrack,
        "UPDATE track SET process_id = ifnull(?2, process_id), thread_id = ifnull(?3, thread_id),"
        " service_id = ifnull(?4, service_id), instance_id = ifnull(?5, instance_id),"
        " process_sort = ?6, thread_sort = ?7 WHERE id = ?1"));
    TS_TRY(prepareInto(m_saveRun,
        "INSERT INTO source_run (source_id, family, first_ordinal, first_id, count)"
        " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (source_id, family, first_ordinal)"
        " DO UPDATE SET count = excluded.count"));
    return prepareInto(m_saveSource,
        "UPDATE source_raw SET rows_committed = ?2, rows_hash = ?3 WHERE id = ?1");
}

void BulkCommitter::start()
{
    m_thread = std::thread([this] { run(); });
}

void BulkCommitter::join()
{
    if (m_thread.joinable())
        m_thread.join();
}

std::optional<Error> BulkCommitter::error() const
{
    const std::lock_guard guard(m_errorMutex);
    return m_error;
}

std::optional<Error> BulkCommitter::trouble() const
{
    const std::lock_guard guard(m_errorMutex);
    return m_trouble;
}

void BulkCommitter::giveUp()
{
    {
        const std::lock_guard guard(m_errorMutex);
        m_givesUp = true;
    }
    m_hurry.notify_all();
}

bool BulkCommitter::waitToRetry(const Error &error)
{
    const bool mayPass = error.code == ErrorCode::DiskFull || error.code == ErrorCode::Locked
        || error.code == ErrorCode::NotReadable;
    if (!m_isPatient || !mayPass)
        return false;
    std::unique_lock lock(m_errorMutex);
    m_trouble = error;
    m_hurry.wait_for(lock, kRetryAfter, [this] { return m_givesUp; });
    return !std::exchange(m_triedLast, m_givesUp);
}

void BulkCommitter::run()
{
    while (std::unique_ptr<Batch> batch = m_queue.pop(true)) {
        if (hasFailed()) {
            m_queue.recycle(std::move(batch)); // the reader may wait for one
            continue;
        }
        Result<void> committed = commitSome(std::move(batch));
        while (!committed && waitToRetry(committed.error()))
            committed = commitSome(nullptr);
        for (std::unique_ptr<Batch> &held : std::exchange(m_held, {}))
            m_queue.recycle(std::move(held));
        const std::lock_guard guard(m_errorMutex);
        m_trouble.reset();
        if (committed)
            continue;
        m_error = committed.error();
        m_failed.store(true, std::memory_order_relaxed);
    }
}

void BulkCommitter::release(std::unique_ptr<Batch> batch)
{
    if (m_isPatient)
        m_held.push_back(std::move(batch));
    else
        m_queue.recycle(std::move(batch));
}

Result<void> BulkCommitter::commitSome(std::unique_ptr<Batch> first)
{
    const Result<void> begun = m_database.begin();
    if (!begun) {
        if (first)
            release(std::move(first));
        return begun;
    }
    std::array<std::int64_t, kFamilies> counts{};
    std::transform(m_maps.begin(), m_maps.end(), counts.begin(),
        [](const IdMap &map) { return map.count(); });
    Result<void> written = writeAll(std::move(first));
    if (written)
        written = m_database.commit();
    else
        m_database.rollback();
    if (!written) {
        for (std::size_t i = 0; i < m_maps.size(); ++i)
            m_maps[i].truncate(counts[i]);
        m_nextId.fill(0);
        return written;
    }
    for (IdMap &map : m_maps)
        map.markSaved();
    m_rowsCommitted.store(m_rowsInHand, std::memory_order_relaxed);
    for (std::unique_ptr<Batch> &held : std::exchange(m_held, {}))
        m_queue.recycle(std::move(held));
    return {};
}

Result<void> BulkCommitter::writeAll(std::unique_ptr<Batch> first)
{
    const auto start = Clock::now();
    m_rowsInHand = rowsCommitted();
    std::int64_t hash = 0;
    Result<void> written = noteOtherWriters();
    for (const std::unique_ptr<Batch> &held : m_held) {
        if (written)
            written = write(*held);
        m_rowsInHand += held->dataRows;
        hash = held->rowsHash;
    }
    for (std::unique_ptr<Batch> batch = std::move(first); batch;) {
        if (written)
            written = write(*batch);
        m_rowsInHand += batch->dataRows;
        hash = batch->rowsHash;
        release(std::move(batch));
        if (written && Clock::now() - start < kTransactionTime)
            batch = m_queue.pop(false);
    }
    return written ? saveProgress(m_rowsInHand, hash) : written;
}

/// Ids go on after our own as long as nobody else committed anything.
Result<void> BulkCommitter::noteOtherWriters()
{
    const Result<bool> row = m_version->step();
    if (!row)
        return fail(row.error());
    if (m_version->integer(0) != m_dataVersion)
        m_nextId.fill(0);
    m_dataVersion = m_version->integer(0);
    m_version->reset();
    return {};
}

Result<std::int64_t> BulkCommitter::firstFreeId(Family family)
{
    // The runs count too: ids of a source that is being removed must not come back while it is.
    const Result<std::optional<std::int64_t>> free
        = m_database.integer("SELECT max(ifnull((SELECT max(id) FROM " + std::string(familyInfo(family).table)
            + " WHERE id < " + std::to_string(kFirstOwnId)
            + "), 0), ifnull((SELECT max(first_id + count - 1) FROM source_run WHERE family = "
            + std::to_string(static_cast<int>(family)) + "), 0)) + 1");
    if (!free)
        return fail(free.error());
    return free->value_or(1);
}

Result<void> BulkCommitter::allocate(const Batch &batch)
{
    for (const FamilyInfo &info : allFamilies()) {
        const auto i = static_cast<std::size_t>(info.family);
        const auto rows = static_cast<std::int64_t>(
            info.family == Family::Span ? batch.spans.size() : batch.rows[i].rows());
        if (rows == 0)
            continue;
        if (batch.firstOrdinal[i] != m_maps[i].count() + 1)
            return fail(ErrorCode::Internal, m_database.path().string(),
                "rows of a batch do not follow the last one");
        if (m_nextId[i] == 0) {
            const Result<std::int64_t> free = firstFreeId(info.family);
            if (!free)
                return fail(free.error());
            m_nextId[i] = *free;
        }
        m_batchFirstId[i] = m_nextId[i];
        m_maps[i].append(m_nextId[i], rows);
        m_nextId[i] += rows;
    }
    return {};
}

Result<void> BulkCommitter::write(const Batch &batch)
{
    TS_TRY(allocate(batch));
    if (batch.info)
        TS_TRY(updateInfo(*batch.info));
    TS_TRY(resolveStatements(batch));
    for (const FamilyInfo &info : allFamilies()) {
        TS_TRY(insertRows(info.family, batch));
        if (info.family == Family::AttributeSet && !batch.setItems.cells.empty()) {
            CellFeed feed;
            feed.batch = &batch;
            feed.cells = &batch.setItems;
            feed.maps = &m_maps;
            feed.withId = feed.withSource = false;
            TS_TRY(insertFeed(m_insertItems,
                "INSERT INTO attribute_set_item (set_id, position, key_id, type, value)"
                " SELECT c0, c1, c2, c3, c4 FROM bulk_feed",
                feed));
        }
    }
    return updateTracks(batch);
}

Result<void> BulkCommitter::insertRows(Family family, const Batch &batch)
{
    const auto i = static_cast<std::size_t>(family);
    const FamilyInfo &info = familyInfo(family);
    if (family == Family::Span) {
        if (batch.spans.empty())
            return {};
        SpanFeed feed;
        feed.batch = &batch;
        feed.maps = &m_maps;
        feed.sourceId = m_sourceId;
        feed.firstId = m_batchFirstId[i];
        return insertFeed(m_inserts[i], insertSql(info), feed);
    }
    if (batch.rows[i].rows() == 0)
        return {};
    CellFeed feed;
    feed.batch = &batch;
    feed.cells = &batch.rows[i];
    feed.maps = &m_maps;
    feed.statements = &m_statementIds;
    feed.sourceId = m_sourceId;
    feed.firstId = m_batchFirstId[i];
    feed.withSource = info.columns.starts_with("source_id");
    return insertFeed(m_inserts[i], insertSql(info), feed);
}

Result<void> BulkCommitter::insertFeed(std::optional<Statement> &statement, const std::string &sql,
    const Feed &feed)
{
    if (!statement) {
        Result<Statement> prepared = m_database.prepare(sql);
        if (!prepared)
            return fail(prepared.error());
        statement = std::move(*prepared);
    }
    m_slot.feed = &feed;
    Result<void> done = statement->run();
    m_slot.feed = nullptr;
    return done;
}

Result<void> BulkCommitter::resolveStatements(const Batch &batch)
{
    m_statementIds.clear();
    for (const Batch::StatementText &statement : batch.statements) {
        m_selectStatement->bind(0, textOf(statement.fingerprint, batch));
        Result<bool> row = m_selectStatement->step();
        if (row && !*row) {
            m_selectStatement->reset();
            const std::string_view text = textOf(statement.text, batch);
            const std::string normalized = normalizedSql(text).text; // outlives the insert
            m_insertStatement->bind(0, textOf(statement.fingerprint, batch));
            m_insertStatement->bind(1, text);
            m_insertStatement->bind(2, normalized);
            TS_TRY(m_insertStatement->run());
            m_selectStatement->bind(0, textOf(statement.fingerprint, batch));
            row = m_selectStatement->step();
        }
        if (!row)
            return fail(row.error());
        m_statementIds.push_back(m_selectStatement->integer(0));
        m_selectStatement->reset();
    }
    return {};
}

Result<void> BulkCommitter::updateTracks(const Batch &batch)
{
    const CellRows &updates = batch.trackUpdates;
    for (std::size_t row = 0; row < updates.rows(); ++row) {
        const Cell *cells = &updates.cells[row * updates.columns];
        for (int column = 0; column < static_cast<int>(updates.columns); ++column) {
            const Cell &cell = cells[column];
            if (cell.type == Cell::Type::Reference)
                m_updateTrack->bind(column, mapOf(m_maps, cell.family).idOf(cell.value));
            else if (cell.type == Cell::Type::Text)
                m_updateTrack->bind(column, textOf(cell, batch));
            else if (cell.type == Cell::Type::Integer)
                m_updateTrack->bind(column, cell.value);
        }
        TS_TRY(m_updateTrack->run());
    }
    return {};
}

Result<void> BulkCommitter::updateInfo(const Batch::Info &info)
{
    Result<Statement> update
        = m_database.prepare("UPDATE source_raw SET kind = ?2, clock = ?3, timezone = ?4 WHERE id = ?1");
    if (!update)
        return fail(update.error());
    update->bind(0, m_sourceId);
    update->bind(1, static_cast<std::int64_t>(info.kind));
    update->bind(2, static_cast<std::int64_t>(info.clock));
    update->bindTextOrNull(3, info.timezone);
    return update->run();
}

Result<void> BulkCommitter::saveProgress(std::int64_t rows, std::int64_t hash)
{
    for (const FamilyInfo &info : allFamilies()) {
        for (const IdMap::Run &run : mapOf(m_maps, info.family).runs()) {
            if (!run.changed)
                continue;
            m_saveRun->bind(0, m_sourceId);
            m_saveRun->bind(1, static_cast<std::int64_t>(info.family));
            m_saveRun->bind(2, run.firstOrdinal);
            m_saveRun->bind(3, run.firstId);
            m_saveRun->bind(4, run.count);
            TS_TRY(m_saveRun->run());
        }
    }
    // A stretch without data rows (track names) leaves count and hash as they are.
    if (rows == rowsCommitted())
        return {};
    m_saveSource->bind(0, m_sourceId);
    m_saveSource->bind(1, rows);
    m_saveSource->bind(2, hash);
    return m_saveSource->run();
}

} // namespace tailscope::store
