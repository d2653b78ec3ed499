// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import::vegeta {

/// `vegeta report`: text, with or without its histogram (-type='hist[...]').
class TextReportReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

/// `vegeta report -type=json`.
class JsonReportReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

} // namespace tailscope::import::vegeta
