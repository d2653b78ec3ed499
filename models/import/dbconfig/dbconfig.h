// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// pgbouncer.ini. See README.md beside for all three.
const Importer &pgbouncerIniImporter();
/// postgresql.conf.
const Importer &postgresqlConfImporter();
/// spring.datasource.hikari.* in properties or YAML, hikari.properties.
const Importer &hikariConfigImporter();

} // namespace tailscope::import
