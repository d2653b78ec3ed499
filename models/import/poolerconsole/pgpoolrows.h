// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/consoletables.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <map>
#include <set>
#include <string>
#include <unordered_map>

namespace tailscope::import {

/// Result sets of pgpool-II: SHOW POOL_NODES into replica samples and a series of statements a node,
/// SHOW POOL_PROCESSES and POOL_POOLS counted into pool samples. One object reads one file.
class PgpoolRows
{
public:
    enum class Set : std::uint8_t { None, Nodes, Processes, Pools };
    static constexpr std::size_t kMaxNodes = 10'000;

    PgpoolRows(RowSink &sink, ImportReport &report);
    static Set setOf(std::span<const std::string> names);

    void beginSnapshot(Nanos tsNs);
    void take(Set set, const ConsoleItem &row);
    void finish() { flush(); }

private:
    struct Count
    {
        double capacity = 0, active = 0, idle = 0;
    };
    void takeNode(const ConsoleItem &row);
    void takeProcess(const ConsoleItem &row);
    void takePool(const ConsoleItem &row);
    void flush();
    RecordRef server();

    RowSink &m_sink;
    ImportReport &m_report;
    Nanos m_ts = kUnknownNanos;
    std::set<Set> m_seen;
    Count m_processes;
    std::map<std::string, Count> m_pools; ///< by backend
    RecordRef m_server = RecordRef::None;
    std::unordered_map<std::string, SeriesRef> m_selects;
};

} // namespace tailscope::import
