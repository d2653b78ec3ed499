// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

#include <QString>

#include <optional>

namespace tailscope::app {

/// "UTC", "+02:00", "-0530" or an IANA name; nullopt when unknown. Shared by the command line and the dialog.
std::optional<import::ReadOptions> parseTimezone(const QString &text);
/// "1.5s", "-200ms", "3us", "7ns", "2m", "1h" in nanoseconds; nullopt on junk.
std::optional<Nanos> parseDuration(const QString &text);
/// BEGIN..END in nanoseconds or as UTC times, END after BEGIN; nullopt on junk.
std::optional<TimeRange> parseTimeRange(const QString &text);

} // namespace tailscope::app
