// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/plandocument.h"

#include <optional>
#include <string_view>

namespace tailscope::import::explain {

/// The figures at the end of a line of MySQL's TREE.
struct MysqlFigures
{
    std::string_view head; ///< the line before them
    std::string_view broken; ///< a group that cannot be read
    bool any = false, neverExecuted = false;
    std::optional<double> startupCost, totalCost, planRows, startupMs, totalMs, actualRows, loops;
};
MysqlFigures splitMysqlFigures(std::string_view line);

/// Type, relation, index, condition of "Index lookup on t using k (a=b.c)" and its kind; the whole text stays
/// in `extra` under "operation", as JSON of version 2 calls it.
void setMysqlOperation(ParsedPlan &plan, PlanNode &node, std::string_view head);

/// Node type in the words of TREE for an access_type ("ALL" is a "Table scan").
std::string_view mysqlAccess(std::string_view accessType);

} // namespace tailscope::import::explain
