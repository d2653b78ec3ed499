// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/comparesets.h"
#include "base/result.h"
#include "store/workspace.h"

#include <QJsonObject>
#include <QString>

namespace tailscope::app {

class Arguments;

/// Limits of the gate from --max-p95-ratio, --max-p99-ratio, --max-error-points, --max-error-ratio; an error
/// of kind Usage names the option.
Result<analysis::CompareLimits> gateLimits(const Arguments &options);

/// All spans of both workspaces by operation: the baseline is the first set.
Result<analysis::SetComparison> compareWorkspaces(const store::Workspace &baseline,
    const store::Workspace &workspace, const analysis::CompareLimits &limits);

/// One line an operation, then the verdict of the gate.
QString gateText(const analysis::SetComparison &comparison);
/// The same for machines; stable.
QJsonObject gateJson(const analysis::SetComparison &comparison);
/// JUnit cases, one an operation; what cannot be decided is skipped.
struct JUnitCases
{
    QString xml;
    int cases = 0, failures = 0, skipped = 0;
};
JUnitCases gateJunit(const analysis::SetComparison &comparison);

} // namespace tailscope::app
