// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/curltimings/curlrows.h"
#include "import/importer.h"

namespace tailscope::import {

/// Reads what `curl -w` wrote: JSON objects, or lines of a variable and its value. Limits: 64 KB a line, 1
/// MiB an object.
class CurlReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

} // namespace tailscope::import
