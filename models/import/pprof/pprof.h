// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Profiles of pprof (profile.proto), raw or compressed. See README.md beside.
const Importer &pprofImporter();

} // namespace tailscope::import
