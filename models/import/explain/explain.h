// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// EXPLAIN (FORMAT JSON) of PostgreSQL 9.0 and later, bare or as clients frame it. Depth limit: 10,000 levels
/// of nodes; at most 100,000 nodes a plan and 128 MiB a file.
const Importer &explainJsonImporter();

/// EXPLAIN in TEXT form of PostgreSQL 8 and later, with or without costs and figures, any number of plans in
/// a text. Same limits.
const Importer &explainTextImporter();

/// EXPLAIN (FORMAT XML) and (FORMAT YAML): the same plans as JSON gives, and the same limits.
const Importer &explainXmlImporter();
const Importer &explainYamlImporter();

} // namespace tailscope::import
