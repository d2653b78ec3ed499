// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import::vegeta {

/// `vegeta encode -to json`: a request a line.
class JsonResultsReader final : public Reader
{
public:
    explicit JsonResultsReader(const ReadOptions &options)
        : m_options(options)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    ReadOptions m_options;
};

/// `vegeta encode -to csv`: a request a line, no header.
class CsvResultsReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

/// A line of the CSV, for the sniffer.
bool isCsvResult(std::string_view line);

} // namespace tailscope::import::vegeta
