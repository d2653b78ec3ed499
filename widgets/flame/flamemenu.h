// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltreetransform.h"

#include <QString>

#include <functional>

class QMenu;
class QWidget;

namespace tailscope::widgets {

enum class FlameCommand {
    Zoom,
    ZoomOut,
    ResetZoom,
    CopyName,
    CopyStack,
    CopyRow,
    Search,
    Filter,
    ShowInTimeline,
    ShowFunctions,
    OpenSource,
    Compare,
    NarrowToWindow,
    ShowSql,
    Export,
};

/// What the menu of a frame offers; without a frame only the commands of the whole view are on.
struct FlameMenuState
{
    bool hasFrame = false, isZoomed = false, isSpan = false, hasExample = false;
    bool isProfile = false, isTime = false, isBottomUp = false;
    bool canNarrow = false; ///< a frame of a finished tree
    bool canCompare = false; ///< there is something to compare with
    QString module; ///< of the frame
};

/// The right-click menu of the flame graph; the caller owns it. run is called with the chosen command,
/// narrow with the kind of a step.
QMenu *makeFlameMenu(QWidget *parent, const FlameMenuState &state,
    const std::function<void(FlameCommand)> &run,
    const std::function<void(analysis::TreeTransform::Kind)> &narrow);

} // namespace tailscope::widgets
