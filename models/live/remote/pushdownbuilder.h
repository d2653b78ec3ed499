// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/remote/pushdownsql.h"

namespace tailscope::live {

/// Type of a column as SQL names it; the schema is told where it is not PostgreSQL's own.
std::string typeSql(const RemoteColumn *column);
bool isWholeType(const RemoteColumn *column);

/// Collects the parameters of one query while PushdownSql writes its text.
class PushdownBuilder
{
public:
    PushdownBuilder(const RemoteTable &table, const PushdownSql &sql)
        : m_table(table)
        , m_sql(sql)
    {}

    /// "$3::type", the value is remembered.
    std::string bound(std::string value, const std::string &type);
    /// A moment as the start column tells it; times of servers are whole microseconds: the first not before
    /// it.
    std::string moment(Nanos ns);
    std::string range(const TimeRange &range);
    /// low <= duration < high, by the column itself where it is a whole number, so that an index on it
    /// serves.
    std::string durations(Nanos low, Nanos high);
    std::string errors();
    /// The conditions of a selection, the range first.
    Result<std::string> where(const RemoteSelection &selection);
    Result<std::string> key(const RemoteKey &key);
    /// SELECT of the shard key and `columns`, grouped by it and the first `groups` of them.
    std::string grouped(const std::vector<std::string> &columns, std::size_t groups, const std::string &where,
        std::size_t limit) const;
    PushdownQuery take(std::string text);

private:
    const RemoteMapping &mapping() const { return m_table.mapping; }
    Result<std::string> textTerm(const analysis::FilterTerm &term, const std::string &column, bool opposite);
    std::string durationTerm(const analysis::FilterTerm &term, bool opposite);
    Result<std::string> term(const analysis::FilterTerm &term);
    Result<std::string> attribute(const std::string &key, const std::string &value);

    const RemoteTable &m_table;
    const PushdownSql &m_sql;
    PushdownQuery m_query;
};

} // namespace tailscope::live
