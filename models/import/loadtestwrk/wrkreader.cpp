// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestwrk/wrkreader.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtest/loadrun.h"
#include "import/loadtest/loadseries.h"
#include "import/loadtesthdr/hdrspectrum.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::import::wrk {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxLine = 64 * 1024, kMaxPercentiles = 1'000;

std::vector<std::string_view> words(std::string_view line)
{
    std::vector<std::string_view> result;
    for (std::string_view rest = trimmed(line); !rest.empty() && result.size() < 16;) {
        const std::size_t end = std::min(rest.size(), rest.find_first_of(" \t"));
        result.push_back(rest.substr(0, end));
        rest = trimmed(rest.substr(end));
    }
    return result;
}

/// What a run's distribution is told by: a few percentiles, or the whole spectrum.
struct Distribution
{
    std::string_view latency = "uncorrected";
    std::vector<std::pair<double, double>> percentiles; ///< share, ms
    hdr::HdrSpectrum spectrum;
};

class Runs
{
public:
    Runs(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}
    void take(const Line &line);
    void finish();
    std::int64_t runs() const { return m_count; }

private:
    void begin(std::string_view line);
    bool takeFigures(std::string_view line);
    bool takeErrors(std::string_view line);
    bool takePercentile(std::string_view line);
    void write(Distribution &distribution, bool isMain);

    RowSink &m_sink;
    ImportReport &m_report;
    std::unique_ptr<LoadRun> m_run;
    std::optional<double> m_max;
    std::vector<Distribution> m_distributions;
    bool m_isWrk2 = false;
    std::int64_t m_count = 0;
    std::uint64_t m_offset = 0;
};

/// "Running 30s test @ http://host/path"
void Runs::begin(std::string_view line)
{
    finish();
    m_run = std::make_unique<LoadRun>("wrk", Level::Summary);
    m_run->loop = Loop::Closed;
    m_run->omission = Omission::Possible;
    const std::size_t at = line.find(" test @ ");
    m_run->target = trimmed(line.substr(at + 8));
    if (const auto ms = millis(line.substr(8, at - 8)))
        m_run->durationSeconds = *ms / 1e3;
    m_max.reset();
    m_distributions.clear();
    m_isWrk2 = false;
}

bool Runs::takePercentile(std::string_view line)
{
    const std::vector<std::string_view> fields = words(line);
    if (m_distributions.empty() || fields.size() != 2 || !fields[0].ends_with('%'))
        return false;
    const auto share = number(fields[0]);
    const auto value = millis(fields[1]);
    auto &list = m_distributions.back().percentiles;
    if (!share || !value || *share < 0 || *share > 100 || list.size() >= kMaxPercentiles
        || (!list.empty() && (*share / 100 <= list.back().first || *value < list.back().second)))
        return false;
    list.emplace_back(*share / 100, *value);
    return true;
}

bool Runs::takeErrors(std::string_view line)
{
    constexpr std::string_view kSocket = "Socket errors:", kStatus = "Non-2xx or 3xx responses:";
    if (line.starts_with(kStatus)) {
        if (const auto n = count(line.substr(kStatus.size()))) {
            m_run->whole.errors = *n;
            m_run->failure({}, "status other than 2xx or 3xx", *n);
        }
        return true;
    }
    if (!line.starts_with(kSocket))
        return false;
    for (const std::string_view part : split(line.substr(kSocket.size()), ',')) {
        const std::vector<std::string_view> pair = words(part);
        const auto n = pair.size() == 2 ? count(pair[1]) : std::nullopt;
        if (n && *n > 0)
            m_run->failure({}, "socket error: " + std::string(pair[0]), *n);
    }
    return true;
}

bool Runs::takeFigures(std::string_view line)
{
    const std::vector<std::string_view> fields = words(line);
    if (fields.size() >= 5 && fields[1] == "threads" && fields[4] == "connections") {
        m_run->threads = number(fields[0]);
        m_run->users = number(fields[3]);
        return true;
    }
    if (fields.size() == 5 && fields[0] == "Latency") {
        m_run->whole.meanMs = millis(fields[1]);
        if (const auto stddev = millis(fields[2]))
            m_run->whole.setExtra("stddev_ms", *stddev);
        m_max = millis(fields[3]);
        m_run->whole.maxMs = m_max;
        return true;
    }
    if (fields.size() >= 4 && fields[1] == "requests" && fields[2] == "in") {
        m_run->whole.requests = count(fields[0]);
        const std::string_view time = fields[3].substr(0, fields[3].find_last_not_of(',') + 1);
        if (const auto ms = millis(time))
            m_run->durationSeconds = *ms / 1e3;
        return true;
    }
    if (fields.size() == 2 && fields[0] == "Requests/sec:") {
        m_run->whole.rate = number(fields[1]);
        return true;
    }
    return false;
}

void Runs::take(const Line &line)
{
    if (line.tooLong)
        return m_report.skip("line-too-long", line.offset, line.length, "the line is longer than 64 KB",
            line.text);
    const std::string_view text = trimmed(line.text);
    if (text.starts_with("Running ") && text.find(" test @ ") != std::string_view::npos) {
        m_offset = line.offset;
        return begin(text);
    }
    if (!m_run || text.empty())
        return;
    if (text.starts_with("Latency Distribution")) {
        Distribution distribution;
        // wrk2 measures from the moment a request should have been sent, and with -U the other way too.
        m_isWrk2 |= text.find("HdrHistogram") != std::string_view::npos;
        if (text.find("Recorded Latency") != std::string_view::npos)
            distribution.latency = "corrected";
        if (m_distributions.size() < 16) // wrk2 prints two
            m_distributions.push_back(std::move(distribution));
        return;
    }
    if (text.starts_with("Thread calibration:")) {
        m_isWrk2 = true;
        return;
    }
    if (takeFigures(text) || takeErrors(text) || takePercentile(text))
        return;
    if (!m_distributions.empty()) {
        const auto taken = m_distributions.back().spectrum.take(text);
        if (taken != hdr::HdrSpectrum::Taken::No)
            return;
    }
    static constexpr std::array<std::string_view, 7> kKnown{"Thread Stats", "Req/Sec",
        "Transfer/sec:", "Detailed Percentile spectrum:", "Initialised ", "-----", "Uncorrected"};
    for (const std::string_view known : kKnown) {
        if (text.starts_with(known))
            return;
    }
    m_report.note(IssueSeverity::Info, "other-lines", line.offset,
        "lines that wrk does not print by itself were passed over");
}

/// The buckets between the percentiles that are told; the slowest lie up to the longest latency.
void Runs::write(Distribution &distribution, bool isMain)
{
    LoadPhase &whole = m_run->whole;
    if (isMain) {
        // The percentiles that are told by themselves are exact, the spectrum's are the next ones listed.
        if (!distribution.spectrum.empty())
            distribution.spectrum.fill(whole, 1);
        for (const auto &[share, value] : distribution.percentiles)
            whole.setQuantile(share, value);
    }
    if (distribution.spectrum.wentBack() > 0)
        m_report.note(IssueSeverity::DataLoss, "percentiles-go-back", m_offset,
            "lines of the spectrum that go back were left out", distribution.spectrum.wentBack());
    const bool hasCount = whole.requests && *whole.requests > 0 && !distribution.percentiles.empty();
    if (!hasCount && distribution.spectrum.empty())
        return;
    const std::string number = std::to_string(m_count + 1);
    const std::array labels{Label{"latency", distribution.latency}, Label{"run", number}};
    LoadSeries series(m_sink, m_run->tool);
    const SeriesRef ref = series.series({kDistribution, {}, "ms", labels, SeriesKind::Histogram});
    if (!distribution.spectrum.empty())
        return distribution.spectrum.buckets(series, ref, 1);
    const bool isAbove = m_max.value_or(-1) >= distribution.percentiles.back().second;
    series.percentileBuckets(ref, distribution.percentiles, double(*whole.requests),
        isAbove ? *m_max : std::numeric_limits<double>::infinity());
}

void Runs::finish()
{
    if (!m_run)
        return;
    if (!m_run->whole.requests && !m_run->whole.rate) {
        m_report.skip("unfinished-run", m_offset, 0, "the run has no number of requests and no rate",
            m_run->target);
        m_run.reset();
        return;
    }
    if (m_isWrk2) {
        m_run->tool = "wrk2";
        m_run->loop = Loop::Open;
        m_run->omission = Omission::Corrected;
    }
    if (!m_run->whole.errors && m_run->whole.requests)
        m_run->whole.errors = 0; // wrk prints the line only when there are some
    for (std::size_t i = 0; i < m_distributions.size(); ++i)
        write(m_distributions[i], i == 0);
    m_run->write(m_sink, m_report);
    m_run.reset();
    m_report.rowRead();
    ++m_count;
}

} // namespace

Result<void> WrkReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
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
        return fail(ErrorCode::BadInput, source.name(), "it has no run of wrk",
            "wrk -t2 -c100 -d30s --latency URL > FILE");
    return {};
}

} // namespace tailscope::import::wrk
