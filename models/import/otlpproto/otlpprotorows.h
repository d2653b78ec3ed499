// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/otlpjson/otlplog.h"
#include "import/otlpjson/otlpresource.h"
#include "import/otlpjson/otlpspan.h"
#include "import/otlpproto/otlpprotovalues.h"

#include <string_view>

namespace tailscope::import::otlp {

/// What a record is. The messages of the three signals look alike outside: only their records tell.
enum class ProtoRecord { Span, Log, Metric, Unknown };
ProtoRecord recordKindOf(std::string_view message);

/// Spans and log records of protobuf messages into the rows that their JSON would give.
class OtlpProtoRows final : public RecordRows
{
public:
    OtlpProtoRows(RowSink &sink, ImportReport &report)
        : RecordRows(sink, report)
        , m_span(sink, report)
        , m_log(sink, report)
    {}
    void record(const Record &record, const Resource &resource, const Scope &scope) override;
    std::int64_t spans() const { return m_span.spans(); }
    std::int64_t lines() const { return m_log.lines(); }
    std::int64_t metrics() const { return m_metrics; }

protected:
    std::string_view readHead(HeadKind kind, const Record &record, Head &head,
        JsonAttributes &attributes) override;

private:
    void readSpan(std::string_view message);
    void readSpanField(const ProtoField &field);
    void readEvent(std::string_view message);
    void readLink(std::string_view message);
    void readStatus(std::string_view message);
    void readLog(std::string_view message);

    ProtoValues m_values;
    SpanBuilder m_span;
    LogBuilder m_log;
    std::int64_t m_metrics = 0;
};

} // namespace tailscope::import::otlp
