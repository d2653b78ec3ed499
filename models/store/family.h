// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tailscope::store {

/// Kinds of rows a BulkWriter writes. The numbers are stored in source_run: never renumber. Rows are written
/// in this order within a batch, so that a reference always points to a row that is there.
enum class Family : std::uint8_t {
    String,
    Track,
    Trace,
    AttributeSet,
    Profile,
    Frame,
    CallNode,
    Series,
    Plan,
    Span,
    SpanEvent,
    SpanLink,
    Flow,
    Sample,
    Point,
    Event,
    PlanNode,
    PlanWorker,
    PlanTrigger,
    LogEntry,
    // The tables of RecordTable, in its order.
    Server,
    Run,
    StatementSample,
    PoolSample,
    ReplicaSample,
    SlotSample,
    SessionSample,
    LockEdge,
    QueueSample,
    CacheSample,
    Pause,
    Setting,
    DbTable,
    DbIndex,
    DbColumn,
    DbConstraint,
    TableSample,
    IndexSample,
    ProgressSample,
    Config,
    DdlStatement,
    RunPhase,
    HistogramPoint,
    DeadlockMember,
    Budget,
    BudgetComponent,
    XminHolder,
    WaitSample,
};
inline constexpr int kFamilies = 48;

/// Rows that the window makes in a table of a family (notes in event_raw) have ids from here on; imports stay
/// below.
inline constexpr std::int64_t kFirstOwnId = 1LL << 40;

struct FamilyInfo
{
    Family family;
    std::string_view table; ///< internal table
    std::string_view columns; ///< as written, without id; source_id first where the table has it
    bool data; ///< counted as a row of the source; others are entities the rows refer to
    std::string_view generation; ///< table family of `generation` that these rows belong to
};
const FamilyInfo &familyInfo(Family family);
std::span<const FamilyInfo> allFamilies();

} // namespace tailscope::store
