// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonpull.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import {

/// A call tree written as nested JSON objects, each with an array of its children, in any order of keys. The
/// nodes are kept flat (32 bytes each) until the tree is read, as a node may be named after its children.
/// Bounded: kMaxNodes nodes, kMaxDepth levels; the weight of what lies beyond goes to the deepest node kept.
class NestedTree
{
public:
    static constexpr std::size_t kMaxNodes = 4'000'000;
    static constexpr std::size_t kMaxDepth = 10'000;
    static constexpr std::size_t kMaxName = 4096;

    /// What the fields of one object said.
    struct Open
    {
        std::string function, module, file;
        std::int64_t line = 0;
        double value = 0;
        bool hasValue = false;
        bool merge = false; ///< no frame of its own: its weight is its parent's
        bool mergeIfZero = false; ///< the same, for a node without a weight of its own
        std::int64_t id = 0;
        double children = 0; ///< sum of their values
        std::uint32_t node = 0; ///< kept node that takes the weight
        bool kept = false;
        std::uint64_t offset = 0;
    };
    struct Node
    {
        std::uint32_t parent; ///< index; kNoParent
        FrameRef frame;
        double self;
        std::int64_t id;
    };
    static constexpr std::uint32_t kNoParent = 0xFFFFFFFF;
    enum class Values { Own, Inclusive };
    /// Takes the value of a key it knows; false: the value is still to be taken.
    using Field = std::function<bool(std::string_view key, JsonPull &pull, Open &open)>;

    NestedTree(Values values, std::vector<std::string_view> childrenKeys, Field field);

    /// At the ObjectStart of the root; returns behind its end, or where the input ends.
    void read(JsonPull &pull, RowSink &sink, ImportReport &report);
    const std::vector<Node> &nodes() const { return m_nodes; }
    /// Call nodes and a sample for each with a weight of its own; weights times `scale`.
    void emit(RowSink &sink, ProfileRef profile, double scale) const;
    /// Values of children that exceed their parent's by more than this are told.
    void setTolerance(double tolerance) { m_tolerance = tolerance; }

private:
    void push(JsonPull &pull, ImportReport &report);
    void pop(RowSink &sink, ImportReport &report);
    bool isChildrenKey(std::string_view key) const;

    Values m_values;
    std::vector<std::string_view> m_childrenKeys;
    Field m_field;
    double m_tolerance = 0;
    std::vector<Node> m_nodes;
    std::vector<Open> m_open;
};

/// Text of a String token, bounded; other scalars give their token, containers are taken and give nothing.
std::string pullText(JsonPull &pull, std::size_t maxBytes = NestedTree::kMaxName);
/// The number of a scalar token, also of one in quotes; nullopt for others.
std::optional<double> pullNumber(JsonPull &pull);
/// A number of at most 1e30 either way: what is beyond is no weight, and would make sums infinite.
std::optional<double> boundedNumber(std::string_view text);
std::optional<std::int64_t> pullInteger(JsonPull &pull);

} // namespace tailscope::import
