// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgcatalog/catalogcounters.h"

#include <array>

namespace tailscope::import {

namespace {

// Checkpoints moved to a view of their own in 17; both halves get one name.
constexpr std::array kBgwriter{
    CatalogCounter{"checkpoints_timed", "checkpoint.timed", "checkpoints"},
    CatalogCounter{"checkpoints_req", "checkpoint.requested", "checkpoints"},
    CatalogCounter{"checkpoint_write_time", "checkpoint.write_time", "ms"},
    CatalogCounter{"checkpoint_sync_time", "checkpoint.sync_time", "ms"},
    CatalogCounter{"buffers_checkpoint", "checkpoint.buffers_written", "blocks"},
    CatalogCounter{"buffers_clean", "bgwriter.buffers_clean", "blocks"},
    CatalogCounter{"maxwritten_clean", "bgwriter.maxwritten_clean", "stops"},
    CatalogCounter{"buffers_backend", "bgwriter.buffers_backend", "blocks"}, // until 16
    CatalogCounter{"buffers_backend_fsync", "bgwriter.buffers_backend_fsync", "calls"}, // until 16
    CatalogCounter{"buffers_alloc", "bgwriter.buffers_alloc", "blocks"},
};
constexpr std::array kCheckpointer{
    CatalogCounter{"num_timed", "checkpoint.timed", "checkpoints"},
    CatalogCounter{"num_requested", "checkpoint.requested", "checkpoints"},
    CatalogCounter{"num_done", "checkpoint.done", "checkpoints"}, // 18
    CatalogCounter{"restartpoints_timed", "restartpoint.timed", "restartpoints"},
    CatalogCounter{"restartpoints_req", "restartpoint.requested", "restartpoints"},
    CatalogCounter{"restartpoints_done", "restartpoint.done", "restartpoints"},
    CatalogCounter{"write_time", "checkpoint.write_time", "ms"},
    CatalogCounter{"sync_time", "checkpoint.sync_time", "ms"},
    CatalogCounter{"buffers_written", "checkpoint.buffers_written", "blocks"},
    CatalogCounter{"slru_written", "checkpoint.slru_written", "blocks"}, // 18
};
// The four of writing and syncing moved to pg_stat_io in 18.
constexpr std::array kWal{
    CatalogCounter{"wal_records", "wal.records", "records"},
    CatalogCounter{"wal_fpi", "wal.full_page_images", "images"},
    CatalogCounter{"wal_bytes", "wal.bytes", "bytes"},
    CatalogCounter{"wal_buffers_full", "wal.buffers_full", "writes"},
    CatalogCounter{"wal_write", "wal.writes", "writes"},
    CatalogCounter{"wal_sync", "wal.syncs", "syncs"},
    CatalogCounter{"wal_write_time", "wal.write_time", "ms"},
    CatalogCounter{"wal_sync_time", "wal.sync_time", "ms"},
};
constexpr std::array kDatabase{
    CatalogCounter{"numbackends", "backends", "sessions", true},
    CatalogCounter{"xact_commit", "commits", "transactions"},
    CatalogCounter{"xact_rollback", "rollbacks", "transactions"},
    CatalogCounter{"blks_read", "blocks_read", "blocks"}, CatalogCounter{"blks_hit", "blocks_hit", "blocks"},
    CatalogCounter{"tup_returned", "rows_returned", "rows"},
    CatalogCounter{"tup_fetched", "rows_fetched", "rows"},
    CatalogCounter{"tup_inserted", "rows_inserted", "rows"},
    CatalogCounter{"tup_updated", "rows_updated", "rows"},
    CatalogCounter{"tup_deleted", "rows_deleted", "rows"},
    CatalogCounter{"conflicts", "conflicts", "queries"}, CatalogCounter{"temp_files", "temp_files", "files"},
    CatalogCounter{"temp_bytes", "temp_bytes", "bytes"},
    CatalogCounter{"deadlocks", "deadlocks", "deadlocks"},
    CatalogCounter{"checksum_failures", "checksum_failures", "pages"}, // 12
    CatalogCounter{"blk_read_time", "block_read_time", "ms"},
    CatalogCounter{"blk_write_time", "block_write_time", "ms"},
    CatalogCounter{"session_time", "session_time", "ms"}, // this and the next six: 14
    CatalogCounter{"active_time", "active_time", "ms"},
    CatalogCounter{"idle_in_transaction_time", "idle_in_transaction_time", "ms"},
    CatalogCounter{"sessions", "sessions", "sessions"},
    CatalogCounter{"sessions_abandoned", "sessions_abandoned", "sessions"},
    CatalogCounter{"sessions_fatal", "sessions_fatal", "sessions"},
    CatalogCounter{"sessions_killed", "sessions_killed", "sessions"},
    CatalogCounter{"parallel_workers_to_launch", "parallel_workers_planned", "workers"}, // 18
    CatalogCounter{"parallel_workers_launched", "parallel_workers_launched", "workers"}, // 18
};
// In a row of pg_stat_database, or alone.
constexpr std::array kDatabaseSize{
    CatalogCounter{"database_bytes", "database_bytes", "bytes", true}, // pg_database_size()
    CatalogCounter{"datfrozenxid_age", "datfrozenxid_age", "transactions", true},
    CatalogCounter{"datminmxid_age", "datminmxid_age", "multixacts", true},
};
constexpr std::array kConflicts{
    CatalogCounter{"confl_tablespace", "conflicts.tablespace", "queries"},
    CatalogCounter{"confl_lock", "conflicts.lock", "queries"},
    CatalogCounter{"confl_snapshot", "conflicts.snapshot", "queries"},
    CatalogCounter{"confl_bufferpin", "conflicts.buffer_pin", "queries"},
    CatalogCounter{"confl_deadlock", "conflicts.deadlock", "queries"},
    CatalogCounter{"confl_active_logicalslot", "conflicts.logical_slot", "queries"}, // 16
};
constexpr std::array kPrefetch{
    CatalogCounter{"prefetch", "recovery_prefetch.prefetched", "blocks"},
    CatalogCounter{"hit", "recovery_prefetch.hits", "blocks"},
    CatalogCounter{"skip_init", "recovery_prefetch.skipped_init", "blocks"},
    CatalogCounter{"skip_new", "recovery_prefetch.skipped_new", "blocks"},
    CatalogCounter{"skip_fpw", "recovery_prefetch.skipped_full_page", "blocks"},
    CatalogCounter{"skip_rep", "recovery_prefetch.skipped_repeated", "blocks"},
    CatalogCounter{"wal_distance", "recovery_prefetch.wal_distance", "bytes", true},
    CatalogCounter{"block_distance", "recovery_prefetch.block_distance", "blocks", true},
    CatalogCounter{"io_depth", "recovery_prefetch.io_depth", "operations", true},
};
// pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')
constexpr std::array kWalPosition{
    CatalogCounter{"wal_position", "wal.position", "bytes"},
};
constexpr std::array kStatementsInfo{
    CatalogCounter{"dealloc", "statements.evictions", "times"},
};
constexpr std::array kArchiver{
    CatalogCounter{"archived_count", "archiver.archived", "files"},
    CatalogCounter{"failed_count", "archiver.failed", "files"},
    CatalogCounter{"last_archived_age", "archiver.last_archived_age", "s", true}, // computed by who asks
    CatalogCounter{"last_failed_age", "archiver.last_failed_age", "s", true},
    CatalogCounter{"ready_count", "archiver.ready", "files", true}, // pg_ls_archive_statusdir()
};
constexpr std::array kIo{
    CatalogCounter{"reads", "io.reads", "operations"},
    CatalogCounter{"read_bytes", "io.read_bytes", "bytes"}, // 18
    CatalogCounter{"read_time", "io.read_time", "ms"},
    CatalogCounter{"writes", "io.writes", "operations"},
    CatalogCounter{"write_bytes", "io.write_bytes", "bytes"}, // 18
    CatalogCounter{"write_time", "io.write_time", "ms"},
    CatalogCounter{"writebacks", "io.writebacks", "operations"},
    CatalogCounter{"extends", "io.extends", "operations"},
    CatalogCounter{"hits", "io.hits", "blocks"},
    CatalogCounter{"evictions", "io.evictions", "blocks"},
    CatalogCounter{"reuses", "io.reuses", "blocks"},
    CatalogCounter{"fsyncs", "io.fsyncs", "operations"},
    CatalogCounter{"fsync_time", "io.fsync_time", "ms"},
};

constexpr std::array kViews{
    CatalogCounterView{"pg_stat_bgwriter",
        "buffers_alloc|buffers_clean|checkpoints_req maxwritten_clean|checkpoints_timed", "", kBgwriter},
    CatalogCounterView{"pg_stat_checkpointer", "num_timed num_requested", "", kCheckpointer},
    CatalogCounterView{"pg_stat_wal", "wal_records wal_bytes wal_fpi", "", kWal},
    CatalogCounterView{"pg_stat_database", "xact_commit xact_rollback", "datname", kDatabase},
    CatalogCounterView{"pg_database", "database_bytes|datfrozenxid_age datname", "datname", kDatabaseSize},
    CatalogCounterView{"pg_stat_database_conflicts", "confl_lock confl_snapshot", "datname", kConflicts},
    CatalogCounterView{"pg_stat_recovery_prefetch", "skip_fpw wal_distance", "", kPrefetch},
    CatalogCounterView{"pg_current_wal_lsn", "wal_position", "", kWalPosition},
    CatalogCounterView{"pg_stat_statements_info", "dealloc stats_reset", "", kStatementsInfo},
    CatalogCounterView{"pg_stat_archiver", "archived_count failed_count", "", kArchiver},
    CatalogCounterView{"pg_stat_io", "backend_type object context reads", "backend_type context object", kIo},
};

} // namespace

std::span<const CatalogCounterView> catalogCounterViews() { return kViews; }

} // namespace tailscope::import
