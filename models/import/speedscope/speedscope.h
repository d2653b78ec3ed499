// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// The file format of speedscope: evented and sampled profiles over shared frames. See README.md beside.
const Importer &speedscopeImporter();

} // namespace tailscope::import
