// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

/// Typed rows: what readers emit and the store keeps. Every string_view is UTF-8 and needs to live only for
/// the call that takes the row. References (TrackRef...) are handed out by the RowSink and mean something
/// only to it.
namespace tailscope {

/// Index of an entity handed out by a RowSink; 0 = none.
enum class TrackRef : std::uint32_t { None = 0 };
enum class TraceRef : std::uint32_t { None = 0 };
enum class SetRef : std::uint32_t { None = 0 };
enum class SpanRef : std::int64_t { None = 0 };
enum class SeriesRef : std::uint32_t { None = 0 };
enum class ProfileRef : std::uint32_t { None = 0 };
enum class FrameRef : std::uint32_t { None = 0 };
enum class CallNodeRef : std::uint32_t { None = 0 };
enum class PlanRef : std::int64_t { None = 0 };
enum class LogRef : std::int64_t { None = 0 };
/// A row of record(): its number among those of its table.
enum class RecordRef : std::int64_t { None = 0 };

enum class SourceKind : std::uint8_t {
    Trace,
    Profile,
    Plan,
    Log,
    Metrics,
    AccessLog,
    LoadTest,
    Catalog,
    Config,
    Recording,
};
enum class ClockKind : std::uint8_t { Utc, Monotonic, Relative, None };

/// Value of an attribute. Json holds nested arrays and objects as JSON text.
enum class AttributeType : std::uint8_t { Null, Text, Integer, Real, Boolean, Json };
struct Attribute
{
    std::string_view key;
    AttributeType type = AttributeType::Null;
    std::string_view text; ///< Text, Json
    std::int64_t integer = 0; ///< Integer, Boolean (0/1)
    double real = 0;
};
using AttributeList = std::span<const Attribute>;

/// What a source turned out to be; may be set at any time before the reader returns.
struct SourceInfo
{
    SourceKind kind = SourceKind::Trace;
    ClockKind clock = ClockKind::Utc;
    std::string_view timezone; ///< "UTC", "+02:00", "Europe/Paris (assumed)"; empty = does not apply
};

enum class SpanKind : std::uint8_t { Internal, Server, Client, Producer, Consumer, Async };
enum class SpanStatus : std::uint8_t { Unset, Ok, Error };

/// Identity of a span as the source writes it. Hex keys of 16 digits are kept as integers.
struct SpanKey
{
    enum class Kind : std::uint8_t { None, Hex64, Text } kind = Kind::None;
    std::uint64_t hex = 0;
    std::string_view text;
};

/// Doubts about a span; the view `span` shows them as words.
enum SpanQuality : std::uint32_t {
    SpanQualityNone = 0,
    SpanUnfinished = 1u << 0, ///< no end in the file: open to the end of the trace
    SpanNegativeDuration = 1u << 1, ///< end before start: duration unknown
    SpanNoEnd = 1u << 2, ///< end absent or 0: duration unknown
    SpanSpilled = 1u << 3, ///< overlapped its neighbour on one thread: drawn on an extra lane
    SpanOrphan = 1u << 4, ///< its parent is not in the workspace
    SpanCycle = 1u << 5, ///< its parents form a cycle: treated as root
    SpanDuplicateKey = 1u << 6, ///< its key occurs more than once
    SpanNoId = 1u << 7, ///< no span id in the file
    SpanSkewed = 1u << 8, ///< starts before or ends after its synchronous parent by more than the tolerance
    SpanTimeClamped = 1u << 9, ///< a time stamp outside the range of int64 ns was clamped
    SpanDropped = 1u << 10, ///< the sender says that attributes, events or links were dropped
};

/// A row of drawing and identity: a thread of a process, or an instance of a service.
struct TrackRow
{
    std::string_view process; ///< "chrome (pid 12)"; empty = unknown
    std::string_view thread;
    std::string_view service;
    std::string_view instance;
    std::int64_t processSort = 0, threadSort = 0;
    /// Nested: spans on this track nest by time (threads). Linked: parents come from keys (distributed
    /// traces). Async: spans overlap freely, each a root unless linked by asyncGroup order.
    enum class Shape : std::uint8_t { Nested, Linked, Async } shape = Shape::Nested;
};

/// A finished (or never finished) span. Unknown duration is kUnknownNanos with a quality flag.
struct SpanRow
{
    TrackRef track = TrackRef::None;
    TraceRef trace = TraceRef::None;
    SpanKey key, parentKey;
    std::string_view operation;
    std::string_view category; ///< Chrome `cat`; empty = none
    SpanKind kind = SpanKind::Internal;
    SpanStatus status = SpanStatus::Unset;
    std::uint16_t httpStatus = 0; ///< 0 = unknown
    Nanos startNs = 0;
    Nanos durationNs = kUnknownNanos;
    SetRef resource = SetRef::None, scope = SetRef::None;
    AttributeList attributes; ///< the span's own
    std::uint32_t quality = SpanQualityNone; ///< SpanQuality bits
};

/// An instant: belongs to a span (span set), else to a track (the derive pass binds it to the enclosing
/// span).
struct SpanEventRow
{
    SpanRef span = SpanRef::None;
    TrackRef track = TrackRef::None;
    Nanos tsNs = 0;
    std::string_view name;
    AttributeList attributes;
};

/// A link written by the source: from `span` to a span named by keys, maybe in another trace.
struct SpanLinkRow
{
    SpanRef span = SpanRef::None;
    std::string_view linkedTraceKey; ///< as hex or text
    SpanKey linkedSpanKey;
    AttributeList attributes;
};

/// One end of a flow (Chrome s/t/f, flow_in/flow_out); the derive pass turns ends of equal key into span_link
/// rows.
struct FlowRow
{
    enum class Phase : std::uint8_t { Start, Step, Finish } phase = Phase::Start;
    bool bindEnclosing = true; ///< false: binds to the next span on the track (a finish without bp:"e")
    TrackRef track = TrackRef::None;
    Nanos tsNs = 0;
    std::string_view flowKey;
    SpanRef span = SpanRef::None; ///< set when the file names the span itself (flow_in/flow_out on a slice)
};

enum class ProfileKind : std::uint8_t { OnCpu, Wall, Alloc, Lock, Threads };
struct ProfileRow
{
    std::string_view name;
    ProfileKind kind = ProfileKind::OnCpu;
    std::string_view sampleType; ///< "samples", "cpu", "alloc_space"
    std::string_view unit; ///< "samples", "ns", "bytes"
    std::int64_t period = 0; ///< 0 = unknown
    Nanos startNs = kUnknownNanos;
    Nanos durationNs = kUnknownNanos;
};
struct FrameRow
{
    std::string_view function, module, file;
    std::int64_t line = 0; ///< 0 = unknown
};
/// One sample, or the sum of many when the source has no times (tsNs unknown).
struct SampleRow
{
    ProfileRef profile = ProfileRef::None;
    CallNodeRef node = CallNodeRef::None; ///< the leaf
    Nanos tsNs = kUnknownNanos;
    std::string_view thread, state;
    double weight = 1;
    std::int64_t count = 1; ///< samples summed in this row
};

enum class SeriesKind : std::uint8_t { Gauge, Counter, Delta, Histogram, Unknown };
struct SeriesRow
{
    std::string_view metric; ///< canonical name (equal to foreignName until a mapping is known)
    std::string_view foreignName;
    std::string_view service, instance, role;
    std::string_view labelsJson; ///< JSON object, keys sorted
    std::string_view unit;
    SeriesKind kind = SeriesKind::Unknown;
    TrackRef track = TrackRef::None; ///< process the counter belongs to
};
/// A marker on the time axis.
struct EventRow
{
    Nanos tsNs = 0;
    Nanos endNs = kUnknownNanos;
    std::string_view kind; ///< deploy, config, flag, scale, failover, alert, human, chaos, cron, ..., note
    std::string_view service, title, detail;
    std::int32_t offsetSeconds = 0; ///< UTC offset the file wrote, kept for display
};

/// A line of a log. What a log does not state is empty or absent.
struct LogRow
{
    Nanos tsNs = kUnknownNanos;
    std::int32_t offsetSeconds = 0; ///< UTC offset the file wrote, kept for display
    std::optional<std::int64_t> pid;
    std::string_view user, db, application, client;
    std::string_view service, instance; ///< who wrote it
    std::string_view logger; ///< name of the logger or instrumentation scope
    std::string_view severity, sqlstate;
    std::string_view kind; ///< slow_statement, plan, lock_wait, ..., other
    std::string_view message, detail, hint, context;
    std::string_view pattern; ///< the message without what differs from line to line; interned
    RecordRef server = RecordRef::None; ///< a record of RecordTable::Server
    std::string_view statement; ///< SQL text, becomes a statement
    std::optional<std::int64_t> queryId;
    std::optional<double> durationMs;
    std::string_view traceKey; ///< as hex or text; empty = in no trace
    SpanKey spanKey;
    SetRef resource = SetRef::None;
    AttributeList attributes; ///< the line's own
};

/// Tables that are filled by columns' names: samples, catalogs, configuration, runs.
enum class RecordTable : std::uint8_t {
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

/// One column of a record, named as in the public view of the table (schema.sql). "statement_id" takes the
/// SQL text, "log_id", "run_id", "series_id", "server_id" and "budget_id" are those of RecordRow. NULL where
/// value is monostate.
struct RecordField
{
    std::string_view column;
    std::variant<std::monostate, std::int64_t, double, std::string_view> value;
};
struct RecordRow
{
    RecordTable table;
    RecordRef server = RecordRef::None; ///< a record of RecordTable::Server
    /// What the row belongs to, where its table has such a column.
    RecordRef run = RecordRef::None; ///< a record of RecordTable::Run
    SeriesRef series = SeriesRef::None;
    LogRef log = LogRef::None;
    std::span<const RecordField> fields;
    RecordRef budget = RecordRef::None; ///< a record of RecordTable::Budget
};

/// Head of one execution plan. Unknown doubles are NaN.
struct PlanRow
{
    std::string_view engine; ///< "postgresql"
    std::string_view serverVersion;
    std::string_view queryText;
    std::string_view settingsJson; ///< JSON object or empty
    std::string_view sourceText; ///< the text the plan was read from (bounded to 1 MiB)
    std::string_view format; ///< "text", "json"
    Nanos capturedAtNs = kUnknownNanos;
    double planningMs, executionMs, durationMs, totalCost;
    std::string_view extraJson; ///< planning buffers, JIT, serialization... EXPLAIN's own key names
};
/// One node. Counts that the plan does not state are absent, times NaN. actualRows and rowsRemoved* are
/// totals over loops (double: the server prints averages). See plans.md 2.2 for wall, self and doubt.
struct PlanNodeRow
{
    std::int32_t id = 0; ///< 0-based, pre-order, unique in its plan
    std::int32_t parent = -1;
    std::int32_t position = 0, depth = 0;
    std::string_view nodeType, parentRelationship, subplanName, joinType, relation, schema, alias, indexName,
        condition, filter;
    std::optional<double> planRows, actualRows, loops;
    std::optional<std::int64_t> planWidth;
    std::optional<double> startupCost, totalCost, startupMs, totalMs, wallMs, selfMs, doubtMs;
    std::optional<double> rowsRemovedByFilter, rowsRemovedByJoinFilter, rowsRemovedByIndexRecheck;
    std::optional<std::int64_t> sharedHit, sharedRead, sharedDirtied, sharedWritten, localHit, localRead,
        localDirtied, localWritten, tempRead, tempWritten, selfSharedHit, selfSharedRead;
    std::optional<double> ioReadMs, ioWriteMs;
    std::optional<std::int64_t> walBytes, sortKb, sortDisk, hashBatches, heapFetches, exactBlocks,
        lossyBlocks, workersPlanned, workersLaunched;
    std::int64_t sourceLine = 0; ///< 1-based line of the node in PlanRow::sourceText; 0 = unknown
    std::string_view extraJson; ///< everything else, EXPLAIN's own key names
};
struct PlanWorkerRow
{
    std::int32_t nodeId = 0, worker = 0;
    std::optional<double> startupMs, totalMs, rows, loops;
    std::string_view extraJson;
};
struct PlanTriggerRow
{
    std::string_view name, relation, constraintName;
    std::optional<double> timeMs, calls;
};

} // namespace tailscope
