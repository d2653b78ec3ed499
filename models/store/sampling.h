// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/workspace.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tailscope::store {

/// A keep probability as people write it: "0.1", "10 %", "1/32", "1 in 32". nullopt unless it is in (0, 1].
std::optional<double> parseSampling(std::string_view text);
/// "1 in 32", or "10.3 %" where that is no whole number.
std::string samplingText(double probability);

/// What the user says of a source: so much of its traces was kept. It is the weight of every trace whose own
/// spans say nothing (view trace, column weight). Kept in setting_kv; nullopt takes it back. Bumps the
/// generation of spans, so that what was derived is stale. Any thread.
Result<void> stateSampling(const Workspace &workspace, std::int64_t sourceId,
    const std::optional<double> &probability);
/// All such statements by source id.
Result<std::map<std::int64_t, double>> statedSampling(Database &database);

/// setting_kv.key of a source.
std::string samplingKey(std::int64_t sourceId);

} // namespace tailscope::store
