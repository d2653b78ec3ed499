// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonframer.h"
#include "import/common/jsonrecord.h"
#include "import/importreport.h"
#include "import/otlpjson/otlpvalues.h"
#include "store/rowsink.h"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::jaeger {

/// A sender: its row of drawing and what its tags say.
struct Process
{
    TrackRef track = TrackRef::None;
    SetRef resource = SetRef::None;
};
using Processes = std::map<std::string, Process, std::less<>>;

/// Framed records of Jaeger (span, processes) into rows; reused for a whole file.
class JaegerRows
{
public:
    static constexpr std::size_t kMaxChildren = 100'000; ///< logs and references a span

    JaegerRows(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}

    /// The processes of a trace by their ids. Those of `late` have tracks already, which get their names now.
    Processes processes(const JsonFramer::Record &record, const Processes &late);
    /// A track for a process whose name has not come yet.
    Process unnamedProcess(std::string_view processId, std::string_view traceId);
    /// processes: by the span's processID; one that is not there, and a span that holds its own, are fine.
    /// A start of 0 is unknown among times since 1970 and the start of a recording among small ones: with
    /// mayWait such a span is left for later (false) until the others have told.
    bool span(const JsonFramer::Record &record, const Processes &processes, std::string_view traceId,
        bool mayWait = false);
    /// The processID of a span; empty when it has none.
    std::string processIdOf(const JsonFramer::Record &record);

    std::int64_t spans() const { return m_spans; }
    /// Some time lies in this age: the times are not counts from the start of the recording.
    bool sawEpoch() const { return m_sawEpoch; }

private:
    struct Range
    {
        std::size_t begin = 0, end = 0;
    };
    struct Log
    {
        std::string_view time;
        Range fields;
    };
    struct Reference
    {
        std::string_view type, trace, span;
    };
    struct Fields
    {
        std::string_view traceId, spanId, parentId, operation, kind, start, startMillis, duration, processId;
        bool hasProcess = false, inSource = false;
        std::string_view service;
        Range tags, processTags;
    };

    simdjson::error_code readSpan(ondemand::object &object);
    simdjson::error_code readMember(std::string_view key, ondemand::value &value);
    simdjson::error_code readProcess(ondemand::object &object);
    simdjson::error_code readTagMap(ondemand::value &value);
    simdjson::error_code readWarnings(ondemand::value &value);
    simdjson::error_code readLogs(ondemand::value &value);
    simdjson::error_code readReferences(ondemand::value &value);
    std::optional<Nanos> startOf(const JsonFramer::Record &record);
    bool isZeroStart() const;
    void setDuration(SpanRow &row, std::uint64_t offset);
    const Reference *chooseParent() const;
    void emit(const JsonFramer::Record &record, Nanos start, const Processes &processes);
    void emitLogs(SpanRef span, TrackRef track, std::uint64_t offset);
    void emitLinks(SpanRef span, const Reference *parent);
    Process makeProcess(std::string_view service, AttributeList tags);
    TraceRef traceOf(std::string_view text);
    SpanKey keyOf(std::string_view text, std::string &buffer);
    AttributeList part(const Range &range);

    RowSink &m_sink;
    ImportReport &m_report;
    JsonRecordParser m_parser;
    JsonAttributes m_attributes;
    Fields m_fields;
    std::vector<Log> m_logs;
    std::vector<Reference> m_references;
    std::deque<std::string> m_keys; ///< of tags as a map, with their dots back
    std::string m_ownId, m_parentId, m_linkId, m_traceBuffer, m_traceText;
    TraceRef m_trace = TraceRef::None;
    bool m_sawEpoch = false;
    std::int64_t m_spans = 0;
};

} // namespace tailscope::import::jaeger
