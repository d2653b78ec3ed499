// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/tomltext.h"

#include <algorithm>

namespace tailscope::advisor {

namespace {

std::optional<Location> placeOf(const toml::source_region &region, std::uint64_t firstLine)
{
    if (region.begin.line == 0)
        return std::nullopt;
    Location location;
    location.line = region.begin.line + firstLine - 1;
    location.column = region.begin.column;
    return location;
}

} // namespace

Error tomlError(const toml::parse_error &error, const std::string &file, std::uint64_t firstLine)
{
    return {ErrorCode::BadInput, file, std::string(error.description()), placeOf(error.source(), firstLine),
        "The header is TOML"};
}

TomlReader::TomlReader(const toml::table &table, std::string file, std::uint64_t firstLine)
    : m_table(table)
    , m_file(std::move(file))
    , m_firstLine(firstLine)
{}

const toml::node *TomlReader::take(const char *key)
{
    m_known.emplace_back(key);
    return m_table.get(key);
}

void TomlReader::refuse(const toml::node *node, std::string_view key, std::string detail)
{
    if (m_error)
        return;
    m_error = Error{ErrorCode::BadInput, m_file, "key '" + std::string(key) + "' " + detail,
        node ? placeOf(node->source(), m_firstLine) : std::nullopt, "Mend the header of the rule"};
}

void TomlReader::string(const char *key, std::string &value, bool required)
{
    const toml::node *node = take(key);
    if (!node) {
        if (required)
            refuse(nullptr, key, "is missing");
        return;
    }
    const auto text = node->value_exact<std::string>();
    if (!text)
        return refuse(node, key, "is not a text");
    if (required && text->empty())
        return refuse(node, key, "is empty");
    value = *text;
}

void TomlReader::integer(const char *key, int &value, int low, int high)
{
    const toml::node *node = take(key);
    if (!node)
        return;
    const auto number = node->value_exact<std::int64_t>();
    if (!number || *number < low || *number > high) {
        return refuse(node, key,
            "is not a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    }
    value = static_cast<int>(*number);
}

void TomlReader::strings(const char *key, std::vector<std::string> &value)
{
    const toml::node *node = take(key);
    if (!node)
        return;
    if (const auto text = node->value_exact<std::string>()) {
        value.push_back(*text);
        return;
    }
    const toml::array *list = node->as_array();
    if (!list)
        return refuse(node, key, "is neither a text nor a list of texts");
    for (const toml::node &item : *list) {
        const auto text = item.value_exact<std::string>();
        if (!text)
            return refuse(&item, key, "holds something that is not a text");
        value.push_back(*text);
    }
}

void TomlReader::joined(const char *key, std::string &value)
{
    std::vector<std::string> parts;
    strings(key, parts);
    for (const std::string &part : parts)
        value += (value.empty() ? "" : ", ") + part;
}

const toml::table *TomlReader::table(const char *key)
{
    const toml::node *node = take(key);
    if (!node)
        return nullptr;
    if (!node->is_table())
        refuse(node, key, "is not a table");
    return node->as_table();
}

Result<void> TomlReader::finish()
{
    for (const auto &[key, node] : m_table) {
        if (std::find(m_known.begin(), m_known.end(), std::string(key.str())) == m_known.end()) {
            std::string known;
            for (const std::string &name : m_known)
                known += (known.empty() ? "" : ", ") + name;
            refuse(&node, key.str(), "is unknown; known keys are " + known);
        }
    }
    if (m_error)
        return fail(*m_error);
    return {};
}

} // namespace tailscope::advisor
