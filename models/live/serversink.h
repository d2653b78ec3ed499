// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/serverfacts.h"
#include "store/rowsink.h"

#include <memory>
#include <string>
#include <vector>

namespace tailscope::live {

/// Stands between the mappers of one server and the writer: moves the server's times to our clock, so that
/// several servers share one axis, and completes the row of the server itself with what only a connection
/// knows. What mappers of samples never emit goes nowhere. One thread.
class ServerSink final : public RowSink
{
public:
    ServerSink(RowSink &sink, std::string label);

    /// Of the rows that come from now on; null: nothing is known.
    void setFacts(std::shared_ptr<const ServerFacts> facts);
    /// Times of the rows that come are ours already (a pooler tells none).
    void setOurClock(bool ours) { m_isOurClock = ours; }
    std::int64_t rows() const { return m_rows; } ///< records, points and events so far
    const std::string &label() const { return m_label; }
    /// Our time of one of the server's.
    Nanos ours(Nanos server) const;
    /// A point of ours, at our time.
    void ourPoint(SeriesRef series, Nanos tsNs, double value);

    SeriesRef series(const SeriesRow &row) override;
    void point(SeriesRef series, Nanos tsNs, double value) override;
    void event(const EventRow &row) override; ///< at our time already
    RecordRef record(const RecordRow &row) override;

    void setSource(const SourceInfo &) override {}
    TrackRef track(const TrackRow &) override { return TrackRef::None; }
    void updateTrack(TrackRef, const TrackRow &) override {}
    TraceRef trace(const unsigned char (&)[16]) override { return TraceRef::None; }
    TraceRef trace(std::string_view) override { return TraceRef::None; }
    SetRef attributeSet(AttributeList) override { return SetRef::None; }
    SpanRef span(const SpanRow &) override { return SpanRef::None; }
    void spanEvent(const SpanEventRow &) override {}
    void spanLink(const SpanLinkRow &) override {}
    void flow(const FlowRow &) override {}
    ProfileRef profile(const ProfileRow &) override { return ProfileRef::None; }
    FrameRef frame(const FrameRow &) override { return FrameRef::None; }
    CallNodeRef callNode(ProfileRef, CallNodeRef, FrameRef) override { return CallNodeRef::None; }
    void sample(const SampleRow &) override {}
    LogRef logEntry(const LogRow &) override { return LogRef::None; }
    PlanRef plan(const PlanRow &) override { return PlanRef::None; }
    void planNode(PlanRef, const PlanNodeRow &) override {}
    void planWorker(PlanRef, const PlanWorkerRow &) override {}
    void planTrigger(PlanRef, const PlanTriggerRow &) override {}

private:
    void completeServer();

    RowSink &m_sink;
    const std::string m_label;
    std::shared_ptr<const ServerFacts> m_facts;
    bool m_isOurClock = false;
    std::int64_t m_rows = 0;
    std::vector<RecordField> m_fields;
    std::string m_hidden, m_extra, m_host;
};

} // namespace tailscope::live
