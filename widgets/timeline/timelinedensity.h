// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/timeline/timelineframe.h"
#include "widgets/timeline/timelinetiles.h"

#include <QHash>

#include <memory>
#include <unordered_map>
#include <vector>

class QPainter;

namespace tailscope::widgets {

/// Collapsed headers, and tracks known only from the overview, as a curve: the share of time, 0..1, in which
/// their tracks run a root span, mean over the tracks. From the stored overview where its bins are fine
/// enough, else from the outermost lane of each track. The tracks of one row share one source and so one
/// clock.
class TimelineDensity
{
public:
    void setOverview(std::shared_ptr<const analysis::OverviewPyramid> overview);
    void forgetRows() { m_means.clear(); } ///< headers stand for other tracks from now on
    /// One value a pixel of the pane.
    std::vector<float> busyShares(const TimelineFrame &frame, const items::TimelineRow &row,
        TimelineTiles &tiles);
    void paint(QPainter &painter, const TimelineFrame &frame, TimelineTiles &tiles, const Theme &theme);

private:
    /// Mean bins of the tracks of a header; empty when the overview lacks one of them.
    const std::vector<float> &meanOf(const items::TimelineRow &row);

    std::shared_ptr<const analysis::OverviewPyramid> m_overview;
    std::unordered_map<std::int64_t, std::size_t> m_index; ///< track id -> overview track
    QHash<QString, std::vector<float>> m_means; ///< by row key
};

} // namespace tailscope::widgets
