// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Profiles of the Firefox profiler, as the browser writes them and as its front end saves them. See
/// README.md beside.
const Importer &firefoxImporter();

} // namespace tailscope::import
