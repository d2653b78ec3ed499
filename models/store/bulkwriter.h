// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "store/rowsink.h"
#include "store/workspace.h"

#include <atomic>
#include <memory>
#include <string>

namespace tailscope::store {

/// What the importer knows of a source before the first row.
struct NewSource
{
    std::string path, format;
    std::optional<std::int64_t> resumeId; ///< continue this interrupted source
    bool isRecording = false; ///< shown while it is written (state recording)
};

/// Cheap totals kept while streaming, so that a first picture can be painted before the derive pass:
/// per track and operation count, total and maximum duration, and the time range.
struct StreamingAggregate
{
    struct Entry
    {
        std::string process, thread, service, operation;
        std::int64_t count = 0;
        std::int64_t errors = 0;
        Nanos totalNs = 0, maxNs = 0;
    };
    std::vector<Entry> entries; ///< sorted by total descending
    TimeRange range;
    std::int64_t spans = 0;
};

/// RowSink that writes one source into the workspace. The reader's thread interns and fills batches; a thread
/// of its own inserts them by prepared statements, one transaction of at most 100 ms at a time. Bounded
/// memory: at most kQueuedBatches batches wait; past it the reader blocks. Interning tables are bounded (see
/// README).
class BulkWriter final : public RowSink
{
public:
    static Result<std::unique_ptr<BulkWriter>> create(const Workspace &workspace, const NewSource &source,
        const Progress &progress);
    ~BulkWriter() override;

    std::int64_t sourceId() const;
    /// Rows (data rows of every family) taken so far / committed so far; any thread.
    std::int64_t rowsTaken() const;
    std::int64_t rowsCommitted() const;
    bool hasFailed() const; ///< any thread; the reader stops at its next ByteSource::next()
    StreamingAggregate aggregate() const; ///< any thread

    /// Facts known at the end (hash, sizes, counts of skips), stored with the final state in one transaction.
    struct Ending
    {
        SourceState state = SourceState::Complete;
        std::string sha256;
        std::int64_t bytes = 0, rowsRead = 0, rowsSkipped = 0;
        Nanos importedAtNs = 0;
    };
    /// Flushes, joins the thread, writes call trees and the ending, bumps generations. The first error wins.
    Result<void> finish(const Ending &ending);

    /// Recordings: hands over what was taken so far, which is committed within moments.
    void flush();
    /// Recordings: why nothing is written at the moment (no room on the disk, a lock); what was taken is kept
    /// and tried again every second, and the taking thread waits. Any thread.
    std::optional<Error> trouble() const;
    /// Recordings: one more try, then the trouble is an error, as it is for imports. Any thread.
    void giveUp();
    /// Recordings: tells that the data have grown, so that what was derived from them is stale. Its own
    /// connection; the recorder's thread.
    Result<void> bumpGenerations();

    // RowSink
    void setSource(const SourceInfo &info) override;
    TrackRef track(const TrackRow &row) override;
    void updateTrack(TrackRef track, const TrackRow &row) override;
    TraceRef trace(const unsigned char (&key)[16]) override;
    TraceRef trace(std::string_view key) override;
    SetRef attributeSet(AttributeList attributes) override;
    SpanRef span(const SpanRow &row) override;
    void spanEvent(const SpanEventRow &row) override;
    void spanLink(const SpanLinkRow &row) override;
    void flow(const FlowRow &row) override;
    ProfileRef profile(const ProfileRow &row) override;
    FrameRef frame(const FrameRow &row) override;
    CallNodeRef callNode(ProfileRef profile, CallNodeRef parent, FrameRef frame) override;
    void sample(const SampleRow &row) override;
    SeriesRef series(const SeriesRow &row) override;
    void point(SeriesRef series, Nanos tsNs, double value) override;
    void event(const EventRow &row) override;
    PlanRef plan(const PlanRow &row) override;
    void planNode(PlanRef plan, const PlanNodeRow &row) override;
    void planWorker(PlanRef plan, const PlanWorkerRow &row) override;
    void planTrigger(PlanRef plan, const PlanTriggerRow &row) override;
    LogRef logEntry(const LogRow &row) override;
    RecordRef record(const RecordRow &row) override;

private:
    struct Impl;
    explicit BulkWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// A sink that counts and forgets: floor of the benchmark, sniff tests, fuzzing.
class CountingSink : public RowSink
{
public:
    std::int64_t spans = 0, events = 0, links = 0, flows = 0, samples = 0, points = 0, markers = 0, plans = 0,
                 planNodes = 0, logEntries = 0, records = 0;
    void setSource(const SourceInfo &) override {}
    TrackRef track(const TrackRow &) override { return TrackRef(++m_next); }
    void updateTrack(TrackRef, const TrackRow &) override {}
    TraceRef trace(const unsigned char (&)[16]) override { return TraceRef(++m_next); }
    TraceRef trace(std::string_view) override { return TraceRef(++m_next); }
    SetRef attributeSet(AttributeList) override { return SetRef(++m_next); }
    SpanRef span(const SpanRow &) override { return SpanRef(++spans); }
    void spanEvent(const SpanEventRow &) override { ++events; }
    void spanLink(const SpanLinkRow &) override { ++links; }
    void flow(const FlowRow &) override { ++flows; }
    ProfileRef profile(const ProfileRow &) override { return ProfileRef(++m_next); }
    FrameRef frame(const FrameRow &) override { return FrameRef(++m_next); }
    CallNodeRef callNode(ProfileRef, CallNodeRef, FrameRef) override { return CallNodeRef(++m_next); }
    void sample(const SampleRow &) override { ++samples; }
    SeriesRef series(const SeriesRow &) override { return SeriesRef(++m_next); }
    void point(SeriesRef, Nanos, double) override { ++points; }
    void event(const EventRow &) override { ++markers; }
    PlanRef plan(const PlanRow &) override { return PlanRef(++plans); }
    void planNode(PlanRef, const PlanNodeRow &) override { ++planNodes; }
    void planWorker(PlanRef, const PlanWorkerRow &) override {}
    void planTrigger(PlanRef, const PlanTriggerRow &) override {}
    LogRef logEntry(const LogRow &) override { return LogRef(++logEntries); }
    RecordRef record(const RecordRow &) override { return RecordRef(++records); }

private:
    std::uint32_t m_next = 0;
};

} // namespace tailscope::store
