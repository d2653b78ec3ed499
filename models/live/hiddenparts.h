// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/resultset.h"
#include "live/serverfacts.h"

#include <string>
#include <vector>

namespace tailscope::live {

/// What decides about what can be seen, beside the facts.
struct HiddenInputs
{
    bool readsAllStats = false, readsAllSettings = false;
    ResultSet settings; ///< of settingsQuery(): name, setting; no rows = not read
};

/// The settings that decide what a server measures.
std::string settingsQuery();

/// In words what is not shown and why, the gravest first; what is needed to see it.
std::vector<std::string> hiddenParts(const ServerFacts &facts, const HiddenInputs &inputs, bool isPooled);

} // namespace tailscope::live
