// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/bulkidmap.h"
#include "store/database.h"

#include <cstdint>
#include <vector>

namespace tailscope::store {

/// Weights of the call nodes of one source; index = ordinal - 1, parents before children.
struct CallWeights
{
    std::vector<std::uint32_t> parent; ///< ordinal, 0 = root
    std::vector<double> self;
    std::vector<std::int64_t> samples;
};
/// Totals and samples of a profile.
struct ProfileTotal
{
    std::int64_t samples = 0;
    double weight = 0;
};

/// Replaces the rows of call_node_calc of a source, in transactions of bounded length.
Result<void> writeCallWeights(Database &database, const IdMap &nodes, const CallWeights &weights);
/// Sets sample_count and total_weight of profiles by ordinal; in the caller's transaction.
Result<void> writeProfileTotals(Database &database, const IdMap &profiles,
    const std::vector<ProfileTotal> &totals);

/// Computes both from the stored samples: for sources that are kept although their import did not end.
Result<void> rebuildCallWeights(Database &database, std::int64_t sourceId);

} // namespace tailscope::store
