// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// The CSV files of Locust: stats, stats_history, failures, exceptions. See README.md beside.
const Importer &locustImporter();

} // namespace tailscope::import
