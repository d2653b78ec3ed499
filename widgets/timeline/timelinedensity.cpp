// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timelinedensity.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

using Kind = items::TimelineRow::Kind;

/// Coarser lanes are enough for a curve: a header may stand for a thousand tracks.
constexpr int kCoarser = 2;
constexpr std::size_t kManyTracks = 256;

void addLane(std::vector<float> &shares, const TimelineFrame &frame, TimelineTiles &tiles, std::size_t lane,
    Nanos shift)
{
    const TimeRange window{saturatingSub(frame.window.begin, shift), saturatingSub(frame.window.end, shift)};
    const int level = std::min(54, TimelineTiles::levelFor(frame.nanosPerPixel()) + kCoarser);
    const auto [first, last] = TimelineTiles::tilesOf(window, level);
    const double scale = 1 / frame.nanosPerPixel();
    const auto pixels = double(shares.size());
    for (std::int64_t tile = first; tile <= last; ++tile) {
        const Nanos from
            = tile == first ? std::numeric_limits<Nanos>::min() : TimelineTiles::beginOf(tile, level);
        for (const analysis::LaneItem &item : tiles.items(lane, level, tile, false)) {
            if (item.begin < from)
                continue;
            const double left
                = std::clamp(double(saturatingSub(item.begin, window.begin)) * scale, 0.0, pixels);
            const double right
                = std::clamp(double(saturatingSub(item.end, window.begin)) * scale, 0.0, pixels);
            for (auto x = std::size_t(left); double(x) < right; ++x)
                shares[x] += float(std::min(right, double(x) + 1) - std::max(left, double(x)));
        }
    }
}

} // namespace

void TimelineDensity::setOverview(std::shared_ptr<const analysis::OverviewPyramid> overview)
{
    if (m_overview == overview)
        return;
    m_overview = std::move(overview);
    m_means.clear();
    m_index.clear();
    for (std::size_t i = 0; m_overview && i < m_overview->tracks.size(); ++i) {
        if (!m_overview->tracks[i].busy.empty())
            m_index.emplace(m_overview->tracks[i].trackId, i);
    }
}

const std::vector<float> &TimelineDensity::meanOf(const items::TimelineRow &row)
{
    const auto known = m_means.constFind(row.key);
    if (known != m_means.cend())
        return *known;
    std::vector<float> mean;
    for (const std::int64_t id : row.memberIds) {
        const auto found = m_index.find(id);
        if (found == m_index.end()) {
            mean.clear();
            break;
        }
        const std::vector<float> &busy = m_overview->tracks[found->second].busy;
        mean.resize(std::max(mean.size(), busy.size()), 0.0F);
        for (std::size_t bin = 0; bin < busy.size(); ++bin)
            mean[bin] += busy[bin] / float(row.memberIds.size());
    }
    return *m_means.insert(row.key, std::move(mean));
}

std::vector<float> TimelineDensity::busyShares(const TimelineFrame &frame, const items::TimelineRow &row,
    TimelineTiles &tiles)
{
    std::vector<float> shares(std::size_t(std::max(1, frame.paneWidth)), 0.0F);
    if (row.memberIds.empty())
        return shares;
    const Nanos shift = row.members.empty() ? 0 : frame.model->shiftOf(row.members.front());
    const std::vector<float> &mean = meanOf(row);
    // Bins wider than some pixels would show as steps: then the lanes are asked, unless they are too many.
    const double binNs
        = mean.empty() ? 0 : double(std::max<Nanos>(1, m_overview->range.length())) / double(mean.size());
    const bool isFine = !mean.empty() && binNs <= 4 * frame.nanosPerPixel();
    const bool hasLanes = frame.columns && tiles.pyramid() && !row.members.empty();
    if (!mean.empty() && (isFine || !hasLanes || row.members.size() > kManyTracks)) {
        const double begin
            = double(saturatingSub(saturatingSub(frame.window.begin, shift), m_overview->range.begin));
        for (std::size_t x = 0; x < shares.size(); ++x) {
            const double bin = (begin + (double(x) + 0.5) * frame.nanosPerPixel()) / binNs;
            if (bin >= 0 && bin < double(mean.size()))
                shares[x] = std::clamp(mean[std::size_t(bin)], 0.0F, 1.0F);
        }
        return shares;
    }
    if (!hasLanes)
        return shares;
    const auto &lanes = frame.columns->lanes;
    for (const std::uint32_t track : row.members) {
        const auto lane = std::lower_bound(lanes.begin(), lanes.end(), track,
            [](const analysis::Lane &l, std::uint32_t t) { return l.track < t; });
        if (lane != lanes.end() && lane->track == track)
            addLane(shares, frame, tiles, std::size_t(lane - lanes.begin()), shift);
    }
    for (float &share : shares)
        share = std::clamp(share / float(row.members.size()), 0.0F, 1.0F);
    return shares;
}

void TimelineDensity::paint(QPainter &painter, const TimelineFrame &frame, TimelineTiles &tiles,
    const Theme &theme)
{
    QColor fill = theme.info();
    fill.setAlpha(theme.isDark() ? 150 : 120);
    for (const TimelineRowRef ref : frame.visibleRows()) {
        const items::TimelineRow &row = frame.row(ref);
        const bool isHeader = (row.kind == Kind::Group || row.kind == Kind::Source) && row.isCollapsed
            && !row.members.empty();
        if (!isHeader && row.kind != Kind::Density)
            continue;
        painter.save();
        painter.setClipRect(frame.clipOf(ref).intersected(frame.pane()));
        const int bottom = frame.yOf(ref) + frame.layout.heightOf(ref) - 3;
        const int most = frame.layout.heightOf(ref) - 6;
        const std::vector<float> shares = busyShares(frame, row, tiles);
        for (std::size_t x = 0; x < shares.size(); ++x) {
            if (shares[x] <= 0)
                continue;
            // What is there is seen, however short.
            const int height = std::max(1, int(std::lround(shares[x] * float(most))));
            painter.fillRect(frame.headerWidth + int(x), bottom - height, 1, height, fill);
        }
        painter.setPen(theme.grid());
        painter.drawLine(frame.headerWidth, bottom, frame.headerWidth + frame.paneWidth, bottom);
        painter.restore();
    }
}

} // namespace tailscope::widgets
