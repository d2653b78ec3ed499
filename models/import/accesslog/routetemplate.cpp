// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/routetemplate.h"

#include <algorithm>

namespace tailscope::import::accesslog {

namespace {

constexpr std::string_view kPlaceholder = "{id}";
constexpr std::string_view kVersion = "v{n}";
constexpr std::size_t kMaxExtension = 5;

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isHexDigit(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

template<typename Test>
bool all(std::string_view text, Test test)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), test);
}

bool isUuid(std::string_view text)
{
    constexpr std::string_view shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (text.size() != shape.size())
        return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == '-' ? text[i] != '-' : !isHexDigit(text[i]))
            return false;
    }
    return true;
}

/// A word has letters, a number has digits: a token of many of both is neither.
bool isToken(std::string_view text, std::size_t length)
{
    const auto digits = std::count_if(text.begin(), text.end(), isDigit);
    return length > 0 && text.size() >= length && digits >= 4
        && all(text, [](char c) { return isDigit(c) || isLetter(c) || c == '-' || c == '_' || c == '='; })
        && std::any_of(text.begin(), text.end(), isLetter)
        // "2024-03-release-of-the-product" is a title: words are long, the pieces of a token are not.
        && std::count(text.begin(), text.end(), '-') < 3;
}

bool isIdentifier(std::string_view text, const RouteRules &rules)
{
    if ((rules.numbers && all(text, isDigit)) || (rules.uuids && isUuid(text)))
        return true;
    const bool isHash = rules.hashLength > 0 && text.size() >= rules.hashLength && all(text, isHexDigit)
        && std::any_of(text.begin(), text.end(), isDigit) && std::any_of(text.begin(), text.end(), isLetter);
    return isHash || isToken(text, rules.tokenLength);
}

/// "v1", "v12".
bool isVersion(std::string_view text)
{
    return text.size() > 1 && text.size() <= 4 && text.front() == 'v' && all(text.substr(1), isDigit);
}

void appendPart(std::string_view part, const RouteRules &rules, std::string &out)
{
    if (rules.mergeVersions && isVersion(part)) {
        out += kVersion;
        return;
    }
    if (isIdentifier(part, rules)) {
        out += kPlaceholder;
        return;
    }
    const std::size_t dot = part.rfind('.');
    const bool hasExtension = dot != std::string_view::npos && dot > 0
        && part.size() - dot - 1 <= kMaxExtension
        && std::any_of(part.begin() + static_cast<std::ptrdiff_t>(dot), part.end(), isLetter);
    if (hasExtension && isIdentifier(part.substr(0, dot), rules)) {
        out += kPlaceholder;
        out += part.substr(dot);
        return;
    }
    out += part;
}

} // namespace

Target splitTarget(std::string_view target)
{
    if (const std::size_t scheme = target.find("://");
        scheme != std::string_view::npos && scheme < target.find_first_of("/?#")) {
        const std::size_t path = target.find('/', scheme + 3);
        target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
    }
    Target split;
    const std::size_t end = std::min(target.find_first_of("?#"), target.size());
    split.path = target.substr(0, end);
    if (end < target.size() && target[end] == '?') {
        split.query = target.substr(end + 1);
        split.query = split.query.substr(0, split.query.find('#'));
    }
    return split;
}

std::string routeTemplate(std::string_view path) { return routeTemplate(path, routeRules().rules); }

std::string routeTemplate(std::string_view path, const RouteRules &rules)
{
    if (const RouteRules::Rule *rule = rules.match(path))
        return rule->route;
    std::string out;
    out.reserve(path.size());
    std::size_t from = 0;
    while (from <= path.size()) {
        const std::size_t end = std::min(path.find('/', from), path.size());
        appendPart(path.substr(from, end - from), rules, out);
        if (end == path.size())
            break;
        out += '/';
        from = end + 1;
    }
    return out;
}

} // namespace tailscope::import::accesslog
