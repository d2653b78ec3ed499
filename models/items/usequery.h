// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "base/units.h"
#include "store/workspace.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::items {

/// Utilisation, saturation and errors of resources (Gregg's USE method) over what was imported.
enum class UseAspect { Utilisation, Saturation, Errors };
enum class UseUnit { Share, Count, Millis, Bytes, PerSecond };

/// One figure: how it usually is and how bad it got.
struct UseFigure
{
    double typical = 0, worst = 0; ///< mean and largest; of counters both are the rate over the whole time
    std::int64_t n = 0; ///< samples behind it
    UseUnit unit = UseUnit::Count;
    std::string what; ///< "system.cpu.utilization", "active / capacity"
};

/// A resource of one subject (an instance, a pool...); what no input tells has no figure.
struct UseRow
{
    std::string resource; ///< id of the resource: "cpu"
    std::string subject; ///< empty: nothing imported of this resource
    std::array<std::optional<UseFigure>, 3> figures;
};

/// What a resource is asked by, for 'Show SQL', links and empty cells.
struct UseResource
{
    std::string id;
    std::string view; ///< id of the view that shows it
    std::array<std::string, 3>
        input; ///< names of rules.md inputs that would fill the cell; empty = it has none
    std::array<std::vector<std::string>, 3>
        sql; ///< subject, typical, worst, n, what; tried in order; ?1 ?2 = range
    std::array<UseUnit, 3> unit;
};
const std::vector<UseResource> &useResources();

/// All resources in their order, each with its subjects (at most 200), at least one row a resource.
Result<std::vector<UseRow>> useTable(const store::Workspace &workspace, const std::optional<TimeRange> &range,
    const Progress &progress);

} // namespace tailscope::items
