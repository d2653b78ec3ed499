// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// What vegeta writes: results as JSON lines or CSV (vegeta encode), reports as text or JSON. See README.md
/// beside.
const Importer &vegetaJsonImporter();
const Importer &vegetaCsvImporter();
const Importer &vegetaTextImporter();
const Importer &vegetaReportImporter();

} // namespace tailscope::import
