// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/attributecolumns.h"

#include "base/text.h"

namespace tailscope::analysis {

namespace {

// Hostile text must not make the arena pass 32-bit offsets.
constexpr std::size_t kMaxArena = std::size_t(1) << 30;

void appendUtf8(std::string &out, std::uint32_t c)
{
    if (c < 0x80) {
        out += char(c);
    } else if (c < 0x800) {
        out += char(0xc0 | (c >> 6));
        out += char(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        out += char(0xe0 | (c >> 12));
        out += char(0x80 | ((c >> 6) & 0x3f));
        out += char(0x80 | (c & 0x3f));
    } else {
        out += char(0xf0 | (c >> 18));
        out += char(0x80 | ((c >> 12) & 0x3f));
        out += char(0x80 | ((c >> 6) & 0x3f));
        out += char(0x80 | (c & 0x3f));
    }
}

} // namespace

std::size_t AttributeColumns::bytes() const
{
    std::size_t bytes = m_text.capacity() + m_keys.size() * sizeof(Key);
    for (const auto *column :
        {&m_keyOf, &m_textAt, &m_list, &m_listAt, &m_listCodes, &m_own, &m_ownAt, &m_ownCodes})
        bytes += column->capacity() * sizeof(std::uint32_t);
    return bytes;
}

AttributeBuilder::AttributeBuilder(std::size_t rows)
    : m_columns(new AttributeColumns)
{
    m_columns->m_list.assign(rows, 0);
}

std::uint32_t AttributeBuilder::code(std::uint8_t scope, std::string_view key, std::string_view value)
{
    AttributeColumns &columns = *m_columns;
    const std::uint64_t keyHash = hash64(key, 0xcbf29ce484222325ULL + scope);
    const auto [place, isNewKey] = m_keyByHash.try_emplace(keyHash, std::uint32_t(columns.m_keys.size()));
    if (isNewKey)
        columns.m_keys.push_back({std::string(utf8Prefix(key, AttributeColumns::kMaxText)), scope, 0, false});
    AttributeColumns::Key &info = columns.m_keys[place->second];
    if (info.isDropped)
        return kNoCode;
    const std::uint64_t hash = hash64(value, keyHash);
    const auto found = m_codeByHash.find(hash);
    if (found != m_codeByHash.end())
        return found->second;
    if (info.values >= AttributeColumns::kMaxValues || columns.m_keyOf.size() >= AttributeColumns::kMaxCodes
        || columns.m_text.size() >= kMaxArena) {
        info.isDropped = true;
        return kNoCode;
    }
    ++info.values;
    const auto code = std::uint32_t(columns.m_keyOf.size());
    m_codeByHash.emplace(hash, code);
    columns.m_keyOf.push_back(place->second);
    const std::string_view prefix = utf8Prefix(value, AttributeColumns::kMaxText);
    columns.m_text.append(prefix);
    if (prefix.size() < value.size())
        columns.m_text.append("…");
    columns.m_textAt.push_back(std::uint32_t(columns.m_text.size()));
    return code;
}

std::uint32_t AttributeBuilder::list(std::span<const std::uint32_t> codes)
{
    AttributeColumns &columns = *m_columns;
    for (const std::uint32_t code : codes) {
        if (code != kNoCode)
            columns.m_listCodes.push_back(code);
    }
    columns.m_listAt.push_back(std::uint32_t(columns.m_listCodes.size()));
    return std::uint32_t(columns.m_listAt.size() - 2);
}

std::uint32_t AttributeBuilder::joined(std::span<const std::uint32_t> lists)
{
    AttributeColumns &columns = *m_columns;
    for (const std::uint32_t part : lists) {
        for (std::uint32_t i = columns.m_listAt[part]; i < columns.m_listAt[part + 1]; ++i)
            columns.m_listCodes.push_back(columns.m_listCodes[i]);
    }
    columns.m_listAt.push_back(std::uint32_t(columns.m_listCodes.size()));
    return std::uint32_t(columns.m_listAt.size() - 2);
}

void AttributeBuilder::setOwn(std::uint32_t row, std::span<const std::uint32_t> codes)
{
    AttributeColumns &columns = *m_columns;
    if (columns.m_ownAt.empty()) {
        columns.m_own.assign(columns.m_list.size(), 0);
        columns.m_ownAt = {0, 0};
    }
    const std::size_t before = columns.m_ownCodes.size();
    for (const std::uint32_t code : codes) {
        if (code != kNoCode)
            columns.m_ownCodes.push_back(code);
    }
    if (columns.m_ownCodes.size() == before)
        return;
    columns.m_own[row] = std::uint32_t(columns.m_ownAt.size() - 1);
    columns.m_ownAt.push_back(std::uint32_t(columns.m_ownCodes.size()));
}

std::shared_ptr<const AttributeColumns> AttributeBuilder::finish(std::int64_t generation, double seconds)
{
    m_columns->m_generation = generation;
    m_columns->m_seconds = seconds;
    for (auto *column : {&m_columns->m_listCodes, &m_columns->m_ownCodes, &m_columns->m_ownAt})
        column->shrink_to_fit();
    return std::shared_ptr<const AttributeColumns>(std::move(m_columns));
}

void JsonMembers::skipBlanks()
{
    while (m_at < m_text.size()
        && (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\r' || m_text[m_at] == '\t'))
        ++m_at;
}

/// After the opening quote; past the closing one.
bool JsonMembers::quoted(std::string &out)
{
    out.clear();
    while (m_at < m_text.size()) {
        const char c = m_text[m_at++];
        if (c == '"')
            return true;
        if (c != '\\') {
            out += c;
            continue;
        }
        if (m_at >= m_text.size())
            return false;
        switch (const char escaped = m_text[m_at++]) {
        case 'n':
            out += '\n';
            break;
        case 't':
            out += '\t';
            break;
        case 'r':
            out += '\r';
            break;
        case 'b':
            out += '\b';
            break;
        case 'f':
            out += '\f';
            break;
        case 'u': {
            const auto unit = parseHex64(m_text.substr(m_at, 4));
            if (!unit || m_at + 4 > m_text.size())
                return false;
            m_at += 4;
            auto c32 = std::uint32_t(*unit);
            if (c32 >= 0xd800 && c32 < 0xdc00 && m_text.substr(m_at, 2) == "\\u") {
                const auto low = parseHex64(m_text.substr(m_at + 2, 4));
                if (low && *low >= 0xdc00 && *low < 0xe000) {
                    c32 = 0x10000 + ((c32 - 0xd800) << 10) + std::uint32_t(*low - 0xdc00);
                    m_at += 6;
                }
            }
            appendUtf8(out, c32 >= 0xd800 && c32 < 0xe000 ? 0xfffd : c32);
            break;
        }
        default:
            out += escaped;
        }
    }
    return false;
}

/// An array, an object, a number or a word, as written.
bool JsonMembers::nested(std::string_view &out)
{
    const std::size_t begin = m_at;
    std::size_t depth = 0;
    bool inText = false;
    for (; m_at < m_text.size(); ++m_at) {
        const char c = m_text[m_at];
        if (inText) {
            if (c == '\\')
                ++m_at;
            else if (c == '"')
                inText = false;
        } else if (c == '"') {
            inText = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (depth > 0 && (c == '}' || c == ']')) {
            --depth;
        } else if (depth == 0 && (c == ',' || c == '}')) {
            out = trimmed(m_text.substr(begin, m_at - begin));
            return !out.empty();
        }
    }
    return false;
}

bool JsonMembers::next(std::string_view &key, std::string_view &value)
{
    skipBlanks();
    const char opening = m_begun ? ',' : '{';
    if (m_at >= m_text.size() || m_text[m_at] != opening)
        return false;
    m_begun = true;
    ++m_at;
    skipBlanks();
    if (m_at >= m_text.size() || m_text[m_at++] != '"' || !quoted(m_key))
        return false;
    skipBlanks();
    if (m_at >= m_text.size() || m_text[m_at++] != ':')
        return false;
    skipBlanks();
    if (m_at < m_text.size() && m_text[m_at] == '"') {
        ++m_at;
        if (!quoted(m_value))
            return false;
        value = m_value;
    } else if (!nested(value)) {
        return false;
    }
    key = m_key;
    return true;
}

} // namespace tailscope::analysis
