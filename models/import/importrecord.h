// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/importreport.h"
#include "store/workspace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::import {

// What an import leaves in the workspace beside its rows. Each function uses a connection of its own.

/// Issues and rejects of a source; replaces those of an earlier try.
Result<void> storeReport(const store::Workspace &workspace, std::int64_t sourceId,
    const ImportReport &report);
/// One more remark about a source that was imported.
Result<void> storeIssue(const store::Workspace &workspace, std::int64_t sourceId,
    const ImportReport::Issue &issue);
/// The offset the user gave to the times of a source.
Result<void> storeOffset(const store::Workspace &workspace, std::int64_t sourceId, std::int64_t offsetNs);

/// A complete source with these many raw bytes.
struct SameSize
{
    std::int64_t id = 0;
    std::string sha256, format, timezone;
    std::int64_t offsetNs = 0;
};
Result<std::vector<SameSize>> sourcesOfSize(const store::Workspace &workspace, std::uint64_t bytes);
/// A source without rows that points to the one with the same bytes; gives its id.
Result<std::int64_t> storeDuplicate(const store::Workspace &workspace, const std::string &path,
    std::int64_t originalId, std::int64_t importedAtNs);

} // namespace tailscope::import
