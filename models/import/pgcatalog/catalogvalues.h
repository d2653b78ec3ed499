// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tailscope::import {

/// How a column of a catalog view is read.
enum class CatalogKind : std::uint8_t {
    Text,
    Integer, ///< also "12.0", as programs write that keep all numbers as doubles
    Real,
    Boolean, ///< t, f, true, false, on, off, yes, no, 1, 0
    NotBoolean, ///< the opposite of what is written (is_nullable)
    Time, ///< -> ns
    Millis, ///< an interval, or a number of milliseconds
    Lsn, ///< "16/B374D848" or a number of bytes -> int64
    Numbers, ///< int2vector, array of numbers: "{1,2}", "[1,2]", "1 2" -> "1 2"
    Array, ///< an array of texts as PostgreSQL writes it: "{a,b}"
    Bytes, ///< a number, or what pg_size_pretty() prints: "8192 bytes", "16 MB"
    Relation, ///< an oid (integer), or its ::regclass (text)
};

/// A value of a result set as the file has it.
struct CatalogCell
{
    enum class Type : std::uint8_t { Null, Text, Token, Json } type = Type::Null;
    std::string_view text; ///< Token: a number or literal of JSON; Json: an array or object
};

using CatalogValue = std::variant<std::monostate, std::int64_t, double, std::string>;

/// PostgreSQL's words of a boolean.
std::optional<bool> catalogBoolean(std::string_view text);
/// Milliseconds of an interval in any intervalstyle; months count 30 days, years 365.25. nullopt on junk.
std::optional<double> catalogInterval(std::string_view text);
/// Byte position of a WAL location; nullopt when it passes int64.
std::optional<std::int64_t> catalogLsn(std::string_view text);
std::optional<std::int64_t> catalogBytes(std::string_view text);
/// Numbers of an array in any of its spellings, a blank between; nullopt when one is no number.
std::optional<std::string> catalogNumbers(std::string_view text);
/// A JSON array of scalars as PostgreSQL's text of an array; any other text as it is.
std::string catalogArray(std::string_view text);

/// schema and name of what ::regclass prints ("public.\"My Table\""); schema is empty when it names none.
struct QualifiedName
{
    std::string schema, name;
};
QualifiedName catalogName(std::string_view text);

/// The value by its kind, but for times, which the caller reads. nullopt: it is none of that kind.
std::optional<CatalogValue> catalogValue(std::string_view text, CatalogKind kind, bool decimalComma);

} // namespace tailscope::import
