// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

namespace tailscope::session {

/// What changes while a recording grows: small enough to be read every few seconds, however long it is.
struct LiveTables
{
    QList<store::SourceRecord> sources;
    QList<Marker> newMarkers; ///< events of the recording after `afterEvent`
    QStringList newContents; ///< of Session::contents()
};
/// `known`: contents that need not be looked for again.
Result<LiveTables> readLiveTables(const store::Workspace &workspace, std::int64_t sourceId, qint64 afterEvent,
    const QStringList &known);

/// First to last sample of all recordings and catalog snapshots (session, replica and pool samples; points
/// where their index is there); an end that is the last sample's time. Empty when there is none.
Result<TimeRange> recordedRange(const store::Workspace &workspace);

} // namespace tailscope::session
