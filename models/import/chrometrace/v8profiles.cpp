// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/v8profiles.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::import::chrome {

namespace {

constexpr std::size_t kMaxNameBytes = 4096;

std::int64_t integerOf(const JsonScalar &scalar) { return parseInt64(scalar.text).value_or(0); }

} // namespace

/// What one event says besides its nodes.
struct V8Profiles::Read
{
    Nanos start = kUnknownNanos, end = kUnknownNanos;
    bool headTree = false;
    bool lines = false; ///< of the samples
};

bool V8Profiles::isProfileEvent(const ChromeEvent &event)
{
    if (event.name == "CpuProfile")
        return true;
    return event.phase == 'P' && (event.name == "Profile" || event.name == "ProfileChunk");
}

simdjson::error_code V8Profiles::readNumbers(ondemand::value &value, std::vector<std::int64_t> &out)
{
    ondemand::array array;
    if (auto error = value.get_array().get(array))
        return error;
    for (auto item : array) {
        ondemand::value number;
        if (auto error = std::move(item).get(number))
            return error;
        JsonScalar scalar;
        if (auto error = readScalar(number, scalar))
            return error;
        out.push_back(parseScaledDecimal(scalar.text, 1).value_or(0));
    }
    return simdjson::SUCCESS;
}

simdjson::error_code V8Profiles::readNode(ondemand::object &object, Profile &profile)
{
    std::int64_t id = 0;
    Node node;
    FrameRow frame;
    const auto readFrameField = [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
        JsonScalar scalar;
        const auto error = readScalar(value, scalar);
        if (error != simdjson::SUCCESS)
            return error == simdjson::INCORRECT_TYPE ? simdjson::SUCCESS : error;
        if (key == "functionName")
            frame.function = utf8Prefix(scalar.text, kMaxNameBytes);
        else if (key == "url")
            frame.file = utf8Prefix(scalar.text, kMaxNameBytes);
        else if (key == "lineNumber")
            frame.line = std::max<std::int64_t>(integerOf(scalar) + 1, 0);
        else if (key == "id")
            id = integerOf(scalar);
        else if (key == "parent")
            node.parent = integerOf(scalar), node.hasParent = true;
        return simdjson::SUCCESS;
    };
    m_ids.clear();
    for (auto item : object) {
        ondemand::field field;
        std::string_view key;
        if (auto error = readField(std::move(item), field, key))
            return error;
        if (key == "callFrame" && valueStart(field.value()) == '{') {
            ondemand::object call;
            if (auto error = field.value().get_object().get(call))
                return error;
            for (auto part : call) {
                ondemand::field inner;
                if (auto error = readField(std::move(part), inner, key))
                    return error;
                if (auto error = readFrameField(key, inner.value()))
                    return error;
            }
        } else if (key == "children" && valueStart(field.value()) == '[') {
            if (auto error = readNumbers(field.value(), m_ids))
                return error;
        } else if (auto error = readFrameField(key, field.value())) {
            return error;
        }
    }
    for (const std::int64_t child : m_ids) {
        Node &known = profile.nodes[child];
        known.parent = id;
        known.hasParent = true;
    }
    Node &known = profile.nodes[id];
    m_nodeCount += known.known ? 0 : 1;
    if (node.hasParent) {
        known.parent = node.parent;
        known.hasParent = true;
    }
    known.known = true;
    known.isRoot = frame.function == "(root)";
    known.onTop = frame.function == "(garbage collector)" || frame.function == "(program)";
    if (frame.function.empty())
        frame.function = "(anonymous)";
    known.frame = m_sink.frame(frame);
    return simdjson::SUCCESS;
}

simdjson::error_code V8Profiles::readNodes(ondemand::array &array, Profile &profile)
{
    for (auto item : array) {
        ondemand::object object;
        ondemand::value value;
        if (auto error = std::move(item).get(value))
            return error;
        if (auto error = value.get_object().get(object))
            return error;
        if (m_nodeCount >= kMaxNodes) {
            m_report.note(IssueSeverity::DataLoss, "too-many-profile-nodes", 0,
                "more than 1,000,000 nodes of CPU profiles: further ones were left out");
            return simdjson::SUCCESS;
        }
        if (auto error = readNode(object, profile))
            return error;
    }
    return simdjson::SUCCESS;
}

simdjson::error_code V8Profiles::readCpuProfile(ondemand::object &object, Profile &profile, Read &read)
{
    std::vector<std::int64_t> samples, deltas;
    for (auto item : object) {
        ondemand::field field;
        std::string_view key;
        if (auto error = readField(std::move(item), field, key))
            return error;
        ondemand::value &value = field.value();
        const char start = valueStart(value);
        if (key == "nodes" && start == '[') {
            ondemand::array nodes;
            if (auto error = value.get_array().get(nodes))
                return error;
            if (auto error = readNodes(nodes, profile))
                return error;
        } else if (key == "samples" && start == '[') {
            if (auto error = readNumbers(value, samples))
                return error;
        } else if (key == "timeDeltas" && start == '[') {
            if (auto error = readNumbers(value, deltas))
                return error;
        } else if ((key == "startTime" || key == "endTime") && start != '{' && start != '[') {
            JsonScalar scalar;
            if (auto error = readScalar(value, scalar))
                return error;
            const EventTime time = parseMicros(scalar.text);
            if (time.isKnown())
                (key == "startTime" ? read.start : read.end) = time.ns;
        } else if (key == "head" && start == '{') {
            read.headTree = true;
        }
    }
    m_ids.swap(samples);
    if (!deltas.empty())
        m_deltas.swap(deltas);
    return simdjson::SUCCESS;
}

simdjson::error_code V8Profiles::readData(ondemand::object &object, Profile &profile, Read &read)
{
    std::vector<std::int64_t> samples;
    for (auto item : object) {
        ondemand::field field;
        std::string_view key;
        if (auto error = readField(std::move(item), field, key))
            return error;
        ondemand::value &value = field.value();
        const char start = valueStart(value);
        if (key == "cpuProfile" && start == '{') {
            ondemand::object cpu;
            if (auto error = value.get_object().get(cpu))
                return error;
            if (auto error = readCpuProfile(cpu, profile, read))
                return error;
            samples.swap(m_ids);
        } else if (key == "timeDeltas" && start == '[') {
            m_deltas.clear();
            if (auto error = readNumbers(value, m_deltas))
                return error;
        } else if (key == "lines" && start == '[') {
            read.lines = true;
        } else if ((key == "startTime" || key == "endTime") && start != '{' && start != '[') {
            JsonScalar scalar;
            if (auto error = readScalar(value, scalar))
                return error;
            const EventTime time = parseMicros(scalar.text);
            if (time.isKnown())
                (key == "startTime" ? read.start : read.end) = time.ns;
        }
    }
    m_ids.swap(samples);
    return simdjson::SUCCESS;
}

void V8Profiles::add(const ChromeEvent &event, ChromeTracks::Place place, std::string_view data)
{
    std::string key = std::to_string(place.process);
    key.append(1, '\x1f').append(utf8Prefix(event.id.value.text, kMaxNameBytes));
    if (m_profiles.size() >= kMaxProfiles && !m_profiles.contains(key)) {
        m_report.skip("too-many-profiles", event.offset, event.bytes.size(), "more than 10,000 CPU profiles",
            event.bytes);
        return;
    }
    const auto inserted = m_profiles.try_emplace(key);
    Profile &profile = inserted.first->second;
    // The start event is recorded on the thread that is profiled; chunks come from the profiler's own.
    if (inserted.second || event.name != "ProfileChunk")
        profile.thread = place.thread;
    m_ids.clear();
    m_deltas.clear();
    Read read;
    ondemand::document document;
    ondemand::object object;
    simdjson::error_code error
        = m_parser.iterate(data.data(), data.size(), data.size() + simdjson::SIMDJSON_PADDING).get(document);
    if (error == simdjson::SUCCESS)
        error = document.get_object().get(object);
    if (error == simdjson::SUCCESS)
        error = readData(object, profile, read);
    if (error != simdjson::SUCCESS) {
        m_report.skip("malformed-profile", event.offset, event.bytes.size(),
            "CPU profile event: " + std::string(simdjson::error_message(error)), event.bytes);
        return;
    }
    m_report.rowRead();
    if (read.headTree)
        m_report.note(IssueSeverity::DataLoss, "profile-head-tree", event.offset,
            "a CPU profile in the old form with nested nodes was not read");
    if (read.lines)
        m_report.note(IssueSeverity::Info, "profile-lines", event.offset,
            "the source line of each sample of a CPU profile was left out; its frames have the line of the "
            "function");
    if (read.start != kUnknownNanos)
        profile.start = read.start;
    if (read.end != kUnknownNanos)
        profile.end = std::max(profile.end, read.end);
    if (m_ids.size() != m_deltas.size())
        m_report.note(IssueSeverity::Notice, "profile-lengths-differ", event.offset,
            "samples and timeDeltas of a CPU profile differ in number; the shorter counts");
    Chunk chunk;
    chunk.ts = event.ts.ns;
    const std::size_t n = std::min(m_ids.size(), m_deltas.size());
    chunk.samples.reserve(n);
    for (std::size_t i = 0; i < n; ++i)
        chunk.samples.push_back({m_ids[i], parseMicros(std::to_string(m_deltas[i])).ns});
    if (n > 0)
        profile.chunks.push_back(std::move(chunk));
    m_waiting += n;
    if (m_waiting > kMaxSamples) {
        for (auto &[id, waiting] : m_profiles)
            drain(waiting, false);
        m_waiting = 0;
    }
}

CallNodeRef V8Profiles::nodeOf(Profile &profile, std::int64_t id)
{
    m_path.clear();
    CallNodeRef node = CallNodeRef::None;
    for (;;) {
        const auto found = profile.nodes.find(id);
        if (found == profile.nodes.end() || !found->second.known || found->second.isRoot)
            break;
        if (found->second.made) {
            node = found->second.node;
            break;
        }
        // Marked on the way up: a node met again closes a circle.
        found->second.made = true;
        m_path.push_back(id);
        if (!found->second.hasParent)
            break;
        id = found->second.parent;
    }
    for (auto at = m_path.rbegin(); at != m_path.rend(); ++at) {
        Node &n = profile.nodes.find(*at)->second;
        node = m_sink.callNode(profile.ref, node, n.frame);
        n.node = node;
    }
    return node;
}

void V8Profiles::write(Profile &profile, const Timed &sample, Nanos weight)
{
    const auto found = profile.nodes.find(sample.node);
    SampleRow row;
    row.profile = profile.ref;
    if (found != profile.nodes.end() && found->second.onTop && profile.lastStack != CallNodeRef::None) {
        row.node = m_sink.callNode(profile.ref, profile.lastStack, found->second.frame);
    } else {
        row.node = nodeOf(profile, sample.node);
        profile.lastStack = row.node;
    }
    const std::string thread = m_tracks.threadTitle(profile.thread);
    row.thread = thread;
    row.tsNs = sample.ts;
    row.weight = static_cast<double>(std::max<Nanos>(weight, 0));
    m_sink.sample(row);
}

/// Writes the samples at hand; the last one waits for the time of its successor unless `all`.
void V8Profiles::drain(Profile &profile, bool all)
{
    if (profile.chunks.empty() && (!all || profile.carry.empty()))
        return;
    std::stable_sort(profile.chunks.begin(), profile.chunks.end(),
        [](const Chunk &a, const Chunk &b) { return a.ts < b.ts; });
    if (profile.clock == kUnknownNanos)
        profile.clock = profile.start != kUnknownNanos ? profile.start : profile.chunks.front().ts;
    std::vector<Timed> samples;
    samples.swap(profile.carry);
    for (const Chunk &chunk : profile.chunks) {
        for (const RawSample &sample : chunk.samples) {
            profile.clock = saturatingAdd(profile.clock, sample.delta);
            profile.lastDelta = sample.delta;
            samples.push_back({profile.clock, sample.node});
        }
    }
    profile.chunks.clear();
    std::stable_sort(samples.begin(), samples.end(),
        [](const Timed &a, const Timed &b) { return a.ts < b.ts; });
    if (profile.ref == ProfileRef::None) {
        const std::string name = "CPU profile of " + m_tracks.threadTitle(profile.thread);
        ProfileRow row;
        row.name = name;
        row.sampleType = "cpu";
        row.unit = "ns";
        row.startNs = profile.start != kUnknownNanos ? profile.start : samples.front().ts;
        if (profile.end != kUnknownNanos && profile.end >= row.startNs)
            row.durationNs = saturatingSub(profile.end, row.startNs);
        profile.ref = m_sink.profile(row);
    }
    for (std::size_t i = 0; i + 1 < samples.size(); ++i)
        write(profile, samples[i], saturatingSub(samples[i + 1].ts, samples[i].ts));
    const Timed last = samples.back();
    if (!all)
        profile.carry.push_back(last);
    else if (profile.end != kUnknownNanos && profile.end > last.ts)
        write(profile, last, saturatingSub(profile.end, last.ts));
    else
        write(profile, last, profile.lastDelta);
}

void V8Profiles::finish()
{
    for (auto &[id, profile] : m_profiles)
        drain(profile, true);
}

} // namespace tailscope::import::chrome
