// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// What a stretch of time probably is. Unknown = no span says it.
enum class TimeClass : std::uint8_t { Unknown, Processing, Network, Wait };
inline constexpr int kTimeClasses = 4;

/// As in the columns `class` of the derived tables: "unknown", "processing", "network", "wait".
std::string_view name(TimeClass timeClass);

/// What the words of an operation say about its time; Unknown = nothing. "pool.acquire", "getConnection",
/// "lock wait", "retry backoff" -> Wait; "dns.lookup", "tls handshake", "http.send" -> Network. Names of
/// resources ("GET /queue/7", "SELECT lock_table") say nothing about time. Words that also name things
/// ("queue", "lock", "send") count only where `isInternal` and no verb of work stands beside them.
TimeClass classOfWords(std::string_view operation, bool isInternal);

/// A gap shorter than this inside a span that works on its own is taken for ordinary code between two calls.
inline constexpr Nanos kOrdinaryGap = kNanosPerMilli;

/// Class of every span's own time. Built once from the columns (one pass: a bit a span, two bytes an
/// operation); immutable; any thread. The columns must outlive it.
///
/// Rules, first match:
/// 1. Words of the operation (classOfWords), except of server and consumer spans: they are named after what
///    they serve.
/// 2. A client span with the server span of its callee below it: what is left is the way there and back, so
///    Network (with the queues of proxies in it).
/// 3. Any other span without children: Processing. For a client span whose callee is not traced (a database,
///    a third party) that is the work of the callee, as far as the trace can tell, with its network.
/// 4. Time between the children of any other span: Processing below kOrdinaryGap, else Unknown: code without
///    instrumentation and a wait look the same.
class SpanClasses
{
public:
    explicit SpanClasses(const SpanColumns &columns);

    /// Own time of a span in which one of its children runs, or of a span without children (rules 1-3).
    TimeClass ofSelf(std::uint32_t row) const;
    /// Time of a span in which none of its children runs, although it has some; `gap` is its length.
    TimeClass ofGap(std::uint32_t row, Nanos gap) const;
    /// The operation itself is waiting: acquiring from a pool, a lock, a backoff, a sleep.
    bool isWait(std::uint32_t row) const { return byWords(row) == TimeClass::Wait; }
    /// A client span with the server span of its callee in the same data.
    bool hasCallee(std::uint32_t row) const { return m_hasCallee[row]; }

private:
    TimeClass byWords(std::uint32_t row) const;

    const SpanColumns &m_columns;
    std::vector<TimeClass> m_internal, m_other; // by operation
    std::vector<bool> m_hasCallee; // by row
};

} // namespace tailscope::analysis
