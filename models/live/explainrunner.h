// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "live/explainclass.h"
#include "live/target.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::live {

/// What is to be explained, and as whom.
struct ExplainRequest
{
    std::string sql; ///< as pg_stat_activity or pg_stat_statements has it
    bool isAnalyze = false; ///< execute it: only a SELECT that reads, and only with consent
    bool hasConsent = false; ///< the user was shown warnings and said yes
    std::string searchPath; ///< of the session that ran it; empty = the role's own
    std::string role; ///< SET ROLE; empty = none
    std::chrono::milliseconds timeout{10000}; ///< of each statement
};

struct ExplainAnswer
{
    std::string json; ///< EXPLAIN (FORMAT JSON) with a member "Query Text", as auto_explain writes it
    std::string command; ///< what was sent
    bool isGeneric = false; ///< the plan for any values of the parameters
    bool isAnalyzed = false;
    /// Asked to execute it without consent: this is the plain plan; ask with `warnings`, then once more.
    bool needsConsent = false;
    std::vector<std::string> warnings; ///< what executing it may do
    std::vector<std::string> notes; ///< what to know about this plan
    /// BEGIN; EXPLAIN (ANALYZE, BUFFERS) ...; ROLLBACK to copy, for somebody who may.
    std::string textToRunElsewhere;
    int serverVersion = 0;
};

/// EXPLAIN of one statement on a connection of its own with the server's own planner settings, in BEGIN READ
/// ONLY .. ROLLBACK; closed at once. Texts with $n get their generic plan (EXPLAIN (GENERIC_PLAN) from 16 on,
/// a prepared statement before). Blocking: for jobs. Errors: Usage = refused, with the reason; Connection;
/// Sql = the server's words, with the right that is missing where one is.
Result<ExplainAnswer> explainStatement(const Target &target, const ExplainRequest &request,
    const Progress &progress);

/// A plan with and without an index that does not exist.
struct HypotheticalAnswer
{
    ExplainAnswer before, after;
    std::optional<double> costBefore, costAfter; ///< total cost of the top node
    std::string indexName; ///< as HypoPG calls it
    std::optional<std::int64_t> indexBytes; ///< its estimate
    std::vector<std::string> users; ///< nodes that use it: "Index Scan on accounts a"
    bool isUsed() const { return !users.empty(); }
};

/// "Would this index be used?" by HypoPG, which makes an index that only this session's planner sees; never
/// on disk. `createIndex`: exactly one CREATE INDEX. ErrorCode::NotFound where the extension is missing: the
/// hint says how to install it. Blocking: for jobs.
Result<HypotheticalAnswer> tryIndex(const Target &target, const ExplainRequest &request,
    std::string_view createIndex, const Progress &progress);

/// The commands that give a plan, for a server of this version: the last one's answer is the plan. Known for
/// tests.
struct ExplainCommands
{
    std::vector<std::string> before;
    std::string explain;
    std::vector<std::string> after;
    bool isSimple = false; ///< $n stands bare in it: not by the extended protocol, which would want values
};
ExplainCommands explainCommands(const std::string &sql, const ExplainClass &found, bool isAnalyze,
    int serverVersion);
/// ExplainAnswer::textToRunElsewhere.
std::string textToRunElsewhere(const std::string &sql, const ExplainRequest &request, int parameters,
    int serverVersion = 120000);

} // namespace tailscope::live
