// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"
#include "widgets/charts/plotcontent.h"

namespace tailscope::items {
class PoolModel;
}

namespace tailscope::widgets {

/// Contents of the plots of a pool, from what the model has read. GUI thread.
PlotContent usePlot(const items::PoolModel &model,
    const session::Session &session); ///< in use, open, ceilings
PlotContent waitingPlot(const items::PoolModel &model, const session::Session &session);
PlotContent waitPlot(const items::PoolModel &model, const session::Session &session);
/// Wait P99 and response over the utilisation for this very number of servers, with the measured points.
PlotContent curvePlot(const items::PoolModel &model);

} // namespace tailscope::widgets
