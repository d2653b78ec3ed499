// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Logs of PostgreSQL servers in their four forms. Records become log_entry rows; plans of auto_explain,
/// deadlocks, lock waits, checkpoints and vacuums rows of their own.
const Importer &postgresLogImporter(); ///< stderr, any log_line_prefix
const Importer &postgresSyslogImporter();
const Importer &postgresCsvLogImporter();
const Importer &postgresJsonLogImporter();

} // namespace tailscope::import
