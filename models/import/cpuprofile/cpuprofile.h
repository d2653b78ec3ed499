// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// CPU profiles of V8 (.cpuprofile), in the flat form and in the old one of nested nodes. See README.md
/// beside.
const Importer &cpuProfileImporter();

} // namespace tailscope::import
