// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/statementmapper.h"

#include "base/text.h"

#include <algorithm>
#include <limits>
#include <unordered_set>
#include <utility>

namespace tailscope::live {

namespace {

using Column = import::StatementColumn;

/// Entries that are remembered though they were thrown out.
constexpr std::size_t kMaxEntries = 200'000;
/// So many of the entries that were there before must have fallen for a reset of all.
constexpr double kShareOfReset = 0.5;

} // namespace

StatementMapper::StatementMapper(RowSink &sink, import::ImportReport &report, const Probe &probe)
    : m_report(report)
    , m_time(import::ReadOptions{})
    , m_rows(sink, report)
    , m_filter(probe)
{}

void StatementMapper::readColumns(const ResultSet &rows)
{
    if (m_names == rows.columns)
        return;
    m_names = rows.columns;
    m_columns.clear();
    for (const std::string &name : m_names)
        m_columns.push_back(import::statementColumn(name));
    m_ts = rows.column("ts");
    m_id = rows.column("queryid");
    m_query = rows.column("query");
    m_total = rows.column("total_exec_time");
    if (m_total < 0)
        m_total = rows.column("total_time"); // until 12
    m_calls = rows.column("calls");
    m_since = rows.column("stats_since");
}

/// Of entries that the server has thrown out. Those that are there are not told again: rows without their
/// text would name no statement from then on.
void StatementMapper::forgetTexts(const ResultSet &rows)
{
    std::unordered_set<std::string_view> present;
    for (std::size_t row = 0; row < rows.rows(); ++row)
        present.insert(cell(rows, row, m_id).value_or(""));
    std::erase_if(m_texts, [&](const auto &entry) {
        const bool isGone = !present.contains(entry.first);
        if (isGone)
            m_textBytes -= entry.first.size() + entry.second.size() + 64;
        return isGone;
    });
}

void StatementMapper::rememberText(std::string_view id, std::string_view text)
{
    if (m_textBytes > kMaxTextBytes)
        return;
    const auto [place, isNew] = m_texts.try_emplace(std::string(id), text);
    if (isNew)
        m_textBytes += id.size() + text.size() + 64;
}

/// The life of the entry whose counters these are.
std::int64_t StatementMapper::epochOf(const ResultSet &rows, std::size_t row, std::size_t &fell,
    std::size_t &stayed)
{
    const std::int64_t calls = parseInt64(cell(rows, row, m_calls).value_or("")).value_or(0);
    const double total = parseDouble(cell(rows, row, m_total).value_or("")).value_or(0);
    const std::string_view since = cell(rows, row, m_since).value_or("");
    if (m_entries.size() > kMaxEntries)
        std::erase_if(m_entries, [this](const auto &one) { return one.second.round + 1 < m_round; });
    Entry &entry = m_entries[m_filter.keyOf(rows, row)];
    const bool isKnown = entry.round != 0;
    const bool hasFallen = isKnown && (calls < entry.calls || total < entry.totalMs * (1 - 1e-9));
    const bool wasAway = isKnown && entry.round + 1 < m_round;
    const bool isOther = isKnown && !since.empty() && !entry.since.empty() && since != entry.since;
    if (isKnown && !wasAway)
        ++stayed;
    if (hasFallen && !wasAway)
        ++fell;
    // Where the server says since when it counts, having been away means nothing by itself.
    if (hasFallen || isOther || (wasAway && since.empty()))
        ++entry.epoch;
    entry.calls = calls;
    entry.totalMs = total;
    entry.since = since;
    entry.round = m_round;
    return entry.epoch;
}

void StatementMapper::take(const ResultSet &rows, Nanos ourNs, RecordRef server)
{
    readColumns(rows);
    if (rows.rows() == 0)
        return;
    ++m_round;
    std::optional<Nanos> ts;
    if (const auto text = cell(rows, 0, m_ts)) {
        if (const auto parsed = m_time.parse(*text, 0, m_report))
            ts = parsed->ns;
    }
    const Nanos time = ts.value_or(ourNs);
    std::size_t fell = 0, stayed = 0;
    if (m_textBytes > kMaxTextBytes)
        forgetTexts(rows);
    std::vector<std::int64_t> epochs(rows.rows());
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto id = cell(rows, row, m_id), text = cell(rows, row, m_query);
        if (id && text)
            rememberText(*id, *text);
        epochs[row] = epochOf(rows, row, fell, stayed);
    }
    // Of those that came again: after a reset most have not been called yet.
    m_sawReset = m_sawReset || (fell > 0 && double(fell) >= kShareOfReset * double(stayed));
    for (const std::size_t row : m_filter.take(rows, ourNs)) {
        const auto id = cell(rows, row, m_id);
        const auto text = id ? m_texts.find(std::string(*id)) : m_texts.end();
        if (text != m_texts.end() || !id || m_waiting.size() >= kMaxWaiting) {
            write(rows, row, time, server, epochs[row],
                text != m_texts.end() ? std::optional<std::string_view>(text->second)
                                      : cell(rows, row, m_query));
            continue;
        }
        Waiting waiting{{}, ourNs, time, server, epochs[row]};
        waiting.row.columns = rows.columns;
        for (std::size_t column = 0; column < rows.columns.size(); ++column)
            waiting.row.add(rows.cell(row, column));
        m_waiting.push_back(std::move(waiting));
    }
    if (!m_waiting.empty())
        writeWaiting(ourNs);
}

void StatementMapper::writeWaiting(Nanos now)
{
    std::erase_if(m_waiting, [&](const Waiting &waiting) {
        const auto id = cell(waiting.row, 0, waiting.row.column("queryid"));
        const auto text = id ? m_texts.find(std::string(*id)) : m_texts.end();
        const bool isLate = now - waiting.ourNs >= kLongestWait;
        if (text == m_texts.end() && !isLate)
            return false;
        readColumns(waiting.row);
        write(waiting.row, 0, waiting.tsNs, waiting.server, waiting.epoch,
            text == m_texts.end() ? std::nullopt : std::optional<std::string_view>(text->second));
        return true;
    });
}

void StatementMapper::write(const ResultSet &rows, std::size_t row, Nanos ts, RecordRef server,
    std::int64_t epoch, std::optional<std::string_view> text)
{
    // What watching costs is told by tailscope.probe.duration; among the application's statements it
    // misleads.
    if (text && text->find(kOwnMark) != std::string_view::npos)
        return;
    m_row.clear();
    for (std::size_t column = 0; column < m_columns.size(); ++column) {
        const std::string &name = m_names[column];
        if (name == "catalog_view" || m_columns[column] == Column::Query)
            continue;
        const auto value = rows.cell(row, column);
        m_row.add(m_columns[column], name, {value.value_or(""), !value, false});
    }
    if (text)
        m_row.add(Column::Query, "query", {*text, false, true});
    if (const std::string_view problem = import::StatementRows::problemOf(m_row); !problem.empty())
        return m_report.skip("bad-row", 0, 0, problem, cell(rows, row, m_id).value_or(""));
    m_rows.write(m_row, ts, server, 0, epoch);
    m_report.rowRead();
}

void StatementMapper::finish() { writeWaiting(std::numeric_limits<Nanos>::max()); }

} // namespace tailscope::live
