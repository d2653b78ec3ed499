// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/plotcontent.h"

#include <span>

namespace tailscope::items {
class LiveModel;
}

namespace tailscope::widgets {

/// A chart of the dashboard: an id for tests and settings, and what it draws of the model's picture. Without
/// series it has nothing to show, and is hidden.
struct LiveChart
{
    const char *id;
    PlotContent (*content)(const items::LiveModel &model);
};
std::span<const LiveChart> liveCharts();

} // namespace tailscope::widgets
