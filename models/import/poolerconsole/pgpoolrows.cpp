// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/poolerconsole/pgpoolrows.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace tailscope::import {

namespace {

bool has(std::span<const std::string> names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

PgpoolRows::PgpoolRows(RowSink &sink, ImportReport &report)
    : m_sink(sink)
    , m_report(report)
{}

PgpoolRows::Set PgpoolRows::setOf(std::span<const std::string> names)
{
    if (has(names, "node_id") && has(names, "lb_weight") && has(names, "role"))
        return Set::Nodes;
    if (has(names, "pool_pid") && has(names, "backend_id"))
        return Set::Pools;
    if (has(names, "pool_pid") && has(names, "pool_counter"))
        return Set::Processes;
    return Set::None;
}

void PgpoolRows::beginSnapshot(Nanos tsNs)
{
    flush();
    m_ts = tsNs;
}

void PgpoolRows::take(Set set, const ConsoleItem &row)
{
    if (row.isFirst && m_seen.contains(set)) {
        flush();
        m_ts = kUnknownNanos;
    }
    m_seen.insert(set);
    if (m_ts == kUnknownNanos && row.isFirst)
        m_report.note(IssueSeverity::Notice, "no-time", row.offset,
            "nothing says when the result sets were printed: samples have no time; print one with \"date -u "
            "+%FT%TZ\" before each");
    if (set == Set::Nodes)
        takeNode(row);
    else if (set == Set::Processes)
        takeProcess(row);
    else if (set == Set::Pools)
        takePool(row);
}

RecordRef PgpoolRows::server()
{
    if (m_server != RecordRef::None)
        return m_server;
    const std::array<RecordField, 2> fields{
        {{"kind", std::string_view("pgpool")}, {"name", std::string_view("pgpool")}}};
    RecordRow record{};
    record.table = RecordTable::Server;
    record.fields = fields;
    m_server = m_sink.record(record);
    return m_server;
}

void PgpoolRows::takeNode(const ConsoleItem &row)
{
    const std::string host = sanitizedUtf8(row.cell("hostname").value_or(""));
    const std::string port = sanitizedUtf8(row.cell("port").value_or(""));
    if (host.empty())
        return m_report.skip("no-name", row.offset, row.length, "the row names no node", row.text);
    m_report.rowRead();
    const std::string name = port.empty() ? host : host + ':' + port;
    if (const auto count = row.cell("select_cnt"); count && m_ts != kUnknownNanos) {
        if (const std::optional<double> value = parseDouble(*count)) {
            auto found = m_selects.find(name);
            if (found == m_selects.end() && m_selects.size() < kMaxNodes) {
                const std::string labels = R"({"node":)" + jsonQuoted(name) + '}';
                SeriesRow series;
                series.metric = "pgpool.selects";
                series.foreignName = "pool_nodes.select_cnt";
                series.labelsJson = labels;
                series.unit = "statements";
                series.kind = SeriesKind::Counter;
                found = m_selects.emplace(name, m_sink.series(series)).first;
            }
            if (found != m_selects.end())
                m_sink.point(found->second, m_ts, *value);
        }
    }
    const std::string role = toLowerAscii(row.cell("role").value_or(""));
    if (role == "primary" || role == "master" || role == "main")
        return;
    std::vector<RecordField> fields;
    fields.push_back({"replica", std::string_view(name)});
    if (m_ts != kUnknownNanos)
        fields.push_back({"ts_ns", m_ts});
    std::string state = sanitizedUtf8(
        row.cell("replication_state") ? *row.cell("replication_state") : row.cell("status").value_or(""));
    // Up, but no client has used it yet; a receiver that waits is without a link.
    if (!row.cell("replication_state") && state == "waiting")
        state = "up";
    const std::string sync = sanitizedUtf8(row.cell("replication_sync_state").value_or(""));
    if (!state.empty())
        fields.push_back({"state", std::string_view(state)});
    if (!sync.empty())
        fields.push_back({"sync_state", std::string_view(sync)});
    // Bytes, or "0.25 second" where the threshold of delays is a time (4.4).
    if (const auto delay = row.cell("replication_delay")) {
        const std::string_view figure = delay->substr(0, delay->find(' '));
        const std::optional<double> value = parseDouble(figure);
        if (!value || *value < 0)
            m_report.note(IssueSeverity::Notice, "bad-value", row.offset,
                "replication_delay is no number: it was left unknown ("
                    + sanitizedUtf8(utf8Prefix(*delay, 60)) + ")");
        else if (figure.size() < delay->size())
            fields.push_back({"replay_lag_ms", *value * 1000.0});
        else if (*value < 9e18)
            fields.push_back({"unreplayed_bytes", static_cast<std::int64_t>(*value)});
    }
    RecordRow record{};
    record.table = RecordTable::ReplicaSample;
    record.server = server();
    record.fields = fields;
    m_sink.record(record);
}

/// A child serves one client at a time.
void PgpoolRows::takeProcess(const ConsoleItem &row)
{
    m_report.rowRead();
    ++m_processes.capacity;
    const std::optional<std::string_view> status = row.cell("status"); // 4.3
    const bool busy = status ? !status->starts_with("Wait for conn") : row.cell("database").has_value();
    ++(busy ? m_processes.active : m_processes.idle);
}

void PgpoolRows::takePool(const ConsoleItem &row)
{
    const std::string backend = sanitizedUtf8(row.cell("backend_id").value_or(""));
    if (backend.empty() || (m_pools.size() >= kMaxNodes && !m_pools.contains(backend)))
        return m_report.skip("no-name", row.offset, row.length, "the row names no backend", row.text);
    m_report.rowRead();
    Count &count = m_pools[backend];
    ++count.capacity;
    const std::string_view connected = row.cell("pool_connected").value_or("0");
    if (connected == "1" || connected == "t")
        ++count.active;
    else if (row.cell("database"))
        ++count.idle;
}

void PgpoolRows::flush()
{
    m_seen.clear();
    const auto write = [this](std::string_view pool, std::string_view kind, const Count &count) {
        std::vector<RecordField> fields{{"pool", pool}, {"kind", kind}, {"capacity", count.capacity},
            {"active", count.active}, {"idle", count.idle}};
        if (m_ts != kUnknownNanos)
            fields.push_back({"ts_ns", m_ts});
        RecordRow record{};
        record.table = RecordTable::PoolSample;
        record.server = server();
        record.fields = fields;
        m_sink.record(record);
    };
    if (m_processes.capacity > 0)
        write("pgpool children", "worker", m_processes);
    for (const auto &[backend, count] : m_pools)
        write("backend " + backend, "connection", count);
    m_processes = {};
    m_pools.clear();
}

} // namespace tailscope::import
