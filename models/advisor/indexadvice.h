// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "advisor/planconditions.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::advisor {

/// An index the catalog knows.
struct ExistingIndex
{
    std::string name, method;
    std::vector<std::string> columns, include;
    std::string predicate;
    bool isUnique = false, isValid = true;
    bool servesPrefix = false; ///< of LIKE: its operator class or collation allows it
};

/// What the catalog knows of a table; nothing is known when `isKnown` is false.
struct TableFacts
{
    bool isKnown = false;
    double rows = -1; ///< pg_class.reltuples; below 0 = unknown
    std::string parent; ///< of a partition: the partitioned table, else empty
    std::map<std::string, double> distinct; ///< values a column holds, where statistics tell
    std::vector<ExistingIndex> indexes;
};

/// A column of an ORDER BY above the scan.
struct SortColumn
{
    std::string column, order; ///< order: "", " DESC", " DESC NULLS LAST", ...
};

/// A scan as its plan tells it. Rows are totals over loops.
struct ScanFacts
{
    std::string schema, relation, alias, filter;
    std::string usedIndex; ///< the index it goes through already, else empty
    std::vector<PlanCondition> conditions; ///< of the index condition first, then of the filter
    std::vector<PlanCondition> joins; ///< columns of this scan that a join above compares with another table
    std::vector<SortColumn> sort; ///< when a LIMIT takes few of the sorted rows
    std::vector<std::string> output; ///< columns the node hands on (VERBOSE); empty = unknown
    std::size_t indexConditions = 0; ///< how many of the conditions usedIndex serves
    double examined = 0, kept = 0; ///< below 0 = unknown
    bool isInOrder = false; ///< usedIndex serves the order alone
};

/// One index to try, or (ddl empty) the reason why none helps.
struct IndexCandidate
{
    std::vector<std::string> columns; ///< SQL of each, in order
    std::string include, predicate, reason, existing, ddl;
    int equality = 0; ///< how many of the columns are compared by "="
};

inline constexpr double kMinExaminedRows = 1000; ///< a smaller scan is quick without an index
inline constexpr double kMaxKeptShare = 0.3; ///< a scan that keeps more is right
inline constexpr std::size_t kMaxIncluded = 4;

/// Indexes for a scan, the one to try first in front; a partial and a covering one behind it. Equality
/// columns first (an existing index that starts with some of them decides the order, then the number of
/// distinct values, then the text), then the columns of the ORDER BY, then one range column. Nothing is
/// suggested that exists. Pure.
std::vector<IndexCandidate> adviseIndexes(const ScanFacts &scan, const TableFacts &table);

} // namespace tailscope::advisor
