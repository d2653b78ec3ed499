// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/maintenancerows.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::import::pglog {

namespace {

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

/// Seconds that a message gives, as the start of what ended at its time.
Nanos startOf(const LogRecord &record, double seconds)
{
    constexpr double kLongest = 30.0 * 86400;
    if (record.tsNs == kUnknownNanos || seconds > kLongest)
        return kUnknownNanos;
    return saturatingSub(record.tsNs, static_cast<Nanos>(std::llround(seconds * 1e9)));
}

struct Figure
{
    std::string_view text; ///< what stands before the number, or behind it
    bool before;
    std::string_view metric, unit;
    double scale;
};

constexpr auto kCheckpoint = std::to_array<Figure>({
    {"wrote ", false, "postgresql.checkpoint.buffers_written", "{buffer}", 1},
    {" WAL file(s) added", true, "postgresql.checkpoint.wal_added", "{file}", 1},
    {" transaction log file(s) added", true, "postgresql.checkpoint.wal_added", "{file}", 1},
    {" removed", true, "postgresql.checkpoint.wal_removed", "{file}", 1},
    {" recycled", true, "postgresql.checkpoint.wal_recycled", "{file}", 1},
    {"write=", false, "postgresql.checkpoint.write_time", "ms", 1000},
    {"sync=", false, "postgresql.checkpoint.sync_time", "ms", 1000},
    {"total=", false, "postgresql.checkpoint.total_time", "ms", 1000},
    {"sync files=", false, "postgresql.checkpoint.sync_files", "{file}", 1},
    {"longest=", false, "postgresql.checkpoint.longest_sync", "ms", 1000},
    {"distance=", false, "postgresql.checkpoint.distance", "By", 1024},
    {"estimate=", false, "postgresql.checkpoint.estimate", "By", 1024},
});

constexpr auto kVacuum = std::to_array<Figure>({
    {"elapsed: ", false, "postgresql.autovacuum.elapsed", "ms", 1000},
    {"pages: ", false, "postgresql.autovacuum.pages_removed", "{page}", 1},
    {"tuples: ", false, "postgresql.autovacuum.tuples_removed", "{row}", 1},
    {" are dead but not yet removable", true, "postgresql.autovacuum.tuples_not_removable", "{row}", 1},
    {"index scans: ", false, "postgresql.autovacuum.index_scans", "{scan}", 1},
    {" hits", true, "postgresql.autovacuum.buffers_hit", "{buffer}", 1},
    {" misses", true, "postgresql.autovacuum.buffers_read", "{buffer}", 1},
    {" reads", true, "postgresql.autovacuum.buffers_read", "{buffer}", 1},
    {" dirtied", true, "postgresql.autovacuum.buffers_dirtied", "{buffer}", 1},
});

std::optional<double> valueOf(const Figure &figure, std::string_view text)
{
    const std::optional<double> number
        = figure.before ? numberBefore(text, figure.text) : numberAfter(text, figure.text);
    return number ? std::optional<double>(*number * figure.scale) : std::nullopt;
}

/// Name of an attribute: what stands behind the last dot of a metric's name.
std::string_view shortName(std::string_view metric) { return metric.substr(metric.rfind('.') + 1); }

void addFigure(RowAttributes &attributes, const Figure &figure, double value)
{
    if (value == std::floor(value) && std::fabs(value) < 1e15)
        attributes.integer(shortName(figure.metric), static_cast<std::int64_t>(value));
    else
        attributes.real(shortName(figure.metric), value);
}

struct Happening
{
    std::string_view text;
    std::string_view kind, title;
};
// In the words of the server; the first that fits counts.
constexpr auto kHappenings = std::to_array<Happening>({
    {"terminating any other active server processes", "alert", "PostgreSQL: a server process crashed"},
    {"was not properly shut down", "alert", "PostgreSQL: recovery after a crash"},
    {"was interrupted; last known up", "alert", "PostgreSQL: it was interrupted"},
    {"received promote request", "failover", "PostgreSQL: promotion asked for"},
    {"selected new timeline ID", "failover", "PostgreSQL: promoted to a new timeline"},
    {"database system is ready to accept read", "failover", "PostgreSQL: ready as a standby"},
    {"database system is ready to accept connections", "failover", "PostgreSQL: started"},
    {"received fast shutdown request", "failover", "PostgreSQL: fast shutdown"},
    {"received smart shutdown request", "failover", "PostgreSQL: smart shutdown"},
    {"received immediate shutdown request", "failover", "PostgreSQL: immediate shutdown"},
    {"database system is shut down", "failover", "PostgreSQL: shut down"},
    {"received SIGHUP, reloading configuration files", "config", "PostgreSQL: configuration reloaded"},
});

constexpr auto kReplication = std::to_array<std::string_view>({"walsender", "walreceiver", "streaming WAL",
    "streaming replication", "replication slot", "replication connection", "replication command",
    "standby \"", "logical replication", "logical decoding", "archive recovery", "entering standby mode",
    "restored log file", "replication terminated", "redo starts", "redo done", "consistent recovery state",
    "synchronous standby", "requested WAL segment"});

constexpr auto kSessions = std::to_array<std::string_view>(
    {"connection received: ", "connection authenticated: ", "connection authorized: ",
        "replication connection authorized: ", "disconnection: ", "connection ready: "});

/// "0:00:01.234" in milliseconds.
std::optional<double> sessionTime(std::string_view message)
{
    constexpr std::string_view kMark = "session time: ";
    const std::size_t at = message.find(kMark);
    if (at == std::string_view::npos)
        return std::nullopt;
    std::string_view text = message.substr(at + kMark.size());
    text = text.substr(0, text.find(' '));
    double seconds = 0;
    const std::vector<std::string_view> parts = split(text, ':');
    if (parts.size() != 3)
        return std::nullopt;
    for (const std::string_view part : parts) {
        // "01.234": two digits, which JSON would not take for a number.
        const std::optional<std::int64_t> nanos = parseScaledDecimal(part, kNanosPerSecond);
        if (!nanos || *nanos < 0)
            return std::nullopt;
        seconds = seconds * 60 + static_cast<double>(*nanos) / 1e9;
    }
    return seconds * 1000;
}

/// "user=app database=shop": the value of one.
std::string_view valueOfKey(std::string_view message, std::string_view key)
{
    const std::size_t at = message.find(key);
    if (at == std::string_view::npos)
        return {};
    const std::string_view rest = message.substr(at + key.size());
    return rest.substr(0, rest.find(' '));
}

} // namespace

bool MaintenanceRows::checkpoint(const LogRecord &record, LogRow &row)
{
    const std::string_view message = record.message;
    const bool restart = message.starts_with("restartpoint ");
    if (!restart && !message.starts_with("checkpoint "))
        return false;
    const std::string_view rest = message.substr(restart ? 13 : 11);
    if (rest.starts_with("starting:")) {
        m_reason = trimmed(rest.substr(9));
    } else if (!rest.starts_with("complete:")) {
        // "checkpoints are occurring too frequently" is another message.
        return false;
    }
    row.kind = "checkpoint";
    if (!rest.starts_with("complete:"))
        return true;
    std::optional<double> total;
    for (const Figure &figure : kCheckpoint) {
        const std::optional<double> value = valueOf(figure, rest);
        if (!value)
            continue;
        addFigure(m_context.attributes, figure, *value);
        m_context.point(figure.metric, figure.unit, record.tsNs, *value);
        if (figure.text == "total=")
            total = *value;
    }
    if (total)
        row.durationMs = *total;
    const std::string title = std::string(restart ? "Restartpoint" : "Checkpoint")
        + (m_reason.empty() ? std::string() : " (" + m_reason + ")");
    m_context.event(record, "checkpoint", title, message, startOf(record, total.value_or(0) / 1000));
    m_reason.clear();
    return true;
}

bool MaintenanceRows::autovacuum(const LogRecord &record, LogRow &row)
{
    const std::string_view message = record.message;
    const std::size_t table = message.find("of table \"");
    if (!message.starts_with("automatic ") || table == std::string_view::npos || table > 80)
        return false;
    row.kind = "autovacuum";
    const std::string_view quoted = message.substr(table + 10);
    const std::string_view name = quoted.substr(0, quoted.find('"'));
    const bool analyze = message.substr(0, table).find("analyze") != std::string_view::npos;
    RowAttributes &attributes = m_context.attributes;
    attributes.text("table", std::string(name));
    attributes.text("operation", analyze ? "analyze" : "vacuum");
    const std::string labels = "{\"operation\":\"" + std::string(analyze ? "analyze" : "vacuum")
        + "\",\"table\":" + jsonQuoted(name) + "}";
    const std::string_view figures = quoted.substr(std::min(name.size(), quoted.size()));
    std::optional<double> elapsed;
    for (const Figure &figure : kVacuum) {
        const std::optional<double> value = valueOf(figure, figures);
        if (!value)
            continue;
        addFigure(attributes, figure, *value);
        m_context.point(figure.metric, figure.unit, record.tsNs, *value, labels);
        if (figure.text == "elapsed: ")
            elapsed = *value;
    }
    if (elapsed)
        row.durationMs = *elapsed;
    const std::string title = std::string(message.substr(0, table)) + "of " + std::string(name);
    m_context.event(record, "autovacuum", title, message, startOf(record, elapsed.value_or(0) / 1000));
    return true;
}

bool MaintenanceRows::temporaryFile(const LogRecord &record, LogRow &row)
{
    const std::string_view message = record.message;
    const std::size_t size = message.rfind(", size ");
    if (!message.starts_with("temporary file: path ") || size == std::string_view::npos)
        return false;
    const std::optional<std::int64_t> bytes = parseInt64(trimmed(message.substr(size + 7)));
    if (!bytes)
        return false;
    row.kind = "temp_file";
    m_context.attributes.integer("bytes", *bytes);
    m_context.point("postgresql.temp_file.size", "By", record.tsNs, static_cast<double>(*bytes));
    return true;
}

bool serverEvent(const LogRecord &record, RowContext &context)
{
    const std::string_view message = record.message;
    if (record.level != Word::Log && record.level < Word::Error)
        return false;
    if (record.level == Word::Panic) {
        context.event(record, "alert", "PostgreSQL: PANIC", message);
        return true;
    }
    if (record.level != Word::Log)
        return false;
    if (message.starts_with("parameter \"") && contains(message, "\" changed to \"")) {
        context.event(record, "config", "PostgreSQL: " + std::string(message.substr(0, 200)), message);
        return true;
    }
    if (message.starts_with("server process (PID ") && contains(message, "was terminated by signal")) {
        context.event(record, "alert", "PostgreSQL: a server process was killed",
            record.detail.empty() ? message : std::string_view(record.detail));
        return true;
    }
    for (const Happening &happening : kHappenings) {
        if (contains(message.substr(0, 200), happening.text)) {
            context.event(record, happening.kind, happening.title, message);
            return true;
        }
    }
    return false;
}

std::string_view sessionKind(const LogRecord &record, LogRow &row)
{
    const std::string_view message = record.message;
    for (const std::string_view start : kSessions) {
        if (!message.starts_with(start))
            continue;
        if (start == "disconnection: ") {
            if (const std::optional<double> time = sessionTime(message))
                row.durationMs = *time;
        }
        // The prefix of these records does not know them yet.
        if (row.user.empty())
            row.user = valueOfKey(message, " user=");
        if (row.db.empty())
            row.db = valueOfKey(message, " database=");
        if (row.client.empty())
            row.client = valueOfKey(message, " host=");
        return "connection";
    }
    for (const std::string_view part : kReplication) {
        if (contains(message.substr(0, 300), part))
            return "replication";
    }
    return record.backendType == "walreceiver" || record.backendType == "walsender" ? "replication" : "";
}

} // namespace tailscope::import::pglog
