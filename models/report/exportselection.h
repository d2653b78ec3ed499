// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spanfilter.h"
#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/workspace.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::report {

/// What goes out. A span is chosen when it starts in the range, passes the filter and, where traces are
/// named, belongs to one of them; with it goes its whole trace (or, without a trace, the tree it is part of),
/// so that self times, critical paths and waterfalls stay what they were.
struct ExportOrder
{
    std::optional<TimeRange> range;
    analysis::Filter filter;
    std::vector<std::string> traceKeys; ///< as the view trace shows them; empty = all
    bool keepLiterals = false; ///< else SQL loses its literals, URLs their query, secrets their value
};
struct ExportOutcome
{
    std::int64_t traces = 0, spans = 0, sources = 0;
};

/// By the ending of the target: ".tailscope" = a workspace of its own, derived and with its findings;
/// ".otlp.jsonl" = OTLP JSON lines. What lies there is replaced. Times are those the views show (offsets
/// applied). Only traces and spans go out, with their attributes, events and links. Blocking; any thread.
Result<ExportOutcome> exportSelection(const store::Workspace &workspace, const ExportOrder &order,
    const std::filesystem::path &target, const Progress &progress);

/// False: the ending says no format.
bool isExportTarget(const std::string &path);

} // namespace tailscope::report
