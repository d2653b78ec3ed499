// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/jaegerjson/jaegerreader.h"

#include "base/text.h"
#include "import/common/jsonkeys.h"
#include "import/jaegerjson/jaegerwaiting.h"

namespace tailscope::import::jaeger {

namespace {

using Step = JsonWalk::Step;

/// Keys of a span come early; this far they are looked for.
constexpr std::size_t kLookAhead = 4096;

/// The object that the text begins with, without what follows it.
std::string_view firstObject(std::string_view text)
{
    int depth = 0;
    bool inString = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (inString) {
            at += c == '\\' ? 1 : 0;
            inString = c != '"';
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth <= 0) {
            return text.substr(0, at + 1);
        }
    }
    return text;
}

} // namespace

struct JaegerReader::State
{
    JsonWalk walk;
    JaegerRows rows;
    WaitingTrace trace;
    ImportReport &report;
    bool sawSpans = false; ///< a span, or a key that holds spans

    State(ByteSource &source, RowSink &sink, ImportReport &issues)
        : walk(source, issues)
        , rows(sink, issues)
        , trace(rows, issues)
        , report(issues)
    {}
};

/// The object at the cursor is a span and not a container of spans.
bool JaegerReader::atSpan(State &state)
{
    JsonKeyScan scan(firstObject(state.walk.framer().prefetch(kLookAhead)));
    JsonKey key;
    while (scan.next(key)) {
        if (key.depth != 1)
            continue;
        if (key.name == "data" || key.name == "spans" || key.name == "processes" || key.name == "hits")
            return false;
        if (key.name == "spanID" || key.name == "spanId" || key.name == "operationName"
            || key.name == "startTime" || key.name == "_source")
            return true;
    }
    return false;
}

JsonWalk::Step JaegerReader::readSpan(State &state)
{
    state.sawSpans = true;
    JsonFramer::Record record;
    const Step step = state.walk.record(record, "span");
    if (step == Step::Done)
        state.trace.span(record);
    return step;
}

JsonWalk::Step JaegerReader::readMember(State &state, std::string_view key, int depth)
{
    JsonFramer &framer = state.walk.framer();
    const int first = framer.peek();
    if (key == "spans" && first == '[') {
        state.sawSpans = true;
        return state.walk.array([&](int c) { return c == '{' ? readSpan(state) : state.walk.skip(); });
    }
    if (key == "processes" && first == '{') {
        JsonFramer::Record record;
        const Step step = state.walk.record(record, "processes");
        if (step == Step::Done)
            state.trace.processes(record);
        return step;
    }
    if ((key == "traceID" || key == "traceId") && first == '"') {
        JsonFramer::Record record;
        const Step step = state.walk.record(record, "trace id");
        if (step == Step::Done)
            state.trace.traceId(record.bytes.substr(1, record.bytes.size() - 2));
        return step;
    }
    if (key == "warnings" && first == '[') {
        return state.walk.array([&](int c) {
            JsonFramer::Record record;
            const Step step = c == '"' ? state.walk.record(record, "warning") : state.walk.skip();
            if (c == '"' && step == Step::Done)
                state.report.note(IssueSeverity::Notice, "trace-warning", record.offset,
                    sanitizedUtf8(utf8Prefix(record.bytes, 200)));
            return step;
        });
    }
    const bool holdsDocuments = key == "data" || key == "hits";
    if (holdsDocuments && first == '[') {
        state.sawSpans = true;
        return state.walk.array(
            [&](int c) { return c == '{' ? readDocument(state, depth + 1) : state.walk.skip(); });
    }
    if ((holdsDocuments || key == "trace") && first == '{' && depth < kMaxWrappers)
        return readDocument(state, depth + 1);
    return state.walk.skip();
}

JsonWalk::Step JaegerReader::readDocument(State &state, int depth)
{
    if (depth > kMaxWrappers)
        return state.walk.skip();
    state.trace.begin();
    Step step = Step::Done;
    if (atSpan(state))
        step = readSpan(state);
    else
        step = state.walk.object([&](std::string_view key) { return readMember(state, key, depth); });
    state.trace.end();
    return step;
}

Result<void> JaegerReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    State state(source, sink, report);
    JsonFramer &framer = state.walk.framer();
    sink.setSource({SourceKind::Trace, ClockKind::Utc, "UTC"});
    bool more = true, inArray = false;
    while (more) {
        const int c = framer.peekPast(',');
        if (c == '[' && !inArray) {
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
        state.walk.beginDocument();
        const Step step = c == '{' ? readDocument(state, 0) : Step::Broken;
        more = state.walk.endDocument(step, state.rows.spans());
    }
    if (framer.error())
        return fail(*framer.error());
    if (!state.sawSpans)
        return fail(ErrorCode::BadInput, source.name(), "it has no Jaeger trace",
            "Jaeger's JSON holds \"data\" with traces, or \"spans\" and \"processes\"");
    if (state.rows.spans() > 0 && !state.rows.sawEpoch())
        sink.setSource({SourceKind::Trace, ClockKind::Relative, {}});
    return {};
}

} // namespace tailscope::import::jaeger
