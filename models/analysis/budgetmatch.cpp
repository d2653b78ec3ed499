// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/budgetmatch.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::analysis {

namespace {

constexpr std::string_view kSeries = "series:";

/// Cuts at " | ", but not within quotes.
std::vector<std::string_view> alternatives(std::string_view text)
{
    std::vector<std::string_view> parts;
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && quoted) {
            ++i;
            continue;
        }
        if (text[i] == '"')
            quoted = !quoted;
        if (quoted || text[i] != '|' || i == 0 || i + 1 >= text.size() || text[i - 1] != ' '
            || text[i + 1] != ' ')
            continue;
        parts.push_back(trimmed(text.substr(begin, i - begin)));
        begin = i + 1;
    }
    parts.push_back(trimmed(text.substr(begin)));
    std::erase_if(parts, [](std::string_view part) { return part.empty(); });
    return parts;
}

} // namespace

bool globMatches(std::string_view glob, std::string_view text)
{
    std::size_t g = 0, t = 0;
    std::size_t star = std::string_view::npos, resume = 0; // the last '*', and where its text ends
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            resume = t;
        } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
            ++g;
            ++t;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*')
        ++g;
    return g == glob.size();
}

Result<BudgetPattern> BudgetPattern::parse(std::string_view text)
{
    BudgetPattern pattern;
    for (const std::string_view part : alternatives(text)) {
        if (part.starts_with(kSeries)) {
            pattern.m_series.emplace_back(trimmed(part.substr(kSeries.size())));
        } else if (part.find_first_of("=~<>") != std::string_view::npos) {
            Result<Filter> filter = parseFilter(part);
            if (!filter)
                return fail(std::move(filter.error()));
            if (!filter->isEmpty())
                pattern.m_filters.push_back(std::move(*filter));
        } else {
            pattern.m_globs.emplace_back(part);
        }
    }
    return pattern;
}

Result<SpanBitmap> BudgetPattern::spans(const SpanColumns &columns, const Progress &progress) const
{
    SpanBitmap all(columns.size());
    if (!m_globs.empty()) {
        std::vector<char> chosen(columns.operations.size(), 0);
        for (std::size_t i = 0; i < columns.operations.size(); ++i)
            chosen[i] = std::any_of(m_globs.begin(), m_globs.end(),
                [&](const std::string &glob) { return globMatches(glob, columns.operations[i]); });
        for (std::uint32_t row = 0; row < columns.size(); ++row) {
            if (chosen[columns.operation[row]])
                all.set(row);
        }
    }
    for (const Filter &filter : m_filters) {
        const auto some = evaluateFilter(columns, filter, progress);
        if (!some)
            return fail(some.error());
        for (std::size_t i = 0; *some && i < all.words().size(); ++i)
            all.words()[i] |= (*some)->words()[i];
    }
    return all;
}

Result<BudgetSpans> BudgetSpans::build(const SpanColumns &columns, const Budget &budget,
    const Progress &progress)
{
    BudgetSpans spans;
    spans.m_component.assign(columns.size(), kNone);
    spans.m_counts.assign(budget.components.size(), 0);
    for (std::size_t i = 0; i < budget.components.size(); ++i) {
        const Result<BudgetPattern> pattern = BudgetPattern::parse(budget.components[i].match);
        if (!pattern)
            return fail(pattern.error());
        if (!pattern->hasSpans())
            continue;
        const Result<SpanBitmap> rows = pattern->spans(columns, progress);
        if (!rows)
            return fail(rows.error());
        for (std::uint32_t row = 0; row < columns.size(); ++row) {
            if (rows->test(row) && spans.m_component[row] == kNone) {
                spans.m_component[row] = std::int16_t(i);
                ++spans.m_counts[i];
            }
        }
    }
    const Result<BudgetPattern> requests = BudgetPattern::parse(budget.match);
    if (!requests)
        return fail(requests.error());
    spans.m_hasRequests = !requests->isEmpty();
    if (spans.m_hasRequests) {
        Result<SpanBitmap> rows = requests->spans(columns, progress);
        if (!rows)
            return fail(std::move(rows.error()));
        spans.m_requests = std::move(*rows);
    }
    return spans;
}

} // namespace tailscope::analysis
