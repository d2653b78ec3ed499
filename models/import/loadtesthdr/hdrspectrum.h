// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/loadtest/loadrun.h"
#include "import/loadtest/loadseries.h"

#include <optional>
#include <string_view>
#include <vector>

namespace tailscope::import::hdr {

/// The percentile distribution that HdrHistogram prints (.hgrm, wrk2's detailed spectrum, vegeta's hdrplot):
/// lines of value, percentile and the number of all values up to it.
class HdrSpectrum
{
public:
    static constexpr std::size_t kMaxLines = 200'000;
    enum class Taken { No, Row, Remark, Head };

    /// True for the line "Value Percentile TotalCount 1/(1-Percentile)", also as CSV or with a unit,
    /// "Value(ms)".
    static bool isHead(std::string_view line);
    Taken take(std::string_view line);
    bool empty() const { return m_rows.empty(); }
    void clear() { *this = {}; }
    /// Lines that went back in percentile or count, and were left out.
    std::int64_t wentBack() const { return m_wentBack; }
    /// Unit that the head names: "ms"; empty when none.
    std::string_view unit() const { return m_unit; }

    /// The smallest listed value of which at least the share q of all values is not greater; nullopt where
    /// the next listed percentile is further off than a tenth of 1 - q.
    std::optional<double> quantile(double q) const;
    std::optional<std::int64_t> total() const;
    std::optional<double> mean() const { return m_mean; }
    std::optional<double> max() const;

    /// Percentiles, mean, max and count; figures are multiplied by `scale` to be milliseconds.
    void fill(loadtest::LoadPhase &phase, double scale) const;
    /// One bucket a line; the bounds are multiplied by `scale`.
    void buckets(loadtest::LoadSeries &series, SeriesRef ref, double scale) const;

private:
    struct Row
    {
        double value, percentile, total;
    };
    bool takeRemark(std::string_view line);

    std::vector<Row> m_rows;
    std::optional<double> m_mean, m_stddev, m_max, m_total;
    std::string m_unit;
    std::int64_t m_wentBack = 0;
};

} // namespace tailscope::import::hdr
