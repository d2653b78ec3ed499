// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/cohort.h"

#include "analysis/cohortrequests.h"
#include "analysis/spanweights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace tailscope::analysis {

namespace {

constexpr double kSignificant = 0.05;

double meanOf(const SpanColumns &columns, const std::vector<std::uint32_t> &rows)
{
    double sum = 0;
    std::int64_t n = 0;
    for (const std::uint32_t row : rows) {
        if (columns.duration[row] != kUnknownNanos) {
            sum += double(columns.duration[row]);
            ++n;
        }
    }
    return n > 0 ? sum / double(n) : std::nan("");
}

/// Who is slow comes before what happened then: traits are known before the request runs.
bool comesFirst(const CohortDifference &a, const CohortDifference &b)
{
    if (a.isDifferent != b.isDifferent)
        return a.isDifferent;
    const bool traitA = a.kind == CohortDifference::Kind::Trait;
    const bool traitB = b.kind == CohortDifference::Kind::Trait;
    if (traitA != traitB)
        return traitA;
    return a.score > b.score;
}

} // namespace

std::string CohortDifference::subject() const
{
    if (kind == Kind::Trait || kind == Kind::Inside)
        return key + '=' + value;
    return service.empty() ? operation : service + ": " + operation;
}

std::string_view CohortDifference::kindName() const
{
    constexpr std::array<std::string_view, 6> kNames{"attribute", "inside", "path", "self_time", "gap",
        "calls"};
    return kNames[std::size_t(kind)];
}

CohortOperations::CohortOperations(const SpanColumns &columns)
    : m_columns(columns)
{
    std::unordered_map<std::string, std::uint32_t> numbers;
    for (const TrackInfo &track : columns.tracks) {
        const auto [place, isNew] = numbers.try_emplace(track.service, std::uint32_t(m_services.size()));
        if (isNew)
            m_services.push_back(track.service);
        m_serviceOf.push_back(place->second);
    }
}

std::vector<std::pair<std::string, std::string>> CohortOperations::names() const
{
    std::vector<std::pair<std::string, std::string>> names(m_numbers.size());
    for (const auto &[key, number] : m_numbers)
        names[number]
            = {m_services[std::size_t(key >> 32)], m_columns.operations[std::size_t(key & 0xffffffffu)]};
    return names;
}

CohortRequests::CohortRequests(const SpanColumns &columns, const CohortSets &sets)
    : m_slow(sets.slow.size())
    , m_rows(sets.slow)
{
    m_rows.insert(m_rows.end(), sets.rest.begin(), sets.rest.end());
    if (!columns.traceWeight.empty()) {
        const TraceWeights weights(columns);
        for (const std::uint32_t row : m_rows)
            m_weights.push_back(weights(row));
    }
    gather(columns);
}

/// Every span belongs to the nearest request among itself and its ancestors.
void CohortRequests::gather(const SpanColumns &columns)
{
    constexpr std::uint32_t kUnseen = kNoRow - 1;
    std::vector<std::uint32_t> owner(columns.size(), kUnseen);
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        owner[m_rows[i]] = std::uint32_t(i);
    std::vector<std::uint32_t> way;
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        // Up to an ancestor whose owner is known, then down again: each span is walked once. Marking the way
        // ends cycles.
        std::uint32_t at = row;
        while (at != kNoRow && owner[at] == kUnseen) {
            owner[at] = kNoRow;
            way.push_back(at);
            at = columns.parent[at];
        }
        const std::uint32_t found = at == kNoRow ? kNoRow : owner[at];
        for (const std::uint32_t passed : way)
            owner[passed] = found;
        way.clear();
    }
    m_offset.assign(m_rows.size() + 1, 0);
    for (const std::uint32_t request : owner) {
        if (request != kNoRow)
            ++m_offset[request + 1];
    }
    std::partial_sum(m_offset.begin(), m_offset.end(), m_offset.begin());
    m_spans.resize(m_offset.back());
    std::vector<std::uint32_t> next(m_offset.begin(), m_offset.end() - 1);
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        m_spans[next[i]++] = m_rows[i];
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        const std::uint32_t request = owner[row];
        if (request != kNoRow && m_rows[request] != row)
            m_spans[next[request]++] = row;
    }
}

Result<std::shared_ptr<const CohortReport>> compareCohorts(const SpanColumns &columns,
    const AttributeColumns *attributes, const CohortSets &sets, const std::vector<CohortMarker> &markers,
    const Progress &progress, std::size_t limit)
{
    auto report = std::make_shared<CohortReport>();
    report->slow = std::int64_t(sets.slow.size());
    report->rest = std::int64_t(sets.rest.size());
    report->weighted = !columns.traceWeight.empty();
    report->tooFew = sets.slow.size() < kMinSlowRequests || sets.rest.size() < kMinSlowRequests;
    const double slowMean = meanOf(columns, sets.slow), restMean = meanOf(columns, sets.rest);
    report->slowMean = std::isfinite(slowMean) ? Nanos(std::llround(slowMean)) : kUnknownNanos;
    report->restMean = std::isfinite(restMean) ? Nanos(std::llround(restMean)) : kUnknownNanos;
    if (attributes) {
        for (const AttributeColumns::Key &key : attributes->keys()) {
            if (key.isDropped)
                report->droppedKeys.push_back(key.name);
        }
    }
    if (report->tooFew)
        return std::shared_ptr<const CohortReport>(std::move(report));

    const CohortRequests requests(columns, sets);
    CohortOperations operations(columns);
    std::vector<CohortDifference> &out = report->differences;
    const Result<std::int64_t> present
        = comparePresence(columns, attributes, requests, operations, markers, progress, out);
    if (!present)
        return tl::unexpected(present.error());
    const Result<std::int64_t> timed = compareTimes(columns, requests, operations, progress, out);
    if (!timed)
        return tl::unexpected(timed.error());
    report->tested = *present + *timed;
    for (CohortDifference &difference : out) {
        difference.adjustedP = std::min(1.0, difference.p * double(report->tested));
        difference.isDifferent = difference.adjustedP < kSignificant
            && (!difference.lift || *difference.lift >= kMinLift) && difference.score > 0;
    }
    std::stable_sort(out.begin(), out.end(), comesFirst);
    if (out.size() > limit)
        out.resize(limit);
    return std::shared_ptr<const CohortReport>(std::move(report));
}

} // namespace tailscope::analysis
