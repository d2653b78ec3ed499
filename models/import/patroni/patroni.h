// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Members of a Patroni cluster: `patronictl list` and the answer of its REST API. See README.md beside.
const Importer &patroniImporter();

} // namespace tailscope::import
