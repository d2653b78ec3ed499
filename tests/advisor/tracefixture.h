// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/rows.h"
#include "store/workspace.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tailscope::testing {

/// One span of a made-up trace; times in ms from the start of the trace.
struct TestSpan
{
    int parent = -1; ///< index within the trace
    std::string service, operation;
    double startMs = 0, durationMs = 0;
    SpanKind kind = SpanKind::Internal;
    bool failed = false;
    std::string key = {}, value = {}; ///< one attribute, when key is not empty
    std::vector<std::pair<std::string, std::string>> more = {}; ///< further attributes
    std::uint16_t http = 0;
    std::string instance = {};
};

/// A workspace with traces that went through the bulk writer and the derive pass.
class TraceFixture
{
public:
    /// The traces in order, by default one second apart. The first begins at kStartNs + spacingMs.
    explicit TraceFixture(const std::vector<std::vector<TestSpan>> &traces, double spacingMs = 1000);
    static constexpr Nanos kStartNs = 1'700'000'000 * kNanosPerSecond;

    store::Workspace &workspace() { return *m_workspace; }
    /// A marker, `seconds` after kStartNs.
    void addEvent(double seconds, const std::string &kind, const std::string &service,
        const std::string &title);
    /// Runs the analyses of traces and the built-in rules; "rule severity" lines, sorted.
    std::string findings();
    std::string text(const std::string &sql);

private:
    std::unique_ptr<store::Workspace> m_workspace;
};

} // namespace tailscope::testing
