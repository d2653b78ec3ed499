// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/hoststats/hostnames.h"
#include "import/metrics/metricrows.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tailscope::import::hoststats {

inline constexpr std::size_t kMaxLine = 64 * 1024;
inline constexpr Nanos kNanosPerSecond = 1'000'000'000;

/// The words of a line between blanks and tabs, at most 256.
std::vector<std::string_view> wordsOf(std::string_view line);

/// One value of a tool's table; `labels` are those of its row.
void sampleOf(const HostMetric &metric, double value, Nanos tsNs, std::uint64_t offset,
    std::span<const MetricLabel> labels, MetricRows &rows);

} // namespace tailscope::import::hoststats
