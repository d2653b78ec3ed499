// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/indextext.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace tailscope::advisor {

namespace {

constexpr std::size_t kMaxName = 63; // NAMEDATALEN - 1
constexpr std::string_view kIdentifier = "abcdefghijklmnopqrstuvwxyz0123456789_$";

// Words that PostgreSQL refuses as a column or table name without quotes.
constexpr std::array<std::string_view, 77> kReserved{"all", "analyse", "analyze", "and", "any", "array", "as",
    "asc", "asymmetric", "both", "case", "cast", "check", "collate", "column", "constraint", "create",
    "current_catalog", "current_date", "current_role", "current_time", "current_timestamp", "current_user",
    "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "false", "fetch", "for",
    "foreign", "from", "grant", "group", "having", "in", "initially", "intersect", "into", "lateral",
    "leading", "limit", "localtime", "localtimestamp", "not", "null", "offset", "on", "only", "or", "order",
    "placing", "primary", "references", "returning", "select", "session_user", "some", "symmetric",
    "system_user", "table", "then", "to", "trailing", "true", "union", "unique", "user", "using", "variadic",
    "when", "where", "window"};

bool isWordByte(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c < 0;
}

/// Position behind the bracket that closes the one at `open`, or npos. Quotes are passed over.
std::size_t behindBracket(std::string_view text, std::size_t open)
{
    int depth = 0;
    for (std::size_t at = open; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\'' || c == '"') {
            at = text.find(c, at + 1);
            if (at == std::string_view::npos)
                return at;
        } else if (c == '(') {
            ++depth;
        } else if (c == ')' && --depth == 0) {
            return at + 1;
        }
    }
    return std::string_view::npos;
}

/// True when `name` stands in `text` as a word of its own.
bool holdsWord(std::string_view text, std::string_view name)
{
    for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
        const bool before = at == 0 || !isWordByte(text[at - 1]);
        const std::size_t end = at + name.size();
        if (before && (end == text.size() || !isWordByte(text[end])))
            return true;
    }
    return false;
}

/// Of "name COLLATE x opclass DESC NULLS LAST": the name or expression.
std::string columnOf(std::string_view part)
{
    if (part.starts_with('(')) {
        const std::size_t end = behindBracket(part, 0);
        return std::string(end == part.npos ? part : trimmed(part.substr(1, end - 2)));
    }
    if (part.starts_with('"')) {
        const std::size_t end = part.find('"', 1);
        return plainName(part.substr(0, end == part.npos ? part.npos : end + 1));
    }
    std::size_t end = 0;
    while (end < part.size() && isWordByte(part[end]))
        ++end;
    if (end < part.size() && part[end] == '(') {
        const std::size_t close = behindBracket(part, end);
        return std::string(part.substr(0, close));
    }
    return std::string(part.substr(0, end));
}

/// "(created_at)::date" or "created_at::date" round the column.
std::string castAround(std::string_view text, std::string_view cast, std::string_view column)
{
    for (const std::string &name : {"(" + std::string(column) + ")", std::string(column)}) {
        const std::string wanted = name + std::string(cast);
        const std::size_t at = text.find(wanted);
        if (at != text.npos && (at == 0 || !isWordByte(text[at - 1])))
            return "(" + std::string(column) + ")" + std::string(cast);
    }
    return {};
}

/// The smallest bracket that holds the column and the operator: "(data ->> 'k'::text)".
std::string bracketAround(std::string_view text, std::string_view op, std::string_view column)
{
    std::string_view best;
    for (std::size_t open = text.find('('); open != text.npos; open = text.find('(', open + 1)) {
        const std::size_t end = behindBracket(text, open);
        if (end == text.npos)
            break;
        const std::string_view inner = text.substr(open + 1, end - open - 2);
        if (inner.find(op) != inner.npos && holdsWord(inner, column)
            && (best.empty() || inner.size() < best.size()))
            best = inner;
    }
    return std::string(trimmed(best));
}

} // namespace

std::string quotedName(std::string_view name)
{
    const bool plain = !name.empty() && !std::isdigit(static_cast<unsigned char>(name.front()))
        && name.front() != '$' && name.find_first_not_of(kIdentifier) == name.npos
        && !std::binary_search(kReserved.begin(), kReserved.end(), name);
    if (plain)
        return std::string(name);
    std::string out = "\"";
    for (const char c : name) {
        if (c == '"')
            out += '"';
        out += c;
    }
    return out + '"';
}

std::string plainName(std::string_view printed)
{
    if (printed.size() < 2 || printed.front() != '"' || printed.back() != '"')
        return std::string(printed);
    std::string out;
    for (std::size_t at = 1; at + 1 < printed.size(); ++at) {
        out += printed[at];
        if (printed[at] == '"' && printed[at + 1] == '"')
            ++at;
    }
    return out;
}

std::string sqlConstant(std::string_view literal)
{
    if (parseDouble(literal) && literal.find_first_not_of("0123456789.-") == literal.npos)
        return std::string(literal);
    std::string out = "'";
    for (const char c : literal) {
        if (c == '\'')
            out += '\'';
        out += c;
    }
    return out + "'";
}

std::string indexName(std::string_view relation, const std::vector<std::string> &columns,
    std::string_view suffix)
{
    std::string name = "idx_" + std::string(relation);
    for (const std::string &column : columns) {
        // Of an expression its words.
        std::string words;
        for (const char c : column) {
            if (c == '"')
                continue;
            const bool separates
                = c == '(' || c == ')' || c == '\'' || c == ':' || c == ',' || c == '>' || c == '-';
            if (!separates && !(c == ' ' && column.find('(') != column.npos))
                words += c;
            else if (!words.empty() && words.back() != '_')
                words += '_';
        }
        while (!words.empty() && words.back() == '_')
            words.pop_back();
        name += '_' + words;
    }
    std::erase(name, '"');
    std::string cut(utf8Prefix(name, kMaxName - suffix.size()));
    return cut + std::string(suffix);
}

std::vector<std::string> splitList(std::string_view text)
{
    std::vector<std::string> parts;
    std::size_t begin = 0;
    int depth = 0;
    char quote = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        const char c = at < text.size() ? text[at] : ',';
        if (at < text.size() && quote) {
            quote = c == quote ? '\0' : quote;
            continue;
        }
        if (c == '\'' || c == '"')
            quote = c;
        depth += (c == '(' || c == '[') - (c == ')' || c == ']');
        if ((c == ',' && depth <= 0) || at == text.size()) {
            const std::string_view part = trimmed(text.substr(begin, at - begin));
            if (!part.empty())
                parts.emplace_back(part);
            begin = at + 1;
        }
    }
    return parts;
}

IndexDefinition parseIndexDefinition(std::string_view text)
{
    IndexDefinition definition;
    const std::size_t usingAt = text.find(" USING ");
    const std::size_t open = usingAt == text.npos ? text.npos : text.find('(', usingAt);
    const std::size_t end = open == text.npos ? open : behindBracket(text, open);
    if (end == text.npos)
        return definition;
    definition.method = trimmed(text.substr(usingAt + 7, open - usingAt - 7));
    for (const std::string &part : splitList(text.substr(open + 1, end - open - 2)))
        definition.columns.push_back(columnOf(part));
    std::string_view rest = text.substr(end);
    if (const std::size_t at = rest.find(" INCLUDE ("); at != rest.npos) {
        const std::size_t close = behindBracket(rest, at + 9);
        if (close != rest.npos) {
            for (const std::string &part : splitList(rest.substr(at + 10, close - at - 11)))
                definition.include.push_back(columnOf(part));
            rest.remove_prefix(close);
        }
    }
    if (const std::size_t at = rest.find(" WHERE "); at != rest.npos)
        definition.predicate = trimmed(rest.substr(at + 7));
    return definition;
}

std::string withoutQualifier(std::string_view expression, std::string_view alias)
{
    std::string out;
    char quote = 0;
    for (std::size_t at = 0; at < expression.size(); ++at) {
        const char c = expression[at];
        if (quote) {
            quote = c == quote ? '\0' : quote;
        } else if (!alias.empty() && (at == 0 || !isWordByte(expression[at - 1]))) {
            for (const std::string &prefix : {std::string(alias) + '.', quotedName(alias) + '.'}) {
                if (expression.substr(at).starts_with(prefix)) {
                    at += prefix.size();
                    break;
                }
            }
            if (at >= expression.size())
                break;
            if (expression[at] == '\'' || expression[at] == '"')
                quote = expression[at];
        } else if (c == '\'' || c == '"') {
            quote = c;
        }
        out += expression[at];
    }
    return out;
}

std::string expressionAround(std::string_view condition, std::string_view wrapper, std::string_view column,
    std::string_view alias)
{
    const std::string text = withoutQualifier(condition, alias);
    const std::string name = quotedName(column);
    if (wrapper.starts_with("::"))
        return castAround(text, wrapper, name);
    if (wrapper.empty() || !isWordByte(wrapper.front()))
        return wrapper.empty() ? std::string() : bracketAround(text, wrapper, name);
    const std::string call = std::string(wrapper) + '(';
    for (std::size_t at = text.find(call); at != text.npos; at = text.find(call, at + 1)) {
        const std::size_t end = behindBracket(text, at + wrapper.size());
        if (end == text.npos)
            break;
        const bool isWord = at == 0 || !isWordByte(text[at - 1]);
        const std::string_view expression = std::string_view(text).substr(at, end - at);
        if (isWord && holdsWord(expression.substr(call.size()), name))
            return std::string(expression);
    }
    return {};
}

} // namespace tailscope::advisor
