// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>

namespace tailscope::analysis {

/// Looks up the spans that the links of a source name by trace and span key, in all sources, and fills
/// span_link_raw.linked_span_id. One pass over the spans of each linked trace; needs the ready indexes.
/// Returns the number of links that found their span. The first span of equal keys is taken.
Result<std::int64_t> resolveLinks(const store::Workspace &workspace, std::int64_t sourceId,
    const Progress &progress);

} // namespace tailscope::analysis
