// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>

struct sqlite3;

namespace tailscope::store {

/// Registers percentile(), p50, p95, p99, p999, stddev, fingerprint, regexp and human_ms on a connection.
/// They may be used in queries only, never in views or indexes, so that a workspace stays readable by other
/// tools.
Result<void> registerFunctions(sqlite3 *database, const std::string &subject);

/// The aggregates: percentile(value, q [, weight]) by nearest rank (FT-01, FT-03), p50..p999, stddev (of a
/// sample). Returns SQLite's code.
int registerAggregates(sqlite3 *database);

/// A quantile in (0, 1] as a ratio of integers.
struct Ratio
{
    std::int64_t num = 0, den = 1;
};
/// The ratio nearest to q with a denominator of at most 1,000,000: 0.99 gives 99/100, not the binary double.
/// nullopt outside (0, 1].
std::optional<Ratio> nearestRatio(double q);

} // namespace tailscope::store
