// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/text.h"
#include "import/pgcatalog/catalogrows.h"
#include "live/probe.h"
#include "support/importhelpers.h"

#include <string>
#include <vector>

/// What the tests of the probes share.
namespace tailscope::testing {

/// A server of PostgreSQL of a version, 10 to 18, with every extension and right.
inline live::ServerFacts factsOf(int version, bool standby = false)
{
    live::ServerFacts facts;
    facts.engine = live::Engine::PostgreSql;
    facts.versionNum = version * 10000 + 1;
    const char *const statements = version >= 18 ? "1.12"
        : version >= 17                          ? "1.11"
        : version >= 15                          ? "1.10"
        : version == 14                          ? "1.9"
        : version == 13                          ? "1.8"
                                                 : "1.7";
    facts.extensions = {{"pg_stat_statements", statements}, {"pg_wait_sampling", "1.1"}};
    facts.extensionSchemas = {{"pg_stat_statements", "public"}, {"pg_wait_sampling", "Mon\"itor"}};
    facts.inRecovery = standby;
    facts.hasMonitor = true;
    return facts;
}

/// What a query's rows are called: the list of its outermost SELECT.
inline std::vector<std::string> outputColumns(const std::string &sql)
{
    const std::size_t mark = sql.find("*/");
    std::vector<std::string> names;
    std::string item;
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = mark + 2; mark != std::string::npos && i < sql.size(); ++i) {
        const std::string_view rest = std::string_view(sql).substr(i);
        quoted = sql[i] == '\'' ? !quoted : quoted;
        if (!quoted)
            depth += sql[i] == '(' ? 1 : sql[i] == ')' ? -1 : 0;
        const bool ends = !quoted && depth == 0 && rest.starts_with(" FROM ");
        if (ends || (!quoted && depth == 0 && sql[i] == ',')) {
            const std::size_t as = item.rfind(" AS ");
            std::string name = as != std::string::npos ? item.substr(as + 4) : item;
            if (as == std::string::npos && name.find('(') != std::string::npos)
                name = name.substr(0, name.find('('));
            name = name.substr(name.rfind('.') == std::string::npos ? 0 : name.rfind('.') + 1);
            names.emplace_back(trimmed(name));
            item.clear();
            if (ends)
                break;
        } else {
            item += sql[i];
        }
    }
    if (!trimmed(item).empty()) { // no FROM at all
        const std::size_t as = item.rfind(" AS ");
        names.emplace_back(trimmed(as == std::string::npos ? item : item.substr(as + 4)));
    }
    return names;
}

/// One result set through the catalog mapper; "\\N" is NULL.
inline ReadOutcome mapped(const std::vector<std::string> &names,
    const std::vector<std::vector<std::string>> &rows)
{
    ReadOutcome out;
    import::TimeText time{import::ReadOptions {}};
    import::CatalogRows mapper(out.sink, out.report, time);
    const import::CatalogShape shape(names);
    mapper.header(&shape, 0);
    for (const std::vector<std::string> &row : rows) {
        std::vector<import::CatalogCell> cells;
        for (const std::string &value : row)
            cells.push_back(
                {value == "\\N" ? import::CatalogCell::Type::Null : import::CatalogCell::Type::Text,
                    value == "\\N" ? std::string_view() : std::string_view(value)});
        mapper.take(shape, {cells, 0, 0, {}});
    }
    mapper.finish();
    return out;
}

} // namespace tailscope::testing
