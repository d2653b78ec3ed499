// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/samplelanes.h"

#include "analysis/calltreebuilder.h"
#include "analysis/profilerows.h"

#include <algorithm>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kMaxBoxes = 8'000'000;
/// Samples further apart than so many median distances leave a gap.
constexpr Nanos kGapFactor = 3;

struct Taken
{
    Nanos time = 0;
    std::uint32_t node = 0;
};

Result<std::vector<Taken>> readSamples(store::Database &database, std::int64_t profileId,
    const std::optional<std::string> &thread, const ProfileNodes &nodes)
{
    Result<store::Statement> statement = database.prepare(thread
            ? "SELECT ts_ns, call_node_id FROM sample WHERE profile_id = ? AND ts_ns IS NOT NULL AND"
              " ifnull(thread, '') = ? ORDER BY ts_ns"
            : "SELECT ts_ns, call_node_id FROM sample WHERE profile_id = ? AND ts_ns IS NOT NULL ORDER BY"
              " ts_ns");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    statement->bind(0, profileId);
    if (thread)
        statement->bind(1, std::string_view(*thread));
    std::vector<Taken> samples;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return samples;
        const auto node = nodes.find(statement->integer(1));
        if (node != nodes.end())
            samples.push_back({statement->integer(0), node->second});
    }
}

Nanos medianDistance(const std::vector<Taken> &samples)
{
    std::vector<Nanos> distances;
    distances.reserve(samples.size());
    for (std::size_t i = 1; i < samples.size(); ++i) {
        const Nanos distance = saturatingSub(samples[i].time, samples[i - 1].time);
        if (distance > 0)
            distances.push_back(distance);
    }
    if (distances.empty())
        return 1'000'000; // one moment only: a millisecond, so that there is something to see
    const auto middle = distances.begin() + std::ptrdiff_t((distances.size() - 1) / 2);
    std::nth_element(distances.begin(), middle, distances.end());
    return *middle;
}

/// Boxes of a row while they grow.
struct OpenBox
{
    std::uint32_t node = 0;
    Nanos begin = 0;
    std::uint32_t samples = 0;
};
struct Row
{
    std::vector<Nanos> begin, end;
    std::vector<std::uint32_t> node, samples;
};

class Merger
{
public:
    explicit Merger(const CallTree &tree)
        : m_tree(tree)
    {}

    void take(std::uint32_t leaf, Nanos begin, Nanos before)
    {
        m_stack.clear();
        for (std::uint32_t at = leaf; at != 0; at = m_tree.nodes[at].parent)
            m_stack.push_back(at);
        std::reverse(m_stack.begin(), m_stack.end());
        // A node of the tree stands for the whole path above it: one comparison a row.
        std::size_t same = 0;
        while (same < m_stack.size() && same < m_open.size() && m_open[same].node == m_stack[same])
            ++m_open[same++].samples;
        closeFrom(same, before);
        for (std::size_t row = same; row < m_stack.size(); ++row)
            m_open.push_back({m_stack[row], begin, 1});
    }

    void closeFrom(std::size_t first, Nanos end)
    {
        for (std::size_t row = first; row < m_open.size(); ++row) {
            const OpenBox &box = m_open[row];
            if (row >= m_rows.size())
                m_rows.resize(row + 1);
            if (m_boxes >= kMaxBoxes || end <= box.begin) {
                m_dropped += m_boxes >= kMaxBoxes ? 1 : 0;
                continue;
            }
            ++m_boxes;
            m_rows[row].begin.push_back(box.begin);
            m_rows[row].end.push_back(end);
            m_rows[row].node.push_back(box.node);
            m_rows[row].samples.push_back(box.samples);
        }
        m_open.resize(std::min(first, m_open.size()));
    }

    void finish(SampleLanes &lanes)
    {
        for (Row &row : m_rows) {
            const auto append
                = [](auto &to, const auto &from) { to.insert(to.end(), from.begin(), from.end()); };
            append(lanes.begin, row.begin);
            append(lanes.end, row.end);
            append(lanes.node, row.node);
            append(lanes.samples, row.samples);
            lanes.rowEnds.push_back(std::uint32_t(lanes.begin.size()));
            row = {};
        }
        lanes.droppedBoxes = m_dropped;
    }

private:
    const CallTree &m_tree;
    std::vector<std::uint32_t> m_stack;
    std::vector<OpenBox> m_open;
    std::vector<Row> m_rows;
    std::size_t m_boxes = 0;
    std::int64_t m_dropped = 0;
};

} // namespace

int SampleLanes::rowOf(std::uint32_t box) const
{
    return int(std::upper_bound(rowEnds.begin(), rowEnds.end(), box) - rowEnds.begin());
}

Result<std::shared_ptr<const SampleLanes>> sampleLanes(const store::Workspace &workspace,
    std::int64_t profileId, const std::optional<std::string> &thread, const CancelToken &cancel)
{
    Result<store::Database> database = workspace.connectReader();
    if (!database)
        return tl::unexpected(std::move(database.error()));
    database->setCancel(cancel);
    CallTreeBuilder builder;
    const Result<ProfileNodes> nodes = readProfileNodes(*database, profileId, builder, {});
    if (!nodes)
        return tl::unexpected(nodes.error());
    const Result<std::vector<Taken>> samples = readSamples(*database, profileId, thread, *nodes);
    if (!samples)
        return tl::unexpected(samples.error());
    auto lanes = std::make_shared<SampleLanes>();
    lanes->interval = medianDistance(*samples);
    lanes->sampleCount = std::int64_t(samples->size());
    Merger merger(builder.tree());
    Nanos last = 0; // where the sample before ends
    for (std::size_t i = 0; i < samples->size(); ++i) {
        if (i % 65'536 == 0 && cancel.isCancelled())
            return fail(ErrorCode::Cancelled, "samples", "the work was cancelled", "Open the view again.");
        const Taken &taken = (*samples)[i];
        if (i > 0 && taken.time > last)
            merger.closeFrom(0, last);
        merger.take(taken.node, taken.time, taken.time);
        const Nanos next = i + 1 < samples->size() ? (*samples)[i + 1].time : 0;
        const bool isGap
            = i + 1 == samples->size() || saturatingSub(next, taken.time) > kGapFactor * lanes->interval;
        last = isGap ? saturatingAdd(taken.time, lanes->interval) : next;
    }
    merger.closeFrom(0, last);
    if (!samples->empty())
        lanes->range = {samples->front().time, last};
    merger.finish(*lanes);
    lanes->tree = builder.finish(CallTreeBuilder::Totals::FromSelf);
    return std::shared_ptr<const SampleLanes>(std::move(lanes));
}

void queryRow(const SampleLanes &lanes, int row, TimeRange range, Nanos step, std::vector<LaneRun> &out)
{
    const std::uint32_t first = lanes.rowBegin(row), last = lanes.rowEnds[std::size_t(row)];
    const auto beginOf = [&lanes](std::uint32_t box) { return lanes.begin.begin() + std::ptrdiff_t(box); };
    const auto endOf = [&lanes](std::uint32_t box) { return lanes.end.begin() + std::ptrdiff_t(box); };
    auto at = std::uint32_t(std::upper_bound(endOf(first), endOf(last), range.begin) - lanes.end.begin());
    const std::size_t before = out.size();
    const auto addRun = [&](std::uint32_t from, std::uint32_t to) {
        const Nanos begin = lanes.begin[from], end = lanes.end[to - 1];
        LaneRun *run = out.size() > before ? &out.back() : nullptr;
        // Runs nearer than a step are one; a box that stands alone stays so.
        const bool isRun = run && (run->count > 1 || run->end - run->begin < step);
        if (isRun && begin - run->end < step) {
            run->end = end;
            run->count += to - from;
            return;
        }
        out.push_back({begin, end, from, to - from});
    };
    while (at < last && lanes.begin[at] < range.end) {
        if (lanes.end[at] - lanes.begin[at] >= step) {
            out.push_back({lanes.begin[at], lanes.end[at], at, 1});
            ++at;
            continue;
        }
        // All that begin within one step; the last of them may be long.
        const Nanos stepEnd = saturatingAdd(lanes.begin[at], step);
        auto behind
            = std::uint32_t(std::lower_bound(beginOf(at), beginOf(last), stepEnd) - lanes.begin.begin());
        if (behind > at + 1 && lanes.end[behind - 1] - lanes.begin[behind - 1] >= step)
            --behind;
        addRun(at, behind);
        at = behind;
    }
}

} // namespace tailscope::analysis
