// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "session/sessioncontext.h"

#include <QList>
#include <QString>

#include <optional>

namespace tailscope::widgets {

/// What a finding says about its place, as the view `finding` has it.
struct FindingSubject
{
    QString kind, id; ///< subject_kind, subject_id (a number or a name)
    QString evidence; ///< JSON object
    std::optional<Nanos> startNs, endNs;
};

/// One place to go to from a finding: what to select and narrow, then the view that shows it. Empty parts
/// stay as they are.
struct FindingTarget
{
    QString text; ///< of the link: "Example in the timeline"
    QString view; ///< id of the view to open
    session::Selection selection;
    QString filter; ///< terms to narrow to
    std::optional<TimeRange> range;
    QString sql; ///< asked in the console instead of opening a view
};

/// The places a finding can be looked at, the most telling first; empty when it names none.
QList<FindingTarget> findingTargets(const FindingSubject &subject);

} // namespace tailscope::widgets
