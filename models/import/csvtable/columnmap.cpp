// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/csvtable/columnmap.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <sstream>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace tailscope::import::csvtable {

namespace {

constexpr std::array kPool{TargetColumn{"pool", true}, TargetColumn{"kind", true},
    TargetColumn{"instance", true}, TargetColumn{"mode", true}, TargetColumn{"capacity"},
    TargetColumn{"active"}, TargetColumn{"idle"}, TargetColumn{"waiting"}, TargetColumn{"max_wait_ms"},
    TargetColumn{"wait_p50_ms"}, TargetColumn{"wait_p95_ms"}, TargetColumn{"wait_p99_ms"},
    TargetColumn{"acquire_timeout_ms"}, TargetColumn{"acquired"}, TargetColumn{"created"},
    TargetColumn{"timeouts"}, TargetColumn{"service_ms"}, TargetColumn{"throughput"}, TargetColumn{"clients"},
    TargetColumn{"max_clients"}, TargetColumn{"wait_total_ms"}, TargetColumn{"busy_total_ms"}};
constexpr std::array kReplica{TargetColumn{"replica", true}, TargetColumn{"state", true},
    TargetColumn{"sync_state", true}, TargetColumn{"wal_rate"}, TargetColumn{"unsent_bytes"},
    TargetColumn{"unwritten_bytes"}, TargetColumn{"unflushed_bytes"}, TargetColumn{"unreplayed_bytes"},
    TargetColumn{"write_lag_ms"}, TargetColumn{"flush_lag_ms"}, TargetColumn{"replay_lag_ms"},
    TargetColumn{"link_age_ms"}, TargetColumn{"paused"}, TargetColumn{"current_position"},
    TargetColumn{"receive_position"}, TargetColumn{"replay_position"}, TargetColumn{"replay_age_ms"},
    TargetColumn{"apply_delay_ms"}, TargetColumn{"timeline"}};
constexpr std::array kQueue{TargetColumn{"queue", true}, TargetColumn{"partition", true},
    TargetColumn{"consumer_group", true}, TargetColumn{"depth"}, TargetColumn{"arrived"},
    TargetColumn{"completed"}, TargetColumn{"members"}, TargetColumn{"assigned"},
    TargetColumn{"oldest_age_ms"}, TargetColumn{"retention_ms"}, TargetColumn{"in_flight"},
    TargetColumn{"delayed"}, TargetColumn{"failed"}, TargetColumn{"position"}, TargetColumn{"end_position"}};
constexpr std::array kCache{TargetColumn{"cache", true}, TargetColumn{"instance", true}, TargetColumn{"hits"},
    TargetColumn{"misses"}, TargetColumn{"evictions"}, TargetColumn{"expirations"}, TargetColumn{"items"},
    TargetColumn{"used_bytes"}, TargetColumn{"capacity_bytes"}};
constexpr std::array kTargets{RecordTarget{"pool_sample", RecordTable::PoolSample, kPool},
    RecordTarget{"replica_sample", RecordTable::ReplicaSample, kReplica},
    RecordTarget{"queue_sample", RecordTable::QueueSample, kQueue},
    RecordTarget{"cache_sample", RecordTable::CacheSample, kCache}};

constexpr std::array<std::pair<std::string_view, SeriesKind>, 4> kKinds{{{"gauge", SeriesKind::Gauge},
    {"counter", SeriesKind::Counter}, {"delta", SeriesKind::Delta}, {"unknown", SeriesKind::Unknown}}};
constexpr std::array<std::pair<std::string_view, EpochUnit>, 4> kUnits{{{"s", EpochUnit::Seconds},
    {"ms", EpochUnit::Millis}, {"us", EpochUnit::Micros}, {"ns", EpochUnit::Nanos}}};

template<typename T, std::size_t N>
std::optional<T> valueOf(const std::array<std::pair<std::string_view, T>, N> &words, std::string_view word)
{
    const auto found
        = std::find_if(words.begin(), words.end(), [&](const auto &w) { return w.first == word; });
    return found == words.end() ? std::nullopt : std::optional(found->second);
}
template<typename T, std::size_t N>
std::string_view wordOf(const std::array<std::pair<std::string_view, T>, N> &words, T value)
{
    const auto found
        = std::find_if(words.begin(), words.end(), [&](const auto &w) { return w.second == value; });
    return found == words.end() ? std::string_view() : found->first;
}

/// Takes the keys of one TOML table; the first problem is kept.
class Keys
{
public:
    Keys(const toml::table &table, const std::string &file, std::optional<Error> &problem)
        : m_table(table)
        , m_file(file)
        , m_problem(problem)
    {}
    void only(std::initializer_list<std::string_view> names)
    {
        for (const auto &[key, node] : m_table) {
            if (std::find(names.begin(), names.end(), key.str()) != names.end())
                continue;
            std::string hint = "Known here:";
            for (const std::string_view name : names)
                hint += ' ' + std::string(name);
            refuse(node, "unknown key '" + std::string(key.str()) + "'", hint + '.');
        }
    }
    void text(const char *key, std::string &into)
    {
        if (const toml::node *node = m_table.get(key)) {
            if (const auto value = node->value_exact<std::string>())
                into = *value;
            else
                refuse(*node, "'" + std::string(key) + "' is no text", "Write it in quotes.");
        }
    }
    void flag(const char *key, bool &into)
    {
        if (const toml::node *node = m_table.get(key)) {
            if (const auto value = node->value_exact<bool>())
                into = *value;
            else
                refuse(*node, "'" + std::string(key) + "' is neither true nor false", "Write true or false.");
        }
    }
    void number(const char *key, double &into)
    {
        if (const toml::node *node = m_table.get(key)) {
            const auto value = node->value<double>();
            if (value && std::isfinite(*value))
                into = *value;
            else
                refuse(*node, "'" + std::string(key) + "' is no finite number", "Write a number.");
        }
    }
    void texts(const char *key, std::vector<std::string> &into)
    {
        const toml::node *node = m_table.get(key);
        if (node == nullptr)
            return;
        const toml::array *list = node->as_array();
        if (list == nullptr)
            return refuse(*node, "'" + std::string(key) + "' is no list", "Write: [\"a\", \"b\"].");
        for (const toml::node &entry : *list) {
            if (const auto value = entry.value_exact<std::string>())
                into.push_back(*value);
            else
                return refuse(entry, "an entry of '" + std::string(key) + "' is no text",
                    "Write it in quotes.");
        }
    }
    void pairs(const char *key, std::map<std::string, std::string> &into)
    {
        const toml::node *node = m_table.get(key);
        if (node == nullptr)
            return;
        const toml::table *table = node->as_table();
        if (table == nullptr)
            return refuse(*node, "'" + std::string(key) + "' is no table", "Write: { active = \"In Use\" }.");
        for (const auto &[name, value] : *table) {
            if (const auto text = value.value_exact<std::string>())
                into[std::string(name.str())] = *text;
            else
                return refuse(value, "'" + std::string(name.str()) + "' is no text", "Write it in quotes.");
        }
    }
    const toml::table *table(const char *key)
    {
        const toml::node *node = m_table.get(key);
        if (node != nullptr && !node->is_table())
            refuse(*node, "'" + std::string(key) + "' is no table",
                "Write a line [" + std::string(key) + "].");
        return node == nullptr ? nullptr : node->as_table();
    }
    void refuse(const toml::node &node, std::string detail, std::string hint)
    {
        if (m_problem)
            return;
        const auto line = static_cast<std::uint64_t>(node.source().begin.line);
        m_problem = Error{ErrorCode::BadInput, m_file, std::move(detail),
            Location{std::nullopt, line, std::nullopt}, std::move(hint)};
    }

private:
    const toml::table &m_table;
    const std::string &m_file;
    std::optional<Error> &m_problem;
};

void takeTime(const toml::table &table, const std::string &file, ColumnMap &map,
    std::optional<Error> &problem)
{
    Keys keys(table, file, problem);
    keys.only({"column", "unit", "pattern"});
    keys.text("column", map.timeColumn);
    keys.text("pattern", map.timePattern);
    std::string unit;
    keys.text("unit", unit);
    map.timeUnit = valueOf(kUnits, std::string_view(unit));
    if (!unit.empty() && !map.timeUnit)
        keys.refuse(*table.get("unit"), "'" + unit + "' is no unit of time", "Known: s, ms, us, ns.");
}

void takeSeries(const toml::node &node, const std::string &file, ColumnMap &map,
    std::optional<Error> &problem)
{
    const toml::table *table = node.as_table();
    if (table == nullptr) {
        Keys(toml::table(), file, problem).refuse(node, "'series' is no list of tables", "Write [[series]].");
        return;
    }
    Keys keys(*table, file, problem);
    keys.only({"column", "metric", "unit", "kind", "scale"});
    ColumnMap::Series series;
    keys.text("column", series.column);
    keys.text("metric", series.metric);
    keys.text("unit", series.unit);
    keys.number("scale", series.scale);
    std::string kind = "gauge";
    keys.text("kind", kind);
    if (const auto known = valueOf(kKinds, std::string_view(kind)))
        series.kind = *known;
    else
        keys.refuse(*table->get("kind"), "'" + kind + "' is no kind",
            "Known: gauge, counter, delta, unknown.");
    if (series.column.empty())
        keys.refuse(node, "a series without 'column'", "Name the column of the file.");
    if (series.metric.empty())
        series.metric = series.column;
    map.series.push_back(std::move(series));
}

void takeRecord(const toml::table &table, const std::string &file, ColumnMap &map,
    std::optional<Error> &problem)
{
    Keys keys(table, file, problem);
    keys.only({"table", "columns", "constants"});
    keys.text("table", map.table);
    keys.pairs("columns", map.fields);
    keys.pairs("constants", map.constants);
    const RecordTarget *target = recordTarget(map.table);
    if (target == nullptr) {
        std::string known = "Known:";
        for (const RecordTarget &one : recordTargets())
            known += ' ' + std::string(one.name);
        return keys.refuse(table, "'" + map.table + "' is no table that rows can be mapped to", known + '.');
    }
    for (const auto *names : {&map.fields, &map.constants}) {
        for (const auto &[name, ignored] : *names) {
            const bool known = std::any_of(target->columns.begin(), target->columns.end(),
                [&name = name](const TargetColumn &column) { return column.name == name; });
            std::string all = "Known:";
            for (const TargetColumn &column : target->columns)
                all += ' ' + std::string(column.name);
            if (!known)
                keys.refuse(table, map.table + " has no column '" + name + "'", all + '.');
        }
    }
    if (map.fields.empty())
        keys.refuse(table, "a table without columns",
            "Write: columns = { pool = \"Pool\", active = \"In Use\" }.");
}

std::string quoted(const std::string &text)
{
    std::ostringstream out;
    out << toml::value<std::string>(text);
    return out.str();
}

std::string list(const std::vector<std::string> &texts)
{
    std::string out = "[";
    for (const std::string &text : texts)
        out += (out.size() > 1 ? ", " : "") + quoted(text);
    return out + "]";
}

std::string pairs(const std::map<std::string, std::string> &all)
{
    std::string out = "{";
    for (const auto &[name, text] : all)
        out += (out.size() > 1 ? ", " : " ") + name + " = " + quoted(text);
    return out + " }";
}

} // namespace

std::span<const RecordTarget> recordTargets() { return kTargets; }

const RecordTarget *recordTarget(std::string_view name)
{
    const auto found = std::find_if(kTargets.begin(), kTargets.end(),
        [&](const RecordTarget &t) { return t.name == name; });
    return found == kTargets.end() ? nullptr : &*found;
}

Result<ColumnMap> ColumnMap::parse(std::string_view text, const std::string &file)
{
    // A dotted key is a table for each of its parts, which are destroyed by recursion.
    if (std::count(text.begin(), text.end(), '.') > 10'000)
        return fail(ErrorCode::LimitExceeded, file, "it has more than 10,000 dots", "Is it a column map?");
    const toml::parse_result parsed = toml::parse(text, file);
    if (!parsed) {
        const auto line = static_cast<std::uint64_t>(parsed.error().source().begin.line);
        return fail(Error{ErrorCode::BadInput, file, std::string(parsed.error().description()),
            Location{std::nullopt, line, std::nullopt}, "Mend the line: the map is TOML."});
    }
    ColumnMap map;
    std::optional<Error> problem;
    Keys keys(parsed.table(), file, problem);
    keys.only({"delimiter", "header", "skip_lines", "time", "long", "series", "other_columns", "labels",
        "ignore", "service", "instance", "record"});
    std::string delimiter;
    keys.text("delimiter", delimiter);
    if (delimiter.size() == 1)
        map.delimiter = delimiter.front();
    else if (!delimiter.empty())
        keys.refuse(*parsed.table().get("delimiter"), "the delimiter is longer than one byte",
            "Write one, like \";\".");
    keys.flag("header", map.hasHeader);
    double skip = 0;
    keys.number("skip_lines", skip);
    map.skipLines = static_cast<std::size_t>(std::clamp(skip, 0.0, 1000.0));
    keys.flag("other_columns", map.otherColumns);
    keys.texts("labels", map.labels);
    keys.texts("ignore", map.ignored);
    keys.text("service", map.service);
    keys.text("instance", map.instance);
    if (const toml::table *time = keys.table("time"))
        takeTime(*time, file, map, problem);
    if (const toml::table *longForm = keys.table("long")) {
        Keys inner(*longForm, file, problem);
        inner.only({"metric", "value"});
        inner.text("metric", map.metricColumn);
        inner.text("value", map.valueColumn);
        if (map.metricColumn.empty() || map.valueColumn.empty())
            inner.refuse(*longForm, "the long form needs 'metric' and 'value'", "Name both columns.");
    }
    if (const toml::node *node = parsed.table().get("series")) {
        if (const toml::array *all = node->as_array()) {
            for (const toml::node &one : *all)
                takeSeries(one, file, map, problem);
        } else {
            keys.refuse(*node, "'series' is no list of tables", "Write [[series]].");
        }
    }
    if (const toml::table *record = keys.table("record"))
        takeRecord(*record, file, map, problem);
    if (problem)
        return fail(std::move(*problem));
    return map;
}

std::string ColumnMap::toToml() const
{
    std::string out;
    if (delimiter)
        out += "delimiter = " + quoted(std::string(1, *delimiter)) + "\n";
    if (!hasHeader)
        out += "header = false\n";
    if (skipLines > 0)
        out += "skip_lines = " + std::to_string(skipLines) + "\n";
    if (!otherColumns)
        out += "other_columns = false\n";
    if (!labels.empty())
        out += "labels = " + list(labels) + "\n";
    if (!ignored.empty())
        out += "ignore = " + list(ignored) + "\n";
    if (!service.empty())
        out += "service = " + quoted(service) + "\n";
    if (!instance.empty())
        out += "instance = " + quoted(instance) + "\n";
    if (!timeColumn.empty() || timeUnit || !timePattern.empty()) {
        out += "\n[time]\n";
        if (!timeColumn.empty())
            out += "column = " + quoted(timeColumn) + "\n";
        if (timeUnit)
            out += "unit = \"" + std::string(wordOf(kUnits, *timeUnit)) + "\"\n";
        if (!timePattern.empty())
            out += "pattern = " + quoted(timePattern) + "\n";
    }
    if (!metricColumn.empty())
        out += "\n[long]\nmetric = " + quoted(metricColumn) + "\nvalue = " + quoted(valueColumn) + "\n";
    for (const Series &one : series) {
        out += "\n[[series]]\ncolumn = " + quoted(one.column) + "\nmetric = " + quoted(one.metric) + "\n";
        if (!one.unit.empty())
            out += "unit = " + quoted(one.unit) + "\n";
        if (one.kind != SeriesKind::Gauge)
            out += "kind = \"" + std::string(wordOf(kKinds, one.kind)) + "\"\n";
        if (one.scale != 1) {
            std::array<char, 32> digits{};
            const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), one.scale).ptr;
            out += "scale = " + std::string(digits.data(), end) + "\n";
        }
    }
    if (!table.empty()) {
        out += "\n[record]\ntable = " + quoted(table) + "\ncolumns = " + pairs(fields) + "\n";
        if (!constants.empty())
            out += "constants = " + pairs(constants) + "\n";
    }
    return out;
}

} // namespace tailscope::import::csvtable
