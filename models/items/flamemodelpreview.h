// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltree.h"
#include "analysis/overviewpyramid.h"
#include "store/bulkwriter.h"

#include <memory>

namespace tailscope::items {

/// The first picture while rows are still read: process or service, then operation, by total duration.
/// Durations of nested spans overlap, so a preview has no self time. Null when nothing is known yet.
std::shared_ptr<const analysis::CallTree> previewTree(const store::StreamingAggregate &aggregate);
/// The first picture of a reopened workspace while its spans load: the stored tree of its largest paths, else
/// one frame a track, as wide as its busy time (time covered by root spans).
std::shared_ptr<const analysis::CallTree> previewTree(const analysis::OverviewPyramid &overview);

} // namespace tailscope::items
