// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/common/jsonrecord.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tailscope::import::otlp {

/// AnyValues nested deeper than this are written as an ellipsis.
inline constexpr int kMaxValueDepth = 32;

/// An id of N bytes: hexadecimal in any case (2 N digits; for a trace id also 16), or base64 as some
/// exporters write it. Otherwise it stays text. All bytes 0 means "none".
template<std::size_t N>
struct OtlpId
{
    enum class Form : std::uint8_t { None, Bytes, Text } form = Form::None;
    unsigned char bytes[N] = {};
    std::string_view text; ///< as written
};
using TraceId = OtlpId<16>;
using SpanId = OtlpId<8>;
TraceId parseTraceId(std::string_view text);
SpanId parseSpanId(std::string_view text);
/// Hexadecimal digits of the bytes, else the text.
std::string idText(const TraceId &id);
/// The key of a row; its text lives as long as the id's.
SpanKey spanKey(const SpanId &id);

/// A time stamp: decimal string or number, ns since 1970. 0 and absent are unknown.
struct OtlpTime
{
    Nanos ns = 0;
    bool known = false;
    bool clamped = false; ///< beyond int64
    bool bad = false; ///< not a number
};
OtlpTime parseTime(std::string_view text);

/// SpanKind and StatusCode as number, number in a string, or name ("SPAN_KIND_SERVER", "STATUS_CODE_ERROR").
SpanKind parseKind(std::string_view text);
SpanStatus parseStatus(std::string_view text);

/// Adds an array of KeyValue to `out`.
simdjson::error_code readAttributes(ondemand::value &value, JsonAttributes &out, JsonText &scratch);

/// SeverityNumber as number or name ("SEVERITY_NUMBER_WARN2"): 1..24, 0 = unknown.
std::int64_t parseSeverity(std::string_view text);

/// One AnyValue as attribute `key`, whose text must live as long as `out`.
simdjson::error_code readAnyValue(std::string_view key, ondemand::object &object, JsonAttributes &out,
    JsonText &scratch);

/// A scalar that may be null or of another type: then empty.
simdjson::error_code readText(ondemand::value &value, std::string_view &out);
/// The same as a count; 0 when it is none.
simdjson::error_code readCount(ondemand::value &value, std::int64_t &out);

/// Calls take(key, value) -> error_code for each field.
template<typename Take>
simdjson::error_code eachField(ondemand::object &object, Take &&take)
{
    for (auto item : object) {
        ondemand::field field;
        std::string_view key;
        if (auto error = readField(std::move(item), field, key))
            return error;
        if (auto error = take(key, field.value()))
            return error;
    }
    return simdjson::SUCCESS;
}

/// Calls take(object) -> error_code for each object of an array; other values, and what is no array, are
/// passed by.
template<typename Take>
simdjson::error_code eachObject(ondemand::value &value, Take &&take)
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
        if (valueStart(element) != '{')
            continue;
        ondemand::object object;
        if (auto error = element.get_object().get(object))
            return error;
        if (auto error = take(object))
            return error;
    }
    return simdjson::SUCCESS;
}

} // namespace tailscope::import::otlp
