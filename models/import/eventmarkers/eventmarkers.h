// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Markers on the time axis (deploys, alerts, flags), one JSON object a line. See README.md beside.
const Importer &eventMarkersImporter();

} // namespace tailscope::import
