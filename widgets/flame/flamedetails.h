// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/flameweights.h"
#include "widgets/flame/flamescene.h"

#include <QString>

namespace tailscope::widgets {

/// What the words about a frame depend on.
struct FlameWording
{
    bool isBottomUp = false, isPreview = false, isProfile = false, isTime = false;
    bool isCallers = false; ///< upper half of a sandwich: the weight of the frame by who called it
};

using items::exactWeightText;
using items::shareText;
using items::weightText;

/// One line: name, total, self, count, shares, group.
QString frameLine(const FlameFigures &figures, const FlameWording &wording);
/// Rich text with exact values and the definition of self time.
QString frameToolTip(const FlameFigures &figures, const FlameWording &wording);
/// For a run of frames too narrow to draw.
QString runToolTip(std::uint32_t frames, const FlameFigures &widest, const FlameWording &wording);
/// What self means here, in one sentence.
QString selfDefinition(const FlameWording &wording);
/// Header line and one row, tab separated, unrounded.
QString frameTsv(const FlameFigures &figures);
/// "a;b;c", the collapsed-stack notation.
QString stackText(const QStringList &names);

} // namespace tailscope::widgets
