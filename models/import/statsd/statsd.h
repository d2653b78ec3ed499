// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Lines of the statsd protocol as a relay or tcpdump writes them down, with tags of Datadog or Influx.
const Importer &statsdImporter();

} // namespace tailscope::import
