// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Rows of PostgreSQL's pg_stat_statements, saved as CSV or JSON. See README.md beside.
const Importer &pgStatStatementsImporter();

} // namespace tailscope::import
