// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What requests have or have not: attributes, derived traits, operations inside.
#include "analysis/cohortrequests.h"
#include "analysis/comparestats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace tailscope::analysis {

namespace {

constexpr std::uint32_t kLeastRequests = 5; // rarer values cannot be told from chance
constexpr std::size_t kMaxCandidates = 2'000, kMaxExamples = 5;

enum Space { OwnAttribute, InsideAttribute, Derived, Operation, PathOperation, kSpaces };

std::uint64_t mixed(std::uint64_t z)
{
    z += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/// Which requests have a value: counts, and a sum of hashes that tells sets of requests apart.
struct Cell
{
    std::uint32_t stamp = 0, slow = 0, all = 0;
    double slowWeight = 0, allWeight = 0;
    std::uint64_t hash = 0;
};

/// Traits that are not attributes, numbered: first number of each key, then its values.
class DerivedTraits
{
public:
    DerivedTraits(const SpanColumns &columns, const CohortOperations &operations,
        const std::vector<CohortMarker> &markers)
        : m_columns(columns)
        , m_operations(operations)
        , m_markers(markers)
    {
        begin("service", operations.services());
        m_instance = byTrack("instance", [](const TrackInfo &track) { return track.instance; });
        m_thread = byTrack("thread", [](const TrackInfo &track) {
            return track.thread.empty() ? std::string() : track.process + " / " + track.thread;
        });
        m_source = byTrack("source", [](const TrackInfo &track) { return std::to_string(track.sourceId); });
        begin("kind", {"internal", "server", "client", "producer", "consumer", "async"});
        begin("status", {"unset", "ok", "error"});
        begin("http", {"", "1xx", "2xx", "3xx", "4xx", "5xx"});
        std::vector<std::string> since{markers.empty() ? "" : "before " + markers.front().title};
        for (const CohortMarker &marker : markers)
            since.push_back("after " + marker.title);
        begin("since", since);
    }

    template<typename Take>
    void forEach(std::uint32_t row, Take &&take) const
    {
        const std::uint32_t track = m_columns.track[row];
        const std::array<std::uint32_t, 8> numbers{m_operations.serviceOfTrack(track), m_instance[track],
            m_thread[track], m_source[track], std::min<std::uint32_t>(m_columns.kind[row], 5),
            std::min<std::uint32_t>(m_columns.status[row], 2), httpClass(m_columns.httpStatus[row]),
            markerOf(m_columns.start[row])};
        for (std::size_t key = 0; key < numbers.size(); ++key) {
            const std::uint32_t code = m_first[key] + numbers[key];
            if (!m_values[code].empty())
                take(code);
        }
    }

    std::uint32_t keyOf(std::uint32_t code) const
    {
        return std::uint32_t(std::upper_bound(m_first.begin(), m_first.end(), code) - m_first.begin() - 1);
    }
    const std::string &key(std::uint32_t code) const { return m_keys[keyOf(code)]; }
    const std::string &value(std::uint32_t code) const { return m_values[code]; }

private:
    void begin(const char *key, const std::vector<std::string> &values)
    {
        m_keys.emplace_back(key);
        m_first.push_back(std::uint32_t(m_values.size()));
        m_values.insert(m_values.end(), values.begin(), values.end());
    }
    template<typename Text>
    std::vector<std::uint32_t> byTrack(const char *key, Text text)
    {
        std::map<std::string, std::uint32_t> numbers;
        std::vector<std::string> values;
        std::vector<std::uint32_t> result;
        for (const TrackInfo &track : m_columns.tracks) {
            const auto [place, isNew] = numbers.try_emplace(text(track), std::uint32_t(values.size()));
            if (isNew)
                values.push_back(place->first);
            result.push_back(place->second);
        }
        begin(key, values);
        return result;
    }
    static std::uint32_t httpClass(std::uint16_t status)
    {
        return status >= 100 && status < 600 ? status / 100u : 0u;
    }
    std::uint32_t markerOf(Nanos start) const
    {
        const auto after = std::upper_bound(m_markers.begin(), m_markers.end(), start,
            [](Nanos at, const CohortMarker &marker) { return at < marker.at; });
        return std::uint32_t(after - m_markers.begin());
    }

    const SpanColumns &m_columns;
    const CohortOperations &m_operations;
    const std::vector<CohortMarker> &m_markers;
    std::vector<std::string> m_keys, m_values;
    std::vector<std::uint32_t> m_first;
    std::vector<std::uint32_t> m_instance, m_thread, m_source;
};

class PresenceScan
{
public:
    PresenceScan(const SpanColumns &columns, const AttributeColumns *attributes,
        const CohortRequests &requests, CohortOperations &operations,
        const std::vector<CohortMarker> &markers)
        : m_columns(columns)
        , m_attributes(attributes && attributes->rows() == columns.size() ? attributes : nullptr)
        , m_requests(requests)
        , m_operations(operations)
        , m_derived(columns, operations, markers)
    {}

    Result<std::int64_t> run(const Progress &progress, std::vector<CohortDifference> &out)
    {
        for (std::size_t i = 0; i < m_requests.size(); ++i) {
            count(i);
            if (i % 4096 == 0 && progress.isCancelled())
                return fail(ErrorCode::Cancelled, "cohorts", "cancelled");
        }
        const std::int64_t tested = choose();
        groupEqual();
        findExamples();
        for (Candidate &candidate : m_candidates)
            out.push_back(std::move(candidate.difference));
        return tested;
    }

private:
    struct Candidate
    {
        Space space = OwnAttribute;
        std::uint32_t code = 0;
        CohortDifference difference;
    };

    Cell &cell(Space space, std::uint32_t code)
    {
        std::vector<Cell> &cells = m_cells[space];
        if (code >= cells.size())
            cells.resize(std::max<std::size_t>(code + 1, cells.size() * 2));
        return cells[code];
    }

    /// Calls take(space, code) for everything the request has; a code may come more than once.
    template<typename Take>
    void visit(std::size_t request, Take &&take)
    {
        const std::uint32_t own = m_requests.row(request);
        m_derived.forEach(own, [&](std::uint32_t code) { take(Derived, code); });
        take(Operation, m_operations.of(own));
        bool isInside = false;
        for (const std::uint32_t row : m_requests.spans(request)) {
            if (m_attributes) {
                const Space space = isInside ? InsideAttribute : OwnAttribute;
                m_attributes->forEach(row, [&](std::uint32_t code) { take(space, code); });
            }
            if (isInside)
                take(PathOperation, m_operations.of(row));
            isInside = true;
        }
    }

    void count(std::size_t request)
    {
        const auto stamp = std::uint32_t(request + 1);
        const bool slow = request < m_requests.slow();
        const double weight = m_requests.weight(request);
        const std::uint64_t hash = mixed(request);
        visit(request, [&](Space space, std::uint32_t code) {
            Cell &here = cell(space, code);
            if (here.stamp == stamp)
                return;
            here.stamp = stamp;
            // What the request says of itself is not told again by the spans inside it.
            if (space == InsideAttribute && cell(OwnAttribute, code).stamp == stamp)
                return;
            ++here.all;
            here.allWeight += weight;
            here.hash += hash;
            if (slow) {
                ++here.slow;
                here.slowWeight += weight;
            }
        });
        m_allWeight += weight;
        m_slowWeight += slow ? weight : 0;
    }

    std::uint32_t keyOf(Space space, std::uint32_t code) const
    {
        if (space == Derived)
            return m_derived.keyOf(code);
        return space == Operation || space == PathOperation ? 0 : m_attributes->keyOf(code);
    }

    bool isDropped(Space space, std::uint32_t key) const
    {
        return (space == OwnAttribute || space == InsideAttribute) && m_attributes->keys()[key].isDropped;
    }

    /// Fills m_candidates with what is over-represented; the number of values tested.
    std::int64_t choose()
    {
        std::int64_t tested = 0;
        for (int s = 0; s < kSpaces; ++s) {
            const auto space = Space(s);
            struct Seen
            {
                std::size_t values = 0, hits = 0;
            };
            std::vector<Seen> seen;
            const std::vector<Cell> &cells = m_cells[space];
            for (std::uint32_t code = 0; code < cells.size(); ++code) {
                if (cells[code].all == 0)
                    continue;
                const std::uint32_t key = keyOf(space, code);
                if (key >= seen.size())
                    seen.resize(key + 1);
                ++seen[key].values;
                seen[key].hits += cells[code].all;
            }
            for (std::uint32_t code = 0; code < cells.size(); ++code) {
                const Cell &here = cells[code];
                if (here.all < kLeastRequests || here.all == m_requests.size())
                    continue;
                const std::uint32_t key = keyOf(space, code);
                if (isDropped(space, key) || seen[key].values == seen[key].hits)
                    continue;
                ++tested;
                consider(space, code, here);
            }
        }
        std::stable_sort(m_candidates.begin(), m_candidates.end(),
            [](const Candidate &a, const Candidate &b) { return a.difference.score > b.difference.score; });
        if (m_candidates.size() > kMaxCandidates)
            m_candidates.resize(kMaxCandidates);
        for (Candidate &candidate : m_candidates)
            test(candidate.difference);
        return tested;
    }

    void consider(Space space, std::uint32_t code, const Cell &here)
    {
        CohortDifference difference;
        difference.slowN = here.slow;
        difference.slowTotal = std::int64_t(m_requests.slow());
        difference.allN = here.all;
        difference.allTotal = std::int64_t(m_requests.size());
        difference.coverage = here.slowWeight / m_slowWeight;
        const double lift = difference.coverage / (here.allWeight / m_allWeight);
        if (!(lift > 1))
            return;
        difference.lift = lift;
        difference.score = difference.coverage * std::log2(lift);
        name(space, code, difference);
        m_candidates.push_back({space, code, std::move(difference)});
    }

    void name(Space space, std::uint32_t code, CohortDifference &difference) const
    {
        using Kind = CohortDifference::Kind;
        constexpr std::array<const char *, 3> kScopes{"resource", "scope", "span"};
        switch (space) {
        case OwnAttribute:
        case InsideAttribute: {
            const AttributeColumns::Key &key = m_attributes->keys()[m_attributes->keyOf(code)];
            difference.kind = space == OwnAttribute ? Kind::Trait : Kind::Inside;
            difference.scope = kScopes[std::min<std::size_t>(key.scope, 2)];
            difference.key = key.name;
            difference.value = m_attributes->value(code);
            break;
        }
        case Derived:
            difference.key = m_derived.key(code);
            difference.value = m_derived.value(code);
            break;
        case Operation:
        case PathOperation: {
            if (m_names.empty())
                m_names = m_operations.names();
            if (space == Operation) {
                difference.key = "operation";
                difference.value = m_names[code].second;
            } else {
                difference.kind = Kind::Path;
            }
            std::tie(difference.service, difference.operation) = m_names[code];
            break;
        }
        case kSpaces:
            break;
        }
    }

    static void test(CohortDifference &difference)
    {
        const Count slow{difference.slowN, difference.slowTotal};
        const Count rest{difference.allN - difference.slowN, difference.allTotal - difference.slowTotal};
        if (const auto tested = twoProportions(rest, slow))
            difference.p = tested->p;
    }

    /// The name under which equal partitions are listed: what a filter can ask for, then attributes.
    static int rank(const Candidate &candidate)
    {
        const CohortDifference &difference = candidate.difference;
        if (candidate.space == Operation)
            return 0;
        if (candidate.space == Derived)
            return difference.key == "service" || difference.key == "instance" ? 0 : 2;
        return candidate.space == OwnAttribute ? 1 : int(candidate.space) + 3;
    }

    void groupEqual()
    {
        std::map<std::array<std::uint64_t, 3>, std::vector<std::size_t>> groups;
        for (std::size_t i = 0; i < m_candidates.size(); ++i) {
            const Cell &here = m_cells[m_candidates[i].space][m_candidates[i].code];
            groups[{here.hash, here.slow, here.all}].push_back(i);
        }
        std::vector<bool> listed(m_candidates.size(), true);
        for (auto &[key, members] : groups) {
            std::stable_sort(members.begin(), members.end(), [this](std::size_t a, std::size_t b) {
                return rank(m_candidates[a]) < rank(m_candidates[b]);
            });
            for (std::size_t i = 1; i < members.size(); ++i) {
                listed[members[i]] = false;
                m_candidates[members.front()].difference.sameAs.push_back(
                    m_candidates[members[i]].difference.subject());
            }
        }
        std::size_t kept = 0;
        for (std::size_t i = 0; i < m_candidates.size(); ++i) {
            if (!listed[i])
                continue;
            if (kept != i)
                m_candidates[kept] = std::move(m_candidates[i]);
            ++kept;
        }
        m_candidates.resize(kept);
    }

    void findExamples()
    {
        std::array<std::vector<std::uint32_t>, kSpaces> wanted; // index + 1 of the candidate
        for (std::size_t i = 0; i < m_candidates.size(); ++i) {
            auto &places = wanted[m_candidates[i].space];
            places.resize(std::max<std::size_t>(places.size(), m_candidates[i].code + 1), 0);
            places[m_candidates[i].code] = std::uint32_t(i + 1);
        }
        for (std::size_t request = 0; request < m_requests.slow(); ++request) {
            const std::uint32_t row = m_requests.row(request);
            visit(request, [&](Space space, std::uint32_t code) {
                if (code >= wanted[space].size() || wanted[space][code] == 0)
                    return;
                auto &examples = m_candidates[wanted[space][code] - 1].difference.examples;
                if (examples.size() < kMaxExamples && (examples.empty() || examples.back() != row))
                    examples.push_back(row);
            });
        }
    }

    const SpanColumns &m_columns;
    const AttributeColumns *m_attributes;
    const CohortRequests &m_requests;
    CohortOperations &m_operations;
    DerivedTraits m_derived;
    std::array<std::vector<Cell>, kSpaces> m_cells;
    double m_slowWeight = 0, m_allWeight = 0;
    std::vector<Candidate> m_candidates;
    mutable std::vector<std::pair<std::string, std::string>> m_names;
};

} // namespace

Result<std::int64_t> comparePresence(const SpanColumns &columns, const AttributeColumns *attributes,
    const CohortRequests &requests, CohortOperations &operations, const std::vector<CohortMarker> &markers,
    const Progress &progress, std::vector<CohortDifference> &out)
{
    return PresenceScan(columns, attributes, requests, operations, markers).run(progress, out);
}

} // namespace tailscope::analysis
