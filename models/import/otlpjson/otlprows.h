// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importreport.h"
#include "import/otlpjson/otlpvalues.h"
#include "store/rowsink.h"

#include <string>
#include <vector>

namespace tailscope::import::otlp {

/// Attribute with the number of attributes that the sender left out.
inline constexpr std::string_view kDroppedAttributes = "otel.dropped_attributes_count";
/// Why a span is rejected that no point in time is known of: 0 would put it into 1970, and its trace with it.
inline constexpr std::string_view kNoTime = "the span has neither start nor end time";

/// What spans share: the sender and the library that made them.
struct Resource
{
    TrackRef track = TrackRef::None;
    SetRef set = SetRef::None;
};

/// Attributes that name the sender of a resource, and its track.
Resource makeResource(AttributeList attributes, RowSink &sink);
/// HTTP status of a span from its attributes; 0 = none.
std::uint16_t httpStatusOf(AttributeList attributes);
/// Duration and its doubts from start and end, one of which is known. An absent start takes the end's place.
void setTimes(SpanRow &row, const OtlpTime &start, const OtlpTime &end);

/// Tells a trace id that is not as the specification wants it; base64 is fine.
void noteOddTraceId(const TraceId &id, std::uint64_t offset, ImportReport &report);
void noteEventWithoutTime(std::string_view name, std::uint64_t offset, ImportReport &report);

/// Framed records (resource, scope, span) into rows; reused for a whole file.
class OtlpRows
{
public:
    OtlpRows(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}

    /// The same bytes as the last time give the same resource without parsing. What cannot be read is skipped
    /// and counts as empty.
    Resource resource(const JsonFramer::Record &record);
    Resource noResource();
    SetRef scope(const JsonFramer::Record &record);
    void span(const JsonFramer::Record &record, const Resource &resource, SetRef scope);

    std::int64_t spans() const { return m_spans; }

private:
    struct Range
    {
        std::size_t begin = 0, end = 0;
    };
    struct Event
    {
        Nanos ts = kUnknownNanos;
        std::string_view name;
        Range attributes;
    };
    struct Link
    {
        std::string_view trace, span;
        Range attributes;
    };
    struct Fields
    {
        std::string_view traceId, spanId, parentId, name, kind, status, statusMessage, traceState;
        OtlpTime start, end;
        Range attributes;
        std::int64_t flags = 0, droppedAttributes = 0, droppedEvents = 0, droppedLinks = 0;
        bool droppedInside = false; ///< an event or link says that it lost attributes
    };

    simdjson::error_code readSpan(ondemand::object &object);
    simdjson::error_code readEvent(ondemand::object &object);
    simdjson::error_code readLink(ondemand::object &object);
    simdjson::error_code readStatus(ondemand::value &value);
    simdjson::error_code readTime(ondemand::value &value, OtlpTime &time);
    void addExtraAttributes();
    void emit(const Resource &resource, SetRef scope, std::uint64_t offset);
    TraceRef traceOf(std::string_view text);
    void noteRepaired(const JsonFramer::Record &record);

    RowSink &m_sink;
    ImportReport &m_report;
    JsonRecordParser m_parser;
    JsonAttributes m_attributes;
    JsonText m_scratch;
    Fields m_fields;
    std::vector<Event> m_events;
    std::vector<Link> m_links;
    std::string m_resourceBytes, m_scopeBytes;
    Resource m_resource, m_noResource;
    SetRef m_scope = SetRef::None;
    std::string m_traceText;
    TraceId m_traceId; ///< of m_traceText
    TraceRef m_trace = TraceRef::None;
    std::int64_t m_spans = 0;
};

} // namespace tailscope::import::otlp
