// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Trees of d3-flame-graph: name, value, children. See README.md beside.
const Importer &d3FlameImporter();

} // namespace tailscope::import
