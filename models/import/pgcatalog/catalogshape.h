// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/pgcatalog/catalogcounters.h"
#include "import/pgcatalog/catalogviews.h"

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import {

/// What the columns of one result set mean. Any thread.
class CatalogShape
{
public:
    static constexpr std::size_t kMaxColumns = 1000;

    struct View
    {
        const CatalogView *view = nullptr;
        std::vector<int> inputs; ///< by column of the view: place in the result set, -1 = not there
    };
    struct Counters
    {
        const CatalogCounterView *view = nullptr;
        std::vector<int> inputs;
        std::vector<int> labels; ///< places of the labels that are there
        std::vector<std::string_view> labelNames;
    };

    /// names: of the columns, as cleanName() gives them; the first of equal ones counts. Nothing is
    /// recognised where a statement's text stands with its calls and times: that is pg_stat_statements.
    explicit CatalogShape(std::vector<std::string> names);

    bool isKnown() const { return !m_views.empty() || !m_counters.empty(); }
    std::size_t columns() const { return m_names.size(); }
    const std::vector<std::string> &names() const { return m_names; }
    const std::vector<View> &views() const { return m_views; }
    const std::vector<Counters> &counters() const { return m_counters; }
    int timeColumn() const { return m_time; }
    /// Names of the views, ", " between.
    std::string viewNames() const;
    const std::vector<std::string> &extraColumns() const { return m_extra; }
    const std::vector<std::string> &doubledColumns() const { return m_doubled; }

    /// Lower case, without quotes, blanks and a table's name before a dot.
    static std::string cleanName(std::string_view name);

private:
    void match();
    void findExtra();

    std::vector<std::string> m_names;
    std::vector<View> m_views;
    std::vector<Counters> m_counters;
    std::vector<std::string> m_extra, m_doubled;
    int m_time = -1;
};

/// The columns of a delimited header line; empty when the delimiter does not occur.
std::vector<std::string> catalogHeader(std::string_view line, char delimiter);

/// The delimiter with which the line is the header of something known; '\0': with none.
char catalogDelimiter(std::string_view line);

} // namespace tailscope::import
