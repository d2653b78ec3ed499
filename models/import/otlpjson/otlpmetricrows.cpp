// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpmetricrows.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

namespace tailscope::import::otlp {

namespace {

using Kind = MetricBuilder::Kind;
using Temporality = MetricBuilder::Temporality;

Kind kindOf(std::string_view key)
{
    struct Name
    {
        std::string_view key;
        Kind kind;
    };
    static constexpr std::array<Name, 7> kNames{{{"gauge", Kind::Gauge}, {"sum", Kind::Sum},
        {"histogram", Kind::Histogram}, {"exponentialHistogram", Kind::Exponential},
        {"exponential_histogram", Kind::Exponential}, {"summary", Kind::Summary}, {"intSum", Kind::Sum}}};
    for (const Name &name : kNames) {
        if (name.key == key)
            return name.kind;
    }
    return Kind::None;
}

bool isPoints(std::string_view key) { return key == "dataPoints" || key == "data_points"; }

std::optional<double> numberOf(std::string_view text)
{
    if (const std::optional<double> number = parseDouble(text))
        return number;
    // As protobuf writes them in JSON.
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (text == "NaN")
        return std::numeric_limits<double>::quiet_NaN();
    if (text == "Infinity" || text == "-Infinity")
        return text.front() == '-' ? -kInfinity : kInfinity;
    return std::nullopt;
}

simdjson::error_code readNumber(ondemand::value &value, double &out)
{
    std::string_view text;
    if (auto error = readText(value, text))
        return error;
    out = numberOf(text).value_or(std::numeric_limits<double>::quiet_NaN());
    return simdjson::SUCCESS;
}

simdjson::error_code readNumbers(ondemand::value &value, std::vector<double> &out)
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
        if (out.size() >= MetricBuilder::kMaxBuckets)
            return simdjson::CAPACITY;
        if (auto error = readNumber(element, out.emplace_back()))
            return error;
    }
    return simdjson::SUCCESS;
}

simdjson::error_code readTime(ondemand::value &value, OtlpTime &time)
{
    std::string_view text;
    const auto error = readText(value, text);
    time = parseTime(text);
    return error;
}

/// Calls take(key, value) for each member of an object; another value is passed by.
template<typename Take>
simdjson::error_code eachMember(ondemand::value &value, Take &&take)
{
    if (valueStart(value) != '{')
        return simdjson::SUCCESS;
    ondemand::object object;
    if (auto error = value.get_object().get(object))
        return error;
    return eachField(object, take);
}

} // namespace

simdjson::error_code OtlpMetricRows::readHeadField(std::string_view key, ondemand::value &value)
{
    MetricBuilder::Head &head = m_metric.head();
    if (key == "name")
        return readText(value, head.name);
    if (key == "unit")
        return readText(value, head.unit);
    const Kind kind = kindOf(key);
    if (kind == Kind::None || valueStart(value) != '{')
        return simdjson::SUCCESS;
    head.kind = kind;
    return eachMember(value, [&](std::string_view inner, ondemand::value &member) -> simdjson::error_code {
        if (inner == "isMonotonic" || inner == "is_monotonic") {
            std::string_view text;
            const auto error = readText(member, text);
            head.monotonic = text == "true";
            return error;
        }
        if (inner != "aggregationTemporality" && inner != "aggregation_temporality")
            return simdjson::SUCCESS;
        std::string_view text;
        const auto error = readText(member, text);
        head.temporality = text == "1" || text.ends_with("DELTA") ? Temporality::Delta
            : text == "2" || text.ends_with("CUMULATIVE")         ? Temporality::Cumulative
                                                                  : Temporality::Unknown;
        return error;
    });
}

simdjson::error_code OtlpMetricRows::readBuckets(ondemand::value &value, MetricBuilder::Buckets &buckets)
{
    return eachMember(value, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
        if (key == "offset") {
            // May be negative, unlike a count.
            std::string_view text;
            const auto error = readText(member, text);
            constexpr std::int64_t kMost = std::int64_t(1) << 31; // an sint32
            buckets.offset = std::clamp(parseInt64(text).value_or(0), -kMost, kMost);
            return error;
        }
        return key == "bucketCounts" || key == "bucket_counts" ? readNumbers(member, buckets.counts)
                                                               : simdjson::SUCCESS;
    });
}

simdjson::error_code OtlpMetricRows::readQuantiles(ondemand::value &value)
{
    return eachObject(value, [&](ondemand::object &object) {
        auto &[quantile, at] = m_metric.point().quantiles.emplace_back();
        double q = 0, v = 0;
        const auto error
            = eachField(object, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
                  if (key == "quantile")
                      return readNumber(member, q);
                  return key == "value" ? readNumber(member, v) : simdjson::SUCCESS;
              });
        quantile = q;
        at = v;
        return error;
    });
}

simdjson::error_code OtlpMetricRows::readPointField(std::string_view key, ondemand::value &value)
{
    MetricBuilder::Point &point = m_metric.point();
    if (key == "attributes")
        return readAttributes(value, m_metric.attributes(), m_scratch);
    if (key == "timeUnixNano" || key == "time_unix_nano")
        return readTime(value, point.time);
    if (key == "startTimeUnixNano" || key == "start_time_unix_nano")
        return readTime(value, point.start);
    if (key == "asDouble" || key == "asInt" || key == "as_double" || key == "as_int" || key == "value") {
        point.hasValue = true;
        return readNumber(value, point.value);
    }
    if (key == "count")
        return readNumber(value, point.count);
    if (key == "sum") {
        point.hasSum = true;
        return readNumber(value, point.sum);
    }
    if (key == "bucketCounts" || key == "bucket_counts")
        return readNumbers(value, point.counts);
    if (key == "explicitBounds" || key == "explicit_bounds")
        return readNumbers(value, point.bounds);
    if (key == "scale") {
        std::string_view text;
        const auto error = readText(value, text);
        point.scale = parseInt64(text).value_or(0);
        return error;
    }
    if (key == "zeroCount" || key == "zero_count")
        return readNumber(value, point.zeroCount);
    if (key == "zeroThreshold" || key == "zero_threshold")
        return readNumber(value, point.zeroThreshold);
    if (key == "positive")
        return readBuckets(value, point.positive);
    if (key == "negative")
        return readBuckets(value, point.negative);
    if (key == "quantileValues" || key == "quantile_values")
        return readQuantiles(value);
    return key == "flags" ? readCount(value, point.flags) : simdjson::SUCCESS;
}

void OtlpMetricRows::record(const Record &record, const Resource &resource, const Scope &scope)
{
    const auto bad = [&](simdjson::error_code error) {
        m_report.skip("malformed-metric", record.offset, record.bytes.size(), simdjson::error_message(error),
            record.bytes);
    };
    std::string name, unit;
    const auto head = m_parser.parse(record.bytes, record.hasEscape, [&](ondemand::object &object) {
        m_metric.head() = {};
        const auto error = eachField(object,
            [&](std::string_view key, ondemand::value &value) { return readHeadField(key, value); });
        name = utf8Prefix(m_metric.head().name, 8192);
        unit = utf8Prefix(m_metric.head().unit, 256);
        return error;
    });
    if (head != simdjson::SUCCESS)
        return bad(head);
    m_metric.head().name = name;
    m_metric.head().unit = unit;
    if (m_metric.head().kind == Kind::None) {
        m_report.skip("no-data", record.offset, record.bytes.size(),
            "the metric holds neither gauge, sum, histogram, exponentialHistogram nor summary", record.bytes);
        return;
    }
    const std::int64_t before = m_metric.points() + m_report.rowsSkipped();
    // Text at fault is visited once more when it is mended: points that were given are not given again.
    std::size_t given = 0, at = 0;
    const auto points = m_parser.parse(record.bytes, record.hasEscape, [&](ondemand::object &object) {
        at = 0;
        return eachField(object, [&](std::string_view key, ondemand::value &value) {
            if (kindOf(key) == Kind::None)
                return simdjson::SUCCESS;
            return eachMember(value, [&](std::string_view inner, ondemand::value &list) {
                if (!isPoints(inner))
                    return simdjson::SUCCESS;
                return eachObject(list, [&](ondemand::object &point) -> simdjson::error_code {
                    if (at++ < given)
                        return simdjson::SUCCESS;
                    m_metric.beginPoint();
                    const auto error = eachField(point, [&](std::string_view field, ondemand::value &member) {
                        return readPointField(field, member);
                    });
                    if (error == simdjson::SUCCESS) {
                        m_metric.endPoint(record, resource, scope);
                        ++given;
                    }
                    return error;
                });
            });
        });
    });
    if (points != simdjson::SUCCESS)
        bad(points);
    else if (m_metric.points() + m_report.rowsSkipped() == before)
        m_report.note(IssueSeverity::Info, "no-points", record.offset, "a metric has no point");
}

} // namespace tailscope::import::otlp
