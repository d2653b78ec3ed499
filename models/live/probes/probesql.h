// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/serverfacts.h"

#include <initializer_list>
#include <string>
#include <string_view>

/// Pieces of which the probes make their SQL. Any thread.
namespace tailscope::live {

/// A column of a list and the versions (10, 11, ... 18) that have it; last 0 = all later ones.
struct VersionColumn
{
    std::string_view expression; ///< "a.leader_pid", "s.total_time AS total_exec_time"
    int first = 10;
    int last = 0;
};

/// Those that the server has, ", " between.
inline std::string columnList(const ServerFacts &facts, std::initializer_list<VersionColumn> columns)
{
    const int major = facts.versionNum / 10000;
    std::string text;
    for (const VersionColumn &column : columns) {
        if (major < column.first || (column.last != 0 && major > column.last))
            continue;
        text += text.empty() ? "" : ", ";
        text += column.expression;
    }
    return text;
}

inline bool isSince(const ServerFacts &facts, int major) { return facts.versionNum >= major * 10000; }

/// "SELECT" with a mark by which a log or pg_stat_statements tells our queries, and the columns of every row.
/// now() is one for all rows of an answer.
inline std::string selectOf(std::string_view probe, std::string_view view)
{
    return "SELECT /* tailscope:" + std::string(probe) + " */ '" + std::string(view)
        + "' AS catalog_view, now() AS ts, ";
}

/// Object of an extension with its schema, quoted.
inline std::string extensionObject(const ServerFacts &facts, std::string_view extension,
    std::string_view object)
{
    const auto found = facts.extensionSchemas.find(extension);
    std::string text = "\"";
    for (const char c : found == facts.extensionSchemas.end() ? std::string("public") : found->second) {
        if (c == '"')
            text += '"';
        text += c;
    }
    return text + "\"." + std::string(object);
}

/// Sessions that are not ours.
inline constexpr std::string_view kNotOurs = "a.pid <> pg_backend_pid() AND (a.application_name IS NULL OR "
                                             "a.application_name NOT LIKE 'tailscope%')";

/// The size of a relation that is locked cannot be asked for without waiting.
inline constexpr std::string_view kUnlocked
    = "<> ALL (ARRAY(SELECT x.relation FROM pg_locks AS x WHERE x.relation IS NOT NULL"
      " AND x.mode = 'AccessExclusiveLock'))";

/// Objects of users, none of other sessions' temporary ones.
inline constexpr std::string_view kUserSchemas
    = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'";

} // namespace tailscope::live
