// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonpull.h"
#include "import/importer.h"
#include "import/metrics/metricrows.h"
#include "import/prometheus/scrapehistograms.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tailscope::import::prometheus {

/// Reads answers of the query API token by token, so that a series may have any number of points: matrix,
/// vector, scalar and string of Prometheus, Thanos and Mimir; a bare array of series; data frames of Grafana.
class QueryReader final : public Reader
{
public:
    /// Points that wait where a series' labels come after them.
    static constexpr std::size_t kMaxWaiting = 1'000'000;
    static constexpr std::size_t kMaxLabels = 1024;
    /// Times of one data frame.
    static constexpr std::size_t kMaxFrameRows = 8'000'000;

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    using Token = JsonPull::Token;
    struct Point
    {
        Nanos tsNs = 0;
        double value = 0;
        std::uint64_t offset = 0;
    };
    struct Field
    {
        std::string name, type, unit;
        std::vector<std::pair<std::string, std::string>> labels;
    };

    void readDocument();
    void readMember(const std::string &key);
    void readData();
    void readResult();
    void readSeries();
    void readLabels(std::vector<std::pair<std::string, std::string>> &labels);
    void readValues();
    void readPoint();
    void beginSeries();
    void takePoint(const Point &point);
    void readFrames();
    void readFrame();
    void readFields(std::vector<Field> &fields);
    void readColumns(const std::vector<Field> &fields);
    bool inside(std::size_t depth) const { return m_pull->depth() >= depth && !m_pull->failed(); }

    JsonPull *m_pull = nullptr;
    MetricRows *m_rows = nullptr;
    ImportReport *m_report = nullptr;
    QueryHistograms m_histograms;
    std::string m_fallback; ///< name of series that have none
    std::vector<std::pair<std::string, std::string>> m_labels;
    std::string m_name, m_unit;
    bool m_named = false, m_bucket = false;
    MetricRows::Series *m_series = nullptr;
    std::vector<Point> m_waiting;
    std::string m_error, m_status;
    bool m_found = false;
    std::int64_t m_points = 0;
};

} // namespace tailscope::import::prometheus
