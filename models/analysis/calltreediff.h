// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltree.h"
#include "base/units.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// Weights of one side, as recorded (not scaled).
struct DiffWeights
{
    double self = 0, total = 0;
    std::int64_t count = 0;
};

/// Two call trees as one: every path of either side is there, also what vanished and what is new.
struct CallTreeDiff
{
    /// The union. The own weight of a path is the larger of its two sides (after times scale), so that
    /// neither side loses its place; totals are sums of own weights, counts are of both.
    std::shared_ptr<const CallTree> tree;
    std::vector<DiffWeights> before, after; ///< by node of the tree
    double scale = 1; ///< after is multiplied by it before it is compared

    double selfDelta(std::uint32_t node) const { return after[node].self * scale - before[node].self; }
    double totalDelta(std::uint32_t node) const { return after[node].total * scale - before[node].total; }
    bool isOnlyBefore(std::uint32_t node) const;
    bool isOnlyAfter(std::uint32_t node) const;
};

/// Null when cancelled. A scale that is not a positive number counts as 1.
std::shared_ptr<const CallTreeDiff> diffCallTrees(const CallTree &before, const CallTree &after, double scale,
    const CancelToken &cancel);

/// A function on both sides; recursion counts once in totals.
struct FlatDiffEntry
{
    std::string name, group;
    DiffWeights before, after;
};
/// By |difference of self|, then of total, then name; scale as above.
std::vector<FlatDiffEntry> flatDiff(const CallTree &before, const CallTree &after, double scale);

/// What two recordings say of themselves. 0 = unknown.
struct RecordingFacts
{
    std::string unit, sampleType, kind;
    std::int64_t samples = 0;
    double weight = 0;
    std::int64_t period = 0; ///< in unit
    Nanos duration = 0;
};

/// Why a difference may mislead.
enum class DiffDoubt {
    Units, ///< cannot be compared at all
    SampleTypes, ///< another kind of figure in the same unit
    Kinds, ///< on-CPU against wall clock, ...
    Periods, ///< sampled at another rate
    Durations, ///< recorded for other lengths of time (more than 10 %)
    Weights, ///< totals differ by more than a factor of two
    FewSamples, ///< fewer than 1,000 on one side: shares below some percent are noise
};
/// Worst first; empty = nothing against it.
std::vector<DiffDoubt> diffDoubts(const RecordingFacts &before, const RecordingFacts &after);

/// The factor that brings `after` to the recording time of `before`; 0 when a duration is unknown.
double scaleByDuration(const RecordingFacts &before, const RecordingFacts &after);
/// The factor that makes the totals equal, so that shares are compared; 0 when one has no weight.
double scaleByWeight(double before, double after);

} // namespace tailscope::analysis
