// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importreport.h"
#include "import/otlpjson/otlpresource.h"
#include "store/rowsink.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::otlp {

/// Why a span is rejected that no point in time is known of: 0 would put it into 1970, and its trace with it.
inline constexpr std::string_view kNoTime = "the span has neither start nor end time";

/// HTTP status of a span from its attributes; 0 = none.
std::uint16_t httpStatusOf(AttributeList attributes);
/// Duration and its doubts from start and end, one of which is known. An absent start takes the end's place.
void setTimes(SpanRow &row, const OtlpTime &start, const OtlpTime &end);
/// Tells a trace id that is not as the specification wants it; base64 is fine.
void noteOddTraceId(const TraceId &id, std::uint64_t offset, ImportReport &report);
void noteEventWithoutTime(std::string_view name, std::uint64_t offset, ImportReport &report);

/// One span as any encoding of OTLP gives it: a reader fills the fields, SpanBuilder makes the rows, so that
/// the same span gives the same rows whatever it was written in. Reused for a whole file.
class SpanBuilder
{
public:
    struct Range
    {
        std::size_t begin = 0, end = 0; ///< in attributes
    };
    struct Event
    {
        Nanos ts = kUnknownNanos;
        std::string_view name;
        std::size_t firstAttribute = 0;
        std::int64_t dropped = 0;
    };
    struct Link
    {
        std::string_view trace, span, state;
        std::size_t firstAttribute = 0;
        std::int64_t dropped = 0;
    };
    /// Texts live until the rows are made. Ids are hexadecimal, base64 or any text.
    struct Fields
    {
        std::string_view traceId, spanId, parentId, name, statusMessage, traceState;
        SpanKind kind = SpanKind::Internal;
        SpanStatus status = SpanStatus::Unset;
        OtlpTime start, end;
        Range attributes;
        std::int64_t flags = 0, droppedAttributes = 0, droppedEvents = 0, droppedLinks = 0;
    };

    SpanBuilder(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}

    void clear();
    Fields &fields() { return m_fields; }
    JsonAttributes &attributes() { return m_attributes; }
    /// The attributes of an event or link are those that were added since `firstAttribute`.
    void addEvent(const Event &event);
    void addLink(const Link &link);
    /// Emits the span, or skips it with its reason.
    void finish(const Record &record, const Resource &resource, SetRef scope);
    std::int64_t spans() const { return m_spans; }

private:
    struct KeptEvent
    {
        Nanos ts;
        std::string_view name;
        Range attributes;
    };
    struct KeptLink
    {
        std::string_view trace, span;
        Range attributes;
    };
    void addExtraAttributes();
    void addDropped(std::int64_t count);
    void emit(const Resource &resource, SetRef scope, std::uint64_t offset);
    void emitChildren(SpanRef span, const Resource &resource, AttributeList all, std::uint64_t offset);
    TraceRef traceOf(std::string_view text);

    RowSink &m_sink;
    ImportReport &m_report;
    JsonAttributes m_attributes;
    Fields m_fields;
    std::vector<KeptEvent> m_events;
    std::vector<KeptLink> m_links;
    bool m_droppedInside = false; ///< an event or link says that it lost attributes
    std::string m_traceText;
    TraceId m_traceId; ///< of m_traceText
    TraceRef m_trace = TraceRef::None;
    std::int64_t m_spans = 0;
};

} // namespace tailscope::import::otlp
