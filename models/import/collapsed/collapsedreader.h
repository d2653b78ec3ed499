// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/linereader.h"
#include "import/importer.h"

#include <string>
#include <vector>

namespace tailscope::import {

/// Reads collapsed stacks. The first kLookAhead stacks decide what the numbers mean: two numbers on each make
/// a profile "after" (the second) and a profile "before" (the first); whole numbers count samples, others are
/// weights of unknown unit. Limits: 16 MiB a line, kMaxDepth frames a stack (deeper frames are cut off and
/// told).
class CollapsedReader final : public Reader
{
public:
    static constexpr std::size_t kMaxDepth = 10'000;
    static constexpr std::size_t kLookAhead = 256;
    static constexpr std::size_t kLookAheadBytes = 1024 * 1024;

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    /// Frames of the line before: most lines share their head with it, so that only the tail is looked up.
    struct Level
    {
        std::size_t end; ///< of the frame in m_previous
        FrameRef frame;
        CallNodeRef node, beforeNode;
        std::int64_t unnamed = 0; ///< frames without a name up to here
    };
    struct Stored
    {
        std::string text;
        Line line;
    };

    void takeAhead(LineReader &lines, ImportReport &report);
    void start(RowSink &sink, ImportReport &report);
    void takeLine(const Line &line, RowSink &sink, ImportReport &report);
    void takeStack(std::string_view stack, const Line &line, RowSink &sink, ImportReport &report);
    void addLevel(std::string_view frame, std::size_t end, RowSink &sink);
    void emit(double weight, double before, RowSink &sink);

    std::vector<Stored> m_ahead;
    bool m_diff = false;
    bool m_counts = false; ///< weights are numbers of samples
    ProfileRef m_profile = ProfileRef::None, m_before = ProfileRef::None;
    std::string m_previous, m_clean;
    std::vector<Level> m_levels;
    std::string m_thread;
};

} // namespace tailscope::import
