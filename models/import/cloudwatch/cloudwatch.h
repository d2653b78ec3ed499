// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Output of `aws cloudwatch get-metric-data` and `get-metric-statistics` (JSON).
const Importer &cloudWatchImporter();

} // namespace tailscope::import
