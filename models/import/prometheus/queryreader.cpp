// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/prometheus/queryreader.h"

#include "base/text.h"
#include "import/prometheus/expositionline.h"

#include <limits>

namespace tailscope::import::prometheus {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// File name without folder and ending: what a series without a name is called.
std::string stemOf(const std::string &path)
{
    std::string name = path.substr(path.find_last_of('/') + 1);
    name = name.substr(0, name.find('.'));
    return name.empty() || name == "standard input" ? "query" : name;
}

} // namespace

Result<void> QueryReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::Metrics, ClockKind::Utc, "UTC"});
    JsonPull pull(source);
    MetricRows rows(sink, report);
    m_pull = &pull;
    m_rows = &rows;
    m_report = &report;
    m_fallback = stemOf(source.name());
    readDocument();
    m_histograms.finish(rows, report);
    rows.finish();
    if (!m_error.empty() && m_points == 0)
        return fail(Error{ErrorCode::BadInput, source.name(), "the server answered: " + m_error, std::nullopt,
            "Export the answer of a query that succeeds."});
    return finishDocument(pull, source, m_found, "it holds no \"result\" of a query and no data frame",
        "Export /api/v1/query_range?query=...&start=...&end=...&step=...", report);
}

void QueryReader::readDocument()
{
    const Token first = m_pull->next();
    if (first == Token::ArrayStart) {
        readResult();
        return;
    }
    if (first != Token::ObjectStart)
        return;
    while (m_pull->next() == Token::Key)
        readMember(std::string(m_pull->text()));
    if (m_status == "error" && m_error.empty())
        m_error = "error";
}

void QueryReader::readMember(const std::string &key)
{
    if (key == "status" || key == "error") {
        if (m_pull->next() == Token::String)
            (key == "error" ? m_error : m_status) = m_pull->text();
        else
            m_pull->skip();
        return;
    }
    if (key == "data" || key == "results") {
        const Token token = m_pull->next();
        if (token == Token::ObjectStart && key == "data")
            readData();
        else if (token == Token::ObjectStart)
            readFrames();
        else if (token == Token::ArrayStart && key == "data")
            readResult();
        else
            m_pull->skip();
        return;
    }
    if (key == "result" && m_pull->next() == Token::ArrayStart) {
        readResult();
        return;
    }
    if (m_pull->token() == Token::Key || m_pull->token() == Token::ObjectStart
        || m_pull->token() == Token::ArrayStart)
        m_pull->skip();
}

void QueryReader::readData()
{
    while (m_pull->next() == Token::Key) {
        if (m_pull->text() != "result") {
            m_pull->skip();
            continue;
        }
        if (m_pull->next() == Token::ArrayStart)
            readResult();
        else
            m_pull->skip();
    }
}

/// Behind "[": series, or the pair of a scalar.
void QueryReader::readResult()
{
    m_found = true;
    const std::size_t depth = m_pull->depth();
    Point scalar;
    int at = 0;
    while (inside(depth)) {
        const Token token = m_pull->next();
        if (token == Token::ObjectStart) {
            readSeries();
        } else if (token == Token::ArrayStart) {
            m_pull->skip();
        } else if (token == Token::Number && at == 0) {
            at = 1;
            scalar.offset = m_pull->offset();
            scalar.tsNs = parseScaledDecimal(m_pull->text(), kNanosPerSecond).value_or(0);
        } else if (token == Token::String && at == 1) {
            at = 2;
            scalar.value = parseMetricValue(m_pull->text()).value_or(kNaN);
            m_labels.clear();
            m_name.clear();
            m_named = true;
            beginSeries();
            takePoint(scalar);
        } else if (token == Token::ArrayEnd || token == Token::End) {
            return;
        }
    }
}

void QueryReader::readLabels(std::vector<std::pair<std::string, std::string>> &labels)
{
    while (m_pull->next() == Token::Key) {
        std::string key(m_pull->text());
        const Token token = m_pull->next();
        if (token == Token::ObjectStart || token == Token::ArrayStart)
            m_pull->skip();
        else if (labels.size() < kMaxLabels)
            labels.emplace_back(std::move(key), std::string(m_pull->text()));
    }
}

/// Behind "{" of {"metric": {...}, "values": [[time, "value"], ...]}.
void QueryReader::readSeries()
{
    m_labels.clear();
    m_waiting.clear();
    m_name.clear();
    m_unit.clear();
    m_named = m_bucket = false;
    m_series = nullptr;
    while (m_pull->next() == Token::Key) {
        const std::string key(m_pull->text());
        const Token token = m_pull->next();
        if (key == "metric" && token == Token::ObjectStart) {
            readLabels(m_labels);
            m_named = true;
            beginSeries();
        } else if (key == "values" && token == Token::ArrayStart) {
            readValues();
        } else if (key == "value" && token == Token::ArrayStart) {
            readPoint();
        } else {
            if (key == "histograms" || key == "histogram")
                m_report->note(IssueSeverity::DataLoss, "native-histogram", m_pull->offset(),
                    "native histograms of a query are not read: ask for histogram_quantile() or classic "
                    "buckets");
            m_pull->skip();
        }
    }
    if (!m_named)
        beginSeries();
}

void QueryReader::beginSeries()
{
    std::vector<MetricLabel> labels;
    for (const auto &[key, value] : m_labels) {
        if (key == "__name__")
            m_name = value;
        else
            labels.push_back({key, value});
    }
    MetricSample sample;
    sample.name = m_name.empty() ? std::string_view(m_fallback) : std::string_view(m_name);
    sample.labels = labels;
    sample.unit = m_unit;
    sample.offset = m_pull->offset();
    m_bucket = m_histograms.begin(sample.name, labels, sample.offset, *m_report);
    if (!m_bucket)
        m_series = &m_rows->open(sample);
    m_named = true;
    for (const Point &point : m_waiting)
        takePoint(point);
    m_waiting.clear();
}

void QueryReader::takePoint(const Point &point)
{
    if (!m_named) {
        if (m_waiting.size() < kMaxWaiting)
            m_waiting.push_back(point);
        else
            m_report->note(IssueSeverity::DataLoss, "labels-after-points", point.offset,
                "points that came before the labels of their series were left out past 1,000,000");
        return;
    }
    ++m_points;
    m_report->rowRead();
    if (m_bucket)
        m_histograms.point(point.tsNs, point.value, point.offset, *m_report);
    else
        m_rows->value(*m_series, point.tsNs, point.value, point.offset);
}

void QueryReader::readValues()
{
    const std::size_t depth = m_pull->depth();
    while (inside(depth)) {
        const Token token = m_pull->next();
        if (token == Token::ArrayStart)
            readPoint();
        else if (token == Token::ObjectStart)
            m_pull->skip();
        else if (token == Token::ArrayEnd || token == Token::End)
            return;
    }
}

/// Behind "[" of [1772452800.5, "17"].
void QueryReader::readPoint()
{
    const std::size_t depth = m_pull->depth();
    Point point;
    point.offset = m_pull->offset();
    std::optional<Nanos> time;
    std::optional<double> value;
    int at = 0;
    while (inside(depth)) {
        const Token token = m_pull->next();
        if (token == Token::ArrayEnd || token == Token::End)
            break;
        if (token == Token::ArrayStart || token == Token::ObjectStart) {
            m_pull->skip();
        } else if (at == 0) {
            time = parseScaledDecimal(m_pull->text(), kNanosPerSecond);
        } else if (at == 1) {
            value = m_pull->text() == "null" ? kNaN : parseMetricValue(m_pull->text());
        }
        ++at;
    }
    if (m_pull->failed())
        return;
    if (!time || !value) {
        m_report->skip("bad-point", point.offset, 0, "a point is not of the form [time, \"value\"]", {});
        return;
    }
    point.tsNs = *time;
    point.value = *value;
    takePoint(point);
}

/// Behind "{" of {"A": {"frames": [...]}}.
void QueryReader::readFrames()
{
    while (m_pull->next() == Token::Key) {
        if (m_pull->next() != Token::ObjectStart) {
            m_pull->skip();
            continue;
        }
        while (m_pull->next() == Token::Key) {
            const bool frames = m_pull->text() == "frames";
            if (m_pull->next() != Token::ArrayStart || !frames) {
                m_pull->skip();
                continue;
            }
            m_found = true;
            const std::size_t depth = m_pull->depth();
            while (inside(depth)) {
                const Token token = m_pull->next();
                if (token == Token::ObjectStart)
                    readFrame();
                else if (token == Token::ArrayEnd || token == Token::End)
                    break;
            }
        }
    }
}

void QueryReader::readFrame()
{
    std::vector<Field> fields;
    while (m_pull->next() == Token::Key) {
        const std::string key(m_pull->text());
        const Token token = m_pull->next();
        if (token != Token::ObjectStart || (key != "schema" && key != "data")) {
            m_pull->skip();
            continue;
        }
        while (m_pull->next() == Token::Key) {
            const std::string inner(m_pull->text());
            const bool list = m_pull->next() == Token::ArrayStart;
            if (list && key == "schema" && inner == "fields")
                readFields(fields);
            else if (list && key == "data" && inner == "values" && !fields.empty())
                readColumns(fields);
            else if (list && key == "data" && inner == "values") {
                m_report->note(IssueSeverity::DataLoss, "data-before-schema", m_pull->offset(),
                    "the values of a data frame stand before its fields and were left out");
                m_pull->skip();
            } else
                m_pull->skip();
        }
    }
}

void QueryReader::readFields(std::vector<Field> &fields)
{
    const std::size_t depth = m_pull->depth();
    while (inside(depth)) {
        const Token token = m_pull->next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        if (token != Token::ObjectStart)
            continue;
        Field field;
        while (m_pull->next() == Token::Key) {
            const std::string key(m_pull->text());
            const Token inner = m_pull->next();
            if (key == "labels" && inner == Token::ObjectStart) {
                readLabels(field.labels);
            } else if (key == "config" && inner == Token::ObjectStart) {
                std::vector<std::pair<std::string, std::string>> config;
                readLabels(config);
                for (const auto &[name, value] : config) {
                    if (name == "unit")
                        field.unit = value;
                    else if (name == "displayNameFromDS" && field.name == "Value")
                        field.name = value;
                }
            } else if (inner == Token::String && (key == "name" || key == "type")) {
                (key == "name" ? field.name : field.type) = m_pull->text();
            } else {
                m_pull->skip();
            }
        }
        if (fields.size() < kMaxLabels)
            fields.push_back(std::move(field));
    }
}

/// Behind "[" of the columns of a frame: times in milliseconds, then values.
void QueryReader::readColumns(const std::vector<Field> &fields)
{
    std::vector<Nanos> times;
    std::size_t column = 0;
    const std::size_t depth = m_pull->depth();
    while (inside(depth)) {
        const Token token = m_pull->next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        if (token != Token::ArrayStart)
            continue;
        const Field *field = column < fields.size() ? &fields[column] : nullptr;
        ++column;
        const bool isTime = field != nullptr && field->type == "time" && times.empty();
        if (field == nullptr || (!isTime && field->type != "number")) {
            m_pull->skip();
            continue;
        }
        if (!isTime) {
            m_labels = field->labels;
            m_labels.emplace_back("__name__", field->name);
            m_unit = field->unit;
            m_name.clear();
            beginSeries();
        }
        std::size_t row = 0;
        const std::size_t inner = m_pull->depth();
        while (inside(inner)) {
            const Token value = m_pull->next();
            if (value == Token::ArrayEnd || value == Token::End)
                break;
            if (value == Token::ArrayStart || value == Token::ObjectStart) {
                m_pull->skip();
            } else if (isTime) {
                if (times.size() < kMaxFrameRows)
                    times.push_back(
                        parseScaledDecimal(m_pull->text(), kNanosPerMilli).value_or(kUnknownNanos));
            } else if (row < times.size() && times[row] != kUnknownNanos) {
                takePoint({times[row], parseMetricValue(m_pull->text()).value_or(kNaN), m_pull->offset()});
            } else {
                m_report->note(IssueSeverity::DataLoss, "value-without-time", m_pull->offset(),
                    "values of a data frame that have no time, or lie past 8,000,000 rows, were left out");
            }
            ++row;
        }
    }
}

} // namespace tailscope::import::prometheus
