// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "advisor/querytokens.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

class QJsonObject;

namespace tailscope::advisor {

/// (qualifier, name) of a column; the qualifier may be empty.
using QueryColumn = std::pair<std::string, std::string>;

/// The clauses of a statement with their places, as PostgreSQL's grammar sees them.
struct QueryOutline
{
    struct Table
    {
        std::string name, alias; ///< alias: what it is called; the name when it has no other
        TextRange range;
        bool isTarget = false; ///< of INSERT, UPDATE, DELETE, MERGE
    };
    struct Comparison ///< a part of WHERE, ON, USING or HAVING between ANDs
    {
        TextRange range;
        std::set<QueryColumn> columns;
    };
    struct Item ///< of ORDER BY, GROUP BY or a window
    {
        TextRange range;
        std::set<std::string> signature; ///< "c:column", "f:function"
    };
    struct Keys
    {
        std::vector<Item> items;
        TextRange range; ///< with the keywords
    };
    struct Named ///< a CTE's definition, a sub-select or a function in FROM, a call
    {
        std::string name;
        TextRange range, body;
        std::set<std::string> tables; ///< names and aliases read inside
    };
    std::vector<Table> tables;
    std::vector<Comparison> comparisons;
    std::vector<Keys> orders, groups, windows;
    std::vector<Named> ctes, subselects, sublinks, functions, aggregates;
    std::vector<TextRange> limits, distincts, setOperations, values, locks;
    std::vector<TextRange> keywords; ///< the first word of INSERT, UPDATE, DELETE or MERGE
};

/// Reads the JSON of one statement (libpg_query).
QueryOutline outlineOf(const QJsonObject &statement, const QueryTokens &tokens);

/// Columns of an expression's JSON, not those of sub-selects in it.
std::set<QueryColumn> columnsOf(const QJsonObject &expression);
/// Columns and functions, for keys.
std::set<std::string> signatureOf(const QJsonObject &expression);
/// Splits at AND.
std::vector<QJsonObject> conjunctsOf(const QJsonObject &expression);

} // namespace tailscope::advisor
