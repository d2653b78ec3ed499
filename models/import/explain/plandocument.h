// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/rows.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::explain {

/// Bounds of one plan. A plan past the first two is refused, never cut: half a tree has wrong self times.
inline constexpr std::size_t kMaxPlanDepth = 10'000; ///< levels of nodes
inline constexpr std::size_t kMaxPlanNodes = 100'000;
inline constexpr std::size_t kMaxSourceText = 1 << 20; ///< bytes of PlanRow::sourceText

/// Keeps copies of strings; views stay valid as long as the arena lives.
class TextArena
{
public:
    std::string_view keep(std::string_view text);

private:
    std::vector<std::unique_ptr<char[]>> m_blocks;
    char *m_free = nullptr;
    std::size_t m_left = 0;
};

/// Members of a JSON object in the order they come: "extra" of nodes, workers and plans.
class JsonMembers
{
public:
    void text(std::string_view key, std::string_view value);
    /// `value` is JSON already: a number, true, an array...
    void json(std::string_view key, std::string_view value);
    bool has(std::string_view key) const;
    bool isEmpty() const { return m_text.empty(); }
    /// "{...}", or "" without members.
    std::string object() const { return m_text.empty() ? std::string() : m_text + '}'; }

private:
    std::string m_text; ///< "{" and the members, without the closing bracket
};

struct PlanWorker
{
    PlanWorkerRow row;
    JsonMembers extra;
};

/// A node as one PlanNodeRow. Until finishPlan() rows and removed rows are what EXPLAIN prints: averages per
/// loop.
struct PlanNode
{
    PlanNodeRow row;
    JsonMembers extra;
    std::vector<PlanWorker> workers;
};

/// One plan with nodes in pre-order. Strings of the rows live in the arena.
struct ParsedPlan
{
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    std::unique_ptr<TextArena> arena = std::make_unique<TextArena>();
    std::string_view engine = "postgresql"; ///< of PlanRow
    std::string_view queryText, format;
    std::string_view serverVersion; ///< set by who knows it: a log
    Nanos capturedAtNs = kUnknownNanos; ///< likewise
    double planningMs = kUnknown, executionMs = kUnknown, durationMs = kUnknown;
    JsonMembers settings, extra;
    std::deque<PlanNode> nodes; ///< never moved: a node is large
    std::vector<PlanTriggerRow> triggers;
    std::string_view sourceText; ///< slice of the input, cut to kMaxSourceText by the emitter
    std::int64_t firstLine = 1; ///< line of the input where sourceText begins
};

/// Takes finished plans in the order of the input.
using PlanTaker = std::function<void(ParsedPlan &&)>;

/// Ids, depths and positions from the parents; rows become totals over loops.
void finishPlan(ParsedPlan &plan);

} // namespace tailscope::import::explain
