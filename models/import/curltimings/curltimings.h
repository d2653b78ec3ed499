// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// What `curl -w` wrote about its requests: %{json}, or lines of "time_total: 0.052". See README.md beside.
const Importer &curlTimingsImporter();

} // namespace tailscope::import
