// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/loadtest/loadrequests.h"

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tailscope::import::k6 {

using Tags = std::vector<std::pair<std::string, std::string>>;

/// One value of one metric as k6 writes it. `rawTags` only has to be equal for equal tags.
struct Sample
{
    std::string_view metric;
    Nanos ns = 0;
    double value = 0;
    std::string_view rawTags;
    std::uint64_t offset = 0;
};

/// Samples into rows. k6 writes up to nine metrics a request, one after the other, with one time and the same
/// tags: they become one span. Everything else is a series.
class K6Rows
{
public:
    using ReadTags = std::function<void(std::string_view rawTags, Tags &out)>;

    K6Rows(RowSink &sink, ImportReport &report, ReadTags readTags);

    /// A metric's declaration: what it holds ("time", "data"), its type ("counter", "trend", ...).
    void declare(std::string_view metric, std::string_view type, std::string_view contains);
    void threshold(std::string_view metric, std::string_view expression)
    {
        m_run.threshold(metric, expression);
    }
    void sample(const Sample &sample);
    /// Writes what is open, and the run.
    void finish();

private:
    enum Part : std::uint8_t {
        Count,
        Duration,
        Blocked,
        Connecting,
        Tls,
        Sending,
        Waiting,
        Receiving,
        Failed
    };
    static constexpr std::size_t kParts = 9;
    static int partOf(std::string_view metric);

    void flush();
    void request();
    void remoteCall(const Sample &sample);
    void other(const Sample &sample, std::string_view metric);
    void takeTags(std::string_view rawTags);
    const std::string &tag(std::string_view key) const;
    void nameAndAttributes(loadtest::LoadRequest &request);
    void addText(std::string_view key, std::string_view text);

    RowSink &m_sink;
    ImportReport &m_report;
    ReadTags m_readTags;
    loadtest::LoadRun m_run;
    loadtest::LoadRequests m_requests;
    loadtest::LoadSeries m_series;
    struct Metric
    {
        std::string unit;
        SeriesKind kind = SeriesKind::Gauge;
    };
    std::map<std::string, Metric, std::less<>> m_metrics;

    bool m_open = false; ///< a request is being put together
    Nanos m_ns = 0;
    std::uint64_t m_offset = 0;
    std::string m_rawTags;
    std::array<bool, kParts> m_has{};
    std::array<double, kParts> m_values{};

    Tags m_tags;
    std::vector<Attribute> m_attributes;
    std::string m_operation, m_keys, m_foreign, m_tagsAreOf;
    std::vector<loadtest::Label> m_labels;
    double m_users = -1, m_maxUsers = -1;
    bool m_dropped = false;
};

} // namespace tailscope::import::k6
