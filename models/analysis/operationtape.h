// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/idindex.h"
#include "analysis/spannames.h"
#include "analysis/spanscan.h"
#include "analysis/spillfile.h"

#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace tailscope::analysis {

/// One row of operation_stat: an operation of a service, over all instances or of one.
struct OperationFigures
{
    std::string service, operation;
    std::optional<std::string> instance;
    std::int64_t n = 0, unknown = 0, errors = 0;
    double weight = 0;
    Nanos min = kUnknownNanos, max = kUnknownNanos, total = kUnknownNanos, self = kUnknownNanos;
    std::array<Nanos, 5> quantiles{kUnknownNanos, kUnknownNanos, kUnknownNanos, kUnknownNanos, kUnknownNanos};
    double mean = std::numeric_limits<double>::quiet_NaN();
};

/// Exact percentiles per operation over all visible spans in bounded memory: one scan writes the durations to
/// a tape (memory, then a temporary file) and sums up the rest; then the tape is dealt out by operation and
/// each operation selected by itself. Weighted where the traces say how they were sampled.
class OperationTape
{
public:
    explicit OperationTape(const store::Workspace &workspace);
    Result<void> read(store::Database &reader, const Progress &progress);
    /// By service, operation, instance; one row for all instances, and one for each where there are several.
    Result<std::vector<OperationFigures>> figures(const Progress &progress);

private:
    struct Entry
    {
        Nanos duration = 0;
        std::uint32_t pair = 0;
        float weight = 1;
    };
    struct Pair
    { // an operation on a track
        std::uint32_t track = 0, operation = 0;
        std::int64_t known = 0, knownSelf = 0, unknown = 0, errors = 0;
        double self = 0;
        std::size_t group = 0; // set by makeGroups()
    };
    struct Part
    {
        std::unordered_map<std::uint64_t, std::uint32_t> places;
        std::vector<Pair> pairs;
        std::uint64_t lastKey = ~std::uint64_t(0);
        std::uint32_t lastPair = 0;
        std::size_t written = 0;
        std::unique_ptr<SpillBuckets<Entry>> tape;
    };
    struct Group
    { // an operation of a service on an instance
        std::uint32_t service = 0, operation = 0, instance = 0;
        std::int64_t known = 0, knownSelf = 0, unknown = 0, errors = 0;
        double self = 0;
        std::size_t begin = 0; // place in the values of its bucket
    };
    struct Value
    {
        Nanos duration = 0;
        double weight = 1;
    };
    Result<void> readWeights(store::Database &reader);
    void take(int part, const ScannedSpan &span);
    void makeGroups();
    Result<void> fillBucket(std::size_t bucket, std::vector<Value> &values);
    OperationFigures figuresOf(std::size_t first, std::size_t last, std::vector<Value> &values,
        bool wholeOperation) const;

    const store::Workspace &m_workspace;
    std::vector<TrackInfo> m_tracks;
    TrackPlaces m_trackPlaces;
    IdIndex m_weightedTraces;
    std::vector<float> m_weights;
    std::vector<std::string> m_operations, m_services, m_instances;
    std::unique_ptr<OperationNames> m_names;
    std::vector<Part> m_parts;
    std::vector<Group> m_groups; // by service, operation, instance
    std::vector<std::size_t> m_bucketEnds; // groups of each bucket end here
    std::unique_ptr<SpillBuckets<Entry>> m_dealt; // Entry::pair is a group
};

} // namespace tailscope::analysis
