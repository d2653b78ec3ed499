// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/derivesource.h"
#include "analysis/spannames.h"
#include "analysis/spillfile.h"
#include "base/progress.h"

#include <atomic>
#include <filesystem>
#include <limits>
#include <memory>
#include <vector>

namespace tailscope::analysis {

/// Reads the raw rows of a source once, on two threads, and sorts them into groups of traces (spans that need
/// the rest of their trace) and slices of time (the others, instants and flow ends).
class DeriveScan
{
public:
    using LinkBuckets = SpillBuckets<LinkRecord>;
    using StreamBuckets = SpillBuckets<StreamRecord>;

    /// groups: number of groups of traces; one more is made for spans with keys but without a trace.
    DeriveScan(const store::Workspace &workspace, const DeriveSource &source, std::size_t groups,
        std::size_t memoryBudget);
    Result<void> run(const Progress &progress);

    std::size_t groupCount() const { return m_groups + 1; }
    /// All records of a group in ascending order of ordinals.
    Result<void> takeGroup(std::size_t group, std::vector<LinkRecord> &out);
    std::size_t sizeOfGroup(std::size_t group) const;
    Result<void> takeSlice(std::size_t slice, std::vector<StreamRecord> &out);
    /// Spans read per bucket of kBucket ordinals.
    static constexpr std::uint32_t kBucket = 1 << 18;
    std::vector<std::uint32_t> spansPerBucket() const;
    std::vector<std::uint32_t> spansPerTrack() const; ///< by track ordinal
    TimeRange range() const; ///< of all starts and known ends; empty without spans
    OperationNames &operations() { return m_operations; }
    /// Ends of flows that name their span themselves.
    const std::vector<BindingRecord> &boundFlows() const { return m_boundFlows; }

private:
    struct Part
    {
        std::vector<IdRun> chunks;
        std::unique_ptr<LinkBuckets> links;
        std::unique_ptr<StreamBuckets> stream;
        int index = 0;
        std::vector<std::uint32_t> perBucket, perTrack;
        Nanos first = std::numeric_limits<Nanos>::max(), last = std::numeric_limits<Nanos>::min();
    };
    Result<void> readSpans(int part, const Progress &progress);
    Result<void> readSpan(store::Statement &row, store::Statement &quality, Part &part);
    Result<void> readInstants(const Progress &progress);
    Result<void> readFlows(const Progress &progress);

    const store::Workspace &m_workspace;
    const DeriveSource &m_source;
    std::size_t m_groups = 1;
    std::vector<Part> m_parts;
    std::unique_ptr<StreamBuckets> m_instants;
    std::vector<BindingRecord> m_boundFlows;
    OperationNames m_operations;
    std::atomic<std::int64_t> m_done{0};
};

} // namespace tailscope::analysis
