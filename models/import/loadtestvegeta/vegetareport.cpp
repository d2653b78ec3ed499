// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestvegeta/vegetareport.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/loadtest/flatjson.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtest/loadrun.h"
#include "import/loadtest/loadseries.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tailscope::import::vegeta {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxLine = 64 * 1024, kMaxBuckets = 10'000;

/// A report's figures, whichever way it was written.
class Report
{
public:
    Report(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {
        m_run.loop = Loop::Open;
        m_run.omission = Omission::No;
    }
    LoadRun &run() { return m_run; }
    bool found() const { return m_run.whole.requests || !m_buckets.empty(); }
    /// name: "min", "mean", "max", "50", "99th".
    void latency(std::string_view name, std::optional<double> ms);
    void status(std::string_view code, std::int64_t n);
    /// success: share of the requests, for reports without statuses.
    void success(double share) { m_success = share; }
    /// Requests from `from` ms on, up to the next bucket.
    void bucket(double from, double n);
    void finish();

private:
    RowSink &m_sink;
    ImportReport &m_report;
    LoadRun m_run{"vegeta", Level::Summary};
    std::optional<double> m_success;
    std::optional<std::int64_t> m_failed;
    std::vector<std::pair<double, double>> m_buckets;
};

void Report::latency(std::string_view name, std::optional<double> ms)
{
    if (!ms)
        return;
    if (name.ends_with("th") || name.ends_with("st"))
        name.remove_suffix(2);
    if (name == "min")
        m_run.whole.minMs = ms;
    else if (name == "mean")
        m_run.whole.meanMs = ms;
    else if (name == "max")
        m_run.whole.maxMs = ms;
    else if (const auto percent = number(name); percent && *percent > 0 && *percent < 100)
        m_run.whole.setQuantile(*percent / 100, *ms);
}

void Report::status(std::string_view code, std::int64_t n)
{
    m_run.status(code, n);
    const auto number = parseInt64(code);
    const bool good = number && *number >= 200 && *number < 400;
    m_failed = m_failed.value_or(0) + (good ? 0 : n);
}

void Report::bucket(double from, double n)
{
    if (m_buckets.size() < kMaxBuckets && n >= 0 && (m_buckets.empty() || from > m_buckets.back().first))
        m_buckets.emplace_back(from, n);
}

void Report::finish()
{
    LoadPhase &whole = m_run.whole;
    if (m_failed)
        whole.errors = m_failed;
    else if (m_success && whole.requests)
        whole.errors = std::llround((1 - *m_success) * double(*whole.requests));
    if (!whole.requests && !m_buckets.empty()) {
        double sum = 0;
        for (const auto &[from, n] : m_buckets)
            sum += n;
        whole.requests = std::llround(std::min(sum, 9e15));
    }
    LoadSeries series(m_sink, "vegeta");
    for (std::size_t i = 0; i < m_buckets.size(); ++i) {
        const double end
            = i + 1 < m_buckets.size() ? m_buckets[i + 1].first : std::numeric_limits<double>::infinity();
        if (m_buckets[i].second > 0)
            series.bucket(series.series({kDistribution, {}, "ms", {}, SeriesKind::Histogram}), kUnknownNanos,
                end, m_buckets[i].second);
    }
    m_run.write(m_sink, m_report);
    m_report.rowRead();
}

/// "Latencies  [min, mean, 50, 90, 95, 99, max]  90.4ms, 113.1ms, ...": names and values side by side.
std::vector<std::pair<std::string_view, std::string_view>> pairsOf(std::string_view line)
{
    std::vector<std::pair<std::string_view, std::string_view>> result;
    const std::size_t open = line.find('['), close = line.find(']');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return result;
    const std::vector<std::string_view> names = split(line.substr(open + 1, close - open - 1), ',');
    const std::vector<std::string_view> values = split(line.substr(close + 1), ',');
    for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i)
        result.emplace_back(trimmed(names[i]), trimmed(values[i]));
    return result;
}

void takeStatuses(std::string_view line, Report &report)
{
    const std::size_t close = line.find(']');
    for (const std::string_view word :
        split(line.substr(close == std::string_view::npos ? line.size() : close + 1), ' ')) {
        const std::size_t at = word.find(':');
        const auto n = at == std::string_view::npos ? std::nullopt : count(word.substr(at + 1));
        if (n && *n >= 0)
            report.status(word.substr(0, at), *n);
    }
}

/// "[0s,     2ms]    6007  50.06%  ####"
void takeBucket(std::string_view line, Report &report)
{
    const std::size_t comma = line.find(','), close = line.find(']');
    if (comma == std::string_view::npos || close == std::string_view::npos || comma > close)
        return;
    const auto from = millis(line.substr(1, comma - 1));
    const std::string_view rest = trimmed(line.substr(close + 1));
    const auto n = number(rest.substr(0, rest.find_first_of(" \t")));
    if (from && n)
        report.bucket(*from, *n);
}

void takeLine(std::string_view text, bool &inErrors, Report &report)
{
    LoadRun &run = report.run();
    if (text.front() == '[')
        return takeBucket(text, report);
    if (text.starts_with("Error Set:")) {
        inErrors = true;
        return;
    }
    if (inErrors)
        return run.failure({}, text, 0); // how often each occurred is not told
    if (text.starts_with("Status Codes"))
        return takeStatuses(text, report);
    for (const auto &[name, value] : pairsOf(text)) {
        if (text.starts_with("Requests")) {
            if (name == "total")
                run.whole.requests = count(value);
            else if (name == "rate")
                run.targetRate = run.whole.rate = number(value);
            else if (name == "throughput")
                run.whole.extra.emplace_back("throughput", number(value).value_or(0));
        } else if (text.starts_with("Duration") && name == "total") {
            if (const auto ms = millis(value))
                run.durationSeconds = *ms / 1e3;
        } else if (text.starts_with("Latencies")) {
            report.latency(name, millis(value));
        } else if (text.starts_with("Success")) {
            if (const auto percent = number(value))
                report.success(*percent / 100);
        }
    }
}

} // namespace

Result<void> TextReportReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::None, {}});
    Report result(sink, report);
    LineReader lines(source, kMaxLine);
    Line line;
    bool inErrors = false;
    while (lines.next(line)) {
        const std::string_view text = trimmed(line.text);
        if (line.tooLong)
            report.skip("line-too-long", line.offset, line.length, "the line is longer than 64 KB",
                line.text);
        else if (!text.empty())
            takeLine(text, inErrors, result);
    }
    TS_TRY(lines.result());
    if (!result.found())
        return fail(ErrorCode::BadInput, source.name(), "it has no figures of a report",
            "vegeta report results.bin > report.txt");
    result.finish();
    return {};
}

Result<void> JsonReportReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, "UTC"});
    Report result(sink, report);
    LoadRun &run = result.run();
    std::map<std::int64_t, double> buckets;
    JsonPull pull(source);
    eachScalar(pull, [&](const FlatValue &value) {
        const std::vector<std::string> &path = value.path;
        const auto figure = parseDouble(value.text);
        if (path.size() == 1) {
            if (path[0] == "requests")
                run.whole.requests = count(value.text);
            else if (path[0] == "rate")
                run.targetRate = run.whole.rate = figure;
            else if (path[0] == "throughput" && figure)
                run.whole.extra.emplace_back("throughput", *figure);
            else if (path[0] == "duration" && figure)
                run.durationSeconds = *figure / 1e9;
            else if (path[0] == "success" && figure)
                result.success(*figure);
            else if (path[0] == "earliest" || path[0] == "end") {
                const auto time = parseTimestamp(value.text);
                if (time && time->ns > 0) // the zero of Go's time is the year 1
                    run.touch(time->ns);
            }
        } else if (path.size() == 2 && path[0] == "latencies" && path[1] != "total" && figure) {
            result.latency(path[1], *figure / 1e6);
        } else if (path.size() == 2 && path[0] == "status_codes") {
            if (const auto n = count(value.text))
                result.status(path[1], *n);
        } else if (path.size() == 2 && path[0] == "errors" && value.token == JsonPull::Token::String) {
            run.failure({}, value.text, 0);
        } else if (path.size() == 2 && path[0] == "buckets" && figure) {
            if (const auto from = parseInt64(path[1]); from && buckets.size() < kMaxBuckets)
                buckets[*from] = *figure;
        }
    });
    for (const auto &[from, n] : buckets)
        result.bucket(double(from) / 1e6, n);
    const bool found = result.found();
    if (found)
        result.finish();
    return finishDocument(pull, source, found, "it has no number of requests",
        "vegeta report -type=json results.bin > report.json", report);
}

} // namespace tailscope::import::vegeta
