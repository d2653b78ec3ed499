// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"

#include <array>
#include <charconv>

namespace tailscope {

namespace {

/// Well-formed sequence at `p`: its length with valid = true. Malformed: the length of the maximal subpart
/// (Unicode 15, table 3-7), at least 1, with valid = false.
struct Sequence
{
    int length;
    bool valid;
};

Sequence sequenceAt(const unsigned char *p, const unsigned char *end)
{
    const unsigned char lead = *p;
    if (lead < 0x80)
        return {1, true};
    int length = 0;
    unsigned char low = 0x80, high = 0xBF; // bounds of the second byte
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        if (lead == 0xE0)
            low = 0xA0;
        else if (lead == 0xED)
            high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        if (lead == 0xF0)
            low = 0x90;
        else if (lead == 0xF4)
            high = 0x8F;
    } else {
        return {1, false};
    }
    for (int i = 1; i < length; ++i) {
        if (p + i == end || p[i] < low || p[i] > high)
            return {i, false};
        low = 0x80;
        high = 0xBF;
    }
    return {length, true};
}

bool isBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

char lowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

template<typename T>
std::optional<T> parseWhole(std::string_view text, int base)
{
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Bytes that a JSON string cannot hold as they are, and all bytes of multi-byte sequences.
constexpr std::array<bool, 256> attentionTable()
{
    std::array<bool, 256> table{};
    for (int i = 0; i < 256; ++i)
        table[static_cast<std::size_t>(i)] = i < 0x20 || i >= 0x7F || i == '"' || i == '\\';
    return table;
}
constexpr auto kNeedsAttention = attentionTable();

void appendEscape(std::string &out, unsigned char byte)
{
    static constexpr char kHex[] = "0123456789abcdef";
    switch (byte) {
    case '"':
        out += "\\\"";
        return;
    case '\\':
        out += "\\\\";
        return;
    case '\n':
        out += "\\n";
        return;
    case '\r':
        out += "\\r";
        return;
    case '\t':
        out += "\\t";
        return;
    case '\b':
        out += "\\b";
        return;
    case '\f':
        out += "\\f";
        return;
    default:
        out += "\\u00";
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
    }
}

} // namespace

bool isValidUtf8(std::string_view bytes)
{
    const auto *p = reinterpret_cast<const unsigned char *>(bytes.data());
    const auto *const end = p + bytes.size();
    while (p != end) {
        if (*p < 0x80) {
            ++p;
            continue;
        }
        const Sequence sequence = sequenceAt(p, end);
        if (!sequence.valid)
            return false;
        p += sequence.length;
    }
    return true;
}

std::string sanitizedUtf8(std::string_view bytes)
{
    std::string out;
    out.reserve(bytes.size());
    const auto *p = reinterpret_cast<const unsigned char *>(bytes.data());
    const auto *const end = p + bytes.size();
    while (p != end) {
        const Sequence sequence = sequenceAt(p, end);
        if (!sequence.valid)
            out += kReplacement;
        else if (*p == 0)
            out += "\xE2\x90\x80";
        else
            out.append(reinterpret_cast<const char *>(p), static_cast<std::size_t>(sequence.length));
        p += sequence.length;
    }
    return out;
}

std::string_view utf8Prefix(std::string_view text, std::size_t maxBytes)
{
    if (text.size() <= maxBytes)
        return text;
    std::size_t end = maxBytes;
    // A sequence has at most three continuation bytes: malformed text is cut where asked.
    for (int i = 0; i < 3 && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80; ++i)
        --end;
    if ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        end = maxBytes;
    return text.substr(0, end);
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && isBlank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back()))
        text.remove_suffix(1);
    return text;
}

std::string toLowerAscii(std::string_view text)
{
    std::string out(text);
    for (char &c : out)
        c = lowerAscii(c);
    return out;
}

bool startsWithNoCase(std::string_view text, std::string_view prefix)
{
    if (text.size() < prefix.size())
        return false;
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        if (lowerAscii(text[i]) != lowerAscii(prefix[i]))
            return false;
    }
    return true;
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> fields;
    for (;;) {
        const std::size_t at = text.find(separator);
        fields.push_back(text.substr(0, at));
        if (at == std::string_view::npos)
            return fields;
        text.remove_prefix(at + 1);
    }
}

std::optional<std::int64_t> parseInt64(std::string_view text) { return parseWhole<std::int64_t>(text, 10); }

std::optional<std::uint64_t> parseUint64(std::string_view text)
{
    return parseWhole<std::uint64_t>(text, 10);
}

std::optional<std::uint64_t> parseHex64(std::string_view text) { return parseWhole<std::uint64_t>(text, 16); }

std::string jsonQuoted(std::string_view text)
{
    std::string out;
    appendJsonQuoted(out, text);
    return out;
}

void appendJsonQuoted(std::string &out, std::string_view text)
{
    out.reserve(out.size() + text.size() + 2);
    out += '"';
    const auto *p = reinterpret_cast<const unsigned char *>(text.data());
    const auto *const end = p + text.size();
    while (p != end) {
        const auto *run = p;
        while (p != end && !kNeedsAttention[*p])
            ++p;
        out.append(reinterpret_cast<const char *>(run), static_cast<std::size_t>(p - run));
        if (p == end)
            break;
        if (*p < 0x80) {
            appendEscape(out, *p++);
            continue;
        }
        const Sequence sequence = sequenceAt(p, end);
        if (sequence.valid)
            out.append(reinterpret_cast<const char *>(p), static_cast<std::size_t>(sequence.length));
        else
            out += kReplacement;
        p += sequence.length;
    }
    out += '"';
}

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed)
{
    std::uint64_t hash = seed;
    for (const char c : bytes) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3ULL;
    }
    return hash;
}

} // namespace tailscope
