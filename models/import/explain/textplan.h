// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/explain/frames.h"
#include "import/explain/plandocument.h"
#include "import/importreport.h"

namespace tailscope::import::explain {

/// Reads every plan of a text in EXPLAIN's TEXT form, with or without costs, of PostgreSQL 8 to 18, and hands
/// each to `take` when it is complete. Text around plans is passed over. Broken parts go to the report with
/// their line. Errors: LimitExceeded. A text without any plan is no error here: nothing is taken.
Result<void> parseTextPlans(const UnframedText &text, ImportReport &report, const PlanTaker &take);

} // namespace tailscope::import::explain
