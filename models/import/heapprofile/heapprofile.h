// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Sampling heap profiles of V8 (.heapprofile). See README.md beside.
const Importer &heapProfileImporter();

} // namespace tailscope::import
