// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/comparestats.h"
#include "analysis/rangestats.h"
#include "analysis/spancolumns.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// The durations of one operation in one set.
struct OperationSample
{
    std::string service, operation;
    std::vector<Nanos> durations; ///< known ones, ascending
    std::vector<double> weights; ///< beside them; empty when every trace counts once
    std::int64_t unknown = 0, errors = 0;
    std::int64_t count() const { return std::int64_t(durations.size()) + unknown; }
};

/// One set of spans, by operation.
struct SetSample
{
    std::vector<OperationSample> operations; ///< by service, then operation
    std::int64_t spans = 0;
    TimeRange range; ///< first to last start; empty without spans
    bool isWeighted = false;
    double perSecond() const; ///< spans a second over range; 0 when it has no length
};
/// All spans of the selection (only of one source when sourceId > 0). Two threads are not worth it; 8 bytes a
/// span. Stops early when cancelled: ask the token.
SetSample sampleSet(const SpanColumns &columns, const SpanSelection &selection, std::int64_t sourceId,
    const CancelToken &cancel);

enum class Verdict { Worse, Better, Same, Unknown };

/// What counts as a change: ratios second / first as rationals (equal passes), shares in points.
struct CompareLimits
{
    Quantile p50{21, 20}, p95{21, 20}, p99{21, 20}; ///< 1.05; num 0: never judged
    double errorPoints = 0.5; ///< more failed than this many of a hundred, and
    double errorRatio = 1; ///< more than this many times as many
    double alpha = 0.05; ///< level of the rank test and of the test of errors
};

/// One measure of one operation.
struct MeasureVerdict
{
    Verdict verdict = Verdict::Unknown;
    enum class Why {
        Measured, ///< inside the limit, or outside and significant
        TooFew, ///< a percentile needs more samples than there are
        Chance, ///< outside the limit, but not significant
        NotJudged
    } why
        = Why::NotJudged;
};

/// One operation in two sets.
struct OperationComparison
{
    static constexpr std::array<Quantile, 3> kQuantiles{kP50, kP95, kP99};

    std::string service, operation;
    Count first, second; ///< failed spans of all spans
    std::array<PercentileRatio, 3> percentiles; ///< P50, P95, P99
    std::optional<MannWhitney> ranks; ///< nullopt with weights: the test knows none
    double adjustedP = 1; ///< of ranks, by Holm over the operations
    std::optional<TwoProportions> errors;
    std::array<MeasureVerdict, 4> measures; ///< P50, P95, P99, errors
    Verdict verdict = Verdict::Unknown;
    std::string name() const { return service.empty() ? operation : service + ": " + operation; }
};

struct SetComparison
{
    std::vector<OperationComparison> operations; ///< worse first, the largest growth on top
    std::vector<std::string> onlyFirst, onlySecond; ///< operations of one set
    std::int64_t firstSpans = 0, secondSpans = 0;
    TimeRange firstRange, secondRange;
    bool isWeighted = false;
    std::vector<std::string> warnings; ///< why the sets may not be comparable, one sentence each
    std::int64_t count(Verdict verdict) const;
};

/// Operations of both sets, judged.
SetComparison compareSets(const SetSample &first, const SetSample &second, const CompareLimits &limits = {});

/// A gate for CI: what fails is an operation with a worse P95, P99 or error rate.
inline constexpr CompareLimits kGateLimits{{0, 1}, {6, 5}, {6, 5}, 0.5, 2, 0.01};
enum class GateResult { Passed, Failed, Undecided };
/// Undecided: no operation of both sets has enough samples for any measure.
GateResult gateResult(const SetComparison &comparison);
GateResult gateResult(const OperationComparison &operation);

/// "worse", "better", "same", "unknown".
std::string verdictWord(Verdict verdict);
/// What changed, or why it cannot be told: "P95 100 ms → 121 ms (×1.21)".
std::string changeText(const OperationComparison &operation);
/// One or two sentences about all of it.
std::string headline(const SetComparison &comparison);
/// Everything as Markdown; names of the sets as given.
std::string comparisonMarkdown(const SetComparison &comparison, std::string_view first,
    std::string_view second);

} // namespace tailscope::analysis
