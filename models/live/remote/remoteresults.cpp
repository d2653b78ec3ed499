// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/remote/remoteresults.h"

#include "base/text.h"

#include <algorithm>
#include <map>
#include <set>

namespace tailscope::live {

namespace {

using analysis::LogLinearHistogram;

/// Reads cells by the names that PushdownSql gives them; the first problem wins.
class Rows
{
public:
    Rows(const ResultSet &rows, std::size_t limit)
        : m_rows(rows)
    {
        if (rows.rows() >= limit)
            m_error = Error{ErrorCode::LimitExceeded, "remote store",
                "the answer has " + groupedCount(std::int64_t(limit)) + " rows or more", std::nullopt,
                "Narrow the range or the filter, or group by something with fewer values"};
    }

    std::int64_t number(std::size_t row, std::string_view column)
    {
        const auto cell = m_rows.cell(row, column);
        const auto value = cell ? parseInt64(*cell) : std::nullopt;
        if (!value && !m_error)
            m_error = Error{ErrorCode::BadInput, "remote store",
                "column '" + std::string(column) + "' of the answer is no whole number", std::nullopt,
                "Check the mapping"};
        return value.value_or(0);
    }
    std::int64_t count(std::size_t row, std::string_view column)
    {
        const std::int64_t value = number(row, column);
        if (value < 0)
            odd(column);
        return std::max<std::int64_t>(value, 0);
    }
    int bucket(std::size_t row)
    {
        const std::int64_t value = number(row, "bucket");
        if (value >= 0 && value < LogLinearHistogram::kBuckets)
            return int(value);
        odd("bucket");
        return 0;
    }
    /// false also for NULL: a duration that is not there is not known.
    bool isTrue(std::size_t row, std::string_view column) const
    {
        return m_rows.cell(row, column).value_or("f").starts_with('t');
    }
    std::optional<std::string> value(std::size_t row) const
    {
        const auto cell = m_rows.cell(row, "value");
        return cell ? std::optional(std::string(*cell)) : std::nullopt;
    }
    void odd(std::string_view column)
    {
        if (!m_error)
            m_error = Error{ErrorCode::BadInput, "remote store",
                "column '" + std::string(column) + "' of the answer is out of range", std::nullopt,
                "Check the mapping"};
    }
    Result<void> finish() const { return m_error ? Result<void>(fail(*m_error)) : Result<void>(); }

private:
    const ResultSet &m_rows;
    std::optional<Error> m_error;
};

std::string shownValue(const std::optional<std::string> &raw, const RemoteTable &table, const RemoteKey &key)
{
    return raw ? remoteValue(*raw, key, table) : "(none)";
}

std::string nameOfKey(const RemoteKey &key)
{
    switch (key.kind) {
    case RemoteKey::Kind::Service:
        return "service";
    case RemoteKey::Kind::Operation:
        return "operation";
    case RemoteKey::Kind::Status:
        return "status";
    case RemoteKey::Kind::Attribute:
        break;
    }
    return key.attribute;
}

} // namespace

RemotePercentile percentileBounds(const LogLinearHistogram &buckets, analysis::Quantile q)
{
    RemotePercentile found;
    found.q = q;
    const std::int64_t n = buckets.total();
    if (n < 1)
        return found;
    found.rank = analysis::nearestRank(n, q);
    found.tooFewSamples = n < analysis::minimumSamples(q);
    const int bucket = buckets.bucketOfRank(found.rank);
    found.low = LogLinearHistogram::lowerBound(bucket);
    found.high = LogLinearHistogram::upperBound(bucket);
    if (found.high - found.low == 1)
        found.exact = found.low;
    return found;
}

Result<RemoteHistogram> foldHistogram(const ResultSet &rows, const RemoteTable &table, std::size_t limit)
{
    RemoteHistogram out;
    Rows cells(rows, limit);
    std::set<std::string> shards;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const std::int64_t n = cells.count(row, "n");
        out.errors += cells.count(row, "errors");
        if (cells.isTrue(row, "known"))
            out.buckets.add(LogLinearHistogram::lowerBound(cells.bucket(row)), n);
        else
            out.unknown += n;
        std::string shard;
        for (std::size_t i = 0; i < table.mapping.shard.size(); ++i)
            shard += std::string(rows.cell(row, i).value_or("")) + '\x1f';
        if (!table.mapping.shard.empty())
            shards.insert(shard);
    }
    TS_TRY(cells.finish());
    out.shards = shards.size();
    for (std::size_t i = 0; i < kRemoteQuantiles.size(); ++i)
        out.percentiles[i] = percentileBounds(out.buckets, kRemoteQuantiles[i]);
    return out;
}

Result<RemoteGroups> foldGroups(const ResultSet &rows, const RemoteTable &table, const RemoteKey &key,
    std::size_t most, std::size_t limit)
{
    Rows cells(rows, limit);
    std::map<std::optional<std::string>, RemoteGroup> found;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto raw = cells.value(row);
        RemoteGroup &group = found[raw];
        const std::int64_t n = cells.count(row, "n");
        group.count += n;
        group.errors += cells.count(row, "errors");
        if (!cells.isTrue(row, "known")) {
            group.unknown += n;
            continue;
        }
        group.totalNs += parseDouble(rows.cell(row, "total").value_or("0")).value_or(0);
        const Nanos least = cells.number(row, "least"), greatest = cells.number(row, "greatest");
        group.least = group.least == kUnknownNanos ? least : std::min(group.least, least);
        group.greatest = std::max(group.greatest, greatest);
    }
    TS_TRY(cells.finish());
    RemoteGroups out;
    for (auto &[raw, group] : found) {
        group.raw = raw;
        group.name = shownValue(raw, table, key);
        out.groups.push_back(std::move(group));
    }
    std::stable_sort(out.groups.begin(), out.groups.end(), [](const RemoteGroup &a, const RemoteGroup &b) {
        return a.totalNs != b.totalNs ? a.totalNs > b.totalNs : a.count > b.count;
    });
    for (std::size_t i = most; i < out.groups.size(); ++i) {
        ++out.others;
        out.otherSpans += out.groups[i].count;
    }
    if (out.groups.size() > most)
        out.groups.resize(most);
    return out;
}

Result<void> foldGroupHistograms(const ResultSet &rows, RemoteGroups &groups, std::size_t limit)
{
    Rows cells(rows, limit);
    std::map<std::optional<std::string>, LogLinearHistogram> found;
    for (std::size_t row = 0; row < rows.rows(); ++row)
        found[cells.value(row)].add(LogLinearHistogram::lowerBound(cells.bucket(row)), cells.count(row, "n"));
    TS_TRY(cells.finish());
    for (RemoteGroup &group : groups.groups) {
        const auto here = found.find(group.raw);
        for (std::size_t i = 0; i < kRemoteQuantiles.size() && here != found.end(); ++i)
            group.percentiles[i] = percentileBounds(here->second, kRemoteQuantiles[i]);
    }
    return {};
}

Result<RemoteTraits> foldCohort(const ResultSet &rows, const RemoteTable &table, const RemoteKey &key,
    std::size_t limit)
{
    RemoteTraits out;
    Rows cells(rows, rows.rows() + 1);
    std::map<std::optional<std::string>, std::pair<std::int64_t, std::int64_t>> found; // slow, all
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const std::int64_t n = cells.count(row, "n");
        auto &[slow, all] = found[cells.value(row)];
        all += n;
        out.all += n;
        if (cells.isTrue(row, "slow")) {
            slow += n;
            out.slow += n;
        }
    }
    TS_TRY(cells.finish());
    // Values, not rows: each value has a row a shard, slow and not.
    out.tooMany = found.size() >= limit;
    for (const auto &[raw, counts] : found) {
        if (out.tooMany)
            break;
        // Spans without the key are no value of it, but they count among all.
        if (!raw)
            continue;
        analysis::CohortDifference difference;
        difference.key = nameOfKey(key);
        difference.value = remoteValue(*raw, key, table);
        difference.slowN = counts.first;
        difference.allN = counts.second;
        out.values.push_back(std::move(difference));
    }
    return out;
}

Result<RemoteHeat> foldHeat(const ResultSet &rows, const TimeRange &range, int bins, std::size_t limit)
{
    RemoteHeat out;
    out.range = range;
    out.bins = bins;
    out.columns.resize(std::size_t(bins));
    Rows cells(rows, limit);
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const std::int64_t bin = cells.number(row, "bin");
        if (bin < 1 || bin > bins) {
            cells.odd("bin");
            break;
        }
        RemoteHeat::Bin &column = out.columns[std::size_t(bin - 1)];
        column.buckets.add(LogLinearHistogram::lowerBound(cells.bucket(row)), cells.count(row, "n"));
        column.errors += cells.count(row, "errors");
    }
    TS_TRY(cells.finish());
    return out;
}

Result<std::vector<std::pair<std::int64_t, std::int64_t>>> foldParts(const ResultSet &rows, std::size_t limit)
{
    Rows cells(rows, limit);
    std::map<std::int64_t, std::int64_t> found;
    for (std::size_t row = 0; row < rows.rows(); ++row)
        found[cells.number(row, "part")] += cells.count(row, "n");
    TS_TRY(cells.finish());
    return std::vector<std::pair<std::int64_t, std::int64_t>>(found.begin(), found.end());
}

Result<std::vector<RemoteTrace>> foldSlowest(const ResultSet &rows, const RemoteTable &table,
    std::size_t most)
{
    Rows cells(rows, rows.rows() + 1);
    std::vector<RemoteTrace> out;
    std::set<std::string, std::less<>> seen;
    for (std::size_t row = 0; row < rows.rows() && out.size() < most; ++row) {
        const auto trace = rows.cell(row, "trace");
        if (!trace || !seen.insert(std::string(*trace)).second)
            continue;
        const auto start
            = PushdownSql::readTime(rows.cell(row, "start").value_or(""), table.mapping.startUnit);
        if (!start)
            return tl::unexpected(start.error());
        out.push_back({std::string(*trace), *start, cells.number(row, "duration"),
            sanitizedUtf8(rows.cell(row, "service").value_or("")),
            sanitizedUtf8(rows.cell(row, "operation").value_or("")), cells.isTrue(row, "failed")});
    }
    TS_TRY(cells.finish());
    return out;
}

PushdownPlan readPushdownPlan(std::string text)
{
    PushdownPlan plan;
    for (std::string_view line : split(text, '\n')) {
        line = trimmed(line);
        if (line.starts_with("->"))
            line = trimmed(line.substr(2));
        if (line.starts_with("Foreign Scan") || line.starts_with("Async Foreign Scan"))
            ++plan.foreignScans;
        else if (line.starts_with("Relations: Aggregate on"))
            ++plan.aggregatedScans;
    }
    plan.text = std::move(text);
    return plan;
}

std::string percentileText(const RemotePercentile &percentile)
{
    if (percentile.rank == 0)
        return "unknown";
    if (percentile.exact)
        return humanDuration(*percentile.exact);
    return humanDuration(percentile.low) + " to " + humanDuration(percentile.high);
}

} // namespace tailscope::live
