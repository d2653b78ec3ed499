// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

namespace tailscope::import::callgrind {

/// Functions with costs of their own and calls with inclusive costs, for several kinds of events. It says who
/// called whom, not in which stacks: expand() makes the stacks that share each function's cost among its
/// callers in proportion to what their calls cost.
class CallGraph
{
public:
    static constexpr std::size_t kMaxCalls = 1'000'000;
    /// Costs of calls, and of functions: their number times the number of events.
    static constexpr std::size_t kMaxCosts = 8'000'000;
    static constexpr std::size_t kMaxNodes = 200'000;
    static constexpr std::size_t kMaxDepth = 500;
    /// Paths below this part of the whole are folded into their first function.
    static constexpr double kSmallest = 1.0 / 20'000;

    void setEvents(std::size_t count) { m_events = count; }
    std::size_t events() const { return m_events; }
    void addSelf(std::uint32_t function, std::size_t event, double cost);
    /// The index of a call, made on first use; kNoCall when there are too many.
    static constexpr std::uint32_t kNoCall = 0xFFFFFFFF;
    std::uint32_t call(std::uint32_t from, std::uint32_t to);
    void addCall(std::uint32_t call, std::size_t event, double cost);
    double total(std::size_t event) const;

    struct Expanded
    {
        std::int64_t folded = 0; ///< paths that were folded
        std::int64_t backCalls = 0; ///< calls that close a circle: left out
    };
    /// Calls visit(parent, function, self) -> node for each node, parents first; parent 0 = root.
    using Visit = std::function<std::uint32_t(std::uint32_t, std::uint32_t, double)>;
    Expanded expand(std::size_t event, const Visit &visit);

private:
    struct Call
    {
        std::uint32_t from, to;
        bool back = false;
    };
    struct Step
    {
        std::uint32_t function, node;
        double share;
        std::size_t depth;
    };
    void need(std::uint32_t function);
    void findBackCalls();
    void walk(std::uint32_t start, std::vector<std::uint8_t> &color);
    double callCost(std::uint32_t call, std::size_t event) const
    {
        return m_callCosts[call * m_events + event];
    }

    std::size_t m_events = 1;
    std::size_t m_functions = 0;
    std::vector<double> m_self; ///< function * events + event
    std::vector<Call> m_calls;
    std::vector<double> m_callCosts;
    std::unordered_map<std::uint64_t, std::uint32_t> m_callIndexes;
    std::vector<std::vector<std::uint32_t>> m_out; ///< calls by function, once sorted
    std::vector<std::uint32_t> m_order; ///< callees before their callers
    std::vector<std::uint32_t> m_roots;
};

} // namespace tailscope::import::callgrind
