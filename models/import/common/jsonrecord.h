// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonframer.h"
#include "import/common/jsontext.h"
#include "store/rows.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <rapidjson/reader.h>
#include <simdjson.h>

namespace tailscope::import {

namespace ondemand = simdjson::ondemand;

/// Copy of one JSON value with what sloppy writers get wrong mended inside its strings: malformed UTF-8 and
/// lone surrogates become U+FFFD, raw control bytes become escapes, a backslash before a byte that is no
/// escape is doubled, NUL becomes U+2400. `out` gets JsonFramer::kPadding more bytes of capacity, set to 0.
std::string_view repairedJson(std::string_view bytes, std::string &out);

/// Text of a scalar: of a string its content (escapes resolved), else the token as written, without blanks.
struct JsonScalar
{
    std::string_view text;
    bool isString = false;
};

/// Parser of framed records, reused: views it gives (strings, raw values) live until the next parse().
class JsonRecordParser
{
public:
    /// Calls visit(object) -> simdjson::error_code once; when the text is at fault in a way that
    /// repairedJson() mends, once more on the mended copy (visit must start afresh). bytes: from a
    /// JsonFramer, or padded alike.
    template<typename Visit>
    simdjson::error_code parse(std::string_view bytes, bool hasEscape, Visit &&visit)
    {
        m_repaired = false;
        simdjson::error_code error = simdjson::SUCCESS;
        if (!hasEscape || bytes.find("\\u0000") == std::string_view::npos) {
            error = parseOnce(bytes, visit);
            if (error != simdjson::UTF8_ERROR && error != simdjson::UNESCAPED_CHARS
                && error != simdjson::STRING_ERROR)
                return error;
        }
        m_repaired = true;
        return parseOnce(repairedJson(bytes, m_copy), visit);
    }
    /// The last parse() needed the mended copy.
    bool repaired() const { return m_repaired; }

private:
    template<typename Visit>
    simdjson::error_code parseOnce(std::string_view bytes, Visit &visit)
    {
        ondemand::document document;
        auto error = m_parser.iterate(bytes.data(), bytes.size(), bytes.size() + simdjson::SIMDJSON_PADDING)
                         .get(document);
        if (error != simdjson::SUCCESS)
            return error;
        ondemand::object object;
        error = document.get_object().get(object);
        return error != simdjson::SUCCESS ? error : visit(object);
    }

    ondemand::parser m_parser;
    std::string m_copy;
    bool m_repaired = false;
};

/// Key of a field; a plain one is not copied.
inline simdjson::error_code readKey(ondemand::field &field, std::string_view &key)
{
    const char *begin = field.key().raw();
    for (std::size_t n = 0; n < 32; ++n) {
        if (begin[n] == '"') {
            key = {begin, n};
            return simdjson::SUCCESS;
        }
        if (begin[n] == '\\')
            break;
    }
    return field.unescaped_key().get(key);
}

/// The next field of an object and its key.
inline simdjson::error_code readField(simdjson::simdjson_result<ondemand::field> item, ondemand::field &field,
    std::string_view &key)
{
    if (auto error = std::move(item).get(field))
        return error;
    return readKey(field, key);
}

/// First byte of a value: '"', '{', '[' or that of another scalar.
inline char valueStart(ondemand::value &value) { return value.raw_json_token().front(); }

/// Token of a scalar that is no string, without trailing blanks.
std::string_view scalarToken(ondemand::value &value);

/// String or other scalar; INCORRECT_TYPE for containers.
simdjson::error_code readScalar(ondemand::value &value, JsonScalar &out);

/// The text of an object or array as written.
simdjson::error_code readRaw(ondemand::value &value, std::string_view &out);

/// Attribute list built from JSON values, reused for many records. Text is bounded to kMaxText bytes and
/// nested values are rewritten as compact valid JSON of at most that size and 64 levels; truncated() counts.
class JsonAttributes
{
public:
    static constexpr std::size_t kMaxText = 64 * 1024;
    static constexpr std::size_t kMaxCount = 10'000;

    void clear();
    simdjson::error_code add(std::string_view key, ondemand::value &value);
    void append(const Attribute &attribute);
    void addScalar(std::string_view key, const JsonScalar &scalar);
    void addText(std::string_view key, std::string_view text);
    void addInteger(std::string_view key, std::int64_t value);
    void addReal(std::string_view key, double value);
    void addBoolean(std::string_view key, bool value);
    void addNull(std::string_view key);
    /// raw: JSON text as in the input.
    void addJson(std::string_view key, std::string_view raw);
    /// Compact JSON written by a JsonText; copied.
    void addJsonText(std::string_view key, const JsonText &text);
    /// Appends item i once more.
    void copy(std::size_t i);
    std::size_t size() const { return m_items.size(); }
    /// Names the last attribute: its key came after its value.
    void setLastKey(std::string_view key) { m_items.back().key = key; }

    /// As added: text of type Json is still what the input has.
    const std::vector<Attribute> &raw() const { return m_items; }
    /// Raw value of a nested attribute; empty when absent.
    std::string_view rawJson(std::string_view key) const;
    /// Final list, valid until the next change.
    AttributeList list();
    /// Values cut or left out since the last call.
    std::int64_t takeTruncated();

private:
    void compactNested();

    std::vector<Attribute> m_items;
    std::size_t m_compacted = 0; ///< items before it are final
    struct Nested
    {
        std::size_t item, offset, length;
    };
    std::vector<Nested> m_nested;
    std::string m_arena; ///< compact texts of nested values
    JsonText m_text;
    rapidjson::Reader m_reader; ///< keeps its stack between values
    std::int64_t m_truncated = 0;
};

/// Attribute of a number, literal or string token: integers that fit int64 stay exact, other integers are
/// kept as text, NaN and infinities too.
Attribute scalarAttribute(std::string_view key, const JsonScalar &scalar);

/// True when the token is a JSON literal or number (also NaN, Infinity, a leading plus or zero).
bool isLenientScalar(std::string_view token);

} // namespace tailscope::import
