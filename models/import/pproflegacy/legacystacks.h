// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/stacktrie.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tailscope::import::pproflegacy {

/// Samples of a file whose addresses are named at its end, by the map of its binaries or a list of symbols.
class LegacyStacks
{
public:
    static constexpr std::size_t kMaxSamples = 1'000'000;
    static constexpr std::size_t kMaxFrames = 1'000'000;
    static constexpr std::size_t kMaxMappings = 100'000;
    static constexpr std::size_t kMaxValues = 4;
    using Values = std::array<double, kMaxValues>;

    struct Frame
    {
        std::string function, file;
        std::int64_t line = 0;
    };
    /// Numbers of frames for addresses, and for frames that the file names itself.
    std::uint32_t address(std::uint64_t address);
    std::uint32_t named(Frame frame);
    /// frames: innermost first. False past the bound.
    bool add(const std::vector<std::uint32_t> &frames, const Values &values, std::int64_t count,
        std::string thread = {}, std::string state = {});
    /// "00400000-00fcb000: path" or a line of /proc/PID/maps; false when it is neither.
    bool addMapping(std::string_view line);
    void nameAddress(std::uint64_t address, Frame frame);
    std::size_t samples() const { return m_samples.size(); }
    std::size_t mappings() const { return m_mappings.size(); }
    bool cut() const { return m_trie.cut(); }

    /// One profile a row, with the value at the same place of each sample; 0 makes no sample.
    void emit(const std::vector<ProfileRow> &profiles, RowSink &sink);

private:
    struct Sample
    {
        StackTrie::Node node;
        Values values;
        std::int64_t count;
        std::uint32_t label; ///< place in m_labels; 0 = none
    };
    struct Mapping
    {
        std::uint64_t start, end;
        std::string path;
    };
    FrameRef frameRef(std::uint32_t number, RowSink &sink);

    StackTrie m_trie;
    std::vector<Sample> m_samples;
    std::vector<std::pair<std::string, std::string>> m_labels{{}}; ///< thread, state
    std::vector<std::uint64_t> m_addresses; ///< by number; 0 = named
    std::vector<Frame> m_frames; ///< by number
    std::unordered_map<std::uint64_t, std::uint32_t> m_numbers;
    std::unordered_map<std::string, std::uint32_t> m_names;
    std::vector<Mapping> m_mappings;
    std::vector<FrameRef> m_refs;
};

} // namespace tailscope::import::pproflegacy
