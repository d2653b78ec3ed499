// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/sample.h"
#include "live/serversink.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tailscope::live {

/// What happened on one server between two answers, as events: checkpoints, deadlocks, settings that were
/// changed, vacuums and index builds that ran, tables and indexes that came or went, statistics that were
/// reset. Told by the columns of the answers, whatever probe asked. One thread.
class EventWatch
{
public:
    static constexpr std::size_t kMaxKnown = 19'000; ///< settings, tables, indexes

    explicit EventWatch(ServerSink &sink);

    /// Another connection: what was known before says nothing of now, except settings and objects.
    void connected();
    void take(const Sample &sample);
    /// What still runs ends nowhere: it is told as it is.
    void finish(Nanos now);

private:
    struct Running
    {
        Nanos startNs = 0, seenNs = 0;
        std::string command, relation, database;
    };
    void takeCheckpoints(const ResultSet &rows, Nanos now);
    void takeDatabases(const ResultSet &rows, Nanos now);
    void takeSettings(const ResultSet &rows, Nanos now);
    void takeProgress(std::string_view probe, const ResultSet &rows, Nanos now);
    void takeObjects(std::string_view what, const ResultSet &rows, Nanos now, std::string_view idColumn,
        std::string_view nameColumn);
    void tell(std::string_view kind, Nanos from, Nanos to, const std::string &title,
        const std::string &detail = {});
    void ended(const Running &running);
    /// How much a counter grew since it was read last; nullopt the first time, and when it fell.
    std::optional<std::int64_t> growth(const std::string &name, std::optional<std::string_view> cell);

    ServerSink &m_sink;
    std::map<std::string, std::int64_t> m_counters;
    std::map<std::string, std::string> m_settings, m_resets;
    std::map<std::pair<std::string, std::string>, Running> m_running; ///< by probe, and pid
    std::map<std::string, std::map<std::string, std::string>> m_objects; ///< tables, indexes: oid -> name
};

} // namespace tailscope::live
