// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/budgetwhatif.h"

#include "analysis/rowscan.h"
#include "analysis/spanweights.h"
#include "analysis/whatif.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tailscope::analysis {

namespace {

using Kind = BudgetEdit::Kind;
using Change = WhatIfPlan::Change;

Nanos nanos(double ms)
{
    return std::isfinite(ms) ? Nanos(std::llround(std::clamp(ms, 0.0, 1e9) * double(kNanosPerMilli))) : 0;
}

/// The changes of rows, each distinct one once.
class PlanBuilder
{
public:
    explicit PlanBuilder(const SpanColumns &columns)
        : m_columns(columns)
        , m_ofRow(columns.size(), 0)
    {}
    template<typename Alter>
    void alter(std::uint32_t row, Alter alter)
    {
        Change change = m_changes[m_ofRow[row]];
        alter(change);
        const Key key{change.factor, change.gapFactor, change.cap, change.isAsync, change.isParallel};
        const auto [found, isNew] = m_known.emplace(key, std::uint32_t(m_changes.size()));
        if (isNew)
            m_changes.push_back(change);
        m_ofRow[row] = found->second;
    }
    WhatIfPlan build() { return {m_columns, std::move(m_changes), std::move(m_ofRow)}; }

private:
    using Key = std::tuple<double, double, Nanos, bool, bool>;
    const SpanColumns &m_columns;
    std::vector<Change> m_changes{Change()};
    std::map<Key, std::uint32_t> m_known{{Key{1, 1, kUnknownNanos, false, false}, 0}};
    std::vector<std::uint32_t> m_ofRow;
};

void capAt(Change &change, Nanos cap)
{
    change.cap = change.cap == kUnknownNanos ? cap : std::min(change.cap, cap);
}

/// Marks the spans of one request.
class Marker
{
public:
    Marker(const BudgetSpans &spans, std::span<const BudgetEdit> edits, PlanBuilder &plan)
        : m_spans(spans)
        , m_edits(edits)
        , m_plan(plan)
    {}
    void mark(const TraceSpans &trace)
    {
        const bool leaveOut = std::any_of(m_edits.begin(), m_edits.end(),
            [](const BudgetEdit &edit) { return edit.kind == Kind::RemoveUnaccounted; });
        m_covered.assign(trace.size(), 0);
        m_seen.assign(m_edits.size(), 0);
        m_order.assign(1, trace.root);
        for (std::size_t at = 0; at < m_order.size(); ++at) {
            const std::uint32_t span = m_order[at];
            bool waits = false;
            for (std::uint32_t c = trace.firstChild[span]; c != kNoRow; c = trace.nextSibling[c]) {
                waits = waits || (!trace.isAsync[c] && trace.duration[c] != kUnknownNanos);
                m_order.push_back(c);
            }
            const std::int16_t part
                = span == trace.root ? BudgetSpans::kNone : m_spans.componentOf(trace.row[span]);
            m_covered[span] = part >= 0 || (span != trace.root && m_covered[trace.parent[span]]);
            if (part >= 0)
                applyTo(trace.row[span], part);
            else if (leaveOut && !m_covered[span])
                m_plan.alter(trace.row[span], [waits](Change &change) {
                    change.gapFactor = 0;
                    if (!waits)
                        capAt(change, 0);
                });
        }
    }

private:
    void applyTo(std::uint32_t row, std::int16_t part)
    {
        for (std::size_t i = 0; i < m_edits.size(); ++i) {
            const BudgetEdit &edit = m_edits[i];
            if (edit.component != part || edit.kind == Kind::RemoveUnaccounted || edit.kind == Kind::Add)
                continue;
            if (edit.kind == Kind::Cache && edit.count > 0 && m_seen[i]++ >= edit.count)
                continue;
            m_plan.alter(row, [&](Change &change) {
                if (edit.kind == Kind::Parallel)
                    change.isParallel = true;
                else if (edit.kind == Kind::Async)
                    change.isAsync = true;
                else
                    capAt(change, edit.kind == Kind::Remove ? 0 : nanos(edit.ms));
            });
        }
    }

    const BudgetSpans &m_spans;
    std::span<const BudgetEdit> m_edits;
    PlanBuilder &m_plan;
    std::vector<char> m_covered;
    std::vector<int> m_seen;
    std::vector<std::uint32_t> m_order;
};

struct Part
{
    std::vector<WeightedValue> before, after;
    std::int64_t changed = 0, faster = 0;
};

BudgetFigure figureOf(std::vector<WeightedValue> &values, Quantile q)
{
    const auto at
        = [&](Quantile quantile) { return weightedPercentile(values, quantile).value_or(kUnknownNanos); };
    return {std::int64_t(values.size()), at(kP50), at(kP95), at(kP99), at(q)};
}

} // namespace

std::shared_ptr<const BudgetWhatIf> budgetWhatIf(const SpanColumns &columns, const TraceRows &rows,
    std::span<const std::uint32_t> traces, const Budget &budget, const BudgetSpans &spans,
    std::span<const BudgetEdit> edits, const CancelToken &cancel)
{
    PlanBuilder builder(columns);
    Marker marker(spans, edits, builder);
    BudgetRequests marked(columns, rows, spans);
    for (std::size_t i = 0; i < traces.size(); ++i) {
        if (i % 256 == 0 && cancel.isCancelled())
            return nullptr;
        if (marked.load(traces[i]))
            marker.mark(marked.trace);
    }
    const WhatIfPlan plan = builder.build();
    Nanos added = 0;
    for (const BudgetEdit &edit : edits)
        added = edit.kind == Kind::Add ? saturatingAdd(added, nanos(edit.ms)) : added;

    const std::size_t middle = traces.size() / 2;
    Part parts[2];
    runParts(2, [&](int half) {
        const auto some = half == 0 ? traces.first(middle) : traces.subspan(middle);
        const TraceWeights weights(columns);
        BudgetRequests request(columns, rows, spans);
        WhatIfScheduler scheduler;
        Part &part = parts[half];
        for (std::size_t i = 0; i < some.size(); ++i) {
            if (i % 256 == 0 && cancel.isCancelled())
                return;
            if (!request.load(some[i]))
                continue;
            const TraceSpans &trace = request.trace;
            const WhatIfScheduler::Outcome outcome = scheduler.run(trace, plan);
            const Nanos before = trace.duration[trace.root], after = saturatingAdd(outcome.duration, added);
            const double weight = weights(trace.row[trace.root]);
            part.before.push_back({before, weight});
            part.after.push_back({after, weight});
            part.changed += outcome.isChanged || added > 0 ? 1 : 0;
            part.faster += after < before ? 1 : 0;
        }
    });
    if (cancel.isCancelled())
        return nullptr;
    Part &all = parts[0];
    all.before.insert(all.before.end(), parts[1].before.begin(), parts[1].before.end());
    all.after.insert(all.after.end(), parts[1].after.begin(), parts[1].after.end());
    const Quantile q = quantileOf(budget.percentile).value_or(kP95);
    auto result = std::make_shared<BudgetWhatIf>();
    result->before = figureOf(all.before, q);
    result->after = figureOf(all.after, q);
    result->changed = all.changed + parts[1].changed;
    result->faster = all.faster + parts[1].faster;
    result->weighted = !columns.traceWeight.empty();
    return result;
}

BudgetSums plannedSums(const Budget &budget, std::span<const BudgetEdit> edits)
{
    std::vector<BudgetPart> parts;
    for (const BudgetComponent &component : budget.components)
        parts.push_back({component.budgetMs.value_or(0), component.parallelGroup,
            component.kind == BudgetKind::Async, component.kind == BudgetKind::Headroom});
    for (const BudgetEdit &edit : edits) {
        if (edit.kind == Kind::Add) {
            parts.push_back({std::max(0.0, edit.ms)});
            continue;
        }
        if (edit.component < 0 || std::size_t(edit.component) >= budget.components.size())
            continue;
        BudgetPart &part = parts[std::size_t(edit.component)];
        if (edit.kind == Kind::Cap || (edit.kind == Kind::Cache && edit.count == 0))
            part.ms = std::min(part.ms, std::max(0.0, edit.ms));
        else if (edit.kind == Kind::Remove)
            part.ms = 0;
        else if (edit.kind == Kind::Async)
            part.isAsync = true;
    }
    return budgetSums(parts);
}

std::vector<BudgetEdit> suggestedEdits(const BudgetReport &report)
{
    constexpr double kUnaccountedShare = 0.2, kUnaccountedMs = 50, kExternalShare = 0.2;
    std::vector<BudgetEdit> edits;
    if (report.requests == 0 || report.total().state != BudgetState::Over)
        return edits;
    const auto each = [&](auto &&suggest) {
        for (const BudgetRow &row : report.rows) {
            if (row.part == BudgetRow::Part::Component && row.time.isKnown() && !row.isAsync)
                suggest(row);
        }
    };
    each([&](const BudgetRow &row) {
        if (row.state == BudgetState::Over && row.spans >= 2 * row.time.n)
            edits.push_back({Kind::Parallel, row.position, 0, 0});
    });
    each([&](const BudgetRow &row) {
        // What somebody else's service needs at least is no advice.
        if (row.state == BudgetState::Over && row.floorMs && row.kind != BudgetKind::External)
            edits.push_back({Kind::Cap, row.position, *row.floorMs, 0});
    });
    for (const BudgetRow &row : report.rows) {
        if (row.part == BudgetRow::Part::Unaccounted
            && (row.share.value_or(0) > kUnaccountedShare
                || (row.time.isKnown() && row.time.p50 > Nanos(kUnaccountedMs) * kNanosPerMilli)))
            edits.push_back({Kind::RemoveUnaccounted, -1, 0, 0});
    }
    each([&](const BudgetRow &row) {
        if (row.kind == BudgetKind::External && row.share.value_or(0) > kExternalShare)
            edits.push_back({Kind::Async, row.position, 0, 0});
    });
    return edits;
}

} // namespace tailscope::analysis
