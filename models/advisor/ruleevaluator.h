// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "advisor/finding.h"
#include "advisor/rules.h"
#include "advisor/watchdog.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::advisor {

inline constexpr std::chrono::milliseconds kRuleTime{2000};
inline constexpr std::size_t kRuleRows = 1000;

/// What one rule gave. state: "ran", "not evaluated: needs X", "timed out", "failed: ...".
struct Evaluation
{
    std::string state;
    double seconds = 0;
    std::vector<Finding> findings;
    std::optional<Error> error; ///< why it failed
};

/// Runs rules one after another on one connection under the read-only authorizer.
class RuleEvaluator
{
public:
    /// `database`: a connection of this thread; it stays under the authorizer.
    RuleEvaluator(store::Database &database, Watchdog &watchdog);

    Evaluation evaluate(const Rule &rule);

private:
    bool isPresent(const std::string &input);
    Result<std::vector<Finding>> query(const Rule &rule);

    store::Database &m_database;
    Watchdog &m_watchdog;
    std::map<std::string, bool> m_present;
};

} // namespace tailscope::advisor
