// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>

namespace tailscope::analysis {

/// A figure that nobody knows; shown as "unknown", never as a number.
inline constexpr double kUnknownReal = std::numeric_limits<double>::quiet_NaN();

} // namespace tailscope::analysis
