// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import::k6 {

/// The summary at the end of a test: --summary-export, or the data of handleSummary(). Figures of the whole
/// run and of submetrics, thresholds with how they ended. There is no time of day in it.
class K6SummaryReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

} // namespace tailscope::import::k6
