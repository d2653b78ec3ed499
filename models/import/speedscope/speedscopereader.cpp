// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/speedscope/speedscopereader.h"

#include "import/common/jsonpull.h"
#include "import/common/nestedtree.h"
#include "import/speedscope/speedscopeprofile.h"

#include <algorithm>
#include <deque>

namespace tailscope::import {

namespace {

using Token = JsonPull::Token;

struct State
{
    State(ByteSource &source, RowSink &rows, ImportReport &issues)
        : pull(source)
        , sink(rows)
        , report(issues)
    {}

    JsonPull pull;
    RowSink &sink;
    ImportReport &report;
    std::vector<FrameRef> frames;
    std::deque<speedscope::Profile> profiles;
    speedscope::Waiting waiting;
    std::string name;
    bool sawProfiles = false, sawFrames = false;
    std::size_t emitted = 0;
};

/// At the ObjectStart of a frame.
void readFrame(State &state)
{
    JsonPull &pull = state.pull;
    const std::uint64_t offset = pull.offset();
    std::string name, file;
    std::int64_t line = 0;
    while (pull.next() == Token::Key) {
        const std::string_view key = pull.text();
        if (key == "name")
            name = pullText(pull);
        else if (key == "file")
            file = pullText(pull);
        else if (key == "line")
            line = std::max<std::int64_t>(pullInteger(pull).value_or(0), 0);
        else
            pull.skip();
    }
    if (name.empty()) {
        state.report.note(IssueSeverity::Info, "unnamed-frame", offset,
            "frames without a name are \"(unnamed)\"");
        name = "(unnamed)";
    }
    FrameRow row;
    row.function = name;
    row.file = file;
    row.line = line;
    state.frames.push_back(state.sink.frame(row));
}

void readFrames(State &state)
{
    JsonPull &pull = state.pull;
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    state.sawFrames = true;
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        if (state.frames.size() >= SpeedscopeReader::kMaxFrames) {
            state.report.note(IssueSeverity::DataLoss, "too-many-frames", pull.offset(),
                "more than 10,000,000 frames: further ones have no name");
            pull.skip();
        } else if (token == Token::ObjectStart) {
            readFrame(state);
        } else {
            // Frames go by their number: a bad one keeps its place.
            pull.startRaw();
            pull.skip();
            state.report.skip("malformed-frame", pull.rawOffset(), pull.rawLength(), "a frame is no object",
                pull.raw());
            FrameRow row;
            row.function = "(malformed frame)";
            state.frames.push_back(state.sink.frame(row));
        }
    }
}

void readShared(State &state)
{
    if (state.pull.next() != Token::ObjectStart)
        return state.pull.skip();
    while (state.pull.next() == Token::Key) {
        if (state.pull.text() == "frames")
            readFrames(state);
        else
            state.pull.skip();
    }
}

void emitProfiles(State &state)
{
    for (; !state.profiles.empty(); state.profiles.pop_front()) {
        const std::string fallback
            = (state.name.empty() ? "profile" : state.name) + ' ' + std::to_string(++state.emitted);
        state.profiles.front().emit(state.frames, fallback, state.sink, state.report);
    }
}

void readProfiles(State &state)
{
    JsonPull &pull = state.pull;
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    state.sawProfiles = true;
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        if (token != Token::ObjectStart
            || state.emitted + state.profiles.size() >= SpeedscopeReader::kMaxProfiles) {
            pull.startRaw();
            pull.skip();
            state.report.skip(token == Token::ObjectStart ? "too-many-profiles" : "malformed-profile",
                pull.rawOffset(), pull.rawLength(),
                token == Token::ObjectStart ? "more than 10,000 profiles" : "a profile is no object",
                pull.raw());
            continue;
        }
        state.profiles.emplace_back(state.waiting).read(pull, state.report);
        if (state.sawFrames)
            emitProfiles(state);
    }
}

} // namespace

Result<void> SpeedscopeReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    State state(source, sink, report);
    JsonPull &pull = state.pull;
    SourceInfo info;
    info.kind = SourceKind::Profile;
    info.clock = ClockKind::Relative;
    sink.setSource(info);
    if (pull.next() == Token::ObjectStart) {
        while (pull.next() == Token::Key) {
            const std::string key(pull.text());
            if (key == "shared")
                readShared(state);
            else if (key == "profiles")
                readProfiles(state);
            else if (key == "name")
                state.name = pullText(pull);
            else
                pull.skip();
        }
    }
    emitProfiles(state);
    constexpr std::string_view kHint = "A speedscope file is a JSON object with \"shared\" and \"profiles\"";
    return finishDocument(pull, source, state.sawProfiles, "it has no \"profiles\"", kHint, report);
}

} // namespace tailscope::import
