// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/poolquery.h"

#include <QString>
#include <QVector>

#include <optional>

namespace tailscope::items {

/// What the sliders say. Rates per second over all instances together.
struct PoolWhatIf
{
    double size = 10, instances = 1;
    double serviceMs = 20, ratePerS = 100, acquireTimeoutMs = 30'000;
    std::optional<double> clientTimeoutMs, serverLimit; ///< as configured; nothing = unknown
    friend bool operator==(const PoolWhatIf &, const PoolWhatIf &) = default;
};

/// As it was measured; nothing where rate or time held are unknown.
std::optional<PoolWhatIf> measuredWhatIf(const FigureRow &verdict, const std::vector<FigureRow> &fleets);

struct WhatIfAnswer
{
    QString name, text, toolTip;
    int level = 0; ///< 0..3, as BarDelegate takes it
};
/// What such a pool would do (FQ-02, FQ-04, FQ-05, FP-02): the deficit is told, never hidden behind a wait.
QVector<WhatIfAnswer> whatIfAnswers(const PoolWhatIf &input);

/// The wait P99 of this very pool over its utilisation, and the response; ascending, below 1.
struct PoolCurve
{
    std::vector<double> utilisation, waitP99Ns, responseNs;
    double knee = 0; ///< from here on the wait P99 exceeds the service time; 0 = unknown
    qint64 servers = 0;
};
PoolCurve poolCurve(double servers, double serviceMs);

} // namespace tailscope::items
