// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import::hdr {

/// A percentile distribution as HdrHistogram prints it. Its unit is unknown unless the head names it, or the
/// mapping of columns does (`unit = "us"`).
class HgrmReader final : public Reader
{
public:
    explicit HgrmReader(const ReadOptions &options)
        : m_map(options.columnMap)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    std::string m_map;
};

} // namespace tailscope::import::hdr
