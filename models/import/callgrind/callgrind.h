// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Output of callgrind: costs of functions and of the calls between them. See README.md beside.
const Importer &callgrindImporter();

} // namespace tailscope::import
