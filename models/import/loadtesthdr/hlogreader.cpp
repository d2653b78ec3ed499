// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtesthdr/hlogreader.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtest/loadrun.h"
#include "import/loadtest/loadseries.h"
#include "import/loadtesthdr/hdrcounts.h"

#include <array>
#include <cmath>
#include <map>
#include <string>

namespace tailscope::import::hdr {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxLine = 16 * 1024 * 1024, kMaxTags = 1'000, kMaxBuckets = 2'000'000,
                      kMaxRows = 50'000'000;
constexpr double kYearSeconds = 365.0 * 24 * 3600;
constexpr std::string_view kStartTime = "#[StartTime:", kBaseTime = "#[BaseTime:", kTag = "Tag=";

/// One interval as its line has it.
struct Interval
{
    std::string_view tag, start, length, max, histogram;
};

std::optional<Interval> intervalOf(std::string_view line)
{
    Interval interval;
    if (line.starts_with(kTag)) {
        const std::size_t end = line.find(',');
        if (end == std::string_view::npos)
            return std::nullopt;
        interval.tag = line.substr(kTag.size(), end - kTag.size());
        line.remove_prefix(end + 1);
    }
    const std::vector<std::string_view> fields = split(line, ',');
    if (fields.size() != 4)
        return std::nullopt;
    interval.start = trimmed(fields[0]);
    interval.length = trimmed(fields[1]);
    interval.max = trimmed(fields[2]);
    interval.histogram = trimmed(fields[3]);
    return interval;
}

class HistogramLog
{
public:
    HistogramLog(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
        , m_series(sink, "hdrhistogram")
    {}
    void take(const Line &line);
    void finish();
    ClockKind clock() const { return m_isAbsolute ? ClockKind::Utc : ClockKind::Relative; }

private:
    void takeRemark(std::string_view line);
    void takeInterval(const Line &line, const Interval &interval);
    bool setScale(const HdrCounts &counts, double max, std::uint64_t offset);
    Nanos startOf(double seconds, std::string_view text);
    void phaseOf(const HdrCounts &counts, LoadPhase &phase) const;
    void emitRows(const Interval &interval, const HdrCounts &counts, const LoadPhase &phase);

    RowSink &m_sink;
    ImportReport &m_report;
    LoadSeries m_series;
    LoadRun m_run{"hdrhistogram", Level::Intervals};
    std::optional<Nanos> m_startTime, m_baseTime;
    bool m_decided = false, m_isAbsolute = false, m_addsStart = false;
    double m_perMilli = 0; ///< values of a millisecond; 0 = not known yet
    std::map<std::string, std::map<std::int64_t, std::int64_t>, std::less<>> m_all; ///< by tag
    std::size_t m_kept = 0, m_rows = 0; ///< values in m_all; buckets written
};

void HistogramLog::takeRemark(std::string_view line)
{
    const auto seconds = [&line](std::string_view head) {
        std::string_view rest = trimmed(line.substr(head.size()));
        return nanos(rest.substr(0, rest.find_first_of(" ,]")), kNanosPerSecond);
    };
    if (line.starts_with(kStartTime))
        m_startTime = seconds(kStartTime);
    else if (line.starts_with(kBaseTime))
        m_baseTime = seconds(kBaseTime);
    else if (constexpr std::string_view kLogged = "#[Logged with "; line.starts_with(kLogged))
        m_run.version = trimmed(line.substr(kLogged.size(), line.find(']') - kLogged.size()));
}

/// A base time is added to every start. Without one, starts that lie more than a year before the log's
/// start count from it; others are absolute.
Nanos HistogramLog::startOf(double seconds, std::string_view text)
{
    const Nanos start = nanos(text, kNanosPerSecond).value_or(0);
    if (!m_decided) {
        m_decided = true;
        const double logStart = m_startTime ? double(*m_startTime) / double(kNanosPerSecond) : 0;
        m_addsStart = !m_baseTime && m_startTime && seconds < logStart - kYearSeconds;
        m_isAbsolute = m_baseTime || m_startTime || seconds > kYearSeconds;
        m_sink.setSource({SourceKind::LoadTest, clock(), m_isAbsolute ? "UTC" : ""});
    }
    return saturatingAdd(start, m_baseTime ? *m_baseTime : m_addsStart ? *m_startTime : 0);
}

/// The writer divides the maximum to be milliseconds, by 1,000,000 unless told otherwise: how much it did
/// says what unit the values have.
bool HistogramLog::setScale(const HdrCounts &counts, double max, std::uint64_t offset)
{
    if (m_perMilli > 0)
        return true;
    if (counts.buckets.empty() || max <= 0)
        return false;
    const double ratio = double(counts.buckets.back().first) / max;
    const double power = std::round(std::log10(std::max(ratio, 1e-9)));
    const bool isUsual = power == 6 || power == 3 || power == 0;
    m_perMilli = power == 3 ? 1e3 : power == 0 ? 1 : 1e6;
    m_report.note(power == 6 ? IssueSeverity::Info : IssueSeverity::Notice, "unit-assumed", offset,
        !isUsual         ? "the unit of the values cannot be told from the maxima: nanoseconds are taken"
            : power == 6 ? "values are taken for nanoseconds: the maxima beside them are 1,000,000 times less"
            : power == 3 ? "values are taken for microseconds: the maxima beside them are 1,000 times less"
                         : "values are taken for milliseconds, as the maxima beside them");
    return true;
}

void HistogramLog::phaseOf(const HdrCounts &counts, LoadPhase &phase) const
{
    for (const double q : {0.5, 0.9, 0.95, 0.99, 0.999}) {
        if (const auto value = counts.quantile(q))
            phase.setQuantile(q, double(*value) / m_perMilli);
    }
}

void HistogramLog::take(const Line &line)
{
    if (line.tooLong)
        return m_report.skip("line-too-long", line.offset, line.length, "the line is longer than 16 MB",
            line.text);
    const std::string_view text = trimmed(line.text);
    if (text.empty())
        return;
    if (text.front() == '#')
        return takeRemark(text);
    if (text.starts_with("\"StartTimestamp\"") || text.starts_with("\"Tag\",")
        || text.starts_with("StartTimestamp,"))
        return;
    const std::optional<Interval> interval = intervalOf(text);
    if (!interval)
        return m_report.skip("bad-interval", line.offset, line.length,
            "the line has not a start, a length, a maximum and a histogram", text);
    takeInterval(line, *interval);
}

void HistogramLog::takeInterval(const Line &line, const Interval &interval)
{
    const auto reject = [&](std::string_view reason) {
        m_report.skip("bad-interval", line.offset, line.length, reason, line.text);
    };
    const auto start = number(interval.start), length = number(interval.length), max = number(interval.max);
    if (!start || !length || *length < 0)
        return reject("the start or the length is no number of seconds");
    std::string problem;
    const std::optional<HdrCounts> counts = decodeHistogram(interval.histogram, problem);
    if (!counts)
        return reject(problem);
    LoadPhase phase;
    phase.kind = LoadPhase::Kind::Interval;
    phase.name = interval.tag;
    phase.startNs = startOf(*start, interval.start);
    phase.endNs = saturatingAdd(phase.startNs, nanos(interval.length, kNanosPerSecond).value_or(0));
    phase.requests = counts->total();
    if (*length > 0)
        phase.rate = double(*phase.requests) / *length;
    m_run.touch(phase.startNs);
    m_run.touch(phase.endNs);
    m_report.rowRead();
    if (!counts->buckets.empty() && setScale(*counts, max.value_or(0), line.offset)) {
        phaseOf(*counts, phase);
        phase.maxMs = double(counts->buckets.back().first) / m_perMilli;
        emitRows(interval, *counts, phase);
    } else if (!counts->buckets.empty()) {
        m_report.note(IssueSeverity::DataLoss, "unit-unknown", line.offset,
            "an interval before the first with a maximum above 0 has a count only: its unit is not known");
    }
    m_run.phase(std::move(phase));
}

void HistogramLog::emitRows(const Interval &interval, const HdrCounts &counts, const LoadPhase &phase)
{
    const std::array labels{Label{"tag", interval.tag}};
    const auto tags = std::span(labels).first(interval.tag.empty() ? 0 : 1);
    const SeriesRef ref = m_series.series({kDistribution, {}, "ms", tags, SeriesKind::Histogram});
    if (counts.buckets.size() > kMaxRows - m_rows) {
        m_report.note(IssueSeverity::DataLoss, "too-many-buckets", 0,
            "more than 50,000,000 buckets: the rest of the intervals has figures only");
    } else {
        m_rows += counts.buckets.size();
        for (const auto &[value, count] : counts.buckets)
            m_series.bucket(ref, phase.endNs, double(value) / m_perMilli, double(count));
    }
    if (phase.rate)
        m_series.rate(kRequestRate, interval.tag, phase.endNs, *phase.rate);
    const std::array<std::pair<std::string_view, std::optional<double>>, 4> times{
        {{"0.5", phase.p50Ms}, {"0.95", phase.p95Ms}, {"0.99", phase.p99Ms}, {"max", phase.maxMs}}};
    for (const auto &[quantile, value] : times) {
        if (value)
            m_series.responseTime(quantile, interval.tag, phase.endNs, *value);
    }
    auto all = m_all.find(interval.tag);
    if (all == m_all.end()) {
        if (m_all.size() >= kMaxTags)
            return m_report.note(IssueSeverity::DataLoss, "too-many-tags", 0,
                "more than 1,000 tags: the rest has no figures over the whole run");
        all = m_all.emplace(std::string(interval.tag), std::map<std::int64_t, std::int64_t>()).first;
    }
    for (const auto &[value, count] : counts.buckets) {
        const auto known = all->second.find(value);
        if (known != all->second.end()) {
            known->second = saturatingAdd(known->second, count);
        } else if (m_kept < kMaxBuckets) {
            all->second.emplace(value, count);
            ++m_kept;
        } else {
            return m_report.note(IssueSeverity::DataLoss, "too-many-values", 0,
                "more than 2,000,000 different values: figures over the whole run lack some");
        }
    }
}

void HistogramLog::finish()
{
    for (const auto &[tag, buckets] : m_all) {
        if (buckets.empty())
            continue;
        HdrCounts counts;
        counts.buckets.assign(buckets.begin(), buckets.end());
        // Tags may be different things, or the same one seen twice: they are not added up.
        const bool isOnly = m_all.size() == 1;
        LoadPhase phase;
        phase.kind = LoadPhase::Kind::Operation;
        phase.name = tag;
        LoadPhase &target = isOnly ? m_run.whole : phase;
        phaseOf(counts, target);
        target.requests = counts.total();
        target.maxMs = double(counts.buckets.back().first) / m_perMilli;
        const Nanos span = m_run.startNs == kUnknownNanos ? 0 : saturatingSub(m_run.endNs, m_run.startNs);
        if (span > 0)
            target.rate = double(*target.requests) * double(kNanosPerSecond) / double(span);
        if (!isOnly)
            m_run.phase(std::move(phase));
    }
    m_run.write(m_sink, m_report);
}

} // namespace

Result<void> HlogReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, "UTC"});
    HistogramLog log(sink, report);
    LineReader lines(source, kMaxLine);
    Line line;
    while (lines.next(line))
        log.take(line);
    TS_TRY(lines.result());
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no interval",
            "HistogramLogWriter writes start, length, maximum and histogram, one interval a line");
    log.finish();
    return {};
}

} // namespace tailscope::import::hdr
