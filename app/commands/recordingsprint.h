// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/recordingsquery.h"

#include <QJsonObject>
#include <QStringList>

#include <limits>

class QTextStream;

namespace tailscope::app {

/// What of a comparison is printed: all of these in their order unless some are named.
inline const QStringList kComparedParts{QStringLiteral("headline"), QStringLiteral("statements"),
    QStringLiteral("waits"), QStringLiteral("tables"), QStringLiteral("settings")};

struct ComparisonPrint
{
    QString firstName, secondName; ///< of the sides
    QStringList parts = kComparedParts;
    std::size_t limit = std::numeric_limits<std::size_t>::max(); ///< rows of each part
};

/// A table of both sides: name, before, after. By what changed most.
struct ComparedTable
{
    const std::string *name = nullptr;
    const std::optional<items::TableItem> *before = nullptr, *after = nullptr;
    items::TableRates first, second;
    double change = 0; ///< rows read by sequential scans and written, by second
};
std::vector<ComparedTable> sortedTables(const items::RecordingComparison &comparison);

/// "slower", "less often", "only in B", "not comparable"; "not known" where nothing could be tested.
QString meanWord(const analysis::StatementChange &change);
QString rateWord(const analysis::StatementChange &change);

void printText(QTextStream &out, const items::RecordingComparison &comparison, const ComparisonPrint &order);
QJsonObject toJson(const items::RecordingComparison &comparison, const ComparisonPrint &order);

} // namespace tailscope::app
