// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import::pgbench {

/// What pgbench prints: lines of --progress and the summary at the end; several outputs in one file are a run
/// each. Without --progress-timestamp there is no time of day: then the clock starts with the first run.
class OutputReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

} // namespace tailscope::import::pgbench
