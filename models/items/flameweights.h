// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace tailscope::items {

/// Three significant digits with unit; unit as in CallTree::unit ("ns", "bytes", "samples").
QString weightText(double weight, const QString &unit);
/// All digits for tooltips and copies.
QString exactWeightText(double weight, const QString &unit);
/// The same with a sign, for differences: "+1.5 ms", "−3 samples", "0 ns".
QString deltaText(double delta, const QString &unit);
/// "12.3 %"; "< 0.001 %"; empty for unknown (negative).
QString shareText(double share);
/// Weights are sums kept as doubles; texts count whole units.
qint64 wholeWeight(double weight);

} // namespace tailscope::items
