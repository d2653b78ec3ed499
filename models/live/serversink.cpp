// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/serversink.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::live {

namespace {

/// Columns that hold a time, not a length of time.
bool isTime(std::string_view column)
{
    return column.ends_with("_ns") && column != "clock_difference_ns" && column != "duration_ns";
}

/// What has no column of its own: engine, role, extensions, encryption.
std::string extraOf(const ServerFacts &facts)
{
    std::string json = "{\"engine\":";
    appendJsonQuoted(json, toText(facts.engine));
    const auto text = [&](std::string_view key, const std::string &value) {
        if (value.empty())
            return;
        json += ',';
        appendJsonQuoted(json, key);
        json += ':';
        appendJsonQuoted(json, value);
    };
    text("user", facts.user);
    text("encoding", facts.encoding);
    text("tls", facts.tls);
    text("sslmode", facts.sslmode);
    json += ",\"round_trip_ns\":" + std::to_string(facts.roundTripNs);
    json += ",\"extensions\":{";
    bool first = true;
    for (const auto &[name, version] : facts.extensions) {
        json += first ? "" : ",";
        first = false;
        appendJsonQuoted(json, name);
        json += ':';
        appendJsonQuoted(json, version);
    }
    return json + "}}";
}

} // namespace

ServerSink::ServerSink(RowSink &sink, std::string label)
    : m_sink(sink)
    , m_label(std::move(label))
{}

void ServerSink::setFacts(std::shared_ptr<const ServerFacts> facts) { m_facts = std::move(facts); }

Nanos ServerSink::ours(Nanos server) const
{
    return m_isOurClock || !m_facts ? server : saturatingSub(server, m_facts->clockDifferenceNs);
}

SeriesRef ServerSink::series(const SeriesRow &row) { return m_sink.series(row); }

void ServerSink::point(SeriesRef series, Nanos tsNs, double value)
{
    ++m_rows;
    m_sink.point(series, ours(tsNs), value);
}

void ServerSink::ourPoint(SeriesRef series, Nanos tsNs, double value)
{
    ++m_rows;
    m_sink.point(series, tsNs, value);
}

void ServerSink::event(const EventRow &row)
{
    ++m_rows;
    m_sink.event(row);
}

RecordRef ServerSink::record(const RecordRow &row)
{
    ++m_rows;
    const bool isServer = row.table == RecordTable::Server;
    const bool isShifted = !m_isOurClock && m_facts && m_facts->clockDifferenceNs != 0;
    if (!isServer && !isShifted)
        return m_sink.record(row);
    m_fields.assign(row.fields.begin(), row.fields.end());
    for (RecordField &field : m_fields) {
        if (auto *time = std::get_if<std::int64_t>(&field.value); time && isTime(field.column))
            *time = ours(*time);
    }
    if (isServer)
        completeServer();
    RecordRow changed = row;
    changed.fields = m_fields;
    return m_sink.record(changed);
}

void ServerSink::completeServer()
{
    const auto set = [this](std::string_view column, auto value) {
        const auto found = std::find_if(m_fields.begin(), m_fields.end(),
            [&](const RecordField &field) { return field.column == column; });
        if (found != m_fields.end())
            found->value = value;
        else
            m_fields.push_back({column, value});
    };
    set("name", std::string_view(m_label));
    if (!m_facts)
        return;
    if (m_facts->engine == Engine::Pgbouncer)
        set("kind", std::string_view("pgbouncer"));
    if (!m_facts->host.empty())
        set("host", std::string_view(m_facts->host));
    if (m_facts->port != 0)
        set("port", std::int64_t{m_facts->port});
    if (!m_facts->versionText.empty())
        set("server_version", std::string_view(m_facts->versionText));
    if (m_facts->versionNum != 0)
        set("server_version_num", std::int64_t{m_facts->versionNum});
    set("clock_difference_ns", std::int64_t{m_facts->clockDifferenceNs});
    m_hidden.clear();
    for (const std::string &one : m_facts->hidden)
        m_hidden += (m_hidden.empty() ? "" : "; ") + one;
    if (!m_hidden.empty())
        set("hidden", std::string_view(m_hidden));
    m_extra = extraOf(*m_facts);
    set("extra", std::string_view(m_extra));
}

} // namespace tailscope::live
