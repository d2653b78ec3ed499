// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpvalues.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace tailscope::import::otlp {

namespace {

constexpr std::array<std::uint8_t, 256> makeHexDigits()
{
    std::array<std::uint8_t, 256> digits{};
    for (std::size_t c = 0; c < digits.size(); ++c)
        digits[c] = static_cast<std::uint8_t>(c >= '0' && c <= '9' ? c - '0'
                : c >= 'a' && c <= 'f'                             ? c - 'a' + 10
                : c >= 'A' && c <= 'F'                             ? c - 'A' + 10
                                                                   : 0xFF);
    return digits;
}

constexpr std::array<std::uint8_t, 256> kHexDigits = makeHexDigits();

bool decodeHex(std::string_view text, unsigned char *to)
{
    unsigned wrong = 0;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const unsigned high = kHexDigits[static_cast<unsigned char>(text[i])];
        const unsigned low = kHexDigits[static_cast<unsigned char>(text[i + 1])];
        wrong |= high | low;
        to[i / 2] = static_cast<unsigned char>(high << 4 | (low & 15));
    }
    return wrong < 16;
}

int base64Digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

/// Exactly `count` bytes of base64, with or without padding, of either alphabet.
bool decodeBase64(std::string_view text, unsigned char *to, std::size_t count)
{
    while (!text.empty() && text.back() == '=')
        text.remove_suffix(1);
    if (text.size() != (count * 8 + 5) / 6)
        return false;
    unsigned bits = 0;
    int have = 0;
    for (const char c : text) {
        const int digit = base64Digit(c);
        if (digit < 0)
            return false;
        bits = bits << 6 | static_cast<unsigned>(digit);
        have += 6;
        if (have >= 8) {
            have -= 8;
            *to++ = static_cast<unsigned char>(bits >> have & 0xFF);
        }
    }
    return true;
}

template<std::size_t N>
OtlpId<N> parseId(std::string_view text)
{
    using Form = typename OtlpId<N>::Form;
    OtlpId<N> id;
    id.text = text;
    if (text.empty())
        return id;
    bool decoded = false;
    if (text.size() == 2 * N)
        decoded = decodeHex(text, id.bytes);
    else if (N == 16 && text.size() == 16)
        decoded = decodeHex(text, id.bytes + N / 2);
    else
        decoded = decodeBase64(text, id.bytes, N);
    id.form = decoded ? Form::Bytes : Form::Text;
    if (decoded
        && std::all_of(std::begin(id.bytes), std::end(id.bytes), [](unsigned char b) { return b == 0; }))
        id.form = Form::None;
    return id;
}

/// One AnyValue as plain JSON. Depth is bounded by kMaxValueDepth, whatever the input nests.
simdjson::error_code writeValue(ondemand::object &object, JsonText &out, int depth);

simdjson::error_code writeArray(ondemand::object &holder, JsonText &out, int depth)
{
    out.startArray();
    const auto error = eachField(holder, [&](std::string_view key, ondemand::value &value) {
        if (key != "values")
            return simdjson::SUCCESS;
        return eachObject(value,
            [&](ondemand::object &element) { return writeValue(element, out, depth + 1); });
    });
    out.endArray();
    return error;
}

/// A value that came before its key, parsed on its own: going back in the parser is not safe in broken text.
simdjson::error_code writeHeld(std::string_view raw, JsonText &out, int depth)
{
    ondemand::parser parser;
    ondemand::document document;
    if (auto error
        = parser.iterate(raw.data(), raw.size(), raw.size() + simdjson::SIMDJSON_PADDING).get(document))
        return error;
    ondemand::object any;
    if (auto error = document.get_object().get(any))
        return error;
    return writeValue(any, out, depth);
}

simdjson::error_code writeKeyValue(ondemand::object &pair, JsonText &out, int depth)
{
    std::string_view name, held;
    bool named = false, written = false;
    const auto error
        = eachField(pair, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
              if (key == "key" && !named) {
                  named = true;
                  return readText(member, name);
              }
              if (key != "value" || written || valueStart(member) != '{')
                  return simdjson::SUCCESS;
              if (!named)
                  return readRaw(member, held);
              written = true;
              out.key(name);
              ondemand::object any;
              if (auto failure = member.get_object().get(any))
                  return failure;
              return writeValue(any, out, depth + 1);
          });
    if (error != simdjson::SUCCESS || written)
        return error;
    out.key(name);
    if (!held.empty())
        return writeHeld(held, out, depth + 1);
    out.null();
    return simdjson::SUCCESS;
}

simdjson::error_code writeList(ondemand::object &holder, JsonText &out, int depth)
{
    out.startObject();
    const auto error = eachField(holder, [&](std::string_view key, ondemand::value &value) {
        if (key != "values")
            return simdjson::SUCCESS;
        return eachObject(value, [&](ondemand::object &pair) { return writeKeyValue(pair, out, depth); });
    });
    out.endObject();
    return error;
}

simdjson::error_code writeContainer(std::string_view key, ondemand::value &value, JsonText &out, int depth)
{
    if (depth >= kMaxValueDepth || valueStart(value) != '{') {
        out.string("\xE2\x80\xA6");
        return simdjson::SUCCESS;
    }
    ondemand::object holder;
    if (auto error = value.get_object().get(holder))
        return error;
    return key == "arrayValue" ? writeArray(holder, out, depth) : writeList(holder, out, depth);
}

bool isContainerKey(std::string_view key) { return key == "arrayValue" || key == "kvlistValue"; }

/// Attribute of a scalar member of AnyValue.
Attribute valueAttribute(std::string_view kind, const JsonScalar &scalar)
{
    JsonScalar plain = scalar;
    // Integers and doubles come as strings too ("42", "NaN"); booleans do in the wild.
    if (kind == "intValue" || kind == "doubleValue" || kind == "boolValue")
        plain.isString = false;
    Attribute attribute = scalarAttribute({}, plain);
    if (kind == "doubleValue" && attribute.type == AttributeType::Integer) {
        attribute.type = AttributeType::Real;
        attribute.real = static_cast<double>(attribute.integer);
    }
    return attribute;
}

simdjson::error_code writeValue(ondemand::object &object, JsonText &out, int depth)
{
    bool written = false;
    const auto error
        = eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
              if (written)
                  return simdjson::SUCCESS;
              if (isContainerKey(key)) {
                  written = true;
                  return writeContainer(key, value, out, depth);
              }
              JsonScalar scalar;
              const auto failure = readScalar(value, scalar);
              if (failure != simdjson::SUCCESS)
                  return failure == simdjson::INCORRECT_TYPE ? simdjson::SUCCESS : failure;
              const Attribute attribute = valueAttribute(key, scalar);
              written = true;
              switch (attribute.type) {
              case AttributeType::Integer:
                  out.integer(attribute.integer);
                  break;
              case AttributeType::Real:
                  out.real(attribute.real);
                  break;
              case AttributeType::Boolean:
                  out.boolean(attribute.integer != 0);
                  break;
              case AttributeType::Null:
                  out.null();
                  break;
              default:
                  out.string(scalar.text);
                  break;
              }
              return simdjson::SUCCESS;
          });
    if (!written)
        out.null();
    return error;
}

std::string_view withoutPrefix(std::string_view text, std::string_view prefix)
{
    return startsWithNoCase(text, prefix) ? text.substr(prefix.size()) : text;
}

bool equalNoCase(std::string_view text, std::string_view other)
{
    return text.size() == other.size() && startsWithNoCase(text, other);
}

} // namespace

TraceId parseTraceId(std::string_view text) { return parseId<16>(text); }

SpanId parseSpanId(std::string_view text) { return parseId<8>(text); }

std::string idText(const TraceId &id)
{
    if (id.form != TraceId::Form::Bytes)
        return std::string(id.text);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : id.bytes)
        text.append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    return text;
}

SpanKey spanKey(const SpanId &id)
{
    SpanKey key;
    if (id.form == SpanId::Form::Bytes) {
        key.kind = SpanKey::Kind::Hex64;
        for (const unsigned char byte : id.bytes)
            key.hex = key.hex << 8 | byte;
    } else if (id.form == SpanId::Form::Text) {
        key.kind = SpanKey::Kind::Text;
        key.text = id.text;
    }
    return key;
}

OtlpTime parseTime(std::string_view text)
{
    OtlpTime time;
    if (text.empty())
        return time;
    const char *end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, time.ns);
    if (parsed.ptr != end || parsed.ec != std::errc()) {
        if (const auto scaled = parseScaledDecimal(text, 1)) {
            time.ns = *scaled;
        } else if (isJsonNumber(text)) {
            time.clamped = true;
            time.ns = text.front() == '-' ? std::numeric_limits<Nanos>::min() + 1
                                          : std::numeric_limits<Nanos>::max();
        } else {
            time.bad = true;
            time.ns = 0;
        }
    }
    if (time.ns == kUnknownNanos) {
        time.clamped = true;
        ++time.ns;
    }
    time.known = time.ns != 0;
    return time;
}

SpanKind parseKind(std::string_view text)
{
    static constexpr std::array<std::string_view, 6> names{"UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT",
        "PRODUCER", "CONSUMER"};
    static constexpr std::array<SpanKind, 6> kinds{SpanKind::Internal, SpanKind::Internal, SpanKind::Server,
        SpanKind::Client, SpanKind::Producer, SpanKind::Consumer};
    if (text.size() == 1 && text[0] >= '0' && text[0] <= '5')
        return kinds[static_cast<std::size_t>(text[0] - '0')];
    text = withoutPrefix(withoutPrefix(text, "SPAN_KIND_"), "SpanKind.");
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (equalNoCase(text, names[i]))
            return kinds[i];
    }
    return SpanKind::Internal;
}

SpanStatus parseStatus(std::string_view text)
{
    text = withoutPrefix(withoutPrefix(text, "STATUS_CODE_"), "StatusCode.");
    if (text == "2" || equalNoCase(text, "ERROR"))
        return SpanStatus::Error;
    return text == "1" || equalNoCase(text, "OK") ? SpanStatus::Ok : SpanStatus::Unset;
}

simdjson::error_code readAnyValue(std::string_view key, ondemand::object &object, JsonAttributes &out,
    JsonText &scratch)
{
    bool added = false;
    const auto error
        = eachField(object, [&](std::string_view kind, ondemand::value &value) -> simdjson::error_code {
              if (added)
                  return simdjson::SUCCESS;
              if (isContainerKey(kind)) {
                  scratch.clear();
                  const auto failure = writeContainer(kind, value, scratch, 0);
                  if (failure == simdjson::SUCCESS)
                      out.addJsonText(key, scratch);
                  added = true;
                  return failure;
              }
              JsonScalar scalar;
              const auto failure = readScalar(value, scalar);
              if (failure != simdjson::SUCCESS)
                  return failure == simdjson::INCORRECT_TYPE ? simdjson::SUCCESS : failure;
              added = true;
              Attribute attribute = valueAttribute(kind, scalar);
              attribute.key = key;
              out.append(attribute);
              return simdjson::SUCCESS;
          });
    if (!added)
        out.addNull(key);
    return error;
}

std::int64_t parseSeverity(std::string_view text)
{
    if (const auto number = parseInt64(text))
        return *number >= 1 && *number <= 24 ? *number : 0;
    text = withoutPrefix(text, "SEVERITY_NUMBER_");
    static constexpr std::array<std::string_view, 6> names{"TRACE", "DEBUG", "INFO", "WARN", "ERROR",
        "FATAL"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!startsWithNoCase(text, names[i]))
            continue;
        const std::int64_t step = parseInt64(text.substr(names[i].size())).value_or(1);
        return static_cast<std::int64_t>(i) * 4 + (step >= 1 && step <= 4 ? step : 1);
    }
    return 0;
}

simdjson::error_code readText(ondemand::value &value, std::string_view &out)
{
    JsonScalar scalar;
    const auto error = readScalar(value, scalar);
    if (error == simdjson::INCORRECT_TYPE
        || (error == simdjson::SUCCESS && !scalar.isString && scalar.text == "null")) {
        out = {};
        return simdjson::SUCCESS;
    }
    out = scalar.text;
    return error;
}

simdjson::error_code readCount(ondemand::value &value, std::int64_t &out)
{
    std::string_view text;
    const auto error = readText(value, text);
    out = parseInt64(text).value_or(0);
    return error;
}

simdjson::error_code readAttributes(ondemand::value &value, JsonAttributes &out, JsonText &scratch)
{
    return eachObject(value, [&](ondemand::object &pair) {
        std::string_view name;
        const std::size_t before = out.size();
        const auto error
            = eachField(pair, [&](std::string_view key, ondemand::value &member) -> simdjson::error_code {
                  if (key == "key")
                      return readText(member, name);
                  if (key != "value" || out.size() > before)
                      return simdjson::SUCCESS;
                  if (valueStart(member) != '{') {
                      out.addNull(name);
                      return simdjson::SUCCESS;
                  }
                  ondemand::object any;
                  if (auto failure = member.get_object().get(any))
                      return failure;
                  return readAnyValue(name, any, out, scratch);
              });
        if (out.size() == before)
            out.addNull(name);
        else
            out.setLastKey(name);
        return error;
    });
}

} // namespace tailscope::import::otlp
