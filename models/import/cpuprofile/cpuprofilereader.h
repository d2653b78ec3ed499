// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonpull.h"
#include "import/importer.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::import {

/// Reads a CPU profile of V8: nodes and samples wait until the document ends, as their times may come last.
class CpuProfileReader final : public Reader
{
public:
    static constexpr std::size_t kMaxNodes = 1'000'000;
    static constexpr std::size_t kMaxSamples = 4'000'000;
    static constexpr std::size_t kMaxDepth = 10'000;

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;
    struct Node
    {
        FrameRef frame = FrameRef::None;
        std::uint32_t parent = kNone; ///< index
        std::uint32_t depth = 0;
        bool known = false, root = false, onTop = false, made = false;
        CallNodeRef ref = CallNodeRef::None;
        double hits = 0;
    };
    struct Timed
    {
        Nanos ts;
        std::uint32_t node;
    };

    void readTop(JsonPull &pull, RowSink &sink, ImportReport &report);
    void readNodes(JsonPull &pull, RowSink &sink, ImportReport &report);
    bool readNode(JsonPull &pull, RowSink &sink);
    void readHead(JsonPull &pull, RowSink &sink, ImportReport &report);
    void readIds(JsonPull &pull, ImportReport &report);
    void readTimes(JsonPull &pull, std::vector<Nanos> &out, ImportReport &report);
    std::uint32_t indexOf(std::int64_t id);
    void setFrame(Node &node, std::string function, std::string_view file, std::int64_t line, RowSink &sink);

    std::vector<Timed> timedSamples(ImportReport &report);
    void emit(RowSink &sink, ImportReport &report);
    void emitHits(RowSink &sink, ImportReport &report);
    void write(const Timed &sample, Nanos weight, RowSink &sink, ImportReport &report);
    CallNodeRef callNodeOf(std::uint32_t index, RowSink &sink, ImportReport &report);

    std::vector<Node> m_nodes;
    std::unordered_map<std::int64_t, std::uint32_t> m_indexes;
    std::vector<std::uint32_t> m_samples;
    std::vector<Nanos> m_deltas, m_timestamps;
    Nanos m_start = kUnknownNanos, m_end = kUnknownNanos;
    bool m_found = false, m_oldForm = false;
    ProfileRef m_profile = ProfileRef::None;
    CallNodeRef m_lastStack = CallNodeRef::None;
    std::vector<std::uint32_t> m_path;
};

} // namespace tailscope::import
