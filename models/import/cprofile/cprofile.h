// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Tables that Python's cProfile and pstats print. See README.md beside.
const Importer &cprofileImporter();

} // namespace tailscope::import
