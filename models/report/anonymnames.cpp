// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/anonymnames.h"

#include "base/text.h"
#include "report/planvocabulary.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace tailscope::report {

namespace {

using Kind = AnonymNames::Kind;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

bool isAny(std::string_view word, std::initializer_list<std::string_view> words)
{
    return std::any_of(words.begin(), words.end(), [word](std::string_view w) { return w == word; });
}

/// Schemas and columns every server has: they tell nothing.
bool isPublicName(std::string_view word)
{
    return isAny(toLowerAscii(word),
        {"public", "pg_catalog", "information_schema", "excluded", "ctid", "tableoid", "xmin", "rowid"});
}

/// Walks an expression or a statement and writes it with other names.
class NameScanner
{
public:
    NameScanner(AnonymNames &names, std::string_view text, bool statement)
        : m_names(names)
        , m_text(text)
        , m_statement(statement)
    {}
    std::string run();

private:
    char at(std::size_t i) const { return i < m_text.size() ? m_text[i] : '\0'; }
    char before() const;
    char after(std::size_t end) const;
    void copy(std::size_t end);
    bool comment();
    void literal();
    void quotedName();
    void dollar();
    void number();
    void word();
    bool isKeyword(std::string_view word, std::size_t end) const;
    Kind kindOf(std::size_t end) const;
    void follow(const std::string &lower);

    AnonymNames &m_names;
    std::string_view m_text;
    bool m_statement;
    std::string m_out;
    std::size_t m_at = 0;
    std::string m_previous; ///< the word before, in small letters; empty after anything else but blanks
    bool m_inType = false;
    std::vector<bool> m_tables{false}; ///< per bracket: bare names are tables (behind FROM)
};

std::string NameScanner::run()
{
    while (m_at < m_text.size()) {
        const char c = m_text[m_at];
        if (comment())
            continue;
        if (c == '\'')
            literal();
        else if (c == '"' || c == '`')
            quotedName();
        else if (c == '$')
            dollar();
        else if (isDigit(c) || (c == '.' && isDigit(at(m_at + 1)) && !isNameCharacter(before())))
            number();
        else if (isNameCharacter(c))
            word();
        else {
            if (c == '(')
                m_tables.push_back(m_tables.back() && m_previous.empty());
            else if (c == ')' && m_tables.size() > 1)
                m_tables.pop_back();
            if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
                m_previous.clear();
                m_inType = m_inType && (c == '[' || c == ']' || c == ')' || c == '(' || c == ',');
            }
            copy(m_at + 1);
        }
    }
    return std::move(m_out);
}

/// The last character before that is no blank.
char NameScanner::before() const
{
    const std::size_t last = m_text.substr(0, m_at).find_last_not_of(" \t\r\n");
    return last == std::string_view::npos ? '\0' : m_text[last];
}

char NameScanner::after(std::size_t end) const
{
    const std::size_t next = m_text.find_first_not_of(" \t\r\n", end);
    return next == std::string_view::npos ? '\0' : m_text[next];
}

void NameScanner::copy(std::size_t end)
{
    m_out += m_text.substr(m_at, end - m_at);
    m_at = end;
}

/// A person may have left anything in a comment.
bool NameScanner::comment()
{
    const std::string_view rest = m_text.substr(m_at);
    std::size_t length = 0;
    if (m_statement && (rest.starts_with("--") || (rest.starts_with('#') && !rest.starts_with("#>"))))
        length = std::min(rest.find('\n'), rest.size());
    else if (rest.starts_with("/*")) {
        const std::size_t end = rest.find("*/", 2);
        length = end == std::string_view::npos ? rest.size() : end + 2;
    }
    m_at += length;
    return length > 0;
}

void NameScanner::literal()
{
    const bool prefixed = !m_out.empty() && isAny(m_previous, {"e", "n", "b", "x", "u&", "_utf8mb4"});
    const std::size_t close = quotedEnd(m_text, m_at, m_statement && m_previous == "e");
    const std::size_t end = std::min(close, m_text.size());
    const std::size_t inner = end - m_at - 1 - (close == std::string_view::npos ? 0 : 1);
    m_out += '\'' + m_names.literal(m_text.substr(m_at + 1, inner)) + '\'';
    m_at = end;
    m_previous.clear();
    m_inType = prefixed && m_inType;
}

void NameScanner::quotedName()
{
    const char quote = m_text[m_at];
    const std::size_t close = quotedEnd(m_text, m_at);
    const std::size_t end = std::min(close, m_text.size());
    const std::size_t inner = end - m_at - 1 - (close == std::string_view::npos ? 0 : 1);
    const Kind kind = kindOf(end);
    const std::string renamed = m_names.name(kind, m_text.substr(m_at + 1, inner), true);
    m_out += quote == '`' ? '`' + renamed + '`' : renamed;
    m_at = end;
    m_previous = "x";
}

/// $1 is a parameter, $tag$...$tag$ a text.
void NameScanner::dollar()
{
    std::size_t end = m_at + 1;
    while (end < m_text.size() && isNameCharacter(m_text[end]))
        ++end;
    if (isDigit(at(m_at + 1)) || at(end) != '$')
        return copy(isDigit(at(m_at + 1)) ? end : m_at + 1);
    const std::string_view tag = m_text.substr(m_at, end + 1 - m_at);
    const std::size_t close = m_text.find(tag, end + 1);
    const std::size_t stop = close == std::string_view::npos ? m_text.size() : close + tag.size();
    m_out += '\'' + m_names.literal(m_text.substr(m_at, stop - m_at)) + '\'';
    m_at = stop;
}

void NameScanner::number()
{
    std::size_t end = m_at;
    while (end < m_text.size()) {
        const bool sign = (at(end) == '+' || at(end) == '-') && end > m_at && (at(end - 1) | 0x20) == 'e';
        if (!isNameCharacter(at(end)) && at(end) != '.' && !sign)
            break;
        ++end;
    }
    // "SubPlan 1" and "#2" of a plan are no values.
    if (isAny(m_previous, {"subplan", "initplan"}) || (m_at > 0 && at(m_at - 1) == '#'))
        return copy(end);
    m_out += m_names.number(m_text.substr(m_at, end - m_at));
    m_at = end;
    m_previous.clear();
}

bool NameScanner::isKeyword(std::string_view word, std::size_t end) const
{
    const bool capitals = std::none_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (isAny(word, {"SubPlan", "InitPlan", "true", "false", "alternatives"}))
        return true;
    if (word == "hashed")
        return m_text.substr(end).starts_with(" SubPlan");
    if (word == "returns")
        return m_text.substr(end).starts_with(" $");
    // PostgreSQL prints its own words in capitals and quotes names that are one; MySQL prints small ones.
    if (!m_statement && !capitals
        && !isAny(word,
            {"and", "or", "not", "is", "in", "like", "between", "null", "case", "when", "then", "else", "end",
                "as", "desc", "asc", "interval"}))
        return false;
    const std::string lower = toLowerAscii(word);
    if (isAny(lower, {"first", "last"}))
        return m_previous == "nulls";
    if (isAny(lower, {"time", "zone", "at"}))
        return capitals || isAny(m_previous, {"at", "time"});
    if (isAny(lower, {"row", "rows", "range", "user", "filter", "offset", "check"}) && !capitals)
        return m_statement && lower != "row" && lower != "user" && lower != "check";
    return isSqlWord(word);
}

Kind NameScanner::kindOf(std::size_t end) const
{
    const char next = after(end);
    if (next == '.')
        return Kind::Table;
    const bool table
        = m_statement && (m_tables.back() || isAny(m_previous, {"into", "update", "table", "join", "from"}));
    if (before() == '.')
        return next == '(' && !table ? Kind::Function : table ? Kind::Table : Kind::Column;
    if (m_inType)
        return Kind::Type;
    if (table)
        return Kind::Table;
    return next == '(' ? Kind::Function : Kind::Column;
}

/// Which clause of a statement begins here.
void NameScanner::follow(const std::string &lower)
{
    if (isAny(lower, {"from", "join", "into", "update"}))
        m_tables.back() = true;
    else if (isAny(lower,
                 {"on", "where", "set", "using", "group", "order", "limit", "having", "values", "select",
                     "returning", "union", "except", "intersect", "window", "for", "when"}))
        m_tables.back() = false;
}

void NameScanner::word()
{
    std::size_t end = m_at;
    while (end < m_text.size() && (isNameCharacter(m_text[end]) || m_text[end] == '$'))
        ++end;
    const std::string_view word = m_text.substr(m_at, end - m_at);
    const std::string lower = toLowerAscii(word);
    const char prior = before();
    const bool qualified = prior == '.' || after(end) == '.';
    const bool type = m_at >= 2 && m_text.substr(m_at - 2, 2) == "::";
    const bool initColumn = prior == '.' && m_text.substr(0, m_at).ends_with(").") && word.starts_with("col")
        && parseUint64(word.substr(3));
    const bool call = after(end) == '(';
    const bool prefix = at(end) == '\'' && isAny(lower, {"e", "n", "b", "x"});
    m_inType = type || (m_inType && isCommonType(word));
    const bool common = (m_inType && isCommonType(word)) || (call && !qualified && isCommonFunction(word))
        || (m_statement && !qualified && isCommonType(word)
            && isAny(m_previous, {"as", "timestamp", "double"}));
    if (initColumn || prefix || isPublicName(word) || (!qualified && isKeyword(word, end)) || common) {
        if (m_statement && !qualified)
            follow(lower);
        copy(end);
    } else {
        m_out += m_names.name(kindOf(end), word);
        m_at = end;
    }
    m_previous = lower;
}

} // namespace

bool isNameCharacter(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

std::size_t quotedEnd(std::string_view text, std::size_t at, bool backslashes)
{
    const char quote = text[at];
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (backslashes && text[i] == '\\')
            ++i;
        else if (text[i] == quote && i + 1 < text.size() && text[i + 1] == quote)
            ++i;
        else if (text[i] == quote)
            return i + 1;
    }
    return std::string_view::npos;
}

std::string AnonymNames::name(Kind kind, std::string_view original, bool quoted)
{
    if (original.empty() || isPublicName(original))
        return std::string(original);
    const std::string key = quoted ? std::string(original) : toLowerAscii(original);
    const auto found = m_names.find(key);
    if (found != m_names.end())
        return found->second;
    const char letter = static_cast<char>(kind);
    std::string renamed = letter + std::to_string(++m_counts[letter]);
    m_names.emplace(key, renamed);
    return renamed;
}

std::string AnonymNames::literal(std::string_view original)
{
    const auto [place, isNew]
        = m_literals.try_emplace(std::string(original), "v" + std::to_string(m_literals.size() + 1));
    return place->second;
}

std::string AnonymNames::number(std::string_view original)
{
    const auto [place, isNew]
        = m_numbers.try_emplace(std::string(original), std::to_string(m_numbers.size() + 1));
    return place->second;
}

std::string AnonymNames::scan(std::string_view text, bool statement)
{
    return NameScanner(*this, text, statement).run();
}

bool AnonymNames::isFigures(std::string_view text)
{
    AnonymNames probe;
    return probe.figures(text) == text;
}

std::string AnonymNames::figures(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '\'' || c == '"' || c == '`') {
            const std::size_t end = std::min(quotedEnd(text, at), text.size());
            out += c + literal(text.substr(at + 1, end - at - 1)) + c;
            at = end;
        } else if (!isNameCharacter(c)) {
            out += c;
            ++at;
        } else {
            std::size_t end = at;
            while (end < text.size()
                && (isNameCharacter(text[end]) || text[end] == '-' || text[end] == '/'
                    || (text[end] == '.' && isDigit(c) && end + 1 < text.size() && isDigit(text[end + 1]))))
                ++end;
            const std::string_view word = text.substr(at, end - at);
            std::string_view unit = word;
            if (isDigit(c))
                unit.remove_prefix(std::min(word.find_first_not_of("0123456789.e+-"), word.size()));
            // "<derived2>", "<union1,2>".
            if (at > 0 && text[at - 1] == '<')
                unit = unit.substr(0, unit.find_last_not_of("0123456789") + 1);
            const bool known = unit.empty() || isPlanWord(unit);
            const std::size_t slash = known ? std::string_view::npos : word.find_first_of("/-");
            if (slash != std::string_view::npos && isPlanWord(word.substr(0, slash))) {
                out += word.substr(0, slash + 1);
                at += slash + 1;
                continue;
            }
            out += known ? std::string(word) : name(Kind::Other, word);
            at = end;
        }
    }
    return out;
}

} // namespace tailscope::report
