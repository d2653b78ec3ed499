// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestab/abtext.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtest/loadrun.h"
#include "import/loadtest/loadseries.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace tailscope::import::ab {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxLine = 64 * 1024;

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
    void takeField(std::string_view key, std::string_view value);
    void takeFailures(std::string_view line);
    bool takePercentile(std::string_view line);
    void takeTotals(std::string_view line);
    void writeDistribution();

    RowSink &m_sink;
    ImportReport &m_report;
    std::unique_ptr<LoadRun> m_run;
    std::string m_host, m_port, m_path;
    std::vector<std::pair<double, double>> m_percentiles; ///< share, ms
    std::optional<std::int64_t> m_badStatus;
    bool m_inPercentiles = false;
    std::int64_t m_count = 0;
    std::uint64_t m_offset = 0;
};

void Runs::takeField(std::string_view key, std::string_view value)
{
    LoadPhase &whole = m_run->whole;
    const std::vector<std::string_view> fields = words(value);
    const std::string_view first = fields.empty() ? std::string_view() : fields.front();
    if (key == "Server Hostname")
        m_host = first;
    else if (key == "Server Port")
        m_port = first;
    else if (key == "Document Path")
        m_path = value;
    else if (key == "Concurrency Level")
        m_run->users = number(first);
    else if (key == "Time taken for tests")
        m_run->durationSeconds = number(first);
    else if (key == "Complete requests")
        whole.requests = count(first);
    else if (key == "Failed requests")
        whole.errors = count(first);
    else if (key == "Non-2xx responses")
        m_badStatus = count(first);
    else if (key == "Requests per second")
        whole.rate = number(first);
    else if (key == "Time per request" && value.find("across") == std::string_view::npos)
        whole.meanMs = number(first);
}

/// "(Connect: 0, Receive: 0, Length: 10, Exceptions: 0)"
void Runs::takeFailures(std::string_view line)
{
    line = line.substr(1, line.size() - (line.ends_with(')') ? 2 : 1));
    for (const std::string_view part : split(line, ',')) {
        const std::size_t at = part.find(':');
        const auto n = at == std::string_view::npos ? std::nullopt : count(part.substr(at + 1));
        if (n && *n > 0)
            m_run->failure({}, trimmed(part.substr(0, at)), *n);
    }
}

/// "  95%     8" and " 100%     36 (longest request)"
bool Runs::takePercentile(std::string_view line)
{
    const std::vector<std::string_view> fields = words(line);
    if (fields.size() < 2 || !fields[0].ends_with('%'))
        return false;
    const auto share = number(fields[0]), value = number(fields[1]);
    if (!share || !value || *share < 0 || *share > 100
        || (!m_percentiles.empty()
            && (*share / 100 <= m_percentiles.back().first || *value < m_percentiles.back().second)))
        return false;
    m_percentiles.emplace_back(*share / 100, *value);
    return true;
}

/// "Total:  3  5  4.7  4  36": min, mean, deviation, median, max in ms.
void Runs::takeTotals(std::string_view line)
{
    const std::vector<std::string_view> fields = words(line);
    if (fields.size() != 6)
        return;
    m_run->whole.minMs = number(fields[1]);
    if (const auto deviation = number(fields[3]))
        m_run->whole.extra.emplace_back("stddev_ms", *deviation);
    m_run->whole.maxMs = number(fields[5]);
}

void Runs::take(const Line &line)
{
    if (line.tooLong)
        return m_report.skip("line-too-long", line.offset, line.length, "the line is longer than 64 KB",
            line.text);
    const std::string_view text = trimmed(line.text);
    if (text.starts_with("This is ApacheBench")) {
        finish();
        m_run = std::make_unique<LoadRun>("ab", Level::Summary);
        m_run->loop = Loop::Closed;
        m_run->omission = Omission::Possible;
        const std::size_t at = text.find("Version ");
        if (at != std::string_view::npos)
            m_run->version = words(text.substr(at + 8)).front();
        m_offset = line.offset;
        return;
    }
    if (!m_run || text.empty())
        return;
    if (text.starts_with("Percentage of the requests served")) {
        m_inPercentiles = true;
        return;
    }
    if (m_inPercentiles && takePercentile(text))
        return;
    if (text.front() == '(')
        return takeFailures(text);
    if (text.starts_with("Total:") && words(text).size() == 6)
        return takeTotals(text);
    const std::size_t at = text.find(':');
    if (at != std::string_view::npos)
        takeField(text.substr(0, at), trimmed(text.substr(at + 1)));
    else if (text.starts_with("apr_"))
        m_run->failure({}, text);
}

/// Times are whole milliseconds: a bucket lies between two percentiles.
void Runs::writeDistribution()
{
    const auto total = m_run->whole.requests;
    if (m_percentiles.empty() || !total || *total <= 0)
        return;
    const std::string run = std::to_string(m_count + 1);
    const std::array labels{Label{"run", run}};
    LoadSeries series(m_sink, "ab");
    const SeriesRef ref = series.series({kDistribution, {}, "ms", labels, SeriesKind::Histogram});
    series.percentileBuckets(ref, m_percentiles, double(*total), std::numeric_limits<double>::infinity());
}

void Runs::finish()
{
    if (m_run && !m_run->whole.requests) {
        m_report.skip("unfinished-run", m_offset, 0, "the run has no number of requests: it did not end",
            "ApacheBench");
    } else if (m_run) {
        if (!m_host.empty())
            m_run->target = m_host + (m_port.empty() ? "" : ":" + m_port) + m_path;
        for (const auto &[share, value] : m_percentiles)
            m_run->whole.setQuantile(share, value);
        if (m_badStatus && *m_badStatus > 0) {
            m_run->failure({}, "status other than 2xx", *m_badStatus);
            // ab counts these apart; they failed all the same. An answer of another length may be one of
            // them, so the larger figure is taken, not the sum.
            m_run->whole.errors = std::max(m_run->whole.errors.value_or(0), *m_badStatus);
        }
        writeDistribution();
        m_run->write(m_sink, m_report);
        m_report.rowRead();
        ++m_count;
    }
    m_run.reset();
    m_host.clear();
    m_port.clear();
    m_path.clear();
    m_percentiles.clear();
    m_badStatus.reset();
    m_inPercentiles = false;
}

} // namespace

Result<void> AbTextReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
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
        return fail(ErrorCode::BadInput, source.name(), "it has no run of ab", "ab -n 1000 -c 10 URL > FILE");
    return {};
}

} // namespace tailscope::import::ab
