// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// Input and output of the self-time computation of one plan (rules 1-9 of the reference on plans; definition
/// shown in the view: "wall time of the slowest process, CTE shared by its scans, InitPlan charged to its
/// user").
struct PlanTimeNode
{
    // in
    int parent = -1; ///< index; nodes in pre-order
    std::string nodeType, parentRelationship, subplanName, cteName;
    std::vector<std::string> expressions; ///< every text property except the subplan name
    bool paramsEvaluated = false, singleCopy = false;
    bool isCut = false; ///< children of it are missing: what it did itself is unknown
    std::optional<double> totalMsPerLoop, loops; ///< absent = not executed or no timing
    double roundingMs = 0.0005; ///< how wrong a printed time may be; PostgreSQL prints three decimals
    struct Worker
    {
        int number = 0;
        double totalMsPerLoop = 0, loops = 0;
    };
    std::vector<Worker> workers;
    std::optional<std::int64_t> sharedHit, sharedRead;
    // out; absent = unknown
    std::optional<double> wallMs, selfMs;
    std::optional<double>
        doubtMs; ///< how wrong rounding may make selfMs: own bound and that of all subtracted
    std::optional<std::int64_t> selfSharedHit, selfSharedRead;
};

/// How wrong a time may be that MySQL prints: three significant digits since 8.0.2x, three decimals before.
double mysqlRoundingMs(double printedMs);

/// Fills the outputs. Returns what could not be attributed (sum of the negative remainders, >= 0), in ms.
double computePlanTimes(std::vector<PlanTimeNode> &nodes);

/// Key of plan.extra under which the times that could not be attributed are kept, in ms; absent when there
/// are none.
inline constexpr std::string_view kNotAttributableKey = "Not Attributable Time";

/// Reads the plans of a source, computes and stores wall_ms, self_ms, doubt_ms, self_shared_* of every node,
/// and what could not be attributed of every plan.
Result<std::int64_t> derivePlanTimes(const store::Workspace &workspace, std::int64_t sourceId,
    const Progress &progress);

} // namespace tailscope::analysis
