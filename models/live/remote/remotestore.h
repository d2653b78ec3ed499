// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/connection.h"
#include "live/remote/remoteresults.h"

#include <chrono>
#include <memory>
#include <mutex>

namespace tailscope::live {

/// A query that was run: for "Show SQL" and the list of queries with their times.
struct QueryRun
{
    std::string what, sql; ///< sql: with constants in place
    double ms = 0; ///< from sending to the complete answer
    std::size_t rows = 0, bytes = 0; ///< of the answer
};

/// What there is to map: tables, views and foreign tables that the role may read.
struct RemoteTableName
{
    std::string schema, table, kind; ///< kind: as information_schema calls it
};

struct RemoteOptions
{
    std::chrono::milliseconds timeout{60'000}; ///< of one query, kept by the server
};

/// A table of spans in another database that is asked by pushed-down SQL: aggregates come back, rows only of
/// what is shown. Read only, one query in flight (a mutex), any thread; each call may be cancelled, which
/// closes the connection (the next call opens another). Nothing is half told: an answer is whole or an Error.
class RemoteStore
{
public:
    /// Rows that an answer may have; past it the question is refused with what to narrow.
    static constexpr std::size_t kMaxRows = 400'000, kMaxGroups = 200'000, kMaxValues = 5'000;
    static constexpr std::size_t kGroupsWithPercentiles = 50;

    /// Connects, reads the types of the columns and checks the mapping against them.
    static Result<std::shared_ptr<RemoteStore>> open(const Target &target, const RemoteMapping &mapping,
        const RemoteOptions &options, const Progress &progress);
    /// For the dialog: what could be mapped, at most 1,000.
    static Result<std::vector<RemoteTableName>> tables(const Target &target, const Progress &progress);
    /// A mapping guessed from the columns of a table.
    static Result<RemoteMapping> guess(const Target &target, const std::string &schema,
        const std::string &table, const Progress &progress);

    const RemoteTable &table() const { return m_table; }
    const Target &target() const { return m_target; }
    const ServerFacts &facts() const { return m_facts; } ///< engine, version; the rest may be empty
    std::vector<QueryRun> takeRuns(); ///< since the last call, oldest first

    /// From the oldest to the newest start, the end one past it; an empty range when there is no span. By an
    /// index on the start; where that takes too long by reading all rows.
    Result<TimeRange> extent(const Progress &progress);
    /// The hour that ends with the newest span; an empty range when there is none. Looks for that one only.
    Result<TimeRange> lastHour(const Progress &progress);
    Result<RemoteHistogram> histogram(const RemoteSelection &selection, const Progress &progress);
    /// The exact value of a percentile of that histogram: counts inside its bucket, finer until they are
    /// values.
    Result<Nanos> exact(const RemoteSelection &selection, const RemoteHistogram &histogram,
        const RemotePercentile &percentile, const Progress &progress);
    /// With percentile bounds of the first kGroupsWithPercentiles.
    Result<RemoteGroups> groups(const RemoteSelection &selection, const RemoteKey &key, std::size_t most,
        const Progress &progress);
    /// Slow: a duration of slowFrom or more. No keys: service, operation, status and the attributes found.
    Result<RemoteCohort> cohort(const RemoteSelection &selection, Nanos slowFrom, std::vector<RemoteKey> keys,
        const Progress &progress);
    Result<RemoteHeat> heat(const RemoteSelection &selection, int bins, const Progress &progress);
    Result<std::vector<RemoteTrace>> slowest(const RemoteSelection &selection, std::size_t most,
        const Progress &progress);
    /// Traces of a sample that is the same every time.
    Result<std::vector<std::string>> sample(const RemoteSelection &selection, std::size_t most,
        const Progress &progress);
    /// Attribute columns and the keys seen in 1,000 spans.
    Result<std::vector<RemoteKey>> keys(const RemoteSelection &selection, const Progress &progress);
    /// Rows of the spans of these traces; LimitExceeded past `limit`.
    Result<ResultSet> spans(const std::vector<std::string> &traces, const std::optional<TimeRange> &range,
        std::size_t limit, const Progress &progress);
    Result<PushdownPlan> explain(const PushdownQuery &query, const Progress &progress);
    /// Of the histogram of this selection.
    Result<PushdownPlan> explainHistogram(const RemoteSelection &selection, const Progress &progress);

private:
    RemoteStore(Target target, RemoteOptions options)
        : m_target(std::move(target))
        , m_options(options)
    {}
    Result<void> connect(const Progress &progress);
    Result<void> describe(const RemoteMapping &mapping, const Progress &progress);
    Result<std::optional<Nanos>> edge(bool isNewest, const Progress &progress);
    Result<TimeRange> extentOfAllRows(const Progress &progress);
    Result<ResultSet> ask(const std::string &what, const PushdownQuery &query, const Progress &progress);

    Target m_target;
    RemoteOptions m_options;
    RemoteTable m_table;
    ServerFacts m_facts;
    std::timed_mutex m_mutex; ///< of the connection: held as long as a query runs
    std::optional<Connection> m_connection;
    std::mutex m_runsMutex; ///< of m_runs: takeRuns() never waits for a query
    std::vector<QueryRun> m_runs;
};

} // namespace tailscope::live
