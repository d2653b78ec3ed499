// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::explain {

/// Inside which quotes a text is: literals ('..') and identifiers ("..") as PostgreSQL prints expressions,
/// where quotes inside are doubled and never escaped by a backslash.
class QuoteState
{
public:
    void feed(std::string_view text);
    bool isOpen() const { return m_quote != '\0'; }

private:
    char m_quote = '\0';
};

/// First place of `needle` that is in no quotes and in no literal; npos when there is none.
std::size_t findOutsideQuotes(std::string_view text, std::string_view needle);

/// Items of "a, (b, c), 'd, e'": separated by ", " outside of quotes and brackets.
std::vector<std::string_view> splitList(std::string_view text);

/// Brackets stay open outside of literals: the line was cut inside its figures or its expression.
bool hasOpenBracket(std::string_view text);

/// Removes the prefix when the text has it.
bool takePrefix(std::string_view &text, std::string_view prefix);
std::string_view withoutTrailingBlanks(std::string_view text);
/// Columns of leading blanks.
std::size_t indentOf(std::string_view line);
std::string_view withoutIndent(std::string_view line);

/// "Label: value" as EXPLAIN prints properties; false when the line has no such label. A label without a
/// value
/// ("JIT:") gives an empty value.
bool splitLabel(std::string_view content, std::string_view &label, std::string_view &value);

/// Parts of "a  B: c  D: e", which stand two blanks apart.
std::vector<std::string_view> splitColumns(std::string_view text);
/// Digits, point and sign at the start of "12kB", "1.5 ms".
std::string_view withoutUnit(std::string_view text);
/// Milliseconds of the head of auto_explain's log record, "... duration: 12.3 ms  plan:" (NaN when they are
/// no number); nullopt when the line is none.
std::optional<double> loggedDuration(std::string_view line);
/// JSON array of the items as strings.
std::string listJson(const std::vector<std::string_view> &items);
std::string capitalised(std::string_view word);

} // namespace tailscope::import::explain
