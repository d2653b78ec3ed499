// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/overviewpyramid.h"

#include <optional>
#include <string>
#include <string_view>

namespace tailscope::analysis {

/// A picture as bytes for table pyramid, and back. Bytes of another version or broken ones give nullopt.
std::string encodeOverview(const OverviewPyramid &overview);
std::optional<OverviewPyramid> decodeOverview(std::string_view bytes);

/// One picture of several sources: tracks one after another with their bins laid onto the common range, the
/// trees united path by path. Ranges are already on one clock.
OverviewPyramid uniteOverviews(const std::vector<OverviewPyramid> &overviews);

} // namespace tailscope::analysis
