// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/otlpjson/otlplog.h"
#include "import/otlpjson/otlpresource.h"
#include "import/otlpjson/otlpspan.h"

#include <string_view>

namespace tailscope::import::otlp {

/// Resources and scopes in JSON.
class JsonRecordRows : public RecordRows
{
public:
    using RecordRows::RecordRows;

protected:
    std::string_view readHead(HeadKind kind, const Record &record, Head &head,
        JsonAttributes &attributes) override;

    JsonRecordParser m_parser;
    JsonText m_scratch;
};

/// Spans in JSON.
class OtlpRows final : public JsonRecordRows
{
public:
    OtlpRows(RowSink &sink, ImportReport &report)
        : JsonRecordRows(sink, report)
        , m_span(sink, report)
    {}
    void record(const Record &record, const Resource &resource, const Scope &scope) override;
    std::int64_t spans() const { return m_span.spans(); }

private:
    simdjson::error_code readField(std::string_view key, ondemand::value &value);
    simdjson::error_code readEvent(ondemand::object &object);
    simdjson::error_code readLink(ondemand::object &object);
    simdjson::error_code readStatus(ondemand::value &value);

    SpanBuilder m_span;
};

/// Log records in JSON.
class OtlpLogRows final : public JsonRecordRows
{
public:
    OtlpLogRows(RowSink &sink, ImportReport &report)
        : JsonRecordRows(sink, report)
        , m_log(sink, report)
    {}
    void record(const Record &record, const Resource &resource, const Scope &scope) override;
    std::int64_t lines() const { return m_log.lines(); }

private:
    simdjson::error_code readField(std::string_view key, ondemand::value &value);

    LogBuilder m_log;
};

} // namespace tailscope::import::otlp
