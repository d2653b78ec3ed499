// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Collapsed ("folded") stacks: `frame;frame;frame weight`, one stack a line, root first. See README.md
/// beside.
const Importer &collapsedImporter();

} // namespace tailscope::import
