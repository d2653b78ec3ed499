// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/metrics/metricrows.h"

#include <optional>
#include <string_view>
#include <vector>

namespace tailscope::import::statsd {

/// One line: [time] name[,tag=v...]:value[:value...]|type[|@rate][|#tag:v,...][|Tseconds]. Views into the
/// line.
struct StatsdLine
{
    enum class Type { Counter, Gauge, Timer, Histogram, Set };
    Type type = Type::Counter;
    std::string_view name, time; ///< time: in front of the line, or seconds of |T
    std::vector<std::string_view> values;
    std::vector<MetricLabel> labels;
    double rate = 1; ///< share of the events that were sent
};

/// Empty when the line was read into `out`, else the reason.
std::string_view parseStatsdLine(std::string_view line, StatsdLine &out);

} // namespace tailscope::import::statsd
