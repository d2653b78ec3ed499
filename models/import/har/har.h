// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// HTTP archives (HAR 1.2) as browsers and proxies export them. See README.md beside.
const Importer &harImporter();

} // namespace tailscope::import
