// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Output of hey: its summary and its CSV of requests. See README.md beside.
const Importer &heyTextImporter();
const Importer &heyCsvImporter();

} // namespace tailscope::import
