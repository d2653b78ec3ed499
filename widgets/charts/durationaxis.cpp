// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/durationaxis.h"

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

DurationAxis::DurationAxis(Nanos low, Nanos high, bool logarithmic)
    : m_low(low)
    , m_high(std::max(high, saturatingAdd(low, 1)))
    , m_logarithmic(logarithmic)
{
    m_from = logarithmic ? std::log(std::max(kLowestLog, double(m_low))) : double(m_low);
    m_length = (logarithmic ? std::log(double(m_high)) : double(m_high)) - m_from;
}

double DurationAxis::place(double ns) const
{
    return ((m_logarithmic ? std::log(std::max(kLowestLog, ns)) : ns) - m_from) / m_length;
}

double DurationAxis::at(double place) const
{
    const double value = m_from + place * m_length;
    return m_logarithmic ? std::exp(value) : value;
}

} // namespace tailscope::widgets
