// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/attributecolumns.h"
#include "analysis/quantiles.h"
#include "analysis/rangestats.h"
#include "analysis/spancolumns.h"
#include "base/progress.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// Fewer slow requests than this are not compared: "too few".
inline constexpr std::size_t kMinSlowRequests = 20;

/// Which requests are slow and which ones they are compared with.
struct CohortQuestion
{
    enum class Slow { AbovePercentile, Durations } slow = Slow::AbovePercentile;
    Quantile percentile = kP99; ///< slow: at or above the percentile of all
    std::pair<Nanos, Nanos> durations{0, kUnknownNanos}; ///< [low, high); high kUnknownNanos = open
    bool ofSelfTime = false; ///< compare self times instead of durations
    enum class Rest {
        Others, ///< all that are not slow
        Middle, ///< from P40 to P60
        Given ///< the rows handed over, less those that are slow
    } rest
        = Rest::Others;
};

/// The two sets: rows of SpanColumns, one a request.
struct CohortSets
{
    std::vector<std::uint32_t> slow; ///< slowest first
    std::vector<std::uint32_t> rest;
    std::int64_t requests = 0; ///< with a known duration, from which the slow ones were taken
    std::int64_t unknown = 0; ///< without one: in neither set
    Nanos slowFrom = kUnknownNanos, slowTo = kUnknownNanos; ///< least and greatest of the slow ones
    Nanos restFrom = kUnknownNanos, restTo = kUnknownNanos;
    bool allEqual = false; ///< every duration is the same: none is slow
};

/// Rows that are a request: they pass the selection, and their parent does not pass its filter (without a
/// filter: the roots). The range and the other choices are asked of the request only. everySpan: all that
/// pass. Ascending; O(rows).
std::vector<std::uint32_t> requestRows(const SpanColumns &columns, const SpanSelection &selection,
    bool everySpan, const CancelToken &cancel);

/// Splits requests. `given` is used by Rest::Given only. Where so many share the percentile itself that more
/// than three times the share asked for would be slow, slow is what lies above it.
CohortSets chooseCohorts(const SpanColumns &columns, const std::vector<std::uint32_t> &requests,
    const CohortQuestion &question, const std::vector<std::uint32_t> &given = {});

/// One thing that differs between the slow requests and the rest.
struct CohortDifference
{
    enum class Kind {
        Trait, ///< the request itself has key = value
        Inside, ///< a span inside the request has key = value
        Path, ///< an operation occurs at all
        SelfTime, ///< time in an operation itself (spans without children)
        Gap, ///< time in spans with children that no child covers
        Calls ///< how often an operation is called
    } kind
        = Kind::Trait;
    std::string scope; ///< of an attribute: resource, scope, span; empty: derived (service, instance...)
    std::string key, value; ///< empty where it is about an operation
    std::string service, operation; ///< Path, SelfTime, Gap, Calls
    std::int64_t slowN = 0, slowTotal = 0; ///< requests that have it
    std::int64_t allN = 0, allTotal = 0; ///< of both sets together
    double coverage = 0; ///< share of the slow ones (weighted); times: share of the additional time
    std::optional<double> lift; ///< share of the slow / share of all; times and calls: ratio of the means
    double slowValue = 0, restValue = 0; ///< medians a request: ns or calls
    double slowMean = 0, restMean = 0;
    double p = 1, adjustedP = 1; ///< slow against the rest; adjusted: Bonferroni over everything tested
    double score = 0; ///< coverage * log2(lift)
    bool isDifferent = false; ///< adjusted p < 0.05 and lift >= kMinLift
    std::vector<std::string> sameAs; ///< "key=value" that picks exactly the same requests
    std::vector<std::uint32_t> examples; ///< rows of slow requests, slowest first, at most five

    /// "tenant=t-117" or "shop: pool.acquire".
    std::string subject() const;
    /// attribute, inside, path, self_time, gap, calls: as in cohort_difference.kind.
    std::string_view kindName() const;
};

/// Least ratio that counts as a difference; a value 2 % more frequent is not a trait.
inline constexpr double kMinLift = 1.2;

/// An instant that may explain a difference: requests before it and after it are told apart.
struct CohortMarker
{
    Nanos at = 0;
    std::string title; ///< "config 10:00 reporting pool 20 -> 2"
};

struct CohortReport
{
    std::int64_t slow = 0, rest = 0; ///< requests compared
    std::int64_t tested = 0; ///< values, operations and times that were compared
    bool tooFew = false; ///< one of the sets is too small: no differences are listed
    bool weighted = false; ///< shares count the weights of traces; n are traces as recorded
    Nanos slowMean = kUnknownNanos, restMean = kUnknownNanos;
    /// Traits of the request first, then what happened inside it; each by score. isDifferent before others.
    std::vector<CohortDifference> differences;
    std::vector<std::string> droppedKeys; ///< attributes with too many values to compare
};

/// Compares the sets. `attributes` may be null (then only derived traits, paths and times). At most `limit`
/// differences. One thread; O(spans of the requests and their attributes).
Result<std::shared_ptr<const CohortReport>> compareCohorts(const SpanColumns &columns,
    const AttributeColumns *attributes, const CohortSets &sets, const std::vector<CohortMarker> &markers,
    const Progress &progress, std::size_t limit = 300);

} // namespace tailscope::analysis
