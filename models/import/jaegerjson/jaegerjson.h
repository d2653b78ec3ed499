// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Jaeger traces as its query API, its UI and its Elasticsearch index write them. See README.md beside.
const Importer &jaegerJsonImporter();

} // namespace tailscope::import
