// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"
#include "widgets/charts/plotcontent.h"

#include <memory>
#include <vector>

namespace tailscope::widgets {

struct NamedHistogram
{
    QString title;
    std::shared_ptr<const analysis::LogLinearHistogram> histogram;
    int colorIndex = 0;
};

/// Duration (or self time) over quantile on a nines axis, with the exact figures as marks. Between the marks
/// the curve follows the histogram (within 1.6 %); past 1 - 1/n it is the maximum, drawn as "too few
/// samples".
PlotContent percentileCurve(const analysis::DurationStats &stats, bool self, bool logarithmic,
    const std::vector<NamedHistogram> &groups);

} // namespace tailscope::widgets
