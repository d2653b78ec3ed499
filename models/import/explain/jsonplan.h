// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/explain/plandocument.h"
#include "import/importreport.h"

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::explain {

/// Levels of brackets; a level of the plan is two (the node and its "Plans").
inline constexpr std::size_t kMaxJsonDepth = 2 * kMaxPlanDepth + 64;

struct JsonPlans
{
    std::size_t plans = 0; ///< handed to the taker
    /// Strings under "QUERY PLAN": drivers return TEXT as one row a line and JSON as one string.
    std::vector<std::string> rows;
};

/// Reads every plan of EXPLAIN (FORMAT JSON) in a text: arrays of several, auto_explain's object, rows of
/// drivers
/// ([{"QUERY PLAN": [...]}]), several documents with text between. No recursion. What stands before a syntax
/// error or the end of a cut text is taken when it is complete, with an issue that says where. Errors:
/// LimitExceeded (nesting, nodes), BadInput when the text breaks off before anything is complete. `form` is
/// what the messages call the text: transcripts of XML and YAML come through here too.
Result<JsonPlans> parseJsonPlans(std::string_view text, const std::string &subject, ImportReport &report,
    const PlanTaker &take, std::string_view form = "JSON");

} // namespace tailscope::import::explain
