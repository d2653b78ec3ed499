// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// "gc-log": pauses of garbage collectors as the runtimes log them (JVM unified logging, Go gctrace, Node).
const Importer &gcLogImporter();

} // namespace tailscope::import
