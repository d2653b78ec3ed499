// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <utility>

namespace tailscope::items {

/// A value with its unit, three significant digits: "12.5 ms", "64.6 MiB", "0.93", "250 /s" for rates of
/// counters. Unknown: "—".
QString seriesValue(double value, const QString &unit, bool perSecond = false);
/// All digits, for tooltips and copies.
QString exactSeriesValue(double value, const QString &unit, bool perSecond = false);
/// Ends of a value axis: from 0 unless that would flatten the curve.
std::pair<double, double> seriesAxisEnds(double low, double high);

} // namespace tailscope::items
