// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/statementfigures.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <vector>

namespace tailscope::analysis {

inline constexpr std::size_t kMaxSpanStatements
    = 100'000; ///< different ones; what is beyond is left out and logged
inline constexpr std::size_t kMaxTagsOfStatement = 500; ///< different keys and values of one statement

/// Statements that spans carry as db.query.text, db.statement or sql.query, by fingerprint: executions, their
/// durations (nearest-rank percentiles), tags of their comments, different texts. Commands of caches
/// (db.system "redis" ...) are none. Spans are counted as they are, whatever the weight of their trace. One
/// pass over the spans that have a text, only where the workspace has such a key at all; memory: eight bytes
/// an execution and one text a statement. Ordered by fingerprint; `statement` is 0 where the text is not
/// stored yet.
Result<std::vector<StatementFigures>> statementsOfSpans(const store::Workspace &workspace,
    const Progress &progress);

/// Adds the tags of a statement's comments to its sums, within the bound; those that name one execution
/// (traceparent, tracestate, request ids) are left out. Empty or unknown text adds nothing.
void addStatementTags(StatementTags &tags, std::string_view sql, double ms);

/// Percentiles and maximum of durations in milliseconds.
void setDurations(StatementFigures &figures, std::vector<Nanos> &durations);

} // namespace tailscope::analysis
