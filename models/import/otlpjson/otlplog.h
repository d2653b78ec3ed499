// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importreport.h"
#include "import/otlpjson/otlpresource.h"
#include "store/rowsink.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tailscope::import::otlp {

/// Name of the attribute that a reader puts the body of a log record into, before the others.
inline constexpr std::string_view kBody = "\x01"
                                          "body";

/// One log record as any encoding of OTLP gives it: a reader fills the fields, LogBuilder makes the row.
/// Reused for a whole file.
class LogBuilder
{
public:
    /// Texts live until the row is made.
    struct Fields
    {
        OtlpTime time, observed; ///< when it happened; when the collector saw it
        std::int64_t severityNumber = 0; ///< 1..24
        std::string_view severityText, traceId, spanId, eventName;
        std::int64_t dropped = 0;
    };

    LogBuilder(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}
    void clear();
    Fields &fields() { return m_fields; }
    JsonAttributes &attributes() { return m_attributes; }
    /// Emits the line, or skips it with its reason.
    void finish(const Record &record, const Resource &resource, const Scope &scope);
    std::int64_t lines() const { return m_lines; }

private:
    RowSink &m_sink;
    ImportReport &m_report;
    JsonAttributes m_attributes;
    Fields m_fields;
    std::vector<Attribute> m_own;
    std::int64_t m_lines = 0;
};

} // namespace tailscope::import::otlp
