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

bool BudgetPattern::matchesName(std::string_view operation) const
{
    return std::any_of(m_globs.begin(), m_globs.end(),
        [&](const std::string &glob) { return globMatches(glob, operation); });
}

Result<SpanBitmap> BudgetPattern::spans(const SpanColumns &columns, const Progress &progress) const
{
    SpanBitmap all(columns.size());
    if (!m_globs.empty()) {
        std::vector<char> chosen(columns.operations.size(), 0);
        for (std::size_t i = 0; i < columns.operations.size(); ++i)
            chosen[i] = matchesName(columns.operations[i]);
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
    spans.findLoose(columns);
    return spans;
}

void BudgetSpans::findLoose(const SpanColumns &columns)
{
    if (std::none_of(columns.trace.begin(), columns.trace.end(), [](std::uint32_t t) { return t == kNoRow; }))
        return;
    constexpr std::uint32_t kOpen = kNoRow - 1; // not looked at yet
    m_looseOf.assign(columns.size(), kOpen);
    const auto mayBe = [&](std::uint32_t row) {
        if (columns.duration[row] == kUnknownNanos)
            return false;
        if (m_hasRequests)
            return m_requests.test(row);
        const auto kind = SpanKind(columns.kind[row]);
        return columns.parent[row] == kNoRow
            && (kind == SpanKind::Client || kind == SpanKind::Server || kind == SpanKind::Consumer);
    };
    std::vector<std::uint32_t> way;
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        way.clear();
        std::uint32_t above = row;
        while (above != kNoRow && m_looseOf[above] == kOpen) {
            m_looseOf[above] = kNoRow; // also the end of a cycle
            way.push_back(above);
            above = columns.parent[above];
        }
        std::uint32_t request = above == kNoRow ? kNoRow : m_looseOf[above];
        for (; !way.empty(); way.pop_back()) {
            const std::uint32_t at = way.back();
            if (columns.trace[at] != kNoRow)
                request = kNoRow;
            else if (request == kNoRow && mayBe(at)) {
                request = std::uint32_t(m_looseRequest.size());
                m_looseRequest.push_back(at);
            }
            m_looseOf[at] = request;
        }
    }
    std::vector<std::uint32_t> next(m_looseRequest.size() + 1, 0);
    for (const std::uint32_t request : m_looseOf) {
        if (request != kNoRow)
            ++next[request + 1];
    }
    for (std::size_t i = 1; i < next.size(); ++i)
        next[i] += next[i - 1];
    m_looseOffset = next;
    m_looseRows.resize(m_looseOffset.back());
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        if (m_looseOf[row] != kNoRow)
            m_looseRows[next[m_looseOf[row]]++] = row;
    }
    for (std::size_t i = 0; i < m_looseRequest.size(); ++i)
        std::sort(m_looseRows.begin() + m_looseOffset[i], m_looseRows.begin() + m_looseOffset[i + 1],
            [&](std::uint32_t a, std::uint32_t b) {
                if (columns.start[a] != columns.start[b])
                    return columns.start[a] < columns.start[b];
                return columns.duration[a] != columns.duration[b] ? columns.duration[a] > columns.duration[b]
                                                                  : a < b;
            });
}

} // namespace tailscope::analysis
