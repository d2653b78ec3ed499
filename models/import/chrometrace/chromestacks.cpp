// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chromestacks.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::import::chrome {

namespace {

constexpr std::size_t kMaxNameBytes = 4096;
constexpr std::string_view kUnnamed = "samples";

template<typename Take>
simdjson::error_code eachField(ondemand::object &object, Take &&take)
{
    for (auto item : object) {
        ondemand::field field;
        std::string_view key;
        if (auto error = readField(std::move(item), field, key))
            return error;
        JsonScalar scalar;
        const auto error = readScalar(field.value(), scalar);
        if (error == simdjson::SUCCESS)
            take(key, scalar);
        else if (error != simdjson::INCORRECT_TYPE)
            return error;
    }
    return simdjson::SUCCESS;
}

} // namespace

/// Fields of one element of `samples`.
struct ChromeStacks::Parsed
{
    JsonScalar pid, tid;
    std::string_view name, comm, frame, weight;
    EventTime ts;
};

std::string_view ChromeStacks::withinBudget(std::string_view text, std::uint64_t offset)
{
    text = utf8Prefix(text, kMaxNameBytes);
    if (m_textBytes + text.size() > kMaxTextBytes) {
        m_report.note(IssueSeverity::DataLoss, "too-many-names", offset,
            "more than 64 MB of names of frames and threads: the further ones were left empty");
        return {};
    }
    m_textBytes += text.size();
    return text;
}

std::uint32_t ChromeStacks::frameOf(std::string_view key)
{
    const auto found = m_frameByKey.find(std::string(key));
    if (found != m_frameByKey.end())
        return found->second;
    if (m_frames.size() >= kMaxFrames)
        return kNone;
    const auto index = static_cast<std::uint32_t>(m_frames.size());
    m_frames.emplace_back();
    m_frameByKey.emplace(withinBudget(key, 0), index);
    return index;
}

std::uint32_t ChromeStacks::textOf(std::string_view text)
{
    text = utf8Prefix(text, kMaxNameBytes);
    const auto found = m_textIndex.find(std::string(text));
    if (found != m_textIndex.end())
        return found->second;
    if (m_texts.size() >= kMaxFrames)
        return kNone;
    const auto index = static_cast<std::uint32_t>(m_texts.size());
    m_texts.emplace_back(withinBudget(text, 0));
    m_textIndex.emplace(m_texts.back(), index);
    return index;
}

std::uint32_t ChromeStacks::profileOf(std::string_view name)
{
    name = utf8Prefix(name.empty() ? kUnnamed : name, kMaxNameBytes);
    auto found = m_profileByName.find(std::string(name));
    // Names are few in any real file; past the bound all further ones count as unnamed.
    if (found == m_profileByName.end() && m_profiles.size() >= 1000)
        found = m_profileByName.try_emplace(std::string(kUnnamed), 0U).first;
    if (found != m_profileByName.end())
        return found->second;
    const auto index = static_cast<std::uint32_t>(m_profiles.size());
    m_profiles.emplace_back().name = name;
    m_profileByName.emplace(name, index);
    return index;
}

void ChromeStacks::frame(std::string_view key, const JsonFramer::Record &record)
{
    m_framesSeen = true;
    const std::uint32_t index = frameOf(key);
    if (index == kNone) {
        m_report.skip("too-many-stack-frames", record.offset, record.bytes.size(),
            "more than 300,000 stack frames", record.bytes);
        return;
    }
    std::string name, category, parent;
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [&](ondemand::object &object) {
        return eachField(object, [&](std::string_view field, const JsonScalar &value) {
            if (field == "name")
                name = withinBudget(value.text, record.offset);
            else if (field == "category")
                category = withinBudget(value.text, record.offset);
            else if (field == "parent" && value.text != "null")
                parent = value.text;
        });
    });
    if (error != simdjson::SUCCESS) {
        m_report.skip("malformed-stack-frame", record.offset, record.bytes.size(),
            simdjson::error_message(error), record.bytes);
        return;
    }
    const std::uint32_t parentIndex = parent.empty() ? kNone : frameOf(parent);
    Frame &frame = m_frames[index];
    frame.name = std::move(name);
    frame.category = std::move(category);
    frame.parent = parentIndex;
    frame.defined = true;
    m_report.rowRead();
}

void ChromeStacks::sample(const JsonFramer::Record &record)
{
    Parsed parsed;
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [&](ondemand::object &object) {
        parsed = {};
        return eachField(object, [&](std::string_view field, const JsonScalar &value) {
            if (field == "ts")
                parsed.ts = parseMicros(value.text);
            else if (field == "pid")
                parsed.pid = value;
            else if (field == "tid")
                parsed.tid = value;
            else if (field == "name")
                parsed.name = value.text;
            else if (field == "comm")
                parsed.comm = value.text;
            else if (field == "sf")
                parsed.frame = value.text;
            else if (field == "weight")
                parsed.weight = value.text;
        });
    });
    if (error != simdjson::SUCCESS || !parsed.ts.isKnown()) {
        m_report.skip("malformed-sample", record.offset, record.bytes.size(),
            error != simdjson::SUCCESS ? simdjson::error_message(error) : "sample without a time",
            record.bytes);
        return;
    }
    Sample sample;
    sample.ts = parsed.ts.ns;
    sample.weight = parseLenientDouble(parsed.weight).value_or(1);
    sample.profile = profileOf(parsed.name);
    sample.frame = parsed.frame.empty() ? kNone : frameOf(parsed.frame);
    if (!parsed.pid.text.empty()) {
        sample.thread = m_tracks.place(parsed.pid, parsed.tid, record.offset).thread;
    } else if (!parsed.tid.text.empty() || !parsed.comm.empty()) {
        std::string title(parsed.comm);
        const std::string id = "tid " + std::string(parsed.tid.text);
        title = title.empty() ? id : parsed.tid.text.empty() ? title : title + " (" + id + ")";
        sample.threadText = textOf(title);
    }
    keep(sample, record.offset);
}

void ChromeStacks::sampleEvent(const ChromeEvent &event, ChromeTracks::Place place,
    const std::vector<Attribute> &args)
{
    Sample sample;
    sample.ts = event.ts.ns;
    sample.thread = place.thread;
    sample.profile = profileOf({});
    sample.leaf = event.name.empty() ? kNone : textOf(event.name);
    for (const Attribute &argument : args) {
        if (argument.key != "sf")
            continue;
        if (argument.type == AttributeType::Integer)
            sample.frame = frameOf(std::to_string(argument.integer));
        else if (argument.type == AttributeType::Text)
            sample.frame = frameOf(argument.text);
    }
    keep(sample, event.offset);
}

void ChromeStacks::keep(const Sample &sample, std::uint64_t offset)
{
    if (m_samples.size() >= kMaxSamples) {
        if (!m_framesSeen) {
            m_report.skip("samples-before-frames", offset, 0,
                "more than 1,000,000 samples come before the stack frames they name", {});
            return;
        }
        drain();
    }
    m_report.rowRead();
    Profile &profile = m_profiles[sample.profile];
    profile.weighted |= sample.weight != 1;
    if (profile.first == kUnknownNanos || sample.ts < profile.first)
        profile.first = sample.ts;
    profile.last = std::max(profile.last, sample.ts);
    m_samples.push_back(sample);
}

CallNodeRef ChromeStacks::nodeOf(Profile &profile, std::uint32_t frame)
{
    // Up to a frame that has its node, then down again; a frame met twice closes a circle.
    m_path.clear();
    CallNodeRef node = CallNodeRef::None;
    while (frame != kNone) {
        const auto known = profile.nodes.find(frame);
        if (known != profile.nodes.end() && known->second != CallNodeRef::None) {
            node = known->second;
            break;
        }
        if (known != profile.nodes.end()) {
            m_report.note(IssueSeverity::Notice, "stack-frame-cycle", 0,
                "stack frames are each other's parents; the stack was cut there");
            break;
        }
        profile.nodes.emplace(frame, CallNodeRef::None);
        m_path.push_back(frame);
        frame = m_frames[frame].parent;
    }
    for (auto at = m_path.rbegin(); at != m_path.rend(); ++at) {
        const Frame &f = m_frames[*at];
        FrameRow row;
        row.function = f.defined ? std::string_view(f.name) : std::string_view("(unknown frame)");
        row.module = f.category;
        node = m_sink.callNode(profile.ref, node, m_sink.frame(row));
        profile.nodes[*at] = node;
    }
    return node;
}

void ChromeStacks::emit(const Sample &sample)
{
    Profile &profile = m_profiles[sample.profile];
    if (profile.ref == ProfileRef::None) {
        ProfileRow row;
        row.name = profile.name;
        row.sampleType = profile.name;
        row.unit = profile.weighted ? "weight" : "samples";
        row.startNs = profile.first;
        row.durationNs = saturatingSub(profile.last, profile.first);
        profile.ref = m_sink.profile(row);
    }
    SampleRow row;
    row.profile = profile.ref;
    row.node = sample.frame == kNone ? CallNodeRef::None : nodeOf(profile, sample.frame);
    if (sample.leaf != kNone) {
        FrameRow leaf;
        leaf.function = m_texts[sample.leaf];
        row.node = m_sink.callNode(profile.ref, row.node, m_sink.frame(leaf));
    }
    row.tsNs = sample.ts;
    std::string thread;
    if (sample.thread != kNone)
        thread = m_tracks.threadTitle(sample.thread);
    else if (sample.threadText != kNone)
        thread = m_texts[sample.threadText];
    row.thread = thread;
    row.weight = sample.weight;
    m_sink.sample(row);
}

void ChromeStacks::drain()
{
    for (const Sample &sample : m_samples)
        emit(sample);
    m_samples.clear();
}

void ChromeStacks::threadState(const ChromeEvent &event, ChromeTracks::Place place, AttributeList args)
{
    State state;
    state.ts = event.ts.ns;
    state.duration = std::max<Nanos>(event.duration.ns, 0);
    state.thread = place.thread;
    state.name = textOf(event.name);
    for (const Attribute &argument : args) {
        if (argument.key == "blocked_function" && argument.type == AttributeType::Text)
            state.blockedIn = textOf(argument.text);
    }
    m_states.push_back(state);
    m_report.rowRead();
    if (m_states.size() >= kMaxStates)
        drainStates(false);
}

/// Writes the states at hand. Where more may come, their range is not known yet.
void ChromeStacks::drainStates(bool all)
{
    if (m_states.empty())
        return;
    if (m_stateProfile == ProfileRef::None) {
        ProfileRow row;
        row.name = "thread states";
        row.kind = ProfileKind::Threads;
        row.sampleType = "thread state";
        row.unit = "ns";
        if (all) {
            Nanos first = m_states.front().ts, last = first;
            for (const State &state : m_states) {
                first = std::min(first, state.ts);
                last = std::max(last, saturatingAdd(state.ts, state.duration));
            }
            row.startNs = first;
            row.durationNs = saturatingSub(last, first);
        }
        m_stateProfile = m_sink.profile(row);
    }
    for (const State &state : m_states) {
        FrameRow frame;
        frame.function = text(state.name);
        CallNodeRef node = m_sink.callNode(m_stateProfile, CallNodeRef::None, m_sink.frame(frame));
        if (state.blockedIn != kNone) {
            frame.function = text(state.blockedIn);
            node = m_sink.callNode(m_stateProfile, node, m_sink.frame(frame));
        }
        const std::string thread = m_tracks.threadTitle(state.thread);
        SampleRow row;
        row.profile = m_stateProfile;
        row.node = node;
        row.tsNs = state.ts;
        row.thread = thread;
        row.state = text(state.name);
        row.weight = static_cast<double>(state.duration);
        m_sink.sample(row);
    }
    m_states.clear();
}

void ChromeStacks::finish()
{
    drain();
    drainStates(true);
}

} // namespace tailscope::import::chrome
