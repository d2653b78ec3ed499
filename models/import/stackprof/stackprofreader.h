// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonpull.h"
#include "import/common/stacktrie.h"
#include "import/importer.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::import {

/// Reads a dump of stackprof. Runs of equal stacks wait for the times, which come last.
class StackprofReader final : public Reader
{
public:
    static constexpr std::size_t kMaxRuns = 4'000'000;
    static constexpr std::size_t kMaxTimes = 4'000'000;
    static constexpr std::size_t kMaxFrames = 1'000'000;

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    struct Run
    {
        StackTrie::Node node;
        std::int64_t count;
    };
    struct Frame
    {
        FrameRef ref = FrameRef::None;
        std::uint64_t address = 0;
        std::int64_t samples = 0;
    };

    void readTop(JsonPull &pull, RowSink &sink, ImportReport &report);
    void readFrames(JsonPull &pull, RowSink &sink, ImportReport &report);
    void readFrame(JsonPull &pull, std::uint64_t address, RowSink &sink);
    void readRaw(JsonPull &pull, ImportReport &report);
    static void readTimes(JsonPull &pull, std::vector<std::int64_t> &out, ImportReport &report);
    std::uint32_t indexOf(std::uint64_t address);

    void emit(RowSink &sink, ImportReport &report);
    void emitFlat(ProfileRef profile, double scale, RowSink &sink, ImportReport &report);
    void emitRuns(ProfileRef profile, double scale, RowSink &sink, ImportReport &report);
    FrameRef frameOf(std::uint32_t index, RowSink &sink, ImportReport &report);

    std::string m_mode;
    std::int64_t m_interval = 0, m_missed = 0;
    std::unordered_map<std::uint64_t, std::uint32_t> m_indexes;
    std::vector<Frame> m_frames;
    StackTrie m_trie;
    std::vector<Run> m_runs;
    std::vector<std::int64_t> m_deltas, m_timestamps; ///< us
    bool m_found = false;
};

} // namespace tailscope::import
