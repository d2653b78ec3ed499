// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/explain/plandocument.h"
#include "import/importreport.h"

#include <string>
#include <string_view>

namespace tailscope::import::explain {

/// Reads every plan in MySQL's TREE form. A subquery of the columns, which EXPLAIN prints beside the root,
/// becomes its child. Errors: LimitExceeded. Nothing found is no error.
Result<void> parseMysqlTrees(std::string_view text, const std::string &subject, ImportReport &report,
    const PlanTaker &take);

/// True when a text has a line of the form.
bool hasMysqlTree(std::string_view text);

/// A value of a client that writes line ends as \n, or as it is.
std::string withLineEnds(std::string_view text);

} // namespace tailscope::import::explain
