// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import::hdr {

/// A log of interval histograms (.hlog, format 1.2 and 1.3): each line a start, a length, the maximum and a
/// compressed histogram, maybe tagged. Limits: 32 MB an inflated histogram, 1,000 tags, 2,000,000 buckets
/// of one tag.
class HlogReader final : public Reader
{
public:
    explicit HlogReader(const ReadOptions &options)
        : m_options(options)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    ReadOptions m_options;
};

} // namespace tailscope::import::hdr
