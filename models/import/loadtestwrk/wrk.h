// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Output of wrk and wrk2. See README.md beside.
const Importer &wrkImporter();

} // namespace tailscope::import
