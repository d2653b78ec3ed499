// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/servicemap.h"

#include "analysis/rowscan.h"
#include "analysis/serviceofspan.h"
#include "analysis/spanrelation.h"
#include "analysis/spanweights.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

namespace tailscope::analysis {

namespace {

// One call on its way into an edge. `row`: the span whose duration and status count.
struct Call
{
    std::uint32_t edge = 0, calling = 0, row = 0;
};

/// Percentiles of durations, weighted where traces have weights.
struct Figures
{
    std::vector<WeightedValue> values;
    void add(Nanos duration, double weight)
    {
        if (duration >= 0)
            values.push_back({duration, weight});
    }
    std::pair<Nanos, Nanos> p50And99()
    {
        return {weightedPercentile(values, kP50).value_or(kUnknownNanos),
            weightedPercentile(values, kP99).value_or(kUnknownNanos)};
    }
};

std::unique_ptr<SpanBitmap> rowsOf(const SpanColumns &columns, const SpanSelection &selection,
    const CancelToken &cancel)
{
    auto rows = std::make_unique<SpanBitmap>(columns.size());
    const RowScan scan(columns, selection);
    for (int part = 0; part < scan.parts(); ++part) {
        scan.forEachBlock(part, cancel, [&](const std::uint32_t *block, std::size_t n) {
            for (std::size_t i = 0; i < n; ++i)
                rows->set(block[i]);
        });
    }
    return rows;
}

class MapBuilder
{
public:
    MapBuilder(const SpanColumns &columns, const ServiceLinks &links, const SpanSelection &selection,
        const CancelToken &cancel)
        : m_columns(columns)
        , m_links(links)
        , m_cancel(cancel)
        , m_weights(columns)
        , m_service(serviceOfTrack(columns))
        , m_chosen(rowsOf(columns, selection, cancel))
    {
        for (const std::string &name : serviceNames(columns)) {
            m_map.nodes.push_back({});
            m_map.nodes.back().name = name;
        }
        m_nameless = !m_map.nodes.empty() && m_map.nodes.front().name.empty();
        m_map.weighted = !columns.traceWeight.empty();
        m_map.unnamed = links.unnamed;
        m_map.unread = links.unread;
    }

    ServiceMap run()
    {
        addNodes();
        collectByParent();
        collectMessages();
        collectRemotes();
        if (!m_cancel.isCancelled())
            finishEdges();
        dropUnused();
        return std::move(m_map);
    }

private:
    bool isNameless(std::uint32_t node) const { return m_nameless && node == 0; }
    std::uint32_t nodeOf(std::uint32_t row) const { return m_service[m_columns.track[row]]; }
    bool isError(std::uint32_t row) const { return m_columns.status[row] == std::uint8_t(SpanStatus::Error); }
    bool isChosen(std::uint32_t a, std::uint32_t b) const { return m_chosen->test(a) || m_chosen->test(b); }

    void addNodes()
    {
        std::vector<Figures> figures(m_map.nodes.size());
        double self = 0;
        for (std::uint32_t row = 0; row < m_columns.size(); ++row) {
            if (row % 65536 == 0 && m_cancel.isCancelled())
                return;
            const std::uint32_t at = nodeOf(row);
            if (!m_chosen->test(row) || isNameless(at))
                continue;
            ServiceNode &node = m_map.nodes[at];
            ++node.spans;
            ++m_map.spans;
            if (m_columns.self[row] >= 0) {
                node.selfNs += double(m_columns.self[row]);
                self += double(m_columns.self[row]);
            }
            const std::uint32_t parent = m_columns.parent[row];
            if (parent != kNoRow && nodeOf(parent) == at)
                continue;
            const double weight = m_weights(row);
            ++node.requests;
            node.weight += weight;
            if (isError(row)) {
                ++node.errors;
                node.errorWeight += weight;
            }
            figures[at].add(m_columns.duration[row], weight);
        }
        for (std::size_t i = 0; i < m_map.nodes.size(); ++i) {
            ServiceNode &node = m_map.nodes[i];
            node.known = std::int64_t(figures[i].values.size());
            std::tie(node.p50, node.p99) = figures[i].p50And99();
            node.selfShare = self > 0 ? node.selfNs / self : 0;
        }
    }

    /// The work that calls: above clients and producers of the same service, which stand for one call each.
    std::uint32_t callingSpan(std::uint32_t row) const
    {
        for (int step = 0; step < 64; ++step) { // a cycle in a hostile file must end
            const std::uint32_t parent = m_columns.parent[row];
            if (!isCallKind(SpanKind(m_columns.kind[row])) || parent == kNoRow
                || nodeOf(parent) != nodeOf(row))
                break;
            row = parent;
        }
        return row;
    }

    EdgeKind kindOf(std::uint32_t caller, std::uint32_t callee) const
    {
        const auto above = SpanKind(m_columns.kind[caller]), below = SpanKind(m_columns.kind[callee]);
        if (above == SpanKind::Producer || below == SpanKind::Consumer)
            return EdgeKind::Messaging;
        const bool isAsync = isAsyncChild({above, m_columns.start[caller], m_columns.duration[caller]},
            {below, m_columns.start[callee], m_columns.duration[callee]});
        return isAsync ? EdgeKind::Async : EdgeKind::Call;
    }

    void add(std::uint32_t from, std::uint32_t to, EdgeKind kind, std::uint32_t calling, std::uint32_t row)
    {
        if (isNameless(from) || isNameless(to) || from == to)
            return;
        const auto [place, isNew]
            = m_edgeOf.emplace(std::tuple(from, to, kind), std::uint32_t(m_map.edges.size()));
        if (isNew) {
            ServiceEdge edge;
            edge.caller = from;
            edge.callee = to;
            edge.kind = kind;
            m_map.edges.push_back(edge);
        }
        m_calls.push_back({place->second, calling, row});
    }

    void collectByParent()
    {
        for (std::uint32_t row = 0; row < m_columns.size(); ++row) {
            if (row % 65536 == 0 && m_cancel.isCancelled())
                return;
            const std::uint32_t parent = m_columns.parent[row];
            if (parent == kNoRow || nodeOf(parent) == nodeOf(row) || !isChosen(row, parent))
                continue;
            add(nodeOf(parent), nodeOf(row), kindOf(parent, row), callingSpan(parent), row);
        }
    }

    void collectMessages()
    {
        for (const ServiceLinks::Message &message : m_links.messages) {
            if (isChosen(message.consumer, message.producer))
                add(nodeOf(message.producer), nodeOf(message.consumer), EdgeKind::Messaging,
                    callingSpan(message.producer), message.consumer);
        }
    }

    void collectRemotes()
    {
        // A remote that has spans under the same name (not all of its requests are traced) is that service.
        std::map<std::string_view, std::uint32_t> services;
        for (std::uint32_t i = 0; i < m_map.nodes.size(); ++i)
            services.emplace(m_map.nodes[i].name, i);
        std::vector<std::uint32_t> order(m_links.names.size()), nodeOfName(m_links.names.size(), kNoRow);
        for (std::uint32_t i = 0; i < order.size(); ++i)
            order[i] = i;
        std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return m_links.names[a] < m_links.names[b]; });
        std::vector<RemoteKind> kinds(m_links.names.size(), RemoteKind::External);
        for (const ServiceLinks::Remote &remote : m_links.remotes)
            kinds[remote.name] = remote.kind;
        std::vector<ServiceNode> added;
        for (const std::uint32_t name : order) {
            if (const auto known = services.find(m_links.names[name]); known != services.end()) {
                nodeOfName[name] = known->second;
                continue;
            }
            nodeOfName[name] = std::uint32_t(m_map.nodes.size() + added.size());
            ServiceNode node;
            node.name = m_links.names[name];
            node.hasSpans = false;
            node.reachedBy = edgeKindOf(kinds[name]);
            added.push_back(std::move(node));
        }
        m_map.nodes.insert(m_map.nodes.end(), added.begin(), added.end());
        for (const ServiceLinks::Remote &remote : m_links.remotes) {
            if (m_chosen->test(remote.row))
                add(nodeOf(remote.row), nodeOfName[remote.name], edgeKindOf(remote.kind),
                    callingSpan(remote.row), remote.row);
        }
    }

    static EdgeKind edgeKindOf(RemoteKind kind)
    {
        return kind == RemoteKind::Database ? EdgeKind::Database
            : kind == RemoteKind::Messaging ? EdgeKind::Messaging
                                            : EdgeKind::External;
    }

    void finishEdges()
    {
        std::sort(m_calls.begin(), m_calls.end(), [](const Call &a, const Call &b) {
            return std::tie(a.edge, a.calling, a.row) < std::tie(b.edge, b.calling, b.row);
        });
        for (auto first = m_calls.begin(); first != m_calls.end();) {
            const auto last = std::find_if(first, m_calls.end(),
                [edge = first->edge](const Call &call) { return call.edge != edge; });
            finishEdge(m_map.edges[first->edge], std::span(first, last));
            first = last;
        }
        std::sort(m_map.edges.begin(), m_map.edges.end(), [](const ServiceEdge &a, const ServiceEdge &b) {
            return std::tie(a.caller, a.callee, a.kind) < std::tie(b.caller, b.callee, b.kind);
        });
        m_map.calls = std::int64_t(m_calls.size());
    }

    void finishEdge(ServiceEdge &edge, std::span<const Call> calls)
    {
        Figures figures;
        std::vector<std::uint32_t> traces;
        std::vector<Nanos> fanOut;
        for (std::size_t i = 0; i < calls.size(); ++i) {
            const std::uint32_t row = calls[i].row;
            const double weight = m_weights(row);
            ++edge.calls;
            edge.weight += weight;
            if (isError(row)) {
                ++edge.errors;
                edge.errorWeight += weight;
            }
            figures.add(m_columns.duration[row], weight);
            if (m_columns.trace[row] != kNoRow)
                traces.push_back(m_columns.trace[row]);
            if (i == 0 || calls[i].calling != calls[i - 1].calling)
                fanOut.push_back(0);
            ++fanOut.back();
        }
        std::sort(traces.begin(), traces.end());
        edge.traces = std::unique(traces.begin(), traces.end()) - traces.begin();
        edge.known = std::int64_t(figures.values.size());
        std::tie(edge.p50, edge.p99) = figures.p50And99();
        edge.fanOutMax = *std::max_element(fanOut.begin(), fanOut.end());
        edge.fanOutP50 = percentile(fanOut, kP50).value_or(0);
        if (!m_map.nodes[edge.callee].hasSpans)
            addToRemote(m_map.nodes[edge.callee], edge, std::move(figures));
    }

    // What is known of a node without spans is what its callers saw; several callers are merged as samples.
    void addToRemote(ServiceNode &node, const ServiceEdge &edge, Figures figures)
    {
        node.requests += edge.calls;
        node.errors += edge.errors;
        node.weight += edge.weight;
        node.errorWeight += edge.errorWeight;
        node.known += edge.known;
        Figures &all = m_remote[edge.callee];
        all.values.insert(all.values.end(), figures.values.begin(), figures.values.end());
        std::tie(node.p50, node.p99) = all.p50And99();
    }

    void dropUnused()
    {
        std::vector<bool> used(m_map.nodes.size(), false);
        for (const ServiceEdge &edge : m_map.edges)
            used[edge.caller] = used[edge.callee] = true;
        std::vector<std::uint32_t> place(m_map.nodes.size(), kNoRow);
        std::vector<ServiceNode> kept;
        for (std::uint32_t i = 0; i < m_map.nodes.size(); ++i) {
            if (isNameless(i) || (!used[i] && m_map.nodes[i].spans == 0))
                continue;
            place[i] = std::uint32_t(kept.size());
            kept.push_back(std::move(m_map.nodes[i]));
        }
        for (ServiceEdge &edge : m_map.edges) {
            edge.caller = place[edge.caller];
            edge.callee = place[edge.callee];
        }
        m_map.nodes = std::move(kept);
    }

    const SpanColumns &m_columns;
    const ServiceLinks &m_links;
    const CancelToken &m_cancel;
    TraceWeights m_weights;
    std::vector<std::uint32_t> m_service; // node by track
    std::unique_ptr<SpanBitmap> m_chosen;
    ServiceMap m_map;
    bool m_nameless = false; // node 0 is "no service"
    std::map<std::tuple<std::uint32_t, std::uint32_t, EdgeKind>, std::uint32_t> m_edgeOf;
    std::vector<Call> m_calls;
    std::map<std::uint32_t, Figures> m_remote;
};

Result<void> writeEdges(store::Database &writer, std::int64_t runId, const ServiceMap &map)
{
    TS_TRY(writer.execute("DELETE FROM service_edge"));
    Result<store::Statement> insert = writer.prepare(
        "INSERT INTO service_edge (run_id, caller, callee, kind, n, traces, errors, p50_ns, p99_ns,"
        " fan_out_p50, fan_out_max, weight) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    for (const ServiceEdge &edge : map.edges) {
        insert->bind(0, runId);
        insert->bind(1, std::string_view(map.nodes[edge.caller].name));
        insert->bind(2, std::string_view(map.nodes[edge.callee].name));
        insert->bind(3, toText(edge.kind));
        insert->bind(4, edge.calls);
        insert->bind(5, edge.traces);
        insert->bind(6, edge.errors);
        insert->bindNanos(7, edge.p50);
        insert->bindNanos(8, edge.p99);
        insert->bind(9, edge.fanOutP50);
        insert->bind(10, edge.fanOutMax);
        insert->bind(11, edge.weight);
        TS_TRY(insert->run());
    }
    return {};
}

} // namespace

std::string_view toText(EdgeKind kind)
{
    switch (kind) {
    case EdgeKind::Call:
        return "call";
    case EdgeKind::Async:
        return "async";
    case EdgeKind::Messaging:
        return "messaging";
    case EdgeKind::Database:
        return "database";
    case EdgeKind::External:
        return "external";
    }
    return "call";
}

ServiceMap serviceMap(const SpanColumns &columns, const ServiceLinks &links, const SpanSelection &selection,
    const CancelToken &cancel)
{
    return MapBuilder(columns, links, selection, cancel).run();
}

Result<WriteRows> computeServiceEdges(const TraceInput &input)
{
    Result<ServiceLinks> links = loadServiceLinks(input.workspace, input.columns, input.progress);
    if (!links)
        return tl::unexpected(std::move(links.error()));
    auto map
        = std::make_shared<const ServiceMap>(serviceMap(input.columns, *links, {}, input.progress.cancel));
    return WriteRows(
        [map](store::Database &writer, std::int64_t runId) { return writeEdges(writer, runId, *map); });
}

} // namespace tailscope::analysis
