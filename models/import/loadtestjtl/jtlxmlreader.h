// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import::jtl {

/// A results file of JMeter as XML. Samples inside a sample become its children. Limits: 64 levels, 64 KB a
/// text.
class JtlXmlReader final : public Reader
{
public:
    explicit JtlXmlReader(const ReadOptions &options)
        : m_options(options)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    ReadOptions m_options;
};

} // namespace tailscope::import::jtl
