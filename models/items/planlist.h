// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "store/workspace.h"

#include <QList>
#include <QString>

#include <optional>
#include <utility>

namespace tailscope::items {

/// One captured plan, as lists of plans show it.
struct PlanEntry
{
    qint64 id = 0, statementId = 0; ///< statementId 0 = unknown
    QString statement; ///< its text in one line; empty = the plan does not say it
    QString file;
    std::optional<qint64> capturedAtNs;
    double timeMs = 0; ///< NaN = not executed
    bool savedGood = false;
    /// "#3 · 5.12 ms · 2026-03-02 12:00:01Z · saved · SELECT ...".
    QString label() const;
};

/// The plans of the visible sources by id, at most 10,000.
Result<QList<PlanEntry>> readPlanEntries(const store::Workspace &workspace);
/// The plan of a node; 0 = there is none.
Result<qint64> planOfNode(const store::Workspace &workspace, qint64 nodeId);

/// The plans of one statement, oldest first: by time when all have one, else as they were imported.
QList<PlanEntry> plansOfStatement(const QList<PlanEntry> &entries, qint64 statementId);

/// What is worth comparing at first (0 = none): the saved plan of the statement of the selected plan with
/// that plan, else the one before the latest with the latest; without a selection those of the statement that
/// takes most time among those with several plans; else the two plans of the workspace.
std::pair<qint64, qint64> plansToCompare(const QList<PlanEntry> &entries, qint64 selectedPlan);

} // namespace tailscope::items
