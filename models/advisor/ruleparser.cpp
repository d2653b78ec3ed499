// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/inputs.h"
#include "advisor/rules.h"
#include "advisor/tomltext.h"
#include "base/text.h"

#include <algorithm>
#include <array>

namespace tailscope::advisor {

namespace {

constexpr std::size_t kMaxRuleBytes = 256 * 1024;
constexpr std::array<std::string_view, 4> kSeverities{"good", "info", "warning", "critical"};

struct Parts
{
    std::string_view header, sql;
    std::uint64_t headerLine = 1;
};

Error broken(const std::string &file, std::uint64_t line, std::string detail)
{
    Location place;
    place.line = line;
    return {ErrorCode::BadInput, file, std::move(detail), place,
        "A rule file is a /* TOML header */ and one SELECT"};
}

/// Leading blank lines and "--" comments, a block comment, the query.
Result<Parts> splitRule(std::string_view text, const std::string &file)
{
    std::uint64_t line = 1;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view row = trimmed(text.substr(at, end - at));
        if (!row.empty() && !row.starts_with("--"))
            break;
        at = std::min(end + 1, text.size());
        ++line;
    }
    const std::size_t open = text.find("/*", at);
    if (open == std::string_view::npos || !trimmed(text.substr(at, open - at)).empty())
        return fail(broken(file, line, "no /* TOML header */ before the query"));
    const std::size_t close = text.find("*/", open + 2);
    if (close == std::string_view::npos)
        return fail(broken(file, line, "the header comment has no end"));
    Parts parts{text.substr(open + 2, close - open - 2), trimmed(text.substr(close + 2)), line};
    if (parts.sql.empty())
        return fail(broken(file, line, "there is no query after the header"));
    return parts;
}

bool isName(std::string_view text)
{
    return !text.empty() && text.front() >= 'a' && text.front() <= 'z'
        && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

void readThresholds(TomlReader &reader, const std::string &file, std::uint64_t line,
    std::vector<Threshold> &list)
{
    const toml::table *table = reader.table("thresholds");
    if (!table)
        return;
    for (const auto &[key, node] : *table) {
        Threshold threshold;
        threshold.name = key.str();
        const toml::table *fields = node.as_table();
        if (!isName(threshold.name) || !fields)
            return reader.refuse(&node, threshold.name, "is not a threshold: name = { value, unit, source }");
        const toml::node *value = fields->get("value");
        const auto number = value ? value->value<double>() : std::nullopt;
        if (!number)
            return reader.refuse(&node, threshold.name, "has no number as value");
        threshold.value = threshold.standard = *number;
        TomlReader inner(*fields, file, line);
        inner.string("unit", threshold.unit, true);
        inner.string("source", threshold.source, true);
        if (inner.hasFailed())
            return reader.refuse(&node, threshold.name, "needs a unit and a source");
        list.push_back(std::move(threshold));
    }
}

} // namespace

Result<Rule> parseRule(std::string_view text, const std::string &file)
{
    if (text.size() > kMaxRuleBytes) {
        return fail(ErrorCode::LimitExceeded, file, "a rule file of more than 256 KiB",
            "Keep one rule in one file");
    }
    if (!isValidUtf8(text))
        return fail(ErrorCode::BadInput, file, "is not UTF-8 text", "Save the rule as UTF-8");
    const Result<Parts> parts = splitRule(text, file);
    if (!parts)
        return fail(parts.error());
    const toml::parse_result parsed = toml::parse(parts->header, file);
    if (!parsed)
        return fail(tomlError(parsed.error(), file, parts->headerLine));

    Rule rule;
    rule.file = file;
    rule.sql = parts->sql;
    TomlReader reader(parsed.table(), file, parts->headerLine);
    reader.string("id", rule.id, true);
    reader.integer("version", rule.version, 1, 1'000'000);
    reader.string("title", rule.title, true);
    reader.string("headline", rule.headline);
    reader.string("severity", rule.severity, true);
    reader.strings("needs", rule.needs);
    reader.strings("uses", rule.uses);
    reader.strings("caused_by", rule.causedBy);
    reader.string("versions", rule.versions);
    reader.integer("rung", rule.rung, 0, 13);
    readThresholds(reader, file, parts->headerLine, rule.thresholds);
    reader.string("summary", rule.summary, true);
    reader.string("cause", rule.cause);
    reader.strings("checks", rule.checks);
    reader.string("fix", rule.fix);
    reader.string("proof", rule.proof);
    reader.string("risk", rule.risk);
    reader.string("refuse", rule.refuse);
    reader.string("quiet", rule.quiet);
    reader.joined("related", rule.related);
    TS_TRY(reader.finish());

    if (rule.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos)
        return fail(broken(file, parts->headerLine, "key 'id' holds more than a-z, 0-9 and '-'"));
    if (std::find(kSeverities.begin(), kSeverities.end(), rule.severity) == kSeverities.end())
        return fail(
            broken(file, parts->headerLine, "key 'severity' is none of good, info, warning, critical"));
    if (rule.needs.empty())
        return fail(broken(file, parts->headerLine, "key 'needs' is missing: name at least one input"));
    for (const auto *names : {&rule.needs, &rule.uses}) {
        for (const std::string &name : *names) {
            if (!inputByName(name))
                return fail(broken(file, parts->headerLine, "'" + name + "' is no input; see inputs.toml"));
        }
    }
    return rule;
}

} // namespace tailscope::advisor
