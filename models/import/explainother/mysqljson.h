// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/explain/plandocument.h"
#include "import/importreport.h"

#include <string>
#include <string_view>

namespace tailscope::import::explain {

/// Reads every document of EXPLAIN FORMAT=JSON of MySQL (both versions) and MariaDB. Members that come twice
/// (MariaDB before 10.9 repeats "table") are all taken. Depth limit: 1,000 levels of brackets. Errors:
/// BadInput with line and column when nothing is complete, LimitExceeded.
Result<void> parseMysqlJson(std::string_view text, const std::string &subject, ImportReport &report,
    const PlanTaker &take);

/// True when a text holds a key that only this form has.
bool hasMysqlJson(std::string_view text);

} // namespace tailscope::import::explain
