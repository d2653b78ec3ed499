// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/callgroups.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <unordered_set>

namespace tailscope::analysis {

namespace {

struct Extent
{
    Nanos sum = 0, covered = 0;
    std::uint32_t parallel = 0;
};

// Sum, union and largest overlap of half-open intervals sorted by start. A call of no length counts as one.
template<typename Calls, typename At>
Extent extentOf(const Calls &calls, At at)
{
    Extent extent;
    std::vector<Nanos> open; // ends, as a heap with the first end on top
    Nanos reach = std::numeric_limits<Nanos>::min();
    for (const auto &member : calls) {
        const auto &call = at(member);
        extent.sum = saturatingAdd(extent.sum, call.length());
        const Nanos from = std::max(call.start, reach);
        if (call.end > from)
            extent.covered = saturatingAdd(extent.covered, saturatingSub(call.end, from));
        reach = std::max(reach, call.end);
        while (!open.empty() && open.front() <= call.start) {
            std::pop_heap(open.begin(), open.end(), std::greater<>());
            open.pop_back();
        }
        open.push_back(call.end);
        std::push_heap(open.begin(), open.end(), std::greater<>());
        extent.parallel = std::max(extent.parallel, std::uint32_t(open.size()));
    }
    return extent;
}

} // namespace

std::string_view callGroupKind(CallGroup::Kind kind)
{
    switch (kind) {
    case CallGroup::Kind::NPlusOne:
        return "n_plus_one";
    case CallGroup::Kind::RepeatedLookup:
        return "repeated_lookup";
    case CallGroup::Kind::Sequential:
        return "sequential";
    case CallGroup::Kind::Retry:
        return "retry";
    case CallGroup::Kind::Chatty:
        return "chatty";
    case CallGroup::Kind::FanOut:
        break;
    }
    return "fan_out";
}

void CallGrouper::find(const TraceSpans &trace, const CallTexts &texts, std::vector<CallGroup> &out)
{
    m_trace = &trace;
    m_texts = &texts;
    m_out = &out;
    for (std::uint32_t parent = 0; parent < trace.size(); ++parent) {
        const std::uint32_t first = trace.firstChild[parent];
        if (first == kNoRow || trace.nextSibling[first] == kNoRow)
            continue;
        gather(trace, texts, parent);
        if (m_calls.size() < 2)
            continue;
        m_parent = parent;
        const auto begin = std::ptrdiff_t(out.size());
        families();
        fanOuts();
        sequentials();
        std::stable_sort(out.begin() + begin, out.end(), [&trace](const CallGroup &a, const CallGroup &b) {
            return trace.start[a.calls.front()] < trace.start[b.calls.front()];
        });
    }
    m_trace = nullptr;
    m_texts = nullptr;
    m_out = nullptr;
}

CallGroup &CallGrouper::emit(CallGroup::Kind kind, const std::vector<std::uint32_t> &members)
{
    CallGroup group;
    group.kind = kind;
    group.parent = m_parent;
    const Extent extent = extentOf(members, [this](std::uint32_t m) -> const Call & { return m_calls[m]; });
    bool isOne = true;
    for (const std::uint32_t m : members) {
        Call &call = m_calls[m];
        call.isTaken = true;
        group.calls.push_back(call.local);
        group.longest = std::max(group.longest, call.length());
        isOne = isOne && call.identity == m_calls[members.front()].identity;
    }
    group.total = extent.sum;
    group.maxParallel = extent.parallel;
    if (isOne)
        group.fingerprint = fingerprintOf(m_calls[members.front()]);
    m_out->push_back(std::move(group));
    return m_out->back();
}

// Calls that ask the same kind of question, in the order of the first of each.
void CallGrouper::families()
{
    std::vector<std::uint32_t> order(m_calls.size());
    for (std::uint32_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
        if (m_calls[a].identity != m_calls[b].identity)
            return m_calls[a].identity < m_calls[b].identity;
        return a < b;
    });
    std::vector<std::vector<std::uint32_t>> families;
    for (std::size_t i = 0; i < order.size();) {
        std::size_t end = i + 1;
        while (end < order.size() && m_calls[order[end]].identity == m_calls[order[i]].identity)
            ++end;
        if (end - i >= 2 && !m_calls[order[i]].isOrdered)
            families.emplace_back(order.begin() + std::ptrdiff_t(i), order.begin() + std::ptrdiff_t(end));
        i = end;
    }
    std::sort(families.begin(), families.end(),
        [](const auto &a, const auto &b) { return a.front() < b.front(); });
    for (std::vector<std::uint32_t> &family : families) {
        retries(family);
        alike(family);
    }
}

// Attempts whose only mark is that the pauses between them grow: 25, 50, 100 ms.
bool CallGrouper::isBackOff(const std::vector<std::uint32_t> &family) const
{
    if (family.size() < m_options.backOffAttempts || family.size() > m_options.maxAttempts)
        return false;
    Nanos last = 0;
    for (std::size_t i = 1; i < family.size(); ++i) {
        const Call &before = m_calls[family[i - 1]], &call = m_calls[family[i]];
        const Nanos pause = saturatingSub(call.start, before.end);
        if (call.value != before.value || call.callee != before.callee || pause < m_options.backOffPause)
            return false;
        if (last > 0 && (double(pause) < 1.5 * double(last) || double(pause) > 4.0 * double(last)))
            return false;
        last = pause;
    }
    return true;
}

// Takes chains of attempts out of the family: each begins when the one before it has failed.
void CallGrouper::retries(std::vector<std::uint32_t> &family)
{
    const auto chain = [this](const std::vector<std::uint32_t> &attempts, bool byPause) {
        std::size_t failed = 0;
        for (const std::uint32_t m : attempts)
            failed += m_calls[m].hasFailed ? 1 : 0;
        const Call &first = m_calls[attempts.front()], &last = m_calls[attempts.back()];
        CallGroup &group = emit(CallGroup::Kind::Retry, attempts);
        group.saving = saturatingSub(last.start, first.start);
        group.detail = std::to_string(attempts.size()) + " attempts, "
            + (byPause ? std::string("pauses that grow") : std::to_string(failed) + " failed");
    };
    if (isBackOff(family)) {
        chain(family, true);
        family.clear();
        return;
    }
    std::vector<std::uint32_t> attempts, others;
    const auto close = [&] {
        if (attempts.size() >= 2 && attempts.size() <= m_options.maxAttempts)
            chain(attempts, false);
        else
            others.insert(others.end(), attempts.begin(), attempts.end());
        attempts.clear();
    };
    for (const std::uint32_t m : family) {
        if (!attempts.empty()) {
            const Call &before = m_calls[attempts.back()], &call = m_calls[m];
            const bool isSame = before.value == call.value
                && (before.callee == call.callee || before.callee == 0 || call.callee == 0);
            if (!before.hasFailed || !isSame || call.start < before.end)
                close();
        }
        attempts.push_back(m);
    }
    close();
    family = std::move(others);
}

// N+1, repeated lookup and chatty: the rest of a family, when it runs mostly one after another.
void CallGrouper::alike(const std::vector<std::uint32_t> &family)
{
    if (family.size() < std::min({m_options.nPlusOneMin, m_options.repeatedMin, m_options.chattyMin}))
        return;
    const Extent extent = extentOf(family, [this](std::uint32_t m) -> const Call & { return m_calls[m]; });
    if (extent.covered < extent.sum / 2)
        return;
    std::unordered_set<std::uint64_t> values;
    std::unordered_set<std::uint32_t> callees;
    bool isCache = true;
    for (const std::uint32_t m : family) {
        values.insert(m_calls[m].value);
        callees.insert(m_calls[m].callee);
        isCache = isCache && m_calls[m].isCache;
    }
    const auto n = Nanos(family.size());
    const bool valuesKnown = !values.contains(0);
    const Nanos batched = extent.sum - extent.sum / n;
    if (valuesKnown && values.size() == 1) {
        if (family.size() < m_options.repeatedMin)
            return;
        CallGroup &group = emit(CallGroup::Kind::RepeatedLookup, family);
        group.saving = saturatingSub(group.total, group.longest);
        group.detail = "the same values each time";
        return;
    }
    // A loop over shards asks each of them once: nothing to batch.
    if (callees.size() > 1 && 2 * callees.size() > family.size())
        return;
    const std::string detail = valuesKnown ? std::to_string(values.size()) + " different values"
                                           : std::string("values were not recorded");
    if (isCache) {
        if (family.size() < m_options.chattyMin || extent.sum / n > m_options.chattyLongest)
            return;
        CallGroup &group = emit(CallGroup::Kind::Chatty, family);
        group.saving = batched;
        group.detail = detail;
        return;
    }
    if (family.size() < m_options.nPlusOneMin)
        return;
    Nanos lead = kUnknownNanos;
    for (std::uint32_t m = family.front(); m > 0; --m) {
        const Call &before = m_calls[m - 1];
        if (before.end > m_calls[family.front()].start || before.isOrdered || before.isTaken)
            continue;
        lead = before.length();
        break;
    }
    CallGroup &group = emit(CallGroup::Kind::NPlusOne, family);
    group.saving = batched;
    group.lead = lead;
    group.detail = detail;
}

// Clusters of calls that overlap.
void CallGrouper::fanOuts()
{
    std::vector<std::uint32_t> cluster;
    Nanos reach = 0;
    const auto close = [&] {
        if (cluster.size() >= m_options.fanOutMin) {
            const Extent extent
                = extentOf(cluster, [this](std::uint32_t m) -> const Call & { return m_calls[m]; });
            if (extent.parallel >= m_options.fanOutMin) {
                CallGroup &group = emit(CallGroup::Kind::FanOut, cluster);
                group.detail = "up to " + std::to_string(group.maxParallel) + " at the same time";
            }
        }
        cluster.clear();
    };
    for (const Call &call : m_calls) {
        if (call.isTaken || call.isOrdered)
            continue;
        if (!cluster.empty() && call.start >= reach)
            close();
        reach = cluster.empty() ? call.end : std::max(reach, call.end);
        cluster.push_back(call.order);
    }
    close();
}

// Runs of calls of which each begins shortly after the one before it has ended.
void CallGrouper::sequentials()
{
    std::vector<std::uint32_t> run;
    Nanos reach = std::numeric_limits<Nanos>::min();
    for (const Call &call : m_calls) {
        const bool isFollowing = !run.empty() && call.start >= reach
            && saturatingSub(call.start, reach) < m_options.gap && !call.isTaken && !call.isOrdered;
        if (!isFollowing)
            emitRun(run);
        reach = std::max(reach, call.end); // of all calls before: an older one may still run
        if (!call.isTaken && !call.isOrdered)
            run.push_back(call.order);
    }
    emitRun(run);
}

void CallGrouper::emitRun(std::vector<std::uint32_t> &run)
{
    // The same question with other values is batched, not run side by side.
    std::vector<std::uint64_t> identities;
    identities.reserve(run.size());
    for (const std::uint32_t m : run)
        identities.push_back(m_calls[m].identity);
    std::sort(identities.begin(), identities.end());
    std::vector<std::uint32_t> members;
    for (const std::uint32_t m : run) {
        const auto [from, to] = std::equal_range(identities.begin(), identities.end(), m_calls[m].identity);
        if (to - from == 1)
            members.push_back(m);
    }
    run.clear();
    if (members.size() < std::max<std::size_t>(2, m_options.sequentialMin))
        return;
    CallGroup &group = emit(CallGroup::Kind::Sequential, members);
    group.saving = saturatingSub(group.total, group.longest);
    group.detail = "assumes independence";
}

void callGroups(const TraceSpans &trace, const SpanColumns &columns, const CallTexts &texts,
    const CallGroupOptions &options, std::vector<CallGroup> &out)
{
    CallGrouper(columns, options).find(trace, texts, out);
}

RetryTree retryTree(const TraceSpans &trace, const std::vector<CallGroup> &groups)
{
    RetryTree tree;
    std::vector<std::uint8_t> isAttempt(trace.size(), 0);
    for (const CallGroup &group : groups) {
        if (group.kind != CallGroup::Kind::Retry)
            continue;
        tree.attempts += group.calls.size();
        tree.retries += group.calls.size() - 1;
        for (const std::uint32_t call : group.calls)
            isAttempt[call] = 1;
    }
    if (tree.attempts == 0)
        return tree;
    std::vector<std::uint32_t> levels(trace.size(),
        0); // attempts from the root to here, plus 1; 0 = not known
    std::vector<std::uint32_t> path;
    for (const CallGroup &group : groups) {
        if (group.kind != CallGroup::Kind::Retry)
            continue;
        std::uint32_t at = group.calls.front();
        for (; at != kNoRow && levels[at] == 0; at = trace.parent[at])
            path.push_back(at);
        std::uint32_t level = at == kNoRow ? 1 : levels[at];
        for (; !path.empty(); path.pop_back()) {
            level += isAttempt[path.back()];
            levels[path.back()] = level;
        }
        level = levels[group.calls.front()] - 1;
        if (level > tree.levels) {
            tree.levels = level;
            tree.leafAttempts = 0;
            tree.leafCall = group.calls.front();
        }
        if (level == tree.levels)
            tree.leafAttempts += group.calls.size();
    }
    return tree;
}

} // namespace tailscope::analysis
