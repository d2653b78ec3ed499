// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "import/common/linereader.h"
#include "import/common/timetext.h"
#include "import/hoststats/hoststats.h"
#include "import/hoststats/hosttable.h"
#include "import/metrics/metricrows.h"

#include <array>

namespace tailscope::import {

namespace {

using namespace hoststats;

constexpr FormatDescriptor kDescriptor{
    "cgroup-cpu-stat",
    "cpu.stat of control groups",
    "cpu.stat *.txt *.log",
    SourceKind::Metrics,
    "Made by: while sleep 1; do date -Is; cat /sys/fs/cgroup/cpu.stat; done",
};

/// The names are those of cAdvisor, so that both come out as the same series.
struct Known
{
    std::string_view key, metric;
    double scale;
};
constexpr auto kKeys = std::to_array<Known>({
    {"nr_periods", "container_cpu_cfs_periods_total", 1},
    {"nr_throttled", "container_cpu_cfs_throttled_periods_total", 1},
    {"throttled_time", "container_cpu_cfs_throttled_seconds_total", 1e-9},
    {"throttled_usec", "container_cpu_cfs_throttled_seconds_total", 1e-6},
    {"usage_usec", "container_cpu_usage_seconds_total", 1e-6},
    {"user_usec", "container_cpu_user_seconds_total", 1e-6},
    {"system_usec", "container_cpu_system_seconds_total", 1e-6},
});

const Known *keyOf(std::string_view key)
{
    for (const Known &one : kKeys) {
        if (one.key == key)
            return &one;
    }
    return nullptr;
}

class CgroupReader final : public Reader
{
public:
    explicit CgroupReader(const ReadOptions &options)
        : m_time(options)
    {}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        TS_TRY(m_time.check(source.name()));
        LineReader lines(source, kMaxLine);
        MetricRows rows(sink, report);
        Line line;
        while (lines.next(line)) {
            if (!trimmed(line.text).empty())
                takeLine(line, rows, report);
        }
        rows.finish();
        SourceInfo info;
        info.kind = SourceKind::Metrics;
        info.clock = m_hasTimes ? ClockKind::Utc : ClockKind::Relative;
        const std::string zone = m_hasTimes ? m_time.timezone() : std::string();
        info.timezone = zone;
        sink.setSource(info);
        return lines.result();
    }

private:
    void takeLine(const Line &line, MetricRows &rows, ImportReport &report)
    {
        const std::string_view text = trimmed(line.text);
        if (text.starts_with("==> ") && text.ends_with(" <==")) {
            m_group = sanitizedUtf8(text.substr(4, text.size() - 8));
            return;
        }
        const auto words = wordsOf(text);
        const auto value = words.size() == 2 ? parseDouble(words[1]) : std::nullopt;
        if (!value || !(words[0].front() >= 'a' && words[0].front() <= 'z')) {
            const auto time = m_time.parse(text, line.offset, report);
            if (!time)
                return report.skip("bad-line", line.offset, line.length,
                    "the line is neither a key with a number nor a time", line.text);
            m_now = time->ns;
            m_hasTimes = true;
            return;
        }
        const Known *known = keyOf(words[0]);
        if (known == nullptr)
            return report.note(IssueSeverity::Info, "other-key", line.offset,
                "keys that are neither time nor throttling were passed by");
        // Every block begins with the same key; without times the blocks are a second apart.
        if (!m_hasTimes) {
            if (m_first.empty()) {
                m_first = words[0];
                m_firstGroup = m_group;
            } else if (m_first == words[0] && m_firstGroup == m_group) {
                m_now += kNanosPerSecond;
            }
            report.note(IssueSeverity::Notice, "no-times", line.offset,
                "blocks without a time in front were put one second apart");
        }
        const std::array labels{MetricLabel{"instance", m_group}};
        MetricSample sample;
        sample.name = known->metric;
        if (!m_group.empty())
            sample.labels = labels;
        sample.kind = SeriesKind::Counter;
        sample.unit = known->scale == 1 ? "{period}" : "s";
        sample.tsNs = m_now;
        sample.value = *value * known->scale;
        sample.offset = line.offset;
        rows.sample(sample);
        report.rowRead();
    }

    TimeText m_time;
    std::string m_group, m_first, m_firstGroup;
    Nanos m_now = 0;
    bool m_hasTimes = false;
};

class CgroupImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        bool hasPeriods = false, hasThrottled = false;
        for (int i = 0; i < 40 && !prefix.empty(); ++i) {
            const std::size_t end = prefix.find('\n');
            const auto words = wordsOf(prefix.substr(0, end));
            if (words.size() == 2 && parseInt64(words[1])) {
                hasPeriods = hasPeriods || words[0] == "nr_periods" || words[0] == "usage_usec";
                hasThrottled = hasThrottled || words[0] == "nr_throttled" || words[0] == "user_usec";
            }
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
        }
        return hasPeriods && hasThrottled ? Confidence::Strong : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<CgroupReader>(options);
    }
};

} // namespace

const Importer &cgroupCpuStatImporter()
{
    static const CgroupImporter importer;
    return importer;
}

} // namespace tailscope::import
