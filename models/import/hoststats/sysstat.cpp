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
#include <array>
#include <cstdio>
#include <vector>

namespace tailscope::import {

namespace {

using namespace hoststats;

constexpr FormatDescriptor kDescriptor{
    "sysstat",
    "sar, pidstat",
    "*.txt *.log",
    SourceKind::Metrics,
    "Printed by sar (also sar -A -f FILE) and pidstat.",
};

constexpr std::int64_t kDaySeconds = 86'400;

/// "Linux 6.1.0 (web-1)   03/02/26   _x86_64_   (2 CPU)"
struct Banner
{
    std::string host, date; ///< date as YYYY-MM-DD
    bool isAmbiguous = false; ///< month and day could be the other way round
};

std::optional<std::string> isoDate(std::string_view text, bool &isAmbiguous)
{
    if (text.size() == 10 && text[4] == '-' && text[7] == '-')
        return std::string(text);
    const char separator = text.find('/') != std::string_view::npos ? '/' : '.';
    const auto parts = split(text, separator);
    if (parts.size() != 3)
        return std::nullopt;
    const auto a = parseInt64(parts[0]), b = parseInt64(parts[1]);
    auto year = parseInt64(parts[2]);
    if (!a || !b || !year || *a < 1 || *b < 1 || *year < 0)
        return std::nullopt;
    if (*year < 100)
        *year += 2000;
    // The C locale writes month/day/year, others day first; dots are always day first.
    const bool isDayFirst = separator == '.' || *a > 12;
    isAmbiguous = separator == '/' && *a <= 12 && *b <= 12 && *a != *b;
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%04lld-%02lld-%02lld", static_cast<long long>(*year),
        static_cast<long long>(isDayFirst ? *b : *a), static_cast<long long>(isDayFirst ? *a : *b));
    return std::string(out.data());
}

std::optional<Banner> bannerOf(std::string_view line)
{
    const auto words = wordsOf(line);
    if (words.size() < 5 || (words[0] != "Linux" && words[0] != "SunOS") || words[2].size() < 3
        || words[2].front() != '(' || words[2].back() != ')' || line.find(" CPU)") == std::string_view::npos)
        return std::nullopt;
    Banner banner;
    banner.host = std::string(words[2].substr(1, words[2].size() - 2));
    const auto date = isoDate(words[3], banner.isAmbiguous);
    if (!date)
        return std::nullopt;
    banner.date = *date;
    return banner;
}

/// Seconds since midnight of "13:00:01" or "01:00:01 PM"; `words` says how many words it took.
std::optional<std::int64_t> timeOfDay(const std::vector<std::string_view> &line, std::size_t &words)
{
    if (line.empty() || line[0].size() != 8 || line[0][2] != ':' || line[0][5] != ':')
        return std::nullopt;
    const auto h = parseInt64(line[0].substr(0, 2)), m = parseInt64(line[0].substr(3, 2)),
               s = parseInt64(line[0].substr(6, 2));
    if (!h || !m || !s || *h > 23 || *m > 59 || *s > 60 || *h < 0 || *m < 0 || *s < 0)
        return std::nullopt;
    words = 1;
    std::int64_t hour = *h;
    if (line.size() > 1 && (line[1] == "AM" || line[1] == "PM")) {
        words = 2;
        hour = hour % 12 + (line[1] == "PM" ? 12 : 0);
    }
    return hour * 3600 + *m * 60 + *s;
}

bool isKey(std::string_view column)
{
    static constexpr std::array<std::string_view, 14> kKeys{"CPU", "IFACE", "DEV", "INTR", "TTY",
        "FILESYSTEM", "BUS", "FAN", "TEMP", "IN", "DEVICE", "PID", "TGID", "TID"};
    return std::find(kKeys.begin(), kKeys.end(), column) != kKeys.end();
}

class SysstatReader final : public Reader
{
public:
    explicit SysstatReader(const ReadOptions &options)
        : m_time(options)
    {}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        TS_TRY(m_time.check(source.name()));
        LineReader lines(source, kMaxLine);
        MetricRows rows(sink, report);
        Line line;
        while (lines.next(line)) {
            if (line.tooLong)
                report.skip("line-too-long", line.offset, line.length, "the line is longer than 64 KiB",
                    line.text);
            else
                takeLine(line, sink, rows, report);
        }
        rows.finish();
        SourceInfo info;
        info.kind = SourceKind::Metrics;
        const std::string zone = m_time.timezone();
        info.timezone = zone;
        sink.setSource(info);
        return lines.result();
    }

private:
    void takeLine(const Line &line, RowSink &sink, MetricRows &rows, ImportReport &report)
    {
        if (const auto banner = bannerOf(line.text)) {
            m_banner = *banner;
            m_seconds = 0;
            m_day = 0;
            m_columns.clear();
            if (banner->isAmbiguous)
                report.note(IssueSeverity::Notice, "date-order", line.offset,
                    "the date was read as month/day/year, as the C locale writes it");
            report.head(line.offset, line.text);
            return;
        }
        auto words = wordsOf(line.text);
        if (words.empty())
            return;
        if (words[0].starts_with("Average") || words[0] == "Summary:") {
            report.note(IssueSeverity::Info, "averages", line.offset, "lines with averages were left out");
            return;
        }
        // pidstat -h: "#      Time        UID       PID ..."
        if (words[0] == "#" && words.size() > 2 && words[1] == "Time")
            return takeHeader({words.begin() + 2, words.end()});
        std::size_t used = 0;
        const auto seconds = timeOfDay(words, used);
        if (!seconds) {
            report.skip("no-time", line.offset, line.length, "the line does not begin with a time",
                line.text);
            return;
        }
        words.erase(words.begin(), words.begin() + std::ptrdiff_t(used));
        if (words.size() >= 2 && words[1] == "RESTART")
            return takeRestart(*seconds, line, sink, report);
        const bool isHeader = !words.empty()
            && std::none_of(words.begin(), words.end(),
                [](std::string_view word) { return parseDouble(word); });
        if (isHeader)
            return takeHeader(words);
        takeRow(words, *seconds, line, rows, report);
    }

    void takeHeader(const std::vector<std::string_view> &words)
    {
        m_columns.assign(words.begin(), words.end());
        m_isProcess = std::find(words.begin(), words.end(), "PID") != words.end()
            || std::find(words.begin(), words.end(), "TGID") != words.end();
        m_isSkipped = !words.empty() && words.front() == "INTR";
    }

    std::optional<Nanos> timeAt(std::int64_t seconds, const Line &line, ImportReport &report)
    {
        if (m_banner.date.empty())
            return std::nullopt;
        // Several tables go over the same day one after another: only midnight goes back by so much.
        if (seconds + kDaySeconds / 2 < m_seconds)
            ++m_day;
        else if (m_day > 0 && seconds > m_seconds + kDaySeconds / 2)
            --m_day;
        m_seconds = seconds;
        std::array<char, 32> clock{};
        std::snprintf(clock.data(), clock.size(), " %02d:%02d:%02d", int(seconds / 3600),
            int(seconds / 60 % 60), int(seconds % 60));
        const auto time = m_time.parse(m_banner.date + clock.data(), line.offset, report);
        return time ? std::optional(time->ns + m_day * kDaySeconds * kNanosPerSecond) : std::nullopt;
    }

    void takeRestart(std::int64_t seconds, const Line &line, RowSink &sink, ImportReport &report)
    {
        const auto ts = timeAt(seconds, line, report);
        if (!ts)
            return report.skip("no-date", line.offset, line.length, "no line with the date came before",
                line.text);
        EventRow event;
        event.tsNs = *ts;
        event.kind = "note";
        event.title = "host restarted";
        event.detail = m_banner.host;
        sink.event(event);
        report.rowRead();
    }

    void takeRow(const std::vector<std::string_view> &words, std::int64_t seconds, const Line &line,
        MetricRows &rows, ImportReport &report)
    {
        if (m_isSkipped)
            return report.note(IssueSeverity::Info, "interrupts", line.offset,
                "interrupts by number are not read");
        const bool hasCommand = !m_columns.empty() && m_columns.back() == "Command";
        if (m_columns.empty() || words.size() < m_columns.size()
            || (words.size() > m_columns.size() && !hasCommand))
            return report.skip("wrong-field-count", line.offset, line.length,
                std::to_string(words.size()) + " words where the header has "
                    + std::to_string(m_columns.size()),
                line.text);
        const auto ts = timeAt(seconds, line, report);
        if (!ts)
            return report.skip("no-date", line.offset, line.length, "no line with the date came before",
                line.text);
        m_labels.clear();
        m_labels.push_back({"host.name", m_banner.host});
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            if (m_columns[i] == "Command") {
                const auto at = static_cast<std::size_t>(words[i].data() - line.text.data());
                m_labels.push_back({"process.command", trimmed(line.text.substr(at))});
            } else if (m_isProcess
                && (m_columns[i] == "PID" || m_columns[i] == "TGID" || m_columns[i] == "TID")) {
                m_labels.push_back({m_columns[i] == "TID" ? "thread.id" : "process.pid", words[i]});
            } else if (!m_isProcess && isKey(m_columns[i])) {
                m_labels.push_back({keyName(m_columns[i]), words[i]});
            }
        }
        for (std::size_t i = 0; i < m_columns.size(); ++i)
            takeCell(i, words[i], *ts, line, rows, report);
        report.rowRead();
    }

    static std::string_view keyName(std::string_view column)
    {
        return column == "CPU"  ? "cpu"
            : column == "IFACE" ? "network.interface"
            : column == "DEV"   ? "device"
                                : column;
    }

    void takeCell(std::size_t i, std::string_view word, Nanos ts, const Line &line, MetricRows &rows,
        ImportReport &report)
    {
        const std::string_view column = m_columns[i];
        // The processor a process ran on last, and its user, are no measures.
        if (column == "Command" || column == "UID" || column == "USER" || isKey(column))
            return;
        const auto value = parseDouble(word);
        if (!value) {
            // Locales write decimal commas.
            std::string dotted(word);
            std::replace(dotted.begin(), dotted.end(), ',', '.');
            const auto again = parseDouble(dotted);
            if (!again)
                return report.skip("bad-value", line.offset, line.length,
                    "'" + std::string(word) + "' in " + std::string(column) + " is no number", line.text);
            report.note(IssueSeverity::Info, "decimal-comma", line.offset,
                "a comma was read as decimal sign");
            return sampleOf(sysstatMetric(column, m_isProcess), *again, ts, line.offset, m_labels, rows);
        }
        sampleOf(sysstatMetric(column, m_isProcess), *value, ts, line.offset, m_labels, rows);
    }

    TimeText m_time;
    Banner m_banner;
    std::int64_t m_seconds = 0, m_day = 0;
    std::vector<std::string> m_columns;
    bool m_isProcess = false, m_isSkipped = false;
    std::vector<MetricLabel> m_labels;
};

class SysstatImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        return bannerOf(prefix.substr(0, prefix.find('\n'))) ? Confidence::Strong : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<SysstatReader>(options);
    }
};

} // namespace

const Importer &sysstatImporter()
{
    static const SysstatImporter importer;
    return importer;
}

} // namespace tailscope::import
