// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Series in long form: a delimited text file with a header, one value a line. See README.md beside.
const Importer &csvSeriesImporter();

} // namespace tailscope::import
