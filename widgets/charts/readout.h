// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPoint>
#include <QRect>
#include <QStringList>

class QPainter;

namespace tailscope::widgets {

class Theme;

/// Box with exact values beside a cursor, used for mouse and keyboard alike. It stays inside `area`; lines
/// that do not fit are elided. The first line is bold.
void paintReadout(QPainter &painter, const QRect &area, const QPoint &anchor, const QStringList &lines,
    const Theme &theme);

} // namespace tailscope::widgets
