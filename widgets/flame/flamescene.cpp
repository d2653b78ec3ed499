// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamescene.h"

#include <algorithm>

namespace tailscope::widgets {

const FlameBox *FlameScene::boxAt(int index, double x, double slack) const
{
    if (index < 0 || index >= rowCount())
        return nullptr;
    const std::span<const FlameBox> boxes = row(index);
    const auto after = std::upper_bound(boxes.begin(), boxes.end(), x,
        [](double value, const FlameBox &box) { return value < double(box.x); });
    if (after != boxes.begin()) {
        const FlameBox &before = *std::prev(after);
        if (x < double(before.x) + std::max(1.0, double(before.w)))
            return &before;
        if (x - double(before.x + before.w) <= slack
            && (after == boxes.end() || double(after->x) - x > x - double(before.x + before.w)))
            return &before;
    }
    return after != boxes.end() && double(after->x) - x <= slack ? &*after : nullptr;
}

const FlameBox *FlameScene::boxOf(int index, std::uint32_t id) const
{
    if (index < 0 || index >= rowCount())
        return nullptr;
    const std::span<const FlameBox> boxes = row(index);
    const auto found = std::find_if(boxes.begin(), boxes.end(),
        [id](const FlameBox &box) { return box.id == id && box.folded == 0; });
    return found == boxes.end() ? nullptr : &*found;
}

} // namespace tailscope::widgets
