// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/timetext.h"
#include "import/pgstatstatements/statementrows.h"
#include "live/changefilter.h"
#include "live/resultset.h"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tailscope::live {

/// Answers of pg_stat_statements of one server into statement samples. Texts come with the first answers
/// only: those seen are kept by query id, and rows whose text has not come yet wait for it. Each entry has an
/// epoch that grows when its counters started anew: they fell, its stats_since changed, or it was thrown out
/// and came back. One thread.
class StatementMapper
{
public:
    static constexpr std::size_t kMaxTextBytes = 64u << 20; ///< of the texts that are kept
    static constexpr std::size_t kMaxWaiting = 20'000; ///< rows
    /// Then a row is stored without its statement.
    static constexpr Nanos kLongestWait = 30 * kNanosPerSecond;

    /// In every query of a recording, behind its first word (the server keeps no comment before it), but for
    /// COMMIT and ROLLBACK. Rows of such statements are not stored.
    static constexpr std::string_view kOwnMark = "/* tailscope";

    StatementMapper(RowSink &sink, import::ImportReport &report, const Probe &probe);

    void take(const ResultSet &rows, Nanos ourNs, RecordRef server);
    /// Another connection: everything is stored again, other statistics may stand behind it.
    void forgetAll() { m_filter.forgetAll(); }
    /// What still waits is stored without its statement.
    void finish();
    std::int64_t unchanged() const { return m_filter.unchanged(); }
    /// Most counters fell with one answer: somebody reset the statistics. Asked once.
    bool sawReset() { return std::exchange(m_sawReset, false); }

private:
    struct Entry
    {
        std::int64_t epoch = 0;
        std::int64_t calls = 0;
        double totalMs = 0;
        std::string since;
        std::uint64_t round = 0; ///< it was there last
    };
    struct Waiting
    {
        ResultSet row; ///< one
        Nanos ourNs = 0, tsNs = kUnknownNanos;
        RecordRef server = RecordRef::None;
        std::int64_t epoch = 0;
    };
    void readColumns(const ResultSet &rows);
    void forgetTexts(const ResultSet &rows);
    void rememberText(std::string_view id, std::string_view text);
    std::int64_t epochOf(const ResultSet &rows, std::size_t row, std::size_t &fell, std::size_t &stayed);
    void write(const ResultSet &rows, std::size_t row, Nanos ts, RecordRef server, std::int64_t epoch,
        std::optional<std::string_view> text);
    void writeWaiting(Nanos now);
    std::optional<std::string_view> cell(const ResultSet &rows, std::size_t row, int column) const
    {
        return column < 0 ? std::nullopt : rows.cell(row, static_cast<std::size_t>(column));
    }

    import::ImportReport &m_report;
    import::TimeText m_time;
    import::StatementRows m_rows;
    ChangeFilter m_filter;
    std::vector<std::string> m_names;
    std::vector<import::StatementColumn> m_columns;
    int m_ts = -1, m_id = -1, m_query = -1, m_calls = -1, m_total = -1, m_since = -1;
    std::unordered_map<std::string, std::string> m_texts; ///< by query id
    std::size_t m_textBytes = 0;
    std::unordered_map<std::uint64_t, Entry> m_entries;
    std::vector<Waiting> m_waiting;
    std::uint64_t m_round = 0;
    bool m_sawReset = false;
    import::StatementRow m_row;
};

} // namespace tailscope::live
