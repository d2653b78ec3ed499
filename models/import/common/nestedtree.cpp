// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/nestedtree.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>

namespace tailscope::import {

using Token = JsonPull::Token;

namespace {

/// Sums of such numbers stay finite, in whatever unit.
constexpr double kMaxNumber = 1e30;

} // namespace

std::string pullText(JsonPull &pull, std::size_t maxBytes)
{
    const Token token = pull.next();
    if (token == Token::String || token == Token::Number)
        return std::string(utf8Prefix(pull.text(), maxBytes));
    pull.skip();
    return {};
}

std::optional<double> pullNumber(JsonPull &pull)
{
    const Token token = pull.next();
    if (token == Token::Number || token == Token::String)
        return boundedNumber(pull.text());
    pull.skip();
    return std::nullopt;
}

std::optional<double> boundedNumber(std::string_view text)
{
    const std::optional<double> number = parseDouble(text);
    return number && std::fabs(*number) <= kMaxNumber ? number : std::nullopt;
}

std::optional<std::int64_t> pullInteger(JsonPull &pull)
{
    const Token token = pull.next();
    if (token == Token::Number || token == Token::String)
        return parseScaledDecimal(pull.text(), 1);
    pull.skip();
    return std::nullopt;
}

NestedTree::NestedTree(Values values, std::vector<std::string_view> childrenKeys, Field field)
    : m_values(values)
    , m_childrenKeys(std::move(childrenKeys))
    , m_field(std::move(field))
{}

bool NestedTree::isChildrenKey(std::string_view key) const
{
    return std::find(m_childrenKeys.begin(), m_childrenKeys.end(), key) != m_childrenKeys.end();
}

void NestedTree::push(JsonPull &pull, ImportReport &report)
{
    Open open;
    open.offset = pull.offset();
    const bool tooDeep = m_open.size() >= kMaxDepth, full = m_nodes.size() >= kMaxNodes;
    if (!tooDeep && !full) {
        open.kept = true;
        open.node = static_cast<std::uint32_t>(m_nodes.size());
        m_nodes.push_back({m_open.empty() ? kNoParent : m_open.back().node, FrameRef::None, 0, 0});
    } else {
        // The first node is always kept.
        open.node = m_open.empty() ? 0 : m_open.back().node;
        report.note(IssueSeverity::DataLoss, tooDeep ? "stack-too-deep" : "too-many-nodes", pull.offset(),
            tooDeep ? "frames beyond a depth of 10,000 were cut off"
                    : "more than 4,000,000 nodes: what lies below them counts for the nodes above");
    }
    m_open.push_back(std::move(open));
}

void NestedTree::pop(RowSink &sink, ImportReport &report)
{
    Open &open = m_open.back();
    double value = open.hasValue ? open.value : m_values == Values::Own ? 0 : open.children;
    double self = value;
    if (m_values == Values::Inclusive) {
        self = value - open.children;
        if (self < 0) {
            if (self < -m_tolerance)
                report.note(IssueSeverity::Notice, "children-exceed-parent", open.offset,
                    "the values of the children add up to more than the parent's: its own is 0 and its total "
                    "theirs");
            self = 0;
            value = open.children;
        }
    }
    m_nodes[open.node].self += self;
    if (open.kept) {
        m_nodes[open.node].id = open.id;
        if (!open.merge && !(open.mergeIfZero && self == 0)) {
            FrameRow row;
            if (open.function.empty())
                open.function = "(unnamed)";
            row.function = open.function;
            row.module = open.module;
            row.file = open.file;
            row.line = open.line;
            m_nodes[open.node].frame = sink.frame(row);
        }
    }
    m_open.pop_back();
    if (!m_open.empty())
        m_open.back().children += value;
    report.rowRead();
}

void NestedTree::read(JsonPull &pull, RowSink &sink, ImportReport &report)
{
    push(pull, report);
    while (!m_open.empty()) {
        switch (pull.next()) {
        case Token::Key:
            if (isChildrenKey(pull.text())) {
                const Token value = pull.next();
                if (value == Token::ObjectStart)
                    pull.skip();
            } else if (!m_field(pull.text(), pull, m_open.back())) {
                pull.skip();
            }
            break;
        case Token::ObjectStart:
            push(pull, report);
            break;
        case Token::ObjectEnd:
            pop(sink, report);
            break;
        case Token::ArrayEnd:
            break;
        case Token::End:
            while (!m_open.empty())
                pop(sink, report);
            break;
        case Token::ArrayStart:
        case Token::String:
        case Token::Number:
        case Token::Literal:
            pull.startRaw();
            pull.skip();
            report.skip("not-a-node", pull.rawOffset(), pull.rawLength(),
                "an element of an array of children is no object", pull.raw());
            break;
        }
    }
}

void NestedTree::emit(RowSink &sink, ProfileRef profile, double scale) const
{
    std::vector<CallNodeRef> refs(m_nodes.size(), CallNodeRef::None);
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        const Node &node = m_nodes[i];
        const CallNodeRef above = node.parent == kNoParent ? CallNodeRef::None : refs[node.parent];
        refs[i] = node.frame == FrameRef::None ? above : sink.callNode(profile, above, node.frame);
        if (node.self == 0)
            continue;
        SampleRow row;
        row.profile = profile;
        row.node = refs[i];
        row.weight = node.self * scale;
        sink.sample(row);
    }
}

} // namespace tailscope::import
