// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Zipkin spans in JSON, version 2 and version 1. See README.md beside.
const Importer &zipkinJsonImporter();

} // namespace tailscope::import
