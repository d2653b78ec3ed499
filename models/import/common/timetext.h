// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/importer.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tailscope::import {

enum class EpochUnit { Seconds, Millis, Micros, Nanos };

/// Unit of a count since 1970 by its size: below 1e11 seconds, below 1e14 milliseconds, below 1e17
/// microseconds, else nanoseconds. Right for every time between 1973 and 5138; nullopt when the text is no
/// number.
std::optional<EpochUnit> epochUnitOf(std::string_view number);
std::string_view toText(EpochUnit unit); ///< "seconds", ...

/// The options that read times as SourceInfo::timezone says they were read; nothing given for "UTC", for an
/// assumption and for an empty text.
ReadOptions readOptionsOf(std::string_view timezone);

/// Local times of an IANA zone or of a fixed offset to UTC, in file order. A time that a clock change makes
/// occur twice takes the reading that does not go back; a time that a clock change leaps over becomes the
/// moment of the change. Stateful: one object a file.
class LocalClock
{
public:
    explicit LocalClock(const ReadOptions &options);
    ~LocalClock();

    /// Usage error for a zone name that the system does not know.
    Result<void> check(const std::string &subject) const;
    /// For SourceInfo::timezone: "Europe/Paris", "+02:00", "UTC (assumed)".
    std::string name() const;

    enum class Reading { Exact, Twice, Never };
    struct Moment
    {
        Nanos ns = 0;
        int offsetSeconds = 0;
        Reading reading = Reading::Exact;
    };
    /// localNs: the wall time as if it were UTC.
    Moment toUtc(Nanos localNs);

private:
    struct Zone;
    ReadOptions m_options;
    std::unique_ptr<Zone> m_zone; ///< null for fixed offsets
    Nanos m_previous = kUnknownNanos;
};

/// Reads the times of a text format: RFC 3339, "YYYY-MM-DD hh:mm:ss", or a number since 1970. Tells the
/// report what was assumed: the zone, the unit, the clock changes.
class TimeText
{
public:
    explicit TimeText(const ReadOptions &options);

    Result<void> check(const std::string &subject) const { return m_clock.check(subject); }
    /// Numbers are in this unit from now on; without it each number decides for itself.
    void setUnit(EpochUnit unit) { m_unit = unit; }

    struct Time
    {
        Nanos ns = 0;
        int offsetSeconds = 0; ///< as the file wrote it
    };
    /// nullopt on junk and on times outside 1677..2262.
    std::optional<Time> parse(std::string_view text, std::uint64_t offset, ImportReport &report);
    /// For SourceInfo, once all is read.
    std::string timezone() const;
    /// For SourceInfo before the first row, so that an import that is cut off knows what it was asked: the
    /// zone that was given, else as timezone().
    std::string askedTimezone() const { return m_assumed ? timezone() : m_clock.name(); }
    /// Relative when every number was smaller than a year of seconds.
    ClockKind clock() const;

private:
    LocalClock m_clock;
    bool m_assumed;
    std::optional<EpochUnit> m_unit;
    bool m_sawLocal = false, m_sawAbsolute = false, m_sawSmall = false;
};

} // namespace tailscope::import
