// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/bulkfeed.h"
#include "store/bulkidmap.h"
#include "store/bulkqueue.h"
#include "store/database.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace tailscope::store {

/// The writing half of a BulkWriter: takes batches from the queue and commits them, many a transaction while
/// that lasts less than kTransactionTime. Its thread runs from start() to join(); the database belongs to it
/// meanwhile.
class BulkCommitter
{
public:
    /// rowsCommitted: of an interrupted source that goes on. isPatient: what cannot be written for now (no
    /// room on the disk, the file is locked) is kept and tried again every second; whoever fills the queue
    /// waits meanwhile.
    BulkCommitter(Database database, BatchQueue &queue, std::int64_t sourceId, IdMaps maps,
        std::int64_t rowsCommitted, bool isPatient = false);
    ~BulkCommitter();

    Result<void> prepare();
    void start();
    /// Waits until the queue is closed and drained.
    void join();

    std::int64_t rowsCommitted() const { return m_rowsCommitted.load(std::memory_order_relaxed); }
    bool hasFailed() const { return m_failed.load(std::memory_order_relaxed); }
    std::optional<Error> error() const;
    /// Why nothing is written at the moment; it is tried again. Any thread.
    std::optional<Error> trouble() const;
    /// One more try, then the trouble is an error. Any thread.
    void giveUp();
    /// After join().
    Database &database() { return m_database; }
    const IdMaps &maps() const { return m_maps; }

private:
    void run();
    /// Commits `first` and what follows at once; batches go back to the queue, or stay in m_held where it
    /// failed and there is patience. Null: those.
    Result<void> commitSome(std::unique_ptr<Batch> first);
    Result<void> writeAll(std::unique_ptr<Batch> first);
    void release(std::unique_ptr<Batch> batch);
    /// False: it is no use to try again.
    bool waitToRetry(const Error &error);
    Result<void> write(const Batch &batch);
    Result<void> allocate(const Batch &batch);
    Result<std::int64_t> firstFreeId(Family family);
    Result<void> insertRows(Family family, const Batch &batch);
    Result<void> insertFeed(std::optional<Statement> &statement, const std::string &sql, const Feed &feed);
    Result<void> resolveStatements(const Batch &batch);
    Result<void> updateTracks(const Batch &batch);
    Result<void> updateInfo(const Batch::Info &info);
    Result<void> saveProgress(std::int64_t rows, std::int64_t hash);
    Result<void> noteOtherWriters();

    Database m_database;
    BatchQueue &m_queue;
    const std::int64_t m_sourceId;
    IdMaps m_maps;
    std::array<std::int64_t, kFamilies> m_nextId{}; ///< 0 = ask the database
    std::array<std::int64_t, kFamilies> m_batchFirstId{};
    std::int64_t m_dataVersion = -1;
    std::int64_t m_rowsInHand = 0; ///< committed once the transaction at hand is
    std::vector<std::int64_t> m_statementIds;

    FeedSlot m_slot;
    std::array<std::optional<Statement>, kFamilies> m_inserts;
    std::optional<Statement> m_insertItems, m_insertStatement, m_selectStatement, m_updateTrack, m_saveRun,
        m_saveSource, m_version;

    std::thread m_thread;
    std::atomic<std::int64_t> m_rowsCommitted;
    std::atomic<bool> m_failed{false};
    const bool m_isPatient;
    std::vector<std::unique_ptr<Batch>> m_held; ///< of the transaction at hand, in order
    mutable std::mutex m_errorMutex;
    std::condition_variable m_hurry;
    bool m_givesUp = false, m_triedLast = false;
    std::optional<Error> m_error, m_trouble;
};

} // namespace tailscope::store
