// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/explain/frames.h"
#include "import/explain/plandocument.h"
#include "import/importreport.h"

#include <string>

namespace tailscope::import::explain {

/// Reads every plan of EXPLAIN (FORMAT YAML) in a text without its frame. EXPLAIN writes a small part of
/// YAML: indented "key: value", "- " items, strings in double quotes, lists of strings in brackets. Anything
/// else (anchors, aliases, tags, block scalars) is taken as plain text, never followed. Errors: as
/// parseJsonPlans(); nesting past the limit.
Result<void> parseYamlPlans(const UnframedText &text, const std::string &subject, ImportReport &report,
    const PlanTaker &take);

} // namespace tailscope::import::explain
