// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import {

/// What a column of pg_stat_statements is, under whatever name its version gives it.
enum class StatementColumn : std::uint8_t {
    Query,
    QueryId,
    Time, ///< when the row was taken; the user adds it
    Server, ///< the user adds it
    User,
    UserId,
    Db,
    DbId,
    Calls,
    TotalMs,
    MeanMs,
    StddevMs,
    MinMs,
    MaxMs,
    Rows,
    SharedHit,
    SharedRead,
    TempWritten,
    Plans,
    WalBytes,
    Other, ///< kept by its name
};
inline constexpr int kStatementColumns = static_cast<int>(StatementColumn::Other);

/// By the column's name, without regard to case.
StatementColumn statementColumn(std::string_view name);

/// One value as the file writes it.
struct StatementValue
{
    std::string_view text;
    bool isNull = true;
    bool isString = false; ///< JSON has it in quotes
};

/// The values of one row by what they are. Views live as long as the record they come from.
struct StatementRow
{
    std::array<StatementValue, kStatementColumns> known;
    std::vector<std::pair<std::string_view, StatementValue>> others; ///< by name

    void clear();
    /// Where two columns mean the same, the first with a value counts.
    void add(StatementColumn column, std::string_view name, const StatementValue &value);
    const StatementValue &at(StatementColumn column) const { return known[static_cast<std::size_t>(column)]; }
    /// JSON object of queryid and the other columns.
    std::string extraJson() const;
};

/// Whether columns of these names make rows of pg_stat_statements: calls, a total time, and a query or its
/// id.
bool areStatementColumns(std::span<const std::string> names);

} // namespace tailscope::import
