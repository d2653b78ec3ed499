// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/jaegerjson/jaegervalues.h"

#include "base/text.h"
#include "import/otlpjson/otlpvalues.h"

#include <array>

namespace tailscope::import::jaeger {

namespace {

bool isBoolType(std::string_view type) { return type == "bool" || type == "BOOL"; }
bool isIntegerType(std::string_view type) { return type == "int64" || type == "INT64"; }
bool isRealType(std::string_view type) { return type == "float64" || type == "FLOAT64"; }

/// The storage model leaves out a value that is its type's zero.
void addZero(std::string_view key, std::string_view type, JsonAttributes &out)
{
    if (isBoolType(type))
        out.addBoolean(key, false);
    else if (isIntegerType(type))
        out.addInteger(key, 0);
    else if (isRealType(type))
        out.addReal(key, 0);
    else
        out.addText(key, {});
}

} // namespace

std::optional<Nanos> parseStart(std::string_view text)
{
    if (const auto ns = parseScaledDecimal(text, kNanosPerMicro))
        return ns != kUnknownNanos ? ns : std::nullopt;
    if (isJsonNumber(text))
        return std::nullopt;
    const std::optional<ParsedTime> time = parseTimestamp(text);
    return time ? std::optional<Nanos>(time->ns) : std::nullopt;
}

std::optional<Nanos> parseLength(std::string_view text)
{
    struct Unit
    {
        std::string_view suffix;
        Nanos ns;
    };
    // Longer suffixes first: "ns" ends in "s".
    static constexpr std::array<Unit, 5> units{{{"ns", 1}, {"us", kNanosPerMicro},
        {"\xC2\xB5s", kNanosPerMicro}, {"ms", kNanosPerMilli}, {"s", kNanosPerSecond}}};
    Nanos scale = kNanosPerMicro;
    for (const Unit &unit : units) {
        if (text.ends_with(unit.suffix)) {
            scale = unit.ns;
            text.remove_suffix(unit.suffix.size());
            break;
        }
    }
    const auto ns = parseScaledDecimal(text, scale);
    return ns != kUnknownNanos ? ns : std::nullopt;
}

simdjson::error_code readTag(ondemand::object &object, JsonAttributes &out)
{
    std::string_view name, type;
    JsonScalar scalar;
    bool isScalar = false, isModel = false;
    const std::size_t before = out.size();
    const auto error
        = otlp::eachField(object, [&](std::string_view key, ondemand::value &value) -> simdjson::error_code {
              if (key == "key")
                  return otlp::readText(value, name);
              if (key == "type" || key == "vType") {
                  isModel |= key == "vType";
                  return otlp::readText(value, type);
              }
              const bool isValue = key == "value" || (key.size() > 1 && key.front() == 'v');
              if (!isValue || isScalar || out.size() > before)
                  return simdjson::SUCCESS;
              isModel |= key != "value";
              if (valueStart(value) == '{' || valueStart(value) == '[')
                  return out.add({}, value);
              isScalar = true;
              return readScalar(value, scalar);
          });
    if (error != simdjson::SUCCESS)
        return error;
    if (isScalar) {
        const bool isText = scalar.isString && !isBoolType(type) && !isIntegerType(type) && !isRealType(type);
        scalar.isString = isText;
        Attribute attribute = scalarAttribute(name, scalar);
        if (isRealType(type) && attribute.type == AttributeType::Integer) {
            attribute.type = AttributeType::Real;
            attribute.real = static_cast<double>(attribute.integer);
        }
        out.append(attribute);
    } else if (out.size() > before) {
        out.setLastKey(name);
    } else if (isModel) {
        addZero(name, type, out);
    } else {
        out.addNull(name);
    }
    return simdjson::SUCCESS;
}

simdjson::error_code readTags(ondemand::value &value, JsonAttributes &out)
{
    return otlp::eachObject(value, [&](ondemand::object &tag) { return readTag(tag, out); });
}

} // namespace tailscope::import::jaeger
