// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/consoletables.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tailscope::import {

/// Result sets of PgBouncer's console (and Odyssey's, which follows it) into pool samples, settings, series.
/// Those between two times are one snapshot: pools take sizes from SHOW DATABASES, limits from SHOW CONFIG
/// and counters from SHOW STATS, in whatever order. One object reads one file.
class PgbouncerRows
{
public:
    enum class Set : std::uint8_t { None, Pools, Stats, Databases, Lists, Config, NotKept };
    /// Before the instance, in a line of its own.
    static constexpr std::string_view kInstanceMark = "tailscope: instance ";
    /// Rows of one snapshot that wait; a larger one is written in parts.
    static constexpr std::size_t kMaxWaiting = 20'000;

    PgbouncerRows(RowSink &sink, ImportReport &report);
    /// Which result set has these columns; by names, versions add and move them.
    static Set setOf(std::span<const std::string> names);

    /// A new snapshot begins; kUnknownNanos when nothing tells its time.
    void beginSnapshot(Nanos tsNs);
    void take(Set set, const ConsoleItem &row);
    /// Names the pooler ("db1:6432") in its series: those of two would be one else. Empty: nothing does.
    void setInstance(std::string instance) { m_instance = std::move(instance); }
    /// A line that is no table: may state the version ("PgBouncer 1.18.0") or, in files that this program
    /// wrote, the instance.
    void takeText(std::string_view text);
    void finish();

private:
    struct Pool
    {
        std::string database, user, mode, extra;
        std::optional<double> clActive, clWaiting, svActive, svIdle, svUsed, maxWaitMs;
    };
    struct Stats
    {
        std::optional<double> assigned, transactions, queries, waitMs, busyMs;
    };
    struct Database
    {
        std::string mode;
        std::optional<double> size, reserve, maxConnections;
    };

    void takePool(const ConsoleItem &row);
    void takeStats(const ConsoleItem &row);
    void takeDatabase(const ConsoleItem &row);
    void takeList(const ConsoleItem &row);
    void takeConfig(const ConsoleItem &row);
    void flush();
    void writePool(const Pool &pool, bool alone, double clients);
    void writeAlone(const std::string &database, const Stats &stats);
    void writePoolConfig(const std::string &name, const ConsoleItem &row, const Database &database);
    RecordRef server();
    void point(std::string_view metric, std::string_view unit, SeriesKind kind, std::string_view database,
        double value);
    std::optional<double> number(const ConsoleItem &row, std::string_view names);

    RowSink &m_sink;
    ImportReport &m_report;
    Nanos m_ts = kUnknownNanos;
    std::set<Set> m_seen; ///< of this snapshot
    std::vector<Pool> m_pools;
    std::map<std::string, Stats> m_stats;
    std::map<std::string, Database> m_databases; ///< kept from one snapshot to the next
    std::optional<double> m_usedClients; ///< of this snapshot
    std::optional<double> m_maxClients, m_queryWaitMs, m_defaultSize, m_reserveSize;
    std::string m_defaultMode, m_host, m_port, m_version, m_instance;
    std::vector<std::array<std::string, 3>> m_settings; ///< name, value, default: wait for the server's row
    std::map<std::string, std::string> m_knownSettings, m_knownPools; ///< with what was said of them
    bool m_isOdyssey = false;
    RecordRef m_server = RecordRef::None;
    std::unordered_map<std::string, SeriesRef> m_series;
};

} // namespace tailscope::import
