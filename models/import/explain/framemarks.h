// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::explain {

/// Bytes of the vertical border ("|", "│", "║") the text starts or ends with; 0 = none.
std::size_t leadingBar(std::string_view text);
std::size_t trailingBar(std::string_view text);
/// Bytes of the wrap mark ('.' or '…') at the start or end; 0 = none.
std::size_t leadingWrapMark(std::string_view text);
std::size_t trailingWrapMark(std::string_view text);
/// Bytes of the newline mark ('+' or '↵') at the end; 0 = none.
std::size_t trailingNewlineMark(std::string_view text);
std::string_view withoutTrailing(std::string_view text, std::string_view characters);

/// "-[ RECORD 1 ]---", "* Record 1": the head of a row in psql's expanded output.
bool isRecordMark(std::string_view line);
/// The value of a line of an expanded record: without the label column "QUERY PLAN" and its border.
std::string_view withoutExpandedLabel(std::string_view line);

/// Text of html table cells: one entry a line of a cell. `line` counts the line ends before it.
struct HtmlLine
{
    std::string text;
    std::size_t line = 0;
    bool header = false; ///< from a <th>
};
bool isHtmlTable(std::string_view text);
std::vector<HtmlLine> htmlCells(std::string_view text, std::size_t maxLines);

} // namespace tailscope::import::explain
