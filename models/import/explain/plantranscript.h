// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/plandocument.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tailscope::import::explain {

/// A plan of another form written down as EXPLAIN (FORMAT JSON), so that one reader builds all of them. Every
/// token stands on the line its original has: nodes keep their line numbers.
class PlanTranscript
{
public:
    /// The next token comes from this line (1-based) of the input.
    void atLine(std::int64_t line);
    void startObject() { open('{'); }
    void startArray() { open('['); }
    void end(); ///< closes the innermost bracket
    void key(std::string_view name);
    void string(std::string_view value);
    void bare(std::string_view value); ///< a number, true, false, null or JSON as it is

    std::size_t depth() const { return m_open.size(); }
    bool isObject() const { return !m_open.empty() && m_open.back() == '{'; }
    const std::string &text() const { return m_text; }

private:
    void open(char bracket);
    void separate();
    void quoted(std::string_view value);

    std::string m_text, m_open;
    std::int64_t m_line = 1;
    bool m_needsComma = false;
};

/// True for what JSON takes as a number.
bool isJsonNumber(std::string_view text);

/// A taker that gives plans read from a transcript the lines of the original as their source text, and its
/// form.
PlanTaker withSourceOf(std::string_view original, std::string_view form, const PlanTaker &take);

} // namespace tailscope::import::explain
