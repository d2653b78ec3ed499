// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/explain/plandocument.h"
#include "import/importreport.h"

#include <string>
#include <string_view>

namespace tailscope::import::explain {

/// Reads every plan of EXPLAIN (FORMAT XML) in a text: one or more <explain> elements with anything between
/// them. What is complete before a cut or a syntax error is taken, with an issue that says where. Document
/// types (and so entities) are refused. Errors: as parseJsonPlans().
Result<void> parseXmlPlans(std::string_view text, const std::string &subject, ImportReport &report,
    const PlanTaker &take);

} // namespace tailscope::import::explain
