// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Sessions and JSON reports of pyinstrument. See README.md beside.
const Importer &pyinstrumentImporter();

} // namespace tailscope::import
