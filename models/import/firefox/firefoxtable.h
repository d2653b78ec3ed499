// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/common/jsonpull.h"
#include "import/common/jsontext.h"
#include "import/importreport.h"
#include "store/rows.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::firefox {

/// What the tables of a file may hold at one time: a table is read before it is known what it belongs to.
struct Budget
{
    std::size_t cells = 16'000'000; ///< 8 bytes each
    std::size_t textBytes = 64 * 1024 * 1024;
    bool told = false;
};

/// A number of a table, in millionths (so that milliseconds become nanoseconds, and one kind of cell serves
/// for times, weights and indexes); kNull for null and what is no number.
using Cell = std::int64_t;
inline constexpr Cell kNull = kUnknownNanos;
inline constexpr Cell kOne = 1'000'000;

/// Strings by number, kept in one piece.
class Strings
{
public:
    static constexpr std::size_t kMaxText = 4096;
    /// Behind the key: takes an array of strings.
    void read(JsonPull &pull, Budget &budget, ImportReport &report);
    bool isPresent() const { return m_present; }
    /// Empty for a number without a string.
    std::string_view at(std::int64_t index) const;
    std::size_t bytes() const { return m_text.size(); }

private:
    std::string m_text;
    std::vector<std::uint64_t> m_ends;
    bool m_present = false;
};

/// Payloads of markers, kept in one piece: their plain fields, and nested values as JSON.
class Payloads
{
public:
    static constexpr std::size_t kMaxFields = 64;
    static constexpr std::size_t kMaxText = 4096;
    /// At the ObjectStart of a payload; gives its number.
    std::int64_t read(JsonPull &pull, Budget &budget, ImportReport &report);
    /// The fields of one, valid as long as this is not changed.
    void attributes(std::int64_t index, std::vector<Attribute> &out) const;
    std::size_t bytes() const { return m_text.size(); }

private:
    void add(std::string_view key, AttributeType type, std::string_view value);

    std::string m_text;
    std::vector<std::uint64_t> m_starts;
    JsonText m_json{16, kMaxText};
};

/// A table of the file, in whichever of the two ways it is written: {schema, data: rows}, or an array a
/// column.
class Table
{
public:
    /// Behind the key: takes the value. payloads: for a column of objects; null: they are left out.
    void read(JsonPull &pull, Budget &budget, Payloads *payloads, ImportReport &report);
    bool isPresent() const { return m_present; }
    std::size_t rows() const { return m_rows; }
    std::size_t cells() const { return m_cells; }
    /// Null when the table has no such column.
    const std::vector<Cell> *column(std::string_view name) const;
    const std::string &weightType() const { return m_weightType; }

private:
    void readRows(JsonPull &pull, Budget &budget, Payloads *payloads, ImportReport &report);
    void readRow(JsonPull &pull, Budget &budget, Payloads *payloads, ImportReport &report);
    void readColumn(std::string_view name, JsonPull &pull, Budget &budget, Payloads *payloads,
        ImportReport &report);
    bool mayGrow(JsonPull &pull, Budget &budget, std::size_t cells, ImportReport &report);

    std::map<std::string, std::vector<Cell>, std::less<>> m_named;
    std::vector<std::vector<Cell>> m_placed; ///< columns whose names the schema tells
    std::map<std::string, std::size_t, std::less<>> m_schema;
    std::string m_weightType;
    std::size_t m_rows = 0, m_placedRows = 0, m_cells = 0;
    bool m_present = false;
};

/// Cell of a row as an index; nullopt for null, beyond the column, or negative.
std::optional<std::size_t> indexAt(const std::vector<Cell> *column, std::size_t row);
/// Cell of a row; kNull beyond the column.
Cell cellAt(const std::vector<Cell> *column, std::size_t row);

} // namespace tailscope::import::firefox
