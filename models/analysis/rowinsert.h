// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "base/units.h"
#include "store/database.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace tailscope::analysis {

/// Inserts rows into a derived table, column after column in the order in which they were named. Texts must
/// live until run(). One thread.
class RowInsert
{
public:
    /// Empties the table and gets ready to fill these columns ("a, b, c").
    Result<void> replace(store::Database &writer, std::string_view table, std::string_view columns)
    {
        TS_TRY(writer.execute("DELETE FROM " + std::string(table)));
        return prepare(writer, table, columns);
    }
    /// As replace(), but keeps the rows that are there.
    Result<void> prepare(store::Database &writer, std::string_view table, std::string_view columns)
    {
        std::string marks = "?";
        for (auto n = std::count(columns.begin(), columns.end(), ','); n > 0; --n)
            marks += ", ?";
        Result<store::Statement> made = writer.prepare(
            "INSERT INTO " + std::string(table) + " (" + std::string(columns) + ") VALUES (" + marks + ")");
        if (!made)
            return tl::unexpected(std::move(made.error()));
        m_statement = std::move(*made);
        return {};
    }

    RowInsert &add(std::int64_t value) { return m_statement.bind(m_next++, value), *this; }
    RowInsert &add(double value) { return m_statement.bind(m_next++, value), *this; } ///< NaN: NULL
    RowInsert &add(std::string_view text) { return m_statement.bind(m_next++, text), *this; }
    RowInsert &textOrNull(std::string_view text) { return m_statement.bindTextOrNull(m_next++, text), *this; }
    RowInsert &nanos(Nanos ns) { return m_statement.bindNanos(m_next++, ns), *this; } ///< unknown: NULL
    RowInsert &null() { return m_statement.bindNull(m_next++), *this; }
    /// Writes the row and begins the next one.
    Result<void> run()
    {
        m_next = 0;
        return m_statement.run();
    }

private:
    store::Statement m_statement;
    int m_next = 0;
};

} // namespace tailscope::analysis
