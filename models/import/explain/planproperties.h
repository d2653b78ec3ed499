// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/plandocument.h"

#include <string_view>

namespace tailscope::import::explain {

/// A property's value in the terms of EXPLAIN (FORMAT JSON). Text of Number is the number as written, of
/// Boolean "true" or "false", of Json a JSON array or object.
struct PlanValue
{
    enum class Kind { Null, Text, Number, Boolean, Json };
    Kind kind = Kind::Null;
    std::string_view text;

    static PlanValue string(std::string_view text) { return {Kind::Text, text}; }
    static PlanValue number(std::string_view text) { return {Kind::Number, text}; }
    static PlanValue boolean(bool value) { return {Kind::Boolean, value ? "true" : "false"}; }
    static PlanValue json(std::string_view text) { return {Kind::Json, text}; }
};

/// Stores a property under EXPLAIN's JSON key: in the column that has it, else in the node's `extra`. Values
/// that only say "no" (Parallel Aware: false, Disk Usage: 0, ...) are left out, so that TEXT, which never
/// prints them, gives the same node. False: the value is not what the key needs (a text for a number);
/// nothing is stored.
bool setNodeProperty(ParsedPlan &plan, PlanNode &node, std::string_view key, const PlanValue &value);

/// The same for a process of a node; "Worker Number" is the worker's number.
bool setWorkerProperty(PlanWorker &worker, std::string_view key, const PlanValue &value);

/// A member of a group such as "Planning" or a target table; figures that are 0 are left out.
void setGroupProperty(JsonMembers &members, std::string_view key, const PlanValue &value);

/// A property of the statement beside "Plan": times, settings, query text, or `extra`.
bool setStatementProperty(ParsedPlan &plan, std::string_view key, const PlanValue &value);

} // namespace tailscope::import::explain
