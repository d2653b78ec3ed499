// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/plandocument.h"
#include "import/importreport.h"

#include <string_view>

namespace tailscope::import::explain {

/// Reads every table of EXPLAIN of MySQL and MariaDB. Each SELECT becomes a node "Select" whose children are
/// its tables in the order of the join; derived tables hang below the row that reads them, parts of a union
/// below its result. Which table uses a subquery the table form does not say: it hangs below the outermost
/// SELECT, marked "Parent Guessed" in `extra`.
void parseMysqlTables(std::string_view text, ImportReport &report, const PlanTaker &take);

} // namespace tailscope::import::explain
