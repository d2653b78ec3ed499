// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpproto/otlpprotovalues.h"

#include "base/text.h"
#include "import/otlpjson/otlpvalues.h"

#include <bit>
#include <cmath>

namespace tailscope::import::otlp {

namespace {

using Wire = ProtoField::Wire;

/// Members of AnyValue (common.proto).
enum Any : std::uint32_t { kNone, kString, kBool, kInt, kDouble, kArray, kKvList, kBytes };

/// Text of a double that JSON has no number for, as proto3 JSON writes it; empty for all others.
std::string_view wordOf(double value)
{
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value < 0 ? "-Infinity" : "Infinity";
    return {};
}

std::string base64(std::string_view bytes)
{
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            out += k <= have ? digits[group >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

bool isMember(const ProtoField &field)
{
    switch (field.number) {
    case kString:
    case kArray:
    case kKvList:
    case kBytes:
        return field.wire == Wire::Bytes;
    case kBool:
    case kInt:
        return field.wire == Wire::Varint;
    case kDouble:
        return field.wire == Wire::Fixed64;
    default:
        return false;
    }
}

} // namespace

void ProtoValues::clear()
{
    m_texts.clear();
    m_broken = m_repaired = false;
}

std::string_view ProtoValues::keep(std::string text) { return m_texts.emplace_back(std::move(text)); }

std::string_view ProtoValues::clean(std::string_view bytes)
{
    if (isValidUtf8(bytes) && bytes.find('\0') == std::string_view::npos)
        return bytes;
    m_repaired = true;
    return keep(sanitizedUtf8(bytes));
}

std::string_view ProtoValues::text(const ProtoField &field)
{
    return field.wire == Wire::Bytes ? clean(field.bytes) : std::string_view();
}

std::string_view ProtoValues::hex(const ProtoField &field)
{
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::size_t kMaxIdBytes = 64;
    if (field.wire != Wire::Bytes || field.bytes.empty())
        return {};
    std::string text;
    for (const char c : field.bytes.substr(0, kMaxIdBytes)) {
        const auto byte = static_cast<unsigned char>(c);
        text.append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
    return keep(std::move(text));
}

/// The first member that is set; number kNone when there is none.
ProtoField ProtoValues::memberOf(std::string_view any)
{
    ProtoField member;
    eachField(any, [&](const ProtoField &field) {
        if (member.number == kNone && isMember(field))
            member = field;
    });
    return member;
}

ProtoValues::Pair ProtoValues::pairOf(std::string_view message)
{
    Pair pair;
    eachField(message, [&](const ProtoField &field) {
        if (field.number == 1)
            pair.key = text(field);
        if (field.number == 2 && field.wire == Wire::Bytes) {
            pair.value = field.bytes;
            pair.hasValue = true;
        }
    });
    return pair;
}

void ProtoValues::addKeyValue(const ProtoField &field, JsonAttributes &out)
{
    if (field.wire != Wire::Bytes)
        return;
    const Pair pair = pairOf(field.bytes);
    if (pair.hasValue)
        addAny(pair.key, pair.value, out);
    else
        out.addNull(pair.key);
}

void ProtoValues::addAny(std::string_view key, std::string_view any, JsonAttributes &out)
{
    const ProtoField member = memberOf(any);
    switch (member.number) {
    case kString:
        out.addText(key, text(member));
        break;
    case kBool:
        out.addBoolean(key, member.value != 0);
        break;
    case kInt:
        out.addInteger(key, member.integer());
        break;
    case kDouble: {
        const auto value = std::bit_cast<double>(member.value);
        if (const std::string_view word = wordOf(value); !word.empty())
            out.addText(key, word);
        else
            out.addReal(key, value);
        break;
    }
    case kArray:
    case kKvList:
        m_json.clear();
        writeContainer(member);
        out.addJsonText(key, m_json);
        break;
    case kBytes:
        out.addText(key, keep(base64(member.bytes)));
        break;
    default:
        out.addNull(key);
        break;
    }
}

void ProtoValues::open(const ProtoField &container)
{
    const bool isArray = container.number == kArray;
    if (m_levels.size() >= static_cast<std::size_t>(kMaxValueDepth)) {
        m_json.string("\xE2\x80\xA6");
        return;
    }
    isArray ? m_json.startArray() : m_json.startObject();
    m_levels.push_back({ProtoFields(container.bytes), isArray});
}

void ProtoValues::writeAny(std::string_view any)
{
    const ProtoField member = memberOf(any);
    switch (member.number) {
    case kString:
        m_json.string(text(member));
        break;
    case kBool:
        m_json.boolean(member.value != 0);
        break;
    case kInt:
        m_json.integer(member.integer());
        break;
    case kDouble:
        m_json.real(std::bit_cast<double>(member.value));
        break;
    case kArray:
    case kKvList:
        open(member);
        break;
    case kBytes:
        m_json.string(base64(member.bytes));
        break;
    default:
        m_json.null();
        break;
    }
}

/// Without recursion: the levels that are open lie in m_levels.
void ProtoValues::writeContainer(const ProtoField &container)
{
    m_levels.clear();
    open(container);
    ProtoField field;
    while (!m_levels.empty()) {
        Level &level = m_levels.back();
        if (!level.fields.next(field)) {
            m_broken |= level.fields.broken();
            level.isArray ? m_json.endArray() : m_json.endObject();
            m_levels.pop_back();
            continue;
        }
        if (field.number != 1 || field.wire != Wire::Bytes)
            continue;
        if (level.isArray) {
            writeAny(field.bytes);
            continue;
        }
        const Pair pair = pairOf(field.bytes);
        m_json.key(pair.key);
        pair.hasValue ? writeAny(pair.value) : m_json.null();
    }
}

} // namespace tailscope::import::otlp
