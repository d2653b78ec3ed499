// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "store/rowsink.h"

#include <optional>
#include <string>

namespace tailscope::import {

/// One row of `queue_sample`; what is unknown is absent or empty.
struct QueueRow
{
    std::string queue, partition, group;
    Nanos tsNs = kUnknownNanos;
    std::optional<double> depth, arrived, completed, inFlight, delayed, failed, members, oldestMs,
        retentionMs;
    std::optional<std::int64_t> assigned, position, end;
};
void writeQueue(RowSink &sink, const QueueRow &row);

} // namespace tailscope::import
