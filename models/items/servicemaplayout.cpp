// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/servicemaplayout.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace tailscope::items {

namespace {

using analysis::ServiceEdge;
using analysis::ServiceMap;

constexpr int kSweeps = 12;
constexpr int kHeightPasses = 24;
constexpr double kBeside = 9; // between lines that join the same two boxes
// Lines over many layers get a place in each of them; past so many places they run straight.
constexpr std::size_t kMaxPlaces = 40'000;

/// One thing in a layer: a node, or the place where a long line passes.
struct Place
{
    int node = -1; // -1 = a line passes
    int layer = 0;
    double y = 0;
    std::vector<int> before, after; // places in the layers left and right
    double height() const { return node >= 0 ? ServiceMapLayout::kBoxHeight : ServiceMapLayout::kRowGap / 2; }
};

class Layouter
{
public:
    Layouter(const ServiceMap &map, const ServiceMapShown &shown)
        : m_map(map)
        , m_shown(shown)
        , m_backward(map.edges.size(), false)
        , m_layer(map.nodes.size(), -1)
    {}

    ServiceMapLayout run()
    {
        breakCycles();
        assignLayers();
        makePlaces();
        orderPlaces();
        assignHeights();
        return result();
    }

private:
    bool isDrawn(std::size_t edge) const
    {
        return m_shown.edges[edge] && m_map.edges[edge].caller != m_map.edges[edge].callee;
    }
    /// Ends of an edge in the direction of the layers.
    int from(std::size_t edge) const
    {
        return int(m_backward[edge] ? m_map.edges[edge].callee : m_map.edges[edge].caller);
    }
    int to(std::size_t edge) const
    {
        return int(m_backward[edge] ? m_map.edges[edge].caller : m_map.edges[edge].callee);
    }

    void breakCycles()
    {
        const std::size_t n = m_map.nodes.size();
        std::vector<std::vector<std::size_t>> out(n);
        std::vector<int> callers(n, 0);
        for (std::size_t i = 0; i < m_map.edges.size(); ++i) {
            if (!isDrawn(i))
                continue;
            out[m_map.edges[i].caller].push_back(i);
            ++callers[m_map.edges[i].callee];
        }
        // Those that nobody calls first, then the busiest: what is left of them is a cycle without a start.
        std::vector<std::size_t> starts(n);
        std::iota(starts.begin(), starts.end(), std::size_t(0));
        std::stable_sort(starts.begin(), starts.end(), [&](std::size_t a, std::size_t b) {
            if ((callers[a] == 0) != (callers[b] == 0))
                return callers[a] == 0;
            return m_map.nodes[a].requests > m_map.nodes[b].requests;
        });
        enum : std::uint8_t { New, Open, Done };
        std::vector<std::uint8_t> state(n, New);
        std::vector<std::pair<std::size_t, std::size_t>> stack; // node, next of its edges
        for (const std::size_t start : starts) {
            if (state[start] != New)
                continue;
            state[start] = Open;
            stack.push_back({start, 0});
            while (!stack.empty()) {
                auto &[node, next] = stack.back();
                if (next == out[node].size()) {
                    state[node] = Done;
                    stack.pop_back();
                    continue;
                }
                const std::size_t edge = out[node][next++];
                const std::size_t callee = m_map.edges[edge].callee;
                if (state[callee] == Open) {
                    m_backward[edge] = true;
                } else if (state[callee] == New) {
                    state[callee] = Open;
                    stack.push_back({callee, 0});
                }
            }
        }
    }

    void assignLayers()
    {
        const std::size_t n = m_map.nodes.size();
        std::vector<std::vector<std::size_t>> out(n);
        std::vector<int> open(n, 0);
        for (std::size_t i = 0; i < m_map.edges.size(); ++i) {
            if (!isDrawn(i))
                continue;
            out[std::size_t(from(i))].push_back(std::size_t(to(i)));
            ++open[std::size_t(to(i))];
        }
        std::vector<std::size_t> ready;
        for (std::size_t node = 0; node < n; ++node) {
            if (m_shown.nodes[node])
                m_layer[node] = 0;
            if (m_shown.nodes[node] && open[node] == 0)
                ready.push_back(node);
        }
        for (std::size_t at = 0; at < ready.size(); ++at) {
            for (const std::size_t next : out[ready[at]]) {
                m_layer[next] = std::max(m_layer[next], m_layer[ready[at]] + 1);
                if (--open[next] == 0)
                    ready.push_back(next);
            }
        }
        m_layers = 0;
        for (const int layer : m_layer)
            m_layers = std::max(m_layers, layer + 1);
    }

    int addPlace(int node, int layer)
    {
        Place place;
        place.node = node;
        place.layer = layer;
        m_places.push_back(std::move(place));
        m_order[std::size_t(layer)].push_back(int(m_places.size()) - 1);
        return int(m_places.size()) - 1;
    }

    void makePlaces()
    {
        m_order.assign(std::size_t(m_layers), {});
        m_placeOf.assign(m_map.nodes.size(), -1);
        m_path.assign(m_map.edges.size(), {});
        for (std::size_t node = 0; node < m_map.nodes.size(); ++node) {
            if (m_layer[node] >= 0)
                m_placeOf[node] = addPlace(int(node), m_layer[node]);
        }
        for (std::size_t edge = 0; edge < m_map.edges.size(); ++edge) {
            if (!isDrawn(edge))
                continue;
            const int start = from(edge), end = to(edge);
            int last = m_placeOf[std::size_t(start)];
            m_path[edge].push_back(last);
            for (int layer = m_layer[std::size_t(start)] + 1;
                 layer < m_layer[std::size_t(end)] && m_places.size() < kMaxPlaces; ++layer) {
                const int place = addPlace(-1, layer);
                join(last, place);
                m_path[edge].push_back(place);
                last = place;
            }
            const int target = m_placeOf[std::size_t(end)];
            if (m_places[std::size_t(last)].layer + 1 == m_places[std::size_t(target)].layer)
                join(last, target);
            m_path[edge].push_back(target);
        }
    }
    void join(int left, int right)
    {
        m_places[std::size_t(left)].after.push_back(right);
        m_places[std::size_t(right)].before.push_back(left);
    }

    /// Crossings of the lines between neighbouring layers, by counting inversions.
    std::int64_t crossings() const
    {
        std::vector<int> rank(m_places.size(), 0);
        for (const auto &layer : m_order) {
            for (std::size_t i = 0; i < layer.size(); ++i)
                rank[std::size_t(layer[i])] = int(i);
        }
        std::int64_t count = 0;
        for (const auto &layer : m_order) {
            std::vector<int> ends;
            for (const int place : layer) {
                const std::size_t first = ends.size();
                for (const int next : m_places[std::size_t(place)].after)
                    ends.push_back(rank[std::size_t(next)]);
                std::sort(ends.begin() + std::ptrdiff_t(first), ends.end());
            }
            std::map<int, std::int64_t> seen; // rank -> lines that end there
            std::int64_t total = 0;
            if (ends.size() > 3000)
                return 0; // too many to tell the sweeps apart by: the last one stays
            for (const int end : ends) {
                std::int64_t notAbove = 0;
                for (auto it = seen.begin(); it != seen.end() && it->first <= end; ++it)
                    notAbove += it->second;
                count += total - notAbove;
                ++seen[end];
                ++total;
            }
        }
        return count;
    }

    void orderPlaces()
    {
        auto best = m_order;
        std::int64_t fewest = crossings();
        for (int sweep = 0; sweep < kSweeps; ++sweep) {
            const bool forward = sweep % 2 == 0;
            std::vector<double> rank(m_places.size(), 0);
            for (const auto &layer : m_order) {
                for (std::size_t i = 0; i < layer.size(); ++i)
                    rank[std::size_t(layer[i])] = double(i);
            }
            for (int step = 1; step < m_layers; ++step) {
                auto &layer = m_order[std::size_t(forward ? step : m_layers - 1 - step)];
                std::map<int, double> centre;
                for (const int place : layer) {
                    const Place &at = m_places[std::size_t(place)];
                    const auto &near = forward ? at.before : at.after;
                    double sum = 0;
                    for (const int other : near)
                        sum += rank[std::size_t(other)];
                    centre[place] = near.empty() ? rank[std::size_t(place)] : sum / double(near.size());
                }
                std::stable_sort(layer.begin(), layer.end(),
                    [&](int a, int b) { return centre[a] < centre[b]; });
                for (std::size_t i = 0; i < layer.size(); ++i)
                    rank[std::size_t(layer[i])] = double(i);
            }
            if (const std::int64_t now = crossings(); now <= fewest) {
                fewest = now;
                best = m_order;
            }
        }
        m_order = std::move(best);
    }

    double gap(const Place &above, const Place &below) const
    {
        const bool lines = above.node < 0 && below.node < 0;
        return above.height() / 2 + below.height() / 2
            + (lines ? ServiceMapLayout::kRowGap / 4 : ServiceMapLayout::kRowGap);
    }

    void assignHeights()
    {
        for (const auto &layer : m_order) {
            double y = 0;
            for (std::size_t i = 0; i < layer.size(); ++i) {
                Place &place = m_places[std::size_t(layer[i])];
                y = i == 0 ? 0 : y + gap(m_places[std::size_t(layer[i - 1])], place);
                place.y = y;
            }
            for (const int place : layer)
                m_places[std::size_t(place)].y -= y / 2;
        }
        for (int pass = 0; pass < kHeightPasses; ++pass) {
            for (int step = 0; step < m_layers; ++step)
                settle(m_order[std::size_t(pass % 2 == 0 ? step : m_layers - 1 - step)]);
        }
    }

    /// Moves the places of one layer towards their neighbours without changing the order: pushed apart from
    /// above and from below, the mean of both keeps the distances.
    void settle(const std::vector<int> &layer)
    {
        std::vector<double> wanted;
        for (const int index : layer) {
            const Place &place = m_places[std::size_t(index)];
            double sum = 0;
            for (const auto *near : {&place.before, &place.after}) {
                for (const int other : *near)
                    sum += m_places[std::size_t(other)].y;
            }
            const std::size_t n = place.before.size() + place.after.size();
            wanted.push_back(n > 0 ? sum / double(n) : place.y);
        }
        std::vector<double> down = wanted, up = wanted;
        for (std::size_t i = 1; i < layer.size(); ++i)
            down[i] = std::max(down[i],
                down[i - 1] + gap(m_places[std::size_t(layer[i - 1])], m_places[std::size_t(layer[i])]));
        for (std::size_t i = layer.size(); i-- > 1;)
            up[i - 1] = std::min(up[i - 1],
                up[i] - gap(m_places[std::size_t(layer[i - 1])], m_places[std::size_t(layer[i])]));
        for (std::size_t i = 0; i < layer.size(); ++i)
            m_places[std::size_t(layer[i])].y = (down[i] + up[i]) / 2;
    }

    ServiceMapLayout result() const
    {
        using L = ServiceMapLayout;
        L layout;
        layout.layer = QVector<int>(m_layer.begin(), m_layer.end());
        layout.boxes.resize(qsizetype(m_map.nodes.size()));
        for (std::size_t node = 0; node < m_map.nodes.size(); ++node) {
            if (m_placeOf[node] < 0)
                continue;
            const Place &place = m_places[std::size_t(m_placeOf[node])];
            const QRectF box(place.layer * (L::kBoxWidth + L::kColumnGap), place.y - L::kBoxHeight / 2,
                L::kBoxWidth, L::kBoxHeight);
            layout.boxes[qsizetype(node)] = box;
            layout.bounds = layout.bounds.isNull() ? box : layout.bounds.united(box);
        }
        layout.lines.resize(qsizetype(m_map.edges.size()));
        std::map<std::pair<int, int>, int> sameWay; // lines so far between the same two
        for (std::size_t edge = 0; edge < m_map.edges.size(); ++edge) {
            if (m_path[edge].empty())
                continue;
            L::Line &line = layout.lines[qsizetype(edge)];
            line.isBackward = m_backward[edge];
            const int beside = sameWay[{from(edge), to(edge)}]++;
            const double shift = (beside % 2 == 1 ? 1 : -1) * ((beside + 1) / 2) * kBeside;
            for (std::size_t i = 0; i < m_path[edge].size(); ++i) {
                const Place &place = m_places[std::size_t(m_path[edge][i])];
                const double left = place.layer * (L::kBoxWidth + L::kColumnGap);
                // Lines leave a box on its right and enter on its left; through a layer they run level.
                if (i > 0)
                    line.points << QPointF(left, place.y + (place.node >= 0 ? shift : 0));
                if (i + 1 < m_path[edge].size())
                    line.points << QPointF(left + L::kBoxWidth, place.y + (place.node >= 0 ? shift : 0));
            }
            if (line.isBackward)
                std::reverse(line.points.begin(), line.points.end());
        }
        return layout;
    }

    const ServiceMap &m_map;
    const ServiceMapShown &m_shown;
    std::vector<bool> m_backward;
    std::vector<int> m_layer;
    int m_layers = 0;
    std::vector<Place> m_places;
    std::vector<int> m_placeOf; // of a node
    std::vector<std::vector<int>> m_order; // places by layer
    std::vector<std::vector<int>> m_path; // places by edge
};

} // namespace

ServiceMapShown shownServices(const ServiceMap &map, double leastShare)
{
    double all = 0;
    for (const ServiceEdge &edge : map.edges)
        all += edge.weight;
    ServiceMapShown shown;
    shown.nodes.assign(map.nodes.size(), false);
    std::vector<bool> hasEdge(map.nodes.size(), false);
    for (const ServiceEdge &edge : map.edges) {
        const bool isShown = leastShare <= 0 || edge.weight >= leastShare * all;
        shown.edges.push_back(isShown);
        for (const std::uint32_t node : {edge.caller, edge.callee}) {
            hasEdge[node] = true;
            shown.nodes[node] = shown.nodes[node] || isShown;
        }
    }
    for (std::size_t node = 0; node < map.nodes.size(); ++node)
        shown.nodes[node] = shown.nodes[node] || !hasEdge[node];
    return shown;
}

ServiceMapLayout layOutServices(const ServiceMap &map, const ServiceMapShown &shown)
{
    return Layouter(map, shown).run();
}

} // namespace tailscope::items
