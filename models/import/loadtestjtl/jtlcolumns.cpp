// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestjtl/jtlcolumns.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tailscope::import::jtl {

namespace {

using Field = JtlColumns::Field;

constexpr std::array<std::pair<std::string_view, Field>, 21> kNames{{
    {"timestamp", &JtlSample::timeStamp},
    {"elapsed", &JtlSample::elapsed},
    {"label", &JtlSample::label},
    {"responsecode", &JtlSample::responseCode},
    {"responsemessage", &JtlSample::responseMessage},
    {"threadname", &JtlSample::threadName},
    {"datatype", &JtlSample::dataType},
    {"success", &JtlSample::success},
    {"failuremessage", &JtlSample::failureMessage},
    {"bytes", &JtlSample::bytes},
    {"sentbytes", &JtlSample::sentBytes},
    {"grpthreads", &JtlSample::grpThreads},
    {"allthreads", &JtlSample::allThreads},
    {"url", &JtlSample::url},
    {"latency", &JtlSample::latency},
    {"idletime", &JtlSample::idleTime},
    {"connect", &JtlSample::connect},
    {"hostname", &JtlSample::hostname},
    // Older spellings.
    {"time", &JtlSample::elapsed},
    {"time_stamp", &JtlSample::timeStamp},
    {"connecttime", &JtlSample::connect},
}};

/// The first eight columns are the same in all versions.
constexpr std::array<Field, 8> kFirst{&JtlSample::timeStamp, &JtlSample::elapsed, &JtlSample::label,
    &JtlSample::responseCode, &JtlSample::responseMessage, &JtlSample::threadName, &JtlSample::dataType,
    &JtlSample::success};

std::vector<Field> defaultOrder(std::size_t columns)
{
    std::vector<Field> fields(kFirst.begin(), kFirst.end());
    const auto add = [&fields](std::initializer_list<Field> rest) {
        fields.insert(fields.end(), rest.begin(), rest.end());
        return fields;
    };
    switch (columns) {
    case 10: // 2.3 to 2.8
        return add({&JtlSample::bytes, &JtlSample::latency});
    case 12: // 2.9 to 2.13
        return add({&JtlSample::bytes, &JtlSample::grpThreads, &JtlSample::allThreads, &JtlSample::latency});
    case 14: // 3.0
        return add({&JtlSample::failureMessage, &JtlSample::bytes, &JtlSample::grpThreads,
            &JtlSample::allThreads, &JtlSample::latency, &JtlSample::idleTime});
    case 16: // 3.1 to 3.3
        return add(
            {&JtlSample::failureMessage, &JtlSample::bytes, &JtlSample::sentBytes, &JtlSample::grpThreads,
                &JtlSample::allThreads, &JtlSample::latency, &JtlSample::idleTime, &JtlSample::connect});
    case 17: // 4.0 and later
        return add({&JtlSample::failureMessage, &JtlSample::bytes, &JtlSample::sentBytes,
            &JtlSample::grpThreads, &JtlSample::allThreads, &JtlSample::url, &JtlSample::latency,
            &JtlSample::idleTime, &JtlSample::connect});
    default:
        return {};
    }
}

/// Fields of a line; quotes are respected, doubled ones stay.
std::vector<std::string_view> cut(std::string_view line, char delimiter)
{
    std::vector<std::string_view> result;
    bool inside = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= line.size(); ++i) {
        if (i == line.size() || (line[i] == delimiter && !inside)) {
            result.push_back(line.substr(begin, i - begin));
            begin = i + 1;
        } else if (line[i] == '"') {
            inside = !inside;
        }
    }
    return result;
}

bool isBoolean(std::string_view text)
{
    const std::string lower = toLowerAscii(trimmed(text));
    return lower == "true" || lower == "false";
}

std::optional<JtlColumns> fromHeader(const std::vector<std::string_view> &names, char delimiter)
{
    JtlColumns columns;
    columns.delimiter = delimiter;
    columns.hasHeader = true;
    bool time = false, elapsed = false, label = false;
    for (std::string_view text : names) {
        text = trimmed(text);
        if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
            text = text.substr(1, text.size() - 2);
        const std::string name = toLowerAscii(trimmed(text));
        const auto known = std::find_if(kNames.begin(), kNames.end(),
            [&name](const auto &entry) { return entry.first == name; });
        Field field = known != kNames.end() ? known->second : nullptr;
        if (field != nullptr
            && std::find(columns.fields.begin(), columns.fields.end(), field) != columns.fields.end())
            field = nullptr;
        columns.fields.push_back(field);
        time |= field == &JtlSample::timeStamp;
        elapsed |= field == &JtlSample::elapsed;
        label |= field == &JtlSample::label;
    }
    return time && elapsed && label ? std::optional(columns) : std::nullopt;
}

std::optional<JtlColumns> fromData(const std::vector<std::string_view> &values, char delimiter)
{
    JtlColumns columns;
    columns.delimiter = delimiter;
    columns.fields = defaultOrder(values.size());
    constexpr std::size_t kSuccess = 7;
    const bool hasMillis = values.size() > kSuccess && trimmed(values[0]).size() == 13
        && parseInt64(trimmed(values[0])).has_value();
    if (columns.fields.empty() || !hasMillis || !parseInt64(trimmed(values[1]))
        || !isBoolean(values[kSuccess]))
        return std::nullopt;
    return columns;
}

} // namespace

std::optional<JtlColumns> JtlColumns::of(std::string_view line)
{
    for (const char delimiter : {',', ';', '\t', '|'}) {
        const std::vector<std::string_view> values = cut(line, delimiter);
        if (values.size() < 3)
            continue;
        if (auto columns = fromHeader(values, delimiter))
            return columns;
        if (auto columns = fromData(values, delimiter))
            return columns;
    }
    return std::nullopt;
}

JtlSample JtlColumns::sample(const std::vector<std::string_view> &values, std::uint64_t offset) const
{
    JtlSample sample;
    sample.offset = offset;
    for (std::size_t i = 0; i < std::min(values.size(), fields.size()); ++i) {
        if (fields[i] != nullptr)
            sample.*fields[i] = values[i];
    }
    return sample;
}

} // namespace tailscope::import::jtl
