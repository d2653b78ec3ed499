// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/csvtable/columnmap.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::csvtable {

/// The head of a delimited file, for guessing and for showing what a map will do.
struct TablePreview
{
    static constexpr std::size_t kMaxRows = 50;
    static constexpr std::size_t kMaxColumns = 1024;

    char delimiter = ',';
    bool hasHeader = true;
    std::string headerLine; ///< as in the file; empty without a header
    std::vector<std::string> columns; ///< names, "#1" .. without a header; names that repeat get " (2)"
    std::vector<std::vector<std::string>> rows;

    /// Of the first bytes of a file (a last line that may be cut is left out). With a map: its delimiter,
    /// skipped lines and header. nullopt where no delimiter gives two columns or more.
    static std::optional<TablePreview> read(std::string_view prefix, const ColumnMap *map = nullptr);

    /// Index of the column that a name or "#n" means; -1 = none.
    int indexOf(std::string_view column) const;
};

/// What the columns seem to mean: the time column by name and by values that are times, numbers become
/// series, texts become labels. nullopt without a column of times and one of numbers.
std::optional<ColumnMap> guessMap(const TablePreview &preview);

/// Numbers as people and tools write them: "12.5", "12,5" (where the comma does not separate fields), "95 %".
struct CellNumber
{
    double value = 0;
    bool isPercent = false, hadComma = false;
};
std::optional<CellNumber> cellNumber(std::string_view text, char delimiter);
/// Empty, NaN, null, NA, N/A, -, undefined: no value, which is not 0.
bool isGap(std::string_view text);

/// `text` read by a pattern of strptime(3), as "YYYY-MM-DD hh:mm:ss" and the fraction that follows the
/// seconds. nullopt when it does not fit.
std::optional<std::string> isoTime(std::string_view text, const std::string &pattern);

} // namespace tailscope::import::csvtable
