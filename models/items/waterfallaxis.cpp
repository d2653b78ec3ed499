// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/waterfallaxis.h"

#include <algorithm>

namespace tailscope::items {

namespace {

/// Width of a break as a part of all that is busy.
constexpr Nanos kBreakPart = 50;

/// Union of the intervals, in order.
std::vector<TimeRange> united(std::vector<TimeRange> busy)
{
    std::sort(busy.begin(), busy.end(),
        [](const TimeRange &a, const TimeRange &b) { return a.begin < b.begin; });
    std::vector<TimeRange> out;
    for (const TimeRange &range : busy) {
        const Nanos end = std::max(range.begin, range.end);
        if (!out.empty() && range.begin <= out.back().end)
            out.back().end = std::max(out.back().end, end);
        else
            out.push_back({range.begin, end});
    }
    return out;
}

} // namespace

WaterfallAxis::WaterfallAxis(std::vector<TimeRange> busy)
{
    const std::vector<TimeRange> parts = united(std::move(busy));
    if (parts.empty())
        return;
    Nanos all = 0;
    for (const TimeRange &part : parts)
        all = saturatingAdd(all, saturatingSub(part.end, part.begin));
    const Nanos most = all > 0 && all < 1'000'000'000'000'000'000 ? all * kCutRatio : all;
    const Nanos width = std::max<Nanos>(1, all / kBreakPart);
    m_pieces.push_back({parts.front().begin, parts.front().end, 0});
    for (std::size_t i = 1; i < parts.size(); ++i) {
        Piece &last = m_pieces.back();
        const Nanos idle = saturatingSub(parts[i].begin, last.end);
        if (all <= 0 || idle <= most) {
            last.end = parts[i].end;
            continue;
        }
        const Nanos place = saturatingAdd(last.place, saturatingSub(last.end, last.begin));
        m_breaks.push_back({last.end, parts[i].begin, place, width});
        m_pieces.push_back({parts[i].begin, parts[i].end, saturatingAdd(place, width)});
    }
    const Piece &last = m_pieces.back();
    m_length = std::max<Nanos>(1, saturatingAdd(last.place, saturatingSub(last.end, last.begin)));
}

Nanos WaterfallAxis::placeOf(Nanos time) const
{
    if (m_pieces.empty())
        return time;
    const auto after = std::upper_bound(m_pieces.begin(), m_pieces.end(), time,
        [](Nanos t, const Piece &piece) { return t < piece.begin; });
    const Piece &piece = after == m_pieces.begin() ? *after : *(after - 1);
    if (time > piece.end && after != m_pieces.end()) {
        const Break &cut = m_breaks[std::size_t(after - m_pieces.begin()) - 1];
        const double share = double(saturatingSub(time, cut.begin))
            / double(std::max<Nanos>(1, saturatingSub(cut.end, cut.begin)));
        return saturatingAdd(cut.place, Nanos(share * double(cut.width)));
    }
    return saturatingAdd(piece.place, saturatingSub(time, piece.begin));
}

Nanos WaterfallAxis::timeAt(Nanos place) const
{
    if (m_pieces.empty())
        return place;
    const auto after = std::upper_bound(m_pieces.begin(), m_pieces.end(), place,
        [](Nanos p, const Piece &piece) { return p < piece.place; });
    const Piece &piece = after == m_pieces.begin() ? *after : *(after - 1);
    const Nanos time = saturatingAdd(piece.begin, saturatingSub(place, piece.place));
    if (time > piece.end && after != m_pieces.end()) {
        const Break &cut = m_breaks[std::size_t(after - m_pieces.begin()) - 1];
        const double share = double(saturatingSub(place, cut.place)) / double(cut.width);
        return saturatingAdd(cut.begin, Nanos(share * double(saturatingSub(cut.end, cut.begin))));
    }
    return time;
}

} // namespace tailscope::items
