// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "base/units.h"
#include "store/workspace.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace tailscope::live {

/// Keeps a recording of days small: samples older than keepRaw become minutes, minutes older than keepMinutes
/// go. Differences of counters between ends of minutes, and average active sessions by state, wait and
/// statement over whole minutes, are the same before and after. What is where: the table
/// recording_retention. One minute of the recording a transaction.
class Retention
{
public:
    static constexpr Nanos kMinute = 60 * kNanosPerSecond;
    /// One call works so long at most; the next goes on.
    static constexpr std::chrono::milliseconds kBudget{2000};

    /// Zero: for ever.
    Retention(const store::Workspace &workspace, std::int64_t sourceId, std::chrono::seconds keepRaw,
        std::chrono::seconds keepMinutes);

    /// Rows removed by this call. now: UTC, our clock. A connection of its own; any thread.
    Result<std::int64_t> run(Nanos now);

private:
    Result<void> readMarks(store::Database &database);
    Result<std::optional<Nanos>> firstSample(store::Database &database, Nanos from);
    Result<void> rollUp(store::Database &database, Nanos minute);
    Result<void> remove(store::Database &database, Nanos from, Nanos until);
    Result<void> saveMarks(store::Database &database);
    Result<void> bound(store::Database &database, std::string_view sql, Nanos from, Nanos until);

    const store::Workspace &m_workspace;
    const std::int64_t m_source;
    const Nanos m_keepRaw, m_keepMinutes;
    std::optional<Nanos> m_rolledUntil, m_removedUntil;
    std::int64_t m_removed = 0;
};

} // namespace tailscope::live
