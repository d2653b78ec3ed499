// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"
#include "store/bulkaggregate.h"
#include "store/bulkattributes.h"
#include "store/bulkqueue.h"
#include "store/bulktracemap.h"
#include "store/callweights.h"
#include "store/fingerprintcache.h"
#include "store/recordcolumns.h"
#include "store/rowsink.h"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace tailscope::store {

/// Where an interrupted source stands: rows up to here are taken again but not written again.
struct ReplayPoint
{
    std::array<std::int64_t, kFamilies> committed{}; ///< per family
    std::int64_t dataRows = 0, rowsHash = 0;
};

/// The reader's half of a BulkWriter: interns, numbers and packs rows into batches. Every entity and row gets
/// the next ordinal of its family; the same calls give the same ordinals, which is all that resuming needs.
/// One thread, except rowsTaken(), hasFailed() and aggregate().
class BulkInput
{
public:
    BulkInput(BatchQueue &queue, const ReplayPoint &replay);

    void setSource(const SourceInfo &info);
    TrackRef track(const TrackRow &row);
    void updateTrack(TrackRef track, const TrackRow &row);
    TraceRef trace(const unsigned char (&key)[16]);
    TraceRef trace(std::string_view key);
    SetRef attributeSet(AttributeList attributes);
    SpanRef span(const SpanRow &row);
    void spanEvent(const SpanEventRow &row);
    void spanLink(const SpanLinkRow &row);
    void flow(const FlowRow &row);
    ProfileRef profile(const ProfileRow &row);
    FrameRef frame(const FrameRow &row);
    CallNodeRef callNode(ProfileRef profile, CallNodeRef parent, FrameRef frame);
    void sample(const SampleRow &row);
    SeriesRef series(const SeriesRow &row);
    void point(SeriesRef series, Nanos tsNs, double value);
    void event(const EventRow &row);
    PlanRef plan(const PlanRow &row);
    void planNode(PlanRef plan, const PlanNodeRow &row);
    void planWorker(PlanRef plan, const PlanWorkerRow &row);
    void planTrigger(PlanRef plan, const PlanTriggerRow &row);
    LogRef logEntry(const LogRow &row);
    RecordRef record(const RecordRow &row);

    /// Hands over what is packed so far.
    void flush();
    std::int64_t rowsTaken() const { return m_taken.load(std::memory_order_relaxed); }
    StreamingAggregate aggregate() const { return m_aggregator.result(); }
    /// The replayed rows are not those that were committed, or a temporary file failed; set once.
    const std::optional<Error> &error() const { return m_error; }
    bool hasFailed() const { return m_failed.load(std::memory_order_relaxed); } ///< any thread
    bool hasReplayed() const { return rowsTaken() >= m_replay.dataRows; }
    const CallWeights &callWeights() const { return m_weights; }
    const std::vector<ProfileTotal> &profileTotals() const { return m_totals; }
    bool hasCutStacks() const { return m_cutStacks; } ///< the bound of call nodes was reached

private:
    static constexpr std::int64_t kRowsPerBatch = 4096;
    static constexpr std::size_t kArenaPerBatch = 1u << 20;
    static constexpr std::size_t kEntitiesPerBatch = 16'384;
    static constexpr std::size_t kMaxCallNodes = 2'000'000;
    static constexpr std::size_t kMaxSourceText = 1u << 20;

    std::int64_t next(Family family) { return ++m_ordinals[static_cast<std::size_t>(family)]; }
    bool isKept(Family family, std::int64_t ordinal) const
    {
        return ordinal > m_replay.committed[static_cast<std::size_t>(family)];
    }
    Cell *addRow(Family family, std::int64_t ordinal);
    Cell text(std::string_view text) { return text.empty() ? Cell{} : m_batch->text(text); }
    Cell interned(std::string_view text, std::uint32_t *ordinal = nullptr);
    Cell keyCell(const SpanKey &key);
    /// Sixteen bytes where the text is 32 hex digits, so that keys of traces can be joined.
    Cell traceKeyCell(std::string_view text);
    /// A statement of the batch by its fingerprint; NULL where the text is none.
    Cell statementCell(std::string_view sql, const Cell &text);
    Cell recordCell(RecordColumnKind kind, const RecordField &field, bool kept);
    Cell jsonObject(AttributeList attributes);
    std::uint64_t identity(const Cell &cell, std::string_view text) const;
    void trackCells(Cell *cells, const TrackRow &row);
    std::uint32_t newTrace(RefMap::Key key, std::string_view bytes, Cell::Type type);
    std::uint32_t setOf(AttributeList attributes, const std::uint32_t *keys, const std::uint64_t *hashes);
    void addSetItem(std::uint32_t set, std::int64_t position, std::uint32_t key, const Attribute &attribute);
    /// The set for the shared ones; the rest is left in m_own.
    std::uint32_t splitAttributes(AttributeList attributes);
    void noteRow(Family family, bool kept, std::uint64_t a, std::uint64_t b);
    void checkReplay(std::int64_t taken, bool kept);
    void setError(Error error);
    /// Only at the end of a call: cells made before it point into the batch that is handed over.
    void flushIfDue();

    BatchQueue &m_queue;
    ReplayPoint m_replay;
    std::unique_ptr<Batch> m_batch;
    std::array<std::int64_t, kFamilies> m_ordinals{};
    std::atomic<std::int64_t> m_taken{0};
    std::uint64_t m_hash = 0;
    std::size_t m_entityRows = 0; ///< in the present batch
    std::optional<Error> m_error;
    std::atomic<bool> m_failed{false};
    std::chrono::steady_clock::time_point m_lastFlush;

    FingerprintCache m_fingerprints;
    std::uint64_t m_batchNumber = 1; ///< what m_fingerprints says of earlier batches does not hold here
    StringTable m_strings;
    RefMap m_tracks{100'000}, m_sets{200'000}, m_frames{500'000}, m_series{500'000};
    TraceMap m_traces;
    AttributeSplitter m_splitter;
    SpanAggregator m_aggregator;
    std::vector<Attribute> m_shared, m_own;
    std::vector<Cell> m_record; ///< of the record that is being taken
    std::vector<std::uint32_t> m_keys;
    std::vector<std::uint64_t> m_hashes;

    RefMap m_callNodes{kMaxCallNodes};
    CallWeights m_weights;
    std::vector<std::uint16_t> m_depths; ///< of call nodes
    std::vector<ProfileTotal> m_totals;
    bool m_cutStacks = false;
};

} // namespace tailscope::store
