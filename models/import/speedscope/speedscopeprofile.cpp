// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/speedscope/speedscopeprofile.h"

#include "base/text.h"
#include "import/common/nestedtree.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::import::speedscope {

namespace {

using Token = JsonPull::Token;

constexpr std::size_t kMaxName = 4096;
/// Frames of one stack that are looked at; those above StackTrie::kMaxDepth share its deepest node.
constexpr std::size_t kMaxOpen = 200'000;
/// Doubles up to here fit int64.
constexpr double kMaxNanos = 9.2e18;

struct Unit
{
    std::string_view name, unit, sampleType;
    double scale; ///< to `unit`
};
constexpr Unit kUnits[] = {
    {"nanoseconds", "ns", "time", 1},
    {"microseconds", "ns", "time", 1e3},
    {"milliseconds", "ns", "time", 1e6},
    {"seconds", "ns", "time", 1e9},
    {"bytes", "bytes", "bytes", 1},
    {"none", "", "weight", 1},
};

std::optional<std::uint32_t> frameNumber(JsonPull &pull)
{
    const std::optional<std::int64_t> number = pullInteger(pull);
    if (!number || *number < 0 || *number > 0xFFFFFFFE)
        return std::nullopt;
    return static_cast<std::uint32_t>(*number);
}

Nanos toNanos(double value)
{
    return std::fabs(value) < kMaxNanos ? static_cast<Nanos>(std::llround(value)) : kUnknownNanos;
}

} // namespace

void Profile::read(JsonPull &pull, ImportReport &report)
{
    const std::size_t outside = pull.depth() - 1;
    m_offset = pull.offset();
    while (pull.next() == Token::Key) {
        const std::string key(pull.text());
        if (key == "type")
            m_type = pullText(pull);
        else if (key == "name")
            m_name = pullText(pull, kMaxName);
        else if (key == "unit")
            m_unit = pullText(pull);
        else if (key == "startValue")
            m_start = pullNumber(pull);
        else if (key == "endValue")
            m_end = pullNumber(pull);
        else if (key == "events")
            readEvents(pull, report);
        else if (key == "samples")
            readSamples(pull, report);
        else if (key == "weights")
            readWeights(pull, report);
        else
            pull.skip();
    }
    pull.leaveTo(outside);
    finish(report);
}

/// At the ObjectStart of an event.
bool Profile::readEvent(JsonPull &pull, Event &event)
{
    while (pull.next() == Token::Key) {
        const std::string_view key = pull.text();
        if (key == "type") {
            const std::string type = pullText(pull);
            event.typed = type == "O" || type == "C";
            event.open = type == "O";
        } else if (key == "frame") {
            event.frame = frameNumber(pull);
        } else if (key == "at") {
            event.at = pullNumber(pull);
        } else {
            pull.skip();
        }
    }
    return event.typed && event.frame && event.at;
}

void Profile::readEvents(JsonPull &pull, ImportReport &report)
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        pull.startRaw();
        Event event;
        const bool good = token == Token::ObjectStart && readEvent(pull, event);
        if (token == Token::ArrayStart)
            pull.skip();
        if (pull.failed())
            return;
        if (good)
            takeEvent(event, pull, report);
        else
            report.skip("malformed-event", pull.rawOffset(), pull.rawLength(),
                "an event needs type \"O\" or \"C\", frame and at", pull.raw());
    }
}

void Profile::takeEvent(const Event &event, JsonPull &pull, ImportReport &report)
{
    if (m_now && *event.at < *m_now)
        return report.skip("out-of-order-event", pull.rawOffset(), pull.rawLength(),
            "the event is earlier than the one before it", pull.raw());
    if (!event.open)
        return closeFrame(event, pull, report);
    if (m_stack.size() >= kMaxOpen)
        return report.skip("too-many-open-frames", pull.rawOffset(), pull.rawLength(),
            "more than 200,000 frames are open", pull.raw());
    passTime(*event.at, report);
    const StackTrie::Node above = m_stack.empty() ? StackTrie::kRoot : m_stack.back().node;
    m_stack.push_back({*event.frame, m_waiting.trie.child(above, *event.frame)});
    report.rowRead();
}

void Profile::closeFrame(const Event &event, JsonPull &pull, ImportReport &report)
{
    // Looked for from the top; a hostile file must not make that cost the square of its events.
    constexpr std::size_t kLook = 1000;
    std::size_t above = 0;
    while (
        above < m_stack.size() && above < kLook && m_stack[m_stack.size() - 1 - above].frame != *event.frame)
        ++above;
    if (above >= m_stack.size() || above >= kLook)
        return report.skip("unmatched-close", pull.rawOffset(), pull.rawLength(),
            "the event closes a frame that is not open", pull.raw());
    if (above > 0)
        report.note(IssueSeverity::Notice, "unbalanced-close", pull.rawOffset(),
            "a frame was closed while frames called by it were open: they were closed with it",
            static_cast<std::int64_t>(above));
    passTime(*event.at, report);
    m_stack.resize(m_stack.size() - above - 1);
    report.rowRead();
}

void Profile::passTime(double at, ImportReport &report)
{
    if (m_now && at > *m_now && !m_stack.empty())
        add(m_stack.back().node, *m_now, at - *m_now, report);
    m_now = at;
}

void Profile::readSamples(JsonPull &pull, ImportReport &report)
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    for (;;) {
        Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        pull.startRaw();
        StackTrie::Node node = StackTrie::kRoot;
        bool good = token == Token::ArrayStart;
        if (good) {
            const std::size_t inside = pull.depth();
            while ((token = pull.next()) == Token::Number) {
                const std::optional<std::int64_t> number = parseScaledDecimal(pull.text(), 1);
                good &= number && *number >= 0 && *number < 0xFFFFFFFF;
                if (good)
                    node = m_waiting.trie.child(node, static_cast<std::uint32_t>(*number));
            }
            good &= token == Token::ArrayEnd;
            pull.leaveTo(inside - 1);
        } else {
            pull.skip();
        }
        if (pull.failed())
            return;
        // A sample that is not taken keeps its place, for the weights go by it.
        if (m_stacks.size() >= kMaxUnpaired) {
            report.note(IssueSeverity::DataLoss, "too-many-samples", pull.rawOffset(),
                "more than 8,000,000 samples in one profile: further ones were left out");
        } else {
            m_stacks.push_back(good ? node : StackTrie::kRoot);
        }
        if (good)
            report.rowRead();
        else
            report.skip("malformed-sample", pull.rawOffset(), pull.rawLength(),
                "a sample is not an array of frame numbers", pull.raw());
    }
}

void Profile::readWeights(JsonPull &pull, ImportReport &report)
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        std::optional<double> weight;
        if (token == Token::Number)
            weight = boundedNumber(pull.text());
        if (!weight)
            report.note(IssueSeverity::DataLoss, "bad-weight", pull.offset(),
                "a weight that is no number, or beyond 1e30, counts 0");
        pull.skip();
        if (m_weights.size() < kMaxUnpaired)
            m_weights.push_back(weight.value_or(0));
    }
}

/// Sums the samples of equal stacks. False when that does not make room enough to be done again.
bool Profile::makeRoom(ImportReport &report)
{
    if (m_full)
        return false;
    report.note(IssueSeverity::Notice, "times-summed", m_offset,
        "more than " + std::to_string(m_waiting.maxSamples)
            + " samples: those of a profile were summed by stack, without their times");
    // Sums do not depend on how the sort leaves equals: the order in time is kept.
    std::stable_sort(m_samples.begin(), m_samples.end(),
        [](const Sample &a, const Sample &b) { return a.node < b.node; });
    std::size_t kept = 0;
    for (const Sample &sample : m_samples) {
        if (kept > 0 && m_samples[kept - 1].node == sample.node
            && m_samples[kept - 1].count < 0xFFFFFFFF - sample.count) {
            m_samples[kept - 1].weight += sample.weight;
            m_samples[kept - 1].count += sample.count;
        } else {
            m_samples[kept++] = sample;
        }
        m_samples[kept - 1].at = std::numeric_limits<double>::quiet_NaN();
    }
    const std::size_t freed = m_samples.size() - kept;
    m_waiting.samples -= freed;
    m_samples.resize(kept);
    m_full = freed < kept;
    return freed > 0;
}

void Profile::add(StackTrie::Node node, double at, double weight, ImportReport &report)
{
    if (m_waiting.samples >= m_waiting.maxSamples && !makeRoom(report)) {
        report.note(IssueSeverity::DataLoss, "too-many-samples", m_offset,
            "more than " + std::to_string(m_waiting.maxSamples)
                + " samples wait for the names of their frames: further ones were left out");
        return;
    }
    m_samples.push_back({node, 1, at, weight});
    ++m_waiting.samples;
}

void Profile::pairSamples(ImportReport &report)
{
    if (m_stacks.size() != m_weights.size())
        report.note(IssueSeverity::DataLoss, "lengths-differ", m_offset,
            "a profile has " + std::to_string(m_stacks.size()) + " samples and "
                + std::to_string(m_weights.size())
                + " weights: a sample without a weight counts 0, a weight without a sample nothing");
    double at = m_start.value_or(0);
    m_weights.resize(m_stacks.size(), 0);
    for (std::size_t i = 0; i < m_stacks.size(); ++i) {
        if (m_stacks[i] != StackTrie::kRoot)
            add(m_stacks[i], at, m_weights[i], report);
        at += m_weights[i];
    }
    m_stacks = {};
    m_weights = {};
}

void Profile::finish(ImportReport &report)
{
    if (!m_stack.empty()) {
        report.note(IssueSeverity::Notice, "unclosed-frames", m_offset,
            "frames that the profile does not close end with it", static_cast<std::int64_t>(m_stack.size()));
        if (m_end && m_now && *m_end > *m_now)
            passTime(*m_end, report);
        m_stack.clear();
    }
    if (!m_stacks.empty() || !m_weights.empty())
        pairSamples(report);
    if (m_waiting.trie.cut())
        report.note(IssueSeverity::DataLoss, "stack-too-deep", m_offset,
            "frames beyond a depth of 10,000, or beyond 4,000,000 call paths, were cut off");
}

void Profile::emit(std::vector<FrameRef> &frames, std::string_view fallbackName, RowSink &sink,
    ImportReport &report)
{
    const auto *unit = std::find_if(std::begin(kUnits), std::end(kUnits),
        [&](const Unit &known) { return known.name == m_unit; });
    const bool known = unit != std::end(kUnits);
    if (!known)
        report.note(IssueSeverity::Notice, "unknown-unit", m_offset,
            "the unit \"" + m_unit + "\" is not known: the weights are shown without one");
    const bool time = known && unit->unit == "ns";
    const double scale = known ? unit->scale : 1;
    ProfileRow row;
    row.name = m_name.empty() ? fallbackName : std::string_view(m_name);
    row.kind = known && unit->unit == "bytes" ? ProfileKind::Alloc : ProfileKind::OnCpu;
    row.sampleType = known ? unit->sampleType : "weight";
    row.unit = known ? unit->unit : std::string_view(m_unit);
    if (time && m_start)
        row.startNs = toNanos(*m_start * scale);
    if (time && m_start && m_end && *m_end >= *m_start)
        row.durationNs = toNanos((*m_end - *m_start) * scale);
    const ProfileRef profile = sink.profile(row);
    m_waiting.trie.forgetRefs();
    const auto step = [&](CallNodeRef parent, std::uint32_t frame) {
        FrameRef ref = FrameRef::None;
        if (frame < frames.size()) {
            ref = frames[frame];
        } else {
            report.note(IssueSeverity::DataLoss, "unknown-frame", m_offset,
                "a stack has frame " + std::to_string(frame) + " and the file names "
                    + std::to_string(frames.size()));
            const std::string name = "(unknown frame " + std::to_string(frame) + ")";
            FrameRow unknown;
            unknown.function = name;
            ref = sink.frame(unknown);
        }
        return sink.callNode(profile, parent, ref);
    };
    SampleRow sample;
    sample.profile = profile;
    for (const Sample &taken : m_samples) {
        sample.node = m_waiting.trie.resolve(taken.node, step);
        sample.tsNs = time ? toNanos(taken.at * scale) : kUnknownNanos;
        sample.weight = taken.weight * scale;
        sample.count = taken.count;
        sink.sample(sample);
    }
    m_waiting.samples -= m_samples.size();
    m_samples = {};
}

} // namespace tailscope::import::speedscope
