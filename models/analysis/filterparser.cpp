// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/filterfields.h"
#include "base/text.h"

#include <QRegularExpression>
#include <QString>

#include <algorithm>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kMaxBytes = 65'536;
constexpr std::size_t kMaxTerms = 256;
constexpr std::string_view kHowToQuote = "Put the word in \"quotes\" to search for it as text.";

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool isFieldLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class Parser
{
public:
    explicit Parser(std::string_view text)
        : m_text(text)
    {}

    Result<Filter> run()
    {
        Filter filter;
        if (m_text.size() > kMaxBytes)
            return failAt(0, "the expression is longer than 65,536 bytes", "Shorten it.");
        for (skipBlanks(); m_at < m_text.size(); skipBlanks()) {
            if (filter.terms.size() == kMaxTerms)
                return failAt(m_at, "the expression has more than 256 terms", "Shorten it.");
            Result<FilterTerm> term = readTerm();
            if (!term)
                return tl::unexpected(std::move(term.error()));
            filter.terms.push_back(std::move(*term));
        }
        return filter;
    }

private:
    void skipBlanks()
    {
        while (m_at < m_text.size() && isBlank(m_text[m_at]))
            ++m_at;
    }

    // 1-based, in characters, not bytes.
    std::uint64_t columnOf(std::size_t position) const
    {
        return 1
            + std::uint64_t(std::count_if(m_text.begin(), m_text.begin() + std::ptrdiff_t(position),
                [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
    }

    tl::unexpected<Error> failAt(std::size_t position, std::string detail, std::string hint) const
    {
        Error error{ErrorCode::Usage, "filter", std::move(detail), Location{}, std::move(hint)};
        error.where->column = columnOf(position);
        return tailscope::fail(std::move(error));
    }

    Result<FilterTerm> readTerm()
    {
        FilterTerm term;
        const std::size_t first = m_at;
        while (m_at < m_text.size() && (m_text[m_at] == '-' || m_text[m_at] == '!')) {
            term.negated = !term.negated;
            ++m_at;
        }
        if (m_at == m_text.size() || isBlank(m_text[m_at]))
            return failAt(first, "nothing follows the sign",
                "Write the word to leave out directly behind it.");
        Result<void> read = readBody(term);
        if (!read)
            return tl::unexpected(std::move(read.error()));
        term.firstColumn = columnOf(first);
        term.lastColumn = columnOf(m_at) - 1;
        return term;
    }

    Result<void> readBody(FilterTerm &term)
    {
        const std::size_t wordEnd = endOfWord(m_at);
        const std::string_view word = m_text.substr(m_at, wordEnd - m_at);
        if (word.size() > 2 && word.front() == '/' && word.back() == '/') {
            term.op = FilterTerm::Op::Match;
            term.text = std::string(word.substr(1, word.size() - 2));
            const std::size_t at = std::exchange(m_at, wordEnd);
            return checkExpression(term, at);
        }
        std::size_t nameEnd = m_at;
        while (nameEnd < m_text.size() && isFieldLetter(m_text[nameEnd]))
            ++nameEnd;
        const std::size_t opLength = operatorAt(nameEnd, term.op);
        if (nameEnd == m_at || opLength == 0) {
            term.op = FilterTerm::Op::Contains;
            return readValue(term.text);
        }
        const std::string_view name = m_text.substr(m_at, nameEnd - m_at);
        const FilterFieldInfo *info = filterFieldByName(name);
        if (!info)
            return failAt(m_at, "unknown field '" + std::string(name) + "'",
                "Known fields: " + filterFieldList() + ". " + std::string(kHowToQuote));
        term.field = info->field;
        m_at = nameEnd + opLength;
        const std::size_t valueAt = m_at;
        if (Result<void> read = readValue(term.text); !read)
            return read;
        return interpret(term, *info, valueAt);
    }

    std::size_t endOfWord(std::size_t at) const
    {
        while (at < m_text.size() && !isBlank(m_text[at]))
            ++at;
        return at;
    }

    std::size_t operatorAt(std::size_t at, FilterTerm::Op &op) const
    {
        using Op = FilterTerm::Op;
        static constexpr std::pair<std::string_view, Op> kOperators[] = {
            {"!=", Op::NotEqual},
            {">=", Op::GreaterEqual},
            {"<=", Op::LessEqual},
            {"=", Op::Equal},
            {"~", Op::Match},
            {">", Op::Greater},
            {"<", Op::Less},
        };
        for (const auto &[text, value] : kOperators) {
            if (m_text.substr(std::min(at, m_text.size())).starts_with(text)) {
                op = value;
                return text.size();
            }
        }
        return 0;
    }

    Result<void> readValue(std::string &out)
    {
        if (m_at == m_text.size() || m_text[m_at] != '"') {
            const std::size_t end = endOfWord(m_at);
            out = std::string(m_text.substr(m_at, end - m_at));
            m_at = end;
            return {};
        }
        const std::size_t quote = m_at++;
        for (; m_at < m_text.size(); ++m_at) {
            const char c = m_text[m_at];
            if (c == '"') {
                ++m_at;
                if (m_at < m_text.size() && !isBlank(m_text[m_at]))
                    return failAt(m_at, "text follows the closing quote", "Put a blank between the terms.");
                return {};
            }
            const bool escapes = c == '\\' && m_at + 1 < m_text.size()
                && (m_text[m_at + 1] == '"' || m_text[m_at + 1] == '\\');
            out += escapes ? m_text[++m_at] : c;
        }
        return failAt(quote, "the quote is not closed", "Add a \" at the end of the text.");
    }

    Result<void> checkExpression(const FilterTerm &term, std::size_t at) const
    {
        const QRegularExpression expression(QString::fromUtf8(term.text.data(), qsizetype(term.text.size())));
        if (expression.isValid())
            return {};
        return failAt(at, "the regular expression is wrong: " + expression.errorString().toStdString(),
            "Put a \\ before a sign that should stand for itself.");
    }

    Result<void> interpret(FilterTerm &term, const FilterFieldInfo &info, std::size_t at) const
    {
        using Op = FilterTerm::Op;
        const bool ordered = term.op != Op::Equal && term.op != Op::NotEqual && term.op != Op::Match;
        const std::string name(info.name);
        if (info.value == FilterValue::Text) {
            if (ordered)
                return failAt(at, "'" + name + "' has no order", "Use =, != or ~ with it.");
            return term.op == Op::Match ? checkExpression(term, at) : Result<void>();
        }
        if (term.op == Op::Match)
            return failAt(at, "'" + name + "' takes no regular expression", "Use = or != with it.");
        if (info.value == FilterValue::Word) {
            if (ordered)
                return failAt(at, "'" + name + "' has no order", "Use = or != with it.");
            return interpretWord(term, at);
        }
        return interpretNumber(term, info, at);
    }

    Result<void> interpretWord(FilterTerm &term, std::size_t at) const
    {
        const bool isKind = term.field == FilterTerm::Field::Kind;
        const std::optional<int> number = isKind ? spanKindNumber(term.text) : spanStatusNumber(term.text);
        if (!number)
            return failAt(at, std::string(isKind ? "unknown kind '" : "unknown status '") + term.text + "'",
                isKind ? "Known: internal, server, client, producer, consumer, async."
                       : "Known: ok, error, unset.");
        term.number = *number;
        term.text = toLowerAscii(term.text);
        return {};
    }

    Result<void> interpretNumber(FilterTerm &term, const FilterFieldInfo &info, std::size_t at) const
    {
        if (info.value == FilterValue::Duration) {
            const std::optional<std::int64_t> ns = parseFilterDuration(term.text);
            if (!ns)
                return failAt(at, "'" + term.text + "' is not a duration",
                    "Write a number with a unit: 5ms, 1.5s, 200us, 30ns, 2m.");
            term.number = *ns;
            return {};
        }
        if (info.value == FilterValue::Http) {
            const std::string lower = toLowerAscii(term.text);
            if (lower.size() == 3 && lower[0] >= '1' && lower[0] <= '5' && lower.substr(1) == "xx") {
                term.text = lower;
                term.number = lower[0] - '0';
                return {};
            }
        }
        const std::optional<std::int64_t> number = parseInt64(term.text);
        const std::int64_t last
            = info.value == FilterValue::Http ? 65'535 : std::numeric_limits<std::int64_t>::max();
        if (!number || *number < 0 || *number > last)
            return failAt(at, "'" + term.text + "' is not a number for '" + std::string(info.name) + "'",
                info.value == FilterValue::Http ? "Write a status code or a class: 200, 5xx."
                                                : "Write a whole number, 0 or above.");
        term.number = *number;
        term.text = std::to_string(*number);
        return {};
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

} // namespace

Result<Filter> parseFilter(std::string_view expression)
{
    if (!isValidUtf8(expression))
        return fail(ErrorCode::Usage, "filter", "the expression is not UTF-8 text", "Type it anew.");
    return Parser(expression).run();
}

} // namespace tailscope::analysis
