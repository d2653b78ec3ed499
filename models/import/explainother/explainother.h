// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// MySQL 8: EXPLAIN ANALYZE and EXPLAIN FORMAT=TREE, bare or as the mysql client and drivers frame it.
const Importer &explainMysqlTreeImporter();
/// EXPLAIN FORMAT=JSON of MySQL 5.6 and later (versions 1 and 2) and of MariaDB, also ANALYZE FORMAT=JSON.
const Importer &explainMysqlJsonImporter();
/// EXPLAIN's table of MySQL and MariaDB: grid, \G, tabs, CSV, Markdown, rows of drivers.
const Importer &explainMysqlTableImporter();
/// SQLite's EXPLAIN QUERY PLAN: the shell's tree, its rows in every mode, rows of drivers.
const Importer &explainSqliteImporter();

} // namespace tailscope::import
