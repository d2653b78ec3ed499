// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::advisor {

/// Bytes [begin, begin + length) of a statement.
struct TextRange
{
    std::size_t begin = 0, length = 0;
    friend bool operator==(const TextRange &, const TextRange &) = default;
};

/// What is known of a plan node when its part of the statement is looked for.
struct QueryPartNode
{
    std::string nodeType, joinType, relation, alias, cteName, functionName, subplanName;
    std::vector<std::string>
        conditions; ///< index, hash, merge, join and filter conditions, as EXPLAIN prints them
    std::vector<std::string> sortKeys, groupKeys;
    /// Names of the CTEs whose definitions the node stands in, outermost first: only their text is searched.
    std::vector<std::string> scopes;
    /// Aliases or names of all tables the node's subtree reads: to tell sub-selects apart.
    std::vector<std::string> relations;
    bool isSubplanRoot = false; ///< of an InitPlan or SubPlan: the sub-select is looked for
};

/// A statement parsed once by PostgreSQL's own grammar, to look many nodes up in. Immutable; any thread.
class QueryText
{
public:
    /// nullptr when the text is not one statement of PostgreSQL, or too long or too deep to parse.
    static std::shared_ptr<const QueryText> parse(std::string_view sql);
    ~QueryText();

    /// The parts of the statement a node comes from, in the order of the text, without overlaps. Heuristic,
    /// by names: tables and their aliases, comparisons over the same columns, ORDER BY, GROUP BY, LIMIT, CTEs
    /// and sub-selects. Empty = not found.
    std::vector<TextRange> partsOf(const QueryPartNode &node) const;

    QueryText(const QueryText &) = delete;
    QueryText &operator=(const QueryText &) = delete;

private:
    QueryText();
    struct Data;
    std::unique_ptr<Data> m_data;
};

/// Both steps at once.
std::vector<TextRange> queryParts(std::string_view sql, const QueryPartNode &node);

} // namespace tailscope::advisor
