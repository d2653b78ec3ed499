// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Migrations in SQL: every statement with its kind and object. See README.md beside.
const Importer &migrationSqlImporter();

} // namespace tailscope::import
