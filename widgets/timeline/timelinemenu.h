// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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
    AddNote,
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
};

/// The right-click menu of the timeline; the caller owns it. run is called with the chosen command.
QMenu *makeTimelineMenu(QWidget *parent, const TimelineMenuState &state,
    const std::function<void(TimelineCommand)> &run);

} // namespace tailscope::widgets
