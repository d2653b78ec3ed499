// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpreader.h"

#include "import/common/jsonkeys.h"
#include "import/common/jsonwalk.h"
#include "import/otlpjson/jsoutput.h"
#include "import/otlpjson/otelconsole.h"
#include "import/otlpjson/otlpmetricrows.h"
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

bool isMetricsKey(std::string_view key) { return isOneOf(key, {"resourceMetrics", "resource_metrics"}); }

bool isScopeKey(std::string_view key)
{
    return isOneOf(key, {"scope", "instrumentationLibrary", "instrumentation_library"});
}

/// One kind of records of a file and what is special about it.
struct Signal
{
    enum class What { Spans, Logs, Metrics };

    Signal(What signal, RecordRows &rows, ImportReport &report)
        : waiting(rows, report)
        , what(signal)
    {}
    bool isScopeList(std::string_view key) const
    {
        switch (what) {
        case What::Logs:
            return isOneOf(key,
                {"scopeLogs", "scope_logs", "instrumentationLibraryLogs", "instrumentation_library_logs"});
        case What::Metrics:
            return isOneOf(key,
                {"scopeMetrics", "scope_metrics", "instrumentationLibraryMetrics",
                    "instrumentation_library_metrics"});
        case What::Spans:
            break;
        }
        return isOneOf(key,
            {"scopeSpans", "instrumentationLibrarySpans", "scope_spans", "instrumentation_library_spans"});
    }
    bool isRecordList(std::string_view key) const
    {
        return what == What::Logs   ? isOneOf(key, {"logRecords", "log_records", "logs"})
            : what == What::Metrics ? key == "metrics"
                                    : key == "spans";
    }
    std::string_view recordName() const
    {
        return what == What::Logs ? "log" : what == What::Metrics ? "metric" : "span";
    }

    WaitingRecords waiting;
    What what;
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
        , m_metricRows(sink, report)
        , m_spans(Signal::What::Spans, m_spanRows, report)
        , m_logs(Signal::What::Logs, m_logRows, report)
        , m_metrics(Signal::What::Metrics, m_metricRows, report)
        , m_report(report)
    {}
    JsonFramer &framer() { return m_walk.framer(); }
    void readDocuments();
    Result<void> verdict(const std::string &name);
    /// Lines of logs and no span.
    bool isLog() const
    {
        return m_logs.seen && m_spanRows.spans() == 0 && (m_logRows.lines() > 0 || !m_metrics.seen);
    }
    /// Metrics and nothing else.
    bool isMetrics() const { return m_metrics.seen && m_spanRows.spans() == 0 && m_logRows.lines() == 0; }
    void finish() { m_metricRows.finish(); }

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
    OtlpMetricRows m_metricRows;
    Signal m_spans, m_logs, m_metrics;
    ImportReport &m_report;
    Other m_profiles;
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
            const Step framed = m_walk.record(record, signal.recordName());
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
    if (isSpansKey(key) || isLogsKey(key) || isMetricsKey(key)) {
        Signal &signal = isLogsKey(key) ? m_logs : isMetricsKey(key) ? m_metrics : m_spans;
        signal.seen = true;
        return objects([&] { return readResource(signal); });
    }
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
        more = m_walk.endDocument(step, m_spanRows.spans() + m_logRows.lines() + m_metricRows.points(),
            isLog()           ? "lines"
                : isMetrics() ? "points"
                              : "spans");
    }
}

Result<void> Walker::verdict(const std::string &name)
{
    if (m_profiles.count > 0)
        m_report.note(IssueSeverity::Notice, "resourceProfiles-not-read", m_profiles.firstOffset,
            "resourceProfiles: " + std::to_string(m_profiles.count) + " not read by this version",
            m_profiles.count);
    if (framer().error())
        return fail(*framer().error());
    if (m_spans.seen || m_logs.seen || m_metrics.seen)
        return {};
    Error error{ErrorCode::BadInput, name, "it has no \"resourceSpans\"", std::nullopt,
        "OTLP JSON holds \"resourceSpans\" (or \"batches\", as Tempo writes it), \"resourceLogs\" or "
        "\"resourceMetrics\""};
    if (m_profiles.count > 0)
        error.detail = "it holds OTLP profiles only (resourceProfiles: " + std::to_string(m_profiles.count)
            + "), which this version does not read";
    return fail(std::move(error));
}

} // namespace

std::string documentOf(std::string_view record)
{
    if (isJsConsoleOutput(record))
        return std::string(record);
    enum class What { Span, Log, Metric, Whole } what = What::Span;
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
        else if (isOneOf(key.name, {"gauge", "sum", "histogram", "exponentialHistogram", "summary"})
            && key.valueStart == '{')
            what = What::Metric;
    }
    if (firstSignificant(record) != '{' || (what == What::Span && isConsoleOutput(record)))
        what = What::Whole;
    std::string line = jsonOnOneLine(record);
    if (what == What::Whole)
        return line;
    return (what == What::Log             ? R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[)"
                   : what == What::Metric ? R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[)"
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
    walker.finish();
    if (walker.isMetrics())
        sink.setSource({SourceKind::Metrics, ClockKind::Utc, "UTC"});
    else if (walker.isLog())
        sink.setSource({SourceKind::Log, ClockKind::Utc, "UTC"});
    return walker.verdict(source.name());
}

} // namespace tailscope::import::otlp
