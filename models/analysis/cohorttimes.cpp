// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Where the additional time of slow requests lies, and what they call more often.
#include "analysis/cohortrequests.h"
#include "analysis/comparestats.h"
#include "analysis/radixsort.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <thread>

namespace tailscope::analysis {

namespace {

using Kind = CohortDifference::Kind;

// Only what may matter is tested: the operations with the largest growth of each kind.
constexpr std::size_t kCandidates = 40, kMaxExamples = 5;

/// What one request spends in one operation.
struct Spent
{
    std::uint32_t operation = 0, request = 0;
    std::array<Nanos, 3> value{}; ///< self time of leaves, time no child covers, calls
};

class TimeScan
{
public:
    TimeScan(const SpanColumns &columns, const CohortRequests &requests, CohortOperations &operations)
        : m_columns(columns)
        , m_requests(requests)
        , m_operations(operations)
        , m_hasChild(columns.size(), 0)
    {
        for (const std::uint32_t parent : columns.parent) {
            if (parent != kNoRow)
                m_hasChild[parent] = 1;
        }
    }

    Result<std::int64_t> run(const Progress &progress, std::vector<CohortDifference> &out)
    {
        for (std::size_t request = 0; request < m_requests.size(); ++request) {
            gather(std::uint32_t(request));
            if (request % 4096 == 0 && progress.isCancelled())
                return fail(ErrorCode::Cancelled, "cohorts", "cancelled");
        }
        sortByOperation();
        m_names = m_operations.names();
        std::int64_t tested = 0;
        for (const Kind kind : {Kind::SelfTime, Kind::Gap, Kind::Calls})
            tested += compare(kind, out);
        return tested;
    }

private:
    static std::size_t column(Kind kind) { return std::size_t(kind) - std::size_t(Kind::SelfTime); }

    void gather(std::uint32_t request)
    {
        const std::size_t first = m_spent.size();
        const bool slow = request < m_requests.slow();
        const double weight = m_requests.weight(request);
        (slow ? m_slowWeight : m_restWeight) += weight;
        for (const std::uint32_t row : m_requests.spans(request)) {
            const std::uint32_t operation = m_operations.of(row);
            if (operation >= m_place.size())
                m_place.resize(operation + 1, 0);
            if (m_place[operation] <= first) {
                m_spent.push_back({operation, request, {}});
                m_place[operation] = m_spent.size(); // place + 1
            }
            Spent &spent = m_spent[m_place[operation] - 1];
            const Nanos self = m_columns.self[row];
            if (self != kUnknownNanos) {
                Nanos &sum = spent.value[m_hasChild[row] ? 1 : 0];
                sum = saturatingAdd(sum, self);
            }
            // The request itself is called once by definition.
            spent.value[2] += row == m_requests.row(request) ? 0 : 1;
        }
        const Nanos duration = m_columns.duration[m_requests.row(request)];
        if (duration != kUnknownNanos)
            (slow ? m_slowTime : m_restTime) += weight * double(duration);
    }

    void sortByOperation()
    {
        std::stable_sort(m_spent.begin(), m_spent.end(),
            [](const Spent &a, const Spent &b) { return a.operation < b.operation; });
        m_first.assign(m_operations.size() + 1, 0);
        for (const Spent &spent : m_spent)
            ++m_first[spent.operation + 1];
        for (std::size_t i = 1; i < m_first.size(); ++i)
            m_first[i] += m_first[i - 1];
    }

    struct Means
    {
        std::uint32_t operation = 0;
        double slow = 0, rest = 0;
        double growth() const { return slow - rest; }
    };

    std::int64_t compare(Kind kind, std::vector<CohortDifference> &out)
    {
        std::vector<Means> means;
        for (std::uint32_t operation = 0; operation + 1 < m_first.size(); ++operation) {
            Means mean{operation};
            bool any = false;
            for (std::size_t i = m_first[operation]; i < m_first[operation + 1]; ++i) {
                const Spent &spent = m_spent[i];
                const double value = double(spent.value[column(kind)]) * m_requests.weight(spent.request);
                any = any || value > 0;
                (spent.request < m_requests.slow() ? mean.slow : mean.rest) += value;
            }
            if (!any)
                continue;
            mean.slow /= m_slowWeight;
            mean.rest /= m_restWeight;
            means.push_back(mean);
        }
        const auto tested = std::int64_t(means.size());
        std::stable_sort(means.begin(), means.end(),
            [](const Means &a, const Means &b) { return a.growth() > b.growth(); });
        std::size_t grown = 0;
        while (grown < std::min(means.size(), kCandidates) && means[grown].growth() > 0)
            ++grown;
        // Sorting the values of every request is what it costs: every other one on a second thread.
        std::vector<CohortDifference> found(grown);
        const auto half = [&](std::size_t from) {
            for (std::size_t i = from; i < grown; i += 2)
                found[i] = difference(kind, means[i]);
        };
        std::thread second(half, std::size_t(1));
        half(0);
        second.join();
        std::move(found.begin(), found.end(), std::back_inserter(out));
        return tested;
    }

    /// Values of all requests of one side, those without the operation as 0.
    std::vector<Nanos> values(Kind kind, std::uint32_t operation, bool slow) const
    {
        std::vector<Nanos> values;
        for (std::size_t i = m_first[operation]; i < m_first[operation + 1]; ++i) {
            if ((m_spent[i].request < m_requests.slow()) == slow)
                values.push_back(std::max<Nanos>(0, m_spent[i].value[column(kind)]));
        }
        values.resize(slow ? m_requests.slow() : m_requests.size() - m_requests.slow(), 0);
        sortNanos(values);
        return values;
    }

    CohortDifference difference(Kind kind, const Means &mean) const
    {
        CohortDifference result;
        result.kind = kind;
        std::tie(result.service, result.operation) = m_names[mean.operation];
        const std::vector<Nanos> slow = values(kind, mean.operation, true);
        const std::vector<Nanos> rest = values(kind, mean.operation, false);
        if (const auto test = mannWhitney(rest, slow))
            result.p = test->effect > 0.5 ? test->p : 1;
        result.slowValue = double(sortedPercentile(slow, kP50).value);
        result.restValue = double(sortedPercentile(rest, kP50).value);
        result.slowMean = mean.slow;
        result.restMean = mean.rest;
        const auto with = [](const std::vector<Nanos> &sorted) {
            return std::int64_t(sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), Nanos(0)));
        };
        result.slowN = with(slow);
        result.slowTotal = std::int64_t(slow.size());
        result.allN = result.slowN + with(rest);
        result.allTotal = result.slowTotal + std::int64_t(rest.size());
        const double extra = m_slowTime / m_slowWeight - m_restTime / m_restWeight;
        if (kind == Kind::Calls)
            result.coverage = double(result.slowN) / double(result.slowTotal);
        else if (extra > 0)
            result.coverage = mean.growth() / extra;
        if (mean.rest > 0)
            result.lift = mean.slow / mean.rest;
        // Without any in the rest the ratio has no end; a thousandfold is as telling.
        const double ratio = std::min(1000.0, result.lift.value_or(1000.0));
        result.score = std::min(1.0, result.coverage) * std::log2(std::max(1.0, ratio));
        addExamples(kind, mean.operation, result);
        return result;
    }

    void addExamples(Kind kind, std::uint32_t operation, CohortDifference &result) const
    {
        std::vector<const Spent *> slow;
        for (std::size_t i = m_first[operation]; i < m_first[operation + 1]; ++i) {
            if (m_spent[i].request < m_requests.slow() && m_spent[i].value[column(kind)] > 0)
                slow.push_back(&m_spent[i]);
        }
        const auto count = std::min(slow.size(), kMaxExamples);
        std::partial_sort(slow.begin(), slow.begin() + std::ptrdiff_t(count), slow.end(),
            [&](const Spent *a, const Spent *b) {
                const Nanos va = a->value[column(kind)], vb = b->value[column(kind)];
                return va != vb ? va > vb : a->request < b->request;
            });
        for (std::size_t i = 0; i < count; ++i)
            result.examples.push_back(m_requests.row(slow[i]->request));
    }

    const SpanColumns &m_columns;
    const CohortRequests &m_requests;
    CohortOperations &m_operations;
    std::vector<std::uint8_t> m_hasChild;
    std::vector<Spent> m_spent;
    std::vector<std::size_t> m_place, m_first;
    std::vector<std::pair<std::string, std::string>> m_names;
    double m_slowWeight = 0, m_restWeight = 0, m_slowTime = 0, m_restTime = 0;
};

} // namespace

Result<std::int64_t> compareTimes(const SpanColumns &columns, const CohortRequests &requests,
    CohortOperations &operations, const Progress &progress, std::vector<CohortDifference> &out)
{
    return TimeScan(columns, requests, operations).run(progress, out);
}

} // namespace tailscope::analysis
