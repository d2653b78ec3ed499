// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/waterfallrows.h"

#include <QString>

namespace tailscope::items {

/// "unknown", "processing", "network", "wait", as the table shows them.
QString timeClassText(analysis::TimeClass timeClass);
/// The letter that stands for a class beside its colour: "?", "P", "N", "W".
QChar timeClassLetter(analysis::TimeClass timeClass);
/// "21.3 %", "< 0.1 %"; empty when the whole is unknown.
QString shareOfText(Nanos part, Nanos whole);

/// What a row is called in the tree: operation, "time in no span: 255 ms (21.3 %), before POST /v1/charges",
/// "51 x SELECT ..., 255 ms, sequential", "5 parallel, slowest 90 ms", the name of a band.
QString waterfallRowName(const WaterfallTrace &trace, const WaterfallRow &row);
/// Where a gap lies: "before POST /v1/charges", "after serialize", "between ... and ...".
QString gapPlaceText(const WaterfallTrace &trace, const analysis::TraceGap &gap);
/// Exact values of a row, one fact a line, for tooltips and screen readers.
QStringList waterfallRowLines(const WaterfallTrace &trace, const WaterfallRow &row);
/// "name<TAB>value" lines of a row with values in nanoseconds.
QString waterfallRowDetails(const WaterfallTrace &trace, const WaterfallRow &row);
/// The rows as indented text with offset, duration, self time and class.
QString waterfallText(const WaterfallTrace &trace, const std::vector<WaterfallRow> &rows);
/// The spans of the trace as a query of the public schema.
QString waterfallSql(qint64 traceId);

} // namespace tailscope::items
