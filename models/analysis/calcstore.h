// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calcresults.h"
#include "analysis/derivesource.h"
#include "analysis/spancalc.h"

#include <functional>
#include <vector>

namespace tailscope::analysis {

/// The writing half of the derive pass: takes back what an earlier pass left and stores the new rows in
/// transactions of bounded length. Cancelled midway it leaves some of the rows; the next pass begins anew.
class CalcStore
{
public:
    CalcStore(store::Database &writer, const DeriveSource &source, const Progress &progress)
        : m_writer(writer)
        , m_source(source)
        , m_progress(progress)
    {}

    Result<void> clear();
    Result<void> writeSpans(CalcResults &results);
    /// Instants and flow links, then the generation of the spans. Returns the number of links.
    Result<std::int64_t> writeBindings(std::vector<BindingRecord> instants,
        const std::vector<BindingRecord> &flows);
    const SpanCalcStats &stats() const { return m_stats; } ///< spans and roots written

private:
    Result<void> inTransaction(const std::function<Result<void>()> &work);
    Result<void> runInPieces(const char *sql, const RunMap &rows);
    Result<void> insertRows(store::Statement &insert, const std::vector<CalcRecord> &rows);
    Result<void> insertRow(store::Statement &insert, const CalcRecord &row);

    store::Database &m_writer;
    const DeriveSource &m_source;
    const Progress &m_progress;
    SpanCalcStats m_stats;
};

} // namespace tailscope::analysis
