// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Percentile distributions (.hgrm) and logs of interval histograms (.hlog) of HdrHistogram. See README.md
/// beside.
const Importer &hgrmImporter();
const Importer &hlogImporter();

} // namespace tailscope::import
