// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/tracespans.h"
#include "spanfixture.h"

#include <memory>
#include <string>
#include <vector>

namespace tracebuilder {

using namespace tailscope;
using namespace tailscope::analysis;

/// Hand-made traces: spans in the order given get lanes of their own, so that row = place in the list.
struct Builder
{
    std::vector<spanfixture::Span> spans;
    std::vector<TrackInfo> tracks;

    /// Adds a span of a service ("shop", or "shop/pod-1"); returns its place. Times in ns.
    int add(const std::string &service, const std::string &operation, Nanos start, Nanos duration, int parent,
        SpanKind kind = SpanKind::Internal, int trace = 0)
    {
        spanfixture::Span span;
        span.operation = operation;
        span.start = start;
        span.duration = duration;
        span.parent = parent;
        span.kind = kind;
        span.trace = trace;
        span.track = std::uint32_t(spans.size());
        const std::size_t slash = service.find('/');
        tracks.push_back(spanfixture::service(service.substr(0, slash),
            slash == std::string::npos ? std::string() : service.substr(slash + 1)));
        spans.push_back(span);
        return int(spans.size()) - 1;
    }
    std::shared_ptr<SpanColumns> build() const { return spanfixture::build(spans, tracks); }
};

/// One trace of the columns. Local indices are in the order of time.
inline TraceSpans load(const SpanColumns &columns, std::uint32_t trace = 0)
{
    TraceSpans spans;
    spans.load(columns, trace, TraceRows::build(columns, {})->rows(trace));
    return spans;
}

inline std::string operationOf(const SpanColumns &columns, const TraceSpans &trace, std::uint32_t local)
{
    return local == kNoRow ? "-" : columns.operations[columns.operation[trace.row[local]]];
}

/// A trace at random: nested, overlapping, sticking out, async, of unknown duration, on three hosts.
inline Builder randomTrace(spanfixture::Random &random, int count)
{
    static const char *const operations[]{"work", "pool.acquire", "dns.lookup", "step", "render"};
    Builder builder;
    builder.add("a/0", "root", 1'000'000, 1 + random.below(100) * 1'000'000, -1, SpanKind::Server);
    for (int i = 1; i < count; ++i) {
        const int parent = int(random.below(i));
        const spanfixture::Span above = builder.spans[std::size_t(parent)];
        const Nanos room = above.duration == kUnknownNanos ? 1000 : above.duration + 1;
        Nanos start = above.start + random.below(room);
        Nanos duration = random.below(room);
        const int shape = int(random.below(10));
        if (shape < 4) // mostly inside
            duration = std::min(duration, above.start + room - start);
        if (shape == 8)
            start -= random.below(room);
        if (shape == 9)
            duration = random.chance(50) ? 0 : kUnknownNanos;
        static constexpr SpanKind kinds[]{SpanKind::Internal, SpanKind::Internal, SpanKind::Client,
            SpanKind::Server, SpanKind::Producer, SpanKind::Consumer, SpanKind::Async};
        builder.add("s" + std::to_string(random.below(3)), operations[random.below(5)], start, duration,
            parent, kinds[random.below(7)]);
    }
    return builder;
}

} // namespace tracebuilder
