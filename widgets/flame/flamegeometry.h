// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>

namespace tailscope::widgets {

/// Rows to pixels, top down (icicle) or bottom up (flame). `offset` counts pixels from the outermost row, so
/// that a change of the row count or of the direction keeps what is seen near the root.
struct FlameGeometry
{
    int top = 0; ///< first pixel of the rows (below a time axis)
    int height = 0; ///< pixels for rows
    int rowHeight = 18;
    int rows = 0;
    int offset = 0;
    bool isUpward = false;

    int contentHeight() const { return rows * rowHeight; }
    int maxOffset() const { return contentHeight() > height ? contentHeight() - height : 0; }
    int yOf(int row) const; ///< upper edge of a row; may lie outside
    int rowAt(int y) const; ///< -1 outside
    /// Rows [first, second) that are at least partly seen.
    std::pair<int, int> visibleRows() const;
    /// The offset nearest to the present one at which the row is wholly seen.
    int offsetShowing(int row) const;
};

} // namespace tailscope::widgets
