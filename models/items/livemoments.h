// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/livefigures.h"

namespace tailscope::items {

/// Counts of sessions by state and wait at each sample of a source in [from, to), appended to the cache. A
/// recording stores idle sessions when they change and every ten seconds (a minute with over a thousand): in
/// between they count as they were, so that one which left counts for that long. Runs of the probe that
/// stored no row are samples too: of idle sessions only. Any thread.
Result<void> readMoments(store::Database &database, const LiveSource &source, Nanos from, Nanos to,
    LiveCache &cache);

/// The same of minutes that are kept no longer by the second: means; idle sessions are unknown (NaN).
Result<void> readMinuteMoments(store::Database &database, const LiveSource &source, Nanos from, Nanos to,
    LiveCache &cache);
/// Before this time a recording has minutes only; the smallest time where it has all of its samples.
Result<Nanos> rolledUntil(store::Database &database, const LiveSource &source);

LiveLine liveLineOfState(std::string_view state);
LiveLine liveLineOfWait(std::string_view type); ///< of an active session; empty = it waits for nothing

/// The series of the runs of the sessions probe, among those of the cache.
constexpr std::string_view kSessionRuns = "tailscope.probe.duration";

} // namespace tailscope::items
