// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rows by column names of BulkInput.
#include "store/bulkinput.h"

#include "base/text.h"
#include "store/recordcolumns.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace tailscope::store {

namespace {

using Kind = RecordColumnKind;

std::uint64_t hashOf(const RecordField &field)
{
    if (const auto *text = std::get_if<std::string_view>(&field.value))
        return hash64(*text);
    if (const auto *integer = std::get_if<std::int64_t>(&field.value))
        return static_cast<std::uint64_t>(*integer);
    if (const auto *real = std::get_if<double>(&field.value))
        return std::bit_cast<std::uint64_t>(*real);
    return 0;
}

Cell referenceOf(Kind kind, const RecordRow &row)
{
    switch (kind) {
    case Kind::ServerRef:
        return Cell::reference(Family::Server, static_cast<std::int64_t>(row.server));
    case Kind::RunRef:
        return Cell::reference(Family::Run, static_cast<std::int64_t>(row.run));
    case Kind::SeriesRef:
        return Cell::reference(Family::Series, static_cast<std::int64_t>(row.series));
    case Kind::LogRef:
        return Cell::reference(Family::LogEntry, static_cast<std::int64_t>(row.log));
    case Kind::BudgetRef:
        return Cell::reference(Family::Budget, static_cast<std::int64_t>(row.budget));
    default:
        return {};
    }
}

} // namespace

Cell BulkInput::recordCell(Kind kind, const RecordField &field, bool kept)
{
    const auto *words = std::get_if<std::string_view>(&field.value);
    // Interning comes first in every case: ordinals must not depend on what is written.
    if (words && kind == Kind::Interned)
        return interned(*words);
    if (!kept)
        return {};
    if (words && kind == Kind::Statement)
        return words->empty() ? Cell{} : statementCell(*words, text(*words));
    if (words)
        return text(*words);
    if (const auto *integer = std::get_if<std::int64_t>(&field.value))
        return Cell::integer(*integer);
    if (const auto *real = std::get_if<double>(&field.value))
        return Cell::real(*real);
    return {};
}

RecordRef BulkInput::record(const RecordRow &row)
{
    const Family family = familyOf(row.table);
    const std::vector<RecordColumn> &columns = recordColumns(row.table);
    const std::int64_t ordinal = next(family);
    const bool kept = isKept(family, ordinal);
    m_record.assign(columns.size(), Cell{});
    std::uint64_t hash = 0;
    for (const RecordField &field : row.fields) {
        const auto column = std::find_if(columns.begin(), columns.end(),
            [&](const RecordColumn &candidate) { return candidate.name == field.column; });
        assert(column != columns.end());
        if (column == columns.end())
            continue;
        m_record[static_cast<std::size_t>(column - columns.begin())] = recordCell(column->kind, field, kept);
        hash = combineHash(hash, hashOf(field));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].kind >= Kind::ServerRef)
            m_record[i] = referenceOf(columns[i].kind, row);
    }
    if (kept)
        std::copy(m_record.begin(), m_record.end(), addRow(family, ordinal));
    noteRow(family, kept, hash, static_cast<std::uint64_t>(ordinal));
    return RecordRef(ordinal);
}

} // namespace tailscope::store
