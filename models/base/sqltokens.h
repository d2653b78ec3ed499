// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tailscope {

/// Splits SQL of any dialect into tokens, well enough to drop literals and comments. Never fails, linear in
/// the text, no recursion. The text must outlive it.
class SqlTokens
{
public:
    enum class Kind { End, Word, Literal, Symbol };

    explicit SqlTokens(std::string_view sql)
        : m_sql(sql)
    {}

    /// The next token: words in lower case, quoted names as written, nothing for literals (placeholders too).
    Kind next(std::string &token);
    /// Where the last token lies in the text.
    std::size_t begin() const { return m_begin; }
    std::size_t end() const { return m_at; }
    /// Called for the inside of each comment that is passed by; before the first next().
    void onComment(std::function<void(std::string_view inside)> take) { m_comment = std::move(take); }

private:
    unsigned char byteAt(std::size_t i) const { return static_cast<unsigned char>(m_sql[i]); }
    bool startsWith(std::string_view text) const { return m_sql.substr(m_at, text.size()) == text; }
    void skipBlanks();
    std::size_t blockEnd();
    void skipQuoted(char quote, bool escapes = false);
    void skipNumber();
    Kind word(std::string &token);
    Kind dollar(std::string &token);

    std::string_view m_sql;
    std::size_t m_at = 0, m_begin = 0;
    bool m_flat = false; ///< block comments do not nest here
    std::function<void(std::string_view)> m_comment;
};

} // namespace tailscope
