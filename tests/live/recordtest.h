// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "live/sample.h"
#include "store/workspace.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <QTest>

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

namespace recordtest {

using namespace tailscope;
using namespace tailscope::live;

using Row = std::vector<std::optional<std::string>>;

inline ResultSet set(std::vector<std::string> columns, const std::vector<Row> &rows)
{
    ResultSet out;
    out.columns = std::move(columns);
    for (const Row &row : rows) {
        for (const auto &cell : row)
            out.add(cell ? std::optional<std::string_view>(*cell) : std::nullopt);
    }
    return out;
}

/// All rows as texts: columns with "|" between, rows with " ; ". An error as "ERROR: ...".
inline std::string query(const store::Workspace &workspace, std::string_view sql)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return "ERROR: " + reader.error().toText();
    Result<store::Statement> statement = reader->prepare(sql);
    if (!statement)
        return "ERROR: " + statement.error().toText();
    std::string out;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row)
            return "ERROR: " + row.error().toText();
        if (!*row)
            return out;
        out += out.empty() ? "" : " ; ";
        for (int i = 0; i < statement->columnCount(); ++i)
            out += (i == 0 ? "" : "|") + (statement->isNull(i) ? "NULL" : std::string(statement->text(i)));
    }
}

inline std::shared_ptr<const ServerFacts> facts(Nanos clockDifference = 0)
{
    auto made = std::make_shared<ServerFacts>();
    made->engine = Engine::PostgreSql;
    made->host = "db1";
    made->port = 5432;
    made->dbname = "shop";
    made->user = "monitor";
    made->versionText = "15.18";
    made->versionNum = 150018;
    made->inRecovery = false;
    made->systemIdentifier = "7000";
    made->timeline = 1;
    made->clockDifferenceNs = clockDifference;
    made->hidden = {"texts of others: needs pg_monitor"};
    return made;
}

inline std::shared_ptr<store::Workspace> temporaryWorkspace()
{
    auto made = store::Workspace::temporary();
    return made ? std::shared_ptr<store::Workspace>(std::move(*made)) : nullptr;
}

} // namespace recordtest
