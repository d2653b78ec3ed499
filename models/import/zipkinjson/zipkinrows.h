// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importreport.h"
#include "import/zipkinjson/zipkinspan.h"
#include "store/rowsink.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tailscope::import::zipkin {

/// Framed spans into rows. Both sides of a call may have one id: the server's becomes the child of the
/// client's, with the key "<id>/server", and what the server called in turn hangs below it. So a span must
/// know all of its trace: spans wait, at most kMaxBytes and kMaxIds, then they go on with what has been seen.
class ZipkinRows
{
public:
    static constexpr std::size_t kMaxBytes = 32 * 1024 * 1024;
    static constexpr std::size_t kMaxIds = 200'000; ///< that wait, and that are remembered past a release

    ZipkinRows(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}
    void span(const JsonFramer::Record &record);
    /// Emits what waits.
    void release();

    /// Spans taken so far; the ones that wait too.
    std::int64_t taken() const { return m_taken; }
    /// Something that had the ids of a span.
    bool sawSpan() const { return m_sawSpan; }

private:
    struct Waiting
    {
        std::size_t begin = 0, length = 0; ///< in m_bytes
        std::uint64_t offset = 0;
        bool hasEscape = false;
    };
    /// Who wrote of one span id.
    struct Sides
    {
        bool caller = false, server = false;
        std::string service; ///< of the server
        bool isPair() const { return caller && server; }
    };

    void emit(const JsonFramer::Record &record);
    void emitHalf(const Half &half, bool isFirst, const JsonFramer::Record &record);
    void setKeys(SpanRow &row, const Half &half);
    void setTimes(SpanRow &row, const Half &half, std::uint64_t offset);
    void setAttributes(const Half &half, bool isFirst);
    void emitAnnotations(SpanRef span, TrackRef track, const Half &half, bool isFirst, std::uint64_t offset);
    bool isOf(const Endpoint &endpoint, const Half &half, bool isFirst) const;
    TrackRef trackOf(const Half &half, SetRef &resource);
    TraceRef traceOf();
    std::string sidesKey(std::string_view id);
    const Sides *sidesOf(std::string_view id);

    RowSink &m_sink;
    ImportReport &m_report;
    ZipkinSpan m_span;
    std::vector<Waiting> m_waiting;
    std::string m_bytes;
    std::unordered_map<std::string, Sides> m_sides;
    std::unordered_map<std::string, std::string> m_longTraceIds; ///< right 16 digits -> all 32
    std::vector<Attribute> m_attributes;
    std::string m_ownId, m_parentId;
    std::int64_t m_taken = 0;
    bool m_sawSpan = false;
};

} // namespace tailscope::import::zipkin
