// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"

#include <QString>

namespace tailscope::app {

/// "reading 42 %, 1,200,000 rows, 800,000 rows/s, 3.1 s left": what a terminal shows of one phase of a long
/// work. Figures that are not known are left out.
QString progressLine(const ProgressUpdate &update, qint64 phaseElapsedMs);

/// Writes that line to stderr, rewritten five times a second; nothing where stderr is a file or a pipe.
Progress terminalProgress();
/// Takes the line away again.
void endTerminalProgress();

} // namespace tailscope::app
