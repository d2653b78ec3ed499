// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Chrome Trace Event JSON (id "chrome-trace"): browsers, Perfetto's JSON, V8, viztracer, PyTorch, Bazel,
/// clang.
const Importer &chromeTraceImporter();

} // namespace tailscope::import
