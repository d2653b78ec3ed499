// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/database.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tailscope::analysis {

/// What table analysis_run tells of one run.
struct AnalysisRun
{
    std::string_view kind;
    int version = 1; ///< of the code
    std::string parameters; ///< JSON
    std::int64_t inputGeneration = 0;
    double seconds = 0;
};

/// Id of the finished run of the same kind, version, parameters and input generation: nothing has to be done.
Result<std::optional<std::int64_t>> finishedRun(store::Database &database, const AnalysisRun &run);

/// Replaces the earlier runs of the kind (and parameters) by this one, finished; returns its id. The caller
/// replaces the rows of the output tables in the same transaction.
Result<std::int64_t> recordRun(store::Database &writer, const AnalysisRun &run);

/// Seconds since construction: the cost of a run.
class Stopwatch
{
public:
    double seconds() const
    {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_begin).count();
    }

private:
    std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
};

} // namespace tailscope::analysis
