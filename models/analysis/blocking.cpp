// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/blocking.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

namespace tailscope::analysis {

namespace {

/// The graph with small numbers instead of process numbers, and an order in which blockers come first.
class Graph
{
public:
    explicit Graph(std::span<const BlockingEdge> edges);
    void order();
    void sumUp(std::span<const BlockingEdge> edges);

    struct Wait
    {
        std::size_t from = 0, to = 0; ///< blocker, blocked
        int edge = 0;
        bool isBroken = false; ///< closes a circle
    };
    struct Process
    {
        std::int64_t pid = 0;
        std::vector<std::size_t> below, above; ///< places in waits
        bool isReachable = false; ///< a sorted process blocks it
        int deepest = 0, victims = 0;
        std::optional<double> longestMs;
    };
    std::vector<Process> processes;
    std::vector<Wait> waits;
    std::vector<std::size_t> sorted; ///< blockers before those they block
    /// It waits for nobody, but for the closing of circles.
    bool isRoot(std::size_t place) const
    {
        const std::vector<std::size_t> &above = processes[place].above;
        return std::all_of(above.begin(), above.end(),
            [this](std::size_t wait) { return waits[wait].isBroken; });
    }

private:
    std::size_t placeOf(std::int64_t pid);
    void breakCircle(const std::vector<int> &open);
    bool isOpen(std::size_t wait, const std::vector<int> &open) const
    {
        return !waits[wait].isBroken && open[waits[wait].from] >= 0;
    }

    std::map<std::int64_t, std::size_t> m_places;
};

std::size_t Graph::placeOf(std::int64_t pid)
{
    const auto [at, isNew] = m_places.try_emplace(pid, processes.size());
    if (isNew) {
        processes.push_back({});
        processes.back().pid = pid;
    }
    return at->second;
}

Graph::Graph(std::span<const BlockingEdge> edges)
{
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> known;
    for (std::size_t i = 0; i < edges.size(); ++i) {
        if (edges[i].blocked == edges[i].blocker)
            continue;
        const std::size_t from = placeOf(edges[i].blocker), to = placeOf(edges[i].blocked);
        const auto [at, isNew] = known.try_emplace({from, to}, waits.size());
        if (!isNew) {
            // Two locks of one pair: the longer wait tells more.
            Wait &before = waits[at->second];
            if (edges[i].waitedMs.value_or(-1) > edges[std::size_t(before.edge)].waitedMs.value_or(-1))
                before.edge = int(i);
            continue;
        }
        processes[from].below.push_back(waits.size());
        processes[to].above.push_back(waits.size());
        waits.push_back({from, to, int(i), false});
    }
}

/// Every process that is still open waits for an open one: going up ends in a circle. One wait of it is taken
/// out: that of a process which a real root holds up as well, else of the smallest process number.
void Graph::breakCircle(const std::vector<int> &open)
{
    const auto openWait = [&](std::size_t place) {
        const std::vector<std::size_t> &above = processes[place].above;
        return *std::find_if(above.begin(), above.end(),
            [&](std::size_t wait) { return isOpen(wait, open); });
    };
    std::size_t at = 0;
    while (open[at] < 0)
        ++at;
    std::set<std::size_t> seen;
    while (seen.insert(at).second)
        at = waits[openWait(at)].from;
    std::size_t best = at;
    const auto key
        = [&](std::size_t place) { return std::pair(!processes[place].isReachable, processes[place].pid); };
    for (std::size_t next = waits[openWait(at)].from; next != at; next = waits[openWait(next)].from) {
        if (key(next) < key(best))
            best = next;
    }
    waits[openWait(best)].isBroken = true;
}

void Graph::order()
{
    std::vector<int> open(processes.size()); // blockers not sorted yet; -1 = sorted
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < processes.size(); ++i) {
        open[i] = int(processes[i].above.size());
        if (open[i] == 0)
            ready.push_back(i);
    }
    while (sorted.size() < processes.size()) {
        while (ready.empty()) {
            breakCircle(open);
            for (std::size_t i = 0; i < processes.size(); ++i) {
                const std::vector<std::size_t> &above = processes[i].above;
                if (open[i] > 0 && std::none_of(above.begin(), above.end(), [&](std::size_t wait) {
                        return isOpen(wait, open);
                    }))
                    ready.push_back(i);
            }
        }
        const std::size_t at = ready.back();
        ready.pop_back();
        open[at] = -1;
        sorted.push_back(at);
        for (const std::size_t wait : processes[at].below) {
            const std::size_t to = waits[wait].to;
            processes[to].isReachable = true;
            const std::vector<std::size_t> &above = processes[to].above;
            if (!waits[wait].isBroken && open[to] > 0
                && std::none_of(above.begin(), above.end(), [&](std::size_t w) { return isOpen(w, open); }))
                ready.push_back(to);
        }
    }
}

void Graph::sumUp(std::span<const BlockingEdge> edges)
{
    const std::size_t words = (processes.size() + 63) / 64;
    std::vector<std::uint64_t> below(processes.size() * words);
    for (std::size_t i = sorted.size(); i-- > 0;) {
        Process &process = processes[sorted[i]];
        std::uint64_t *mine = below.data() + sorted[i] * words;
        for (const std::size_t wait : process.below) {
            if (waits[wait].isBroken)
                continue;
            const std::size_t to = waits[wait].to;
            const std::uint64_t *theirs = below.data() + to * words;
            for (std::size_t word = 0; word < words; ++word)
                mine[word] |= theirs[word];
            mine[to / 64] |= std::uint64_t(1) << (to % 64);
            process.deepest = std::max(process.deepest, processes[to].deepest + 1);
            for (const std::optional<double> &ms :
                {edges[std::size_t(waits[wait].edge)].waitedMs, processes[to].longestMs}) {
                if (ms && *ms > process.longestMs.value_or(-1))
                    process.longestMs = ms;
            }
        }
        for (std::size_t word = 0; word < words; ++word)
            process.victims += std::popcount(mine[word]);
    }
}

BlockingNode nodeOf(const Graph::Process &process)
{
    BlockingNode node;
    node.pid = process.pid;
    node.victims = process.victims;
    node.deepest = process.deepest;
    node.longestMs = process.longestMs;
    return node;
}

} // namespace

BlockingForest unfoldBlocking(std::span<const BlockingEdge> edges)
{
    BlockingForest forest;
    Graph graph(edges);
    graph.order();
    graph.sumUp(edges);
    std::vector<std::size_t> roots;
    for (std::size_t i = 0; i < graph.processes.size(); ++i) {
        const Graph::Process &process = graph.processes[i];
        forest.blocked += process.above.empty() ? 0 : 1;
        if (graph.isRoot(i))
            roots.push_back(i);
        forest.deepest = std::max(forest.deepest, process.deepest);
        std::stable_sort(graph.processes[i].below.begin(), graph.processes[i].below.end(),
            [&](std::size_t a, std::size_t b) {
                const auto key = [&](std::size_t wait) {
                    return edges[std::size_t(graph.waits[wait].edge)].waitedMs.value_or(-1);
                };
                return key(a) > key(b);
            });
    }
    std::stable_sort(roots.begin(), roots.end(), [&](std::size_t a, std::size_t b) {
        const Graph::Process &x = graph.processes[a], &y = graph.processes[b];
        return x.victims != y.victims ? x.victims > y.victims : x.pid < y.pid;
    });
    forest.roots = int(roots.size());
    std::vector<bool> isOpened(graph.processes.size());
    struct Todo
    {
        std::size_t process;
        int parent;
        std::size_t wait; ///< npos = a root
    };
    constexpr auto kRoot = std::size_t(-1);
    std::vector<Todo> stack;
    for (std::size_t i = roots.size(); i-- > 0;)
        stack.push_back({roots[i], -1, kRoot});
    while (!stack.empty()) {
        const Todo todo = stack.back();
        stack.pop_back();
        const Graph::Process &process = graph.processes[todo.process];
        BlockingNode node = nodeOf(process);
        node.parent = todo.parent;
        node.depth = todo.parent < 0 ? 0 : forest.nodes[std::size_t(todo.parent)].depth + 1;
        node.edge = todo.wait == kRoot ? -1 : graph.waits[todo.wait].edge;
        node.isCycle = todo.wait == kRoot ? !process.above.empty() : graph.waits[todo.wait].isBroken;
        node.isRepeated = !node.isCycle && isOpened[todo.process];
        const int place = int(forest.nodes.size());
        forest.nodes.push_back(node);
        if (isOpened[todo.process] || (node.isCycle && todo.wait != kRoot))
            continue;
        isOpened[todo.process] = true;
        for (std::size_t i = process.below.size(); i-- > 0;)
            stack.push_back({graph.waits[process.below[i]].to, place, process.below[i]});
    }
    return forest;
}

} // namespace tailscope::analysis
