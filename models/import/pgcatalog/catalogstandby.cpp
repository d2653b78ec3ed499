// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgcatalog/catalogstandby.h"

#include "base/text.h"

#include <algorithm>
#include <vector>

namespace tailscope::import {

namespace {

/// The first of two values that is known.
template<typename T>
std::optional<T> either(const std::optional<T> &a, const std::optional<T> &b)
{
    return a ? a : b;
}

class Fields
{
public:
    void add(std::string_view column, std::optional<std::int64_t> value)
    {
        if (value)
            m_list.push_back({column, *value});
    }
    void add(std::string_view column, std::optional<double> value)
    {
        if (value)
            m_list.push_back({column, *value});
    }
    void add(std::string_view column, std::string_view text)
    {
        if (!text.empty())
            m_list.push_back({column, text});
    }
    const std::vector<RecordField> &list() const { return m_list; }

private:
    std::vector<RecordField> m_list;
};

} // namespace

CatalogStandby::CatalogStandby(RowSink &sink, ImportReport &report)
    : m_sink(sink)
    , m_report(report)
{}

void CatalogStandby::join(Nanos tsNs, RecordRef server, bool isReplay)
{
    const bool doubled = isReplay ? m_replay.has_value() : m_receiver.has_value();
    const bool pending = m_replay || m_receiver;
    const bool apart = pending
        && (server != m_server || (tsNs == kUnknownNanos) != (m_ts == kUnknownNanos)
            || (tsNs != kUnknownNanos && std::abs(saturatingSub(tsNs, m_ts)) > kTogether));
    if (doubled || apart)
        flush();
    if (!m_replay && !m_receiver) {
        m_ts = tsNs;
        m_server = server;
    }
}

void CatalogStandby::replay(const Replay &half, Nanos tsNs, RecordRef server, std::uint64_t offset)
{
    join(tsNs, server, true);
    m_replay = half;
    m_offset = offset;
}

void CatalogStandby::receiver(const Receiver &half, Nanos tsNs, RecordRef server, std::uint64_t offset)
{
    m_awaitsReceiver = false;
    join(tsNs, server, false);
    m_receiver = half;
    m_offset = offset;
}

void CatalogStandby::receiverHeader(std::uint64_t offset)
{
    header();
    m_awaitsReceiver = true;
    m_offset = offset;
}

void CatalogStandby::header()
{
    if (!m_awaitsReceiver)
        return;
    m_awaitsReceiver = false;
    if (m_receiver)
        flush();
    // Without the standby's own row there is nothing to hang it on.
    if (!m_replay)
        return m_report.note(IssueSeverity::Notice, "no-receiver", m_offset,
            "pg_stat_wal_receiver has no row: nothing is received; the standby's positions are not in the "
            "file");
    m_receiver.emplace();
    m_receiver->state = "disconnected";
    flush();
}

void CatalogStandby::finish()
{
    header();
    flush();
}

void CatalogStandby::flush()
{
    if (!m_replay && !m_receiver)
        return;
    const Replay replay = m_replay.value_or(Replay{});
    const Receiver receiver = m_receiver.value_or(Receiver{});
    m_replay.reset();
    m_receiver.reset();
    std::string name = !replay.replica.empty() ? replay.replica : receiver.replica;
    if (name.empty())
        name = m_name.empty() ? "standby" : m_name;
    m_name = name;
    const std::optional<std::int64_t> receive = either(replay.receive, receiver.flush);
    Fields fields;
    fields.add("replica", std::string_view(name));
    if (m_ts != kUnknownNanos)
        fields.add("ts_ns", std::optional(m_ts));
    fields.add("state", std::string_view(receiver.state));
    fields.add("write_position", receiver.write);
    fields.add("flush_position", receiver.flush);
    fields.add("replay_position", replay.replay);
    fields.add("receive_position", receive);
    if (receive && replay.replay)
        fields.add("unreplayed_bytes",
            std::optional(std::max<std::int64_t>(0, saturatingSub(*receive, *replay.replay))));
    fields.add("link_age_ms", receiver.linkAgeMs);
    fields.add("paused", replay.paused);
    fields.add("replay_age_ms", replay.ageMs);
    fields.add("apply_delay_ms", replay.delayMs);
    fields.add("timeline", either(receiver.timeline, replay.timeline));
    RecordRow record{};
    record.table = RecordTable::ReplicaSample;
    record.server = m_server;
    record.fields = fields.list();
    m_sink.record(record);
    if (const auto position = either(replay.replay, receive))
        watch(name, *position, m_offset);
}

void CatalogStandby::watch(const std::string &replica, std::int64_t position, std::uint64_t offset)
{
    const auto known = m_positions.find(replica);
    if (known == m_positions.end()) {
        if (m_positions.size() < kMaxReplicas)
            m_positions.emplace(replica, position);
        return;
    }
    if (position < known->second)
        m_report.note(IssueSeverity::Notice, "position-went-back", offset,
            "a position of replica \"" + std::string(utf8Prefix(replica, 60))
                + "\" lies behind an earlier one: a timeline switch, or a rebuilt standby");
    known->second = position;
}

std::string applicationName(std::string_view conninfo)
{
    constexpr std::string_view kKey = "application_name=";
    std::size_t at = conninfo.find(kKey);
    while (at != std::string_view::npos && at > 0 && conninfo[at - 1] != ' ')
        at = conninfo.find(kKey, at + 1); // fallback_application_name
    if (at == std::string_view::npos)
        return {};
    std::string_view value = conninfo.substr(at + kKey.size());
    if (value.starts_with('\''))
        value = value.substr(1, value.find('\'', 1) - 1);
    else
        value = value.substr(0, value.find(' '));
    return sanitizedUtf8(utf8Prefix(value, 64));
}

} // namespace tailscope::import
