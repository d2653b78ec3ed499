// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancalc.h"
#include "base/units.h"
#include "store/rows.h"

namespace tailscope::analysis {

/// What decides whether a child ran inside its parent. Unknown durations are kUnknownNanos.
struct SpanExtent
{
    SpanKind kind = SpanKind::Internal;
    Nanos start = 0;
    Nanos duration = kUnknownNanos;

    bool isKnown() const { return duration >= 0; }
    Nanos end() const { return isKnown() ? saturatingAdd(start, duration) : start; }
};

/// True when the kinds alone say that the parent does not wait for the child.
inline bool isAsyncByKind(SpanKind parent, SpanKind child)
{
    return child == SpanKind::Async || (parent == SpanKind::Producer && child == SpanKind::Consumer);
}

/// An async child is never subtracted from its parent: by kind, or because it ends later than the tolerance
/// allows.
inline bool isAsyncChild(const SpanExtent &parent, const SpanExtent &child)
{
    if (isAsyncByKind(parent.kind, child.kind))
        return true;
    return parent.isKnown() && child.isKnown()
        && child.end() > saturatingAdd(parent.end(), skewTolerance(parent.duration));
}

} // namespace tailscope::analysis
