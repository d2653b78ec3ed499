// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/metrics/metricrows.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tailscope::import::prometheus {

/// A bucket as Prometheus counts it: everything up to its bound ("le").
using UpTo = std::pair<double, double>;

/// The buckets alone, in ascending order. Equal bounds are one; a count below that of a smaller bound is
/// taken as equal to it and told (scrapes are not atomic everywhere).
void bucketsAlone(std::vector<UpTo> &upTo, std::vector<HistogramBucket> &out, ImportReport &report,
    std::uint64_t offset);

/// Labels without "le", and its value.
struct WithoutBound
{
    std::vector<MetricLabel> labels;
    std::string_view bound; ///< empty = there is none
};
WithoutBound withoutBound(std::span<const MetricLabel> labels);

/// Histograms of a query's answer, where every bound is a series of its own and they come in any order: kept
/// until all are there. Past kMaxPoints values the others stay plain series (counted).
class QueryHistograms
{
public:
    static constexpr std::size_t kMaxPoints = 2'000'000;

    /// A series of "<name>_bucket" with the label le; false when there is no room: take it as a plain series.
    bool begin(std::string_view name, std::span<const MetricLabel> labels, std::uint64_t offset,
        ImportReport &report);
    void point(Nanos tsNs, double value, std::uint64_t offset, ImportReport &report);
    void finish(MetricRows &rows, ImportReport &report);

private:
    struct Bound
    {
        double upper = 0;
        std::vector<std::pair<Nanos, double>> points;
    };
    struct Group
    {
        std::string name;
        std::vector<std::pair<std::string, std::string>> labels;
        std::vector<Bound> bounds;
        std::uint64_t offset = 0;
    };
    void emit(Group &group, MetricRows &rows, ImportReport &report);

    std::map<std::string, Group> m_groups;
    Bound *m_current = nullptr;
    std::size_t m_points = 0;
};

} // namespace tailscope::import::prometheus
