// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// What Grafana's panel inspector writes: a column "Time" and one column a series, cells with units or
/// without.
const Importer &grafanaCsvImporter();

} // namespace tailscope::import
