// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/eventwatch.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::live {

namespace {

/// Settings whose value may hold a password are named without it.
bool isSecret(std::string_view setting)
{
    return setting == "primary_conninfo" || setting.ends_with("_command")
        || setting.find("passphrase") != std::string_view::npos;
}

bool hasColumns(const ResultSet &rows, std::initializer_list<std::string_view> names)
{
    return std::all_of(names.begin(), names.end(),
        [&](std::string_view name) { return rows.column(name) >= 0; });
}

/// The command a progress view is of, by a column that only it has.
std::string_view progressOf(const ResultSet &rows)
{
    if (!hasColumns(rows, {"pid", "phase"}))
        return {};
    if (hasColumns(rows, {"heap_blks_vacuumed"}))
        return "VACUUM";
    if (hasColumns(rows, {"sample_blks_total"}))
        return "ANALYZE";
    if (hasColumns(rows, {"lockers_total"}))
        return "CREATE INDEX";
    if (hasColumns(rows, {"heap_tuples_scanned"}))
        return "CLUSTER";
    if (hasColumns(rows, {"backup_streamed"}))
        return "BASE BACKUP";
    return {};
}

std::string text(const std::optional<std::string_view> &cell) { return std::string(cell.value_or("")); }

} // namespace

EventWatch::EventWatch(ServerSink &sink)
    : m_sink(sink)
{}

void EventWatch::connected()
{
    m_counters.clear();
    m_resets.clear();
    for (const auto &[key, running] : m_running)
        ended(running);
    m_running.clear();
}

void EventWatch::take(const Sample &sample)
{
    const ResultSet &rows = sample.rows;
    const Nanos now = sample.sentNs;
    if (const std::string_view command = progressOf(rows); !command.empty())
        return takeProgress(command, rows, now);
    if (rows.rows() == 0)
        return;
    if (hasColumns(rows, {"checkpoints_timed", "checkpoints_req"})
        || hasColumns(rows, {"num_timed", "num_requested"}))
        takeCheckpoints(rows, now);
    else if (hasColumns(rows, {"datname", "deadlocks"}))
        takeDatabases(rows, now);
    else if (hasColumns(rows, {"name", "setting"}))
        takeSettings(rows, now);
    else if (sample.probe->id == "indexes" && hasColumns(rows, {"indexrelid", "schemaname", "indexrelname"}))
        takeObjects("index", rows, now, "indexrelid", "indexrelname");
    else if (sample.probe->id == "tables" && hasColumns(rows, {"relid", "schemaname", "relname"}))
        takeObjects("table", rows, now, "relid", "relname");
    // Of all databases, of one view: each has a time of its own.
    const int reset = rows.column("stats_reset");
    for (std::size_t row = 0; reset >= 0 && row < rows.rows(); ++row) {
        const auto cell = rows.cell(row, static_cast<std::size_t>(reset));
        if (!cell)
            continue;
        const std::string key = std::string(sample.probe->id) + '\x1f' + text(rows.cell(row, "datname"));
        const auto [place, isNew] = m_resets.try_emplace(key, *cell);
        if (isNew || place->second == *cell)
            continue;
        place->second = *cell;
        const std::string of = text(rows.cell(row, "datname"));
        tell("statistics_reset", now, kUnknownNanos,
            "statistics were reset: " + std::string(sample.probe->title) + (of.empty() ? "" : " of " + of));
    }
}

std::optional<std::int64_t> EventWatch::growth(const std::string &name, std::optional<std::string_view> cell)
{
    const std::optional<std::int64_t> value = cell ? parseInt64(*cell) : std::nullopt;
    if (!value)
        return std::nullopt;
    const auto [place, isNew] = m_counters.try_emplace(name, *value);
    if (isNew)
        return std::nullopt;
    const std::int64_t grown = *value - place->second;
    place->second = *value;
    return grown < 0 ? std::nullopt : std::optional(grown);
}

void EventWatch::takeCheckpoints(const ResultSet &rows, Nanos now)
{
    // 17 moved them to a view of their own.
    const bool isOld = rows.column("checkpoints_timed") >= 0;
    const auto timed = growth("timed", rows.cell(0, isOld ? "checkpoints_timed" : "num_timed"));
    const auto requested = growth("requested", rows.cell(0, isOld ? "checkpoints_req" : "num_requested"));
    const auto written = growth("written", rows.cell(0, isOld ? "buffers_checkpoint" : "buffers_written"));
    const std::string detail
        = written ? groupedCount(*written) + " buffers written since they were asked for last" : "";
    if (timed.value_or(0) > 0)
        tell("checkpoint", now, kUnknownNanos, "checkpoint by time", detail);
    if (requested.value_or(0) > 0)
        tell("checkpoint", now, kUnknownNanos, "checkpoint requested", detail);
}

void EventWatch::takeDatabases(const ResultSet &rows, Nanos now)
{
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const std::string database = text(rows.cell(row, "datname"));
        const std::int64_t more = growth("deadlocks " + database, rows.cell(row, "deadlocks")).value_or(0);
        if (more > 0)
            tell("deadlock", now, kUnknownNanos,
                (more == 1 ? std::string("a deadlock") : std::to_string(more) + " deadlocks")
                    + (database.empty() ? "" : " in " + database),
                "The server's log says who took part.");
    }
}

void EventWatch::takeSettings(const ResultSet &rows, Nanos now)
{
    const int unit = rows.column("unit");
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const std::string name = text(rows.cell(row, "name")), value = text(rows.cell(row, "setting"));
        if (m_settings.size() >= kMaxKnown)
            return;
        const auto [place, isNew] = m_settings.try_emplace(name, value);
        if (isNew || place->second == value)
            continue;
        const std::string of
            = unit < 0 ? std::string() : text(rows.cell(row, static_cast<std::size_t>(unit)));
        const std::string suffix = of.empty() ? of : " (" + of + ")";
        tell("config", now, kUnknownNanos, name + " was changed",
            isSecret(name) ? std::string("its value is not kept")
                           : "from " + place->second + " to " + value + suffix);
        place->second = value;
    }
}

void EventWatch::takeProgress(std::string_view command, const ResultSet &rows, Nanos now)
{
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const std::string pid = text(rows.cell(row, "pid"));
        Running &running = m_running[{std::string(command), pid}];
        std::string relation = text(rows.cell(row, "relname"));
        if (relation.empty())
            relation = text(rows.cell(row, "relid"));
        // One process goes from table to table: each is a run of its own.
        if (running.startNs != 0 && running.relation != relation) {
            ended(running);
            running = {};
        }
        if (running.startNs == 0) {
            running.startNs = now;
            running.command = command;
            running.relation = std::move(relation);
            running.database = text(rows.cell(row, "datname"));
        }
        running.seenNs = now;
    }
    std::erase_if(m_running, [&](const auto &entry) {
        const bool isOver = entry.first.first == command && entry.second.seenNs != now;
        if (isOver)
            ended(entry.second);
        return isOver;
    });
}

void EventWatch::ended(const Running &running)
{
    const bool isVacuum = running.command == "VACUUM" || running.command == "ANALYZE";
    tell(isVacuum ? "vacuum" : "ddl", running.startNs, running.seenNs,
        running.command + (running.relation.empty() ? "" : " of " + running.relation),
        running.database.empty() ? std::string() : "in " + running.database);
}

/// Tables and indexes that are there now and were not, and the other way round.
void EventWatch::takeObjects(std::string_view what, const ResultSet &rows, Nanos now,
    std::string_view idColumn, std::string_view nameColumn)
{
    if (rows.rows() > kMaxKnown) // probes ask for the largest only: others come and go by size
        return;
    std::map<std::string, std::string> present;
    for (std::size_t row = 0; row < rows.rows(); ++row)
        present[text(rows.cell(row, idColumn))]
            = text(rows.cell(row, "schemaname")) + '.' + text(rows.cell(row, nameColumn));
    const auto known = m_objects.find(std::string(what));
    if (known != m_objects.end()) {
        const std::string kind(what);
        for (const auto &[oid, title] : present) {
            const auto before = known->second.find(oid);
            if (before == known->second.end())
                tell("ddl", now, kUnknownNanos, kind + " " + title + " was created");
            else if (before->second != title)
                tell("ddl", now, kUnknownNanos, kind + " " + before->second + " was renamed to " + title);
        }
        for (const auto &[oid, title] : known->second) {
            if (!present.contains(oid))
                tell("ddl", now, kUnknownNanos, kind + " " + title + " was dropped");
        }
    }
    m_objects[std::string(what)] = std::move(present);
}

void EventWatch::tell(std::string_view kind, Nanos from, Nanos to, const std::string &title,
    const std::string &detail)
{
    EventRow row;
    row.tsNs = from;
    row.endNs = to;
    row.kind = kind;
    row.service = m_sink.label();
    row.title = title;
    row.detail = detail;
    m_sink.event(row);
}

void EventWatch::finish(Nanos)
{
    for (const auto &[key, running] : m_running)
        ended(running);
    m_running.clear();
}

} // namespace tailscope::live
