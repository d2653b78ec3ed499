// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"
#include "analysis/spanfilter.h"
#include "base/progress.h"
#include "base/result.h"

#include <QString>

#include <string>

namespace tailscope::items {

/// Key of the group that unites those past the limit. No group of the data is named so: a NUL never survives
/// an import.
QString otherGroupName();

/// False for tracks and attributes: the filter language has no words for them.
bool hasGroupFilter(analysis::GroupBy groupBy);
/// Filters that leave just one group, or all but it, by the name groupStats() gives; empty where there is
/// none.
analysis::Filter groupFilter(analysis::GroupBy groupBy, const std::string &name);
analysis::Filter groupExclusion(analysis::GroupBy groupBy, const std::string &name);

/// Durations (or self times) in [low, high); high == kUnknownNanos: no upper bound.
analysis::Filter valueFilter(bool self, Nanos low, Nanos high);
/// The filter without terms on durations (or self times).
analysis::Filter withoutValueTerms(const analysis::Filter &filter, bool self);

/// Rows of the bitmap (nullptr = all) that pass the filter too. Any thread; O(spans).
Result<std::shared_ptr<const analysis::SpanBitmap>> bothPass(const analysis::SpanColumns &columns,
    const std::shared_ptr<const analysis::SpanBitmap> &bitmap, const analysis::Filter &filter,
    const Progress &progress);

} // namespace tailscope::items
