// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::live {

/// What a text is, as far as EXPLAIN goes; by PostgreSQL's own grammar.
struct ExplainClass
{
    enum class Kind {
        Select,
        Write, ///< INSERT, UPDATE, DELETE, MERGE, or one of them in WITH
        Unknown, ///< one statement that looks like one of these; the grammar does not know it (newer, cut
                 ///< off)
        Refused, ///< several statements, or one without a plan
    };
    Kind kind = Kind::Refused;
    std::string refusal; ///< why, in words; of Refused only
    std::string verb; ///< "SELECT", "UPDATE", ...; of Unknown the first word
    int parameters = 0; ///< highest n of $n
    /// Why it must not be executed, in words; empty = a SELECT that reads and locks nothing.
    std::string analyzeRefusal;
    std::vector<std::string> functions; ///< names of what it calls, without schema
};
ExplainClass explainClass(std::string_view sql);

/// The one CREATE INDEX of a text.
struct IndexText
{
    std::string table; ///< as written
    std::string method; ///< "btree"
    std::string refusal; ///< why it is none, in words; empty = it is
};
IndexText indexText(std::string_view sql);

/// One statement without what ends it: no ';', blanks or comments behind it.
std::string withoutEnd(std::string_view sql);

} // namespace tailscope::live
