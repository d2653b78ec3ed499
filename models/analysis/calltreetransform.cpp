// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/calltreetransform.h"

#include "analysis/calltreebuilder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace tailscope::analysis {

namespace {

using Kind = TreeTransform::Kind;

constexpr std::uint32_t kNowhere = kNoRow; // the stack that ends here is left out
constexpr std::uint32_t kNoName = kNoRow;
/// Callers of callers that are followed; deeper stacks come from runaway recursion.
constexpr std::size_t kMaxCallers = 1024;

constexpr std::array<std::pair<Kind, std::string_view>, 10> kIds{{
    {Kind::FocusFunction, "focus-function"},
    {Kind::FocusSubtree, "focus-subtree"},
    {Kind::FocusTail, "focus-tail"},
    {Kind::MergeFunction, "merge-function"},
    {Kind::MergeNode, "merge-node"},
    {Kind::DropFunction, "drop-function"},
    {Kind::CollapseFunction, "collapse-function"},
    {Kind::CollapseGroup, "collapse-group"},
    {Kind::CollapseRecursion, "collapse-recursion"},
    {Kind::CollapseDirectRecursion, "collapse-direct-recursion"},
}};

std::uint32_t indexOf(const std::vector<std::string> &texts, const std::string &text)
{
    const auto found = std::find(texts.begin(), texts.end(), text);
    return found == texts.end() ? kNoName : std::uint32_t(found - texts.begin());
}

/// A frame as the numbers of one tree; kNoName where the tree does not know it.
struct Place
{
    std::uint32_t name = kNoName, group = kNoName;
    bool is(const CallTree::Node &node) const { return node.name == name && node.group == group; }
};

Place placeOf(const CallTree &tree, const FrameKey &key)
{
    return {indexOf(tree.names, key.name), indexOf(tree.groups, key.group)};
}

class Transformer
{
public:
    Transformer(const CallTree &tree, const TreeTransform &transform)
        : m_tree(tree)
        , m_transform(transform)
        , m_frame(placeOf(tree, transform.frame))
        , m_names(tree.names.size(), kNoName)
        , m_groups(tree.groups.size(), kNoName)
    {
        for (const FrameKey &key : transform.path)
            m_path.push_back(placeOf(tree, key));
        m_builder.tree().unit = tree.unit;
        m_builder.tree().droppedNodes = tree.droppedNodes;
    }

    std::shared_ptr<const CallTree> run(const CancelToken &cancel)
    {
        const std::size_t size = m_tree.nodes.size();
        if (size == 0)
            return m_builder.finish(CallTreeBuilder::Totals::OnTop);
        sumRests();
        m_mapped.assign(size, kNowhere);
        m_state.assign(size, 0);
        m_mapped[0] = m_transform.keepsWeight() || m_transform.kind == Kind::DropFunction ? 0 : kNowhere;
        if (m_transform.kind == Kind::FocusTail)
            m_mapped[0] = 0;
        if (m_mapped[0] == 0 && m_transform.kind != Kind::FocusTail)
            add(0, 0);
        for (std::uint32_t i = 1; i < size; ++i) {
            if (i % 65'536 == 0 && cancel.isCancelled())
                return nullptr;
            if (m_transform.kind == Kind::FocusTail)
                focusTail(i);
            else
                map(i);
        }
        prune();
        return m_builder.finish(CallTreeBuilder::Totals::OnTop);
    }

private:
    /// What of each total is neither self nor in a child.
    void sumRests()
    {
        m_rest.resize(m_tree.nodes.size());
        for (std::size_t i = 0; i < m_rest.size(); ++i)
            m_rest[i] = m_tree.nodes[i].total - m_tree.nodes[i].self;
        for (std::size_t i = 1; i < m_rest.size(); ++i)
            m_rest[m_tree.nodes[i].parent] -= m_tree.nodes[i].total;
        for (std::size_t i = 0; i < m_rest.size(); ++i) {
            // Below the rounding of the sums there is nothing.
            if (!(m_rest[i] > 1e-9 * std::abs(m_tree.nodes[i].total)))
                m_rest[i] = 0;
        }
    }

    /// Takes out the frames of stacks that all ended elsewhere or were left out.
    void prune()
    {
        std::vector<CallTree::Node> &nodes = m_builder.tree().nodes;
        std::vector<std::uint8_t> isUsed(nodes.size(), 0);
        isUsed[0] = 1;
        for (std::size_t i = nodes.size(); i-- > 1;) {
            if (nodes[i].self != 0 || nodes[i].total != 0 || nodes[i].count != 0)
                isUsed[i] = 1;
            if (isUsed[i] != 0)
                isUsed[nodes[i].parent] = 1;
        }
        std::vector<std::uint32_t> moved(nodes.size(), 0);
        std::uint32_t kept = 0;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (isUsed[i] == 0)
                continue;
            moved[i] = kept;
            nodes[kept] = nodes[i];
            nodes[kept].parent = moved[nodes[kept].parent];
            ++kept;
        }
        nodes.resize(kept);
    }

    std::uint32_t copy(std::uint32_t parent, const CallTree::Node &node)
    {
        if (m_names[node.name] == kNoName)
            m_names[node.name] = m_builder.name(m_tree.names[node.name]);
        if (m_groups[node.group] == kNoName)
            m_groups[node.group] = m_builder.group(m_tree.groups[node.group]);
        return m_builder.child(parent, m_names[node.name], m_groups[node.group]);
    }

    void add(std::uint32_t from, std::uint32_t to)
    {
        const CallTree::Node &node = m_tree.nodes[from];
        CallTree::Node &target = m_builder.tree().nodes[to];
        target.self += node.self;
        target.total += m_rest[from];
        // A span that vanishes does not become a span of its caller; a sample that ended in it does.
        const bool isSpan = node.exampleRow != kNoRow;
        const bool isSame = target.name == m_names[node.name] && target.group == m_groups[node.group];
        if (!isSpan || isSame)
            target.count += node.count;
        if (isSpan && isSame && target.exampleRow == kNoRow)
            target.exampleRow = node.exampleRow;
    }

    /// State of a node by kind: frames of the path matched so far, or 1 = below the frame.
    void map(std::uint32_t index)
    {
        const CallTree::Node &node = m_tree.nodes[index];
        const CallTree::Node &parent = m_tree.nodes[node.parent];
        const std::uint32_t above = m_mapped[node.parent];
        const bool isFrame = m_frame.is(node);
        std::uint32_t &target = m_mapped[index];
        switch (m_transform.kind) {
        case Kind::FocusFunction:
            if (above != kNowhere || isFrame)
                target = copy(above == kNowhere ? 0 : above, node);
            break;
        case Kind::FocusSubtree:
            if (above != kNowhere)
                target = copy(above, node);
            else if (isOnPath(index) && m_state[index] == m_path.size())
                target = copy(0, node);
            break;
        case Kind::MergeFunction:
            target = isFrame ? above : copy(above, node);
            break;
        case Kind::MergeNode:
            target = isOnPath(index) && m_state[index] == m_path.size() ? above : copy(above, node);
            break;
        case Kind::DropFunction:
            if (above != kNowhere && !isFrame)
                target = copy(above, node);
            break;
        case Kind::CollapseFunction:
            m_state[index] = m_state[node.parent] != 0 || isFrame ? 1 : 0;
            target = m_state[node.parent] != 0 ? above : copy(above, node);
            break;
        case Kind::CollapseGroup:
            if (node.group != m_frame.group || m_frame.group == kNoName)
                target = copy(above, node);
            else if (node.parent != 0 && parent.group == node.group)
                target = above;
            else
                target = m_builder.child(above, m_builder.name(m_transform.frame.group),
                    m_builder.group(m_transform.frame.group));
            break;
        case Kind::CollapseRecursion:
            // The state is the place of the outermost frame, one more than its number.
            m_state[index] = m_state[node.parent];
            target = isFrame && m_state[index] != 0 ? m_state[index] - 1 : copy(above, node);
            if (isFrame && m_state[index] == 0)
                m_state[index] = target + 1;
            break;
        case Kind::CollapseDirectRecursion:
            target = isFrame && node.parent != 0 && m_frame.is(parent) ? above : copy(above, node);
            break;
        case Kind::FocusTail:
            break;
        }
        if (target != kNowhere)
            add(index, target);
    }

    bool isOnPath(std::uint32_t index)
    {
        const CallTree::Node &node = m_tree.nodes[index];
        const std::uint32_t matched = m_state[node.parent];
        const bool isChain = node.parent == 0 || matched > 0;
        if (isChain && matched < m_path.size() && m_path[matched].is(node)) {
            m_state[index] = matched + 1;
            return true;
        }
        return false;
    }

    void focusTail(std::uint32_t index)
    {
        const CallTree::Node &node = m_tree.nodes[index];
        if (m_path.empty() || (node.self == 0 && node.count == 0 && m_rest[index] == 0))
            return;
        std::uint32_t at = index;
        for (std::size_t i = 0; i < m_path.size(); ++i) {
            if (i > 0)
                at = m_tree.nodes[at].parent;
            if (at == 0 || !m_path[i].is(m_tree.nodes[at]))
                return;
        }
        // Callers that are not there yet, outermost first.
        m_chain.clear();
        for (std::uint32_t up = at; m_mapped[up] == kNowhere; up = m_tree.nodes[up].parent)
            m_chain.push_back(up);
        for (auto up = m_chain.rbegin(); up != m_chain.rend(); ++up)
            m_mapped[*up] = copy(m_mapped[m_tree.nodes[*up].parent], m_tree.nodes[*up]);
        CallTree::Node &target = m_builder.tree().nodes[m_mapped[at]];
        target.self += node.self;
        target.count += node.count;
        if (target.exampleRow == kNoRow)
            target.exampleRow = node.exampleRow;
    }

    const CallTree &m_tree;
    const TreeTransform &m_transform;
    Place m_frame;
    std::vector<Place> m_path;
    CallTreeBuilder m_builder;
    std::vector<std::uint32_t> m_names, m_groups; // numbers here to numbers there
    std::vector<double> m_rest;
    std::vector<std::uint32_t> m_mapped, m_state, m_chain;
};

} // namespace

bool TreeTransform::keepsWeight() const
{
    return kind != Kind::FocusFunction && kind != Kind::FocusSubtree && kind != Kind::FocusTail
        && kind != Kind::DropFunction;
}

std::string_view transformId(TreeTransform::Kind kind)
{
    for (const auto &[known, id] : kIds) {
        if (known == kind)
            return id;
    }
    return {};
}

std::optional<TreeTransform::Kind> transformKind(std::string_view id)
{
    for (const auto &[kind, known] : kIds) {
        if (known == id)
            return kind;
    }
    return std::nullopt;
}

std::vector<FrameKey> keyPathOf(const CallTree &tree, std::uint32_t node)
{
    std::vector<FrameKey> path;
    for (; node != 0 && node < tree.nodes.size(); node = tree.nodes[node].parent)
        path.push_back({tree.names[tree.nodes[node].name], tree.groups[tree.nodes[node].group]});
    std::reverse(path.begin(), path.end());
    return path;
}

std::shared_ptr<const CallTree> transformed(const CallTree &tree, const TreeTransform &transform,
    const CancelToken &cancel)
{
    return Transformer(tree, transform).run(cancel);
}

std::shared_ptr<const CallTree> transformed(std::shared_ptr<const CallTree> tree,
    const std::vector<TreeTransform> &transforms, const CancelToken &cancel)
{
    for (const TreeTransform &transform : transforms) {
        if (!tree)
            break;
        tree = transformed(*tree, transform, cancel);
    }
    return tree;
}

std::shared_ptr<const CallTree> callersOf(const CallTree &tree, const FrameKey &frame,
    const CancelToken &cancel)
{
    CallTreeBuilder builder;
    builder.tree().unit = tree.unit;
    const Place place = placeOf(tree, frame);
    std::vector<std::uint8_t> inside(tree.nodes.size(), 0); // the frame is above
    for (std::uint32_t i = 1; i < tree.nodes.size(); ++i) {
        if (i % 65'536 == 0 && cancel.isCancelled())
            return nullptr;
        const CallTree::Node &node = tree.nodes[i];
        const bool isFrame = place.is(node);
        inside[i] = inside[node.parent] != 0 || isFrame ? 1 : 0;
        if (!isFrame || inside[node.parent] != 0)
            continue;
        std::uint32_t at = 0;
        std::size_t steps = 0;
        for (std::uint32_t up = i; up != 0 && steps < kMaxCallers; up = tree.nodes[up].parent, ++steps) {
            const CallTree::Node &caller = tree.nodes[up];
            at = builder.child(at, builder.name(tree.names[caller.name]),
                builder.group(tree.groups[caller.group]));
            builder.tree().nodes[at].count += node.count;
        }
        builder.tree().nodes[at].total += node.total;
    }
    return builder.finish(CallTreeBuilder::Totals::OnTop);
}

} // namespace tailscope::analysis
