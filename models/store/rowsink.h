// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/rows.h"

namespace tailscope {

/// Takes the rows of one source. A reader calls it from one thread, in file order; the same bytes must give
/// the same calls (resuming drops the first rows). Entities (track, trace, ...) are deduplicated by content.
/// Errors (disk full, cancel) surface once, from ByteSource::next() and at the end: calls after one are
/// ignored.
class RowSink
{
public:
    virtual ~RowSink() = default;

    virtual void setSource(const SourceInfo &info) = 0;

    virtual TrackRef track(const TrackRow &row) = 0;
    /// Late facts (Chrome metadata after the events): replaces the non-empty names and the sort indexes.
    virtual void updateTrack(TrackRef track, const TrackRow &row) = 0;
    /// 16 raw bytes of a W3C trace id.
    virtual TraceRef trace(const unsigned char (&key)[16]) = 0;
    /// Any other trace identity.
    virtual TraceRef trace(std::string_view key) = 0;
    virtual SetRef attributeSet(AttributeList attributes) = 0;
    virtual SpanRef span(const SpanRow &row) = 0;
    virtual void spanEvent(const SpanEventRow &row) = 0;
    virtual void spanLink(const SpanLinkRow &row) = 0;
    virtual void flow(const FlowRow &row) = 0;

    virtual ProfileRef profile(const ProfileRow &row) = 0;
    virtual FrameRef frame(const FrameRow &row) = 0;
    /// Child of `parent` (None = root level) for `frame`, created on first use.
    virtual CallNodeRef callNode(ProfileRef profile, CallNodeRef parent, FrameRef frame) = 0;
    virtual void sample(const SampleRow &row) = 0;

    virtual SeriesRef series(const SeriesRow &row) = 0;
    virtual void point(SeriesRef series, Nanos tsNs, double value) = 0;
    virtual void event(const EventRow &row) = 0;
    virtual LogRef logEntry(const LogRow &row) = 0;
    /// A row of a table that is filled by names. Unknown columns are our mistake (asserted), not the input's.
    virtual RecordRef record(const RecordRow &row) = 0;

    virtual PlanRef plan(const PlanRow &row) = 0;
    virtual void planNode(PlanRef plan, const PlanNodeRow &row) = 0;
    virtual void planWorker(PlanRef plan, const PlanWorkerRow &row) = 0;
    virtual void planTrigger(PlanRef plan, const PlanTriggerRow &row) = 0;
};

} // namespace tailscope
