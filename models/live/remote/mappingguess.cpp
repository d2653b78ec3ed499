// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A mapping by the names that tools and people give their columns.
#include "live/remote/remotemapping.h"

#include "base/text.h"

#include <algorithm>
#include <initializer_list>

namespace tailscope::live {

namespace {

/// "start_time" and "StartTime" read the same.
std::string plainName(std::string_view name)
{
    std::string out;
    for (const char c : toLowerAscii(name)) {
        if (c != '_' && c != '-' && c != '.' && c != ' ')
            out += c;
    }
    return out;
}

bool isNumber(const RemoteColumn &column)
{
    for (const std::string_view known : {"int2", "int4", "int8", "numeric", "float4", "float8"}) {
        if (column.udtName == known)
            return true;
    }
    return false;
}
bool isWhole(const RemoteColumn &column) { return isNumber(column) && column.udtName.starts_with("int"); }
bool isTime(const RemoteColumn &column)
{
    return column.udtName == "timestamptz" || column.udtName == "timestamp";
}
bool isText(const RemoteColumn &column)
{
    for (const std::string_view known : {"text", "varchar", "bpchar", "name"}) {
        if (column.udtName == known)
            return true;
    }
    return false;
}

/// Unit by the end of the name; nullopt: it does not say.
std::optional<RemoteUnit> unitOfName(std::string_view plain)
{
    const auto ends = [&](std::initializer_list<std::string_view> words) {
        return std::any_of(words.begin(), words.end(), [&](auto word) { return plain.ends_with(word); });
    };
    if (ends({"ns", "nano", "nanos", "nanoseconds", "unixnano"}))
        return RemoteUnit::Nanos;
    if (ends({"us", "micros", "microseconds"}))
        return RemoteUnit::Micros;
    if (ends({"ms", "millis", "milliseconds"}))
        return RemoteUnit::Millis;
    if (ends({"sec", "secs", "seconds"}))
        return RemoteUnit::Seconds;
    return std::nullopt;
}

/// The part of a name before its unit.
std::string withoutUnit(std::string plain)
{
    for (const std::string_view word : {"unixnano", "nanoseconds", "microseconds", "milliseconds", "seconds",
             "nanos", "micros", "millis", "nano", "secs", "sec", "ns", "us", "ms"}) {
        if (plain.size() > word.size() && plain.ends_with(word)) {
            return plain.substr(0, plain.size() - word.size());
        }
    }
    return plain;
}

class Guess
{
public:
    explicit Guess(const std::vector<RemoteColumn> &columns)
        : m_columns(columns)
        , m_taken(columns.size(), false)
    {}

    /// The first name of the list that a column has which `fits`; nullptr: none. Taken columns are not given
    /// again.
    template<typename Fits>
    const RemoteColumn *find(std::initializer_list<std::string_view> names, Fits fits, bool cutUnit = false)
    {
        for (const std::string_view name : names) {
            for (std::size_t i = 0; i < m_columns.size(); ++i) {
                const std::string plain = plainName(m_columns[i].name);
                if (!m_taken[i] && (plain == name || (cutUnit && withoutUnit(plain) == name))
                    && fits(m_columns[i])) {
                    m_taken[i] = true;
                    return &m_columns[i];
                }
            }
        }
        return nullptr;
    }
    std::vector<const RemoteColumn *> rest() const
    {
        std::vector<const RemoteColumn *> out;
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            if (!m_taken[i])
                out.push_back(&m_columns[i]);
        }
        return out;
    }
    void take(const std::string &name)
    {
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            if (m_columns[i].name == name)
                m_taken[i] = true;
        }
    }

private:
    const std::vector<RemoteColumn> &m_columns;
    std::vector<bool> m_taken;
};

std::string nameOf(const RemoteColumn *column) { return column ? column->name : std::string(); }

void guessTimes(Guess &guess, RemoteMapping &mapping)
{
    const auto timeOrNumber = [](const RemoteColumn &column) { return isTime(column) || isNumber(column); };
    const RemoteColumn *start
        = guess.find({"starttime", "start", "starttimestamp", "startts", "startedat", "begintime",
                         "timestamp", "ts", "time", "eventtime", "logtime", "createdat"},
            timeOrNumber, true);
    mapping.start = nameOf(start);
    if (start && !isTime(*start))
        // Without a unit in the name: what most exporters of numbers write.
        mapping.startUnit = unitOfName(plainName(start->name)).value_or(RemoteUnit::Nanos);
    const auto span
        = [](const RemoteColumn &column) { return isNumber(column) || column.udtName == "interval"; };
    const RemoteColumn *duration = guess.find({"duration", "elapsed", "latency", "durationtime",
                                                  "elapsedtime", "took", "responsetime"},
        span, true);
    mapping.duration = nameOf(duration);
    if (duration && duration->udtName == "interval")
        mapping.durationUnit = RemoteUnit::Interval;
    else if (duration)
        mapping.durationUnit = unitOfName(plainName(duration->name))
                                   .value_or(isWhole(*duration) ? RemoteUnit::Nanos : RemoteUnit::Millis);
    if (!duration)
        mapping.end = nameOf(guess.find({"endtime", "end", "endtimestamp", "endts", "endedat", "finishedat",
                                            "finishtime", "stoptime"},
            timeOrNumber, true));
}

void guessStatus(Guess &guess, RemoteMapping &mapping)
{
    const auto any = [](const RemoteColumn &) { return true; };
    const RemoteColumn *status = guess.find({"statuscode", "otelstatuscode", "status", "iserror", "error",
                                                "haserror", "severitytext", "severity", "level"},
        any);
    mapping.status = nameOf(status);
    if (!status)
        return;
    if (status->udtName == "bool")
        mapping.errorValues = {"true"};
    else if (isNumber(*status))
        mapping.errorValues = {"2"}; // STATUS_CODE_ERROR of OpenTelemetry
    else
        mapping.errorValues = {"ERROR", "Error", "error", "STATUS_CODE_ERROR"};
}

} // namespace

RemoteMapping guessMapping(const std::string &schema, const std::string &table,
    const std::vector<RemoteColumn> &columns, const std::vector<std::string> &listKey)
{
    constexpr std::size_t kMaxAttributeColumns = 20;
    RemoteMapping mapping;
    mapping.schema = schema;
    mapping.table = table;
    mapping.name = schema + "." + table;
    Guess guess(columns);
    mapping.shard = listKey;
    for (const std::string &key : listKey)
        guess.take(key);
    guessTimes(guess, mapping);
    const auto any = [](const RemoteColumn &) { return true; };
    const std::initializer_list<std::string_view> services{"servicename", "service", "svc", "application",
        "app"};
    mapping.service = nameOf(guess.find(services, isText));
    // A table that is partitioned by service: one column is both.
    for (const RemoteColumn &column : columns) {
        const bool isKey = std::find(listKey.begin(), listKey.end(), column.name) != listKey.end();
        if (mapping.service.empty() && isKey && isText(column)
            && std::find(services.begin(), services.end(), plainName(column.name)) != services.end())
            mapping.service = column.name;
    }
    mapping.operation = nameOf(
        guess.find({"operationname", "operation", "spanname", "name", "op", "endpoint", "route"}, isText));
    mapping.trace = nameOf(guess.find({"traceid", "trace", "tracekey", "requestid"}, any));
    mapping.span = nameOf(guess.find({"spanid", "span", "spankey"}, any));
    mapping.parent = nameOf(guess.find({"parentspanid", "parentid", "parentspan", "parent"}, any));
    guessStatus(guess, mapping);
    const auto isJson = [](const RemoteColumn &column) { return column.udtName == "jsonb"; };
    mapping.attributes = nameOf(
        guess.find({"attributes", "spanattributes", "attrs", "tags", "labels", "properties"}, isJson));
    for (const RemoteColumn *column : guess.rest()) {
        if (mapping.attributes.empty() && isJson(*column))
            mapping.attributes = column->name;
        else if ((isText(*column) || column->udtName == "bool")
            && mapping.attributeColumns.size() < kMaxAttributeColumns)
            mapping.attributeColumns.push_back(column->name);
    }
    return mapping;
}

} // namespace tailscope::live
