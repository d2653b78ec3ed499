// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// What k6 writes about a load test: the stream of samples as JSON lines or CSV, and the summary at the end.
/// See README.md beside.
const Importer &k6JsonImporter();
const Importer &k6CsvImporter();
const Importer &k6SummaryImporter();

} // namespace tailscope::import
