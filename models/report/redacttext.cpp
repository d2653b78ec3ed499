// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Which texts of a report are SQL, or quote some.
#include "report/reportdata.h"

#include "base/text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>
#include <utility>

namespace tailscope::report {

namespace {

/// A statement begins with the verb and has one of the words behind it.
struct Verb
{
    std::string_view verb;
    std::array<std::string_view, 3> words;
};
constexpr Verb kVerbs[] = {
    {"select", {"from", "where", "limit"}},
    {"insert", {"into", "values", "into"}},
    {"update", {"set", "where", "set"}},
    {"delete", {"from", "where", "from"}},
    {"merge", {"into", "using", "into"}},
    {"replace", {"into", "values", "into"}},
    {"with", {"select", "insert", "update"}},
    {"explain", {"select", "update", "delete"}},
    {"copy", {"from", "to", "from"}},
    {"create", {"password", "default", "as"}},
    {"alter", {"password", "default", "set"}},
};
/// What a sentence may quote; the other verbs are too common in prose.
constexpr std::size_t kVerbsInSentences = 7;

/// Statements that may be as short as "SELECT f(1)": only PostgreSQL's grammar tells them from prose.
constexpr std::string_view kShortVerbs[] = {"select", "values", "call", "set", "execute"};

bool isWord(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Where `word` stands by itself in a text in small letters, from `from` on; npos when nowhere.
std::size_t findWord(std::string_view text, std::string_view word, std::size_t from = 0)
{
    for (std::size_t at = text.find(word, from); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const bool begins = at == 0 || !isWord(text[at - 1]);
        const bool ends = at + word.size() == text.size() || !isWord(text[at + word.size()]);
        if (begins && ends)
            return at;
    }
    return std::string_view::npos;
}

bool hasWordAfter(std::string_view lower, const Verb &verb, std::size_t at)
{
    return std::any_of(verb.words.begin(), verb.words.end(), [&](std::string_view word) {
        return findWord(lower, word, at + verb.verb.size()) != std::string_view::npos;
    });
}

/// Begin of the first statement in a text in small letters.
std::optional<std::size_t> findStatement(std::string_view lower, std::size_t verbs)
{
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < verbs; ++i) {
        const std::size_t at = findWord(lower, kVerbs[i].verb);
        if (at != std::string_view::npos && hasWordAfter(lower, kVerbs[i], at))
            first = std::min(first.value_or(at), at);
    }
    return first;
}

bool isStatement(std::string_view lower)
{
    return std::any_of(std::begin(kVerbs), std::end(kVerbs), [&](const Verb &verb) {
        return lower.starts_with(verb.verb) && findWord(lower, verb.verb) == 0
            && hasWordAfter(lower, verb, 0);
    });
}

/// A comparison or a list before a quoted text: "= 'x'", "('x'", "LIKE 'x'" and their kind.
bool isValuePosition(std::string_view text, std::size_t quote)
{
    std::size_t at = quote;
    // A prefix such as E or N belongs to the quote.
    if (at > 0 && std::isalpha(static_cast<unsigned char>(text[at - 1])) && (at < 2 || !isWord(text[at - 2])))
        --at;
    while (at > 0 && isBlank(text[at - 1]))
        --at;
    if (at == 0)
        return false;
    if (std::string_view("=<>~!(,[|").find(text[at - 1]) != std::string_view::npos)
        return true;
    const std::string before = toLowerAscii(text.substr(at > 8 ? at - 8 : 0, std::min<std::size_t>(at, 8)));
    return before.ends_with("like") || before.ends_with(" in") || before.ends_with("between")
        || before.ends_with(" and");
}

/// Values in single quotes become "?"; the rest stays.
std::string withoutQuotedValues(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t quote = text.find('\'', at);
        if (quote == std::string_view::npos)
            return out.append(text.substr(at));
        if (!isValuePosition(text, quote)) {
            out.append(text.substr(at, quote + 1 - at));
            at = quote + 1;
            continue;
        }
        std::size_t end = quote + 1;
        while (end < text.size() && (text[end] != '\'' || (end + 1 < text.size() && text[end + 1] == '\'')))
            end += text[end] == '\'' ? 2 : 1;
        out.append(text.substr(at, quote - at)).append("?");
        at = std::min(end + 1, text.size());
    }
    return out;
}

/// A condition as plans print it: "((total > 100) AND (state = 'open'::text))".
bool isCondition(std::string_view text)
{
    return text.size() > 2 && text.front() == '(' && text.back() == ')'
        && text.find_first_of("=<>~'") != std::string_view::npos;
}

using Replacements = std::vector<std::pair<std::string, std::string>>;

QJsonValue redactedValue(const QJsonValue &value, Replacements &replaced)
{
    if (value.isString()) {
        const std::string text = value.toString().toStdString();
        std::string redacted = redactedName(text);
        if (redacted == text)
            return value;
        replaced.emplace_back(text, redacted);
        return QString::fromStdString(redacted);
    }
    if (value.isArray()) {
        QJsonArray array;
        const QJsonArray entries = value.toArray();
        for (const auto &entry : entries)
            array.append(redactedValue(QJsonValue(entry), replaced));
        return array;
    }
    if (value.isObject()) {
        QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            it.value() = redactedValue(it.value(), replaced);
        return object;
    }
    return value;
}

/// Texts that are known to be SQL are replaced exactly; the rest of the sentence keeps its figures.
std::string replaceKnown(const std::string &text, const Replacements &replaced, std::size_t from)
{
    for (std::size_t i = from; i < replaced.size(); ++i) {
        const std::size_t at = text.find(replaced[i].first);
        if (at == std::string::npos)
            continue;
        return replaceKnown(text.substr(0, at), replaced, i + 1) + replaced[i].second
            + replaceKnown(text.substr(at + replaced[i].first.size()), replaced, i);
    }
    return redactedSentence(text);
}

} // namespace

std::string redactedName(const std::string &text)
{
    const std::string_view bare = trimmed(text);
    if (bare.empty())
        return text;
    const std::string lower = toLowerAscii(bare);
    const bool isShort = std::any_of(std::begin(kShortVerbs), std::end(kShortVerbs),
        [&](std::string_view verb) { return lower.starts_with(verb) && findWord(lower, verb) == 0; });
    if (isStatement(lower) || isCondition(bare) || (isShort && parsesAsSql(std::string(bare))))
        return redactedSql(std::string(bare));
    return withoutQuotedValues(text);
}

std::string redactedSentence(const std::string &text)
{
    const std::optional<std::size_t> statement = findStatement(toLowerAscii(text), kVerbsInSentences);
    if (!statement)
        return withoutQuotedValues(text);
    return withoutQuotedValues(std::string_view(text).substr(0, *statement))
        + redactedSql(text.substr(*statement));
}

void ReportData::Finding::redact()
{
    Replacements replaced;
    const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(evidence)).object();
    const QJsonValue redacted = redactedValue(object, replaced);
    if (!replaced.empty())
        evidence = QJsonDocument(redacted.toObject()).toJson(QJsonDocument::Compact).toStdString();
    // Longer ones first: one may be part of another.
    std::sort(replaced.begin(), replaced.end(),
        [](const auto &a, const auto &b) { return a.first.size() > b.first.size(); });
    title = replaceKnown(title, replaced, 0);
    summary = replaceKnown(summary, replaced, 0);
}

} // namespace tailscope::report
