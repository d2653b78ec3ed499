// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgstatstatements/statementrows.h"

#include "base/text.h"

#include <cmath>
#include <vector>

namespace tailscope::import {

namespace {

using Column = StatementColumn;

/// What a role may not see, in the words of the server.
bool isHidden(std::string_view query)
{
    return query == "<insufficient privilege>" || query == "<unknown query>";
}

} // namespace

std::string_view StatementRows::problemOf(const StatementRow &row)
{
    const std::optional<std::int64_t> calls = parseInt64(trimmed(row.at(Column::Calls).text));
    const std::optional<double> total = parseDouble(trimmed(row.at(Column::TotalMs).text));
    if (!calls || *calls < 0 || !total || *total < 0)
        return "calls or total time are missing or no number";
    if (row.at(Column::Query).isNull && row.at(Column::QueryId).isNull)
        return "the row has neither a query nor its id";
    return {};
}

void StatementRows::write(const StatementRow &row, Nanos time, RecordRef server, std::uint64_t offset,
    std::optional<std::int64_t> epoch)
{
    std::vector<RecordField> fields;
    std::string db, user;
    const auto named = [&](const char *column, Column name, Column id, std::string &kept) {
        const StatementValue &value = row.at(row.at(name).isNull ? id : name);
        if (value.isNull)
            return;
        kept = sanitizedUtf8(value.text);
        fields.push_back({column, std::string_view(kept)});
    };
    const auto number = [&](const char *column, Column what, bool isInteger) {
        const StatementValue &value = row.at(what);
        if (value.isNull)
            return;
        const std::string_view text = trimmed(value.text);
        const std::optional<double> real = parseDouble(text);
        if (!real || *real < 0) {
            m_report.note(IssueSeverity::Notice, "bad-number", offset,
                "a figure is no number of zero or more: it was left unknown");
            return;
        }
        if (!isInteger)
            fields.push_back({column, *real});
        else if (const auto integer = parseInt64(text))
            fields.push_back({column, *integer});
        else if (*real < 9e18) // numeric, as 12345.0
            fields.push_back({column, static_cast<std::int64_t>(std::llround(*real))});
    };
    const StatementValue &query = row.at(Column::Query);
    if (!query.isNull && isHidden(query.text))
        m_report.note(IssueSeverity::Notice, "hidden-query", offset,
            "the role that saved the rows may not see the texts of others: grant it pg_read_all_stats");
    else if (!query.isNull) {
        m_query = sanitizedUtf8(query.text);
        fields.push_back({"statement_id", std::string_view(m_query)});
    }
    named("db", Column::Db, Column::DbId, db);
    named("user", Column::User, Column::UserId, user);
    if (time != kUnknownNanos)
        fields.push_back({"ts_ns", time});
    number("calls", Column::Calls, true);
    number("total_ms", Column::TotalMs, false);
    number("mean_ms", Column::MeanMs, false);
    number("stddev_ms", Column::StddevMs, false);
    number("min_ms", Column::MinMs, false);
    number("max_ms", Column::MaxMs, false);
    number("rows", Column::Rows, true);
    number("shared_hit", Column::SharedHit, true);
    number("shared_read", Column::SharedRead, true);
    number("temp_written", Column::TempWritten, true);
    number("plans", Column::Plans, true);
    number("wal_bytes", Column::WalBytes, true);
    m_extra = row.extraJson();
    if (!m_extra.empty())
        fields.push_back({"extra", std::string_view(m_extra)});
    if (epoch)
        fields.push_back({"epoch", *epoch});
    m_sink.record({RecordTable::StatementSample, server, {}, {}, {}, fields});
}

} // namespace tailscope::import
