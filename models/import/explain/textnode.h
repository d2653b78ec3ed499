// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/plandocument.h"

#include <optional>
#include <string_view>

namespace tailscope::import::explain {

/// The figures at the end of a node line: "(cost=..)", "(actual ..)", "(never executed)".
struct NodeFigures
{
    std::string_view head; ///< the line before them
    bool hasCost = false, hasActual = false, neverExecuted = false;
    std::optional<double> startupCost, totalCost, planRows, startupMs, totalMs, actualRows, loops;
    std::optional<std::int64_t> planWidth;
};

/// Reads the figures from the end: names and filters may hold the same text.
NodeFigures splitFigures(std::string_view line);

/// True for a line that is a node without needing its arrow: it ends in figures, or it is a known node name
/// with what may stand after it. Used for the first line of a plan.
bool looksLikeNode(std::string_view line);
/// "Update on", "Foreign Delete on"...: names the tables of a ModifyTable on lines of their own.
bool looksLikeTarget(std::string_view line);

/// Fills a node from its line (without indentation and arrow) in the terms of EXPLAIN (FORMAT JSON):
/// "Finalize GroupAggregate" is Aggregate with Strategy and Partial Mode. False: the line ends in broken
/// figures.
bool parseNodeLine(ParsedPlan &plan, PlanNode &node, std::string_view line);

/// Relation and alias of "Update on public.t x" as a JSON object's members.
void parseTarget(std::string_view line, JsonMembers &members);

} // namespace tailscope::import::explain
