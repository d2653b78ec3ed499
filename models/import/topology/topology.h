// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Services, their pools, the calls between them and the servers behind, in TOML. See README.md beside.
const Importer &topologyImporter();

} // namespace tailscope::import
