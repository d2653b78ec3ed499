// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// What pgbench writes: the log of transactions, the log of intervals, its printed output. See README.md
/// beside.
const Importer &pgbenchLogImporter();
const Importer &pgbenchAggregateImporter();
const Importer &pgbenchOutputImporter();

} // namespace tailscope::import
