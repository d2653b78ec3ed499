// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chromereader.h"

#include "base/text.h"
#include "import/common/jsonkeys.h"

#include <array>
#include <utility>

namespace tailscope::import::chrome {

namespace {

using Status = JsonFramer::Status;
using LineRule = JsonFramer::LineRule;

constexpr std::size_t kMaxKeyBytes = 64 * 1024;
/// After so many events of one line each, a line end inside an event makes it doubtful.
constexpr int kLinesToBeSure = 8;
/// A doubtful event gets so many bytes more to close.
constexpr std::size_t kSecondChance = 64 * 1024;
/// Looking for the next event behind one that does not close reads up to a whole record again.
constexpr int kMaxRecoveries = 64;
constexpr std::size_t kExampleBytes = 300;
constexpr std::string_view kHint
    = "A Chrome trace is a JSON array of events, or an object with \"traceEvents\"";

/// Text in other formats that other tools embed.
constexpr std::array<std::string_view, 4> kForeignText{"systemTraceEvents", "powerTraceAsString",
    "controllerTraceDataKey", "battorLogAsString"};

} // namespace

bool isSystracePage(std::string_view prefix)
{
    if (firstSignificant(prefix) != '<')
        return false;
    // The trace itself comes behind a megabyte of the viewer.
    for (const std::string_view mark : {"<title>Android System Trace", "class=\"trace-data\"",
             "id=\"viewer-data\"", "trace_viewer", "trace-viewer", "<title>Trace"}) {
        if (prefix.find(mark) != std::string_view::npos)
            return true;
    }
    return false;
}

struct ChromeReader::State
{
    JsonFramer framer;
    ChromeRows rows;
    ImportReport &report;
    bool sawEvents = false; ///< an array of events, samples or frames
    bool eventsNotAnArray = false;
    int oneLineEvents = 0;
    int recoveries = 0;
    bool gaveUp = false;
    bool truncated = false; ///< told already

    State(ByteSource &source, RowSink &sink, ImportReport &issues)
        : framer(source)
        , rows(sink, issues)
        , report(issues)
    {}
    LineRule lineRule() const { return oneLineEvents >= kLinesToBeSure ? LineRule::OneLine : LineRule::Any; }
};

void ChromeReader::noteTruncated(State &state, std::string_view where)
{
    // An error of the source is told by itself.
    if (state.framer.error() || std::exchange(state.truncated, true))
        return;
    state.report.note(IssueSeverity::DataLoss, "truncated", state.framer.offset(),
        "the file ends inside " + std::string(where) + "; " + std::to_string(state.rows.events())
            + " events come before that");
}

/// Reports the bytes of a record that does not close and moves to where the next one seems to begin.
void ChromeReader::recover(State &state, const JsonFramer::Record &record)
{
    JsonFramer &framer = state.framer;
    if (framer.error())
        return;
    switch (record.status) {
    case Status::BrokenLine:
        state.report.skip("broken-event", record.offset, record.bytes.size(),
            "the line ends inside the event", record.bytes);
        // The rest of an event that was spread over lines begins with neither bracket.
        while (framer.skipLine()) {
            const int c = framer.peek();
            if (c == '{' || c == ']' || c == -1)
                return;
        }
        return;
    case Status::TooLong:
        state.report.skip("event-too-long", record.offset, record.bytes.size(),
            "the event does not close within 32 MB", record.bytes);
        break;
    case Status::Ended:
        state.report.skip("truncated-event", record.offset, record.bytes.size(),
            "the file ends inside the event", record.bytes);
        break;
    case Status::Complete:
        return;
    }
    if (++state.recoveries > kMaxRecoveries) {
        state.report.note(IssueSeverity::Error, "gave-up", record.offset,
            "too many events do not close; the rest of the file was not read");
        state.gaveUp = true;
        return;
    }
    if (!framer.skipToLikelyRecord("\"ph\"") && record.status == Status::Ended)
        noteTruncated(state, "an event");
}

void ChromeReader::readEvent(State &state)
{
    JsonFramer &framer = state.framer;
    const bool ownLine = framer.sawLineEnd();
    framer.forgetLineEnd();
    JsonFramer::Record record = framer.record(state.lineRule());
    if (record.status == Status::Complete) {
        if (ownLine && !record.hasLineEnd)
            ++state.oneLineEvents;
        else
            state.oneLineEvents = 0;
        state.rows.event(record);
        return;
    }
    if (record.status == Status::BrokenLine) {
        // The bytes stay at hand until the event is taken.
        const std::size_t line = record.bytes.size();
        const JsonFramer::Record whole = framer.record(LineRule::Lenient, line + kSecondChance);
        if (whole.status == Status::Complete) {
            state.oneLineEvents = 0;
            if (!state.rows.event(whole, true))
                state.report.skip("malformed-event", whole.offset, whole.bytes.size(), "not valid JSON",
                    whole.bytes);
            return;
        }
        record.bytes = whole.bytes.substr(0, line);
    }
    recover(state, record);
}

/// The cursor is behind '['. inObject: the array is a member, which must close; a bare one need not.
ChromeReader::End ChromeReader::readEvents(State &state, bool inObject)
{
    JsonFramer &framer = state.framer;
    state.sawEvents = true;
    while (!state.gaveUp) {
        const int c = framer.peekPast(',');
        if (c == -1) {
            if (framer.error())
                return End::InputEnded;
            if (inObject)
                noteTruncated(state, "traceEvents");
            else
                state.report.note(IssueSeverity::Info, "unclosed-array", framer.offset(),
                    "the array of events is not closed, which the format allows");
            return End::InputEnded;
        }
        if (c == ']') {
            framer.take();
            return End::Closed;
        }
        if (c == '{') {
            readEvent(state);
            continue;
        }
        const JsonFramer::Record record = framer.record();
        if (record.status != Status::Complete) {
            recover(state, record);
        } else if (record.bytes.empty()) {
            state.report.note(IssueSeverity::DataLoss, "unexpected-byte", record.offset,
                "a byte between events that does not belong there");
            framer.take();
        } else {
            state.report.skip("not-an-event", record.offset, record.bytes.size(),
                "an element of the array of events is no object", record.bytes);
        }
    }
    return End::InputEnded;
}

/// A key and its colon; false when there is none (the cursor then stands behind what was there).
bool ChromeReader::takeKey(State &state, std::string &key)
{
    JsonFramer &framer = state.framer;
    const JsonFramer::Record record = framer.record(LineRule::Any, kMaxKeyBytes);
    if (record.status == Status::Complete && record.bytes.size() >= 2 && record.bytes.front() == '"') {
        key = record.bytes.substr(1, record.bytes.size() - 2);
        if (framer.peek() == ':') {
            framer.take();
            return true;
        }
        return false;
    }
    if (record.status == Status::BrokenLine)
        framer.skipLine();
    else if (record.status != Status::Complete)
        framer.skipValue();
    else if (record.bytes.empty() && framer.peek() != -1)
        framer.take();
    return false;
}

ChromeReader::End ChromeReader::readStackFrames(State &state)
{
    JsonFramer &framer = state.framer;
    state.sawEvents = true;
    framer.take();
    std::string key;
    for (;;) {
        const int c = framer.peekPast(',');
        if (c == -1) {
            noteTruncated(state, "stackFrames");
            return End::InputEnded;
        }
        if (c == '}') {
            framer.take();
            return End::Closed;
        }
        const std::uint64_t offset = framer.offset();
        if (!takeKey(state, key)) {
            state.report.note(IssueSeverity::DataLoss, "unexpected-byte", offset,
                "stackFrames: a key is expected");
            continue;
        }
        if (framer.peek() != '{') {
            framer.skipValue();
            continue;
        }
        const JsonFramer::Record record = framer.record();
        if (record.status == Status::Complete) {
            state.rows.stackFrame(key, record);
            continue;
        }
        state.report.skip("malformed-stack-frame", record.offset, record.bytes.size(), "does not close",
            record.bytes);
        if (!framer.skipLine())
            return End::InputEnded;
    }
}

ChromeReader::End ChromeReader::readSamples(State &state)
{
    JsonFramer &framer = state.framer;
    state.sawEvents = true;
    framer.take();
    for (;;) {
        const int c = framer.peekPast(',');
        if (c == -1) {
            noteTruncated(state, "samples");
            return End::InputEnded;
        }
        if (c == ']') {
            framer.take();
            return End::Closed;
        }
        const JsonFramer::Record record = framer.record();
        if (record.status == Status::Complete && !record.bytes.empty()) {
            if (c == '{')
                state.rows.sample(record);
            else
                state.report.skip("malformed-sample", record.offset, record.bytes.size(), "not an object",
                    record.bytes);
            continue;
        }
        if (record.status == Status::Complete) {
            framer.take();
            continue;
        }
        state.report.skip("malformed-sample", record.offset, record.bytes.size(), "does not close",
            record.bytes);
        if (!framer.skipLine())
            return End::InputEnded;
    }
}

/// Members that hold no events: told with their beginning, or with their size where another tool's trace is
/// inside.
ChromeReader::End ChromeReader::skipOther(State &state, std::string_view key)
{
    JsonFramer &framer = state.framer;
    const std::uint64_t offset = framer.offset();
    framer.peek();
    const std::string example(utf8Prefix(framer.prefetch(kExampleBytes), kExampleBytes));
    const JsonFramer::Skipped skipped = framer.skipValue();
    const bool foreign = std::find(kForeignText.begin(), kForeignText.end(), key) != kForeignText.end();
    const std::string kind = "top-level:" + std::string(utf8Prefix(key, 60));
    if (foreign)
        state.report.note(IssueSeverity::Notice, kind, offset,
            std::to_string(skipped.bytes) + " bytes of another trace format were not read");
    else
        state.report.note(IssueSeverity::Info, kind, offset,
            example.substr(0, std::min<std::size_t>(example.size(), skipped.bytes)));
    if (skipped.complete)
        return End::Closed;
    noteTruncated(state, "\"" + std::string(utf8Prefix(key, 60)) + "\"");
    return End::InputEnded;
}

ChromeReader::End ChromeReader::readObject(State &state)
{
    JsonFramer &framer = state.framer;
    framer.take();
    std::string key;
    while (!state.gaveUp) {
        const int c = framer.peekPast(',');
        if (c == -1) {
            noteTruncated(state, "the trace object");
            return End::InputEnded;
        }
        if (c == '}') {
            framer.take();
            return End::Closed;
        }
        const std::uint64_t offset = framer.offset();
        if (!takeKey(state, key)) {
            state.report.note(IssueSeverity::DataLoss, "unexpected-byte", offset,
                "the trace object: a key is expected");
            continue;
        }
        const int value = framer.peek();
        End end = End::Closed;
        if (key == "traceEvents" && value == '[') {
            framer.take();
            end = readEvents(state, true);
        } else if (key == "stackFrames" && value == '{') {
            end = readStackFrames(state);
        } else if (key == "samples" && value == '[') {
            end = readSamples(state);
        } else {
            state.eventsNotAnArray |= key == "traceEvents";
            end = skipOther(state, key);
        }
        if (end == End::InputEnded)
            return end;
    }
    return End::InputEnded;
}

Result<void> ChromeReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    State state(source, sink, report);
    JsonFramer &framer = state.framer;
    std::optional<Error> broken;
    const auto refuse = [&](std::string detail, std::string_view hint = kHint) {
        broken = Error{ErrorCode::BadInput, source.name(), std::move(detail),
            Location{framer.offset(), std::nullopt, std::nullopt}, std::string(hint)};
    };
    for (int containers = 0;; ++containers) {
        const int c = framer.peek();
        if (c == -1 && containers == 0 && !framer.error())
            refuse("there is nothing in it");
        if (c == -1)
            break;
        if (c != '[' && c != '{') {
            if (containers == 0 && isSystracePage(framer.prefetch(kSniffBytes)))
                refuse("it is an HTML page of systrace or trace2html, whose trace this version does not take "
                       "out",
                    "Save the trace of the page as JSON, or write it with systrace --json");
            else if (containers == 0)
                refuse("it begins with neither [ nor {");
            else
                report.note(IssueSeverity::DataLoss, "trailing-data", framer.offset(),
                    "bytes behind the end of the trace were not read");
            break;
        }
        if (containers == 1)
            report.note(IssueSeverity::Notice, "concatenated", framer.offset(),
                "the file holds several traces one after the other; all were read as one");
        End end = End::Closed;
        if (c == '[') {
            framer.take();
            end = readEvents(state, false);
        } else {
            end = readObject(state);
        }
        if (end == End::InputEnded)
            break;
    }
    state.rows.finish();
    if (framer.error())
        return fail(*framer.error());
    if (!broken && !state.sawEvents)
        refuse(state.eventsNotAnArray ? "\"traceEvents\" is not an array" : "it has no \"traceEvents\"");
    if (broken)
        return fail(std::move(*broken));
    return {};
}

} // namespace tailscope::import::chrome
