// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/timelinemodel.h"

#include <QString>

namespace tailscope::session {
class SessionContext;
}

namespace tailscope::widgets {

/// One line: operation, duration, self, start, track. shift: what is added to its times on the axis.
QString spanLine(const analysis::SpanColumns &columns, std::uint32_t row,
    const session::SessionContext &context, Nanos shift);
/// Rich text with exact values and the definition of self time.
QString spanToolTip(const analysis::SpanColumns &columns, std::uint32_t row,
    const session::SessionContext &context, Nanos shift);
/// For several spans folded into one bar; row is the longest of them.
QString foldedToolTip(const analysis::SpanColumns &columns, const analysis::LaneItem &item);
/// All fields of a span, one "name<TAB>value" a line, unrounded.
QString spanDetails(const analysis::SpanColumns &columns, std::uint32_t row,
    const session::SessionContext &context);
/// Rich text about a row: spans, errors, busy time, lanes.
QString rowToolTip(const items::TimelineRow &row, const items::TimelineModel &model);
/// One line about a point of a series.
QString pointLine(const items::SeriesInfo &series, const analysis::DecimatedPoint &point,
    const session::SessionContext &context, Nanos shift);

} // namespace tailscope::widgets
