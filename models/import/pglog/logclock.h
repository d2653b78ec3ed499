// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/timetext.h"
#include "import/importreport.h"

#include <optional>
#include <string>
#include <string_view>

namespace tailscope::import::pglog {

/// A wall time at the start of a text: "2026-11-22 04:11:04.973 UTC", "2026-11-22T04:11:04+01:00".
struct WallTime
{
    Nanos localNs = 0; ///< as if it were UTC
    std::string_view zone; ///< "UTC", "+02", "CEST"; empty = none written
    std::size_t length = 0; ///< of the whole, with the zone
    bool hasFraction = false;
};
std::optional<WallTime> scanWallTime(std::string_view text);
/// Seconds of "+02", "-0330", "+05:45", "Z", "UTC"; nullopt for other names and for none.
std::optional<int> zoneOffset(std::string_view zone);

/// Times of a server's log as UTC. A zone's offset is taken as written; an abbreviation is looked up (one
/// that several zones share is told, and gives way to a zone that the user names); times without zone are
/// read in the user's zone, else as UTC. The abbreviation decides between the two readings of an hour that
/// occurs twice.
class LogClock
{
public:
    explicit LogClock(const ReadOptions &options);

    Result<void> check(const std::string &subject) const { return m_local.check(subject); }
    struct Time
    {
        Nanos ns = 0;
        int offsetSeconds = 0;
    };
    Time toUtc(const WallTime &time, std::uint64_t offset, ImportReport &report);
    /// The same for a text that scanWallTime() takes whole; the last one is remembered.
    std::optional<Time> parse(std::string_view text, std::uint64_t offset, ImportReport &report);
    /// A time without zone: syslog's.
    Time local(Nanos localNs, std::uint64_t offset, ImportReport &report);
    /// For SourceInfo. An abbreviation is marked: resuming must not take it for a zone that was asked for.
    std::string timezone() const;
    std::string askedTimezone() const { return m_given ? m_local.name() : std::string("UTC"); }

private:
    LocalClock m_local;
    bool m_given;
    bool m_sawLocal = false;
    std::optional<std::string> m_sawZone; ///< the first abbreviation that was not UTC
    std::string m_lastText;
    Time m_last;
};

} // namespace tailscope::import::pglog
