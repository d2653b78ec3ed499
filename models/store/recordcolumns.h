// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/family.h"
#include "store/rows.h"

#include <string_view>
#include <vector>

namespace tailscope::store {

/// What is put into a column of a record's table.
enum class RecordColumnKind : std::uint8_t {
    Value,
    Interned, ///< a text that many rows share
    Statement, ///< SQL text -> id of its statement
    ServerRef,
    RunRef,
    SeriesRef,
    LogRef,
    BudgetRef,
};
struct RecordColumn
{
    std::string_view name; ///< in the public view: "db" for the internal column db_id
    RecordColumnKind kind = RecordColumnKind::Value;
};

Family familyOf(RecordTable table);
/// The columns behind source_id, in the order of familyInfo(familyOf(table)).columns. Any thread.
const std::vector<RecordColumn> &recordColumns(RecordTable table);
/// Name of the public view of the table.
std::string_view recordView(RecordTable table);

} // namespace tailscope::store
