// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Results files (JTL) of Apache JMeter, as CSV and as XML. See README.md beside.
const Importer &jmeterCsvImporter();
const Importer &jmeterXmlImporter();

} // namespace tailscope::import
