// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/cloudwatch/cloudwatch.h"

#include "base/text.h"
#include "import/common/jsonkeys.h"
#include "import/common/jsonpull.h"
#include "import/metrics/metricrows.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "cloudwatch",
    "Amazon CloudWatch metric data (JSON)",
    "*.json",
    SourceKind::Metrics,
    "Printed by aws cloudwatch get-metric-data and get-metric-statistics.",
};
/// Points of one series that wait to be sorted: answers are newest first.
constexpr std::size_t kMaxPoints = 2'000'000;

using Token = JsonPull::Token;

class CloudWatchReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    struct Point
    {
        Nanos tsNs = 0;
        double value = 0;
        std::uint64_t offset = 0;
    };
    struct Series
    {
        std::string id, label, unit, status;
        std::vector<std::optional<Nanos>> times;
        std::vector<std::pair<double, std::uint64_t>> values;
    };
    bool inside(std::size_t depth) const { return m_pull->depth() >= depth && !m_pull->failed(); }
    void readResults();
    void readSeries();
    void readDatapoints(const std::string &label);
    void readDatapoint(std::map<std::string, std::vector<Point>> &statistics, std::string &unit);
    void emit(const std::string &name, const std::vector<MetricLabel> &labels, const std::string &unit,
        std::vector<Point> &points);
    std::optional<Nanos> timeOf(std::string_view text) const;

    JsonPull *m_pull = nullptr;
    MetricRows *m_rows = nullptr;
    ImportReport *m_report = nullptr;
    bool m_found = false;
};

/// RFC 3339, or seconds since 1970 as older versions of the tool print.
std::optional<Nanos> CloudWatchReader::timeOf(std::string_view text) const
{
    if (const auto time = parseTimestamp(text))
        return time->ns;
    return parseScaledDecimal(text, kNanosPerSecond);
}

void CloudWatchReader::emit(const std::string &name, const std::vector<MetricLabel> &labels,
    const std::string &unit, std::vector<Point> &points)
{
    std::stable_sort(points.begin(), points.end(),
        [](const Point &a, const Point &b) { return a.tsNs < b.tsNs; });
    MetricSample sample;
    sample.name = name.empty() ? std::string_view("metric") : std::string_view(name);
    sample.labels = labels;
    sample.unit = unit == "None" || unit == "Count" ? std::string_view() : std::string_view(unit);
    sample.kind = SeriesKind::Gauge;
    MetricRows::Series &series = m_rows->open(sample);
    for (const Point &point : points)
        m_rows->value(series, point.tsNs, point.value, point.offset);
    m_report->rowRead(static_cast<std::int64_t>(points.size()));
}

/// Behind "{" of {"Id", "Label", "Timestamps": [...], "Values": [...], "StatusCode"}.
void CloudWatchReader::readSeries()
{
    Series series;
    const std::uint64_t start = m_pull->offset();
    bool tooMany = false;
    while (m_pull->next() == Token::Key) {
        const std::string key(m_pull->text());
        const Token token = m_pull->next();
        if (token == Token::String && key == "Id") {
            series.id = m_pull->text();
        } else if (token == Token::String && key == "Label") {
            series.label = m_pull->text();
        } else if (token == Token::String && key == "StatusCode") {
            series.status = m_pull->text();
        } else if (token == Token::ArrayStart && (key == "Timestamps" || key == "Values")) {
            const std::size_t depth = m_pull->depth();
            while (inside(depth)) {
                const Token element = m_pull->next();
                if (element == Token::ArrayEnd || element == Token::End)
                    break;
                if (element == Token::ObjectStart || element == Token::ArrayStart)
                    m_pull->skip();
                else if (key == "Timestamps" && series.times.size() < kMaxPoints)
                    series.times.push_back(timeOf(m_pull->text()));
                else if (key == "Values" && series.values.size() < kMaxPoints)
                    series.values.emplace_back(
                        parseDouble(m_pull->text()).value_or(std::numeric_limits<double>::quiet_NaN()),
                        m_pull->offset());
                else
                    tooMany = true;
            }
        } else {
            m_pull->skip();
        }
    }
    if (tooMany)
        m_report->note(IssueSeverity::DataLoss, "too-many-points", start,
            "a series has more than 2,000,000 points: the others were left out");
    if (series.status == "PartialData" || series.status == "InternalError")
        m_report->note(IssueSeverity::DataLoss, "partial-data", start,
            "CloudWatch says that a series is not complete: " + series.status);
    if (series.times.size() != series.values.size())
        m_report->note(IssueSeverity::DataLoss, "uneven-series", start,
            "a series has not as many times as values: the rest was left out");
    std::vector<Point> points;
    for (std::size_t i = 0; i < std::min(series.times.size(), series.values.size()); ++i) {
        if (series.times[i])
            points.push_back({*series.times[i], series.values[i].first, series.values[i].second});
        else
            m_report->skip("bad-time", series.values[i].second, 0, "a time is neither a date nor seconds",
                {});
    }
    emit(series.label.empty() ? series.id : series.label, {{"id", series.id}}, {}, points);
}

void CloudWatchReader::readDatapoint(std::map<std::string, std::vector<Point>> &statistics, std::string &unit)
{
    std::optional<Nanos> time;
    std::vector<std::pair<std::string, Point>> values;
    const std::uint64_t start = m_pull->offset();
    while (m_pull->next() == Token::Key) {
        const std::string key(m_pull->text());
        const Token token = m_pull->next();
        if (key == "Timestamp")
            time = timeOf(m_pull->text());
        else if (key == "Unit" && token == Token::String)
            unit = m_pull->text();
        else if (token == Token::Number && values.size() < 64)
            values.push_back({key, Point{0, parseDouble(m_pull->text()).value_or(0), m_pull->offset()}});
        else
            m_pull->skip();
    }
    if (!time) {
        m_report->skip("bad-time", start, 0, "a data point has no time", {});
        return;
    }
    for (auto &[statistic, point] : values) {
        point.tsNs = *time;
        std::vector<Point> &points = statistics[statistic];
        if (points.size() < kMaxPoints)
            points.push_back(point);
    }
}

/// Behind "[" of the data points of get-metric-statistics: one series a statistic.
void CloudWatchReader::readDatapoints(const std::string &label)
{
    m_found = true;
    std::map<std::string, std::vector<Point>> statistics;
    std::string unit;
    const std::size_t depth = m_pull->depth();
    while (inside(depth)) {
        const Token token = m_pull->next();
        if (token == Token::ObjectStart)
            readDatapoint(statistics, unit);
        else if (token == Token::ArrayEnd || token == Token::End)
            break;
    }
    for (auto &[statistic, points] : statistics)
        emit(label, {{"statistic", statistic}}, statistic == "SampleCount" ? std::string() : unit, points);
}

void CloudWatchReader::readResults()
{
    m_found = true;
    const std::size_t depth = m_pull->depth();
    while (inside(depth)) {
        const Token token = m_pull->next();
        if (token == Token::ObjectStart)
            readSeries();
        else if (token == Token::ArrayEnd || token == Token::End)
            break;
    }
}

Result<void> CloudWatchReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::Metrics, ClockKind::Utc, "UTC"});
    JsonPull pull(source);
    MetricRows rows(sink, report);
    m_pull = &pull;
    m_rows = &rows;
    m_report = &report;
    std::string label = "metric";
    if (pull.next() == Token::ObjectStart) {
        while (pull.next() == Token::Key) {
            const std::string key(pull.text());
            const Token token = pull.next();
            if (key == "MetricDataResults" && token == Token::ArrayStart)
                readResults();
            else if (key == "Datapoints" && token == Token::ArrayStart)
                readDatapoints(label);
            else if (key == "Label" && token == Token::String)
                label = pull.text();
            else if (key == "NextToken" && token == Token::String)
                report.note(IssueSeverity::Notice, "more-pages", pull.offset(),
                    "the answer goes on in another page (NextToken) that is not in this file");
            else
                pull.skip();
        }
    }
    rows.finish();
    return finishDocument(pull, source, m_found, "it has neither \"MetricDataResults\" nor \"Datapoints\"",
        "Import the output of: aws cloudwatch get-metric-data --output json", report);
}

class CloudWatchImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<CloudWatchReader>();
    }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (firstSignificant(prefix) != '{')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool points = false;
        while (scan.next(key)) {
            if (key.name == "MetricDataResults" && key.depth == 1 && key.valueStart == '[')
                return Confidence::Strong;
            points |= key.name == "Datapoints" && key.depth == 1 && key.valueStart == '[';
            if (points && key.name == "Timestamp")
                return Confidence::Strong;
        }
        return Confidence::No;
    }
};

} // namespace

const Importer &cloudWatchImporter()
{
    static const CloudWatchImporter importer;
    return importer;
}

} // namespace tailscope::import
