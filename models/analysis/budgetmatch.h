// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spanfilter.h"
#include "base/budget.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// True when the whole text is told by a glob: `*` any characters, `?` one byte; everything else is itself.
/// O(text x pattern) at worst, no recursion.
bool globMatches(std::string_view glob, std::string_view text);

/// What a component's `match` asks for (resources/budgets/README.md): alternatives joined by " | ", each a
/// glob over operations, an expression of the filter language where it contains = ~ < or >, or series:NAME.
class BudgetPattern
{
public:
    /// An Error where the filter language refuses an alternative. The empty text matches nothing.
    static Result<BudgetPattern> parse(std::string_view text);

    bool isEmpty() const { return m_globs.empty() && m_filters.empty() && m_series.empty(); }
    bool hasSpans() const { return !m_globs.empty() || !m_filters.empty(); }
    const std::vector<std::string> &series() const { return m_series; } ///< globs over names of metrics
    bool matchesName(std::string_view operation) const; ///< one of the globs does
    /// Rows that any alternative for spans matches. An Error only when cancelled.
    Result<SpanBitmap> spans(const SpanColumns &columns, const Progress &progress) const;

private:
    std::vector<std::string> m_globs, m_series;
    std::vector<Filter> m_filters;
};

/// Spans of a budget: which component each row belongs to (the first that matches), and which rows may be a
/// request. Immutable; any thread. The columns must outlive it.
class BudgetSpans
{
public:
    static constexpr std::int16_t kNone = -1;
    static Result<BudgetSpans> build(const SpanColumns &columns, const Budget &budget,
        const Progress &progress);

    std::int16_t componentOf(std::uint32_t row) const { return m_component[row]; }
    /// True when the row may be a request; with an empty match every root of a trace is.
    bool asksForRequests() const { return m_hasRequests; }
    bool isRequest(std::uint32_t row) const { return m_requests.test(row); }
    /// Rows by component.
    const std::vector<std::int64_t> &counts() const { return m_counts; }

    /// Requests whose spans are in no trace (load tests, recordings of threads): the topmost that match, or
    /// with an empty match the calls without a parent; each with what lies below it, by start.
    std::size_t looseRequests() const { return m_looseRequest.size(); }
    std::uint32_t looseRequest(std::size_t i) const { return m_looseRequest[i]; } ///< its row
    std::span<const std::uint32_t> looseRows(std::size_t i) const
    {
        return std::span(m_looseRows).subspan(m_looseOffset[i], m_looseOffset[i + 1] - m_looseOffset[i]);
    }
    /// The loose request a row belongs to; kNoRow = none.
    std::uint32_t looseOf(std::uint32_t row) const { return m_looseOf.empty() ? kNoRow : m_looseOf[row]; }

private:
    void findLoose(const SpanColumns &columns);

    std::vector<std::uint32_t> m_looseOf, m_looseRequest, m_looseOffset{0}, m_looseRows;
    std::vector<std::int16_t> m_component;
    SpanBitmap m_requests;
    bool m_hasRequests = false;
    std::vector<std::int64_t> m_counts;
};

} // namespace tailscope::analysis
