// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/servicemap.h"

#include <QPointF>
#include <QRectF>
#include <QVector>

#include <vector>

namespace tailscope::items {

/// Which part of a map is drawn.
struct ServiceMapShown
{
    std::vector<bool> nodes, edges; ///< as long as those of the map
};
/// Edges with at least this share of all calls (0..1, by weight) and the nodes they join; nodes that no edge
/// of the map touches stay.
ServiceMapShown shownServices(const analysis::ServiceMap &map, double leastShare);

/// Where a service map is drawn, in units of pixels at zoom 1. Left to right by longest path from those that
/// nobody calls; calls that would close a cycle run backwards.
struct ServiceMapLayout
{
    static constexpr double kBoxWidth = 190, kBoxHeight = 52;
    static constexpr double kColumnGap = 210, kRowGap = 26;

    QVector<QRectF> boxes; ///< by node; null rectangle = not shown
    struct Line
    {
        QVector<QPointF> points; ///< from the caller's side to the callee's; empty = not shown
        bool isBackward = false; ///< against the direction of the layers
    };
    QVector<Line> lines; ///< by edge
    QVector<int> layer; ///< by node; -1 = not shown
    QRectF bounds;
};

/// Layers (longest path, cycles broken by depth-first search), order within them (barycentres, the order with
/// the fewest crossings is kept), then heights near the neighbours. O(sweeps * (nodes + edges * layers)).
ServiceMapLayout layOutServices(const analysis::ServiceMap &map, const ServiceMapShown &shown);

} // namespace tailscope::items
