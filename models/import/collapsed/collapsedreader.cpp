// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/collapsed/collapsedreader.h"

#include "base/text.h"
#include "import/collapsed/stackline.h"

#include <algorithm>
#include <cmath>

namespace tailscope::import {

namespace {

/// Integers up to here are exact as doubles.
constexpr double kExactLimit = 9007199254740992.0; // 2^53

constexpr std::string_view kUnnamed = "(unnamed)";

bool isWhole(double value) { return value == std::floor(value) && std::fabs(value) <= kExactLimit; }

std::size_t commonPrefix(std::string_view a, std::string_view b)
{
    return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

} // namespace

Result<void> CollapsedReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    LineReader lines(source);
    takeAhead(lines, report);
    start(sink, report);
    for (const Stored &stored : m_ahead) {
        Line line = stored.line;
        line.text = stored.text;
        takeLine(line, sink, report);
    }
    m_ahead = {};
    Line line;
    while (lines.next(line))
        takeLine(line, sink, report);
    return lines.result();
}

/// Keeps the first lines and decides by the stacks among them.
void CollapsedReader::takeAhead(LineReader &lines, ImportReport &report)
{
    std::size_t stacks = 0, twoNumbers = 0, whole = 0, bytes = 0;
    Line line;
    while (stacks < kLookAhead && bytes < kLookAheadBytes && lines.next(line)) {
        bytes += line.text.size();
        m_ahead.push_back({std::string(line.text), line});
        const StackLine parsed = parseStackLine(line.text);
        if (line.tooLong || parsed.kind != StackLine::Kind::Stack)
            continue;
        ++stacks;
        const std::optional<BeforeWeight> before = splitBeforeWeight(parsed.stack);
        twoNumbers += before ? 1 : 0;
        whole += isWhole(parsed.weight) && (!before || isWhole(before->weight)) ? 1 : 0;
    }
    m_diff = stacks > 0 && twoNumbers == stacks;
    m_counts = stacks > 0 && whole == stacks;
    if (m_diff) {
        report.note(IssueSeverity::Info, "diff-folded", 0,
            "every line has two numbers: the first became profile \"before\", the second \"after\"");
    }
}

void CollapsedReader::start(RowSink &sink, ImportReport &report)
{
    SourceInfo info;
    info.kind = SourceKind::Profile;
    info.clock = ClockKind::None;
    sink.setSource(info);
    ProfileRow row;
    row.name = m_diff ? "after" : "collapsed stacks";
    row.sampleType = m_counts ? "samples" : "weight";
    row.unit = m_counts ? "samples" : "";
    m_profile = sink.profile(row);
    if (m_diff) {
        row.name = "before";
        m_before = sink.profile(row);
    }
    if (!m_counts && !m_ahead.empty())
        report.note(IssueSeverity::Info, "fractional-weights", 0,
            "the numbers are not counts: their unit is unknown");
}

void CollapsedReader::takeLine(const Line &line, RowSink &sink, ImportReport &report)
{
    if (line.tooLong) {
        report.skip("line-too-long", line.offset, line.length, "the line is longer than 16 MiB", line.text);
        return;
    }
    std::string_view text = line.text;
    if (!isValidUtf8(text) || text.find('\0') != std::string_view::npos) {
        m_clean = sanitizedUtf8(text);
        text = m_clean;
        report.note(IssueSeverity::Notice, "bad-utf8", line.offset, "bytes that are not UTF-8 became U+FFFD");
    }
    const StackLine parsed = parseStackLine(text);
    switch (parsed.kind) {
    case StackLine::Kind::Blank:
    case StackLine::Kind::Comment:
        return;
    case StackLine::Kind::NoWeight:
        report.skip("no-weight", line.offset, line.length,
            "the line does not end in a blank and a finite number", line.text);
        return;
    case StackLine::Kind::NoFrames:
        report.skip("no-frames", line.offset, line.length, "the line has a number and no frame", line.text);
        return;
    case StackLine::Kind::Stack:
        break;
    }
    std::string_view stack = parsed.stack;
    double before = 0;
    if (m_diff) {
        const std::optional<BeforeWeight> first = splitBeforeWeight(stack);
        if (!first) {
            report.skip("no-second-number", line.offset, line.length,
                "the line has one number where all before it have two", line.text);
            return;
        }
        stack = first->stack;
        before = first->weight;
    }
    if (std::fabs(parsed.weight) > kExactLimit || std::fabs(before) > kExactLimit)
        report.note(IssueSeverity::Notice, "weight-rounded", line.offset,
            "a weight beyond 2^53 is not exact");
    takeStack(stack, line, sink, report);
    emit(parsed.weight, before, sink);
    report.rowRead();
}

void CollapsedReader::takeStack(std::string_view stack, const Line &line, RowSink &sink, ImportReport &report)
{
    const std::size_t common = commonPrefix(m_previous, stack);
    const auto isShared = [&](std::size_t end) {
        return end < common || (end == common && (end == stack.size() || stack[end] == ';'));
    };
    // What comes after the common part may turn a ';' before it into a part of a JVM descriptor.
    const bool maybeDescriptor = stack.find('(') != std::string_view::npos;
    std::size_t keep = 0;
    for (std::size_t from = 0; keep < m_levels.size() && isShared(m_levels[keep].end); ++keep) {
        // A separator at the very end opens no frame.
        if (from >= stack.size() || (maybeDescriptor && frameEnd(stack, from) != m_levels[keep].end))
            break;
        from = m_levels[keep].end + 1;
    }
    m_levels.resize(keep);
    std::size_t from = m_levels.empty() ? 0 : m_levels.back().end + 1;
    std::int64_t unnamed = m_levels.empty() ? 0 : m_levels.back().unnamed;
    while (from < stack.size()) {
        const std::size_t end = frameEnd(stack, from);
        if (m_levels.size() >= kMaxDepth) {
            report.note(IssueSeverity::DataLoss, "stack-too-deep", line.offset,
                "frames beyond a depth of 10,000 were cut off");
            break;
        }
        // Left out, an unnamed leaf would make its caller's own time too long.
        const std::string_view frame = stack.substr(from, end - from);
        const bool named = frame.find_first_not_of(" \t") != std::string_view::npos;
        unnamed += named ? 0 : 1;
        addLevel(named ? frame : kUnnamed, end, sink);
        m_levels.back().unnamed = unnamed;
        from = end + 1;
    }
    if (unnamed > 0)
        report.note(IssueSeverity::Info, "unnamed-frame", line.offset,
            "frames without a name are \"(unnamed)\"", unnamed);
    m_previous.assign(stack);
    const std::size_t firstBegin = stack.find_first_not_of(';');
    m_thread = threadOf(stack.substr(firstBegin, frameEnd(stack, firstBegin) - firstBegin));
}

void CollapsedReader::addLevel(std::string_view frame, std::size_t end, RowSink &sink)
{
    const FrameName name = splitAnnotation(frame);
    FrameRow row;
    row.function = name.function;
    row.module = name.module;
    Level level;
    level.end = end;
    level.frame = sink.frame(row);
    level.node
        = sink.callNode(m_profile, m_levels.empty() ? CallNodeRef::None : m_levels.back().node, level.frame);
    level.beforeNode = m_diff ? sink.callNode(m_before,
                           m_levels.empty() ? CallNodeRef::None : m_levels.back().beforeNode, level.frame)
                              : CallNodeRef::None;
    m_levels.push_back(level);
}

void CollapsedReader::emit(double weight, double before, RowSink &sink)
{
    const auto sampleCount = [this](double value) {
        return m_counts && isWhole(value) ? std::max<std::int64_t>(std::llround(value), 0) : 1;
    };
    SampleRow row;
    row.profile = m_profile;
    row.node = m_levels.back().node;
    row.thread = m_thread;
    row.weight = weight;
    row.count = sampleCount(weight);
    sink.sample(row);
    if (!m_diff)
        return;
    row.profile = m_before;
    row.node = m_levels.back().beforeNode;
    row.weight = before;
    row.count = sampleCount(before);
    sink.sample(row);
}

} // namespace tailscope::import
