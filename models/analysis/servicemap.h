// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"
#include "analysis/servicelinks.h"
#include "analysis/traceanalyses.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// How the caller reaches the callee. Call: it waits (its span covers the callee's). Async: it does not
/// (spanrelation.h). Messaging: producer to consumer, by parent or by link. Database and External: the callee
/// has no spans of its own, its name comes from attributes of the caller's client span.
enum class EdgeKind : std::uint8_t { Call, Async, Messaging, Database, External };
std::string_view toText(EdgeKind kind);

/// A service, or something without spans that services call.
struct ServiceNode
{
    std::string name;
    bool hasSpans = true;
    EdgeKind reachedBy = EdgeKind::Call; ///< of a node without spans: Database, Messaging or External
    std::int64_t requests = 0; ///< spans that begin work here: their parent is elsewhere or nobody
    std::int64_t known = 0; ///< of requests: with duration
    std::int64_t errors = 0; ///< of requests
    double weight = 0, errorWeight = 0; ///< sums of the trace weights
    Nanos p50 = kUnknownNanos, p99 = kUnknownNanos; ///< durations of the requests
    std::int64_t spans = 0;
    double selfNs = 0, selfShare = 0; ///< share of the self time of all services, 0..1
};

/// Calls of one service by another.
struct ServiceEdge
{
    std::uint32_t caller = 0, callee = 0; ///< nodes
    EdgeKind kind = EdgeKind::Call;
    std::int64_t calls = 0, traces = 0, errors = 0;
    std::int64_t known = 0; ///< of calls: with duration
    double weight = 0, errorWeight = 0;
    /// Durations of the callee's span; of the client span where the callee has none.
    Nanos p50 = kUnknownNanos, p99 = kUnknownNanos;
    std::int64_t fanOutP50 = 0, fanOutMax = 0; ///< calls per calling span, of those that call at all
    double errorShare() const { return weight > 0 ? errorWeight / weight : 0; }
};

struct ServiceMap
{
    std::vector<ServiceNode> nodes; ///< services by name, then nodes without spans by name
    std::vector<ServiceEdge> edges; ///< by caller, callee, kind
    bool weighted = false; ///< percentiles and shares of errors use the weights of the traces
    std::int64_t calls = 0;
    std::int64_t unnamed = 0, unread = 0; ///< as in ServiceLinks: calls that are on no edge
    std::int64_t spans = 0; ///< of services with a name, in the selection
};

/// The calls between the services. A call is in when the callee's or the caller's span is in the selection;
/// a request of a node when its span is. The calling span of a client or producer is the work above it, so
/// that a loop of calls counts as fan-out. An error of an edge is a callee's span with status error. O(spans
/// + calls log calls), 12 bytes a call. Any thread.
ServiceMap serviceMap(const SpanColumns &columns, const ServiceLinks &links, const SpanSelection &selection,
    const CancelToken &cancel = {});

/// The stored form over everything visible: table service_edge.
Result<WriteRows> computeServiceEdges(const TraceInput &input);

} // namespace tailscope::analysis
