// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::advisor {

/// A name as PostgreSQL takes it: quoted when it holds more than a-z, 0-9, _ and $ or is a reserved word.
std::string quotedName(std::string_view name);
/// A name as it is stored: without the quotes that EXPLAIN's text form prints.
std::string plainName(std::string_view printed);
/// A constant as SQL: numbers as they are, everything else between quotes.
std::string sqlConstant(std::string_view literal);
/// "idx_orders_customer_id_status": at most 63 bytes, the longest name PostgreSQL keeps. Not quoted.
std::string indexName(std::string_view relation, const std::vector<std::string> &columns,
    std::string_view suffix);

/// The parts of CREATE INDEX as pg_get_indexdef() prints it.
struct IndexDefinition
{
    std::string method; ///< "btree"
    std::vector<std::string> columns; ///< plain names or "lower(email)", without order and operator class
    std::vector<std::string> include;
    std::string predicate; ///< empty = none
};
/// Empty columns when the text is no definition of an index.
IndexDefinition parseIndexDefinition(std::string_view text);

/// The expression of a condition's text that puts `wrapper` ("lower", "::date", "->>") round `column`,
/// without the table's alias: "lower(email)", "(created_at)::date". Empty when it cannot be found.
std::string expressionAround(std::string_view condition, std::string_view wrapper, std::string_view column,
    std::string_view alias);
/// Without "alias." before names; what stands between quotes is left alone.
std::string withoutQualifier(std::string_view expression, std::string_view alias);
/// Splits at commas outside of brackets and quotes; parts are trimmed.
std::vector<std::string> splitList(std::string_view text);

} // namespace tailscope::advisor
