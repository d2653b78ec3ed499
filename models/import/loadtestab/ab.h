// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Output of ApacheBench: its text, its requests (-g) and its percentiles (-e). See README.md beside.
const Importer &abTextImporter();
const Importer &abGnuplotImporter();
const Importer &abPercentilesImporter();

} // namespace tailscope::import
