// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// What SHOW prints on the consoles of PgBouncer, Odyssey and pgpool-II. See README.md beside.
const Importer &poolerConsoleImporter();

} // namespace tailscope::import
