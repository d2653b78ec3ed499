// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/budgetfile.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace tailscope {

namespace {

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr std::size_t kMaxComponents = 500;
constexpr double kMaxMs = 1e9;
constexpr std::array<std::string_view, 9> kKinds{"processing", "routing", "cache", "database", "external",
    "network", "serialization", "async", "headroom"};

/// The shortest text that reads back as the same number, whatever the locale.
std::string numberText(double value)
{
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end.ptr};
}

/// Takes values out of one table; the first problem wins.
class Keys
{
public:
    Keys(const toml::table &table, const std::string &file)
        : m_table(table)
        , m_file(file)
    {}

    void text(std::string_view key, std::string &out, bool required = false)
    {
        const toml::node *node = take(key, required);
        if (!node)
            return;
        if (const auto value = node->value_exact<std::string>())
            out = sanitizedUtf8(*value);
        else
            refuse(node, std::string(key) + " is a text");
    }
    /// One text or a list of alternatives.
    void match(std::string_view key, std::string &out)
    {
        const toml::node *node = take(key, false);
        if (!node)
            return;
        if (const toml::array *list = node->as_array()) {
            for (const toml::node &item : *list) {
                const auto value = item.value_exact<std::string>();
                if (!value)
                    return refuse(&item, std::string(key) + " is a text or a list of texts");
                out += (out.empty() ? "" : " | ") + sanitizedUtf8(*value);
            }
            return;
        }
        if (const auto value = node->value_exact<std::string>())
            out = sanitizedUtf8(*value);
        else
            refuse(node, std::string(key) + " is a text or a list of texts");
    }
    std::optional<double> number(std::string_view key, bool required = false)
    {
        const toml::node *node = take(key, required);
        if (!node)
            return std::nullopt;
        const auto value = node->value<double>();
        if (!value || node->is_boolean() || !std::isfinite(*value)) {
            refuse(node, std::string(key) + " is a number");
            return std::nullopt;
        }
        return *value;
    }
    void integer(std::string_view key, std::int64_t &out)
    {
        const toml::node *node = take(key, false);
        if (!node)
            return;
        if (const auto value = node->value_exact<std::int64_t>())
            out = *value;
        else
            refuse(node, std::string(key) + " is a whole number");
    }
    void flag(std::string_view key, bool &out)
    {
        const toml::node *node = take(key, false);
        if (!node)
            return;
        if (const auto value = node->value_exact<bool>())
            out = *value;
        else
            refuse(node, std::string(key) + " is true or false");
    }
    /// 0.95, "0.95" or "p95" as decimal text.
    void percentile(std::string_view key, std::string &out)
    {
        const toml::node *node = take(key, false);
        if (!node)
            return;
        if (const auto number = node->value_exact<double>()) {
            out = numberText(*number);
            return;
        }
        const auto value = node->value_exact<std::string>();
        if (!value)
            return refuse(node, "percentile is a number below 1, or a text such as \"p95\"");
        out = *value;
        if (out.size() < 2 || (out[0] != 'p' && out[0] != 'P'))
            return;
        // p95, p99.9 and p999; p5 and p100 would read as 0.5 and 0.100.
        std::string digits = out.substr(1);
        if (digits.size() > 3 && digits[2] == '.')
            digits.erase(2, 1);
        if (digits.size() < 2 || digits.starts_with("100") || digits.find('.') != std::string::npos)
            return refuse(node, "percentile is p50 to p99, p99.9 or p999");
        out = "0." + digits;
    }
    void refuse(const toml::node *node, std::string detail)
    {
        if (m_error)
            return;
        const auto line = std::uint64_t((node ? node->source() : m_table.source()).begin.line);
        m_error = Error{ErrorCode::BadInput, m_file, std::move(detail),
            Location{std::nullopt, line, std::nullopt}, "Mend the line; resources/budgets has examples"};
    }
    void allow(std::string_view key) { m_known.emplace_back(key); }
    Result<void> finish()
    {
        for (const auto &[key, node] : m_table) {
            if (std::find(m_known.begin(), m_known.end(), key.str()) == m_known.end())
                refuse(&node, "there is no key '" + std::string(key.str()) + "' here");
        }
        return m_error ? Result<void>(fail(*m_error)) : Result<void>();
    }

private:
    const toml::node *take(std::string_view key, bool required)
    {
        m_known.emplace_back(key);
        const toml::node *node = m_table.get(key);
        if (!node && required)
            refuse(nullptr, "the key '" + std::string(key) + "' is missing");
        return node;
    }

    const toml::table &m_table;
    const std::string &m_file;
    std::vector<std::string> m_known;
    std::optional<Error> m_error;
};

Result<BudgetComponent> readComponent(const toml::table &table, const std::string &file)
{
    Keys keys(table, file);
    BudgetComponent part;
    keys.text("name", part.name, true);
    keys.match("match", part.match);
    part.budgetMs = keys.number("budget_ms");
    part.timeoutMs = keys.number("timeout_ms");
    std::int64_t group = 0;
    keys.integer("parallel_group", group);
    if (group < 0 || group > 1'000'000)
        keys.refuse(table.get("parallel_group"), "parallel_group is 1 or more");
    part.parallelGroup = int(group);
    std::string kind(name(part.kind));
    keys.text("kind", kind);
    if (const auto known = budgetKind(kind))
        part.kind = *known;
    else
        keys.refuse(table.get("kind"), "there is no kind '" + kind + "'");
    part.calls = keys.number("calls").value_or(1);
    part.callMs = keys.number("call_ms");
    if (const auto floor = keys.number("floor_ms")) {
        if (part.callMs)
            keys.refuse(table.get("floor_ms"), "floor_ms and call_ms say the same: write one of them");
        part.callMs = floor;
    }
    keys.flag("optional", part.optional);
    TS_TRY(keys.finish());
    return part;
}

/// A basic TOML string: JSON's escapes are among those of TOML, except "\/".
std::string quoted(std::string_view text) { return jsonQuoted(text); }

std::string componentProblem(const BudgetComponent &part)
{
    const auto bad = [](std::optional<double> value, double low) {
        return value && !(*value >= low && *value <= kMaxMs);
    };
    const std::string where = "component '" + part.name + "': ";
    if (trimmed(part.name).empty())
        return "a component needs a name";
    if (part.budgetMs && !(*part.budgetMs > 0 && *part.budgetMs <= kMaxMs))
        return where + "budget_ms is more than 0";
    if (bad(part.timeoutMs, 0))
        return where + "timeout_ms is 0 (none) or more";
    if (bad(part.callMs, 0))
        return where + "call_ms is 0 or more";
    if (!(part.calls >= 0 && part.calls <= 1e6))
        return where + "calls is 0 or more";
    if (part.parallelGroup < 0)
        return where + "parallel_group is 1 or more";
    return {};
}

} // namespace

std::string_view name(BudgetKind kind) { return kKinds[std::size_t(kind)]; }

std::optional<BudgetKind> budgetKind(std::string_view name)
{
    const auto *found = std::find(kKinds.begin(), kKinds.end(), name);
    if (found == kKinds.end())
        return std::nullopt;
    return BudgetKind(found - kKinds.begin());
}

std::string budgetProblem(const Budget &budget)
{
    if (trimmed(budget.name).empty())
        return "the budget needs a name";
    if (!(budget.targetMs > 0 && budget.targetMs <= kMaxMs))
        return "target_ms is more than 0";
    const std::optional<double> q = parseDouble(budget.percentile);
    // Nine decimals are what a rational of it holds.
    if (!q || !(*q > 0 && *q < 1) || budget.percentile.size() > 12
        || budget.percentile.size() - budget.percentile.find('.') > 10
        || budget.percentile.find_first_not_of("0123456789.") != std::string::npos)
        return "percentile is a decimal between 0 and 1, such as 0.95";
    if (!(budget.margin >= 0 && budget.margin <= 0.5))
        return "margin is a share from 0 to 0.5";
    if (budget.errorLimit && !(*budget.errorLimit >= 0 && *budget.errorLimit <= 1))
        return "error_limit is a share from 0 to 1";
    if (budget.minSamples < 1)
        return "min_samples is 1 or more";
    if (budget.components.size() > kMaxComponents)
        return "a budget has at most 500 components";
    for (const BudgetComponent &part : budget.components) {
        if (std::string problem = componentProblem(part); !problem.empty())
            return problem;
    }
    return {};
}

Result<Budget> parseBudget(std::string_view toml, const std::string &file)
{
    if (toml.size() > kMaxBytes)
        return fail(ErrorCode::LimitExceeded, file, "a budget file has at most 1 MiB", "Is it a budget?");
    // A dotted key is a table for each of its parts, which are destroyed by recursion.
    if (std::count(toml.begin(), toml.end(), '.') > 10'000)
        return fail(ErrorCode::LimitExceeded, file, "it has more than 10,000 dots", "Is it a budget?");
    const toml::parse_result parsed = toml::parse(toml, file);
    if (!parsed)
        return fail(Error{ErrorCode::BadInput, file, std::string(parsed.error().description()),
            Location{std::nullopt, std::uint64_t(parsed.error().source().begin.line), std::nullopt},
            "Mend the line; resources/budgets has examples"});
    const toml::table *head = parsed.table()["budget"].as_table();
    if (!head)
        return fail(ErrorCode::BadInput, file, "there is no table [budget]",
            "A budget file begins with [budget], name and target_ms");
    Budget budget;
    Keys keys(*head, file);
    keys.text("name", budget.name, true);
    keys.text("description", budget.description);
    keys.match("match", budget.match);
    budget.targetMs = keys.number("target_ms", true).value_or(0);
    keys.percentile("percentile", budget.percentile);
    budget.margin = keys.number("margin").value_or(budget.margin);
    budget.errorLimit = keys.number("error_limit");
    keys.integer("min_samples", budget.minSamples);
    TS_TRY(keys.finish());
    Keys top(parsed.table(), file);
    top.allow("budget");
    top.allow("component");
    if (const toml::node *list = parsed.table().get("component")) {
        if (!list->is_array_of_tables())
            top.refuse(list, "components are tables: [[component]]");
        else
            for (const toml::node &item : *list->as_array()) {
                Result<BudgetComponent> part = readComponent(*item.as_table(), file);
                if (!part)
                    return fail(std::move(part.error()));
                budget.components.push_back(std::move(*part));
            }
    }
    if (const std::string problem = budgetProblem(budget); !problem.empty())
        top.refuse(head, problem);
    TS_TRY(top.finish());
    return budget;
}

std::string budgetToml(const Budget &budget)
{
    std::string out = "[budget]\nname = " + quoted(budget.name) + "\n";
    const auto add = [&](std::string_view key, const std::string &value) {
        out += std::string(key) + " = " + value + "\n";
    };
    if (!budget.description.empty())
        add("description", quoted(budget.description));
    if (!budget.match.empty())
        add("match", quoted(budget.match));
    add("target_ms", numberText(budget.targetMs));
    add("percentile", quoted(budget.percentile));
    add("margin", numberText(budget.margin));
    if (budget.errorLimit)
        add("error_limit", numberText(*budget.errorLimit));
    if (budget.minSamples != 1)
        add("min_samples", std::to_string(budget.minSamples));
    for (const BudgetComponent &part : budget.components) {
        out += "\n[[component]]\n";
        add("name", quoted(part.name));
        if (!part.match.empty())
            add("match", quoted(part.match));
        if (part.kind != BudgetKind::Processing)
            add("kind", quoted(name(part.kind)));
        if (part.budgetMs)
            add("budget_ms", numberText(*part.budgetMs));
        if (part.timeoutMs)
            add("timeout_ms", numberText(*part.timeoutMs));
        if (part.parallelGroup > 0)
            add("parallel_group", std::to_string(part.parallelGroup));
        if (part.calls != 1)
            add("calls", numberText(part.calls));
        if (part.callMs)
            add("call_ms", numberText(*part.callMs));
        if (part.optional)
            add("optional", "true");
    }
    return out;
}

bool looksLikeBudget(std::string_view prefix)
{
    for (const std::string_view line : split(prefix, '\n')) {
        const std::string_view text = trimmed(line);
        if (text == "[budget]" || text == "[[component]]")
            return true;
        // The first line that is no remark decides: other TOML files begin with tables of their own.
        if (!text.empty() && text[0] != '#')
            return false;
    }
    return false;
}

} // namespace tailscope
