// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Profiles older than profile.proto: the texts of gperftools and of Go's debug=1 and debug=2, and the binary
/// CPU profile of gperftools. See README.md beside.
const Importer &pprofLegacyImporter();

} // namespace tailscope::import
