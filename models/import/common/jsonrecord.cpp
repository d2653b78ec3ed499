// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/jsonrecord.h"

#include "base/text.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include <rapidjson/memorystream.h>

namespace tailscope::import {

static_assert(JsonFramer::kPadding >= simdjson::SIMDJSON_PADDING);

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kNulSymbol = "\xE2\x90\x80";

bool isBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// SAX events of a nested value into compact text.
struct CompactHandler
{
    JsonText &out;

    bool Null() { return out.null(), true; }
    bool Bool(bool value) { return out.boolean(value), true; }
    bool Int(int value) { return out.integer(value), true; }
    bool Uint(unsigned value) { return out.integer(value), true; }
    bool Int64(std::int64_t value) { return out.integer(value), true; }
    bool Uint64(std::uint64_t value) { return out.number(std::to_string(value)), true; }
    bool Double(double value) { return out.real(value), true; }
    bool RawNumber(const char *text, rapidjson::SizeType length, bool)
    {
        return out.number({text, length}), true;
    }
    bool String(const char *text, rapidjson::SizeType length, bool)
    {
        return out.string({text, length}), true;
    }
    bool StartObject() { return out.startObject(), true; }
    bool Key(const char *text, rapidjson::SizeType length, bool) { return out.key({text, length}), true; }
    bool EndObject(rapidjson::SizeType) { return out.endObject(), true; }
    bool StartArray() { return out.startArray(), true; }
    bool EndArray(rapidjson::SizeType) { return out.endArray(), true; }
};

bool compactJson(std::string_view raw, rapidjson::Reader &reader, JsonText &out)
{
    constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag
        | rapidjson::kParseNanAndInfFlag;
    out.clear();
    rapidjson::MemoryStream stream(raw.data(), raw.size());
    CompactHandler handler{out};
    return !reader.Parse<kFlags>(stream, handler).IsError() && out.isComplete();
}

/// Length of the well-formed UTF-8 sequence at `at`; 0 when there is none.
std::size_t sequenceAt(std::string_view bytes, std::size_t at)
{
    const auto lead = static_cast<unsigned char>(bytes[at]);
    const std::size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 0 || at + length > bytes.size() || !isValidUtf8(bytes.substr(at, length)))
        return 0;
    return length;
}

int hex4(std::string_view text)
{
    if (text.size() < 4)
        return -1;
    const auto value = parseHex64(text.substr(0, 4));
    return value && text.front() != '+' ? static_cast<int>(*value) : -1;
}

/// Writes the escape at bytes[at] ('\\'); returns the position after it.
std::size_t repairEscape(std::string_view bytes, std::size_t at, std::string &out)
{
    const char next = at + 1 < bytes.size() ? bytes[at + 1] : '\0';
    if (next != '\0' && std::string_view("\"\\/bfnrt").find(next) != std::string_view::npos) {
        out.append(bytes.substr(at, 2));
        return at + 2;
    }
    const int code = next == 'u' ? hex4(bytes.substr(at + 2)) : -1;
    if (code < 0) {
        out += "\\\\";
        return at + 1;
    }
    if (code == 0) {
        out += kNulSymbol;
    } else if (code >= 0xD800 && code < 0xE000) {
        const bool pair = code < 0xDC00 && bytes.substr(at + 6, 2) == "\\u";
        const int low = pair ? hex4(bytes.substr(std::min(bytes.size(), at + 8))) : -1;
        if (low >= 0xDC00 && low < 0xE000) {
            out.append(bytes.substr(at, 12));
            return at + 12;
        }
        out += kReplacement;
    } else {
        out.append(bytes.substr(at, 6));
    }
    return at + 6;
}

} // namespace

std::string_view repairedJson(std::string_view bytes, std::string &out)
{
    out.clear();
    out.reserve(bytes.size() + bytes.size() / 8 + JsonFramer::kPadding);
    bool inString = false;
    for (std::size_t at = 0; at < bytes.size();) {
        const char c = bytes[at];
        const auto u = static_cast<unsigned char>(c);
        if (!inString) {
            inString = c == '"';
            out += u >= 0x80 || (u < 0x20 && !isBlank(c)) ? ' ' : c;
            ++at;
        } else if (c == '\\') {
            at = repairEscape(bytes, at, out);
        } else if (u < 0x20) {
            constexpr std::string_view digits = "0123456789abcdef";
            if (u == 0)
                out += kNulSymbol;
            else
                out.append("\\u00").append(1, digits[u >> 4]).append(1, digits[u & 15]);
            ++at;
        } else if (u >= 0x80) {
            const std::size_t length = sequenceAt(bytes, at);
            out += length > 0 ? bytes.substr(at, length) : kReplacement;
            at += std::max<std::size_t>(length, 1);
        } else {
            inString = c != '"';
            out += c;
            ++at;
        }
    }
    const std::size_t length = out.size();
    out.append(JsonFramer::kPadding, '\0');
    return std::string_view(out).substr(0, length);
}

std::string_view scalarToken(ondemand::value &value)
{
    std::string_view token = value.raw_json_token();
    while (!token.empty() && isBlank(token.back()))
        token.remove_suffix(1);
    return token;
}

simdjson::error_code readScalar(ondemand::value &value, JsonScalar &out)
{
    const std::string_view token = scalarToken(value);
    const char start = token.front();
    out.isString = start == '"';
    if (start == '{' || start == '[')
        return simdjson::INCORRECT_TYPE;
    if (!out.isString) {
        out.text = token;
        return simdjson::SUCCESS;
    }
    // Without escapes the content is what lies between the quotes; stage 1 has checked its bytes.
    if (token.size() < 2 || token.back() != '"' || std::memchr(token.data(), '\\', token.size()) != nullptr)
        return value.get_string().get(out.text);
    out.text = token.substr(1, token.size() - 2);
    return simdjson::SUCCESS;
}

simdjson::error_code readRaw(ondemand::value &value, std::string_view &out)
{
    if (valueStart(value) == '{') {
        ondemand::object object;
        const auto error = value.get_object().get(object);
        return error != simdjson::SUCCESS ? error : object.raw_json().get(out);
    }
    ondemand::array array;
    const auto error = value.get_array().get(array);
    return error != simdjson::SUCCESS ? error : array.raw_json().get(out);
}

bool isLenientScalar(std::string_view token)
{
    if (token == "true" || token == "false" || token == "null" || token == "NaN" || token == "Infinity"
        || token == "-Infinity" || token == "inf" || token == "-inf" || token == "nan")
        return true;
    if (!token.empty() && (token.front() == '+' || token.front() == '-'))
        token.remove_prefix(1);
    double value = 0;
    const auto parsed = std::from_chars(token.data(), token.data() + token.size(), value);
    return !token.empty() && parsed.ptr == token.data() + token.size()
        && (parsed.ec == std::errc() || parsed.ec == std::errc::result_out_of_range)
        && (token.front() == '.' || (token.front() >= '0' && token.front() <= '9'));
}

Attribute scalarAttribute(std::string_view key, const JsonScalar &scalar)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = scalar.text;
    if (scalar.isString)
        return attribute;
    const std::string_view token = scalar.text;
    if (token == "true" || token == "false") {
        attribute.type = AttributeType::Boolean;
        attribute.integer = token == "true" ? 1 : 0;
    } else if (token == "null") {
        attribute.type = AttributeType::Null;
    } else {
        const char *end = token.data() + token.size();
        const auto integer = std::from_chars(token.data(), end, attribute.integer);
        if (integer.ptr == end && integer.ec == std::errc()) {
            attribute.type = AttributeType::Integer;
            return attribute;
        }
        attribute.integer = 0;
        // An integer that left int64 would lose digits as a double: ids do that.
        if (integer.ptr == end)
            return attribute;
        const auto real = std::from_chars(token.data(), end, attribute.real);
        if (real.ptr == end && real.ec == std::errc() && std::isfinite(attribute.real))
            attribute.type = AttributeType::Real;
    }
    return attribute;
}

void JsonAttributes::clear()
{
    m_items.clear();
    m_nested.clear();
    m_arena.clear();
    m_compacted = 0;
}

void JsonAttributes::append(const Attribute &attribute)
{
    if (m_items.size() >= kMaxCount) {
        ++m_truncated;
        return;
    }
    m_items.push_back(attribute);
    Attribute &item = m_items.back();
    if (item.type == AttributeType::Text && item.text.size() > kMaxText) {
        item.text = utf8Prefix(item.text, kMaxText);
        ++m_truncated;
    }
}

simdjson::error_code JsonAttributes::add(std::string_view key, ondemand::value &value)
{
    const char start = valueStart(value);
    if (start == '{' || start == '[') {
        std::string_view raw;
        const auto error = readRaw(value, raw);
        if (error == simdjson::SUCCESS)
            addJson(key, raw);
        return error;
    }
    JsonScalar scalar;
    const auto error = readScalar(value, scalar);
    if (error != simdjson::SUCCESS)
        return error;
    if (!scalar.isString && !isLenientScalar(scalar.text))
        return simdjson::TAPE_ERROR;
    append(scalarAttribute(key, scalar));
    return simdjson::SUCCESS;
}

void JsonAttributes::addScalar(std::string_view key, const JsonScalar &scalar)
{
    append(scalarAttribute(key, scalar));
}

void JsonAttributes::addText(std::string_view key, std::string_view text)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = text;
    append(attribute);
}

void JsonAttributes::addInteger(std::string_view key, std::int64_t value)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Integer;
    attribute.integer = value;
    append(attribute);
}

void JsonAttributes::addReal(std::string_view key, double value)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Real;
    attribute.real = value;
    append(attribute);
}

void JsonAttributes::addBoolean(std::string_view key, bool value)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Boolean;
    attribute.integer = value ? 1 : 0;
    append(attribute);
}

void JsonAttributes::addNull(std::string_view key)
{
    Attribute attribute;
    attribute.key = key;
    append(attribute);
}

void JsonAttributes::addJson(std::string_view key, std::string_view raw)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Json;
    attribute.text = raw;
    append(attribute);
}

void JsonAttributes::addJsonText(std::string_view key, const JsonText &text)
{
    const std::size_t count = m_items.size();
    addJson(key, {});
    if (m_items.size() == count)
        return;
    m_truncated += text.truncated() ? 1 : 0;
    m_nested.push_back({count, m_arena.size(), text.text().size()});
    m_arena += text.text();
}

void JsonAttributes::copy(std::size_t i)
{
    if (m_items.size() >= kMaxCount) {
        ++m_truncated;
        return;
    }
    // A prepared text is looked up by its item.
    for (std::size_t n = 0, count = m_nested.size(); n < count; ++n) {
        if (m_nested[n].item == i)
            m_nested.push_back({m_items.size(), m_nested[n].offset, m_nested[n].length});
    }
    m_items.push_back(Attribute(m_items[i]));
}

std::string_view JsonAttributes::rawJson(std::string_view key) const
{
    for (const Attribute &item : m_items) {
        if (item.type == AttributeType::Json && item.key == key)
            return item.text;
    }
    return {};
}

void JsonAttributes::compactNested()
{
    for (; m_compacted < m_items.size(); ++m_compacted) {
        Attribute &item = m_items[m_compacted];
        // Without text: prepared by addJsonText().
        if (item.type != AttributeType::Json || item.text.data() == nullptr)
            continue;
        if (compactJson(item.text, m_reader, m_text)) {
            m_truncated += m_text.truncated() ? 1 : 0;
            m_nested.push_back({m_compacted, m_arena.size(), m_text.text().size()});
            m_arena += m_text.text();
        } else {
            // Not JSON inside (a bare word, a hexadecimal number): kept as the text it is.
            item.type = AttributeType::Text;
            m_truncated += item.text.size() > kMaxText ? 1 : 0;
            item.text = utf8Prefix(item.text, kMaxText);
        }
    }
}

AttributeList JsonAttributes::list()
{
    if (m_compacted < m_items.size()) {
        compactNested();
        for (const Nested &nested : m_nested)
            m_items[nested.item].text = std::string_view(m_arena).substr(nested.offset, nested.length);
    }
    return m_items;
}

std::int64_t JsonAttributes::takeTruncated() { return std::exchange(m_truncated, 0); }

} // namespace tailscope::import
