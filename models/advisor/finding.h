// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/statement.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tailscope::advisor {

/// One row of the table finding. `id` and `causeId` count from 1 within one run.
struct Finding
{
    std::int64_t id = 0;
    std::string ruleId;
    int ruleVersion = 1;
    std::string severity; ///< good, info, warning, critical
    std::string subjectKind, subjectId; ///< "plan_node" and its id, "operation" and its name, ...
    bool subjectIsNumber = false;
    std::string title, summary, evidence; ///< evidence: JSON object
    std::optional<std::int64_t> startNs, endNs;
    std::optional<double> gainMs, doubt;
    std::optional<std::int64_t> causeId;
    std::string state = "open";
    /// Other things it is about, from its evidence: ("plan", "4"), ("operation", "...").
    std::vector<std::pair<std::string, std::string>> objects;
};

/// Evidence columns that name a further thing a finding is about, and the kind of that thing.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kObjectColumns{
    {{"plan_id", "plan"}, {"endpoint", "endpoint"}, {"trace_id", "trace"}, {"source_id", "source"}}};

/// 0 good ... 3 critical; -1 for no severity.
int severityRank(std::string_view severity);

/// Collects evidence columns into a JSON object; keys in the order of the columns.
class EvidenceWriter
{
public:
    void add(std::string_view name, const store::Statement &row, int column);
    std::string object() const { return m_text.empty() ? "{}" : m_text + '}'; }

private:
    std::string m_text;
};

} // namespace tailscope::advisor
