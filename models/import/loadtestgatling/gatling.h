// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// simulation.log of Gatling in its text form. See README.md beside.
const Importer &gatlingImporter();

} // namespace tailscope::import
