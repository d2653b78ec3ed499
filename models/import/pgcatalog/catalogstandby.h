// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace tailscope::import {

/// What a standby says of itself comes in two result sets: its functions (positions, time of the last commit,
/// paused or not) and pg_stat_wal_receiver (the link). Both within kTogether make one replica sample; a
/// receiver without a row is a link that is cut. One object reads one file.
class CatalogStandby
{
public:
    static constexpr Nanos kTogether = 5 * kNanosPerSecond;
    static constexpr std::size_t kMaxReplicas = 10'000;

    CatalogStandby(RowSink &sink, ImportReport &report);

    /// Of the functions: unknown values are absent.
    struct Replay
    {
        std::string replica;
        std::optional<std::int64_t> receive, replay, paused, timeline;
        std::optional<double> ageMs, delayMs;
    };
    void replay(const Replay &half, Nanos tsNs, RecordRef server, std::uint64_t offset);
    /// Of pg_stat_wal_receiver.
    struct Receiver
    {
        std::string replica, state;
        std::optional<std::int64_t> write, flush, timeline;
        std::optional<double> linkAgeMs;
    };
    void receiver(const Receiver &half, Nanos tsNs, RecordRef server, std::uint64_t offset);
    /// The header of pg_stat_wal_receiver; without a row until the next header nothing receives.
    void receiverHeader(std::uint64_t offset);
    /// A header of anything, or the end: a receiver without a row is told.
    void header();
    void finish();

    /// Notes a position that lies behind an earlier one of the same replica: a timeline switch.
    void watch(const std::string &replica, std::int64_t position, std::uint64_t offset);

private:
    void join(Nanos tsNs, RecordRef server, bool isReplay);
    void flush();

    RowSink &m_sink;
    ImportReport &m_report;
    std::optional<Replay> m_replay;
    std::optional<Receiver> m_receiver;
    Nanos m_ts = kUnknownNanos;
    RecordRef m_server = RecordRef::None;
    std::string m_name; ///< of the standby that spoke last
    bool m_awaitsReceiver = false;
    std::uint64_t m_offset = 0;
    std::unordered_map<std::string, std::int64_t> m_positions;
};

/// The value of application_name in a connection string; empty when it has none.
std::string applicationName(std::string_view conninfo);

} // namespace tailscope::import
