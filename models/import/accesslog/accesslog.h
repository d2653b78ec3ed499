// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Access logs of web servers: common and combined log format. See README.md beside.
const Importer &accessLogImporter();

/// Logs of requests with one JSON object a line.
const Importer &requestLogImporter();

} // namespace tailscope::import
