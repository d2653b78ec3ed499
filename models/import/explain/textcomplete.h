// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/plandocument.h"

namespace tailscope::import::explain {

/// What a plan's text showed of the options it was made with: a figure TEXT leaves out is 0 when the option
/// was on and unknown when it was not.
struct TextEvidence
{
    bool buffers = false, ioTimings = false, wal = false;
    bool oldServer = false; ///< "Total runtime": up to 9.3, where 9.1 has no removed rows
};

/// Fills what FORMAT JSON would have printed and TEXT does not: parent relationships and figures that are 0.
void completeTextPlan(ParsedPlan &plan, const TextEvidence &evidence);

} // namespace tailscope::import::explain
