// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <QList>
#include <QString>

#include <functional>

class QMenu;
class QWidget;

namespace tailscope::widgets {

enum class TimelineCommand {
    ZoomToSpan,
    SelectRange,
    ClearRange,
    CopyDetails,
    FilterOperation,
    FilterService,
    PinRow,
    HideRow,
    ShowHidden,
    AllLanes,
    CollapseAll,
    ExpandAll,
    AddBookmark,
    AddNote,
    NextMarker,
    PreviousMarker,
    EditNote,
    RemoveNote,
    ShowSql,
    Export,
};

/// What is under the pointer or in focus when the menu opens.
struct TimelineMenuState
{
    bool hasSpan = false, hasService = false, hasRange = false;
    bool hasRow = false, isPinned = false, isDeep = false,
         showsAllLanes = false; ///< a row that can be pinned
    bool hasNote = false;
    int hidden = 0; ///< rows hidden by the user
    bool hasMarkers = false;
    struct Place
    {
        qint64 id = 0;
        Nanos ts = 0;
        QString text;
    };
    QList<Place> notes; ///< notes and bookmarks, in any order
};

/// The right-click menu of the timeline; the caller owns it. run is called with the chosen command, goTo with
/// the id of a note from the list.
QMenu *makeTimelineMenu(QWidget *parent, const TimelineMenuState &state,
    const std::function<void(TimelineCommand)> &run, const std::function<void(qint64)> &goTo);

} // namespace tailscope::widgets
