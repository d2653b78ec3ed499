// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Traces as OTLP text, for the tests of models and views of traces.
#pragma once

#include "base/units.h"

#include <QByteArray>
#include <QList>
#include <QPair>
#include <QString>

#include <vector>

namespace tailscope::tests {

inline constexpr Nanos kTraceBegin = 1'700'000'000'000'000'000;

struct TraceSpan
{
    int trace;
    const char *id, *parent, *service, *name;
    Nanos start, duration; ///< in ms, the start after kTraceBegin
    bool failed = false;
    int kind = 1; ///< of OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer
    const char *event = ""; ///< one event in its middle
    const char *link = ""; ///< a span of the same trace it links to
};

inline QList<QPair<QString, QByteArray>> otlpTraces(const std::vector<TraceSpan> &spans)
{
    constexpr Nanos kMs = 1'000'000;
    QByteArray lines;
    for (const TraceSpan &span : spans) {
        const Nanos start = kTraceBegin + span.start * kMs;
        const QByteArray trace = QByteArray::number(span.trace).rightJustified(32, '0');
        const auto key = [](const char *id) { return QByteArray(id).rightJustified(16, '0'); };
        lines
            += R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":")"
            + QByteArray(span.service) + R"("}}]},"scopeSpans":[{"spans":[{"traceId":")" + trace
            + R"(","spanId":")" + key(span.id) + R"(","parentSpanId":")"
            + (span.parent[0] ? key(span.parent) : QByteArray()) + R"(","name":")" + span.name
            + R"(","kind":)" + QByteArray::number(span.kind) + R"(,"startTimeUnixNano":")"
            + QByteArray::number(start) + R"(","endTimeUnixNano":")"
            + QByteArray::number(start + span.duration * kMs) + R"(","status":{"code":)"
            + (span.failed ? "2" : "1") + "}";
        if (span.event[0])
            lines += R"(,"events":[{"name":")" + QByteArray(span.event) + R"(","timeUnixNano":")"
                + QByteArray::number(start + span.duration * kMs / 2) + R"("}])";
        if (span.link[0])
            lines += R"(,"links":[{"traceId":")" + trace + R"(","spanId":")" + key(span.link) + R"("}])";
        lines += "}]}]}]}\n";
    }
    return {{QStringLiteral("traces.jsonl"), lines}};
}

/// A request of 1,000 ms: 200 ms in nothing known, a pool, five like queries, a call whose server's clock is
/// 40 ms early, an error, an event, and a consumer two hours later.
inline std::vector<TraceSpan> payTrace()
{
    return {{1, "a1", "", "web", "POST /pay", 0, 1000, false, 2},
        {1, "a2", "a1", "web", "pool.acquire", 200, 100},
        {1, "a3", "a1", "db", "SELECT item", 300, 30, false, 3},
        {1, "a4", "a1", "db", "SELECT item", 330, 30, false, 3},
        {1, "a5", "a1", "db", "SELECT item", 360, 30, false, 3},
        {1, "a6", "a1", "db", "SELECT item", 390, 30, false, 3},
        {1, "a7", "a1", "db", "SELECT item", 420, 30, false, 3},
        {1, "a8", "a1", "web", "charge", 450, 400, false, 3, "sent"},
        {1, "a9", "a8", "bank", "transfer", 410, 300, true, 2},
        {1, "b1", "a1", "web", "publish", 850, 150, false, 4},
        {1, "b2", "b1", "mail", "send mail", 7'201'000, 500, false, 5, "", "a8"}};
}

} // namespace tailscope::tests
