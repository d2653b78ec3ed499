// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace tailscope::report {

/// New names for what a text must not tell. One text, one object: the same name always gets the same new
/// one, so that a table is still told from another.
class AnonymNames
{
public:
    /// Letter of the new name: t1, c2, i3, f4, s5, y6, n7.
    enum class Kind : char {
        Table = 't',
        Column = 'c',
        Index = 'i',
        Function = 'f',
        Schema = 's',
        Type = 'y',
        Other = 'n'
    };

    /// The new name; the kind of the first place decides. Without quotes small and capital letters are one.
    std::string name(Kind kind, std::string_view original, bool quoted = false);
    /// "v1", without quotes.
    std::string literal(std::string_view original);
    /// 1, 2, 3 ... in the order of appearance.
    std::string number(std::string_view original);

    /// Names and literals of an expression as plans print it: bare words in capitals are SQL's.
    std::string expression(std::string_view text) { return scan(text, false); }
    /// The same for a statement as people write it; comments are left out.
    std::string statement(std::string_view text) { return scan(text, true); }
    /// Words of EXPLAIN and numbers stay, everything else goes.
    std::string figures(std::string_view text);
    /// figures() would leave the text as it is.
    static bool isFigures(std::string_view text);

private:
    std::string scan(std::string_view text, bool statement);

    std::map<std::string, std::string, std::less<>> m_names, m_literals, m_numbers;
    std::map<char, int> m_counts;
};

/// Letters, digits, '_' and everything beyond ASCII.
bool isNameCharacter(char c);
/// One past the closing quote at `at` of a text in single or double quotes or backticks, doubled quotes
/// inside; npos when nothing closes it.
std::size_t quotedEnd(std::string_view text, std::size_t at, bool backslashes = false);

} // namespace tailscope::report
