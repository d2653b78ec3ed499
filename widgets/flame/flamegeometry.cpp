// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamegeometry.h"

#include <algorithm>

namespace tailscope::widgets {

int FlameGeometry::yOf(int row) const
{
    return isUpward ? top + height - (row + 1) * rowHeight + offset : top + row * rowHeight - offset;
}

int FlameGeometry::rowAt(int y) const
{
    if (y < top || y >= top + height)
        return -1;
    const int fromRoot = isUpward ? top + height - 1 - y + offset : y - top + offset;
    const int row = fromRoot / rowHeight;
    return row >= 0 && row < rows ? row : -1;
}

std::pair<int, int> FlameGeometry::visibleRows() const
{
    const int first = std::clamp(offset / rowHeight, 0, rows);
    const int last = std::clamp((offset + height + rowHeight - 1) / rowHeight, first, rows);
    return {first, last};
}

int FlameGeometry::offsetShowing(int row) const
{
    const int nearEdge = row * rowHeight;
    const int wanted = std::clamp(offset, std::max(0, nearEdge + rowHeight - height), std::max(0, nearEdge));
    return std::clamp(height < rowHeight ? nearEdge : wanted, 0, maxOffset());
}

} // namespace tailscope::widgets
