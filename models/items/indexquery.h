// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/indexreview.h"
#include "items/tablequery.h"

#include <optional>
#include <string>
#include <vector>

namespace tailscope::items {

/// An index, or a foreign key without one (isMissing).
struct IndexItem
{
    std::size_t server = 0; ///< place in IndexList::servers
    std::int64_t oid = 0;
    std::string dbname;
    analysis::IndexFacts facts;
    bool isMissing = false;
    analysis::ForeignKeyFacts key; ///< isMissing
    std::optional<std::int64_t> tuplesRead, tuplesFetched, blocksRead, blocksHit;
    std::optional<std::int64_t> scansInRange;
    double seconds = 0; ///< of the range that samples cover
    std::optional<Nanos> lastScanNs;
    std::optional<Nanos> watchedSinceNs; ///< first sample of its scans
    int serversWatched = 0; ///< whose scans are known, this one counted
    std::vector<analysis::IndexRemark> remarks;
    std::vector<ObjectFinding> findings;
};
struct IndexList
{
    std::vector<IndexItem> indexes; ///< those with remarks first, then by size
    std::vector<analysis::ServerGroup> servers;
    std::optional<std::int64_t> leastVersion;
    bool any = false;
};
Result<IndexList> readIndexes(const store::Workspace &workspace, const ObjectRequest &request,
    const Progress &progress);

} // namespace tailscope::items
