// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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
    ShowSql,
    Export,
};

/// What the menu of a frame offers; without a frame only the commands of the whole view are on.
struct FlameMenuState
{
    bool hasFrame = false, isZoomed = false, isSpan = false, hasExample = false;
};

/// The right-click menu of the flame graph; the caller owns it. run is called with the chosen command.
QMenu *makeFlameMenu(QWidget *parent, const FlameMenuState &state,
    const std::function<void(FlameCommand)> &run);

} // namespace tailscope::widgets
