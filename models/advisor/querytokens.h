// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "advisor/queryparts.h"

namespace tailscope::advisor {

/// A statement cut into words, literals and symbols, comments left out: PostgreSQL's grammar tells where an
/// expression begins, the tokens tell where it ends.
class QueryTokens
{
public:
    struct Token
    {
        std::size_t begin = 0, end = 0;
        bool isWord = false;
    };

    explicit QueryTokens(std::string_view sql);

    std::size_t count() const { return m_tokens.size(); }
    const Token &at(std::size_t token) const { return m_tokens[token]; }
    std::string_view text(std::size_t token) const;
    bool is(std::size_t token, std::string_view word) const; ///< without regard to case; false past the end
    /// Token that covers or follows a byte; count() past the end.
    std::size_t find(std::size_t byte) const;

    /// Range from the token at byte `first` to the end of what begins at byte `last`: qualified names and
    /// calls are followed to their end, and brackets opened or closed within are completed.
    TextRange extent(std::size_t first, std::size_t last) const;
    /// The innermost pair of round brackets around a range, brackets included; the range itself when there is
    /// none.
    TextRange enclosing(const TextRange &range) const;
    TextRange between(std::size_t firstToken, std::size_t lastToken) const; ///< both included

private:
    std::size_t matching(std::size_t open) const; ///< closing bracket; the last token when there is none

    std::string_view m_sql;
    std::vector<Token> m_tokens;
};

} // namespace tailscope::advisor
