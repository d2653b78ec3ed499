// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Reads the tables that pstats prints, a profile a table. Limit: 64 KB a line.
class CProfileReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

} // namespace tailscope::import
