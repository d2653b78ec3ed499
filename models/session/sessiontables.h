// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

namespace tailscope::session {

/// The small tables that the window keeps in memory, read by one job.
struct SmallTables
{
    QList<store::SourceRecord> sources;
    QList<Marker> markers;
    QList<Note> notes;
    TimeRange fullRange; ///< of series, events and samples (spans are added from the columns)
    bool absolute = true;
    QHash<QString, QString> properties;
};
Result<SmallTables> readSmallTables(const store::Workspace &workspace);
/// Inserts or replaces a note; removes it when `note.text` is null and `remove` is set.
Result<void> storeNote(const store::Workspace &workspace, const Note &note, bool remove);

} // namespace tailscope::session
