// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/timetext.h"
#include "import/csvseries/csvrecords.h"
#include "import/importer.h"
#include "import/pgstatstatements/statementrows.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tailscope::import {

/// The header of a delimited file of statement rows.
struct StatementHeader
{
    char delimiter = ',';
    std::vector<std::string> names;
    std::vector<StatementColumn> columns;
    /// nullopt unless the line names the columns of pg_stat_statements.
    static std::optional<StatementHeader> parse(std::string_view line);
};

/// Reads rows of pg_stat_statements: CSV with a header, a JSON array, or an object a line; told by the first
/// byte. Limits: 1 MiB a line, 64 KiB a record of several lines, 1 MiB a JSON object.
class StatementReader final : public Reader
{
public:
    static constexpr std::size_t kMaxServers = 1000; ///< servers told apart by their name
    static constexpr std::size_t kMaxRecord = 1024 * 1024;

    explicit StatementReader(const ReadOptions &options);
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    /// Where a row came from, for the report.
    struct Place
    {
        std::uint64_t offset = 0, length = 0;
        std::string_view raw;
    };
    Result<void> readCsv(ByteSource &source, RowSink &sink, ImportReport &report);
    Result<void> readJson(ByteSource &source, RowSink &sink, ImportReport &report);
    void takeRow(const Place &place, RowSink &sink, ImportReport &report);
    RecordRef serverOf(RowSink &sink);
    void setSource(RowSink &sink, const std::string &timezone) const;

    TimeText m_time;
    StatementRow m_row;
    std::optional<StatementRows> m_rows;
    std::map<std::string, RecordRef, std::less<>> m_servers;
    bool m_hasTimes = false;
};

} // namespace tailscope::import
