// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace tailscope::advisor {

/// A threshold of a rule: bound by name (":keep_w"), editable by the user.
struct Threshold
{
    std::string name;
    double value = 0; ///< in force
    std::string unit, source;
    double standard = 0; ///< as the rule file has it; differs from value where the user changed it
};

/// One rule: a TOML header in a block comment and one SELECT, in one file (DESIGN section 5).
struct Rule
{
    std::string id, title, severity, cause, summary, fix, proof, risk, refuse, quiet, related, sql, file;
    std::vector<std::string> needs, checks;
    std::vector<Threshold> thresholds;
    int version = 1, rung = 0;
    std::string headline; ///< title of its findings, with {columns}; empty = title
    std::string group; ///< name of the folder the file lies in
    std::string versions; ///< server versions it holds for; empty = all
    std::vector<std::string> uses; ///< inputs it reads when they are there, beyond `needs`
    bool muted = false; ///< by the user: not evaluated
    std::vector<std::string> causedBy; ///< ids of rules whose findings explain a finding of this one
};

/// Reads one rule text; errors name the file, line and key.
Result<Rule> parseRule(std::string_view text, const std::string &file);
/// The built-in rules (resources) and those of `userFolder` when it exists, by id; a user's rule replaces the
/// built-in one of the same id. What the user changed about them is applied (ruleoverrides.h). Bad files and
/// entries are reported in `errors`.
std::vector<Rule> loadRules(const std::filesystem::path &userFolder, std::vector<Error> &errors);
/// Where users drop their own rules: <config>/tailscope/rules.
std::filesystem::path userRuleFolder();
/// Evaluates every rule read-only (authorizer, 2 s, 1,000 rows) and rewrites finding and rule_run. Rules
/// whose inputs did not change since their last run keep their findings. Findings are ordered by severity,
/// then gain.
struct RulesOutcome
{
    std::int64_t findings = 0, ran = 0, notEvaluated = 0, timedOut = 0;
    std::vector<Error> failed; ///< rules whose SQL does not run (user rules); counted in no other figure
};
Result<RulesOutcome> runRules(const store::Workspace &workspace, const std::vector<Rule> &rules,
    const Progress &progress);

} // namespace tailscope::advisor
