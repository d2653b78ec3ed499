// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// "vmstat": what vmstat(8) prints.
const Importer &vmstatImporter();
/// "sysstat": what sar(1) and pidstat(1) print.
const Importer &sysstatImporter();
/// "cgroup-cpu-stat": the file cpu.stat of a control group, read again and again.
const Importer &cgroupCpuStatImporter();

} // namespace tailscope::import
