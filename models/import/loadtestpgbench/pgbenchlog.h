// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

#include <optional>
#include <string_view>
#include <vector>

namespace tailscope::import::pgbench {

/// The log of `pgbench -l`: a transaction a line.
class TransactionLogReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

/// The log of `pgbench -l --aggregate-interval`: an interval a line.
class AggregateLogReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

/// Fields of a line that may be one of each; for the sniffer.
bool isTransactionLine(std::string_view line);
bool isAggregateLine(std::string_view line);

} // namespace tailscope::import::pgbench
