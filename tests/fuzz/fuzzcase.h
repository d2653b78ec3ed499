// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/text.h"
#include "import/importer.h"
#include "store/bulkwriter.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace tailscope::fuzzing {

/// Sink that looks at what it is given, so that sanitizers see every dangling view.
class TouchingSink : public store::CountingSink
{
public:
    SpanRef span(const SpanRow &row) override
    {
        touch(row.operation);
        touch(row.category);
        touch(row.key.text);
        touch(row.parentKey.text);
        touch(row.attributes);
        return CountingSink::span(row);
    }
    void spanEvent(const SpanEventRow &row) override
    {
        touch(row.name);
        touch(row.attributes);
        CountingSink::spanEvent(row);
    }
    void spanLink(const SpanLinkRow &row) override
    {
        touch(row.linkedTraceKey);
        touch(row.linkedSpanKey.text);
        touch(row.attributes);
    }
    void flow(const FlowRow &row) override { touch(row.flowKey); }
    TrackRef track(const TrackRow &row) override
    {
        for (const std::string_view text : {row.process, row.thread, row.service, row.instance})
            touch(text);
        return CountingSink::track(row);
    }
    TraceRef trace(std::string_view key) override
    {
        touch(key);
        return CountingSink::trace(key);
    }
    SetRef attributeSet(AttributeList attributes) override
    {
        touch(attributes);
        return CountingSink::attributeSet(attributes);
    }
    FrameRef frame(const FrameRow &row) override
    {
        for (const std::string_view text : {row.function, row.module, row.file})
            touch(text);
        return CountingSink::frame(row);
    }
    void sample(const SampleRow &row) override
    {
        touch(row.thread);
        touch(row.state);
    }
    SeriesRef series(const SeriesRow &row) override
    {
        for (const std::string_view text :
            {row.metric, row.foreignName, row.service, row.labelsJson, row.unit})
            touch(text);
        return CountingSink::series(row);
    }
    void event(const EventRow &row) override
    {
        for (const std::string_view text : {row.kind, row.service, row.title, row.detail})
            touch(text);
    }
    LogRef logEntry(const LogRow &row) override
    {
        for (const std::string_view text : {row.service, row.instance, row.logger, row.severity, row.sqlstate,
                 row.kind, row.message, row.detail, row.hint, row.context, row.pattern, row.user, row.db,
                 row.application, row.client, row.statement, row.traceKey, row.spanKey.text})
            touch(text);
        touch(row.attributes);
        return CountingSink::logEntry(row);
    }
    RecordRef record(const RecordRow &row) override
    {
        for (const RecordField &field : row.fields) {
            touch(field.column);
            if (const auto *text = std::get_if<std::string_view>(&field.value))
                touch(*text);
        }
        return CountingSink::record(row);
    }
    PlanRef plan(const PlanRow &row) override
    {
        for (const std::string_view text : {row.queryText, row.sourceText, row.settingsJson, row.extraJson})
            touch(text);
        return CountingSink::plan(row);
    }
    void planNode(PlanRef, const PlanNodeRow &row) override
    {
        for (const std::string_view text :
            {row.nodeType, row.relation, row.condition, row.filter, row.extraJson})
            touch(text);
    }

private:
    void touch(std::string_view text) { m_sum = hash64(text, m_sum); }
    void touch(AttributeList attributes)
    {
        for (const Attribute &attribute : attributes) {
            touch(attribute.key);
            touch(attribute.text);
        }
    }
    std::uint64_t m_sum = 0;
};

inline void require(bool good, const char *what)
{
    if (!good) {
        std::fprintf(stderr, "violated: %s\n", what);
        std::abort();
    }
}

/// One input through the sniffer and the reader; aborts when the contract of Reader is broken. The chunk size
/// is taken from the bytes, so that the fuzzer finds the cuts that matter.
inline void readHostile(const import::Importer &importer, std::string_view bytes)
{
    const std::size_t chunk = bytes.empty() ? 1 : 1 + static_cast<unsigned char>(bytes.back()) * 13u;
    importer.sniff(bytes.substr(0, import::kSniffBytes), "input");
    TouchingSink sink;
    import::ImportReport report;
    import::MemorySource source(std::string(bytes), "input", chunk);
    const Result<void> result = importer.newReader({})->read(source, sink, report);
    if (!result) {
        require(!result.error().subject.empty(), "an error has a subject");
        require(!result.error().detail.empty(), "an error has a cause");
        require(result.error().code != ErrorCode::Internal, "no input is our mistake");
    }
    require(report.rejects().size() <= import::ImportReport::kMaxRejects, "rejects are bounded");
    for (const import::ImportReport::Reject &reject : report.rejects())
        require(reject.bytes.size() <= import::ImportReport::kMaxRejectBytes, "bytes of rejects are bounded");
}

} // namespace tailscope::fuzzing
