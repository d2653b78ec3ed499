// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelineframe.h"

namespace tailscope::widgets {

std::vector<TimelineRowRef> TimelineFrame::visibleRows() const
{
    std::vector<TimelineRowRef> refs;
    for (std::size_t i = 0; i < layout.pinnedCount(); ++i) {
        if (layout.yOf({true, i}, scroll) < layout.scrollTop())
            refs.push_back({true, i});
    }
    const auto [first, last] = layout.visible(scroll);
    for (std::size_t i = first; i < last; ++i)
        refs.push_back({false, i});
    return refs;
}

} // namespace tailscope::widgets
