// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spanfilter.h"
#include "live/remote/remotemapping.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tailscope::live {

/// A mapping with what the server says of its columns: types, by which constants are written. A value.
struct RemoteTable
{
    RemoteMapping mapping;
    std::map<std::string, RemoteColumn, std::less<>> columns; ///< by name
    /// jsonb_path_query_first() is known (PostgreSQL 12): postgres_fdw sends it to the shard, but not ->>.
    bool hasJsonPath = true;

    const RemoteColumn *column(std::string_view name) const;
    /// Every column of the mapping exists and has a type that fits its use.
    Result<void> check() const;
};

/// "column" as an identifier of SQL, whatever it holds.
std::string quotedIdentifier(std::string_view name);
/// A text constant of SQL that reads the same with standard_conforming_strings on and off.
std::string quotedLiteral(std::string_view text);

/// One query with its parameters (texts; each is cast where it stands).
struct PushdownQuery
{
    std::string text;
    std::vector<std::string> parameters;
    /// The same with constants in place, to be shown and copied.
    std::string shown() const;
};

/// Which spans a question is about.
struct RemoteSelection
{
    TimeRange range; ///< of starts; always stated, so that partitions and indexes by time are used
    analysis::Filter filter;
    std::vector<std::pair<std::string, std::string>> attributes; ///< key = value, all of them
    std::optional<std::pair<Nanos, Nanos>> durations; ///< [low, high)
    bool rootsOnly = false; ///< spans without a parent
};

/// By what spans are grouped.
struct RemoteKey
{
    enum class Kind { Service, Operation, Status, Attribute } kind = Kind::Service;
    std::string attribute; ///< Attribute: its key
    friend bool operator==(const RemoteKey &, const RemoteKey &) = default;
};

/// Writes the queries of a remote store. Each states the range of time first, groups by the shard key, and
/// uses only what every engine computes where the rows lie: over postgres_fdw that is what is built in,
/// immutable and takes no text constant (PostgreSQL manual, "postgres_fdw", Remote Query Optimization).
/// Buckets are those of analysis::LogLinearHistogram, to the row. Pure.
class PushdownSql
{
public:
    explicit PushdownSql(const RemoteTable &table)
        : m_table(table)
    {}

    /// known (duration is known and not negative), bucket, n, errors.
    Result<PushdownQuery> histogram(const RemoteSelection &selection, std::size_t limit) const;
    /// value, known, n, errors, total, least, greatest (ns); the last three only where known.
    Result<PushdownQuery> groups(const RemoteSelection &selection, const RemoteKey &key,
        std::size_t limit) const;
    /// value, bucket, n: histograms of those groups that `values` names (nullopt: without a value).
    Result<PushdownQuery> groupHistograms(const RemoteSelection &selection, const RemoteKey &key,
        const std::vector<std::optional<std::string>> &values, std::size_t limit) const;
    /// value, slow (duration >= slowFrom), n: of spans with a known duration.
    Result<PushdownQuery> cohort(const RemoteSelection &selection, const RemoteKey &key, Nanos slowFrom,
        std::size_t limit) const;
    /// bin, bucket, n, errors: `bins` equal parts of the range, the first is 1.
    Result<PushdownQuery> heat(const RemoteSelection &selection, int bins, std::size_t limit) const;
    /// part, n: how many durations of [low, high) lie in each part of `width` ns; width 1: which values.
    Result<PushdownQuery> parts(const RemoteSelection &selection, Nanos low, Nanos high, Nanos width,
        std::size_t limit) const;
    /// trace, start, duration, service, operation, failed: slowest first, but for those of the traces `seen`.
    Result<PushdownQuery> slowest(const RemoteSelection &selection, std::size_t limit,
        const std::vector<std::string> &seen = {}) const;
    /// All columns of the spans of these traces, as remotefetch.cpp reads them.
    Result<PushdownQuery> spansOf(const std::vector<std::string> &traces,
        const std::optional<TimeRange> &range, std::size_t limit) const;
    /// trace: a sample that is the same every time (by md5).
    Result<PushdownQuery> sampledTraces(const RemoteSelection &selection, std::size_t limit) const;
    /// attributes of a few spans, to see which keys there are.
    Result<PushdownQuery> attributeSample(const RemoteSelection &selection, std::size_t limit) const;
    /// newest, oldest: as the column writes it. Reads every row: the grouping keeps shards apart.
    PushdownQuery bounds() const;
    /// at: the newest or the oldest start, by an index on it, of each shard its own.
    PushdownQuery edge(bool isNewest) const;

    /// Nanoseconds as an expression of SQL; public for the tests.
    std::string durationSql() const;
    std::string bucketSql() const;
    std::string errorSql() const; ///< "false" where nothing tells

    static Result<Nanos> readTime(std::string_view text,
        RemoteUnit unit); ///< of a start as the server writes it
    std::string tableSql() const;

private:
    const RemoteTable &m_table;
};

/// First moment of a part when a range is split into equal ones, the last one shorter, as
/// analysis::timeBins() does it; `bin` = `bins` gives the end.
Nanos binEdge(const TimeRange &range, int bins, int bin);

/// Text of a group's value as the server writes it: JSON texts lose their quotes.
std::string remoteValue(std::string_view text, const RemoteKey &key, const RemoteTable &table);

} // namespace tailscope::live
