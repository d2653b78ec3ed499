// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/bulkwriter.h"
#include "store/database.h"
#include "store/workspace.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <QTest>

/// QVERIFY for a Result, with its message.
#define TS_VERIFY_OK(expr)                                                                                   \
    do {                                                                                                     \
        const auto &tsVerified = (expr);                                                                     \
        QVERIFY2(tsVerified.has_value(), tsVerified.has_value() ? "" : tsVerified.error().toText().c_str()); \
    } while (false)

namespace QTest {

template<>
inline char *toString(const std::string &text)
{
    return qstrdup(text.c_str());
}

} // namespace QTest

namespace storetest {

using namespace tailscope;
using namespace tailscope::store;

/// All rows of a query as texts: columns with "|" between, rows with "\n". An error as "ERROR: ...".
inline std::string rowsOf(Database &database, std::string_view sql)
{
    auto statement = database.prepare(sql);
    if (!statement)
        return "ERROR: " + statement.error().toText();
    std::string out;
    for (;;) {
        const auto row = statement->step();
        if (!row)
            return "ERROR: " + row.error().toText();
        if (!*row)
            return out;
        if (!out.empty())
            out += '\n';
        for (int column = 0; column < statement->columnCount(); ++column) {
            if (column > 0)
                out += '|';
            out += statement->isNull(column) ? std::string("NULL") : std::string(statement->text(column));
        }
    }
}

inline std::string rowsOf(const Workspace &workspace, std::string_view sql)
{
    auto database = workspace.connectReader();
    return database ? rowsOf(*database, sql) : "ERROR: " + database.error().toText();
}

inline Attribute textAttribute(std::string_view key, std::string_view value)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = value;
    return attribute;
}

inline Attribute integerAttribute(std::string_view key, std::int64_t value)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Integer;
    attribute.integer = value;
    return attribute;
}

inline PlanRow planRow(std::string_view query)
{
    PlanRow row;
    row.engine = "postgresql";
    row.queryText = query;
    row.format = "json";
    row.planningMs = 0.5;
    row.executionMs = std::numeric_limits<double>::quiet_NaN();
    row.durationMs = std::numeric_limits<double>::quiet_NaN();
    row.totalCost = 42.25;
    return row;
}

/// A deterministic stream of every kind of row, `steps` steps of about ten rows. `stop` is asked before each
/// step.
void writeMixed(RowSink &sink, int steps, const std::function<bool(int)> &stop = {});

/// Everything that the public views show of a source's rows, without ids that differ between workspaces.
std::string contentOf(const Workspace &workspace);

} // namespace storetest
