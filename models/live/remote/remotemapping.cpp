// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/remote/remotemapping.h"

#include "base/text.h"
#include "base/units.h"

#include <algorithm>
#include <array>
#include <utility>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace tailscope::live {

namespace {

constexpr std::size_t kMaxBytes = 1 << 18, kMaxNames = 100, kMaxName = 1000;
constexpr const char *kHint = "The README of models/live/remote describes the file";
constexpr std::array<std::pair<RemoteUnit, std::string_view>, 6> kUnits{
    {{RemoteUnit::Timestamp, "timestamp"}, {RemoteUnit::Interval, "interval"}, {RemoteUnit::Nanos, "ns"},
        {RemoteUnit::Micros, "us"}, {RemoteUnit::Millis, "ms"}, {RemoteUnit::Seconds, "s"}}};

/// Takes values out of the table; the first problem wins.
class Keys
{
public:
    Keys(const toml::table &table, std::string file)
        : m_table(table)
        , m_file(std::move(file))
    {}

    void text(std::string_view key, std::string &out)
    {
        const toml::node *node = take(key);
        if (!node)
            return;
        const auto value = node->value_exact<std::string>();
        if (!value || value->size() > kMaxName || value->find('\0') != std::string::npos)
            return refuse(*node, std::string(key) + " is a short text");
        out = sanitizedUtf8(*value);
    }
    void texts(std::string_view key, std::vector<std::string> &out)
    {
        const toml::node *node = take(key);
        if (!node)
            return;
        const toml::array *list = node->as_array();
        if (!list || list->size() > kMaxNames)
            return refuse(*node, std::string(key) + " is a list of at most 100 texts");
        for (const toml::node &item : *list) {
            const auto value = item.value_exact<std::string>();
            if (!value || value->size() > kMaxName || value->find('\0') != std::string::npos)
                return refuse(item, std::string(key) + " is a list of short texts");
            out.push_back(sanitizedUtf8(*value));
        }
    }
    void unit(std::string_view key, RemoteUnit &out)
    {
        std::string word;
        text(key, word);
        if (word.empty())
            return;
        if (const auto known = remoteUnit(word))
            out = *known;
        else
            refuse(*m_table.get(key), std::string(key) + " is timestamp, interval, ns, us, ms or s");
    }
    Result<void> finish()
    {
        for (const auto &[key, node] : m_table) {
            if (std::find(m_known.begin(), m_known.end(), key.str()) == m_known.end())
                refuse(node, "there is no key '" + std::string(key.str()) + "' here");
        }
        return m_error ? Result<void>(fail(*m_error)) : Result<void>();
    }

private:
    const toml::node *take(std::string_view key)
    {
        m_known.emplace_back(key);
        return m_table.get(key);
    }
    void refuse(const toml::node &node, std::string detail)
    {
        if (!m_error)
            m_error = Error{ErrorCode::BadInput, m_file, std::move(detail),
                Location{std::nullopt, std::uint64_t(node.source().begin.line), std::nullopt}, kHint};
    }

    const toml::table &m_table;
    std::string m_file;
    std::vector<std::string> m_known;
    std::optional<Error> m_error;
};

std::string quotedToml(const std::string &text)
{
    return jsonQuoted(text); // basic strings of TOML know the escapes of JSON
}

std::string listToml(const std::vector<std::string> &texts)
{
    std::string out = "[";
    for (const std::string &text : texts)
        out += (out.size() > 1 ? ", " : "") + quotedToml(text);
    return out + "]";
}

} // namespace

std::string_view toText(RemoteUnit unit)
{
    for (const auto &[known, text] : kUnits) {
        if (known == unit)
            return text;
    }
    return "ns";
}

std::optional<RemoteUnit> remoteUnit(std::string_view text)
{
    for (const auto &[unit, known] : kUnits) {
        if (known == text)
            return unit;
    }
    return std::nullopt;
}

std::int64_t nanosOf(RemoteUnit unit)
{
    switch (unit) {
    case RemoteUnit::Nanos:
        return 1;
    case RemoteUnit::Micros:
        return kNanosPerMicro;
    case RemoteUnit::Millis:
        return kNanosPerMilli;
    case RemoteUnit::Seconds:
        return kNanosPerSecond;
    case RemoteUnit::Timestamp:
    case RemoteUnit::Interval:
        break;
    }
    return 0;
}

Result<void> RemoteMapping::check() const
{
    const std::string subject = name.empty() ? "remote store" : name;
    if (schema.empty() || table.empty())
        return fail(ErrorCode::BadInput, subject, "schema or table is not named", kHint);
    if (start.empty())
        return fail(ErrorCode::BadInput, subject, "no column holds the start", "Name it: start = \"...\"");
    if (duration.empty() && end.empty())
        return fail(ErrorCode::BadInput, subject, "no column holds the duration or the end",
            "Name one: duration = \"...\" or end = \"...\"");
    if (startUnit == RemoteUnit::Interval)
        return fail(ErrorCode::BadInput, subject, "a start is no interval",
            "start_unit is timestamp, ns, us, ms or s");
    if (!duration.empty() && durationUnit == RemoteUnit::Timestamp)
        return fail(ErrorCode::BadInput, subject, "a duration is no time stamp",
            "duration_unit is interval, ns, us, ms or s");
    for (const std::string &column : shard) {
        // Grouping by what differs from row to row would send every row.
        if (column == start || column == duration || column == end || column == trace || column == span)
            return fail(ErrorCode::BadInput, subject,
                "column '" + column
                    + "' differs from row to row: as a shard key it would make every row a group",
                "Name a column with one value a shard, or none");
    }
    return {};
}

Result<RemoteMapping> parseRemoteMapping(std::string_view toml, const std::string &file)
{
    if (toml.size() > kMaxBytes)
        return fail(ErrorCode::LimitExceeded, file, "a mapping is at most 256 KiB", kHint);
    const toml::parse_result parsed = toml::parse(toml, file);
    if (!parsed) {
        const auto &where = parsed.error().source().begin;
        return fail(Error{ErrorCode::BadInput, file, std::string(parsed.error().description()),
            Location{std::nullopt, std::uint64_t(where.line), std::uint64_t(where.column)}, kHint});
    }
    RemoteMapping mapping;
    Keys keys(parsed.table(), file);
    keys.text("name", mapping.name);
    keys.text("schema", mapping.schema);
    keys.text("table", mapping.table);
    keys.text("start", mapping.start);
    keys.unit("start_unit", mapping.startUnit);
    keys.text("duration", mapping.duration);
    keys.unit("duration_unit", mapping.durationUnit);
    keys.text("end", mapping.end);
    keys.text("service", mapping.service);
    keys.text("operation", mapping.operation);
    keys.text("trace", mapping.trace);
    keys.text("span", mapping.span);
    keys.text("parent", mapping.parent);
    keys.text("status", mapping.status);
    keys.texts("error_values", mapping.errorValues);
    keys.text("attributes", mapping.attributes);
    keys.texts("attribute_columns", mapping.attributeColumns);
    keys.texts("shard", mapping.shard);
    TS_TRY(keys.finish());
    if (mapping.name.empty())
        mapping.name = mapping.schema + "." + mapping.table;
    TS_TRY(mapping.check());
    return mapping;
}

std::string toToml(const RemoteMapping &mapping)
{
    std::string out = "# A table of spans in another database: which column is what.\n";
    const auto text = [&](const char *key, const std::string &value) {
        if (!value.empty())
            out += std::string(key) + " = " + quotedToml(value) + "\n";
    };
    const auto texts = [&](const char *key, const std::vector<std::string> &values) {
        if (!values.empty())
            out += std::string(key) + " = " + listToml(values) + "\n";
    };
    text("name", mapping.name);
    text("schema", mapping.schema);
    text("table", mapping.table);
    text("start", mapping.start);
    text("start_unit", std::string(toText(mapping.startUnit)));
    text("duration", mapping.duration);
    if (!mapping.duration.empty())
        text("duration_unit", std::string(toText(mapping.durationUnit)));
    text("end", mapping.end);
    text("service", mapping.service);
    text("operation", mapping.operation);
    text("trace", mapping.trace);
    text("span", mapping.span);
    text("parent", mapping.parent);
    text("status", mapping.status);
    texts("error_values", mapping.errorValues);
    text("attributes", mapping.attributes);
    texts("attribute_columns", mapping.attributeColumns);
    texts("shard", mapping.shard);
    return out;
}

} // namespace tailscope::live
