// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <vector>

namespace tailscope::items {

/// The time axis of one trace with its long idle stretches cut out: hours in a queue must not flatten the
/// request before them. A place on the axis is in nanoseconds from its begin, so that inside a piece a
/// nanosecond is a nanosecond. Immutable; any thread.
class WaterfallAxis
{
public:
    /// A stretch in which nothing of the trace runs, drawn as a break.
    struct Break
    {
        Nanos begin = 0, end = 0; ///< time
        Nanos place = 0, width = 0; ///< on the axis
    };
    /// A stretch without a break.
    struct Piece
    {
        Nanos begin = 0, end = 0; ///< time
        Nanos place = 0; ///< of its begin
    };

    WaterfallAxis() = default;
    /// `busy`: intervals in any order, empty ones too. A stretch without any is cut when it is longer than
    /// kCutRatio times all that is busy; what is left of it is one fiftieth of that.
    explicit WaterfallAxis(std::vector<TimeRange> busy);

    static constexpr int kCutRatio = 3;

    Nanos begin() const { return m_pieces.empty() ? 0 : m_pieces.front().begin; }
    Nanos end() const { return m_pieces.empty() ? 0 : m_pieces.back().end; }
    Nanos length() const { return m_length; } ///< of the axis, breaks and all; at least 1
    const std::vector<Break> &breaks() const { return m_breaks; }
    const std::vector<Piece> &pieces() const { return m_pieces; }
    Nanos placeOf(Nanos time) const; ///< times inside a break are spread over it; outside: continued
    Nanos timeAt(Nanos place) const; ///< the reverse

private:
    std::vector<Piece> m_pieces;
    std::vector<Break> m_breaks;
    Nanos m_length = 1;
};

} // namespace tailscope::items
