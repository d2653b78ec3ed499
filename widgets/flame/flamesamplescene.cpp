// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamesamplescene.h"

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

FlameSampleScene::FlameSampleScene(std::shared_ptr<const analysis::SampleLanes> lanes)
    : m_lanes(std::move(lanes))
    , m_extent(std::max(10.0, double(m_lanes->range.length())))
    , m_rows(std::size_t(m_lanes->rows()))
{}

void FlameSampleScene::setSearch(const QRegularExpression &expression)
{
    m_matches.clear();
    m_matchCount = 0;
    if (expression.pattern().isEmpty() || !expression.isValid())
        return;
    for (const std::string &name : m_lanes->tree->names)
        m_matches.push_back(expression.match(QString::fromStdString(name)).hasMatch() ? 1 : 0);
    for (std::uint32_t box = 0; box < m_lanes->node.size(); ++box)
        m_matchCount += isMatch(box) ? 1 : 0;
}

std::uint32_t FlameSampleScene::nextMatch(std::uint32_t from, bool forward) const
{
    // By time, then from the outer rows inwards (boxes are numbered row by row).
    const auto keyOf = [this](std::uint32_t box) { return std::pair(m_lanes->begin[box], box); };
    const auto isBetter = [&](std::uint32_t a, std::uint32_t b) {
        return b == kNothing || (forward ? keyOf(a) < keyOf(b) : keyOf(b) < keyOf(a));
    };
    std::uint32_t next = kNothing, first = kNothing;
    for (std::uint32_t box = 0; box < m_lanes->node.size(); ++box) {
        if (!isMatch(box))
            continue;
        if (isBetter(box, first))
            first = box;
        const bool isBeyond
            = from != kNothing && (forward ? keyOf(box) > keyOf(from) : keyOf(box) < keyOf(from));
        if (isBeyond && isBetter(box, next))
            next = box;
    }
    return next != kNothing ? next : first;
}

void FlameSampleScene::layOut(double low, double high, double width, int firstRow, int lastRow)
{
    if (low != m_low || high != m_high || width != m_width) {
        for (Row &row : m_rows)
            row.isFresh = false;
        m_low = low;
        m_high = high;
        m_width = width;
    }
    for (int row = std::max(0, firstRow); row < std::min(lastRow, rowCount()); ++row) {
        if (!m_rows[std::size_t(row)].isFresh)
            query(row);
    }
}

void FlameSampleScene::query(int index)
{
    Row &row = m_rows[std::size_t(index)];
    row.boxes.clear();
    row.isFresh = true;
    if (!(m_high > m_low) || !(m_width > 0))
        return;
    const double scale = m_width / (m_high - m_low);
    const TimeRange range{saturatingAdd(origin(), Nanos(m_low)),
        saturatingAdd(origin(), Nanos(std::ceil(m_high)))};
    m_runs.clear();
    analysis::queryRow(*m_lanes, index, range, std::max<Nanos>(1, Nanos(std::ceil(1 / scale))), m_runs);
    for (const analysis::LaneRun &run : m_runs) {
        const double left = (double(saturatingSub(run.begin, origin())) - m_low) * scale;
        const double right = (double(saturatingSub(run.end, origin())) - m_low) * scale;
        const double from = std::max(0.0, left);
        const double to = std::min(m_width, std::max(right, left + 1));
        if (to > from)
            row.boxes.push_back({float(from), float(to - from), run.box, run.count > 1 ? run.count : 0});
    }
}

std::string_view FlameSampleScene::nameText(std::uint32_t index) const
{
    return index < m_lanes->tree->names.size() ? std::string_view(m_lanes->tree->names[index])
                                               : std::string_view();
}

std::string_view FlameSampleScene::groupText(std::uint32_t index) const
{
    return index < m_lanes->tree->groups.size() ? std::string_view(m_lanes->tree->groups[index])
                                                : std::string_view();
}

double FlameSampleScene::heat(std::uint32_t id) const
{
    // By how long the same stack was seen: its samples against those of the whole thread.
    const double all = double(std::max<std::int64_t>(1, m_lanes->sampleCount));
    return std::sqrt(std::min(1.0, double(m_lanes->samples[id]) / all));
}

bool FlameSampleScene::isMatch(std::uint32_t id) const
{
    return node(id).name < m_matches.size() && m_matches[node(id).name] != 0;
}

std::pair<double, double> FlameSampleScene::placeOf(std::uint32_t id) const
{
    return {double(saturatingSub(m_lanes->begin[id], origin())),
        double(saturatingSub(m_lanes->end[id], origin()))};
}

FlameFigures FlameSampleScene::figures(std::uint32_t id) const
{
    FlameFigures figures;
    const std::string_view name = nameText(nameIndex(id)), group = groupText(groupIndex(id));
    figures.name = QString::fromUtf8(name.data(), qsizetype(name.size()));
    figures.group = QString::fromUtf8(group.data(), qsizetype(group.size()));
    figures.unit = QStringLiteral("ns");
    figures.total = double(m_lanes->end[id] - m_lanes->begin[id]);
    figures.isSelfKnown = false;
    figures.count = m_lanes->samples[id];
    figures.shareOfAll = figures.total / m_extent;
    figures.depth = rowOf(id) + 1;
    return figures;
}

QStringList FlameSampleScene::stack(std::uint32_t id) const
{
    QStringList names;
    for (std::uint32_t at = m_lanes->node[id]; at != 0; at = m_lanes->tree->nodes[at].parent)
        names.prepend(QString::fromStdString(m_lanes->tree->names[m_lanes->tree->nodes[at].name]));
    return names;
}

std::vector<std::uint32_t> FlameSampleScene::ancestors(std::uint32_t id) const
{
    // The boxes of the outer rows that are open when this one begins.
    std::vector<std::uint32_t> boxes;
    const Nanos begin = m_lanes->begin[id];
    for (int row = 0; row < rowOf(id); ++row) {
        const auto first = m_lanes->end.begin() + std::ptrdiff_t(m_lanes->rowBegin(row));
        const auto last = m_lanes->end.begin() + std::ptrdiff_t(m_lanes->rowEnds[std::size_t(row)]);
        const auto found = std::upper_bound(first, last, begin);
        if (found != last)
            boxes.push_back(std::uint32_t(found - m_lanes->end.begin()));
    }
    boxes.push_back(id);
    return boxes;
}

} // namespace tailscope::widgets
