// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/textscan.h"

#include "base/text.h"

#include <algorithm>
#include <limits>

namespace tailscope::import::explain {

namespace {

constexpr std::size_t kMaxLabel = 60;

bool isLabelCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '-'
        || c == '/' || c == '_';
}

} // namespace

void QuoteState::feed(std::string_view text)
{
    // A doubled quote closes and opens again, which comes to the same.
    for (const char c : text) {
        if (m_quote == '\0') {
            if (c == '\'' || c == '"')
                m_quote = c;
        } else if (c == m_quote) {
            m_quote = '\0';
        }
    }
}

std::size_t findOutsideQuotes(std::string_view text, std::string_view needle)
{
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != '\0') {
            if (c == quote)
                quote = '\0';
        } else if (c == needle.front() && text.substr(i).starts_with(needle)) {
            return i;
        } else if (c == '"' || c == '\'') {
            quote = c;
        }
    }
    return std::string_view::npos;
}

std::vector<std::string_view> splitList(std::string_view text)
{
    std::vector<std::string_view> items;
    char quote = '\0';
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != '\0') {
            if (c == quote)
                quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '(' || c == '[' || c == '{') {
            ++depth;
        } else if (c == ')' || c == ']' || c == '}') {
            depth = std::max(0, depth - 1);
        } else if (c == ',' && depth == 0 && i + 1 < text.size() && text[i + 1] == ' ') {
            items.push_back(text.substr(begin, i - begin));
            begin = i + 2;
        }
    }
    if (begin < text.size())
        items.push_back(text.substr(begin));
    return items;
}

bool hasOpenBracket(std::string_view text)
{
    int depth = 0;
    char quote = '\0';
    for (const char c : text) {
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '\'' || c == '"')
            quote = c;
        else
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    return depth > 0;
}

bool takePrefix(std::string_view &text, std::string_view prefix)
{
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

std::string_view withoutTrailingBlanks(std::string_view text)
{
    const std::size_t last = text.find_last_not_of(" \t");
    return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

std::size_t indentOf(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

std::string_view withoutIndent(std::string_view line) { return line.substr(indentOf(line)); }

bool splitLabel(std::string_view content, std::string_view &label, std::string_view &value)
{
    if (content.empty() || content.front() < 'A' || content.front() > 'Z')
        return false;
    std::size_t end = 0;
    while (end < std::min(content.size(), kMaxLabel) && isLabelCharacter(content[end]))
        ++end;
    if (end == content.size() || content[end] != ':')
        return false;
    if (end + 1 < content.size() && content[end + 1] != ' ')
        return false;
    label = content.substr(0, end);
    value = withoutIndent(content.substr(end + 1));
    return true;
}

std::vector<std::string_view> splitColumns(std::string_view text)
{
    std::vector<std::string_view> parts;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find("  ", at), text.size());
        if (end > at)
            parts.push_back(trimmed(text.substr(at, end - at)));
        at = end + 2;
    }
    return parts;
}

std::string_view withoutUnit(std::string_view text)
{
    const std::size_t digits = std::min(text.find_first_not_of("0123456789.-"), text.size());
    return text.substr(0, digits);
}

std::optional<double> loggedDuration(std::string_view line)
{
    constexpr std::string_view kMark = "duration: ";
    const std::size_t at = line.find(kMark);
    if (at == std::string_view::npos || line.find(" ms  plan:", at) == std::string_view::npos)
        return std::nullopt;
    return parseDouble(withoutUnit(line.substr(at + kMark.size())))
        .value_or(std::numeric_limits<double>::quiet_NaN());
}

std::string listJson(const std::vector<std::string_view> &items)
{
    std::string json = "[";
    for (const std::string_view item : items) {
        if (json.size() > 1)
            json += ',';
        appendJsonQuoted(json, trimmed(item));
    }
    return json + ']';
}

std::string capitalised(std::string_view word)
{
    std::string out(word);
    if (!out.empty() && out[0] >= 'a' && out[0] <= 'z')
        out[0] = static_cast<char>(out[0] - 'a' + 'A');
    return out;
}

} // namespace tailscope::import::explain
