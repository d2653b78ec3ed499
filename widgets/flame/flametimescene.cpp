// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flametimescene.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tailscope::widgets {

namespace {

/// Parents come from a file: a chain may be long, and only the derive pass promises that it ends.
constexpr std::size_t kMaxParents = 4096;

QString toQString(const std::string &text) { return QString::fromStdString(text); }

/// The smallest power of two that is at least one pixel, so that near zoom levels fold alike.
Nanos stepFor(double nanosPerPixel)
{
    const double clamped = std::clamp(nanosPerPixel, 1.0, 1e18);
    return Nanos(std::bit_ceil(std::uint64_t(std::ceil(clamped))));
}

} // namespace

FlameTimeScene::FlameTimeScene(std::shared_ptr<const analysis::LanePyramid> pyramid, std::uint32_t track,
    std::shared_ptr<const analysis::SpanBitmap> filter)
    : m_pyramid(std::move(pyramid))
    , m_track(track)
    , m_filter(std::move(filter))
{
    const auto &lanes = columns().lanes;
    const auto first = std::lower_bound(lanes.begin(), lanes.end(), track,
        [](const analysis::Lane &lane, std::uint32_t t) { return lane.track < t; });
    m_firstLane = std::size_t(first - lanes.begin());
    Nanos begin = std::numeric_limits<Nanos>::max();
    Nanos end = std::numeric_limits<Nanos>::min();
    for (auto lane = first; lane != lanes.end() && lane->track == track; ++lane) {
        m_rows.emplace_back();
        if (lane->count == 0)
            continue;
        begin = std::min(begin, columns().start[lane->first]);
        end = std::max(end, columns().end(lane->first + lane->count - 1));
    }
    if (begin <= end) {
        m_origin = begin;
        m_extent = std::max(10.0, double(saturatingSub(end, begin)));
    }
}

void FlameTimeScene::layOut(double low, double high, double width, int firstRow, int lastRow)
{
    if (low != m_low || high != m_high || width != m_width) {
        for (Row &row : m_rows)
            row.isFresh = false;
        m_low = low;
        m_high = high;
        m_width = width;
    }
    for (int row = std::max(0, firstRow); row < std::min(lastRow, int(m_rows.size())); ++row) {
        if (!m_rows[std::size_t(row)].isFresh)
            query(row);
    }
}

void FlameTimeScene::query(int index)
{
    Row &row = m_rows[std::size_t(index)];
    row.boxes.clear();
    row.isFresh = true;
    if (!(m_high > m_low) || !(m_width > 0))
        return;
    const double scale = m_width / (m_high - m_low);
    const TimeRange range{saturatingAdd(m_origin, Nanos(m_low)), saturatingAdd(m_origin, Nanos(m_high) + 1)};
    m_items.clear();
    m_pyramid->query(m_firstLane + std::size_t(index), range, stepFor(1 / scale), m_filter.get(), m_items);
    row.boxes.reserve(m_items.size());
    for (const analysis::LaneItem &item : m_items) {
        const double left = (double(saturatingSub(item.begin, m_origin)) - m_low) * scale;
        const double right = (double(saturatingSub(item.end, m_origin)) - m_low) * scale;
        const double from = std::max(0.0, left);
        const double to = std::min(m_width, std::max(right, left + 1));
        if (to > from)
            row.boxes.push_back({float(from), float(to - from), item.row, item.count > 1 ? item.count : 0});
    }
}

std::string_view FlameTimeScene::nameText(std::uint32_t index) const
{
    return index < columns().operations.size() ? std::string_view(columns().operations[index])
                                               : std::string_view();
}

std::string_view FlameTimeScene::groupText(std::uint32_t index) const
{
    if (index >= columns().tracks.size())
        return {};
    const analysis::TrackInfo &track = columns().tracks[index];
    return !track.service.empty() ? track.service : track.process;
}

double FlameTimeScene::heat(std::uint32_t id) const
{
    const Nanos self = columns().self[id];
    const Nanos duration = columns().duration[id];
    if (self == kUnknownNanos || duration == kUnknownNanos || duration <= 0)
        return 0;
    return std::clamp(double(self) / double(duration), 0.0, 1.0);
}

bool FlameTimeScene::isMatch(std::uint32_t id) const
{
    return m_matches && columns().operation[id] < m_matches->operations.size()
        && m_matches->operations[columns().operation[id]] != 0;
}

std::pair<double, double> FlameTimeScene::placeOf(std::uint32_t id) const
{
    const double begin = double(saturatingSub(columns().start[id], m_origin));
    return {begin, std::max(begin + 1, double(saturatingSub(columns().end(id), m_origin)))};
}

int FlameTimeScene::rowOf(std::uint32_t id) const
{
    const auto &lanes = columns().lanes;
    const auto after = std::upper_bound(lanes.begin(), lanes.end(), id,
        [](std::uint32_t row, const analysis::Lane &lane) { return row < lane.first; });
    const auto lane = std::ptrdiff_t(after - lanes.begin()) - 1 - std::ptrdiff_t(m_firstLane);
    return lane >= 0 && lane < std::ptrdiff_t(m_rows.size()) ? int(lane) : 0;
}

FlameFigures FlameTimeScene::figures(std::uint32_t id) const
{
    const analysis::SpanColumns &spans = columns();
    FlameFigures figures;
    figures.name = toQString(spans.operations[spans.operation[id]]);
    const std::string_view group = groupText(spans.track[id]);
    figures.group = QString::fromUtf8(group.data(), qsizetype(group.size()));
    figures.unit = QStringLiteral("ns");
    figures.isTotalKnown = spans.duration[id] != kUnknownNanos;
    figures.total = figures.isTotalKnown ? double(spans.duration[id]) : 0;
    figures.isSelfKnown = spans.self[id] != kUnknownNanos;
    figures.self = figures.isSelfKnown ? double(spans.self[id]) : 0;
    figures.count = 1;
    figures.depth = rowOf(id) + 1;
    figures.exampleRow = id;
    if (figures.isTotalKnown)
        figures.shareOfAll = figures.total / m_extent;
    const std::uint32_t parent = spans.parent[id];
    if (figures.isTotalKnown && parent < spans.size() && spans.duration[parent] > 0)
        figures.shareOfParent = figures.total / double(spans.duration[parent]);
    return figures;
}

std::vector<std::uint32_t> FlameTimeScene::parents(std::uint32_t id) const
{
    std::vector<std::uint32_t> chain;
    for (std::uint32_t at = id; at < columns().size() && chain.size() < kMaxParents;
         at = columns().parent[at])
        chain.push_back(at);
    std::reverse(chain.begin(), chain.end());
    return chain;
}

QStringList FlameTimeScene::stack(std::uint32_t id) const
{
    QStringList names;
    for (const std::uint32_t row : parents(id))
        names << toQString(columns().operations[columns().operation[row]]);
    return names;
}

std::vector<std::uint32_t> FlameTimeScene::ancestors(std::uint32_t id) const
{
    std::vector<std::uint32_t> chain = parents(id);
    std::erase_if(chain, [this](std::uint32_t row) { return columns().track[row] != m_track; });
    return chain;
}

} // namespace tailscope::widgets
