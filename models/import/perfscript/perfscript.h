// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// The text that `perf script` prints: a header line a sample, its stack below. See README.md beside.
const Importer &perfScriptImporter();

} // namespace tailscope::import
