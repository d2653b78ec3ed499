// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/samplingstate.h"

#include <QString>

namespace tailscope::items {

/// "weighted: 1 in 32 kept"; empty when no weight is known.
QString samplingSummary(const analysis::SamplingState &state);
/// What a banner says where shares and percentiles may be biased, and what to do; empty without doubt.
QString samplingWarning(const analysis::SamplingState &state);

} // namespace tailscope::items
