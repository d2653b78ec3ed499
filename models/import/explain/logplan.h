// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/explain/plandocument.h"
#include "import/importreport.h"

#include <string>
#include <string_view>

namespace tailscope::import::explain {

/// Reads the plan of one record of auto_explain, in any of the four forms: the text behind "plan:", without
/// prefix and tabs of a log, well-formed UTF-8. Nothing is unframed: a log has no frames. Errors: as the
/// parsers of the forms; none when there is no plan, nothing is taken then.
Result<void> parseLoggedPlan(std::string_view text, const std::string &subject, ImportReport &report,
    const PlanTaker &take);

} // namespace tailscope::import::explain
