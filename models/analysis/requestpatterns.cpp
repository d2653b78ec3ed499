// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/requestpatterns.h"

#include "analysis/callpatterns.h"
#include "analysis/quantiles.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kCalls = 150'000;
constexpr std::size_t kTextsPerTrace = 2'000;
constexpr int kDeepest = 200; ///< levels that are followed

Nanos quantile(std::vector<Nanos> &values, Quantile q)
{
    return percentile(values, q).value_or(kUnknownNanos);
}

double median(std::vector<double> &values)
{
    const auto at = values.begin() + (nearestRank(std::int64_t(values.size()), kP50) - 1);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

using Interval = std::pair<Nanos, Nanos>;

Nanos unionOf(std::vector<Interval> &intervals)
{
    std::sort(intervals.begin(), intervals.end());
    Nanos covered = 0, reach = std::numeric_limits<Nanos>::min();
    for (const auto &[begin, end] : intervals) {
        const Nanos from = std::max(begin, reach);
        if (end > from)
            covered = saturatingAdd(covered, saturatingSub(end, from));
        reach = std::max(reach, end);
    }
    return covered;
}

struct SetupSamples
{
    std::int64_t calls = 0, setups = 0, most = 0;
    std::vector<Nanos> total, dns, connect, tls;
    std::vector<double> shares;
    std::uint32_t example = 0;
};
struct TransactionSamples
{
    std::vector<Nanos> overlaps, held, statements;
    std::set<std::uint32_t> traces;
    std::uint32_t example = 0;
};
struct ChainSamples
{
    std::vector<Nanos> depths;
    std::string path;
    std::int64_t deepest = 0;
    std::uint32_t example = 0;
};
struct LateSamples
{
    std::vector<Nanos> late, lengths;
    std::set<std::uint32_t> traces;
};
struct ShareSamples
{
    std::vector<double> shares;
    std::vector<Nanos> times, calls, requests;
    std::uint32_t example = 0;
};

class RequestFinder
{
public:
    RequestFinder(const SpanColumns &columns, const TraceRows &rows, store::Database *reader)
        : m_columns(columns)
        , m_rows(rows)
        , m_reader(reader)
        , m_grouper(columns)
    {}

    Result<void> examine(std::uint32_t traceIndex, const CancelToken &cancel);
    RequestPatterns finish();

private:
    using Names = std::pair<std::string, std::string>;
    SpanKind kind(std::uint32_t i) const { return SpanKind(m_columns.kind[m_trace.row[i]]); }
    const std::string &operation(std::uint32_t i) const
    {
        return m_columns.operations[m_columns.operation[m_trace.row[i]]];
    }
    const std::string &service(std::uint32_t i) const
    {
        return m_grouper.serviceName(m_grouper.serviceOf(m_trace, i));
    }
    const CallText *text(std::uint32_t i) const { return m_texts.find(m_trace.row[i]); }
    bool isDatabase(std::uint32_t i);
    std::string calleeService(std::uint32_t i) const;
    std::string host(std::uint32_t i) const;
    bool isBelow(std::uint32_t i, std::uint32_t ancestor) const;
    void setups();
    void transactions();
    void transaction(std::uint32_t scope, Nanos begin, Nanos end);
    void chain();
    void shares();
    void pairs();
    void lateAttempts();

    const SpanColumns &m_columns;
    const TraceRows &m_rows;
    store::Database *m_reader;
    CallGrouper m_grouper;
    CallTexts m_texts;
    TraceSpans m_trace;
    Names m_endpoint;
    std::vector<std::uint32_t> m_wanted;
    std::map<Names, SetupSamples> m_setups; // service, host
    std::map<std::tuple<std::string, std::string, std::string, std::string>, TransactionSamples>
        m_transactions;
    std::map<Names, ChainSamples> m_chains;
    std::map<Names, std::int64_t> m_examined; // by endpoint
    std::map<std::tuple<Names, bool, std::string>, ShareSamples> m_shares;
    std::map<std::tuple<std::string, std::string, std::string>, LateSamples> m_late;
    std::map<std::string, std::int64_t> m_services; // traces
    std::map<Names, std::pair<std::int64_t, bool>> m_pairs; // traces, callee has spans
};

Result<void> RequestFinder::examine(std::uint32_t traceIndex, const CancelToken &cancel)
{
    m_trace.load(m_columns, traceIndex, m_rows.rows(traceIndex));
    if (m_trace.root == kNoRow)
        return {};
    m_endpoint = {service(m_trace.root), operation(m_trace.root)};
    ++m_examined[m_endpoint];
    m_texts.forget();
    if (m_reader) {
        m_wanted.clear();
        for (std::uint32_t i = 0; i < m_trace.size() && m_wanted.size() < kTextsPerTrace; ++i) {
            if (kind(i) == SpanKind::Client || isSetup(m_grouper.nameOf(m_trace, i)))
                m_wanted.push_back(m_trace.row[i]);
        }
        TS_TRY(m_texts.load(*m_reader, m_columns, m_wanted, cancel));
    }
    setups();
    transactions();
    chain();
    shares();
    pairs();
    lateAttempts();
    return {};
}

bool RequestFinder::isDatabase(std::uint32_t i)
{
    const CallName name = m_grouper.nameOf(m_trace, i);
    if (name == CallName::Statement || name == CallName::Begin || name == CallName::End)
        return true;
    if (isOrdered(name))
        return false;
    const CallText *found = text(i);
    return found
        && (found->isStatement
            || (found->system != 0 && found->identity == 0 && kind(i) == SpanKind::Client));
}

/// The service of the span that answers; empty where it has no spans.
std::string RequestFinder::calleeService(std::uint32_t i) const
{
    for (std::uint32_t c = m_trace.firstChild[i]; c != kNoRow; c = m_trace.nextSibling[c]) {
        if (service(c) != service(i) && !service(c).empty())
            return service(c);
    }
    return {};
}

std::string RequestFinder::host(std::uint32_t i) const
{
    std::string callee = calleeService(i);
    if (callee.empty() && text(i))
        callee = m_texts.name(text(i)->peer != 0 ? text(i)->peer : text(i)->system);
    return callee;
}

bool RequestFinder::isBelow(std::uint32_t i, std::uint32_t ancestor) const
{
    for (int level = 0; i != kNoRow && level < kDeepest; ++level, i = m_trace.parent[i]) {
        if (i == ancestor)
            return true;
    }
    return false;
}

// A set-up serves the client span around it, or the next call of the same parent.
void RequestFinder::setups()
{
    struct One
    {
        Nanos dns = 0, connect = 0, tls = 0;
    };
    std::map<std::uint32_t, One> byCall;
    for (std::uint32_t i = 0; i < m_trace.size(); ++i) {
        const CallName name = m_grouper.nameOf(m_trace, i);
        const std::uint32_t parent = m_trace.parent[i];
        if (!isSetup(name) || m_trace.duration[i] == kUnknownNanos || parent == kNoRow)
            continue;
        std::uint32_t call = kind(parent) == SpanKind::Client ? parent : kNoRow;
        for (std::uint32_t c = m_trace.nextSibling[i]; c != kNoRow && call == kNoRow;
             c = m_trace.nextSibling[c]) {
            if (kind(c) == SpanKind::Client && !isOrdered(m_grouper.nameOf(m_trace, c)))
                call = c;
        }
        One &one = byCall[call == kNoRow ? i : call];
        Nanos &part = name == CallName::Dns ? one.dns : name == CallName::Tls ? one.tls : one.connect;
        part = saturatingAdd(part, m_trace.duration[i]);
    }
    for (std::uint32_t i = 0; i < m_trace.size(); ++i) {
        const bool isPlainCall = kind(i) == SpanKind::Client && !isOrdered(m_grouper.nameOf(m_trace, i));
        if (isPlainCall || byCall.contains(i))
            ++m_setups[{service(i), host(i)}].calls;
    }
    std::map<Names, std::pair<std::int64_t, Nanos>> perHost;
    for (const auto &[call, one] : byCall) {
        const Names key{service(call), host(call)};
        SetupSamples &samples = m_setups[key];
        const Nanos total = saturatingAdd(one.dns, saturatingAdd(one.connect, one.tls));
        ++samples.setups;
        samples.total.push_back(total);
        for (const auto &[part, list] :
            {std::pair{one.dns, &samples.dns}, {one.connect, &samples.connect}, {one.tls, &samples.tls}}) {
            if (part > 0)
                list->push_back(part);
        }
        auto &[count, sum] = perHost[key];
        ++count;
        sum = saturatingAdd(sum, total);
    }
    const Nanos whole = m_trace.duration[m_trace.root];
    for (const auto &[key, of] : perHost) {
        SetupSamples &samples = m_setups[key];
        if (of.first > samples.most) {
            samples.most = of.first;
            samples.example = m_trace.trace;
        }
        if (whole > 0)
            samples.shares.push_back(double(of.second) / double(whole));
    }
}

// From BEGIN to the next COMMIT or ROLLBACK below one parent, and spans that are a transaction.
void RequestFinder::transactions()
{
    for (std::uint32_t i = 0; i < m_trace.size(); ++i) {
        const CallName name = m_grouper.nameOf(m_trace, i);
        if (name == CallName::Transaction && m_trace.duration[i] != kUnknownNanos)
            transaction(i, m_trace.start[i], m_trace.endOf(i));
        if (name != CallName::Begin || m_trace.parent[i] == kNoRow)
            continue;
        for (std::uint32_t c = m_trace.nextSibling[i]; c != kNoRow; c = m_trace.nextSibling[c]) {
            const CallName other = m_grouper.nameOf(m_trace, c);
            if (other == CallName::Begin)
                break;
            if (other != CallName::End)
                continue;
            transaction(m_trace.parent[i], m_trace.endOf(i), m_trace.start[c]);
            break;
        }
    }
}

void RequestFinder::transaction(std::uint32_t scope, Nanos begin, Nanos end)
{
    std::vector<Interval> statements;
    std::map<Names, std::vector<Interval>> calls; // operation, host
    const std::uint32_t home = m_grouper.serviceOf(m_trace, scope);
    for (std::uint32_t i = 0; i < m_trace.size(); ++i) {
        if (i == scope || m_trace.start[i] >= end || m_trace.endOf(i) <= begin
            || m_grouper.serviceOf(m_trace, i) != home || m_trace.isAsync[i] != 0)
            continue;
        const bool database = isDatabase(i);
        if ((!database && kind(i) != SpanKind::Client && kind(i) != SpanKind::Producer) || !isBelow(i, scope))
            continue;
        const Interval inside{std::max(begin, m_trace.start[i]), std::min(end, m_trace.endOf(i))};
        if (database)
            statements.push_back(inside);
        else if (!isOrdered(m_grouper.nameOf(m_trace, i)))
            calls[{operation(i), host(i)}].push_back(inside);
    }
    const Nanos sql = unionOf(statements);
    for (auto &[key, intervals] : calls) {
        TransactionSamples &samples
            = m_transactions[{service(scope), operation(scope), key.first, key.second}];
        const Nanos overlap = unionOf(intervals);
        if (samples.overlaps.empty()
            || overlap > *std::max_element(samples.overlaps.begin(), samples.overlaps.end()))
            samples.example = m_trace.trace;
        samples.overlaps.push_back(overlap);
        samples.held.push_back(saturatingSub(end, begin));
        samples.statements.push_back(sql);
        samples.traces.insert(m_trace.trace);
    }
}

// Down the tree with a stack: changes of service on the way, asynchronous children left out.
void RequestFinder::chain()
{
    struct Step
    {
        std::uint32_t span;
        std::int64_t depth;
        int level;
    };
    std::vector<Step> open{{m_trace.root, service(m_trace.root).empty() ? 0 : 1, 0}};
    Step deepest = open.front();
    while (!open.empty()) {
        const Step step = open.back();
        open.pop_back();
        if (step.depth > deepest.depth)
            deepest = step;
        for (std::uint32_t c = m_trace.firstChild[step.span]; c != kNoRow && step.level < kDeepest;
             c = m_trace.nextSibling[c]) {
            if (m_trace.isAsync[c] != 0)
                continue;
            const bool changes = !service(c).empty() && service(c) != service(step.span);
            open.push_back({c, step.depth + (changes ? 1 : 0), step.level + 1});
        }
    }
    std::vector<std::string> path;
    for (std::uint32_t at = deepest.span; at != kNoRow && path.size() < std::size_t(kDeepest);
         at = m_trace.parent[at]) {
        if (!service(at).empty() && std::find(path.begin(), path.end(), service(at)) == path.end())
            path.push_back(service(at));
    }
    ChainSamples &samples = m_chains[m_endpoint];
    samples.depths.push_back(std::int64_t(path.size()));
    if (std::int64_t(path.size()) <= samples.deepest)
        return;
    samples.deepest = std::int64_t(path.size());
    samples.example = m_trace.trace;
    samples.path.clear();
    for (auto name = path.rbegin(); name != path.rend(); ++name)
        samples.path += (name == path.rbegin() ? "" : " > ") + *name;
}

void RequestFinder::shares()
{
    const Nanos whole = m_trace.duration[m_trace.root];
    if (whole == kUnknownNanos || whole <= 0)
        return;
    const Nanos begin = m_trace.start[m_trace.root], end = m_trace.endOf(m_trace.root);
    std::map<std::pair<bool, std::string>, std::vector<Interval>> calls;
    for (std::uint32_t i = 0; i < m_trace.size(); ++i) {
        if (m_trace.duration[i] == kUnknownNanos || m_trace.isAsync[i] != 0 || i == m_trace.root)
            continue;
        const bool database = isDatabase(i);
        const bool external = !database && kind(i) == SpanKind::Client && m_trace.firstChild[i] == kNoRow
            && !isOrdered(m_grouper.nameOf(m_trace, i));
        const std::string name = external ? host(i) : std::string();
        if ((database && m_trace.firstChild[i] == kNoRow) || (external && !name.empty() && !namesCache(name)))
            calls[{database, name}].push_back(
                {std::max(begin, m_trace.start[i]), std::min(end, m_trace.endOf(i))});
    }
    for (auto &[key, intervals] : calls) {
        ShareSamples &samples = m_shares[{m_endpoint, key.first, key.second}];
        for (const Interval &interval : intervals)
            samples.calls.push_back(std::max<Nanos>(0, saturatingSub(interval.second, interval.first)));
        const Nanos time = unionOf(intervals);
        if (samples.times.empty() || time > *std::max_element(samples.times.begin(), samples.times.end()))
            samples.example = m_trace.trace;
        samples.times.push_back(time);
        samples.requests.push_back(whole);
        samples.shares.push_back(double(time) / double(whole));
    }
}

void RequestFinder::pairs()
{
    std::set<std::string> services;
    std::map<Names, bool> pairs;
    for (std::uint32_t i = 0; i < m_trace.size(); ++i) {
        const std::string &own = service(i);
        if (own.empty())
            continue;
        services.insert(own);
        const std::uint32_t parent = m_trace.parent[i];
        if (parent != kNoRow && service(parent) != own && !service(parent).empty())
            pairs[{service(parent), own}] = true;
        if (kind(i) == SpanKind::Client && m_trace.firstChild[i] == kNoRow
            && !isSetup(m_grouper.nameOf(m_trace, i))) {
            const std::string callee = host(i);
            if (!callee.empty())
                pairs.try_emplace({own, callee}, false);
        }
    }
    for (const std::string &name : services)
        ++m_services[name];
    for (const auto &[key, hasSpans] : pairs) {
        auto &[traces, known] = m_pairs[key];
        ++traces;
        known = known || hasSpans;
    }
}

// Calls again of what the same parent has called before, begun after its end. Both spans are of one service,
// so that one clock tells.
void RequestFinder::lateAttempts()
{
    for (std::uint32_t i = 0; i < m_trace.size(); ++i) {
        const std::uint32_t parent = m_trace.parent[i];
        if (kind(i) != SpanKind::Client || parent == kNoRow || m_trace.duration[parent] == kUnknownNanos
            || m_grouper.serviceOf(m_trace, i) != m_grouper.serviceOf(m_trace, parent)
            || m_trace.start[i] < m_trace.endOf(parent))
            continue;
        const auto operationIndex = m_columns.operation[m_trace.row[i]];
        bool isRepeat = false;
        for (std::uint32_t c = m_trace.firstChild[parent]; c != kNoRow && c != i; c = m_trace.nextSibling[c])
            isRepeat = isRepeat || m_columns.operation[m_trace.row[c]] == operationIndex;
        if (!isRepeat)
            continue;
        LateSamples &samples = m_late[{service(i), operation(parent), operation(i)}];
        samples.late.push_back(saturatingSub(m_trace.start[i], m_trace.endOf(parent)));
        samples.lengths.push_back(m_trace.duration[i] == kUnknownNanos ? 0 : m_trace.duration[i]);
        samples.traces.insert(m_trace.trace);
    }
}

RequestPatterns RequestFinder::finish()
{
    RequestPatterns out;
    for (auto &[key, s] : m_setups) {
        if (s.setups == 0)
            continue;
        ConnectionSetup row;
        std::tie(row.service, row.host) = key;
        row.calls = s.calls;
        row.setups = s.setups;
        row.traces = std::int64_t(s.shares.size());
        row.mostPerTrace = s.most;
        row.setup = quantile(s.total, kP50);
        row.dns = quantile(s.dns, kP50);
        row.connect = quantile(s.connect, kP50);
        row.tls = quantile(s.tls, kP50);
        row.requestShare = s.shares.empty() ? 0 : median(s.shares);
        row.exampleTrace = s.example;
        out.setups.push_back(std::move(row));
    }
    for (auto &[key, s] : m_transactions) {
        TransactionCall row;
        std::tie(row.service, row.parentOperation, row.operation, row.host) = key;
        row.transactions = std::int64_t(s.overlaps.size());
        row.traces = std::int64_t(s.traces.size());
        row.longest = *std::max_element(s.overlaps.begin(), s.overlaps.end());
        row.overlap = quantile(s.overlaps, kP50);
        row.held = quantile(s.held, kP50);
        row.statements = quantile(s.statements, kP50);
        row.exampleTrace = s.example;
        out.transactionCalls.push_back(std::move(row));
    }
    for (auto &[key, s] : m_chains) {
        SyncChain row;
        std::tie(row.endpointService, row.endpointOperation) = key;
        row.path = s.path;
        row.traces = std::int64_t(s.depths.size());
        row.deepest = s.deepest;
        row.depth = quantile(s.depths, kP50);
        row.exampleTrace = s.example;
        out.chains.push_back(std::move(row));
    }
    for (auto &[key, s] : m_shares) {
        EndpointShare row;
        std::tie(row.endpointService, row.endpointOperation) = std::get<0>(key);
        row.isDatabase = std::get<1>(key);
        row.name = std::get<2>(key);
        row.traces = std::int64_t(s.shares.size());
        row.examined = m_examined[std::get<0>(key)];
        row.calls = std::int64_t(s.calls.size());
        row.share = median(s.shares);
        row.time = quantile(s.times, kP50);
        row.callP95 = quantile(s.calls, kP95);
        row.request = quantile(s.requests, kP50);
        row.exampleTrace = s.example;
        out.shares.push_back(std::move(row));
    }
    for (auto &[key, s] : m_late) {
        LateAttempt row;
        std::tie(row.service, row.parentOperation, row.operation) = key;
        row.attempts = std::int64_t(s.late.size());
        row.traces = std::int64_t(s.traces.size());
        row.late = quantile(s.late, kP50);
        row.length = quantile(s.lengths, kP50);
        row.exampleTrace = *s.traces.begin();
        out.lateAttempts.push_back(std::move(row));
    }
    std::map<std::string, std::int64_t> callers;
    for (const auto &[key, of] : m_pairs)
        ++callers[key.second];
    for (const auto &[key, of] : m_pairs)
        out.pairs.push_back(
            {key.first, key.second, m_services[key.first], of.first, callers[key.second], of.second});
    return out;
}

} // namespace

Result<RequestPatterns> findRequestPatterns(const SpanColumns &columns, const TraceRows &rows,
    store::Database *reader, const CancelToken &cancel)
{
    RequestFinder finder(columns, rows, reader);
    std::size_t done = 0;
    for (const std::uint32_t trace : sampledTraces(columns, rows, kCalls)) {
        if (done++ % 64 == 0 && cancel.isCancelled())
            return fail(ErrorCode::Cancelled, "request_patterns", "the analysis was cancelled", "");
        TS_TRY(finder.examine(trace, cancel));
    }
    return finder.finish();
}

} // namespace tailscope::analysis
