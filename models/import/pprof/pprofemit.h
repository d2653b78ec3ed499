// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/pprof/pproftables.h"
#include "store/rowsink.h"

namespace tailscope::import::pprof {

/// The rows of a profile: one profile for each sample type, the default one first.
void emitProfile(Tables &tables, RowSink &sink, ImportReport &report);

} // namespace tailscope::import::pprof
