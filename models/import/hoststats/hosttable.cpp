// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/hoststats/hosttable.h"

namespace tailscope::import::hoststats {

namespace {

constexpr std::size_t kMaxWords = 256;

} // namespace

std::vector<std::string_view> wordsOf(std::string_view line)
{
    std::vector<std::string_view> words;
    while (words.size() < kMaxWords) {
        const std::size_t begin = line.find_first_not_of(" \t\r");
        if (begin == std::string_view::npos)
            break;
        const std::size_t end = line.find_first_of(" \t\r", begin);
        words.push_back(line.substr(begin, end == std::string_view::npos ? end : end - begin));
        if (end == std::string_view::npos)
            break;
        line.remove_prefix(end);
    }
    return words;
}

void sampleOf(const HostMetric &metric, double value, Nanos tsNs, std::uint64_t offset,
    std::span<const MetricLabel> labels, MetricRows &rows)
{
    std::vector<MetricLabel> all(labels.begin(), labels.end());
    if (!metric.mode.empty())
        all.push_back({"mode", metric.mode});
    MetricSample sample;
    sample.name = metric.metric;
    sample.labels = all;
    sample.kind = SeriesKind::Gauge;
    sample.unit = metric.unit;
    sample.tsNs = tsNs;
    sample.value = value * metric.scale;
    sample.offset = offset;
    rows.sample(sample);
}

} // namespace tailscope::import::hoststats
