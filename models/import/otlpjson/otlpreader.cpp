// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpreader.h"

#include "import/common/jsonkeys.h"
#include "import/otlpjson/otelconsole.h"
#include "import/otlpjson/otlpwaiting.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::import::otlp {

namespace {

using Status = JsonFramer::Status;
using LineRule = JsonFramer::LineRule;

constexpr std::size_t kMaxKeyBytes = 64 * 1024;

bool isSpansKey(std::string_view key)
{
    return key == "resourceSpans" || key == "batches" || key == "resource_spans";
}

bool isScopeSpansKey(std::string_view key)
{
    return key == "scopeSpans" || key == "instrumentationLibrarySpans" || key == "scope_spans"
        || key == "instrumentation_library_spans";
}

bool isScopeKey(std::string_view key)
{
    return key == "scope" || key == "instrumentationLibrary" || key == "instrumentation_library";
}

} // namespace

std::string documentOf(std::string_view record)
{
    bool isSpan = true;
    JsonKeyScan scan(record);
    JsonKey key;
    while (isSpan && scan.next(key)) {
        isSpan = key.depth != 1
            || (!isSpansKey(key.name) && key.name != "result" && key.name != "trace"
                && !key.name.starts_with("resource"));
    }
    const bool wrap = isSpan && firstSignificant(record) == '{' && !isConsoleOutput(record);
    std::string line(wrap ? R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" : "");
    line += record;
    line += wrap ? "]}]}]}" : "";
    // No string of JSON holds a line end: one between its tokens is a blank.
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return line;
}

struct OtlpReader::State
{
    JsonFramer framer;
    OtlpRows rows;
    WaitingSpans waiting;
    ImportReport &report;
    bool oneLine = false; ///< every document is a line
    bool documentHasLineEnd = false;
    bool sawSpans = false; ///< a key that holds spans
    Other metrics, logs, profiles;

    State(ByteSource &source, RowSink &sink, ImportReport &issues)
        : framer(source)
        , rows(sink, issues)
        , waiting(rows, issues)
        , report(issues)
    {}
    LineRule lineRule() const { return oneLine ? LineRule::OneLine : LineRule::Any; }
    /// A line end between tokens, in a file of one document a line.
    bool lineEnded()
    {
        documentHasLineEnd |= framer.sawLineEnd();
        return oneLine && framer.sawLineEnd();
    }
};

/// The value at the cursor as one record; what does not close is reported.
OtlpReader::Walk OtlpReader::frame(State &state, JsonFramer::Record &record, std::string_view what)
{
    record = state.framer.record(state.lineRule());
    state.documentHasLineEnd |= record.hasLineEnd;
    if (record.status == Status::Complete)
        return Walk::Done;
    if (state.framer.error())
        return Walk::InputEnded;
    const std::string name(what);
    switch (record.status) {
    case Status::BrokenLine:
        state.report.skip("broken-" + name, record.offset, record.bytes.size(),
            "the line ends inside the " + name, record.bytes);
        return state.framer.skipLine() ? Walk::LineEnded : Walk::InputEnded;
    case Status::TooLong:
        state.report.skip(name + "-too-long", record.offset, record.bytes.size(), "longer than 32 MB",
            record.bytes);
        return Walk::Broken;
    default:
        state.report.skip("truncated-" + name, record.offset, record.bytes.size(),
            "the file ends inside the " + name, record.bytes);
        return Walk::InputEnded;
    }
}

/// A key with its colon; the cursor is at a quote.
OtlpReader::Walk OtlpReader::takeKey(State &state, std::string &key)
{
    const JsonFramer::Record record = state.framer.record(state.lineRule(), kMaxKeyBytes);
    if (record.status == Status::Ended)
        return Walk::InputEnded;
    if (record.status != Status::Complete)
        return Walk::Broken;
    key = record.bytes.substr(1, record.bytes.size() - 2);
    const int c = state.framer.peek();
    if (state.lineEnded())
        return Walk::LineEnded;
    if (c != ':')
        return c == -1 ? Walk::InputEnded : Walk::Broken;
    state.framer.take();
    if (state.framer.peek() == -1)
        return Walk::InputEnded;
    return state.lineEnded() ? Walk::LineEnded : Walk::Done;
}

OtlpReader::Walk OtlpReader::skipOther(State &state)
{
    const int first = state.framer.peek();
    if (!state.oneLine || (first != '{' && first != '[' && first != '"'))
        return state.framer.skipValue().complete ? Walk::Done : Walk::InputEnded;
    JsonFramer::Record record;
    return frame(state, record, "value");
}

/// Elements of the array at the cursor; element() is called at each value. What is no array is passed by.
template<typename Element>
OtlpReader::Walk OtlpReader::readArray(State &state, Element &&element)
{
    JsonFramer &framer = state.framer;
    if (framer.peek() != '[')
        return skipOther(state);
    framer.take();
    for (;;) {
        const int c = framer.peekPast(',');
        if (state.lineEnded())
            return Walk::LineEnded;
        if (c == ']') {
            framer.take();
            return Walk::Done;
        }
        if (c == -1)
            return Walk::InputEnded;
        if (c == '}' || c == ':')
            return Walk::Broken;
        const Walk walk = c == '{' ? element() : skipOther(state);
        if (walk != Walk::Done)
            return walk;
    }
}

/// Members of the object at the cursor; member(key) is called at each value.
template<typename Member>
OtlpReader::Walk OtlpReader::readObject(State &state, Member &&member)
{
    JsonFramer &framer = state.framer;
    framer.take();
    std::string key;
    for (;;) {
        const int c = framer.peekPast(',');
        if (state.lineEnded())
            return Walk::LineEnded;
        if (c == '}') {
            framer.take();
            return Walk::Done;
        }
        if (c != '"')
            return c == -1 ? Walk::InputEnded : Walk::Broken;
        Walk walk = takeKey(state, key);
        if (walk == Walk::Done)
            walk = member(std::string_view(key));
        if (walk != Walk::Done)
            return walk;
    }
}

OtlpReader::Walk OtlpReader::countAndSkip(State &state, Other &other)
{
    return readArray(state, [&] {
        if (other.count++ == 0)
            other.firstOffset = state.framer.offset();
        return skipOther(state);
    });
}

OtlpReader::Walk OtlpReader::readSpans(State &state)
{
    return readArray(state, [&] {
        JsonFramer::Record record;
        const Walk walk = frame(state, record, "span");
        if (walk == Walk::Done)
            state.waiting.span(record);
        return walk;
    });
}

OtlpReader::Walk OtlpReader::readScopeSpans(State &state)
{
    state.waiting.beginScope();
    const Walk walk = readObject(state, [&](std::string_view key) {
        if (isScopeKey(key) && state.framer.peek() == '{') {
            JsonFramer::Record record;
            const Walk framed = frame(state, record, "scope");
            if (framed == Walk::Done)
                state.waiting.scope(record);
            return framed;
        }
        return key == "spans" ? readSpans(state) : skipOther(state);
    });
    state.waiting.endScope();
    return walk;
}

OtlpReader::Walk OtlpReader::readScopeSpansList(State &state)
{
    return readArray(state, [&] { return readScopeSpans(state); });
}

OtlpReader::Walk OtlpReader::readResourceSpans(State &state)
{
    state.waiting.beginResource();
    const Walk walk = readObject(state, [&](std::string_view key) {
        if (key == "resource" && state.framer.peek() == '{') {
            JsonFramer::Record record;
            const Walk framed = frame(state, record, "resource");
            if (framed == Walk::Done)
                state.waiting.resource(record);
            return framed;
        }
        return isScopeSpansKey(key) ? readScopeSpansList(state) : skipOther(state);
    });
    state.waiting.endResource();
    return walk;
}

OtlpReader::Walk OtlpReader::readMember(State &state, std::string_view key, int depth)
{
    if (isSpansKey(key)) {
        state.sawSpans = true;
        return readArray(state, [&] { return readResourceSpans(state); });
    }
    if (key == "resourceMetrics" || key == "resource_metrics")
        return countAndSkip(state, state.metrics);
    if (key == "resourceLogs" || key == "resource_logs")
        return countAndSkip(state, state.logs);
    if (key == "resourceProfiles" || key == "resource_profiles")
        return countAndSkip(state, state.profiles);
    if ((key == "result" || key == "trace") && state.framer.peek() == '{' && depth < kMaxWrappers)
        return readDocument(state, depth + 1);
    return skipOther(state);
}

OtlpReader::Walk OtlpReader::readDocument(State &state, int depth)
{
    return readObject(state, [&](std::string_view key) { return readMember(state, key, depth); });
}

/// After a document: false when there is nothing more to read.
bool OtlpReader::nextDocument(State &state, Walk walk, std::uint64_t start)
{
    JsonFramer &framer = state.framer;
    if (framer.error())
        return false;
    const std::string from = "the document that begins at offset " + std::to_string(start);
    switch (walk) {
    case Walk::Done:
        framer.forgetLineEnd();
        // One that had its line to itself: the next one that runs over a line end is broken there.
        if (framer.peek() != -1)
            state.oneLine = framer.sawLineEnd() && !state.documentHasLineEnd;
        return true;
    case Walk::LineEnded:
        state.report.note(IssueSeverity::DataLoss, "broken-line", start,
            from + " ends at its line end before it closes; reading went on with the next line");
        return true;
    case Walk::Broken: {
        const std::uint64_t at = framer.offset();
        const std::string_view rest = framer.prefetch(ImportReport::kMaxRejectBytes);
        const std::string_view line = rest.substr(0, rest.find('\n'));
        state.report.skip("broken-document", at, line.size(),
            from + " is not valid JSON here; reading went on with the next line", line);
        return framer.skipToLineOfValue();
    }
    case Walk::InputEnded:
        state.report.note(IssueSeverity::DataLoss, "truncated", framer.offset(),
            "the file ends inside " + from + "; " + std::to_string(state.rows.spans())
                + " spans before that were read");
        return false;
    }
    return false;
}

Result<void> OtlpReader::verdict(State &state, const ByteSource &source)
{
    const auto noteOther = [&](std::string_view key, const Other &other) {
        if (other.count > 0)
            state.report.note(IssueSeverity::Notice, std::string(key) + "-not-read", other.firstOffset,
                std::string(key) + ": " + std::to_string(other.count) + " not read by this version",
                other.count);
    };
    noteOther("resourceMetrics", state.metrics);
    noteOther("resourceLogs", state.logs);
    noteOther("resourceProfiles", state.profiles);
    if (state.framer.error())
        return fail(*state.framer.error());
    if (state.sawSpans)
        return {};
    Error error{ErrorCode::BadInput, source.name(), "it has no \"resourceSpans\"", std::nullopt,
        "OTLP JSON of traces holds \"resourceSpans\" (or \"batches\", as Tempo writes it)"};
    if (state.metrics.count > 0 || state.logs.count > 0 || state.profiles.count > 0)
        error.detail = "it holds OTLP metrics, logs or profiles (resourceMetrics: "
            + std::to_string(state.metrics.count) + ", resourceLogs: " + std::to_string(state.logs.count)
            + ", resourceProfiles: " + std::to_string(state.profiles.count)
            + "), which this version does not read";
    return fail(std::move(error));
}

Result<void> OtlpReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    State state(source, sink, report);
    JsonFramer &framer = state.framer;
    sink.setSource({SourceKind::Trace, ClockKind::Utc, "UTC"});
    framer.peek();
    if (isConsoleOutput(framer.prefetch(kSniffBytes)))
        return readConsoleOutput(framer, source.name(), sink, report);

    bool more = true, inArray = false;
    while (more) {
        int c = framer.peekPast(',');
        if (c == '[') {
            framer.take();
            inArray = true;
            continue;
        }
        if (c == ']' && inArray) {
            framer.take();
            inArray = false;
            continue;
        }
        if (c == -1)
            break;
        const std::uint64_t start = framer.offset();
        framer.forgetLineEnd();
        state.documentHasLineEnd = false;
        more = nextDocument(state, c == '{' ? readDocument(state, 0) : Walk::Broken, start);
    }
    return verdict(state, source);
}

} // namespace tailscope::import::otlp
