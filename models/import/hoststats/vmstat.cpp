// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "import/common/linereader.h"
#include "import/common/timetext.h"
#include "import/hoststats/hostnames.h"
#include "import/hoststats/hoststats.h"
#include "import/hoststats/hosttable.h"
#include "import/metrics/metricrows.h"

#include <algorithm>
#include <vector>

namespace tailscope::import {

namespace {

using namespace hoststats;

constexpr FormatDescriptor kDescriptor{
    "vmstat",
    "vmstat",
    "*.txt *.log",
    SourceKind::Metrics,
    "Printed by vmstat; with -t every line has its time.",
};

bool isHeader(const std::vector<std::string_view> &words)
{
    return words.size() >= 16 && words[0] == "r" && words[1] == "b" && words[2] == "swpd";
}

class VmstatReader final : public Reader
{
public:
    explicit VmstatReader(const ReadOptions &options)
        : m_time(options)
    {}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        TS_TRY(m_time.check(source.name()));
        LineReader lines(source, kMaxLine);
        MetricRows rows(sink, report);
        Line line;
        while (lines.next(line)) {
            const auto words = wordsOf(line.text);
            if (words.empty() || words.front().starts_with("procs"))
                continue;
            if (isHeader(words))
                takeHeader(words, line, report);
            else if (m_columns.empty())
                report.skip("no-header", line.offset, line.length, "a line before the first header",
                    line.text);
            else
                takeRow(words, line, rows, report);
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
    void takeHeader(const std::vector<std::string_view> &words, const Line &line, ImportReport &report)
    {
        // Under the last header word of a file with -t stands the zone, which is none of the columns.
        std::vector<std::string> columns;
        for (const std::string_view word : words) {
            if (columns.size() >= 17 && word != "gu")
                break;
            columns.emplace_back(word);
        }
        if (m_columns.empty()) {
            m_isFirst = true;
            report.head(line.offset, line.text);
        }
        m_columns = std::move(columns);
    }

    void takeRow(const std::vector<std::string_view> &words, const Line &line, MetricRows &rows,
        ImportReport &report)
    {
        const std::size_t n = m_columns.size();
        if (words.size() != n && words.size() != n + 2)
            return report.skip("wrong-field-count", line.offset, line.length,
                std::to_string(words.size()) + " words where the header has " + std::to_string(n), line.text);
        Nanos ts = 0;
        if (words.size() == n + 2) {
            const auto time
                = m_time.parse(std::string(words[n]) + " " + std::string(words[n + 1]), line.offset, report);
            if (!time)
                return report.skip("bad-time", line.offset, line.length, "the time cannot be read",
                    line.text);
            ts = time->ns;
            m_hasTimes = true;
        } else {
            ts = m_row++ * kNanosPerSecond;
            report.note(IssueSeverity::Notice, "no-times", line.offset,
                "lines without a time (vmstat -t prints it) were put one second apart");
        }
        if (m_isFirst) {
            m_isFirst = false;
            report.note(IssueSeverity::Info, "since-boot", line.offset,
                "the first line has averages since the start of the machine: left out");
            return report.rowRead();
        }
        for (std::size_t i = 0; i < n; ++i) {
            const auto value = parseDouble(words[i]);
            if (!value) {
                report.skip("bad-value", line.offset, line.length,
                    "'" + std::string(words[i]) + "' in " + m_columns[i] + " is no number", line.text);
                continue;
            }
            sampleOf(vmstatMetric(m_columns[i]), *value, ts, line.offset, {}, rows);
        }
        report.rowRead();
    }

    TimeText m_time;
    std::vector<std::string> m_columns;
    std::int64_t m_row = 0;
    bool m_isFirst = false, m_hasTimes = false;
};

class VmstatImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        for (int i = 0; i < 5 && !prefix.empty(); ++i) {
            const std::size_t end = prefix.find('\n');
            if (isHeader(wordsOf(prefix.substr(0, end))))
                return Confidence::Strong;
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<VmstatReader>(options);
    }
};

} // namespace

const Importer &vmstatImporter()
{
    static const VmstatImporter importer;
    return importer;
}

} // namespace tailscope::import
