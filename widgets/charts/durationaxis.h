// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

namespace tailscope::widgets {

/// Maps durations to places 0..1 of the axis, linear or logarithmic. 0 ns has a place on the logarithmic axis
/// too.
class DurationAxis
{
public:
    static constexpr double kLowestLog = 0.5; // place of 0 ns on a logarithmic axis

    DurationAxis() = default;
    DurationAxis(Nanos low, Nanos high, bool logarithmic);
    double place(double ns) const; ///< may lie outside 0..1
    double at(double place) const;
    Nanos low() const { return m_low; }
    Nanos high() const { return m_high; }
    bool isLogarithmic() const { return m_logarithmic; }

private:
    Nanos m_low = 0, m_high = 1;
    bool m_logarithmic = false;
    double m_from = 0, m_length = 1;
};

} // namespace tailscope::widgets
