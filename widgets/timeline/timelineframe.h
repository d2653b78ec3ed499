// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/timelinemodel.h"
#include "widgets/base/theme.h"
#include "widgets/base/timeaxis.h"
#include "widgets/timeline/timelinelayout.h"

#include <QRect>

namespace tailscope::widgets {

enum class TimelineColour { Operation, Service };
enum class FilterDisplay { Dim, Hide };

/// What one frame of the timeline is painted from: the window in time and where things lie. All in logical
/// pixels.
struct TimelineFrame
{
    const items::TimelineModel *model = nullptr;
    const session::SessionContext *context = nullptr;
    const analysis::SpanColumns *columns = nullptr; ///< null while only the overview is known
    TimeRange window;
    int headerWidth = 180; ///< column of the row titles
    int paneWidth = 1; ///< pixels of time
    int height = 0;
    int scroll = 0;
    double dpr = 1;
    TimelineLayout layout;

    double nanosPerPixel() const { return double(window.length()) / std::max(1, paneWidth); }
    TimeScale scale() const { return TimeScale(window, headerWidth, paneWidth); }
    const items::TimelineRow &row(TimelineRowRef ref) const
    {
        return (ref.isPinned ? model->rows().pinned : model->rows().rows)[ref.index];
    }
    int yOf(TimelineRowRef ref) const { return layout.yOf(ref, scroll); }
    QRect pane() const { return {headerWidth, layout.top(), paneWidth, height - layout.top()}; }
    /// The part of the pane a row may paint in: pinned rows stay above the scrolling ones.
    QRect clipOf(TimelineRowRef ref) const
    {
        return ref.isPinned ? QRect(0, layout.top(), headerWidth + paneWidth, layout.pinnedHeight())
                            : QRect(0, layout.scrollTop(), headerWidth + paneWidth, layout.scrollHeight());
    }
    /// All rows that are at least partly seen, pinned ones first.
    std::vector<TimelineRowRef> visibleRows() const;
};

} // namespace tailscope::widgets
