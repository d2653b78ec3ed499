// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/planwords.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace tailscope::analysis {

namespace {

constexpr std::array<std::string_view, 28> kKeywords{"all", "and", "any", "array", "between", "case",
    "collate", "distinct", "else", "end", "escape", "false", "from", "ilike", "in", "is", "isnull", "like",
    "not", "notnull", "null", "or", "row", "similar", "then", "to", "true", "when"};
static_assert(std::is_sorted(kKeywords.begin(), kKeywords.end()));

bool isKeyword(std::string_view word) { return std::binary_search(kKeywords.begin(), kKeywords.end(), word); }

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Letters, and every byte of another script.
bool isWordStart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
        || static_cast<unsigned char>(c) >= 0x80;
}

bool isOperator(char c) { return std::string_view("=<>!~*/%+-|&^@#?").find(c) != std::string_view::npos; }

class Scanner
{
public:
    explicit Scanner(std::string_view text)
        : m_text(text)
    {}

    ConditionWords run()
    {
        while (m_at < m_text.size())
            step();
        std::sort(m_words.columns.begin(), m_words.columns.end());
        const auto end = std::unique(m_words.columns.begin(), m_words.columns.end());
        m_words.columns.erase(end, m_words.columns.end());
        std::sort(m_meaning.begin(), m_meaning.end());
        for (const std::string &word : m_meaning)
            m_words.meaning += word + ' ';
        return std::move(m_words);
    }

private:
    char peek(std::size_t ahead = 0) const
    {
        return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0';
    }

    void step()
    {
        const char c = peek();
        const std::size_t begin = m_at;
        if (c == '\'') {
            quoted('\'');
            literal(begin);
        } else if (isDigit(c) || (c == '$' && isDigit(peek(1)))) {
            for (++m_at; isDigit(peek()) || isWordStart(peek()) || (peek() == '.' && isDigit(peek(1)));)
                ++m_at;
            literal(begin);
        } else if (c == ':' && peek(1) == ':') {
            m_at += 2;
            type();
        } else if (c == '"' || isWordStart(c)) {
            word();
        } else if (isOperator(c)) {
            while (isOperator(peek()))
                ++m_at;
            m_meaning.emplace_back(m_text.substr(begin, m_at - begin));
            m_afterLiteral = false;
        } else {
            ++m_at;
        }
    }

    void quoted(char mark)
    {
        for (++m_at; m_at < m_text.size(); ++m_at) {
            if (m_text[m_at] != mark)
                continue;
            if (peek(1) != mark)
                break;
            ++m_at;
        }
        m_at = std::min(m_at + 1, m_text.size());
    }

    void literal(std::size_t begin)
    {
        m_words.literals += std::string(m_text.substr(begin, m_at - begin)) + ' ';
        m_meaning.emplace_back("?");
        m_afterLiteral = true;
    }

    std::string name()
    {
        const std::size_t begin = m_at;
        if (peek() == '"') {
            quoted('"');
            return std::string(m_text.substr(begin + 1, std::max<std::size_t>(m_at - begin, 2) - 2));
        }
        while (isWordStart(peek()) || isDigit(peek()) || peek() == '$')
            ++m_at;
        return std::string(m_text.substr(begin, m_at - begin));
    }

    /// "character varying(20)[]", "timestamp with time zone": only that of a column changes the meaning.
    void type()
    {
        std::string cast = "::" + name();
        while (peek() == '.' || (peek() == ' ' && isTypeWord())) {
            ++m_at;
            cast += name();
        }
        if (!m_afterLiteral)
            m_meaning.push_back(cast);
    }

    bool isTypeWord() const
    {
        const std::string_view rest = m_text.substr(std::min(m_at + 1, m_text.size()));
        return rest.starts_with("varying") || rest.starts_with("with ") || rest.starts_with("without ")
            || rest.starts_with("time zone") || rest.starts_with("zone") || rest.starts_with("precision");
    }

    void word()
    {
        bool isQuoted = peek() == '"';
        std::string last = name();
        while (peek() == '.' && (isWordStart(peek(1)) || peek(1) == '"')) {
            ++m_at;
            isQuoted = peek() == '"';
            last = name();
        }
        const std::string lower = toLowerAscii(last);
        m_afterLiteral = false;
        if (!isQuoted && isKeyword(lower)) {
            m_meaning.push_back(lower);
            return;
        }
        const bool isFunction = peek() == '(';
        m_meaning.push_back(last + (isFunction ? "()" : ""));
        // "(SubPlan 1)" and "(InitPlan 2).col1" are no columns.
        const bool isPlan = last == "SubPlan" || last == "InitPlan" || last == "hashed";
        if (!isFunction && !isPlan)
            m_words.columns.push_back(std::move(last));
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    bool m_afterLiteral = false;
    ConditionWords m_words;
    std::vector<std::string> m_meaning;
};

} // namespace

ConditionWords conditionWords(std::string_view condition) { return Scanner(condition).run(); }

std::string subplanKind(std::string_view subplanName)
{
    std::string kind;
    const std::string_view name = subplanName.substr(0, subplanName.find(" ("));
    if (!name.starts_with("InitPlan") && !name.starts_with("SubPlan"))
        return std::string(name); // a CTE has a name of its own
    for (const char c : name) {
        if (!isDigit(c) && c != ' ')
            kind += c;
    }
    return kind;
}

} // namespace tailscope::analysis
