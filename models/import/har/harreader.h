// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/timetext.h"
#include "import/importer.h"

namespace tailscope::import {

/// Reads an HTTP archive entry by entry; bodies are passed over. Limits: 10,000 pages, 64 KB a text.
class HarReader final : public Reader
{
public:
    explicit HarReader(const ReadOptions &options)
        : m_time(options)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    TimeText m_time;
};

} // namespace tailscope::import
