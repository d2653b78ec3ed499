// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importreport.h"
#include "import/metrics/metriccatalog.h"
#include "store/rowsink.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tailscope::import {

/// Puts single values of one pool, replica, queue... at one time together to one row of its table. Values may
/// come time by time (scrapes) or series by series (query results): rows stay open until kMaxOpen of them
/// are, then the older half is written; a value that comes after that makes a row of its own and is counted.
/// Values of one thing whose times differ by at most kSameTime are of one time, as exporters read their
/// instruments one after the other. Rows come out in the order in which they were begun.
class SampleRows
{
public:
    static constexpr std::size_t kMaxOpen = 262'144;
    static constexpr std::size_t kMaxTargets = 131'072;
    static constexpr std::size_t kMaxGroup = 1'024; ///< members that share values of their group
    static constexpr Nanos kSameTime = 25 * kNanosPerMilli;

    SampleRows(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}

    /// What a row is about.
    struct Target
    {
        MetricRowKind row = MetricRowKind::None;
        std::string kind; ///< of a pool
        std::string subject, instance;
        std::string partition, consumerGroup; ///< of a queue
        std::string group; ///< ties rows together
        MetricMeaning::Share share = MetricMeaning::Share::No; ///< not a row but values of its whole group
        std::string client, state; ///< of a replica
        friend bool operator==(const Target &, const Target &) = default;
    };
    static constexpr std::uint32_t kNone = 0;
    /// The number of a target; kNone past kMaxTargets (counted).
    std::uint32_t target(const Target &target, std::uint64_t offset);

    /// A value of a column. Columns that no table has: "total" (members of a pool), "behind_bytes" (from the
    /// primary's position to the replayed one), "is_primary", "is_replica", "replayed_at_s" and
    /// "message_at_s" (times since 1970) become columns when the row is written. `column` must live as long
    /// as this object.
    void part(std::uint32_t target, Nanos tsNs, std::string_view column, double value, std::uint64_t offset);
    /// JSON for the column "extra".
    void extra(std::uint32_t target, Nanos tsNs, std::string json, std::uint64_t offset);
    /// Of the table "setting" (of a server) or "config": written when the value is new.
    void setting(std::uint32_t target, std::string_view name, double value, std::string_view unit,
        Nanos tsNs);
    void finish();

    /// Counters among the columns: values of series that hold differences are summed up for them.
    static bool isCounter(std::string_view column);

private:
    struct Row
    {
        std::uint32_t target = 0;
        Nanos tsNs = 0;
        bool hidden = false; ///< values of a group that went to its rows
        std::vector<std::pair<std::uint8_t, double>> parts; ///< number of the column
        std::string extra;
    };
    struct Known
    {
        Target target;
        RecordRef server = RecordRef::None;
        std::map<Nanos, std::uint64_t> open; ///< time -> number of the row
        Nanos flushedTo = kUnknownNanos;
    };

    Row &rowAt(std::uint32_t target, Nanos tsNs, int column, std::uint64_t offset);
    Row *openRow(std::uint32_t target, Nanos tsNs);
    std::uint8_t columnNumber(std::string_view column);
    const double *valueOf(const Row &row, std::string_view column) const;
    void setValue(Row &row, std::string_view column, double value);
    void write(std::size_t count);
    void share(Row &row);
    void spreadLeader(const Row &row);
    void writeRow(const Row &row);
    bool derivePool(Row &row);
    bool deriveReplica(Row &row);
    RecordRef serverOf(const Target &target);

    RowSink &m_sink;
    ImportReport &m_report;
    std::deque<Known> m_targets; ///< of number + 1
    std::unordered_map<std::string, std::uint32_t> m_numbers;
    std::unordered_map<std::string, std::vector<std::uint32_t>> m_groups;
    std::vector<std::string> m_columns;
    std::deque<Row> m_rows;
    std::uint64_t m_firstRow = 0; ///< number of m_rows.front()
    std::map<std::string, RecordRef> m_servers;
    std::unordered_map<std::string, double> m_settings;
};

} // namespace tailscope::import
