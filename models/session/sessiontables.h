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
    QStringList contents; ///< what there are rows of: "span", "plan", "pool", ...
    QHash<QString, QString> properties;
    std::vector<std::int64_t> unready; ///< sources whose derived data are missing or stale
};
Result<SmallTables> readSmallTables(const store::Workspace &workspace);
/// What there are rows of, so that the window shows the views that have something to show; `known` is not
/// looked for.
Result<QStringList> readContents(store::Database &database, const QStringList &known);
/// Inserts or replaces a note; removes it when `note.text` is null and `remove` is set.
Result<void> storeNote(const store::Workspace &workspace, const Note &note, bool remove);
/// Sets what is added to the times of a source, and of those that share its rows. Stored times do not move:
/// the views add the offset.
Result<void> storeAlignment(const store::Workspace &workspace, const Alignment &alignment);

} // namespace tailscope::session
