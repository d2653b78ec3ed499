// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"
#include "analysis/spancolumns.h"
#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// Aggregated tree of spans (path of operations) or of profile samples (stacks). Node 0 is the root "all".
/// Children follow their parent in the arrays (parent < child). Weights in `unit` (ns, samples, bytes).
struct CallTree
{
    struct Node
    {
        std::uint32_t parent = 0, firstChild = 0, nextSibling = 0; ///< 0 = none (node 0 is nobody's child)
        std::uint32_t name = 0; ///< index into names
        std::uint32_t group = 0; ///< index into groups (service, module, package): colour
        std::uint16_t depth = 0;
        double self = 0, total = 0;
        std::int64_t count = 0;
        std::uint32_t exampleRow = kNoRow; ///< a span row of this path (the longest)
    };
    std::vector<Node> nodes;
    std::vector<std::string> names, groups;
    std::string unit = "ns";
    std::int64_t droppedNodes = 0; ///< past the bound of 2 million nodes: counted into their parents' self

    /// Children sorted by total descending (name breaks ties). Called by the builders.
    void sortChildren();
};

/// Paths of the selected spans, each below its selected ancestors: total = sum of durations, self = sum of
/// self times (async children hang beside, not inside: total of a node is self + sum of synchronous
/// children).
Result<std::shared_ptr<const CallTree>> spanCallTree(const SpanColumns &columns,
    const SpanSelection &selection, const CancelToken &cancel);
/// What of the stored profiles a tree is made of.
struct ProfileQuery
{
    std::vector<std::int64_t> profiles; ///< ids; their weights are added, so their units must be the same
    std::optional<TimeRange> range; ///< only samples with times inside
    std::optional<std::string> thread; ///< only its samples; "" = those without a thread
};
/// One tree of all profiles. Errors: no such profile, different units (BadInput), store, cancelled.
Result<std::shared_ptr<const CallTree>> profileCallTree(const store::Workspace &workspace,
    const ProfileQuery &query, const CancelToken &cancel);
/// Stored profile. `sampleRange` limits to samples with times inside; profileId of table profile.
Result<std::shared_ptr<const CallTree>> profileCallTree(const store::Workspace &workspace,
    std::int64_t profileId, std::optional<TimeRange> sampleRange, const CancelToken &cancel);
/// A thread of a profile.
struct ProfileThread
{
    std::string name; ///< "" = the samples do not say
    std::int64_t samples = 0, timed = 0; ///< timed: of them with a time
    double weight = 0;
};
/// Most samples first, at most 1,000.
Result<std::vector<ProfileThread>> profileThreads(const store::Workspace &workspace, std::int64_t profileId,
    const CancelToken &cancel);
/// Bottom-up: callers of every leaf; sums of self stay the same.
std::shared_ptr<const CallTree> bottomUp(const CallTree &topDown, const CancelToken &cancel);

/// Functions or operations over the whole tree; recursion counts once in total.
struct FlatEntry
{
    std::uint32_t name = 0, group = 0;
    double self = 0, total = 0;
    std::int64_t count = 0;
};
std::vector<FlatEntry> flatProfile(const CallTree &tree);

} // namespace tailscope::analysis
