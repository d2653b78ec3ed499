// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/celltable.h"
#include "items/indexquery.h"
#include "items/settingquery.h"
#include "items/tablequery.h"
#include "items/vacuumquery.h"

#include <QPair>
#include <QString>

/// Tables, indexes, vacuum and settings as cells and as words. Row ids are places in the lists.
namespace tailscope::items {

/// How the counters of objects are shown.
struct ObjectTexts
{
    Nanos moment = 0; ///< ages are of this time; the largest = of now
    bool sinceReset = false; ///< totals instead of rates in the range
    bool severalServers = false; ///< names carry their server
};
/// A text to run elsewhere, offered to be copied: its name and itself.
using CopyText = QPair<QString, QString>;

QVector<CellTable::Column> tableColumns();
QVector<TableRow> tableRows(const TableList &list, const ObjectTexts &texts);
QString tableDetails(const TableList &list, const TableItem &item, const ObjectTexts &texts);
QVector<CopyText> tableCopies(const TableItem &item);

QVector<CellTable::Column> indexColumns();
QVector<TableRow> indexRows(const IndexList &list, const ObjectTexts &texts);
QString indexDetails(const IndexList &list, const IndexItem &item, const ObjectTexts &texts);
QVector<CopyText> indexCopies(const IndexItem &item);

QVector<CellTable::Column> progressColumns();
QVector<TableRow> progressRows(const VacuumState &state, const ObjectTexts &texts);
QVector<CellTable::Column> holderColumns();
QVector<TableRow> holderRows(const VacuumState &state, const ObjectTexts &texts);
QVector<CopyText> holderCopies(const HolderItem &item);
QVector<CellTable::Column> ageColumns();
QVector<TableRow> ageRows(const VacuumState &state, const ObjectTexts &texts);

QVector<CellTable::Column> settingColumns();
QVector<TableRow> settingRows(const SettingList &list, const ObjectTexts &texts);
QString settingDetails(const SettingItem &item);

} // namespace tailscope::items
