// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltreediff.h"
#include "analysis/spancolumns.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace tailscope::widgets {

/// One drawn frame, or a run of frames too narrow to draw, in pixels from the left edge of the window.
struct FlameBox
{
    float x = 0, w = 0;
    std::uint32_t id
        = 0; ///< node of the call tree or row of the columns; of a run: its first (or longest) frame
    std::uint32_t folded = 0; ///< frames in the run; 0 = a frame
};

/// Everything said about one frame. Shares are 0..1, negative = unknown.
struct FlameFigures
{
    QString name, group, unit;
    double total = 0, self = 0;
    bool isSelfKnown = true, isTotalKnown = true;
    qint64 count = 0;
    double shareOfAll = -1, shareOfParent = -1;
    int depth = 0; ///< 1 = outermost frame
    std::uint32_t exampleRow = analysis::kNoRow; ///< a span row behind the frame
    /// Both sides of a difference, as recorded; after is multiplied by scale before it is compared.
    struct Sides
    {
        analysis::DiffWeights before, after;
        double scale = 1;
    };
    std::optional<Sides> sides;
};

/// What a flame graph draws: rows of boxes over a window [low, high) of one axis. Two kinds: a call tree
/// (axis = weight) and the lanes of a track or of samples (axis = time). Row 0 is the outermost. GUI thread.
class FlameScene
{
public:
    static constexpr std::uint32_t kNothing = 0xffffffffu;

    virtual ~FlameScene() = default;
    virtual double extent() const = 0; ///< the axis runs from 0 to here
    virtual double smallestWindow() const = 0;
    virtual bool isTimeAxis() const = 0;
    virtual Nanos origin() const { return 0; } ///< where a time axis begins
    /// Computes the boxes of a window `width` pixels wide, at least for the rows [firstRow, lastRow).
    virtual void layOut(double low, double high, double width, int firstRow, int lastRow) = 0;
    virtual int rowCount() const = 0; ///< rows of the last layout
    virtual std::span<const FlameBox> row(int row) const = 0; ///< left to right, without overlap

    virtual std::uint32_t nameIndex(std::uint32_t id) const = 0;
    virtual std::string_view nameText(std::uint32_t nameIndex) const = 0;
    virtual std::uint32_t groupIndex(std::uint32_t id) const = 0;
    virtual std::string_view groupText(std::uint32_t groupIndex) const = 0;
    virtual double heat(std::uint32_t id) const = 0; ///< 0..1 by self time
    virtual double tone(std::uint32_t) const { return 0; } ///< relative change, -1..1, of a difference
    enum class Presence { Both, OnlyBefore, OnlyAfter };
    virtual Presence presence(std::uint32_t) const { return Presence::Both; } ///< sides that have the frame
    virtual bool isMatch(std::uint32_t id) const = 0; ///< of the search; false when there is none
    virtual std::pair<double, double> placeOf(std::uint32_t id) const = 0; ///< begin and end on the axis
    virtual int rowOf(std::uint32_t id) const = 0;
    virtual FlameFigures figures(std::uint32_t id) const = 0;
    /// Names from the outermost frame to this one.
    virtual QStringList stack(std::uint32_t id) const = 0;
    /// Frames from the outermost to this one, for the path bar.
    virtual std::vector<std::uint32_t> ancestors(std::uint32_t id) const = 0;

    /// The box of a row under x, with the slack in pixels to either side; nullptr when none.
    const FlameBox *boxAt(int row, double x, double slack = 1) const;
    const FlameBox *boxOf(int row, std::uint32_t id) const; ///< a frame (not a run) with that id
};

} // namespace tailscope::widgets
