// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"

#include <QString>
#include <QStringList>
#include <QVector>

#include <optional>

namespace tailscope::widgets {

/// Figures with one value: percentiles that are equal share a mark, so that their labels do.
struct HistogramMark
{
    double value = 0; ///< ns
    QString label; ///< "P99 150 ms"
    QStringList details; ///< exact value, rank, interval, what is missing
    bool weak = false; ///< too few samples
    bool isMean = false;
    std::optional<double> lower, upper; ///< 95 % interval; absent: no such bound
    bool hasInterval = false;
};

/// Marks of P50 to P99.9 and the mean, by value.
QVector<HistogramMark> histogramMarks(const analysis::DurationStats &stats);

/// "P99.9" of a quantile.
QString percentileTitle(analysis::Quantile q);
/// "P50 1.24 ms · P90 ... · mean ... · max ...": all figures in one line.
QString figuresLine(const analysis::DurationStats &stats);
/// "nearest rank, n = 1,234 · 3 of unknown duration · 12 errors (1.0 %)": what the figures rest on.
QString basisLine(const analysis::DurationStats &stats, bool self);

} // namespace tailscope::widgets
