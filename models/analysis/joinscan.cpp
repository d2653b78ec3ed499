// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/joinscan.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::analysis {

namespace {

constexpr std::string_view kTraceParent = "traceparent";
constexpr std::size_t kMaxValue = 4096;

bool isHex(std::string_view text)
{
    return std::all_of(text.begin(), text.end(),
        [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

bool isZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

std::optional<TraceParent> parse(std::string_view text)
{
    if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return std::nullopt;
    const std::string_view version = text.substr(0, 2), trace = text.substr(3, 32),
                           span = text.substr(36, 16);
    if (!isHex(version) || !isHex(trace) || !isHex(span) || !isHex(text.substr(53, 2)) || isZero(trace)
        || isZero(span))
        return std::nullopt;
    return TraceParent{toLowerAscii(trace), toLowerAscii(span)};
}

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string withoutUrlEscapes(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto code
            = text[i] == '%' && i + 2 < text.size() ? parseHex64(text.substr(i + 1, 2)) : std::nullopt;
        out += code ? static_cast<char>(*code) : text[i];
        i += code ? 2 : 0;
    }
    return out;
}

/// Position behind the string whose opening quote is at `at`; npos when it does not close.
std::size_t stringEnd(std::string_view text, std::size_t at, char quote)
{
    for (++at; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == quote)
            return at + 1;
    }
    return std::string_view::npos;
}

void eachPair(std::string_view comment,
    const std::function<void(std::string_view, const std::string &)> &take)
{
    std::size_t at = 0;
    while ((at = comment.find("='", at)) != std::string_view::npos) {
        std::size_t begin = at;
        while (begin > 0 && !isBlank(comment[begin - 1]) && comment[begin - 1] != ',')
            --begin;
        const std::size_t end = stringEnd(comment, at + 1, '\'');
        if (end == std::string_view::npos)
            return;
        const std::string_view value = comment.substr(at + 2, end - at - 3);
        if (value.size() <= kMaxValue)
            take(comment.substr(begin, at - begin), withoutUrlEscapes(value));
        at = end;
    }
}

} // namespace

std::optional<TraceParent> traceParentIn(std::string_view text)
{
    std::size_t at = 0;
    while ((at = text.find(kTraceParent, at)) != std::string_view::npos) {
        at += kTraceParent.size();
        // What may stand between: traceparent='00-...', "traceparent":"00-...", traceparent=%2700-...
        std::size_t value = at;
        while (value < text.size() && value - at < 8) {
            const bool escaped = text.substr(value, 3) == "%27";
            if (!escaped && std::string_view("='\": \\").find(text[value]) == std::string_view::npos)
                break;
            value += escaped ? 3 : 1;
        }
        if (const auto found = parse(text.substr(value)))
            return found;
    }
    return std::nullopt;
}

void eachSqlComment(std::string_view sql,
    const std::function<void(std::string_view key, const std::string &value)> &take)
{
    std::size_t at = 0;
    while (at < sql.size()) {
        if (sql[at] == '\'' || sql[at] == '"') {
            at = stringEnd(sql, at, sql[at]);
        } else if (sql.substr(at, 2) == "/*") {
            const std::size_t end = std::min(sql.find("*/", at), sql.size());
            eachPair(sql.substr(at + 2, end - at - 2), take);
            at = end + 2;
        } else {
            ++at;
        }
    }
}

void eachJsonMember(std::string_view object,
    const std::function<void(std::string_view key, std::string_view value)> &take)
{
    int depth = 0;
    std::string_view key;
    bool isValue = false;
    for (std::size_t at = 0; at < object.size();) {
        const char c = object[at];
        if (c == '"') {
            const std::size_t end = stringEnd(object, at, '"');
            if (end == std::string_view::npos)
                return;
            const std::string_view text = object.substr(at + 1, end - at - 2);
            if (depth == 1 && !isValue)
                key = text;
            else if (depth == 1 && text.find('\\') == std::string_view::npos)
                take(key, text);
            at = end;
        } else if (c == '{' || c == '[' || c == '}' || c == ']') {
            depth += c == '{' || c == '[' ? 1 : -1;
            ++at;
        } else if (depth == 1 && (c == ':' || c == ',')) {
            isValue = c == ':';
            ++at;
        } else if (depth == 1 && isValue && !isBlank(c)) {
            const std::size_t end = std::min(object.find_first_of(",} \n", at), object.size());
            take(key, object.substr(at, end - at));
            at = end;
        } else {
            ++at;
        }
    }
}

} // namespace tailscope::analysis
