// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// PgBouncer's own log file. See README.md beside.
const Importer &pgbouncerLogImporter();
/// The lines of HikariCP in a Java service's log.
const Importer &hikariLogImporter();

} // namespace tailscope::import
