// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/rows.h"
#include "store/workspace.h"

#include <memory>
#include <string>
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
};

/// A workspace with traces that went through the bulk writer and the derive pass.
class TraceFixture
{
public:
    /// The traces in order, one second apart.
    explicit TraceFixture(const std::vector<std::vector<TestSpan>> &traces);

    store::Workspace &workspace() { return *m_workspace; }
    /// Runs the built-in rules; "rule severity" lines, sorted.
    std::string findings();
    std::string text(const std::string &sql);

private:
    std::unique_ptr<store::Workspace> m_workspace;
};

} // namespace tailscope::testing
