// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/budgetreport.h"
#include "items/celltable.h"

#include <QString>

#include <vector>

namespace tailscope::items {

/// Words and cells of the view Budgets.
QVector<CellTable::Column> budgetColumns();
TableRow budgetCells(const analysis::BudgetReport &report, int row);

QString msText(std::optional<double> ms); ///< "-" when unknown
QString nsText(Nanos ns);
/// "P95" for "0.95".
QString percentileName(const std::string &decimal);
QString stateText(analysis::BudgetState state);
/// What is wrong with a limit; empty when nothing is.
QString timeoutText(const analysis::BudgetRow &row, double targetMs);
/// "1,200 spans: SELECT customer_ledger (1,200), ..."
QString matchText(const analysis::SpanColumns &columns, const std::vector<std::int64_t> &counts,
    std::int64_t total);

} // namespace tailscope::items
