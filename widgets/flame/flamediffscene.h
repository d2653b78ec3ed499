// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/flamediffmodel.h"
#include "widgets/flame/flametreescene.h"

namespace tailscope::widgets {

/// The union of two call trees: widths of the larger side, so that vanished frames keep their place.
class FlameDiffScene final : public FlameTreeScene
{
public:
    FlameDiffScene(std::shared_ptr<const items::FlameDiff> difference, QString rootName);
    /// What colours tell: the change with everything below, or of own weights.
    void setOfSelf(bool ofSelf) { m_ofSelf = ofSelf; }

    double tone(std::uint32_t id) const override;
    Presence presence(std::uint32_t id) const override;
    FlameFigures figures(std::uint32_t id) const override;

private:
    std::shared_ptr<const items::FlameDiff> m_difference;
    bool m_ofSelf = false;
};

} // namespace tailscope::widgets
