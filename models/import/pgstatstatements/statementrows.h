// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/importreport.h"
#include "import/pgstatstatements/statementrow.h"
#include "store/rowsink.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tailscope::import {

/// Turns rows of pg_stat_statements into statement samples, whether a file or a server has them. One thread.
class StatementRows
{
public:
    StatementRows(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}

    /// Why the row says nothing; empty = it can be written.
    static std::string_view problemOf(const StatementRow &row);
    /// time: UTC, kUnknownNanos = the row does not say. epoch: which life of the entry its counters are of.
    void write(const StatementRow &row, Nanos time, RecordRef server, std::uint64_t offset,
        std::optional<std::int64_t> epoch = std::nullopt);

private:
    RowSink &m_sink;
    ImportReport &m_report;
    std::string m_query, m_extra;
};

} // namespace tailscope::import
