// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/stackprof/stackprofreader.h"

#include "base/text.h"
#include "import/common/nestedtree.h"

#include <algorithm>

namespace tailscope::import {

namespace {

using Token = JsonPull::Token;

/// A sum of counts that a hostile file cannot overflow.
constexpr std::int64_t kMaxCount = 1'000'000'000'000;

} // namespace

std::uint32_t StackprofReader::indexOf(std::uint64_t address)
{
    const auto found = m_indexes.find(address);
    if (found != m_indexes.end())
        return found->second;
    // Past the bound the last frame stands for all others.
    if (m_frames.size() > kMaxFrames)
        return static_cast<std::uint32_t>(m_frames.size() - 1);
    const auto index = static_cast<std::uint32_t>(m_frames.size());
    m_frames.emplace_back().address = address;
    m_indexes.emplace(address, index);
    return index;
}

/// At the ObjectStart of a frame.
void StackprofReader::readFrame(JsonPull &pull, std::uint64_t address, RowSink &sink)
{
    std::string name, file;
    std::int64_t line = 0, samples = 0;
    while (pull.next() == Token::Key) {
        const std::string_view key = pull.text();
        if (key == "name")
            name = pullText(pull);
        else if (key == "file")
            file = pullText(pull);
        else if (key == "line")
            line = std::max<std::int64_t>(pullInteger(pull).value_or(0), 0);
        else if (key == "samples")
            samples = std::clamp<std::int64_t>(pullInteger(pull).value_or(0), 0, kMaxCount);
        else
            pull.skip();
    }
    if (name.empty())
        name = "(unnamed)";
    FrameRow row;
    row.function = name;
    row.file = file;
    row.line = line;
    Frame &frame = m_frames[indexOf(address)];
    frame.ref = sink.frame(row);
    frame.samples = samples;
}

void StackprofReader::readFrames(JsonPull &pull, RowSink &sink, ImportReport &report)
{
    if (pull.next() != Token::ObjectStart)
        return pull.skip();
    m_found = true;
    while (pull.next() == Token::Key) {
        const std::optional<std::uint64_t> address = parseUint64(pull.text());
        pull.startRaw();
        if (address && pull.next() == Token::ObjectStart) {
            readFrame(pull, *address, sink);
            report.rowRead();
            continue;
        }
        pull.skip();
        report.skip("malformed-frame", pull.rawOffset(), pull.rawLength(),
            "a frame is not an object under a number", pull.raw());
    }
}

/// Runs: the number of frames, the frames (root first), the number of samples.
void StackprofReader::readRaw(JsonPull &pull, ImportReport &report)
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    m_found = true;
    std::uint64_t left = 0;
    bool wantsLength = true;
    std::uint64_t runOffset = 0;
    StackTrie::Node node = StackTrie::kRoot;
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End) {
            if (!wantsLength)
                report.note(IssueSeverity::DataLoss, "cut-run", runOffset,
                    "the last stack of raw is not whole");
            return;
        }
        const std::optional<std::uint64_t> number
            = token == Token::Number ? parseUint64(pull.text()) : std::nullopt;
        if (!number) {
            // Nothing tells where the next run begins.
            report.note(IssueSeverity::DataLoss, "malformed-raw", pull.offset(),
                "raw holds something that is no number: the stacks behind it were not read");
            pull.skip();
            pull.leaveTo(pull.depth() - 1);
            return;
        }
        if (wantsLength) {
            runOffset = pull.offset();
            left = *number;
            wantsLength = false;
            node = StackTrie::kRoot;
        } else if (left > 0) {
            --left;
            node = m_trie.child(node, indexOf(*number));
        } else {
            wantsLength = true;
            if (m_runs.size() >= kMaxRuns) {
                report.note(IssueSeverity::DataLoss, "too-many-samples", runOffset,
                    "more than 4,000,000 stacks: further ones were left out");
                continue;
            }
            m_runs.push_back({node, static_cast<std::int64_t>(std::min<std::uint64_t>(*number, kMaxCount))});
            report.rowRead();
        }
    }
}

void StackprofReader::readTimes(JsonPull &pull, std::vector<std::int64_t> &out, ImportReport &report)
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        const std::optional<std::int64_t> time
            = token == Token::Number ? parseScaledDecimal(pull.text(), kNanosPerMicro) : std::nullopt;
        if (!time)
            report.note(IssueSeverity::DataLoss, "bad-time", pull.offset(),
                "a time that is no number, or beyond 292 years, counts 0");
        pull.skip();
        if (out.size() < kMaxTimes)
            out.push_back(time.value_or(0));
    }
}

void StackprofReader::readTop(JsonPull &pull, RowSink &sink, ImportReport &report)
{
    while (pull.next() == Token::Key) {
        const std::string key(pull.text());
        if (key == "mode")
            m_mode = pullText(pull);
        else if (key == "interval")
            m_interval = std::clamp<std::int64_t>(pullInteger(pull).value_or(0), 0, kMaxCount);
        else if (key == "missed_samples")
            m_missed = std::max<std::int64_t>(pullInteger(pull).value_or(0), 0);
        else if (key == "frames")
            readFrames(pull, sink, report);
        else if (key == "raw")
            readRaw(pull, report);
        else if (key == "raw_timestamp_deltas")
            readTimes(pull, m_deltas, report);
        else if (key == "raw_sample_timestamps")
            readTimes(pull, m_timestamps, report);
        else
            pull.skip();
    }
}

FrameRef StackprofReader::frameOf(std::uint32_t index, RowSink &sink, ImportReport &report)
{
    Frame &frame = m_frames[index];
    if (frame.ref == FrameRef::None) {
        report.note(IssueSeverity::DataLoss, "unknown-frame", 0,
            "stacks have frames that the file does not name");
        const std::string name = "(unknown frame " + std::to_string(frame.address) + ')';
        FrameRow row;
        row.function = name;
        frame.ref = sink.frame(row);
    }
    return frame.ref;
}

/// Without raw stacks each frame stands alone with the samples it was on top of.
void StackprofReader::emitFlat(ProfileRef profile, double scale, RowSink &sink, ImportReport &report)
{
    report.note(IssueSeverity::Notice, "no-stacks", 0,
        "the dump has no stacks (it was taken without raw: true): the profile is flat");
    for (const Frame &frame : m_frames) {
        if (frame.samples == 0 || frame.ref == FrameRef::None)
            continue;
        SampleRow row;
        row.profile = profile;
        row.node = sink.callNode(profile, CallNodeRef::None, frame.ref);
        row.weight = static_cast<double>(frame.samples) * scale;
        row.count = frame.samples;
        sink.sample(row);
    }
}

/// scale: of one sample. In wall mode the time that passed before each sample counts instead.
void StackprofReader::emitRuns(ProfileRef profile, double scale, RowSink &sink, ImportReport &report)
{
    const bool byDelta = m_mode == "wall" && !m_deltas.empty();
    const bool stamped = m_timestamps.size() == m_deltas.size() && !m_deltas.empty();
    const auto step = [&](CallNodeRef parent, std::uint32_t frame) {
        return sink.callNode(profile, parent, frameOf(frame, sink, report));
    };
    std::size_t next = 0;
    Nanos clock = 0;
    bool missing = false;
    for (const Run &run : m_runs) {
        SampleRow row;
        row.profile = profile;
        row.node = m_trie.resolve(run.node, step);
        row.count = run.count;
        row.weight = static_cast<double>(run.count) * scale;
        if (next < m_deltas.size())
            row.tsNs = stamped ? saturatingSub(m_timestamps[next], m_deltas[next]) : clock;
        double passed = 0;
        std::int64_t taken = 0;
        for (; taken < run.count && next < m_deltas.size(); ++taken, ++next) {
            passed += static_cast<double>(m_deltas[next]);
            clock = saturatingAdd(clock, m_deltas[next]);
        }
        if (byDelta)
            row.weight = passed + static_cast<double>(run.count - taken) * scale;
        missing |= taken < run.count;
        if (run.node != StackTrie::kRoot)
            sink.sample(row);
    }
    if (!m_deltas.empty() && (missing || next < m_deltas.size()))
        report.note(IssueSeverity::Notice, "lengths-differ", 0,
            "raw and raw_timestamp_deltas differ in the number of samples");
}

void StackprofReader::emit(RowSink &sink, ImportReport &report)
{
    const bool stacks = !m_runs.empty();
    const bool stamped = stacks && !m_deltas.empty() && m_timestamps.size() == m_deltas.size();
    SourceInfo info;
    info.kind = SourceKind::Profile;
    info.clock = stamped              ? ClockKind::Monotonic
        : stacks && !m_deltas.empty() ? ClockKind::Relative
                                      : ClockKind::None;
    sink.setSource(info);
    const bool time = (m_mode == "wall" || m_mode == "cpu") && m_interval > 0;
    ProfileRow row;
    row.name = "stackprof";
    row.kind = m_mode == "wall" ? ProfileKind::Wall
        : m_mode == "object"    ? ProfileKind::Alloc
                                : ProfileKind::OnCpu;
    row.sampleType = m_mode.empty() ? std::string_view("samples") : m_mode;
    row.unit = time ? "ns" : "samples";
    const std::int64_t interval = m_interval * (time ? kNanosPerMicro : 1);
    row.period = interval;
    const ProfileRef profile = sink.profile(row);
    const double scale = time ? static_cast<double>(interval) : 1;
    if (stacks)
        emitRuns(profile, scale, sink, report);
    else
        emitFlat(profile, scale, sink, report);
    if (m_missed > 0)
        report.note(IssueSeverity::Notice, "missed-samples", 0, "the profiler says that it missed samples",
            m_missed);
    if (m_trie.cut())
        report.note(IssueSeverity::DataLoss, "stack-too-deep", 0,
            "frames beyond a depth of 10,000, or beyond 4,000,000 call paths, were cut off");
}

Result<void> StackprofReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    JsonPull pull(source);
    if (pull.next() == Token::ObjectStart)
        readTop(pull, sink, report);
    if (m_found)
        emit(sink, report);
    return finishDocument(pull, source, m_found, "it has neither \"frames\" nor \"raw\"",
        "A dump of stackprof is a JSON object with mode, interval and frames", report);
}

} // namespace tailscope::import
