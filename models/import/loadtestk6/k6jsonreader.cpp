// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestk6/k6jsonreader.h"

#include "base/text.h"
#include "import/common/jsonwalk.h"
#include "import/otlpjson/otlpvalues.h"

namespace tailscope::import::k6 {

void JsonTags::read(std::string_view raw, Tags &out)
{
    if (raw.empty() || raw.front() != '{')
        return;
    m_padded.assign(raw);
    const std::size_t length = m_padded.size();
    m_padded.reserve(length + JsonFramer::kPadding);
    const auto error = m_parser.parse(std::string_view(m_padded.data(), length),
        raw.find('\\') != std::string_view::npos, [&out](ondemand::object &object) {
            out.clear();
            return otlp::eachField(object, [&out](std::string_view key, ondemand::value &value) {
                const char start = valueStart(value);
                if (start == '{' || start == '[')
                    return simdjson::SUCCESS;
                JsonScalar scalar;
                const auto fault = readScalar(value, scalar);
                if (fault == simdjson::SUCCESS && (scalar.isString || scalar.text != "null"))
                    out.emplace_back(key, scalar.text);
                return fault;
            });
        });
    if (error != simdjson::SUCCESS)
        out.clear();
}

Result<void> K6JsonReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    using Step = JsonWalk::Step;
    TS_TRY(m_time.check(source.name()));
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, "UTC"});
    JsonTags tags;
    K6Rows rows(sink, report, [&tags](std::string_view raw, Tags &out) { tags.read(raw, out); });
    JsonWalk walk(source, report);
    bool more = true;
    while (more) {
        const int c = walk.framer().peekPast(',');
        if (c == -1)
            break;
        walk.beginDocument();
        Step step = Step::Broken;
        if (c == '{') {
            JsonFramer::Record record;
            step = walk.record(record, "sample");
            if (step == Step::Done)
                takeRecord(record, rows, report);
        }
        more = walk.endDocument(step, report.rowsRead(), "samples");
    }
    if (walk.framer().error())
        return fail(*walk.framer().error());
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no sample",
            "k6 run --out json=FILE writes one object a line, with type, metric and data");
    rows.finish();
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, m_time.timezone()});
    return {};
}

void K6JsonReader::takeRecord(const JsonFramer::Record &record, K6Rows &rows, ImportReport &report)
{
    const auto reject = [&](std::string_view kind, std::string_view reason) {
        report.skip(kind, record.offset, record.bytes.size(), reason, record.bytes);
    };
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [this](ondemand::object &object) {
        m_object = {};
        m_thresholds.clear();
        return readObject(object);
    });
    if (error != simdjson::SUCCESS)
        return reject("malformed-sample", simdjson::error_message(error));
    if (m_object.type == "Metric") {
        const std::string_view name = m_object.metric.empty() ? m_object.name : m_object.metric;
        rows.declare(name, m_object.metricType, m_object.contains);
        for (const std::string &threshold : m_thresholds)
            rows.threshold(name, threshold);
        return report.rowRead();
    }
    if (m_object.type != "Point")
        return reject("unknown-type", "the type is neither Metric nor Point");
    if (m_object.metric.empty())
        return reject("no-metric", "the point names no metric");
    const std::optional<Nanos> ns = timeOf(record.offset, report);
    if (!ns)
        return reject("bad-time", "the time is no date");
    Sample sample;
    // NaN is written as a string by some encoders, and as null by others.
    const std::optional<double> value = m_object.hasValue ? parseDouble(m_object.value.text) : std::nullopt;
    if (!value)
        return reject("no-value", "the value is no number");
    sample.metric = m_object.metric;
    sample.ns = *ns;
    sample.value = *value;
    sample.rawTags = m_object.rawTags;
    sample.offset = record.offset;
    rows.sample(sample);
    report.rowRead();
    if (m_parser.repaired())
        report.note(IssueSeverity::Notice, "repaired-text", record.offset,
            "text that is not valid JSON or UTF-8 was mended");
}

/// The nine samples of a request have one time.
std::optional<Nanos> K6JsonReader::timeOf(std::uint64_t offset, ImportReport &report)
{
    if (!m_lastTime.empty() && m_object.time == m_lastTime)
        return m_lastNs;
    const std::optional<TimeText::Time> time = m_time.parse(m_object.time, offset, report);
    if (!time)
        return std::nullopt;
    m_lastTime = m_object.time;
    m_lastNs = time->ns;
    return time->ns;
}

simdjson::error_code K6JsonReader::readObject(ondemand::object &object)
{
    return otlp::eachField(object, [this](std::string_view key, ondemand::value &value) {
        if (key == "type")
            return otlp::readText(value, m_object.type);
        if (key == "metric")
            return otlp::readText(value, m_object.metric);
        if (key != "data" || valueStart(value) != '{')
            return simdjson::SUCCESS;
        ondemand::object data;
        const auto error = value.get_object().get(data);
        return error != simdjson::SUCCESS ? error : readData(data);
    });
}

simdjson::error_code K6JsonReader::readData(ondemand::object &object)
{
    return otlp::eachField(object, [this](std::string_view key, ondemand::value &value) {
        if (key == "time")
            return otlp::readText(value, m_object.time);
        if (key == "name")
            return otlp::readText(value, m_object.name);
        if (key == "type")
            return otlp::readText(value, m_object.metricType);
        if (key == "contains")
            return otlp::readText(value, m_object.contains);
        if (key == "thresholds")
            return readThresholds(value);
        if (key == "tags" && valueStart(value) == '{')
            return readRaw(value, m_object.rawTags);
        if (key == "value") {
            const char start = valueStart(value);
            if (start == '{' || start == '[')
                return simdjson::SUCCESS;
            m_object.hasValue = true;
            return readScalar(value, m_object.value);
        }
        return simdjson::SUCCESS;
    });
}

/// An array of expressions; older versions write objects, whose "source" is the expression.
simdjson::error_code K6JsonReader::readThresholds(ondemand::value &value)
{
    if (valueStart(value) != '[')
        return simdjson::SUCCESS;
    ondemand::array array;
    if (auto error = value.get_array().get(array))
        return error;
    for (auto item : array) {
        ondemand::value element;
        if (auto error = std::move(item).get(element))
            return error;
        std::string_view text;
        if (valueStart(element) == '"') {
            if (auto error = otlp::readText(element, text))
                return error;
        } else if (valueStart(element) == '{') {
            ondemand::object object;
            if (auto error = element.get_object().get(object))
                return error;
            const auto error
                = otlp::eachField(object, [&text](std::string_view key, ondemand::value &member) {
                      return key == "source" ? otlp::readText(member, text) : simdjson::SUCCESS;
                  });
            if (error)
                return error;
        }
        if (!text.empty())
            m_thresholds.emplace_back(text);
    }
    return simdjson::SUCCESS;
}

} // namespace tailscope::import::k6
