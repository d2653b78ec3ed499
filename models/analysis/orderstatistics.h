// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace tailscope::analysis {

/// Bucket of a log-linear histogram with 2^SubBits linear buckets a power of two (the layout of
/// LogLinearHistogram).
template<int SubBits>
struct LogLinear
{
    static constexpr int kSub = 1 << SubBits;
    static constexpr int kBuckets = (64 - SubBits) * kSub;

    static int bucketOf(Nanos value) ///< value >= 0
    {
        // Setting the lowest "exact" bit makes values below kSub take the same path: shift 0, bucket = value.
        const int shift = 63 - SubBits - std::countl_zero(std::uint64_t(value) | std::uint64_t(kSub));
        return shift * kSub + int(value >> shift);
    }
    static int shiftOf(int bucket) { return bucket < kSub ? 0 : bucket / kSub - 1; }
    static Nanos lowerBound(int bucket)
    {
        return bucket < kSub ? bucket : Nanos(bucket % kSub + kSub) << shiftOf(bucket);
    }
};

/// Exact order statistics of many groups without sorting or copying the data: a first pass counts into
/// log-linear buckets; each further pass looks only at the buckets that hold a wanted rank and either
/// collects their values or, where they are crowded, counts them again 4,096 times finer. Cell uint32_t:
/// every value counts 1 and targets are ranks. Cell double: weights, targets are cumulative weights. At most
/// two parts feed it, each from one thread; everything not named "part" is called between the passes. Values
/// must be >= 0 and the same in every pass.
template<typename Cell, int SubBits>
class OrderStatistics
{
public:
    static constexpr bool kWeighted = std::is_floating_point_v<Cell>;
    using Sum = std::conditional_t<kWeighted, double, std::int64_t>;
    using Layout = LogLinear<SubBits>;

    OrderStatistics(std::size_t groups, int parts)
        : m_groups(groups)
        , m_cells(std::size_t(parts))
    {
        for (auto &cells : m_cells)
            cells.resize(groups * Layout::kBuckets);
    }

    /// First pass.
    class Counter
    {
    public:
        void add(std::size_t group, Nanos value, Cell weight = 1)
        {
            m_cells[group * Layout::kBuckets + std::size_t(Layout::bucketOf(value))] += weight;
        }

    private:
        friend class OrderStatistics;
        explicit Counter(Cell *cells)
            : m_cells(cells)
        {}
        Cell *m_cells;
    };
    Counter counter(int part) { return Counter(m_cells[std::size_t(part)].data()); }

    /// Unites the parts after the first pass.
    void merge()
    {
        for (std::size_t part = 1; part < m_cells.size(); ++part) {
            for (std::size_t i = 0; i < m_cells[0].size(); ++i)
                m_cells[0][i] += m_cells[part][i];
            m_cells[part] = {};
        }
        m_slots.assign(m_groups * Layout::kBuckets, 0);
    }
    std::span<const Cell> counts(std::size_t group) const
    {
        return std::span<const Cell>(m_cells[0]).subspan(group * Layout::kBuckets, Layout::kBuckets);
    }
    Sum total(std::size_t group) const
    {
        Sum sum = 0;
        for (const Cell cell : counts(group))
            sum += Sum(cell);
        return sum;
    }

    /// Asks for the smallest value of the group with cumulative count (weight) >= target. Returns the index
    /// of the answer. The group must not be empty.
    std::size_t want(std::size_t group, Sum target)
    {
        const std::span<const Cell> cells = counts(group);
        Sum before = 0;
        int bucket = 0, lastFilled = 0;
        Sum beforeLast = 0;
        for (; bucket < Layout::kBuckets; ++bucket) {
            const Sum here = Sum(cells[std::size_t(bucket)]);
            if (here > 0) {
                lastFilled = bucket;
                beforeLast = before;
                if (before + here >= target)
                    break;
            }
            before += here;
        }
        // Rounding of weights may leave the target a hair past the sum: the largest value is the answer.
        const std::size_t answer = m_answers.size();
        m_answers.push_back(Layout::lowerBound(lastFilled));
        std::uint32_t &slot = m_slots[group * Layout::kBuckets + std::size_t(lastFilled)];
        if (Layout::shiftOf(lastFilled) > 0)
            enter(slot, Layout::lowerBound(lastFilled), Layout::shiftOf(lastFilled), beforeLast,
                Sum(cells[std::size_t(lastFilled)]), {answer, target});
        return answer;
    }

    /// True while another pass with visitors is needed.
    bool needsPass() const { return m_open; }
    class Visitor
    {
    public:
        void add(std::size_t group, Nanos value, Cell weight = 1)
        {
            const std::uint32_t slot
                = m_owner->m_slots[group * Layout::kBuckets + std::size_t(Layout::bucketOf(value))];
            if (slot != 0) [[unlikely]]
                m_owner->visit(m_part, slot, value, weight);
        }

    private:
        friend class OrderStatistics;
        Visitor(OrderStatistics *owner, std::size_t part)
            : m_owner(owner)
            , m_part(part)
        {}
        OrderStatistics *m_owner;
        std::size_t m_part;
    };
    Visitor visitor(int part) { return Visitor(this, std::size_t(part)); }

    void finishPass()
    {
        m_open = false;
        const std::size_t known = m_nodes.size(); // splitting appends
        for (std::size_t i = 0; i < known; ++i) {
            if (m_nodes[i].kind == Kind::Collect)
                resolve(m_nodes[i]);
            else if (m_nodes[i].kind == Kind::Count)
                split(i);
        }
    }
    Nanos answer(std::size_t index) const { return m_answers[index]; }

private:
    // Every node of weights is counted finer, so there may be thousands of them: they get smaller tables.
    static constexpr int kFineBits = kWeighted ? 8 : 12;
    static constexpr Sum kCollectLimit = 131'072;

    enum class Kind : std::uint8_t { Collect, Count, Split, Done };
    struct Target
    {
        std::size_t answer = 0;
        Sum sum = 0;
    };
    struct Node
    {
        Nanos low = 0;
        int width = 0; // the node covers [low, low + 2^width)
        int shift = 0; // of its finer buckets
        Kind kind = Kind::Collect;
        Sum before = 0; // cumulative count of everything below
        std::vector<Target> targets;
        std::vector<std::vector<Nanos>> collected; // per part
        std::vector<std::vector<Cell>> cells; // per part
        std::vector<std::uint32_t> slots; // of the finer buckets, once split
    };

    void enter(std::uint32_t &slot, Nanos low, int width, Sum before, Sum count, Target target)
    {
        m_open = true;
        if (slot == 0) {
            Node node;
            node.low = low;
            node.width = width;
            node.before = before;
            // Weighted buckets do not say how many values they hold; counting finer is right for any number.
            node.kind = kWeighted || count > kCollectLimit ? Kind::Count : Kind::Collect;
            if (node.kind == Kind::Count) {
                node.shift = std::max(0, width - kFineBits);
                node.cells.assign(m_cells.size(),
                    std::vector<Cell>(std::size_t(1) << (width - node.shift), 0));
            } else {
                node.collected.resize(m_cells.size());
                for (auto &values : node.collected)
                    values.reserve(std::size_t(count));
            }
            m_nodes.push_back(std::move(node));
            slot = std::uint32_t(m_nodes.size());
        }
        m_nodes[slot - 1].targets.push_back(target);
    }

    void visit(std::size_t part, std::uint32_t slot, Nanos value, Cell weight)
    {
        for (;;) {
            Node &node = m_nodes[slot - 1];
            const auto fine = std::size_t((value - node.low) >> node.shift);
            switch (node.kind) {
            case Kind::Collect:
                node.collected[part].push_back(value);
                return;
            case Kind::Count:
                node.cells[part][fine] += weight;
                return;
            case Kind::Split:
                slot = node.slots[fine];
                if (slot == 0)
                    return;
                break;
            case Kind::Done:
                return;
            }
        }
    }

    void resolve(Node &node)
    {
        std::vector<Nanos> &values = node.collected[0];
        for (std::size_t part = 1; part < node.collected.size(); ++part)
            values.insert(values.end(), node.collected[part].begin(), node.collected[part].end());
        node.kind = Kind::Done;
        std::sort(node.targets.begin(), node.targets.end(),
            [](const Target &a, const Target &b) { return a.sum < b.sum; });
        auto from = values.begin();
        for (const Target &target : node.targets) {
            if (values.empty())
                break;
            const auto rank = std::clamp<Sum>(target.sum - node.before, 1, Sum(values.size()));
            const auto position = values.begin() + std::ptrdiff_t(rank - 1);
            if (position >= from) {
                std::nth_element(from, position, values.end());
                from = position;
            }
            m_answers[target.answer] = *position;
        }
        node.collected = {};
    }

    void split(std::size_t index)
    {
        std::vector<Cell> cells = std::move(m_nodes[index].cells[0]);
        for (std::size_t part = 1; part < m_nodes[index].cells.size(); ++part) {
            for (std::size_t i = 0; i < cells.size(); ++i)
                cells[i] += m_nodes[index].cells[part][i];
        }
        const std::vector<Target> targets = std::move(m_nodes[index].targets);
        const Nanos low = m_nodes[index].low;
        const int shift = m_nodes[index].shift;
        std::vector<std::uint32_t> slots(cells.size(), 0);
        for (const Target &target : targets) {
            Sum before = m_nodes[index].before, beforeLast = before;
            std::size_t lastFilled = 0;
            for (std::size_t fine = 0; fine < cells.size(); ++fine) {
                if (cells[fine] > 0) {
                    lastFilled = fine;
                    beforeLast = before;
                    if (before + Sum(cells[fine]) >= target.sum)
                        break;
                }
                before += Sum(cells[fine]);
            }
            const Nanos lowFine = low + (Nanos(lastFilled) << shift);
            m_answers[target.answer] = lowFine;
            if (shift > 0)
                enter(slots[lastFilled], lowFine, shift, beforeLast, Sum(cells[lastFilled]), target);
        }
        Node &node = m_nodes[index];
        node.kind = shift > 0 ? Kind::Split : Kind::Done;
        node.cells = {};
        node.slots = std::move(slots);
    }

    std::size_t m_groups;
    std::vector<std::vector<Cell>> m_cells; // per part; united in the first
    std::vector<std::uint32_t> m_slots; // node + 1 per group and bucket, 0 = nobody asks
    std::vector<Node> m_nodes;
    std::vector<Nanos> m_answers;
    bool m_open = false;
};

} // namespace tailscope::analysis
