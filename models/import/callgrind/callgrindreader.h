// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/callgrind/callgraph.h"
#include "import/common/linereader.h"
#include "import/importer.h"

#include <array>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::import {

/// Reads the output of callgrind.
class CallgrindReader final : public Reader
{
public:
    static constexpr std::size_t kMaxFunctions = 1'000'000;
    static constexpr std::size_t kMaxEvents = 32;
    static constexpr std::size_t kMaxName = 4096;
    static constexpr std::size_t kMaxNames = 64 * 1024 * 1024; ///< bytes of all

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    enum Names { Objects, Files, Functions };
    struct Function
    {
        std::uint32_t object, file, name;
    };

    void takeLine(const Line &line, ImportReport &report);
    bool takeHeader(std::string_view text);
    bool takeName(std::string_view text, ImportReport &report, const Line &line);
    bool takeCost(std::string_view text);
    bool takeCalls(std::string_view text);
    bool readColumns(std::string_view text, std::size_t positions);
    std::uint32_t nameOf(Names kind, std::string_view text);
    std::uint32_t intern(std::string_view text);
    std::uint32_t functionOf(std::uint32_t object, std::uint32_t file, std::uint32_t name);
    void emit(RowSink &sink, ImportReport &report);
    void emitEvent(std::size_t event, const std::vector<FrameRef> &frames, RowSink &sink,
        ImportReport &report);

    std::vector<std::string> m_events;
    std::size_t m_positions = 1;
    std::vector<std::string> m_texts{""};
    std::unordered_map<std::string, std::uint32_t> m_textIndexes{{"", 0}};
    std::array<std::unordered_map<std::uint64_t, std::uint32_t>, 3> m_names; ///< compressed names
    std::map<std::array<std::uint32_t, 3>, std::uint32_t> m_functionIndexes;
    std::vector<Function> m_functions;
    callgrind::CallGraph m_graph;

    std::uint32_t m_object = 0, m_file = 0, m_name = 0;
    std::uint32_t m_calledObject = 0, m_calledFile = 0, m_calledName = 0;
    bool m_hasFunction = false, m_hasCalledObject = false, m_hasCalledFile = false, m_hasCalled = false;
    bool m_afterCalls = false, m_afterJump = false;
    std::vector<double> m_columns; ///< of the last cost line: positions, costs
    std::vector<double> m_costs;
    std::int64_t m_costLines = 0;
    std::size_t m_nameBytes = 0;
    bool m_tooMany = false; ///< functions, calls or names
};

} // namespace tailscope::import
