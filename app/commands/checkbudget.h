// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/budgetreport.h"
#include "app/commands/checkbaseline.h"
#include "base/result.h"
#include "store/workspace.h"

#include <QJsonObject>
#include <QString>

namespace tailscope::app {

/// A budget against a workspace, and what its gate says.
struct BudgetCheck
{
    analysis::BudgetReport report;
    analysis::BudgetGate gate;
};
/// nameOrPath: a budget file, or the id of a preset ("api-200ms").
Result<BudgetCheck> checkBudget(const store::Workspace &workspace, const QString &nameOrPath);

/// A table: what, samples, percentiles, budget, time-out, verdict; then sums, floor and the gate.
QString budgetText(const BudgetCheck &check);
/// The same for machines; stable.
QJsonObject budgetJson(const BudgetCheck &check);
/// JUnit cases, one a line of the table; what could not be decided or was not asked for is skipped.
JUnitCases budgetJunit(const BudgetCheck &check);
/// What could not be decided, in one line.
QString undecidedText(const BudgetCheck &check);

} // namespace tailscope::app
