// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::explain {

/// A table as a client prints it. An absent cell is NULL.
struct PlanTable
{
    using Row = std::vector<std::optional<std::string>>;
    std::vector<std::string> columns; ///< in small letters
    std::vector<Row> rows;
    std::vector<std::int64_t> lines; ///< of each row, 1-based
    std::size_t begin = 0, end = 0; ///< bytes of the text it was read from

    /// The cell of a column; nullopt when it is NULL or the table has no such column.
    std::optional<std::string> cell(std::size_t row, std::string_view column) const;
    bool has(std::string_view column) const;
};

/// Every table of a text that has these two columns: psql-like grids with any border, tabs, CSV, Markdown,
/// columns two blanks apart, \G, a JSON array of rows. Text between tables is passed over.
std::vector<PlanTable> findTables(std::string_view text, std::string_view first, std::string_view second);

} // namespace tailscope::import::explain
