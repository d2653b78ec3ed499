// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// JSON dumps of stackprof (Ruby). See README.md beside.
const Importer &stackprofImporter();

} // namespace tailscope::import
