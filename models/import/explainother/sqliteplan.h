// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/plandocument.h"
#include "import/importreport.h"

#include <string_view>

namespace tailscope::import::explain {

/// Reads every EXPLAIN QUERY PLAN of SQLite: trees of the shell, tables with id, parent, notused, detail, and
/// rows as Python prints them. The steps become children of a node "QUERY PLAN". Broken lines go to the
/// report.
void parseSqlitePlans(std::string_view text, ImportReport &report, const PlanTaker &take);

/// True when a text holds one.
bool hasSqlitePlan(std::string_view text);

} // namespace tailscope::import::explain
