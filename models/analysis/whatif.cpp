// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/whatif.h"

#include "analysis/clockskew.h"
#include "analysis/criticalpath.h"
#include "analysis/quantiles.h"
#include "analysis/rowscan.h"
#include "analysis/serviceofspan.h"
#include "analysis/spanweights.h"
#include "analysis/tracepaths.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

namespace {

Nanos scaled(Nanos time, double factor)
{
    if (factor == 1 || time <= 0)
        return time;
    const double result = double(time) * factor;
    return result >= 9.2e18 ? std::numeric_limits<Nanos>::max() : Nanos(std::llround(result));
}

WhatIfPlan::Change &operator+=(WhatIfPlan::Change &change, const WhatIfEdit &edit)
{
    const double factor = std::isfinite(edit.factor) ? std::max(0.0, edit.factor) : 1;
    const auto capAt = [&change](Nanos cap) {
        change.cap = change.cap == kUnknownNanos ? cap : std::min(change.cap, cap);
    };
    switch (edit.kind) {
    case WhatIfEdit::Kind::Scale:
        change.factor *= factor;
        break;
    case WhatIfEdit::Kind::ScaleGaps:
        change.gapFactor *= factor;
        break;
    case WhatIfEdit::Kind::Cap:
        capAt(std::max<Nanos>(0, edit.cap));
        break;
    case WhatIfEdit::Kind::Remove:
        capAt(0);
        break;
    case WhatIfEdit::Kind::Async:
        change.isAsync = true;
        break;
    case WhatIfEdit::Kind::Parallel:
        change.isParallel = true;
        break;
    }
    return change;
}

bool applies(const WhatIfEdit &edit, const std::string &operation, std::string_view service)
{
    return edit.operation == operation && (!edit.service || *edit.service == service);
}

} // namespace

WhatIfPlan::WhatIfPlan(const SpanColumns &columns, std::span<const WhatIfEdit> edits)
    : m_columns(columns)
    , m_changes(1)
    , m_serviceOfTrack(serviceOfTrack(columns))
    , m_ofOperation(columns.operations.size())
{
    const std::vector<std::string> services = serviceNames(columns);
    for (std::size_t operation = 0; operation < columns.operations.size(); ++operation) {
        const std::string &name = columns.operations[operation];
        const bool isNamed = std::any_of(edits.begin(), edits.end(),
            [&](const WhatIfEdit &edit) { return edit.operation == name; });
        for (std::uint32_t service = 0; isNamed && service < services.size(); ++service) {
            Change change;
            for (const WhatIfEdit &edit : edits) {
                if (applies(edit, name, services[service]))
                    change += edit;
            }
            if (change.isNothing())
                continue;
            m_ofOperation[operation].emplace_back(service, std::uint32_t(m_changes.size()));
            m_changes.push_back(change);
        }
    }
}

WhatIfPlan::WhatIfPlan(const SpanColumns &columns, std::vector<Change> changes,
    std::vector<std::uint32_t> changeOfRow)
    : m_columns(columns)
    , m_changes(std::move(changes))
    , m_ofRow(std::move(changeOfRow))
{}

const WhatIfPlan::Change &WhatIfPlan::of(std::uint32_t row) const
{
    if (!m_ofRow.empty())
        return m_changes[m_ofRow[row]];
    for (const auto &[service, change] : m_ofOperation[m_columns.operation[row]]) {
        if (service == m_serviceOfTrack[m_columns.track[row]])
            return m_changes[change];
    }
    return m_changes[0];
}

/// Of a child that sticks out of its parent only the part inside was waited for.
Nanos WhatIfScheduler::newLength(const Child &child, Nanos full) const
{
    const Nanos clipped = full - (child.end - child.start);
    return std::max<Nanos>(0, saturatingSub(m_duration[child.span], clipped));
}

/// Own time that a child which begins after siblings that ended at `oldEnd` has to wait for. What lies behind
/// that is part of the gap before the child already.
Nanos WhatIfScheduler::takeCarried(Nanos oldEnd, bool waitsForThem)
{
    Nanos sum = 0;
    std::erase_if(m_carried, [&](const std::pair<Nanos, Nanos> &gap) {
        const bool isBefore = gap.first <= oldEnd;
        if (isBefore && waitsForThem)
            sum = saturatingAdd(sum, gap.second);
        return !isBefore || waitsForThem;
    });
    return sum;
}

void WhatIfScheduler::schedule(const TraceSpans &trace, const WhatIfPlan &plan, std::uint32_t span)
{
    const WhatIfPlan::Change &change = plan.of(trace.row[span]);
    const Nanos length = trace.duration[span];
    m_children.clear();
    for (std::uint32_t c = trace.firstChild[span]; c != kNoRow; c = trace.nextSibling[c]) {
        if (trace.isAsync[c] || trace.duration[c] == kUnknownNanos)
            continue;
        const Nanos start = std::max<Nanos>(0, saturatingSub(trace.start[c], trace.start[span]));
        const Nanos end = std::min(length, saturatingSub(trace.endOf(c), trace.start[span]));
        if (end >= start)
            m_children.push_back({c, start, end, 0, plan.of(trace.row[c]).isParallel});
    }
    Nanos result = length;
    if (!m_children.empty()) {
        std::stable_sort(m_children.begin(), m_children.end(),
            [](const Child &a, const Child &b) { return a.start < b.start; });
        // Own time is never longer than the span, so sums below cannot leave the range.
        const auto own = [&](Nanos time) { return scaled(time, change.gapFactor); };
        m_byEnd.clear();
        Nanos oldEnd = 0, newEnd = 0; // of the siblings that had ended, or the parent's start
        Nanos oldOther = 0, newOther = 0; // the same without those made parallel
        Nanos groupStart = kUnknownNanos; // where the first of those made parallel begins now
        Nanos lastRunning = 0; // latest end of the siblings so far
        m_carried.clear(); // own time between those made parallel: somebody still has to do it
        for (std::uint32_t i = 0; i < m_children.size(); ++i) {
            Child &child = m_children[i];
            for (std::size_t open = 0; open < m_byEnd.size();) {
                const Child &before = m_children[m_byEnd[open]];
                if (before.end > child.start + overlapTolerance(before.end - before.start)) {
                    ++open;
                    continue;
                }
                oldEnd = std::max(oldEnd, before.end);
                newEnd = std::max(newEnd, before.newEnd);
                if (!before.isParallel) {
                    oldOther = std::max(oldOther, before.end);
                    newOther = std::max(newOther, before.newEnd);
                }
                m_byEnd[open] = m_byEnd.back();
                m_byEnd.pop_back();
            }
            const Nanos gap = child.start - oldEnd;
            Nanos newStart = 0;
            if (child.isParallel && groupStart != kUnknownNanos) {
                newStart = std::min(std::max(groupStart, newOther),
                    std::max<Nanos>(0, saturatingAdd(newEnd, own(gap))));
                if (child.start > lastRunning)
                    m_carried.push_back({child.start, own(child.start - lastRunning)});
            } else {
                newStart = std::max<Nanos>(0, saturatingAdd(newEnd, own(gap)));
                if (!child.isParallel && groupStart != kUnknownNanos)
                    newStart = saturatingAdd(newStart, takeCarried(oldEnd, oldEnd > oldOther));
                if (child.isParallel)
                    groupStart = newStart;
            }
            const bool isAsync = plan.of(trace.row[child.span]).isAsync;
            child.newEnd
                = isAsync ? newStart : saturatingAdd(newStart, newLength(child, trace.duration[child.span]));
            m_byEnd.push_back(i);
            lastRunning = std::max(lastRunning, child.end);
        }
        Nanos lastOld = 0, lastNew = 0;
        for (const Child &child : m_children) {
            lastOld = std::max(lastOld, child.end);
            lastNew = std::max(lastNew, child.newEnd);
        }
        result = saturatingAdd(saturatingAdd(lastNew, own(length - lastOld)), takeCarried(length, true));
    }
    result = scaled(result, change.factor);
    if (change.cap != kUnknownNanos)
        result = std::min(result, change.cap);
    m_duration[span] = result;
}

WhatIfScheduler::Outcome WhatIfScheduler::run(const TraceSpans &trace, const WhatIfPlan &plan)
{
    Outcome outcome;
    if (trace.root == kNoRow || trace.duration[trace.root] == kUnknownNanos)
        return outcome;
    m_duration.assign(trace.size(), 0);
    m_order.assign(1, trace.root);
    for (std::size_t at = 0; at < m_order.size(); ++at) {
        const std::uint32_t span = m_order[at];
        outcome.isChanged = outcome.isChanged || !plan.of(trace.row[span]).isNothing();
        for (std::uint32_t c = trace.firstChild[span]; c != kNoRow; c = trace.nextSibling[c]) {
            if (!trace.isAsync[c] && trace.duration[c] != kUnknownNanos)
                m_order.push_back(c);
        }
    }
    if (!outcome.isChanged) {
        outcome.duration = trace.duration[trace.root];
        return outcome;
    }
    for (std::size_t at = m_order.size(); at-- > 0;)
        schedule(trace, plan, m_order[at]);
    outcome.duration = m_duration[trace.root];
    return outcome;
}

namespace {

struct Part
{
    std::vector<WeightedValue> before, after;
    std::int64_t changed = 0, faster = 0;
};

void runTraces(const SpanColumns &columns, const TraceRows &rows, std::span<const std::uint32_t> traces,
    const WhatIfPlan &plan, const CancelToken &cancel, Part &part)
{
    const TraceWeights weights(columns);
    TraceSpans trace;
    WhatIfScheduler scheduler;
    for (std::size_t i = 0; i < traces.size(); ++i) {
        if (i % 256 == 0 && cancel.isCancelled())
            return;
        trace.load(columns, traces[i], rows.rows(traces[i]));
        correctSkew(trace, columns);
        const WhatIfScheduler::Outcome outcome = scheduler.run(trace, plan);
        if (outcome.duration == kUnknownNanos)
            continue;
        const Nanos before = trace.duration[trace.root];
        const double weight = weights(trace.row[trace.root]);
        part.before.push_back({before, weight});
        part.after.push_back({outcome.duration, weight});
        part.changed += outcome.isChanged ? 1 : 0;
        part.faster += outcome.duration < before ? 1 : 0;
    }
}

double meanOf(const std::vector<WeightedValue> &values)
{
    double sum = 0, weight = 0;
    for (const WeightedValue &value : values) {
        sum += double(value.value) * value.weight;
        weight += value.weight;
    }
    return weight > 0 ? sum / weight : 0;
}

} // namespace

std::shared_ptr<const WhatIfResult> whatIf(const SpanColumns &columns, const TraceRows &rows,
    std::span<const std::uint32_t> traces, std::span<const WhatIfEdit> edits, const CancelToken &cancel)
{
    const WhatIfPlan plan(columns, edits);
    const std::size_t middle = middleOf(rows, traces);
    Part parts[2];
    runParts(2, [&](int part) {
        runTraces(columns, rows, part == 0 ? traces.first(middle) : traces.subspan(middle), plan, cancel,
            parts[part]);
    });
    if (cancel.isCancelled())
        return nullptr;
    for (auto member : {&Part::before, &Part::after}) {
        auto &all = parts[0].*member;
        all.insert(all.end(), (parts[1].*member).begin(), (parts[1].*member).end());
    }
    auto result = std::make_shared<WhatIfResult>();
    result->traces = std::int64_t(parts[0].before.size());
    result->changed = parts[0].changed + parts[1].changed;
    result->faster = parts[0].faster + parts[1].faster;
    result->weighted = !columns.traceWeight.empty();
    result->meanBefore = meanOf(parts[0].before);
    result->meanAfter = meanOf(parts[0].after);
    const auto figure = [](std::vector<WeightedValue> &values, Quantile q) {
        return weightedPercentile(values, q).value_or(kUnknownNanos);
    };
    result->p50Before = figure(parts[0].before, kP50);
    result->p99Before = figure(parts[0].before, kP99);
    result->p50After = figure(parts[0].after, kP50);
    result->p99After = figure(parts[0].after, kP99);
    return result;
}

} // namespace tailscope::analysis
