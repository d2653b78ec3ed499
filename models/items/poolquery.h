// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/poolhistory.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::items {

/// A row of a derived table by the names of its columns.
struct FigureRow
{
    std::map<std::string, std::string, std::less<>> texts;
    std::map<std::string, double, std::less<>> numbers;

    std::string text(std::string_view column) const; ///< empty = unknown
    double number(std::string_view column) const; ///< NaN = unknown
    std::optional<Nanos> time(std::string_view column) const;
    std::map<std::string, Nanos, std::less<>> times; ///< columns that end in _ns, in full precision
};

/// What the tables of pools say. A pool without instance is all its instances together.
struct PoolOverview
{
    std::vector<FigureRow> pools; ///< pool_verdict: worst first, each followed by its instances
    std::vector<FigureRow> fleets; ///< pool_fleet
    std::vector<FigureRow> ceilings; ///< pool_ceiling
};
Result<PoolOverview> poolOverview(const store::Workspace &workspace);

/// The samples of one pool as bins; instance: nothing = all together.
struct PoolPicture
{
    std::vector<analysis::PoolBin> bins;
    Nanos gapNs = 0; ///< longer distances are not bridged
};
Result<PoolPicture> poolPicture(const store::Workspace &workspace, const std::string &kind,
    const std::string &pool, const std::optional<std::string> &instance, const Progress &progress);

} // namespace tailscope::items
