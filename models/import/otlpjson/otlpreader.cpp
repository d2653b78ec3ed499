// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpreader.h"

#include "import/common/jsonkeys.h"
#include "import/common/jsonwalk.h"
#include "import/otlpjson/jsoutput.h"
#include "import/otlpjson/otelconsole.h"
#include "import/otlpjson/otlprows.h"
#include "import/otlpjson/otlpwaiting.h"

#include <initializer_list>

namespace tailscope::import::otlp {

namespace {

using Step = JsonWalk::Step;

bool isOneOf(std::string_view key, std::initializer_list<std::string_view> names)
{
    for (const std::string_view name : names) {
        if (key == name)
            return true;
    }
    return false;
}

bool isSpansKey(std::string_view key) { return isOneOf(key, {"resourceSpans", "batches", "resource_spans"}); }

bool isLogsKey(std::string_view key) { return isOneOf(key, {"resourceLogs", "resource_logs"}); }

bool isScopeKey(std::string_view key)
{
    return isOneOf(key, {"scope", "instrumentationLibrary", "instrumentation_library"});
}

/// One kind of records of a file and what is special about it.
struct Signal
{
    Signal(RecordRows &rows, ImportReport &report)
        : waiting(rows, report)
    {}
    bool isScopeList(std::string_view key) const
    {
        return logs ? isOneOf(key,
                   {"scopeLogs", "scope_logs", "instrumentationLibraryLogs", "instrumentation_library_logs"})
                    : isOneOf(key,
                        {"scopeSpans", "instrumentationLibrarySpans", "scope_spans",
                            "instrumentation_library_spans"});
    }
    bool isRecordList(std::string_view key) const
    {
        return logs ? isOneOf(key, {"logRecords", "log_records", "logs"}) : key == "spans";
    }

    WaitingRecords waiting;
    bool logs = false;
    bool seen = false; ///< a key that holds it
};

/// Elements of a signal that is not read.
struct Other
{
    std::int64_t count = 0;
    std::uint64_t firstOffset = 0;
};

/// One file under way.
class Walker
{
public:
    Walker(ByteSource &source, RowSink &sink, ImportReport &report)
        : m_walk(source, report)
        , m_spanRows(sink, report)
        , m_logRows(sink, report)
        , m_spans(m_spanRows, report)
        , m_logs(m_logRows, report)
        , m_report(report)
    {
        m_logs.logs = true;
    }
    JsonFramer &framer() { return m_walk.framer(); }
    void readDocuments();
    Result<void> verdict(const std::string &name);
    /// Lines of logs and no span.
    bool isLog() const { return m_logs.seen && m_spanRows.spans() == 0; }

private:
    Step readDocument(int depth);
    Step readMember(std::string_view key, int depth);
    Step readResource(Signal &signal);
    Step readScope(Signal &signal);
    Step countAndSkip(Other &other);
    /// The objects of the array at the cursor; what else lies in it is passed by.
    template<typename Element>
    Step objects(Element &&element)
    {
        return m_walk.array([&](int first) { return first == '{' ? element() : m_walk.skip(); });
    }

    JsonWalk m_walk;
    OtlpRows m_spanRows;
    OtlpLogRows m_logRows;
    Signal m_spans, m_logs;
    ImportReport &m_report;
    Other m_metrics, m_profiles;
};

Step Walker::countAndSkip(Other &other)
{
    return objects([&] {
        if (other.count++ == 0)
            other.firstOffset = framer().offset();
        return m_walk.skip();
    });
}

Step Walker::readScope(Signal &signal)
{
    signal.waiting.beginScope();
    const Step step = m_walk.object([&](std::string_view key) {
        Record record;
        if (isScopeKey(key) && framer().peek() == '{') {
            const Step framed = m_walk.record(record, "scope");
            if (framed == Step::Done)
                signal.waiting.scope(record);
            return framed;
        }
        if (!signal.isRecordList(key))
            return m_walk.skip();
        return objects([&] {
            const Step framed = m_walk.record(record, signal.logs ? "log" : "span");
            if (framed == Step::Done)
                signal.waiting.record(record);
            return framed;
        });
    });
    signal.waiting.endScope();
    return step;
}

Step Walker::readResource(Signal &signal)
{
    signal.waiting.beginResource();
    const Step step = m_walk.object([&](std::string_view key) {
        if (key == "resource" && framer().peek() == '{') {
            Record record;
            const Step framed = m_walk.record(record, "resource");
            if (framed == Step::Done)
                signal.waiting.resource(record);
            return framed;
        }
        if (!signal.isScopeList(key))
            return m_walk.skip();
        return objects([&] { return readScope(signal); });
    });
    signal.waiting.endResource();
    return step;
}

Step Walker::readMember(std::string_view key, int depth)
{
    if (isSpansKey(key) || isLogsKey(key)) {
        Signal &signal = isLogsKey(key) ? m_logs : m_spans;
        signal.seen = true;
        return objects([&] { return readResource(signal); });
    }
    if (isOneOf(key, {"resourceMetrics", "resource_metrics"}))
        return countAndSkip(m_metrics);
    if (isOneOf(key, {"resourceProfiles", "resource_profiles"}))
        return countAndSkip(m_profiles);
    if (isOneOf(key, {"result", "trace"}) && framer().peek() == '{' && depth < OtlpReader::kMaxWrappers)
        return readDocument(depth + 1);
    return m_walk.skip();
}

Step Walker::readDocument(int depth)
{
    return m_walk.object([&](std::string_view key) { return readMember(key, depth); });
}

void Walker::readDocuments()
{
    bool more = true, inArray = false;
    while (more) {
        const int c = framer().peekPast(',');
        if (c == '[' || (c == ']' && inArray)) {
            framer().take();
            inArray = c == '[';
            continue;
        }
        if (c == -1)
            break;
        m_walk.beginDocument();
        const Step step = c == '{' ? readDocument(0) : Step::Broken;
        more = m_walk.endDocument(step, m_spanRows.spans() + m_logRows.lines(), isLog() ? "lines" : "spans");
    }
}

Result<void> Walker::verdict(const std::string &name)
{
    const auto noteOther = [&](std::string_view key, const Other &other) {
        if (other.count > 0)
            m_report.note(IssueSeverity::Notice, std::string(key) + "-not-read", other.firstOffset,
                std::string(key) + ": " + std::to_string(other.count) + " not read by this version",
                other.count);
    };
    noteOther("resourceMetrics", m_metrics);
    noteOther("resourceProfiles", m_profiles);
    if (framer().error())
        return fail(*framer().error());
    if (m_spans.seen || m_logs.seen)
        return {};
    Error error{ErrorCode::BadInput, name, "it has no \"resourceSpans\"", std::nullopt,
        "OTLP JSON holds \"resourceSpans\" (or \"batches\", as Tempo writes it) or \"resourceLogs\""};
    if (m_metrics.count > 0 || m_profiles.count > 0)
        error.detail = "it holds OTLP metrics or profiles only (resourceMetrics: "
            + std::to_string(m_metrics.count) + ", resourceProfiles: " + std::to_string(m_profiles.count)
            + "), which this version does not read";
    return fail(std::move(error));
}

} // namespace

std::string documentOf(std::string_view record)
{
    if (isJsConsoleOutput(record))
        return std::string(record);
    enum class What { Span, Log, Whole } what = What::Span;
    JsonKeyScan scan(record);
    JsonKey key;
    while (what != What::Whole && scan.next(key)) {
        if (key.depth != 1)
            continue;
        if (isSpansKey(key.name) || key.name.starts_with("resource")
            || isOneOf(key.name, {"result", "trace"}))
            what = What::Whole;
        else if (isOneOf(key.name,
                     {"body", "timeUnixNano", "time_unix_nano", "observedTimeUnixNano", "severityNumber",
                         "severityText", "severity_number", "severity_text"}))
            what = What::Log;
    }
    if (firstSignificant(record) != '{' || (what == What::Span && isConsoleOutput(record)))
        what = What::Whole;
    std::string line = jsonOnOneLine(record);
    if (what == What::Whole)
        return line;
    return (what == What::Log ? R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[)"
                              : R"({"resourceSpans":[{"scopeSpans":[{"spans":[)")
        + line + "]}]}]}";
}

Result<void> OtlpReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    Walker walker(source, sink, report);
    JsonFramer &framer = walker.framer();
    sink.setSource({SourceKind::Trace, ClockKind::Utc, "UTC"});
    framer.peek();
    if (isConsoleOutput(framer.prefetch(kSniffBytes)))
        return readConsoleOutput(framer, source.name(), sink, report);
    walker.readDocuments();
    if (walker.isLog())
        sink.setSource({SourceKind::Log, ClockKind::Utc, "UTC"});
    return walker.verdict(source.name());
}

} // namespace tailscope::import::otlp
