// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/planfacts.h"

namespace tailscope::analysis {

/// One line of "read it in 30 seconds": a question every plan is asked, its answer and where to look.
struct PlanCheck
{
    enum class Kind { Time, Estimate, Removed, Spill, Reads, Loops, Workers, Overhead, Outside, Nothing };
    enum class State { Good, Unknown, Notice, Warning };
    Kind kind = Kind::Time;
    State state = State::Good;
    std::string title; ///< "Biggest misestimate"
    std::string value; ///< "orders: 1,200 x more rows than planned"
    std::string detail; ///< how it is computed, or what to do to know
    std::vector<int> nodes; ///< the first is where to look
};

/// The answers in the order they are read. What the plan does not tell is State::Unknown and says what to
/// run. When nothing is above its threshold, a last line says that there is nothing to gain. Pure; works on
/// completed facts.
std::vector<PlanCheck> planChecklist(const PlanFacts &facts);

} // namespace tailscope::analysis
