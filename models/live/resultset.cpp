// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/resultset.h"

#include <algorithm>

namespace tailscope::live {

std::optional<std::string_view> ResultSet::cell(std::size_t row, std::size_t column) const
{
    const std::size_t place = row * columns.size() + column;
    if (column >= columns.size() || place >= m_ends.size() || (m_ends[place] & 1) != 0)
        return std::nullopt;
    const std::size_t begin = place == 0 ? 0 : m_ends[place - 1] / 2;
    return std::string_view(m_text).substr(begin, m_ends[place] / 2 - begin);
}

std::optional<std::string_view> ResultSet::cell(std::size_t row, std::string_view name) const
{
    const int place = column(name);
    return place < 0 ? std::nullopt : cell(row, static_cast<std::size_t>(place));
}

int ResultSet::column(std::string_view name) const
{
    const auto found = std::find(columns.begin(), columns.end(), name);
    return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

void ResultSet::add(std::optional<std::string_view> value)
{
    if (value)
        m_text.append(*value);
    m_ends.push_back(m_text.size() * 2 + (value ? 0 : 1));
}

void ResultSet::clear()
{
    columns.clear();
    m_text.clear();
    m_ends.clear();
}

} // namespace tailscope::live
