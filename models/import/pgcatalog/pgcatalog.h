// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Result sets of PostgreSQL's catalog and statistics views: CSV, TSV, psql's tables, JSON. See README.md
/// beside.
const Importer &pgCatalogImporter();

} // namespace tailscope::import
