// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/linereader.h"
#include "import/importreport.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import {

/// One thing in the output of a console client; views are valid until the next call.
struct ConsoleItem
{
    enum class Kind : std::uint8_t {
        Row, ///< names and cells, of equal number
        Time, ///< a line that is a time: text, as consoleTime() gives it
        Text, ///< any other line that is not blank
    };
    Kind kind = Kind::Text;
    std::span<const std::string> names; ///< lower case
    std::span<const std::string_view> cells; ///< trimmed; empty where the console prints nothing
    std::string_view text; ///< Time; else the line
    bool isFirst = false; ///< Row: of its result set
    std::uint64_t offset = 0, length = 0;

    /// The cell under the first of the names ('|' between) that is there; nullopt when none is or it is
    /// empty.
    std::optional<std::string_view> cell(std::string_view names) const;
};

/// Result sets in the output of psql and its like, one after another: aligned (also with a frame), unaligned
/// with '|', CSV, TSV, or expanded ("-[ RECORD 1 ]"). Where nothing tells a header from a row (unaligned and
/// CSV), it is one that `known` knows, or a line of other names after a blank one. Rows of result sets that
/// are not known are left out and told. Limits: 1 MiB a line, 1,000 columns.
class ConsoleTables
{
public:
    static constexpr std::size_t kMaxLine = 1024 * 1024;
    static constexpr std::size_t kMaxColumns = 1000;
    using Known = std::function<bool(std::span<const std::string> names)>;

    ConsoleTables(ByteSource &source, ImportReport &report, Known known);
    bool next(ConsoleItem &item);
    Result<void> result() const { return m_lines.result(); }

private:
    bool takeLine(Line line, ConsoleItem &item);
    bool startsTable(Line &line);
    void begin(std::vector<std::string> names, char delimiter, const Line &line, bool known);
    bool keepRow(const Line &line, ConsoleItem &item);
    void splitCells(std::string_view text);
    void takeExpanded(std::string_view text, const Line &line);
    bool endRecord(ConsoleItem &item);
    bool isRuleNext();
    void tellUnknown(const std::vector<std::string> &names, std::uint64_t offset);

    LineReader m_lines;
    ImportReport &m_report;
    Known m_known;
    std::vector<std::string> m_names;
    std::vector<std::string_view> m_cells;
    std::deque<std::string> m_unquoted; ///< cells that were in quotes
    std::string m_current, m_pending; ///< copies of lines, made where the next one is looked at
    Line m_pendingLine;
    bool m_hasPending = false;
    char m_delimiter = '\0'; ///< of the table at hand; '\0' = there is none
    bool m_isKnown = false, m_afterBlank = true, m_isFramed = false, m_isFirst = false, m_headTold = false;
    bool m_inRecord = false; ///< of expanded output
    std::vector<std::string> m_recordNames, m_recordCells;
    std::uint64_t m_recordOffset = 0, m_recordEnd = 0;
    std::string m_recordText, m_time;
};

/// Names of a header line by a delimiter: lower case, without quotes; empty when the delimiter does not
/// occur.
std::vector<std::string> consoleNames(std::string_view line, char delimiter);

/// The line of a prefix that `known` knows as header; for the sniffers. At most `lines` lines are looked at,
/// expanded output counts by the names of its first record.
bool hasConsoleTable(std::string_view prefix, int lines, const ConsoleTables::Known &known);

} // namespace tailscope::import
