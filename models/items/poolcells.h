// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/celltable.h"
#include "items/poolquery.h"

namespace tailscope::session {
class SessionContext;
}

namespace tailscope::items {

/// Columns and rows of the tables of pools. GUI thread.
QVector<CellTable::Column> poolColumns();
QVector<CellTable::Column> factColumns();
QVector<CellTable::Column> fleetColumns();
QVector<CellTable::Column> answerColumns();
QVector<TableRow> poolRows(const std::vector<FigureRow> &pools);
QVector<TableRow> factRows(const FigureRow &pool, const std::vector<const FigureRow *> &ceilings,
    const session::SessionContext &context);
QVector<TableRow> fleetRows(const std::vector<FigureRow> &fleets);
QString poolSentence(const FigureRow &pool, const session::SessionContext &context);

} // namespace tailscope::items
