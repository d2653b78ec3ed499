// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"
#include "widgets/base/theme.h"
#include "widgets/base/timeaxis.h"

#include <QFontMetrics>
#include <QRect>
#include <QString>

#include <vector>

class QPainter;

namespace tailscope::widgets {

/// A marker as it is drawn: a line through all rows, and a label on top when there is room for it.
struct MarkerPlace
{
    int index = 0; ///< into the list of markers
    int x = 0;
    QRect label; ///< empty: another label lies there
    bool isRange = false;
    int endX = 0;
};

/// Places the markers inside the window: labels from left to right, none over another; notes of the user and
/// the more telling kinds (alert, failover, deploy) win over the rest where both do not fit.
std::vector<MarkerPlace> placeMarkers(const QList<session::Marker> &markers, const TimeScale &scale,
    const QRect &band, const QFontMetrics &metrics);
/// What stands on a label: "deploy: v2.3.1".
QString markerLabel(const session::Marker &marker);
/// All that is known of it.
QString markerToolTip(const session::Marker &marker, const session::SessionContext &context);
QColor markerColor(const session::Marker &marker, const Theme &theme);

void paintMarkers(QPainter &painter, const QList<session::Marker> &markers,
    const std::vector<MarkerPlace> &places, const QRect &band, const QRect &pane, const Theme &theme);
/// Index of the marker next to a place in time (and, at one moment, next to the id); -1 when there is none.
int markerBeside(const QList<session::Marker> &markers, Nanos from, qint64 fromId, bool forward);
/// Marker whose label or line is at the position; -1 when none. Lines count inside the band only.
int markerAt(const std::vector<MarkerPlace> &places, const QRect &band, const QPoint &position);

} // namespace tailscope::widgets
