// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "import/accesslog/routerules.h"

#include "accesslog/embeddedroutes.h"
#include "base/text.h"
#include "import/accesslog/logformats.h"

#include <fstream>
#include <sstream>

namespace tailscope::import::accesslog {

namespace {

constexpr std::size_t kMaxRules = 1000;
constexpr std::size_t kMaxFile = 1024 * 1024;

tl::unexpected<Error> bad(const std::string &name, const toml::source_region &where, std::string detail)
{
    Error error{ErrorCode::BadInput, name, std::move(detail), {},
        "resources/routes.toml shows what a file may say"};
    error.where = Location{std::nullopt, where.begin.line, std::nullopt};
    return fail(std::move(error));
}

/// A number of characters: 0 = never, or 4..256.
Result<void> takeLength(const toml::table &table, const char *key, const std::string &name,
    std::size_t &length)
{
    const toml::node *node = table.get(key);
    if (node == nullptr)
        return {};
    const auto value = node->value_exact<std::int64_t>();
    if (!value || (*value != 0 && (*value < 4 || *value > 256)))
        return bad(name, node->source(), std::string(key) + " is no number from 4 to 256, nor 0");
    length = static_cast<std::size_t>(*value);
    return {};
}

Result<void> takeFlag(const toml::table &table, const char *key, const std::string &name, bool &flag)
{
    const toml::node *node = table.get(key);
    if (node == nullptr)
        return {};
    const auto value = node->value_exact<bool>();
    if (!value)
        return bad(name, node->source(), std::string(key) + " is neither true nor false");
    flag = *value;
    return {};
}

Result<RouteRules::Rule> readRule(const toml::node &node, const std::string &name)
{
    const toml::table *table = node.as_table();
    const auto pattern = table != nullptr ? (*table)["pattern"].value<std::string>() : std::nullopt;
    const auto route = table != nullptr ? (*table)["route"].value<std::string>() : std::nullopt;
    if (!pattern || !route || !pattern->starts_with('/') || route->empty())
        return bad(name, node.source(), "a rule needs a pattern that begins with / and a route");
    RouteRules::Rule rule;
    rule.route = *route;
    for (const std::string_view part : split(std::string_view(*pattern).substr(1), '/')) {
        if (rule.open)
            return bad(name, node.source(), "** stands at the end of a pattern");
        if (part == "**")
            rule.open = true;
        else
            rule.parts.emplace_back(part);
    }
    return rule;
}

Result<void> takeRules(const toml::table &table, const std::string &name, RouteRules &rules)
{
    const toml::node *node = table.get("rule");
    if (node == nullptr)
        return {};
    const toml::array *array = node->as_array();
    if (array == nullptr || array->size() > kMaxRules)
        return bad(name, node->source(), "rules are [[rule]], at most 1,000");
    std::vector<RouteRules::Rule> own;
    for (const toml::node &one : *array) {
        Result<RouteRules::Rule> rule = readRule(one, name);
        if (!rule)
            return fail(rule.error());
        own.push_back(std::move(*rule));
    }
    rules.rules.insert(rules.rules.begin(), own.begin(), own.end());
    return {};
}

} // namespace

const RouteRules::Rule *RouteRules::match(std::string_view path) const
{
    if (rules.empty() || !path.starts_with('/'))
        return nullptr;
    const std::vector<std::string_view> parts = split(path.substr(1), '/');
    for (const Rule &rule : rules) {
        if (parts.size() < rule.parts.size() || (parts.size() > rule.parts.size() && !rule.open))
            continue;
        std::size_t same = 0;
        while (same < rule.parts.size()
            && (rule.parts[same] == parts[same] || (rule.parts[same] == "*" && !parts[same].empty())))
            ++same;
        if (same == rule.parts.size())
            return &rule;
    }
    return nullptr;
}

Result<void> addRouteRules(std::string_view text, const std::string &name, RouteRules &rules)
{
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed)
        return bad(name, parsed.error().source(), std::string(parsed.error().description()));
    const toml::table &table = parsed.table();
    RouteRules changed = rules;
    for (const auto &[key, value] : table) {
        const std::string_view word = key.str();
        if (word != "identifiers" && word != "versions" && word != "rule")
            return bad(name, value.source(), "\"" + std::string(word) + "\" is not known");
    }
    if (const toml::table *identifiers = table["identifiers"].as_table()) {
        TS_TRY(takeFlag(*identifiers, "numbers", name, changed.numbers));
        TS_TRY(takeFlag(*identifiers, "uuids", name, changed.uuids));
        TS_TRY(takeLength(*identifiers, "hash_length", name, changed.hashLength));
        TS_TRY(takeLength(*identifiers, "token_length", name, changed.tokenLength));
    }
    if (const toml::table *versions = table["versions"].as_table()) {
        const auto mode = (*versions)["mode"].value<std::string>();
        if (!mode || (*mode != "keep" && *mode != "merge"))
            return bad(name, versions->source(), "mode is \"keep\" or \"merge\"");
        changed.mergeVersions = *mode == "merge";
    }
    TS_TRY(takeRules(table, name, changed));
    rules = std::move(changed);
    return {};
}

std::filesystem::path routeRulesFile()
{
    const std::filesystem::path list = logFormatsFile();
    return list.empty() ? list : list.parent_path() / "routes.toml";
}

const LoadedRouteRules &routeRules()
{
    static const LoadedRouteRules loaded = [] {
        LoadedRouteRules result;
        if (const auto ours = addRouteRules(kRoutesToml, "resources/routes.toml", result.rules); !ours)
            result.problem = ours.error().toText();
        std::ifstream file(routeRulesFile(), std::ios::binary);
        if (!file)
            return result;
        std::ostringstream text;
        text << file.rdbuf();
        if (text.str().size() > kMaxFile)
            result.problem = routeRulesFile().string() + " is larger than 1 MiB: it was left out";
        else if (const auto own = addRouteRules(text.str(), routeRulesFile().string(), result.rules); !own)
            result.problem = "the routes of your own were left out: " + own.error().toText();
        return result;
    }();
    return loaded;
}

} // namespace tailscope::import::accesslog
