// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/resourcemoved.h"

#include "analysis/seriesshapes.h"

#include <algorithm>
#include <cmath>

namespace tailscope::analysis {

namespace {

double scoreOf(double before, double after, const std::vector<double> &noise)
{
    double scale = medianDeviation(noise);
    if (!(scale > 0))
        scale = 0.01 * std::max(std::abs(before), before == 0 ? std::abs(after) : 0.0);
    return scale > 0 ? std::abs(after - before) / scale : 0;
}

// Where the level changed in a stretch, when it did.
std::optional<Nanos> changeIn(const SeriesValues &values, TimeRange range)
{
    const SeriesValues inside = part(values, range);
    const auto change = pettitt(inside.values);
    if (!change || change->t == 0 || change->p > 0.05)
        return std::nullopt;
    return inside.ts[change->t];
}

} // namespace

Moved movedAt(const SeriesValues &values, Nanos onset, const MovedOptions &options)
{
    Moved moved;
    const TimeRange before{saturatingSub(onset, options.window), onset};
    const TimeRange after{onset, saturatingAdd(onset, options.window)};
    const SeriesValues left = part(values, before), right = part(values, after);
    if (left.size() == 0 || right.size() == 0)
        return moved;
    moved.before = medianOf(left.values);
    moved.after = medianOf(right.values);
    moved.score = scoreOf(moved.before, moved.after, left.values);
    moved.verdict = moved.score >= options.score ? Moved::Verdict::Moved : Moved::Verdict::Still;
    if (const auto change = changeIn(values, {before.begin, after.end})) {
        moved.lag = saturatingSub(*change, onset);
        if (std::abs(double(*moved.lag)) > double(options.lag))
            moved.verdict = *moved.lag < 0 ? Moved::Verdict::Earlier : Moved::Verdict::Still;
    }
    if (moved.verdict != Moved::Verdict::Still || moved.lag)
        return moved;
    if (const auto change = changeIn(values, {saturatingSub(onset, options.past), after.end})) {
        if (*change < saturatingSub(onset, options.lag)) {
            moved.lag = saturatingSub(*change, onset);
            moved.verdict = Moved::Verdict::Earlier;
        }
    }
    return moved;
}

} // namespace tailscope::analysis
