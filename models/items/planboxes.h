// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/planfacts.h"

#include <QString>
#include <QVector>

namespace tailscope::items {

/// What colours the boxes of a plan.
enum class PlanColouring { SelfTime, Estimate, Buffers, Removed };

/// Something worth a word on a node's box.
struct PlanBadge
{
    QString text;
    int level = 0; ///< as PlanColumns::LevelRole
};

/// The lines of a node's box.
struct PlanBox
{
    QString title, object, time, share, rows;
    QVector<PlanBadge> badges;
};

PlanBox planBox(const analysis::PlanFacts &facts, int node);

/// Where each node stands on the scale of a colouring: 0..1, for Estimate -1 (1,000 times fewer rows) to 1
/// (1,000 times more). NaN = the plan does not say.
std::vector<double> planColourValues(const analysis::PlanFacts &facts, PlanColouring colouring);
/// What 0, the middle and 1 mean, for a legend.
QStringList planColourScale(const analysis::PlanFacts &facts, PlanColouring colouring);
/// Width of the line above a node by its rows: 1 without rows, growing with their logarithm.
double planEdgeWidth(const analysis::PlanFactsNode &node);

} // namespace tailscope::items
