// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/budgetreport.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

namespace {

std::optional<double> msOf(Nanos ns)
{
    return ns == kUnknownNanos ? std::nullopt : std::optional(double(ns) / double(kNanosPerMilli));
}
std::optional<Nanos> known(Nanos ns) { return ns == kUnknownNanos ? std::nullopt : std::optional(ns); }

bool sameName(std::string_view a, std::string_view b) { return toLowerAscii(a) == toLowerAscii(b); }

/// The limit that the configuration gives for a component: of the calls that were seen, else of calls to
/// something named like it. The longest, when there are several.
std::optional<double> configuredTimeout(const BudgetComponent &part, const BudgetInputs &inputs,
    const MeasuredPart *measured)
{
    std::optional<double> longest;
    for (const auto &[edge, ms] : inputs.callTimeouts) {
        const bool isSeen = measured && measured->edges.contains(edge);
        if (isSeen || sameName(edge.second, part.name))
            // 0 is no limit at all: longer than any.
            longest = !longest ? ms : *longest == 0 || ms == 0 ? 0 : std::max(*longest, ms);
    }
    return longest;
}

BudgetFigure figureOf(std::vector<Nanos> values, Quantile q)
{
    BudgetFigure figure;
    figure.n = std::int64_t(values.size());
    const auto at = [&](Quantile quantile) { return percentile(values, quantile).value_or(kUnknownNanos); };
    figure.p50 = at(kP50), figure.p95 = at(kP95), figure.p99 = at(kP99);
    figure.value = at(q);
    return figure;
}

bool needsTimeout(BudgetKind kind, const MeasuredPart *measured)
{
    return kind == BudgetKind::External || kind == BudgetKind::Database
        || (kind != BudgetKind::Async && kind != BudgetKind::Headroom && measured && measured->hasCalls);
}

class Maker
{
public:
    Maker(const Budget &budget, const MeasuredBudget *measured, const SpanColumns *columns,
        const BudgetInputs &inputs)
        : m_budget(budget)
        , m_measured(measured)
        , m_columns(columns)
        , m_inputs(inputs)
        , m_quantile(quantileOf(budget.percentile).value_or(kP95))
    {}

    BudgetReport run()
    {
        m_report.budget = m_budget;
        m_report.requests = m_measured ? m_measured->requests : 0;
        m_report.weighted = m_measured && m_measured->weighted;
        m_report.workingMs = workingBudget(m_budget.targetMs, m_budget.margin).value_or(m_budget.targetMs);
        m_report.floor = budgetFloor(m_budget);
        addTotal();
        for (std::size_t i = 0; i < m_budget.components.size(); ++i)
            addComponent(i);
        addSlack();
        addUnaccounted();
        for (const BudgetInputs::Phase &phase : m_inputs.phases)
            addPhase(phase);
        addSums();
        return std::move(m_report);
    }

private:
    std::int64_t traceId(std::uint32_t index) const
    {
        return m_columns && index < m_columns->traceIds.size() ? m_columns->traceIds[index] : 0;
    }

    void addTotal()
    {
        BudgetRow row;
        row.part = BudgetRow::Part::Total;
        row.name = m_budget.name;
        row.budgetMs = m_budget.targetMs;
        if (m_report.floor)
            row.floorMs = m_report.floor->floor.lowMs;
        if (m_measured && m_measured->requests > 0) {
            row.basis = BudgetRow::Basis::Spans;
            row.time = m_measured->total;
            row.share = 1;
            row.errorRate = m_measured->errorRate;
            row.exampleTraceId = traceId(m_measured->slowest);
            row.state = budgetState(known(row.time.value), row.budgetMs);
        }
        m_report.rows.push_back(std::move(row));
    }

    void addComponent(std::size_t i)
    {
        const BudgetComponent &part = m_budget.components[i];
        const MeasuredPart *measured = m_measured ? &m_measured->parts[i] : nullptr;
        BudgetRow row;
        row.position = int(i);
        row.name = part.name;
        row.kind = part.kind;
        row.budgetMs = part.budgetMs;
        row.floorMs = part.floorMs();
        row.optional = part.optional;
        row.parallelGroup = part.parallelGroup;
        row.isAsync = part.kind == BudgetKind::Async || (measured && measured->onlyAsync);
        row.timeoutMs = part.timeoutMs;
        if (!row.timeoutMs) {
            row.timeoutMs = configuredTimeout(part, m_inputs, measured);
            row.timeoutFromConfig = row.timeoutMs.has_value();
        }
        if (measured && measured->time.isKnown()) {
            row.basis = BudgetRow::Basis::Spans;
            row.time = measured->time;
            row.path = measured->path;
            row.spans = measured->spans;
            row.offPath = double(measured->offPath) / double(measured->time.n);
            row.share = measured->share;
            row.overTimeout = measured->overTimeout;
            row.exampleTraceId = traceId(measured->example);
        } else if (!m_inputs.series.empty() && !m_inputs.series[i].empty()) {
            row.basis = BudgetRow::Basis::Series;
            row.time = figureOf(m_inputs.series[i], m_quantile);
        }
        if (part.kind != BudgetKind::Headroom) {
            row.state = budgetState(known(row.time.value), row.budgetMs);
            // A limit is that of one call, the figure that of all calls of a request.
            const bool isOneCall = row.spans <= row.time.n;
            row.timeoutState = timeoutState(row.timeoutMs, needsTimeout(part.kind, measured), row.budgetMs,
                isOneCall ? msOf(row.time.p99) : std::nullopt, m_budget.targetMs);
        }
        m_report.rows.push_back(std::move(row));
    }

    /// How much longer a member of a parallel group may take before the group does.
    void addSlack()
    {
        for (BudgetRow &row : m_report.rows) {
            const std::optional<double> own = msOf(row.time.value);
            if (row.parallelGroup == 0 || !own)
                continue;
            double longest = *own;
            for (const BudgetRow &other : m_report.rows) {
                if (other.parallelGroup == row.parallelGroup && !other.isAsync)
                    longest = std::max(longest, msOf(other.time.value).value_or(0));
            }
            row.slackMs = longest - *own;
        }
    }

    void addUnaccounted()
    {
        BudgetRow row;
        row.part = BudgetRow::Part::Unaccounted;
        row.position = int(m_budget.components.size());
        row.name = "Unaccounted";
        if (m_measured && m_measured->requests > 0) {
            row.basis = BudgetRow::Basis::Spans;
            row.time = m_measured->unaccounted.time;
            row.share = m_measured->unaccounted.share;
            row.exampleTraceId = traceId(m_measured->unaccounted.example);
            row.state = BudgetState::Ok;
        }
        m_report.rows.push_back(std::move(row));
    }

    void addPhase(const BudgetInputs::Phase &phase)
    {
        BudgetRow row;
        row.part = BudgetRow::Part::Phase;
        row.basis = BudgetRow::Basis::LoadTest;
        row.position = int(m_report.rows.size()) - 1;
        row.name = phase.run.empty() ? phase.name : phase.run + ": " + phase.name;
        row.budgetMs = m_budget.targetMs;
        const auto nanos = [](std::optional<double> ms) {
            return ms && *ms >= 0 && *ms < 9e12 ? Nanos(std::llround(*ms * double(kNanosPerMilli)))
                                                : kUnknownNanos;
        };
        row.time = {std::int64_t(std::clamp(phase.requests.value_or(0), 0.0, 9e18)), nanos(phase.p50Ms),
            nanos(phase.p95Ms), nanos(phase.p99Ms), kUnknownNanos};
        row.time.value = m_quantile == kP95 ? row.time.p95
            : m_quantile == kP99            ? row.time.p99
            : m_quantile == kP50            ? row.time.p50
            : m_quantile == kP90            ? nanos(phase.p90Ms)
                                            : kUnknownNanos;
        if (phase.requests && *phase.requests > 0 && phase.errors)
            row.errorRate = *phase.errors / *phase.requests;
        row.state = budgetState(known(row.time.value), row.budgetMs);
        // Where the requests themselves were read, a phase without a figure says nothing more.
        if (row.time.value != kUnknownNanos || m_report.requests == 0)
            m_report.rows.push_back(std::move(row));
    }

    void addSums()
    {
        m_report.sums[BudgetReport::Planned] = plannedSums(m_budget);
        constexpr Nanos BudgetFigure::*figures[]{&BudgetFigure::p50, &BudgetFigure::p95, &BudgetFigure::p99,
            &BudgetFigure::value};
        for (int sum = BudgetReport::P50; sum < BudgetReport::SumCount; ++sum) {
            std::vector<BudgetPart> parts;
            bool any = false;
            for (const BudgetRow &row : m_report.rows) {
                if (row.part != BudgetRow::Part::Component)
                    continue;
                const std::optional<double> ms = msOf(row.time.*figures[sum - 1]);
                any = any || ms;
                const bool isHeadroom = row.kind == BudgetKind::Headroom;
                parts.push_back({isHeadroom ? row.budgetMs.value_or(0) : ms.value_or(0), row.parallelGroup,
                    row.isAsync, isHeadroom});
            }
            if (any)
                m_report.sums[std::size_t(sum)] = budgetSums(parts);
        }
    }

    const Budget &m_budget;
    const MeasuredBudget *m_measured;
    const SpanColumns *m_columns;
    const BudgetInputs &m_inputs;
    Quantile m_quantile;
    BudgetReport m_report;
};

} // namespace

std::string_view name(BudgetRow::Part part)
{
    constexpr std::string_view names[]{"total", "component", "unaccounted", "phase"};
    return names[std::size_t(part)];
}

std::string_view name(BudgetRow::Basis basis)
{
    constexpr std::string_view names[]{"", "spans", "series", "load_test"};
    return names[std::size_t(basis)];
}

BudgetReport budgetReport(const Budget &budget, const MeasuredBudget *measured, const SpanColumns *columns,
    const BudgetInputs &inputs)
{
    return Maker(budget, measured, columns, inputs).run();
}

std::vector<std::optional<double>> componentTimeouts(const Budget &budget, const BudgetInputs &inputs)
{
    std::vector<std::optional<double>> timeouts;
    for (const BudgetComponent &part : budget.components)
        timeouts.push_back(part.timeoutMs ? part.timeoutMs : configuredTimeout(part, inputs, nullptr));
    return timeouts;
}

Result<BudgetReport> evaluateBudget(store::Database &reader, const SpanColumns *columns,
    const TraceRows *rows, const Budget &budget, const Progress &progress)
{
    const Result<BudgetInputs> inputs = readBudgetInputs(reader, budget, progress);
    if (!inputs)
        return fail(inputs.error());
    if (!columns || !rows || columns->size() == 0)
        return budgetReport(budget, nullptr, nullptr, *inputs);
    const Result<BudgetSpans> spans = BudgetSpans::build(*columns, budget, progress);
    if (!spans)
        return fail(spans.error());
    const SpanClasses classes(*columns);
    const auto measured = measureBudget(*columns, *rows, classes, allRequests(*rows, *spans), budget, *spans,
        componentTimeouts(budget, *inputs), progress.cancel);
    if (!measured)
        return fail(ErrorCode::Cancelled, "budget", "the measurement was cancelled", "Ask for it again.");
    return budgetReport(budget, measured.get(), columns, *inputs);
}

} // namespace tailscope::analysis
