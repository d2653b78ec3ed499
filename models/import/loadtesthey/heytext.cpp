// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtesthey/heytext.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtest/loadrun.h"
#include "import/loadtest/loadseries.h"

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace tailscope::import::hey {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxLine = 64 * 1024;

class Runs
{
public:
    Runs(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}
    void take(const Line &line);
    void finish();

private:
    enum class Section { None, Summary, Histogram, Percentiles, Details, Statuses, Errors };
    bool startSection(std::string_view line, std::uint64_t offset);
    void takeSummary(std::string_view line);
    void takeBucket(std::string_view line);
    void takePercentile(std::string_view line);
    void takeDetail(std::string_view line);
    void takeStatus(std::string_view line);
    void takeError(std::string_view line);

    RowSink &m_sink;
    ImportReport &m_report;
    std::unique_ptr<LoadRun> m_run;
    Section m_section = Section::None;
    std::vector<std::pair<double, double>> m_buckets; ///< ms, count
    std::int64_t m_answers = 0, m_badAnswers = 0, m_errors = 0, m_count = 0;
    std::uint64_t m_offset = 0;
};

/// "[200]  172 responses": what is in the brackets, and what follows them.
std::optional<std::pair<std::string_view, std::string_view>> bracketed(std::string_view line)
{
    const std::size_t close = line.find(']');
    if (line.empty() || line.front() != '[' || close == std::string_view::npos)
        return std::nullopt;
    return std::pair(line.substr(1, close - 1), trimmed(line.substr(close + 1)));
}

/// "0.0441 secs" in ms; hey says NaN where nothing was answered.
std::optional<double> secs(std::string_view text)
{
    text = trimmed(text);
    const std::size_t end = text.find_first_of(" \t,");
    const auto seconds = number(text.substr(0, end));
    return seconds ? std::optional(*seconds * 1e3) : std::nullopt;
}

bool Runs::startSection(std::string_view line, std::uint64_t offset)
{
    struct Head
    {
        std::string_view text;
        Section section;
    };
    static constexpr std::array<Head, 6> kHeads{{{"Summary:", Section::Summary},
        {"Response time histogram:", Section::Histogram}, {"Latency distribution:", Section::Percentiles},
        {"Details (average, fastest, slowest):", Section::Details},
        {"Status code distribution:", Section::Statuses}, {"Error distribution:", Section::Errors}}};
    for (const Head &head : kHeads) {
        if (line != head.text)
            continue;
        if (head.section == Section::Summary) {
            finish();
            m_run = std::make_unique<LoadRun>("hey", Level::Summary);
            m_run->loop = Loop::Closed;
            m_run->omission = Omission::Possible;
            m_offset = offset;
        }
        m_section = head.section;
        return true;
    }
    return false;
}

void Runs::takeSummary(std::string_view line)
{
    const std::size_t at = line.find(':');
    if (at == std::string_view::npos)
        return;
    const std::string_view key = line.substr(0, at), value = trimmed(line.substr(at + 1));
    LoadPhase &whole = m_run->whole;
    if (key == "Total" && secs(value))
        m_run->durationSeconds = *secs(value) / 1e3;
    else if (key == "Slowest")
        whole.maxMs = secs(value);
    else if (key == "Fastest")
        whole.minMs = secs(value);
    else if (key == "Average")
        whole.meanMs = secs(value);
    else if (key == "Requests/sec")
        whole.rate = number(value);
}

/// "0.049 [174]  |bars": requests up to the mark that are above the mark before it.
void Runs::takeBucket(std::string_view line)
{
    const std::size_t open = line.find('['), close = line.find(']');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return;
    const auto mark = number(line.substr(0, open));
    const auto n = count(line.substr(open + 1, close - open - 1));
    if (!mark || !n || *n < 0 || (!m_buckets.empty() && *mark * 1e3 < m_buckets.back().first))
        return;
    if (!m_buckets.empty() && m_buckets.back().first == *mark * 1e3)
        m_buckets.back().second += double(*n); // marks are rounded to a millisecond
    else
        m_buckets.emplace_back(*mark * 1e3, double(*n));
}

/// "95% in 0.0520 secs", newer ones "95%% in ..."
void Runs::takePercentile(std::string_view line)
{
    const std::size_t percent = line.find('%'), in = line.find(" in ");
    if (percent == std::string_view::npos || in == std::string_view::npos)
        return;
    const auto share = number(line.substr(0, percent));
    const auto value = secs(line.substr(in + 4));
    if (share && value && *share > 0 && *share < 100)
        m_run->whole.setQuantile(*share / 100, *value);
}

/// "resp wait:  0.0037 secs, 0.0024 secs, 0.0364 secs": the averages are kept.
void Runs::takeDetail(std::string_view line)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNames{
        {{"DNS+dialup", "connecting_mean_ms"}, {"DNS-lookup", "dns_mean_ms"},
            {"req write", "sending_mean_ms"}, {"resp wait", "waiting_mean_ms"},
            {"resp read", "receiving_mean_ms"}}};
    const std::size_t at = line.find(':');
    for (const auto &[name, key] : kNames) {
        if (at != std::string_view::npos && line.substr(0, at) == name) {
            if (const auto value = secs(line.substr(at + 1)))
                m_run->whole.extra.emplace_back(key, *value);
        }
    }
}

void Runs::takeStatus(std::string_view line)
{
    const auto parts = bracketed(line);
    if (!parts)
        return;
    const auto n = count(parts->second.substr(0, parts->second.find(' ')));
    const auto code = parseInt64(parts->first);
    if (!n || *n < 0 || !code)
        return;
    m_run->status(parts->first, *n);
    m_answers += *n;
    if (*code >= 400) {
        m_badAnswers += *n;
        m_run->failure({}, "status " + std::string(parts->first), *n);
    }
}

void Runs::takeError(std::string_view line)
{
    const auto parts = bracketed(line);
    const auto n = parts ? count(parts->first) : std::nullopt;
    if (!n || *n < 0)
        return;
    m_errors += *n;
    m_run->failure({}, parts->second, *n);
}

void Runs::take(const Line &line)
{
    if (line.tooLong)
        return m_report.skip("line-too-long", line.offset, line.length, "the line is longer than 64 KB",
            line.text);
    const std::string_view text = trimmed(line.text);
    if (text.empty() || startSection(text, line.offset) || !m_run)
        return;
    switch (m_section) {
    case Section::Summary:
        return takeSummary(text);
    case Section::Histogram:
        return takeBucket(text);
    case Section::Percentiles:
        return takePercentile(text);
    case Section::Details:
        return takeDetail(text);
    case Section::Statuses:
        return takeStatus(text);
    case Section::Errors:
        return takeError(text);
    case Section::None:
        return;
    }
}

void Runs::finish()
{
    if (m_run && !m_run->whole.rate) {
        m_report.skip("unfinished-run", m_offset, 0, "the summary has no rate: it is cut off", "Summary:");
    } else if (m_run) {
        LoadPhase &whole = m_run->whole;
        if (m_answers + m_errors > 0) {
            whole.requests = m_answers + m_errors;
            whole.errors = m_badAnswers + m_errors;
        }
        if (m_answers == 0) { // its zeros then mean that there was none
            whole.minMs.reset();
            whole.maxMs.reset();
        }
        const std::string number = std::to_string(m_count + 1);
        const std::array labels{Label{"run", number}};
        LoadSeries series(m_sink, "hey");
        for (const auto &[bound, n] : m_buckets) {
            if (n > 0)
                series.bucket(series.series({kDistribution, {}, "ms", labels, SeriesKind::Histogram}),
                    kUnknownNanos, bound, n);
        }
        m_run->write(m_sink, m_report);
        m_report.rowRead();
        ++m_count;
    }
    m_run.reset();
    m_buckets.clear();
    m_answers = m_badAnswers = m_errors = 0;
}

} // namespace

Result<void> HeyTextReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::None, {}});
    Runs runs(sink, report);
    LineReader lines(source, kMaxLine);
    Line line;
    while (lines.next(line))
        runs.take(line);
    runs.finish();
    TS_TRY(lines.result());
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no summary of hey",
            "hey -n 1000 -c 10 URL > FILE");
    return {};
}

} // namespace tailscope::import::hey
