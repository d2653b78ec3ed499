// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamediffscene.h"

namespace tailscope::widgets {

FlameDiffScene::FlameDiffScene(std::shared_ptr<const items::FlameDiff> difference, QString rootName)
    : FlameTreeScene(difference->tree, std::move(rootName))
    , m_difference(std::move(difference))
{}

double FlameDiffScene::tone(std::uint32_t id) const
{
    const analysis::CallTreeDiff &diff = *m_difference->diff;
    return m_ofSelf ? items::toneOf(diff.before[id].self, diff.after[id].self * diff.scale)
                    : items::toneOf(diff.before[id].total, diff.after[id].total * diff.scale);
}

FlameScene::Presence FlameDiffScene::presence(std::uint32_t id) const
{
    const analysis::CallTreeDiff &diff = *m_difference->diff;
    return diff.isOnlyBefore(id) ? Presence::OnlyBefore
        : diff.isOnlyAfter(id)   ? Presence::OnlyAfter
                                 : Presence::Both;
}

FlameFigures FlameDiffScene::figures(std::uint32_t id) const
{
    FlameFigures figures = FlameTreeScene::figures(id);
    const analysis::CallTreeDiff &diff = *m_difference->diff;
    FlameFigures::Sides sides;
    sides.before = diff.before[id];
    sides.after = diff.after[id];
    sides.scale = diff.scale;
    figures.sides = sides;
    return figures;
}

} // namespace tailscope::widgets
