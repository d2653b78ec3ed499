// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/workspace.h"

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace tailscope::testing {

using Value = std::variant<std::int64_t, double, std::string>;
/// Columns of plan_node_raw (or plan_raw) by name.
using Fields = std::vector<std::pair<std::string, Value>>;

/// A workspace with plans written row by row: what importer and plan times would have left.
class PlanFixture
{
public:
    PlanFixture();

    store::Workspace &workspace() { return *m_workspace; }
    /// Inserts a plan; nodes in pre-order, each with its parent's number (-1: root). loops 1 unless given;
    /// wall_ms and self_ms from total_ms when absent. Returns plan.id.
    std::int64_t addPlan(const Fields &plan, const std::vector<std::pair<int, Fields>> &nodes);
    /// plan_node.id of a node of the last plan.
    std::int64_t node(int number) const { return m_firstNode + number; }

    void execute(const std::string &sql);
    std::string text(const std::string &sql);
    std::int64_t integer(const std::string &sql);
    /// Inserts one row; returns its id.
    std::int64_t insert(const std::string &table, const Fields &fields);
    /// Conditions and stored analyses of plans, as before the rules.
    void analyse();
    /// Runs the built-in rules; findings as "rule severity" lines, sorted.
    std::string findings();
    void bump(const std::string &family);

private:
    std::unique_ptr<store::Workspace> m_workspace;
    std::int64_t m_source = 0, m_firstNode = 0;
};

} // namespace tailscope::testing
