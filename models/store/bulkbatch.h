// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/family.h"
#include "store/rows.h"

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::store {

/// One value of a row on its way to the database; texts lie in the batch's arena.
struct Cell
{
    enum class Type : std::uint8_t {
        Null,
        Integer,
        Real,
        Text,
        Blob,
        Reference, ///< id of the row with this ordinal in `family`
        Statement, ///< id of the batch's statement with this index
    };
    std::int64_t value = 0; ///< integer, bits of a double, offset of a text, ordinal
    std::uint32_t length = 0;
    Type type = Type::Null;
    Family family = Family::String;

    static Cell integer(std::int64_t v) { return {v, 0, Type::Integer, Family::String}; }
    static Cell nanos(Nanos v) { return v == kUnknownNanos ? Cell{} : integer(v); }
    /// Zero stands for unknown in many rows.
    static Cell nonZero(std::int64_t v) { return v == 0 ? Cell{} : integer(v); }
    static Cell real(double v)
    {
        return v != v ? Cell{} : Cell{std::bit_cast<std::int64_t>(v), 0, Type::Real, Family::String};
    }
    static Cell optional(const std::optional<double> &v) { return v ? real(*v) : Cell{}; }
    static Cell optional(const std::optional<std::int64_t> &v) { return v ? integer(*v) : Cell{}; }
    /// Ordinal 0 = none.
    static Cell reference(Family to, std::int64_t ordinal)
    {
        return ordinal == 0 ? Cell{} : Cell{ordinal, 0, Type::Reference, to};
    }
};
static_assert(sizeof(Cell) == 16);

/// A span: half the size of its row in cells.
struct SpanPod
{
    Cell key, parentKey, operation, category;
    std::int64_t startNs, durationNs;
    std::uint32_t track, trace, resource, scope, attributeSet, quality;
    std::uint32_t attributesOffset, attributesLength;
    std::uint16_t httpStatus;
    std::uint8_t kind, status;
};

/// Rows of one family, `columns` cells each.
struct CellRows
{
    std::size_t columns = 0;
    std::vector<Cell> cells;
    std::size_t bare = 0; ///< rows of a family that has no columns of its own
    std::size_t rows() const { return columns ? cells.size() / columns : bare; }
    void clear()
    {
        cells.clear();
        bare = 0;
    }
};

/// A stretch of the reader's calls, handed to the writing thread as a whole and reused afterwards.
struct Batch
{
    std::string arena; ///< texts of all cells
    std::vector<SpanPod> spans;
    std::array<CellRows, kFamilies> rows; ///< without source_id; spans are above
    CellRows setItems; ///< attribute_set_item: set ordinal and the four other columns
    CellRows trackUpdates; ///< ordinal, then columns as in track
    struct StatementText
    {
        Cell fingerprint, text;
    };
    std::vector<StatementText> statements;
    struct Info
    {
        int kind, clock;
        std::string timezone;
    };
    std::optional<Info> info;
    std::array<std::int64_t, kFamilies> firstOrdinal{}; ///< of the first row of each family here
    std::int64_t dataRows = 0;
    std::int64_t rowsHash = 0; ///< after the last row

    bool isEmpty() const;
    void clear();
    /// Copies text into the arena. length: of the cell that is returned.
    Cell text(std::string_view text, Cell::Type type = Cell::Type::Text)
    {
        Cell cell{static_cast<std::int64_t>(arena.size()), static_cast<std::uint32_t>(text.size()), type,
            Family::String};
        arena.append(text);
        return cell;
    }
};

} // namespace tailscope::store
