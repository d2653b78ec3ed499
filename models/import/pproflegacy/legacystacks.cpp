// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pproflegacy/legacystacks.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>

namespace tailscope::import::pproflegacy {

namespace {

constexpr std::uint32_t kPastBound = 0; ///< "(further frames)"

std::string hexText(std::uint64_t value)
{
    char digits[16];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value, 16).ptr;
    return "0x" + std::string(std::begin(digits), end);
}

} // namespace

std::uint32_t LegacyStacks::named(Frame frame)
{
    if (m_frames.empty()) {
        m_frames.push_back({"(further frames)", {}, 0});
        m_addresses.push_back(0);
    }
    const std::string key = frame.function + '\n' + frame.file + '\n' + std::to_string(frame.line);
    if (const auto known = m_names.find(key); known != m_names.end())
        return known->second;
    if (m_frames.size() >= kMaxFrames)
        return kPastBound;
    const auto number = static_cast<std::uint32_t>(m_frames.size());
    m_names.emplace(key, number);
    m_frames.push_back(std::move(frame));
    m_addresses.push_back(0);
    return number;
}

std::uint32_t LegacyStacks::address(std::uint64_t address)
{
    if (m_frames.empty()) {
        m_frames.push_back({"(further frames)", {}, 0});
        m_addresses.push_back(0);
    }
    if (const auto known = m_numbers.find(address); known != m_numbers.end())
        return known->second;
    if (m_frames.size() >= kMaxFrames)
        return kPastBound;
    const auto number = static_cast<std::uint32_t>(m_frames.size());
    m_numbers.emplace(address, number);
    m_frames.emplace_back();
    m_addresses.push_back(address);
    return number;
}

void LegacyStacks::nameAddress(std::uint64_t address, Frame frame)
{
    const auto known = m_numbers.find(address);
    if (known != m_numbers.end())
        m_frames[known->second] = std::move(frame);
}

bool LegacyStacks::add(const std::vector<std::uint32_t> &frames, const Values &values, std::int64_t count,
    std::string thread, std::string state)
{
    if (m_samples.size() >= kMaxSamples)
        return false;
    StackTrie::Node node = StackTrie::kRoot;
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame)
        node = m_trie.child(node, *frame);
    std::uint32_t label = 0;
    if (!thread.empty() || !state.empty()) {
        label = static_cast<std::uint32_t>(m_labels.size());
        m_labels.emplace_back(std::move(thread), std::move(state));
    }
    m_samples.push_back({node, values, count, label});
    return true;
}

bool LegacyStacks::addMapping(std::string_view line)
{
    line = trimmed(line);
    const std::size_t dash = line.find('-');
    const std::size_t end
        = std::min(line.find_first_of(": ", dash == std::string_view::npos ? 0 : dash), line.size());
    if (dash == std::string_view::npos || dash > end)
        return false;
    const auto bare = [](std::string_view text) { return text.starts_with("0x") ? text.substr(2) : text; };
    const auto from = parseHex64(bare(line.substr(0, dash)));
    const auto to = parseHex64(bare(line.substr(dash + 1, end - dash - 1)));
    if (!from || !to || *to <= *from)
        return false;
    std::string_view path;
    if (end < line.size() && line[end] == ':') {
        path = trimmed(line.substr(end + 1));
    } else {
        // permissions, offset, device, inode, path
        std::string_view rest = line.substr(end);
        std::string_view word;
        for (int i = 0; i < 4; ++i) {
            rest = trimmed(rest);
            const std::size_t blank = std::min(rest.find(' '), rest.size());
            word = rest.substr(0, blank);
            if (i == 0 && word.find('x') == std::string_view::npos)
                return true; // no code in it
            rest.remove_prefix(blank);
        }
        path = trimmed(rest);
    }
    if (!path.empty() && m_mappings.size() < kMaxMappings)
        m_mappings.push_back({*from, *to, std::string(utf8Prefix(path, 4096))});
    return true;
}

FrameRef LegacyStacks::frameRef(std::uint32_t number, RowSink &sink)
{
    m_refs.resize(m_frames.size(), FrameRef::None);
    if (m_refs[number] != FrameRef::None)
        return m_refs[number];
    const Frame &frame = m_frames[number];
    FrameRow row;
    row.function = frame.function;
    row.file = frame.file;
    row.line = frame.line;
    std::string name;
    if (frame.function.empty()) {
        const std::uint64_t address = m_addresses[number];
        const auto mapping = std::find_if(m_mappings.begin(), m_mappings.end(),
            [&](const Mapping &one) { return address >= one.start && address < one.end; });
        name = hexText(address);
        if (mapping != m_mappings.end()) {
            row.module = mapping->path;
            const std::size_t slash = mapping->path.rfind('/');
            name = mapping->path.substr(slash == std::string::npos ? 0 : slash + 1) + '+' + name;
        }
        row.function = name;
    }
    return m_refs[number] = sink.frame(row);
}

void LegacyStacks::emit(const std::vector<ProfileRow> &profiles, RowSink &sink)
{
    for (std::size_t i = 0; i < profiles.size() && i < kMaxValues; ++i) {
        const ProfileRef profile = sink.profile(profiles[i]);
        m_trie.forgetRefs();
        CallNodeRef noStack = CallNodeRef::None;
        for (const Sample &sample : m_samples) {
            if (sample.values[i] == 0)
                continue;
            SampleRow row;
            row.profile = profile;
            row.node = m_trie.resolve(sample.node, [&](CallNodeRef parent, std::uint32_t frame) {
                return sink.callNode(profile, parent, frameRef(frame, sink));
            });
            if (row.node == CallNodeRef::None) {
                if (noStack == CallNodeRef::None) {
                    FrameRow frame;
                    frame.function = "(no stack)";
                    noStack = sink.callNode(profile, CallNodeRef::None, sink.frame(frame));
                }
                row.node = noStack;
            }
            row.thread = m_labels[sample.label].first;
            row.state = m_labels[sample.label].second;
            row.weight = sample.values[i];
            row.count = sample.count;
            sink.sample(row);
        }
    }
}

} // namespace tailscope::import::pproflegacy
