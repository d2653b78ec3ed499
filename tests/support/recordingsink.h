// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/rowsink.h"

#include <map>
#include <string>
#include <vector>

namespace tailscope::testing {

/// A sink that turns every call into one line of text, so that tests compare what a reader emitted. Entities
/// are numbered in order of first use and printed once ("track 1 ..."); rows name them by number. Fields that
/// have their default value are left out. Example:
///   span 1 track=1 operation="GET /" start=1000 duration=250 attributes={"http.method":text "GET"}
class RecordingSink : public RowSink
{
public:
    std::vector<std::string> lines;
    /// Lines past this bound are counted in dropped, not kept (fuzzing).
    std::size_t maxLines = 1'000'000;
    std::size_t dropped = 0;

    std::string text() const; ///< lines joined by '\n'
    /// Lines that begin with the word.
    std::vector<std::string> linesOf(std::string_view word) const;
    std::size_t count(std::string_view word) const { return linesOf(word).size(); }
    /// Sum of the weights of all samples (of one profile when given).
    double weight(ProfileRef profile = ProfileRef::None) const;

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
    std::uint32_t entity(const char *word, const std::string &fields);
    void add(std::string line);

    std::map<std::string, std::uint32_t> m_entities; ///< "word fields" -> number
    std::map<std::string, std::uint32_t> m_counts; ///< word -> entities so far
    std::map<std::uint32_t, double> m_weights; ///< per profile
    std::int64_t m_spans = 0, m_plans = 0, m_logs = 0;
    std::map<RecordTable, std::int64_t> m_records;
};

/// `{"key":text "value","n":integer 1}`; empty for no attributes.
std::string toText(AttributeList attributes);

} // namespace tailscope::testing
