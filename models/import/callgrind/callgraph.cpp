// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/callgrind/callgraph.h"

#include <algorithm>

namespace tailscope::import::callgrind {

void CallGraph::need(std::uint32_t function)
{
    if (function < m_functions)
        return;
    m_functions = static_cast<std::size_t>(function) + 1;
    m_self.resize(m_functions * m_events, 0);
}

void CallGraph::addSelf(std::uint32_t function, std::size_t event, double cost)
{
    need(function);
    m_self[function * m_events + event] += cost;
}

std::uint32_t CallGraph::call(std::uint32_t from, std::uint32_t to)
{
    need(std::max(from, to));
    const std::uint64_t key = (static_cast<std::uint64_t>(from) << 32) | to;
    const auto found = m_callIndexes.find(key);
    if (found != m_callIndexes.end())
        return found->second;
    if (m_calls.size() >= kMaxCalls || m_callCosts.size() + m_events > kMaxCosts)
        return kNoCall;
    const auto index = static_cast<std::uint32_t>(m_calls.size());
    m_calls.push_back({from, to});
    m_callCosts.resize(m_calls.size() * m_events, 0);
    m_callIndexes.emplace(key, index);
    return index;
}

void CallGraph::addCall(std::uint32_t call, std::size_t event, double cost)
{
    if (call != kNoCall)
        m_callCosts[call * m_events + event] += cost;
}

double CallGraph::total(std::size_t event) const
{
    double sum = 0;
    for (std::size_t function = 0; function < m_functions; ++function)
        sum += m_self[function * m_events + event];
    return sum;
}

/// Depth first from one function, without recursion: a call to a function that is still open closes a
/// circle.
void CallGraph::walk(std::uint32_t start, std::vector<std::uint8_t> &color)
{
    enum : std::uint8_t { New, Open, Done };
    if (color[start] != New)
        return;
    struct Frame
    {
        std::uint32_t function;
        std::size_t next;
    };
    m_roots.push_back(start);
    std::vector<Frame> stack{{start, 0}};
    color[start] = Open;
    while (!stack.empty()) {
        Frame &top = stack.back();
        if (top.next == m_out[top.function].size()) {
            color[top.function] = Done;
            m_order.push_back(top.function);
            stack.pop_back();
            continue;
        }
        Call &call = m_calls[m_out[top.function][top.next++]];
        if (color[call.to] == Open) {
            call.back = true;
        } else if (color[call.to] == New) {
            color[call.to] = Open;
            stack.push_back({call.to, 0});
        }
    }
}

void CallGraph::findBackCalls()
{
    if (!m_out.empty() || m_functions == 0)
        return;
    m_out.resize(m_functions);
    std::vector<std::uint8_t> called(m_functions, 0), color(m_functions, 0);
    for (std::uint32_t i = 0; i < m_calls.size(); ++i) {
        m_out[m_calls[i].from].push_back(i);
        if (m_calls[i].from != m_calls[i].to)
            called[m_calls[i].to] = 1;
    }
    for (std::uint32_t function = 0; function < m_functions; ++function) {
        if (called[function] == 0)
            walk(function, color);
    }
    // What is left is called in circles only.
    for (std::uint32_t function = 0; function < m_functions; ++function)
        walk(function, color);
}

CallGraph::Expanded CallGraph::expand(std::size_t event, const Visit &visit)
{
    findBackCalls();
    Expanded result;
    const double whole = total(event);
    std::vector<double> in(m_functions, 0), inclusive(m_functions, 0);
    std::vector<std::uint8_t> isRoot(m_functions, 0);
    for (const std::uint32_t root : m_roots)
        isRoot[root] = 1;
    for (std::uint32_t i = 0; i < m_calls.size(); ++i) {
        result.backCalls += m_calls[i].back ? 1 : 0;
        // A root of a circle has its whole cost at the top.
        if (!m_calls[i].back && isRoot[m_calls[i].to] == 0)
            in[m_calls[i].to] += std::max(callCost(i, event), 0.0);
    }
    const auto shareOf = [&](std::uint32_t call) {
        const Call &c = m_calls[call];
        if (c.back || isRoot[c.to] != 0 || !(in[c.to] > 0))
            return 0.0;
        return std::max(callCost(call, event), 0.0) / in[c.to];
    };
    for (const std::uint32_t function : m_order) {
        inclusive[function] = m_self[function * m_events + event];
        for (const std::uint32_t call : m_out[function])
            inclusive[function] += shareOf(call) * inclusive[m_calls[call].to];
    }
    std::vector<Step> steps;
    const auto push = [&](std::uint32_t function, std::uint32_t parent, double share, std::size_t depth) {
        const double weight = share * inclusive[function];
        if (!(weight > 0))
            return;
        const bool fold = weight < whole * kSmallest || depth >= kMaxDepth || steps.size() >= kMaxNodes;
        const double self = fold ? weight : share * m_self[function * m_events + event];
        const std::uint32_t node = visit(parent, function, self);
        result.folded += fold && !m_out[function].empty() ? 1 : 0;
        if (!fold)
            steps.push_back({function, node, share, depth});
    };
    for (const std::uint32_t root : m_roots)
        push(root, 0, 1, 1);
    // A function that is called, but whose calls cost nothing, stands at the top.
    for (std::uint32_t function = 0; function < m_functions; ++function) {
        if (isRoot[function] == 0 && !(in[function] > 0))
            push(function, 0, 1, 1);
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Step step = steps[i];
        for (const std::uint32_t call : m_out[step.function])
            push(m_calls[call].to, step.node, step.share * shareOf(call), step.depth + 1);
    }
    return result;
}

} // namespace tailscope::import::callgrind
