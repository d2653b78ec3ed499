// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/command.h"

namespace tailscope::app {

/// Help text of one command: its form, what it does, its options, an example. Ends with a line end.
QString commandHelp(const Command &command);
/// The commands with one line each, options and exit codes.
QString generalHelp();

} // namespace tailscope::app
