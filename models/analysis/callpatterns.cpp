// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/callpatterns.h"

#include "analysis/quantiles.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

using PatternKey = std::tuple<std::uint32_t, std::uint8_t, std::uint32_t, std::uint32_t, std::string>;
constexpr std::size_t kTailSamples = 500'000; ///< calls of one fan-out kept for its P99

/// What recurs at one place.
struct Recurring
{
    std::vector<StoredGroup> groups; // without their texts
    std::string operation, detail; // of the example: filled at the end
    std::int64_t failed = 0, doneTwice = 0;
    bool isWrite = false;
};

struct FanOuts
{
    std::vector<std::pair<Nanos, std::uint32_t>> calls; // duration, operation
    struct One
    {
        std::uint32_t n = 0, trace = 0;
        Nanos longest = 0;
    };
    std::vector<One> groups;
};

bool savesMore(const StoredGroup &a, const StoredGroup &b)
{
    return std::tie(b.saving, b.total, a.trace, a.start, a.kind, a.parentRow)
        < std::tie(a.saving, a.total, b.trace, b.start, b.kind, b.parentRow);
}

template<typename T>
T medianOf(std::vector<T> values)
{
    const auto at = values.begin() + (nearestRank(std::int64_t(values.size()), kP50) - 1);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

template<typename Get>
Nanos medianNanos(const std::vector<StoredGroup> &groups, Get get)
{
    std::vector<Nanos> values;
    for (const StoredGroup &group : groups) {
        if (get(group) != kUnknownNanos)
            values.push_back(get(group));
    }
    return values.empty() ? kUnknownNanos : medianOf(std::move(values));
}

// "GET /a, GET /b ×2": the operations in the order of their first call.
std::string operationList(const SpanColumns &columns, const TraceSpans &trace, const CallGroup &group)
{
    std::vector<std::pair<std::uint32_t, int>> counts;
    for (const std::uint32_t call : group.calls) {
        const std::uint32_t operation = columns.operation[trace.row[call]];
        const auto known = std::find_if(counts.begin(), counts.end(),
            [operation](const auto &c) { return c.first == operation; });
        if (known != counts.end())
            ++known->second;
        else if (counts.size() < 7)
            counts.emplace_back(operation, 1);
    }
    const bool differ = group.kind == CallGroup::Kind::Sequential || group.kind == CallGroup::Kind::FanOut;
    if (counts.size() == 1 && !differ)
        return columns.operations[counts.front().first];
    std::string text;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        text += i == 0 ? "" : ", ";
        if (i == 6)
            return text + "...";
        text += columns.operations[counts[i].first];
        if (counts[i].second > 1)
            text += " \xC3\x97" + std::to_string(counts[i].second);
    }
    return text;
}

/// Adds up the groups of many traces.
class CallFinder
{
public:
    CallFinder(const SpanColumns &columns, const TraceRows &rows, store::Database *reader,
        const CallPatternLimits &limits, const CallGroupOptions &options)
        : m_columns(columns)
        , m_rows(rows)
        , m_reader(reader)
        , m_limits(limits)
        , m_grouper(columns, options)
    {}

    Result<void> examine(std::uint32_t traceIndex, const CancelToken &cancel);
    CallFindings finish();

private:
    std::uint32_t endpointOf();
    void keep(const CallGroup &group, std::uint32_t endpoint);
    bool isUnsafe(const CallGroup &group, std::int64_t &succeeded, std::int64_t &failed) const;
    void keepFanOut(const CallGroup &group);
    void keepRetries(std::size_t begin);
    CallPattern pattern(const PatternKey &key, Recurring &recurring);
    static void fitSlope(const std::vector<StoredGroup> &groups, CallPattern &pattern);
    FanOutTail tail(std::pair<std::uint32_t, std::uint32_t> key, FanOuts &fanOuts);
    void nameExample(CallPattern &pattern);

    const SpanColumns &m_columns;
    const TraceRows &m_rows;
    store::Database *m_reader;
    CallPatternLimits m_limits;
    CallGrouper m_grouper;
    CallTexts m_texts;
    TraceSpans m_trace;
    std::vector<CallGroup> m_groups;
    std::vector<std::uint32_t> m_wanted;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> m_endpoints; // service, operation
    std::vector<std::int64_t> m_examined; // by endpoint
    std::map<PatternKey, Recurring> m_recurring;
    std::map<std::pair<std::uint32_t, std::uint32_t>, FanOuts> m_fanOuts;
    CallFindings m_found;
};

// Endpoints are numbered in the order of the traces, which does not depend on hashes.
std::uint32_t CallFinder::endpointOf()
{
    const std::uint32_t row = m_trace.row[m_trace.root];
    const auto [at, isNew]
        = m_endpoints.try_emplace({m_grouper.serviceOf(m_trace, m_trace.root), m_columns.operation[row]},
            std::uint32_t(m_examined.size()));
    if (isNew)
        m_examined.push_back(0);
    ++m_examined[at->second];
    return at->second;
}

Result<void> CallFinder::examine(std::uint32_t traceIndex, const CancelToken &cancel)
{
    m_trace.load(m_columns, traceIndex, m_rows.rows(traceIndex));
    if (m_trace.root == kNoRow)
        return {};
    ++m_found.examined;
    const std::uint32_t endpoint = endpointOf();
    if (m_trace.size() < 3)
        return {};
    m_texts.forget();
    if (m_reader) {
        m_wanted.clear();
        m_grouper.textCandidates(m_trace, m_wanted, m_limits.textsPerTrace);
        if (!m_wanted.empty())
            TS_TRY(m_texts.load(*m_reader, m_columns, m_wanted, cancel));
    }
    m_groups.clear();
    m_grouper.find(m_trace, m_texts, m_groups);
    if (m_groups.empty())
        return {};
    const std::size_t begin = m_found.groups.size();
    for (const CallGroup &group : m_groups)
        keep(group, endpoint);
    keepRetries(begin);
    return {};
}

bool CallFinder::isUnsafe(const CallGroup &group, std::int64_t &succeeded, std::int64_t &failed) const
{
    bool isWrite = changesData(group.fingerprint);
    succeeded = failed = 0;
    for (const std::uint32_t call : group.calls) {
        const std::uint32_t row = m_trace.row[call];
        isWrite = isWrite || changesData(m_columns.operations[m_columns.operation[row]]);
        const CallText *text = m_texts.find(row);
        if (text && text->onceKey != 0)
            return false;
        const bool isError = SpanStatus(m_columns.status[row]) == SpanStatus::Error
            || m_columns.httpStatus[row] >= 400 || (text && text->isTimeout);
        ++(isError ? failed : succeeded);
    }
    return isWrite;
}

void CallFinder::keep(const CallGroup &group, std::uint32_t endpoint)
{
    StoredGroup stored;
    stored.kind = group.kind;
    stored.trace = m_trace.trace;
    stored.parentRow = m_trace.row[group.parent];
    stored.firstRow = m_trace.row[group.calls.front()];
    stored.n = std::uint32_t(group.calls.size());
    stored.maxParallel = group.maxParallel;
    stored.total = group.total;
    stored.saving = group.saving;
    stored.longest = group.longest;
    stored.lead = group.lead;
    stored.start = m_trace.start[group.calls.front()];
    for (const std::uint32_t call : group.calls)
        stored.end = std::max(stored.end, m_trace.endOf(call));
    stored.traceDuration = m_trace.duration[m_trace.root];

    Recurring &recurring
        = m_recurring[{endpoint, std::uint8_t(group.kind), m_grouper.serviceOf(m_trace, group.parent),
            m_columns.operation[stored.parentRow], group.fingerprint}];
    recurring.groups.push_back(stored);
    if (group.kind == CallGroup::Kind::Retry || group.kind == CallGroup::Kind::RepeatedLookup) {
        std::int64_t succeeded = 0, failed = 0;
        const bool isWrite = isUnsafe(group, succeeded, failed);
        recurring.failed += failed;
        recurring.isWrite = recurring.isWrite || isWrite;
        recurring.doneTwice += isWrite && succeeded > 1 ? 1 : 0;
    }
    if (group.kind == CallGroup::Kind::FanOut)
        keepFanOut(group);
    stored.operation = operationList(m_columns, m_trace, group);
    stored.fingerprint = group.fingerprint;
    stored.detail = group.detail;
    m_found.groups.push_back(std::move(stored));
}

void CallFinder::keepFanOut(const CallGroup &group)
{
    FanOuts &fanOuts = m_fanOuts[{m_grouper.serviceOf(m_trace, group.parent),
        m_columns.operation[m_trace.row[group.parent]]}];
    if (fanOuts.calls.size() + group.calls.size() > kTailSamples)
        return;
    for (const std::uint32_t call : group.calls)
        fanOuts.calls.emplace_back(m_trace.duration[call], m_columns.operation[m_trace.row[call]]);
    fanOuts.groups.push_back({std::uint32_t(group.calls.size()), m_trace.trace, group.longest});
}

// The retries of the trace, and of its groups those that are worth a row.
void CallFinder::keepRetries(std::size_t begin)
{
    const RetryTree tree = retryTree(m_trace, m_groups);
    if (tree.levels > 0)
        m_found.retryTrees.push_back({m_trace.trace, m_trace.row[tree.leafCall], tree, m_trace.begin});
    auto &groups = m_found.groups;
    const auto from = groups.begin() + std::ptrdiff_t(begin);
    std::sort(from, groups.end(), savesMore);
    groups.resize(std::min(groups.size(), begin + m_limits.groupsPerTrace));
    if (groups.size() > 2 * m_limits.groups) {
        std::sort(groups.begin(), groups.end(), savesMore);
        groups.resize(m_limits.groups);
    }
}

void CallFinder::fitSlope(const std::vector<StoredGroup> &groups, CallPattern &pattern)
{
    pattern.slope = pattern.slopeR2 = std::numeric_limits<double>::quiet_NaN();
    std::set<std::uint32_t> sizes;
    double meanN = 0, meanT = 0;
    for (const StoredGroup &group : groups) {
        sizes.insert(group.n);
        meanN += group.n;
        meanT += double(group.total);
    }
    if (sizes.size() < 5)
        return;
    meanN /= double(groups.size());
    meanT /= double(groups.size());
    double nn = 0, nt = 0, tt = 0;
    for (const StoredGroup &group : groups) {
        const double n = group.n - meanN, t = double(group.total) - meanT;
        nn += n * n;
        nt += n * t;
        tt += t * t;
    }
    pattern.slope = nt / nn;
    pattern.slopeR2 = tt > 0 ? nt * nt / (nn * tt) : 1;
}

CallPattern CallFinder::pattern(const PatternKey &key, Recurring &recurring)
{
    std::vector<StoredGroup> &groups = recurring.groups;
    CallPattern out;
    out.kind = CallGroup::Kind(std::get<1>(key));
    out.service = m_grouper.serviceName(std::get<2>(key));
    out.parentOperation = m_columns.operations[std::get<3>(key)];
    out.fingerprint = std::get<4>(key);
    out.examined = m_examined[std::get<0>(key)];
    out.groups = std::int64_t(groups.size());
    out.failed = recurring.failed;
    out.isWrite = recurring.isWrite;
    out.doneTwice = recurring.doneTwice;
    std::vector<std::int64_t> sizes;
    std::vector<Nanos> durations;
    out.start = groups.front().start;
    for (std::size_t i = 0; i < groups.size(); ++i) { // traces come one after another
        const StoredGroup &group = groups[i];
        sizes.push_back(group.n);
        out.nMax = std::max(out.nMax, std::int64_t(group.n));
        out.start = std::min(out.start, group.start);
        out.end = std::max(out.end, group.end);
        if (i > 0 && groups[i - 1].trace == group.trace)
            continue;
        ++out.traces;
        if (group.traceDuration != kUnknownNanos)
            durations.push_back(group.traceDuration);
    }
    out.nP50 = medianOf(std::move(sizes));
    out.total = medianNanos(groups, [](const StoredGroup &g) { return g.total; });
    out.saving = medianNanos(groups, [](const StoredGroup &g) { return g.saving; });
    out.longest = medianNanos(groups, [](const StoredGroup &g) { return g.longest; });
    out.lead = medianNanos(groups, [](const StoredGroup &g) { return g.lead; });
    if (!durations.empty())
        out.traceDuration = medianOf(std::move(durations));
    fitSlope(groups, out);
    const StoredGroup *example = &groups.front();
    for (const StoredGroup &group : groups) {
        if (std::abs(group.saving - out.saving) < std::abs(example->saving - out.saving))
            example = &group;
    }
    out.exampleTrace = example->trace;
    out.exampleParentRow = example->parentRow;
    return out;
}

// The names of the example's calls: its trace once more, rather than a text for every group.
void CallFinder::nameExample(CallPattern &pattern)
{
    m_trace.load(m_columns, pattern.exampleTrace, m_rows.rows(pattern.exampleTrace));
    const std::uint32_t root = m_trace.row[m_trace.root];
    pattern.endpointOperation = m_columns.operations[m_columns.operation[root]];
    pattern.endpointService = m_columns.tracks[m_columns.track[root]].service;
    m_groups.clear();
    m_texts.forget();
    if (m_reader) {
        m_wanted.clear();
        m_grouper.textCandidates(m_trace, m_wanted, m_limits.textsPerTrace);
        if (!m_texts.load(*m_reader, m_columns, m_wanted))
            return; // the names are missing then, the figures stand
    }
    m_grouper.find(m_trace, m_texts, m_groups);
    for (const CallGroup &group : m_groups) {
        if (group.kind != pattern.kind || m_trace.row[group.parent] != pattern.exampleParentRow
            || group.fingerprint != pattern.fingerprint)
            continue;
        pattern.operation = operationList(m_columns, m_trace, group);
        pattern.detail = group.detail;
        return;
    }
}

FanOutTail CallFinder::tail(std::pair<std::uint32_t, std::uint32_t> key, FanOuts &fanOuts)
{
    FanOutTail out;
    out.service = m_grouper.serviceName(key.first);
    out.parentOperation = m_columns.operations[key.second];
    out.groups = std::int64_t(fanOuts.groups.size());
    out.calls = std::int64_t(fanOuts.calls.size());
    std::sort(fanOuts.calls.begin(), fanOuts.calls.end());
    out.threshold = fanOuts.calls[std::size_t(nearestRank(out.calls, kP99) - 1)].first;
    std::map<std::uint32_t, std::int64_t> slowBy;
    std::set<std::uint32_t> callees;
    std::int64_t slow = 0;
    for (const auto &[duration, operation] : fanOuts.calls) {
        callees.insert(operation);
        if (duration >= out.threshold) {
            ++slow;
            ++slowBy[operation];
        }
    }
    out.callees = std::int64_t(callees.size());
    out.callShare = double(slow) / double(out.calls);
    std::int64_t most = 0;
    for (const auto &[operation, n] : slowBy) {
        if (n > most) {
            most = n;
            out.worstOperation = m_columns.operations[operation];
        }
    }
    out.worstShare = double(most) / double(slow);
    std::vector<std::int64_t> sizes;
    std::int64_t hit = 0;
    Nanos longest = -1;
    for (const FanOuts::One &group : fanOuts.groups) {
        sizes.push_back(group.n);
        hit += group.longest >= out.threshold ? 1 : 0;
        out.predicted += 1 - std::pow(1 - out.callShare, double(group.n));
        if (group.longest > longest) {
            longest = group.longest;
            out.exampleTrace = group.trace;
        }
    }
    out.nP50 = medianOf(std::move(sizes));
    out.groupShare = double(hit) / double(out.groups);
    out.predicted /= double(out.groups);
    return out;
}

CallFindings CallFinder::finish()
{
    std::sort(m_found.groups.begin(), m_found.groups.end(), savesMore);
    m_found.groups.resize(std::min(m_found.groups.size(), m_limits.groups));
    for (auto &[key, recurring] : m_recurring)
        m_found.patterns.push_back(pattern(key, recurring));
    // The map's order breaks ties.
    std::stable_sort(m_found.patterns.begin(), m_found.patterns.end(),
        [](const CallPattern &a, const CallPattern &b) {
            const double left = double(a.saving) * double(a.groups),
                         right = double(b.saving) * double(b.groups);
            return left != right ? left > right : a.groups > b.groups;
        });
    m_found.patterns.resize(std::min(m_found.patterns.size(), m_limits.patterns));
    for (CallPattern &pattern : m_found.patterns)
        nameExample(pattern);
    std::stable_sort(m_found.retryTrees.begin(), m_found.retryTrees.end(),
        [](const StoredRetryTree &a, const StoredRetryTree &b) { return a.tree.attempts > b.tree.attempts; });
    m_found.retryTrees.resize(std::min(m_found.retryTrees.size(), m_limits.retryTrees));
    const auto rates = m_found.retryTrees.empty() ? decltype(requestRates(m_columns, m_rows))()
                                                  : requestRates(m_columns, m_rows);
    for (StoredRetryTree &stored : m_found.retryTrees) {
        m_trace.load(m_columns, stored.trace, m_rows.rows(stored.trace));
        const std::uint32_t root = m_trace.row[m_trace.root];
        const auto rate
            = rates.find({m_columns.tracks[m_columns.track[root]].service, m_columns.operation[root]});
        stored.requestsPerMinute
            = rate == rates.end() ? std::numeric_limits<double>::quiet_NaN() : rate->second;
    }
    for (auto &[key, fanOuts] : m_fanOuts)
        m_found.fanOutTails.push_back(tail(key, fanOuts));
    std::stable_sort(m_found.fanOutTails.begin(), m_found.fanOutTails.end(),
        [](const FanOutTail &a, const FanOutTail &b) { return a.groupShare > b.groupShare; });
    return std::move(m_found);
}

} // namespace

std::map<std::pair<std::string, std::uint32_t>, double> requestRates(const SpanColumns &columns,
    const TraceRows &rows)
{
    struct Arrivals
    {
        Nanos first = 0, last = 0;
        double before = 0, weight = 0; // before: without the last one, which only ends the time counted
    };
    std::map<std::pair<std::string, std::uint32_t>, Arrivals> arrivals;
    for (std::uint32_t trace = 0; trace < rows.traces(); ++trace) {
        for (const std::uint32_t row : rows.rows(trace)) {
            if (columns.parent[row] != kNoRow)
                continue;
            const Nanos at = columns.start[row];
            const double weight = columns.traceWeight.empty() ? 1 : double(columns.traceWeight[trace]);
            const auto [to, isNew]
                = arrivals.try_emplace({columns.tracks[columns.track[row]].service, columns.operation[row]},
                    Arrivals{at, at, 0, 0});
            Arrivals &a = to->second;
            a.weight += weight;
            a.first = std::min(a.first, at);
            if (at >= a.last) {
                a.last = at;
                a.before = a.weight - weight;
            }
            break;
        }
    }
    std::map<std::pair<std::string, std::uint32_t>, double> rates;
    for (const auto &[endpoint, a] : arrivals) {
        const double minutes = double(saturatingSub(a.last, a.first)) / 60e9;
        rates[endpoint] = minutes > 0 ? a.before / minutes : std::numeric_limits<double>::quiet_NaN();
    }
    return rates;
}

bool changesData(std::string_view operation)
{
    const std::string lower = toLowerAscii(operation);
    const std::string_view first = std::string_view(lower).substr(0, lower.find_first_of(" /."));
    if (first == "post" || first == "insert" || first == "publish" || first == "send")
        return true;
    if (first == "get" || first == "head" || first == "select" || first == "options")
        return false;
    for (const std::string_view word : {"payment", "charge", "transfer", "createorder", "create_order"}) {
        if (lower.find(word) != std::string::npos)
            return true;
    }
    return false;
}

std::vector<std::uint32_t> sampledTraces(const SpanColumns &columns, const TraceRows &rows, std::size_t calls)
{
    std::size_t candidates = 0;
    for (std::size_t row = 0; row < columns.size(); ++row) {
        const auto kind = SpanKind(columns.kind[row]);
        candidates
            += columns.trace[row] != kNoRow && (kind == SpanKind::Client || kind == SpanKind::Server) ? 1 : 0;
    }
    const std::size_t step
        = std::max<std::size_t>(1, (candidates + calls - 1) / std::max<std::size_t>(1, calls));
    std::unordered_map<std::uint64_t, std::size_t> seen; // by track and operation of the root: looked up only
    std::vector<std::uint32_t> chosen;
    for (std::uint32_t trace = 0; trace < rows.traces(); ++trace) {
        std::uint32_t root = kNoRow;
        for (const std::uint32_t row : rows.rows(trace)) {
            if (columns.parent[row] == kNoRow) {
                root = row;
                break;
            }
        }
        if (root == kNoRow && rows.rows(trace).empty())
            continue;
        const std::uint64_t endpoint = root == kNoRow
            ? ~std::uint64_t(0)
            : (std::uint64_t(columns.track[root]) << 32) + columns.operation[root];
        const std::size_t place = step == 1 ? 0 : seen[endpoint]++;
        if (place < 20 || place % step == 0)
            chosen.push_back(trace);
    }
    return chosen;
}

Result<CallFindings> findCalls(const SpanColumns &columns, const TraceRows &rows, store::Database *reader,
    const CancelToken &cancel, const CallPatternLimits &limits, const CallGroupOptions &options)
{
    CallFinder finder(columns, rows, reader, limits, options);
    std::size_t done = 0;
    for (const std::uint32_t trace : sampledTraces(columns, rows, limits.calls)) {
        if (done++ % 64 == 0 && cancel.isCancelled())
            return fail(ErrorCode::Cancelled, "call_group", "the analysis was cancelled", "");
        TS_TRY(finder.examine(trace, cancel));
    }
    return finder.finish();
}

} // namespace tailscope::analysis
