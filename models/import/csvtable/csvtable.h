// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// "csv-table": delimited tables of any layout, whose columns are known by a map or guessed.
const Importer &csvTableImporter();

} // namespace tailscope::import
