// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Commits of `git log` as markers. See README.md beside.
const Importer &gitLogImporter();

} // namespace tailscope::import
