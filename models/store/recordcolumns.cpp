// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/recordcolumns.h"

#include <algorithm>
#include <array>

namespace tailscope::store {

namespace {

constexpr int kRecordTables = static_cast<int>(RecordTable::WaitSample) + 1;
static_assert(static_cast<int>(Family::Server) + kRecordTables == kFamilies);

RecordColumn columnOf(std::string_view name)
{
    using Kind = RecordColumnKind;
    if (name == "server_id")
        return {name, Kind::ServerRef};
    if (name == "run_id")
        return {name, Kind::RunRef};
    if (name == "series_id")
        return {name, Kind::SeriesRef};
    if (name == "log_id")
        return {name, Kind::LogRef};
    if (name == "budget_id")
        return {name, Kind::BudgetRef};
    if (name == "statement_id")
        return {name, Kind::Statement};
    if (name != "query_id" && name.ends_with("_id"))
        return {name.substr(0, name.size() - 3), Kind::Interned};
    return {name, Kind::Value};
}

std::vector<RecordColumn> columnsOf(Family family)
{
    std::vector<RecordColumn> columns;
    std::string_view rest = familyInfo(family).columns;
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        const std::string_view name = rest.substr(0, comma);
        if (name != "source_id")
            columns.push_back(columnOf(name));
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    }
    return columns;
}

} // namespace

Family familyOf(RecordTable table)
{
    return static_cast<Family>(static_cast<int>(Family::Server) + static_cast<int>(table));
}

const std::vector<RecordColumn> &recordColumns(RecordTable table)
{
    static const auto all = [] {
        std::array<std::vector<RecordColumn>, kRecordTables> columns;
        for (int i = 0; i < kRecordTables; ++i)
            columns[static_cast<std::size_t>(i)] = columnsOf(familyOf(static_cast<RecordTable>(i)));
        return columns;
    }();
    return all[static_cast<std::size_t>(table)];
}

std::string_view recordView(RecordTable table)
{
    const std::string_view name = familyInfo(familyOf(table)).table;
    return name.substr(0, name.size() - std::string_view("_raw").size());
}

} // namespace tailscope::store
