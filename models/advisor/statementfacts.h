// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/traceanalyses.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::advisor {

/// What the text of a statement says of its shape. Columns are named as in the text, without qualifiers.
struct StatementFacts
{
    /// select, insert, update, delete, merge, analyze, vacuum, ddl, utility; unknown = the grammar refuses
    /// it.
    std::string kind = "unknown";
    std::vector<std::string> tables; ///< base relations anywhere in it, in order, without names of WITH
    std::string target; ///< the relation that it writes; of SELECT ... FOR UPDATE the one that it locks
    bool star = false; ///< SELECT * or t.* at the top
    std::optional<std::int64_t> columns; ///< of the result; unknown with a star
    std::int64_t joins = 0; ///< relations at the top beyond the first
    bool hasLimit = false, hasOffset = false;
    std::optional<std::int64_t> limitRows, offsetRows; ///< where they are literals
    std::vector<std::string> orderBy; ///< "?" for an expression
    std::string orderRelation; ///< that the last column of orderBy belongs to; empty = cannot be told
    std::vector<std::string> equalColumns,
        rangeColumns; ///< compared in conjuncts of WHERE: by "=", by others
    bool aggregate = false; ///< an aggregate function among the results
    bool grouped = false, countStar = false;
    std::optional<std::int64_t> insertedRows; ///< of VALUES
    std::string locks; ///< update, no key update, share, key share; empty = none
    bool skipLocked = false;
    std::vector<std::string> changedColumns; ///< of UPDATE ... SET
};

/// The facts of one statement by PostgreSQL's own grammar. Texts that are too long or of several statements
/// are unknown. Any thread. The caller has made sure that the grammar does not nest too deep
/// (store::fingerprint).
StatementFacts statementFacts(std::string_view sql);

/// Stored analysis "statement_facts": table statement_fact, a row for every statement of the workspace.
Result<analysis::WriteRows> computeStatementFacts(const store::Workspace &workspace,
    const Progress &progress);

} // namespace tailscope::advisor
