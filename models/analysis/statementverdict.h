// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/statementfigures.h"

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// What to do about a statement, as in statement_stat.verdict, and why, in one line.
struct StatementVerdict
{
    std::string_view verdict = "unknown"; ///< index, batch, cache, leave, unknown
    std::string reason;
};

// Statements below this rank by total time are left alone (rule cache-or-optimize: "outside the top 10").
inline constexpr std::size_t kTopStatements = 10;
// Cheap and dear calls, and the share of all calls that makes cheap ones many (rule
// stmt-many-cheap-or-few-dear).
inline constexpr double kCheapMeanMs = 5;
inline constexpr double kDearMeanMs = 100;
inline constexpr double kCheapCallsShare = 0.3;
// Fewer calls are no pattern (rule stmt-n-plus-one: critical at 100 executions).
inline constexpr std::int64_t kManyCalls = 100;
// A scan that is to be an index: rows examined at least, share of them kept at most (rule
// plan-seq-scan-selective).
inline constexpr double kExaminedRows = 10'000;
inline constexpr double kKeptShare = 0.05;
// Blocks touched for each row that is returned, and for each call, from which a statement reads far more than
// it returns: an index lookup touches some five blocks a row, so twenty times that; 1,000 blocks are 8 MB
// (our default).
inline constexpr double kBlocksPerRow = 100;
inline constexpr double kBlocksPerCall = 1000;
// A cache is worth it for so few different questions and so many reads per write (rule cache-or-optimize),
// asked so often each (our default).
inline constexpr std::int64_t kFewQuestions = 1000;
inline constexpr double kReadsPerWrite = 1000;
inline constexpr double kRepeats = 10;

/// First word of a statement in lower case: "select", "insert", "with", ...; empty for a text without words.
std::string statementCommand(std::string_view sql);
/// Names behind FROM, JOIN, INTO and UPDATE in lower case, without their schema; at most 32.
std::set<std::string> statementTables(std::string_view sql);

/// Verdicts of the statements of one origin, in their order. Pure; the same figures give the same words.
std::vector<StatementVerdict> statementVerdicts(std::span<const StatementFigures> statements);

} // namespace tailscope::analysis
