// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Slow spans against the rest, from counts alone; measures and tests are those of analysis/cohort.h.
#include "analysis/comparestats.h"
#include "live/remote/remoteresults.h"

#include <algorithm>
#include <cmath>

namespace tailscope::live {

namespace {

constexpr std::int64_t kLeastSpans = 5; // rarer values cannot be told from chance
constexpr double kSignificant = 0.05;

} // namespace

RemoteCohort rankTraits(std::vector<std::pair<RemoteKey, RemoteTraits>> traits, Nanos slowFrom)
{
    RemoteCohort out;
    out.slowFrom = slowFrom;
    for (const auto &[key, found] : traits) {
        out.slow = std::max(out.slow, found.slow);
        out.all = std::max(out.all, found.all);
        if (found.tooMany)
            out.leftOut.push_back(key.kind == RemoteKey::Kind::Attribute ? key.attribute : "operation");
    }
    const auto least = std::int64_t(analysis::kMinSlowRequests);
    out.tooFew = out.slow < least || out.all - out.slow < least;
    if (out.tooFew)
        return out;
    for (auto &[key, found] : traits) {
        for (analysis::CohortDifference &difference : found.values) {
            if (difference.allN < kLeastSpans)
                continue;
            ++out.tested;
            difference.slowTotal = out.slow;
            difference.allTotal = out.all;
            difference.coverage = double(difference.slowN) / double(out.slow);
            const double lift = difference.coverage / (double(difference.allN) / double(out.all));
            if (!(lift > 1))
                continue;
            difference.lift = lift;
            difference.score = difference.coverage * std::log2(lift);
            const analysis::Count slow{difference.slowN, out.slow};
            const analysis::Count rest{difference.allN - difference.slowN, out.all - out.slow};
            if (const auto test = analysis::twoProportions(rest, slow))
                difference.p = test->p;
            out.differences.push_back(std::move(difference));
        }
    }
    for (analysis::CohortDifference &difference : out.differences) {
        difference.adjustedP = std::min(1.0, difference.p * double(out.tested));
        difference.isDifferent
            = difference.adjustedP < kSignificant && *difference.lift >= analysis::kMinLift;
    }
    std::stable_sort(out.differences.begin(), out.differences.end(), [](const auto &a, const auto &b) {
        return a.isDifferent != b.isDifferent ? a.isDifferent : a.score > b.score;
    });
    return out;
}

} // namespace tailscope::live
