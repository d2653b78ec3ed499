// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonpull.h"
#include "import/common/stacktrie.h"
#include "import/importreport.h"

#include <optional>
#include <string>
#include <vector>

namespace tailscope::import::speedscope {

/// What the profiles of a file share while they wait for the names of their frames.
struct Waiting
{
    /// Samples of all profiles that may wait. Past them the samples of a profile are summed by stack, without
    /// their times; where that does not help, further ones are left out. Both are told.
    std::size_t maxSamples = 4'000'000;
    std::size_t samples = 0;
    StackTrie trie;
};

/// One entry of "profiles", as the file says it: frames are numbers, values are in the file's unit.
class Profile
{
public:
    /// Samples of one profile whose weights are still to come.
    static constexpr std::size_t kMaxUnpaired = 8'000'000;

    explicit Profile(Waiting &waiting)
        : m_waiting(waiting)
    {}

    /// At the ObjectStart of the profile; returns behind its end, or where the input ends.
    void read(JsonPull &pull, ImportReport &report);
    /// frames: by number; a frame beyond them gets a name that says so.
    void emit(std::vector<FrameRef> &frames, std::string_view fallbackName, RowSink &sink,
        ImportReport &report);

private:
    struct Sample
    {
        StackTrie::Node node;
        std::uint32_t count;
        double at, weight; ///< at: unknown (NaN) once summed
    };
    struct Event
    {
        bool open = false, typed = false;
        std::optional<std::uint32_t> frame;
        std::optional<double> at;
    };
    struct Level
    {
        std::uint32_t frame;
        StackTrie::Node node;
    };

    bool readEvent(JsonPull &pull, Event &event);
    void readEvents(JsonPull &pull, ImportReport &report);
    void takeEvent(const Event &event, JsonPull &pull, ImportReport &report);
    void closeFrame(const Event &event, JsonPull &pull, ImportReport &report);
    void readSamples(JsonPull &pull, ImportReport &report);
    void readWeights(JsonPull &pull, ImportReport &report);
    void finish(ImportReport &report);
    void passTime(double at, ImportReport &report);
    void pairSamples(ImportReport &report);
    bool makeRoom(ImportReport &report);
    void add(StackTrie::Node node, double at, double weight, ImportReport &report);

    Waiting &m_waiting;
    std::string m_type, m_name, m_unit;
    std::uint64_t m_offset = 0;
    std::optional<double> m_start, m_end;
    std::vector<Sample> m_samples;
    bool m_full = false; ///< summing made no room
    // evented
    std::vector<Level> m_stack;
    std::optional<double> m_now;
    // sampled
    std::vector<StackTrie::Node> m_stacks;
    std::vector<double> m_weights;
};

} // namespace tailscope::import::speedscope
