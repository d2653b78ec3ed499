// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tailscope::import::loadtest {

/// Figures of a whole run, of one operation or of one interval, as the tool states them; absent = not stated.
struct LoadPhase
{
    enum class Kind { Whole, Operation, Interval } kind = Kind::Whole;
    std::string name;
    Nanos startNs = kUnknownNanos, endNs = kUnknownNanos;
    std::optional<double> targetRate, rate, users, minMs, meanMs, p50Ms, p90Ms, p95Ms, p99Ms, maxMs;
    std::optional<std::int64_t> requests, errors;
    std::vector<std::pair<std::string, double>> extra; ///< "p999_ms", "stddev_ms"...
    std::string unit; ///< into extra, where the figures are not in milliseconds

    /// A figure that has no column; a later one of the same name replaces it.
    void setExtra(std::string_view key, double value);
    /// Puts the value of a percentile (0.5, 0.95...) where it belongs; those without a column go to extra.
    void setQuantile(double quantile, double milliseconds);
};

enum class Loop { Unknown, Closed, Open };
enum class Omission { Unknown, Possible, Corrected, No };
enum class Level { Requests, Intervals, Summary };

/// One load test: gathered while reading, written once at the end. What each field becomes is said in the
/// README.
class LoadRun
{
public:
    static constexpr std::size_t kMaxPhases = 100'000, kMaxFailures = 1'000, kMaxText = 8'192,
                                 kMaxStatuses = 200;

    LoadRun(std::string_view toolName, Level level)
        : tool(toolName)
        , m_level(level)
    {}

    std::string tool, name, target, version, weights;
    Loop loop = Loop::Unknown;
    Omission omission = Omission::Unknown;
    Nanos startNs = kUnknownNanos, endNs = kUnknownNanos;
    std::optional<double> targetRate, users, threads, durationSeconds;
    LoadPhase whole;

    void threshold(std::string_view metric, std::string_view expression, std::optional<bool> ok = {});
    void failure(std::string_view operation, std::string_view message, std::int64_t count = 1);
    void status(std::string_view code, std::int64_t count = 1);
    /// An interval or an operation; past kMaxPhases they are counted and told by write().
    void phase(LoadPhase phase);
    /// The run reaches over this moment.
    void touch(Nanos ns);

    /// The run, then its phases. Once, after the last row.
    void write(RowSink &sink, ImportReport &report);

private:
    struct Threshold
    {
        std::string metric, expression;
        std::optional<bool> ok;
    };
    std::string parameters() const;
    void writePhase(RowSink &sink, RecordRef run, const LoadPhase &phase);

    Level m_level;
    std::vector<Threshold> m_thresholds;
    std::map<std::pair<std::string, std::string>, std::int64_t> m_failures;
    std::int64_t m_otherFailures = 0;
    std::map<std::string, std::int64_t> m_statuses;
    std::vector<LoadPhase> m_phases;
    std::int64_t m_droppedPhases = 0, m_position = 0;
};

} // namespace tailscope::import::loadtest
