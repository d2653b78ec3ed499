// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/cpuprofile/cpuprofilereader.h"

#include "base/text.h"
#include "import/common/nestedtree.h"

#include <algorithm>

namespace tailscope::import {

namespace {

using Token = JsonPull::Token;

/// The fields that name the function of a node, in a callFrame or in an old node itself.
struct CallFrame
{
    std::string function, file;
    std::int64_t line = 0;

    bool take(std::string_view key, JsonPull &pull)
    {
        if (key == "functionName")
            function = pullText(pull);
        else if (key == "url")
            file = pullText(pull);
        else if (key == "lineNumber")
            // Counted from 0; -1 is unknown.
            line = std::max<std::int64_t>(saturatingAdd(pullInteger(pull).value_or(-1), 1), 0);
        else
            return false;
        return true;
    }
    void takeObject(JsonPull &pull)
    {
        if (pull.next() != Token::ObjectStart)
            return pull.skip();
        while (pull.next() == Token::Key) {
            if (!take(pull.text(), pull))
                pull.skip();
        }
    }
};

Nanos microsOf(JsonPull &pull)
{
    const Token token = pull.next();
    if (token == Token::Number || token == Token::String)
        return parseScaledDecimal(pull.text(), kNanosPerMicro).value_or(kUnknownNanos);
    pull.skip();
    return kUnknownNanos;
}

} // namespace

std::uint32_t CpuProfileReader::indexOf(std::int64_t id)
{
    const auto found = m_indexes.find(id);
    if (found != m_indexes.end())
        return found->second;
    if (m_nodes.size() >= kMaxNodes)
        return kNone;
    m_nodes.emplace_back();
    const auto index = static_cast<std::uint32_t>(m_nodes.size() - 1);
    m_indexes.emplace(id, index);
    return index;
}

void CpuProfileReader::setFrame(Node &node, std::string function, std::string_view file, std::int64_t line,
    RowSink &sink)
{
    node.known = true;
    node.root = function == "(root)";
    node.onTop = function == "(garbage collector)" || function == "(program)";
    if (function.empty())
        function = "(anonymous)";
    FrameRow row;
    row.function = function;
    row.file = file;
    row.line = line;
    node.frame = sink.frame(row);
}

/// At the ObjectStart of a node of the flat form; false when it has no id.
bool CpuProfileReader::readNode(JsonPull &pull, RowSink &sink)
{
    std::optional<std::int64_t> id, parent;
    double hits = 0;
    CallFrame frame;
    std::vector<std::uint32_t> children;
    while (pull.next() == Token::Key) {
        const std::string key(pull.text());
        if (key == "id") {
            id = pullInteger(pull);
        } else if (key == "parent") {
            parent = pullInteger(pull);
        } else if (key == "hitCount") {
            hits = pullNumber(pull).value_or(0);
        } else if (key == "callFrame") {
            frame.takeObject(pull);
        } else if (key == "children") {
            if (pull.next() != Token::ArrayStart) {
                pull.skip();
                continue;
            }
            for (Token token = pull.next(); token != Token::ArrayEnd && token != Token::End;
                 token = pull.next()) {
                const auto child = token == Token::Number ? parseInt64(pull.text()) : std::nullopt;
                pull.skip();
                if (child)
                    children.push_back(indexOf(*child));
            }
        } else if (!frame.take(key, pull)) {
            pull.skip();
        }
    }
    if (!id || pull.failed())
        return false;
    const std::uint32_t index = indexOf(*id);
    if (index == kNone)
        return true;
    for (const std::uint32_t child : children) {
        if (child != kNone && m_nodes[child].parent == kNone)
            m_nodes[child].parent = index;
    }
    if (parent)
        m_nodes[index].parent = indexOf(*parent);
    m_nodes[index].hits = hits;
    setFrame(m_nodes[index], std::move(frame.function), frame.file, frame.line, sink);
    return true;
}

void CpuProfileReader::readNodes(JsonPull &pull, RowSink &sink, ImportReport &report)
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    m_found = true;
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        pull.startRaw();
        const std::uint64_t offset = pull.offset();
        const bool good = token == Token::ObjectStart && readNode(pull, sink);
        if (token == Token::ArrayStart)
            pull.skip();
        if (pull.failed())
            return;
        if (!good)
            report.skip("malformed-node", pull.rawOffset(), pull.rawLength(), "a node needs an id",
                pull.raw());
        else if (m_nodes.size() >= kMaxNodes)
            report.note(IssueSeverity::DataLoss, "too-many-nodes", offset,
                "more than 1,000,000 nodes: further ones were left out");
        else
            report.rowRead();
    }
}

/// The old form: nodes inside each other.
void CpuProfileReader::readHead(JsonPull &pull, RowSink &sink, ImportReport &report)
{
    if (pull.next() != Token::ObjectStart)
        return pull.skip();
    m_found = m_oldForm = true;
    NestedTree tree(NestedTree::Values::Own, {"children"},
        [](std::string_view key, JsonPull &in, NestedTree::Open &open) {
            if (key == "id") {
                open.id = pullInteger(in).value_or(-1);
            } else if (key == "hitCount") {
                open.value = pullNumber(in).value_or(0);
                open.hasValue = true;
            } else if (key == "functionName" || key == "url" || key == "lineNumber") {
                CallFrame frame;
                const bool function = key == "functionName", file = key == "url";
                frame.take(key, in);
                if (function)
                    open.function = frame.function.empty() ? "(anonymous)" : frame.function;
                else if (file)
                    open.file = frame.file;
                else
                    open.line = frame.line;
            } else if (key == "callFrame") {
                CallFrame frame;
                frame.takeObject(in);
                open.function = frame.function.empty() ? "(anonymous)" : frame.function;
                open.file = frame.file;
                open.line = frame.line;
            } else {
                return false;
            }
            return true;
        });
    // The special functions are told by their frames.
    const auto frameOf = [&](std::string_view function) {
        FrameRow row;
        row.function = function;
        return sink.frame(row);
    };
    const FrameRef root = frameOf("(root)"), program = frameOf("(program)"),
                   collector = frameOf("(garbage collector)");
    tree.read(pull, sink, report);
    const auto first = static_cast<std::uint32_t>(m_nodes.size());
    for (const NestedTree::Node &read : tree.nodes()) {
        Node node;
        node.frame = read.frame;
        node.parent = read.parent == NestedTree::kNoParent ? kNone : first + read.parent;
        node.hits = read.self;
        node.known = true;
        node.root = read.frame == root;
        node.onTop = read.frame == program || read.frame == collector;
        m_indexes.emplace(read.id, static_cast<std::uint32_t>(m_nodes.size()));
        m_nodes.push_back(node);
    }
}

void CpuProfileReader::readIds(JsonPull &pull, ImportReport &report)
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        const std::optional<std::int64_t> id
            = token == Token::Number ? parseInt64(pull.text()) : std::nullopt;
        pull.startRaw();
        pull.skip();
        if (m_samples.size() >= kMaxSamples) {
            report.note(IssueSeverity::DataLoss, "too-many-samples", pull.rawOffset(),
                "more than 4,000,000 samples: further ones were left out");
            continue;
        }
        // One that is not taken keeps its place, for the times go by it.
        m_samples.push_back(id ? indexOf(*id) : kNone);
        if (id)
            report.rowRead();
        else
            report.skip("malformed-sample", pull.rawOffset(), pull.rawLength(),
                "a sample is not the number of a node", pull.raw());
    }
}

void CpuProfileReader::readTimes(JsonPull &pull, std::vector<Nanos> &out, ImportReport &report)
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        const std::optional<Nanos> time
            = token == Token::Number ? parseScaledDecimal(pull.text(), kNanosPerMicro) : std::nullopt;
        if (!time)
            report.note(IssueSeverity::DataLoss, "bad-time", pull.offset(),
                "a time that is no number, or beyond 292 years, counts 0");
        pull.skip();
        // One more than samples: the end of the last.
        if (out.size() <= kMaxSamples)
            out.push_back(time.value_or(0));
    }
}

void CpuProfileReader::readTop(JsonPull &pull, RowSink &sink, ImportReport &report)
{
    while (pull.next() == Token::Key) {
        const std::string key(pull.text());
        if (key == "nodes")
            readNodes(pull, sink, report);
        else if (key == "head")
            readHead(pull, sink, report);
        else if (key == "samples")
            readIds(pull, report);
        else if (key == "timeDeltas")
            readTimes(pull, m_deltas, report);
        else if (key == "timestamps")
            readTimes(pull, m_timestamps, report);
        else if (key == "startTime")
            m_start = microsOf(pull);
        else if (key == "endTime")
            m_end = microsOf(pull);
        else
            pull.skip();
    }
}

/// The samples with their times, in order of time: deltas may be negative.
std::vector<CpuProfileReader::Timed> CpuProfileReader::timedSamples(ImportReport &report)
{
    std::vector<Timed> samples;
    const bool stamped = m_deltas.empty() && !m_timestamps.empty();
    const std::size_t times = stamped ? m_timestamps.size() : m_deltas.size();
    // The old form may give the end of the last sample as a further time.
    if (times != m_samples.size() && !(stamped && times == m_samples.size() + 1))
        report.note(IssueSeverity::Notice, "lengths-differ", 0,
            std::to_string(m_samples.size()) + " samples have " + std::to_string(times)
                + " times; the shorter list counts");
    const std::size_t n = std::min(times, m_samples.size());
    samples.reserve(n);
    Nanos clock = m_start != kUnknownNanos ? m_start : 0;
    std::int64_t backwards = 0;
    for (std::size_t i = 0; i < n; ++i) {
        clock = stamped ? m_timestamps[i] : saturatingAdd(clock, m_deltas[i]);
        backwards += !samples.empty() && clock < samples.back().ts ? 1 : 0;
        samples.push_back({clock, m_samples[i]});
    }
    if (backwards > 0) {
        report.note(IssueSeverity::Notice, "time-goes-back", 0,
            "samples that are earlier than the one before them were sorted in", backwards);
        std::stable_sort(samples.begin(), samples.end(),
            [](const Timed &a, const Timed &b) { return a.ts < b.ts; });
    }
    if (stamped) {
        m_start = samples.empty() ? kUnknownNanos : samples.front().ts;
        m_end = times > n && n > 0 ? m_timestamps[n] : kUnknownNanos;
    }
    return samples;
}

CallNodeRef CpuProfileReader::callNodeOf(std::uint32_t index, RowSink &sink, ImportReport &report)
{
    m_path.clear();
    CallNodeRef ref = CallNodeRef::None;
    std::uint32_t depth = 0;
    while (index != kNone) {
        Node &node = m_nodes[index];
        // A root has a call node only when it is sampled itself.
        if (!node.known || (node.root && !m_path.empty()))
            break;
        if (node.made) {
            ref = node.ref;
            depth = node.depth;
            break;
        }
        // Marked on the way up: a node met again closes a circle.
        node.made = true;
        m_path.push_back(index);
        index = node.parent;
    }
    for (auto at = m_path.rbegin(); at != m_path.rend(); ++at) {
        Node &node = m_nodes[*at];
        if (++depth > kMaxDepth)
            report.note(IssueSeverity::DataLoss, "stack-too-deep", 0,
                "frames beyond a depth of 10,000 were cut off");
        else
            ref = sink.callNode(m_profile, ref, node.frame);
        node.ref = ref;
        node.depth = depth;
    }
    return ref;
}

void CpuProfileReader::write(const Timed &sample, Nanos weight, RowSink &sink, ImportReport &report)
{
    SampleRow row;
    row.profile = m_profile;
    const bool known = sample.node != kNone && m_nodes[sample.node].known;
    if (!known) {
        report.note(IssueSeverity::DataLoss, "unknown-node", 0,
            "samples of nodes that the file does not have are \"(unknown node)\"");
        FrameRow frame;
        frame.function = "(unknown node)";
        row.node = sink.callNode(m_profile, CallNodeRef::None, sink.frame(frame));
    } else if (m_nodes[sample.node].onTop && m_lastStack != CallNodeRef::None) {
        row.node = sink.callNode(m_profile, m_lastStack, m_nodes[sample.node].frame);
    } else {
        row.node = callNodeOf(sample.node, sink, report);
        m_lastStack = row.node;
    }
    row.tsNs = sample.ts;
    row.weight = static_cast<double>(std::max<Nanos>(weight, 0));
    sink.sample(row);
}

/// A profile without samples still counts the hits of its nodes.
void CpuProfileReader::emitHits(RowSink &sink, ImportReport &report)
{
    ProfileRow profile;
    profile.name = "CPU profile";
    profile.sampleType = "samples";
    profile.unit = "samples";
    m_profile = sink.profile(profile);
    for (std::uint32_t index = 0; index < m_nodes.size(); ++index) {
        if (!m_nodes[index].known || !(m_nodes[index].hits > 0))
            continue;
        SampleRow row;
        row.profile = m_profile;
        row.node = callNodeOf(index, sink, report);
        row.weight = m_nodes[index].hits;
        row.count = row.weight < 9e15 ? static_cast<std::int64_t>(row.weight) : 1;
        sink.sample(row);
    }
    report.note(IssueSeverity::Info, "hits-only", 0,
        "the profile has no samples with times: the weights are the hit counts of its nodes");
}

void CpuProfileReader::emit(RowSink &sink, ImportReport &report)
{
    if (m_samples.empty() || (m_deltas.empty() && m_timestamps.empty()))
        return emitHits(sink, report);
    const std::vector<Timed> samples = timedSamples(report);
    ProfileRow profile;
    profile.name = "CPU profile";
    profile.sampleType = "cpu";
    profile.unit = "ns";
    profile.startNs = m_start;
    if (m_start != kUnknownNanos && m_end != kUnknownNanos && m_end >= m_start)
        profile.durationNs = saturatingSub(m_end, m_start);
    m_profile = sink.profile(profile);
    for (std::size_t i = 0; i + 1 < samples.size(); ++i)
        write(samples[i], saturatingSub(samples[i + 1].ts, samples[i].ts), sink, report);
    if (samples.empty())
        return;
    // The last sample lasts to the end; where that is not told, as long as the one before it.
    Nanos last = 0;
    if (m_end != kUnknownNanos && m_end >= samples.back().ts)
        last = saturatingSub(m_end, samples.back().ts);
    else if (samples.size() > 1)
        last = saturatingSub(samples.back().ts, samples[samples.size() - 2].ts);
    write(samples.back(), last, sink, report);
}

Result<void> CpuProfileReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    SourceInfo info;
    info.kind = SourceKind::Profile;
    info.clock = ClockKind::Monotonic;
    sink.setSource(info);
    JsonPull pull(source);
    if (pull.next() == Token::ObjectStart)
        readTop(pull, sink, report);
    if (m_found)
        emit(sink, report);
    return finishDocument(pull, source, m_found, "it has neither \"nodes\" nor \"head\"",
        "A CPU profile of V8 is a JSON object with \"nodes\", \"samples\" and \"timeDeltas\"", report);
}

} // namespace tailscope::import
