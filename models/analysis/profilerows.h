// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltreebuilder.h"
#include "base/result.h"
#include "store/database.h"

#include <cstdint>
#include <unordered_map>

namespace tailscope::analysis {

/// Node of the tree by call_node.id.
using ProfileNodes = std::unordered_map<std::int64_t, std::uint32_t>;

/// Own weight of a call node.
struct ProfileWeight
{
    double self = 0;
    std::int64_t count = 0;
};
using ProfileWeights = std::unordered_map<std::int64_t, ProfileWeight>;

/// Which weights the nodes get: none, those stored with them, or those given by call_node.id.
struct NodeWeights
{
    enum class From { Nowhere, Stored, Given } from = From::Nowhere;
    const ProfileWeights *given = nullptr;
};

/// Grows the call nodes of a profile in `builder` (which may hold others of the same unit) and adds their
/// weights. Errors: unknown profile, store, cancelled.
Result<ProfileNodes> readProfileNodes(store::Database &database, std::int64_t profileId,
    CallTreeBuilder &builder, const NodeWeights &weights);

} // namespace tailscope::analysis
