// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "advisor/rules.h"
#include "base/result.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tailscope::advisor {

/// What the user changed about one rule.
struct RuleOverride
{
    std::map<std::string, double> thresholds; ///< by name, in the unit of the rule
    bool muted = false; ///< not evaluated at all
    bool isEmpty() const { return thresholds.empty() && !muted; }
    friend bool operator==(const RuleOverride &, const RuleOverride &) = default;
};
/// By rule id.
using RuleOverrides = std::map<std::string, RuleOverride>;

/// The file beside the folder of user rules that holds them: <config>/tailscope/rules.toml. A table a rule,
/// with `muted = true` and the thresholds in a table of their own.
std::filesystem::path ruleOverrideFile(const std::filesystem::path &userFolder);
/// What the file says; an absent file is no error. Entries that make no sense are left out and reported.
RuleOverrides loadRuleOverrides(const std::filesystem::path &file, std::vector<Error> &errors);
/// Writes the file as a whole, or removes it when there is nothing to say.
Result<void> saveRuleOverrides(const std::filesystem::path &file, const RuleOverrides &overrides);
/// Puts the values into the rules; what names no rule or threshold is reported (another version may know it).
void applyRuleOverrides(std::vector<Rule> &rules, const RuleOverrides &overrides, const std::string &file,
    std::vector<Error> &errors);

/// Copies the text of a rule into the folder of user rules, where it takes the place of the built-in one.
/// Returns the new file; refuses to overwrite.
Result<std::filesystem::path> copyRuleToUser(const Rule &rule, const std::filesystem::path &userFolder);

} // namespace tailscope::advisor
