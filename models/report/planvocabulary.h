// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace tailscope::report {

/// True for a word that EXPLAIN itself prints (node names, labels, units) in PostgreSQL, MySQL, MariaDB or
/// SQLite, in any case. A table may have such a name: ask only where no name can stand.
bool isPlanWord(std::string_view word);

/// True for a word of SQL that is no name where it stands bare, in any case.
bool isSqlWord(std::string_view word);
/// Functions and aggregates every server has; names of types.
bool isCommonFunction(std::string_view word);
bool isCommonType(std::string_view word);

/// What a property's value is made of.
enum class PlanValueKind {
    Figures, ///< numbers and words of EXPLAIN
    Expression, ///< conditions, keys, output: names and literals
    Statement, ///< a query's text
    Settings,
    Table,
    Schema,
    Index,
    Function,
    Object, ///< a name of another kind: trigger, constraint, partition, column
    Subplan, ///< "CTE name" or "InitPlan 1"
};

/// By the property's name in any form: "Index Cond", "Index-Cond", "attached_condition".
PlanValueKind planValueKind(std::string_view key);

} // namespace tailscope::report
