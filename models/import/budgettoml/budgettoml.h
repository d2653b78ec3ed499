// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// A performance budget as TOML: a table [budget] and tables [[component]]. See README.md beside.
const Importer &budgetTomlImporter();

} // namespace tailscope::import
