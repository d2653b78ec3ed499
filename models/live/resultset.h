// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::live {

/// The rows of one answer as text, in one piece of memory; crosses threads as a value.
class ResultSet
{
public:
    std::vector<std::string> columns; ///< as the server names them

    std::size_t rows() const { return columns.empty() ? 0 : m_ends.size() / columns.size(); }
    std::size_t bytes() const { return m_text.size() + m_ends.size() * sizeof(std::size_t); }
    /// nullopt = NULL. Valid as long as the set lives and nothing is added.
    std::optional<std::string_view> cell(std::size_t row, std::size_t column) const;
    /// By name; nullopt also where there is no such column.
    std::optional<std::string_view> cell(std::size_t row, std::string_view column) const;
    /// Place of a column; -1 = not in the answer.
    int column(std::string_view name) const;
    /// The next cell, row by row.
    void add(std::optional<std::string_view> value);
    void clear();

private:
    std::string m_text;
    std::vector<std::size_t> m_ends; ///< end of the cell in m_text x 2, + 1 where it is NULL
};

} // namespace tailscope::live
