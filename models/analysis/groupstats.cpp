// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/rangestats.h"

#include "analysis/rowscan.h"
#include "analysis/spanweights.h"
#include "analysis/statfigures.h"

#include <array>
#include <map>
#include <numeric>

namespace tailscope::analysis {

namespace {

// A group carries a histogram of 30 kB: past this many groups the rest is united, whatever the caller asks
// for.
constexpr std::size_t kMaxGroups = 2000;

// The groups a row can fall into. Operations and tracks name themselves by index; the others by a small
// table.
struct Grouping
{
    GroupBy by = GroupBy::Operation;
    std::vector<std::string> names; // per group; empty for Operation and Track
    std::vector<std::uint32_t> ofTrack; // group per track, for Service, Instance and Thread
    const std::uint32_t *ofRow = nullptr; // group per row, for Attribute
    std::size_t count = 0;
};

/// The codes that tell of load shed on purpose stand beside their classes.
constexpr std::array kHttpCodes{"none", "1xx", "2xx", "3xx", "4xx", "429", "5xx", "503", "other code"};

std::size_t httpCodeGroup(std::size_t status)
{
    switch (status) {
    case 0:
        return 0;
    case 429:
        return 5;
    case 503:
        return 7;
    default:
        break;
    }
    if (status < 100 || status > 599)
        return 8;
    return status < 500 ? status / 100 : 6;
}

Grouping groupingOf(const SpanColumns &columns, GroupBy by, const AttributeColumn *attribute)
{
    Grouping grouping;
    grouping.by = by;
    switch (by) {
    case GroupBy::Operation:
        grouping.count = columns.operations.size();
        break;
    case GroupBy::Track:
        grouping.count = columns.tracks.size();
        break;
    case GroupBy::Service:
    case GroupBy::Instance:
    case GroupBy::Thread: {
        std::map<std::string_view, std::uint32_t> seen;
        for (const TrackInfo &track : columns.tracks) {
            const std::string &name = by == GroupBy::Service ? track.service
                : by == GroupBy::Instance                    ? track.instance
                                                             : track.thread;
            const auto [place, isNew] = seen.emplace(name, std::uint32_t(grouping.names.size()));
            if (isNew)
                grouping.names.push_back(name);
            grouping.ofTrack.push_back(place->second);
        }
        grouping.count = grouping.names.size();
        break;
    }
    case GroupBy::Status:
        grouping.names = {"unset", "ok", "error"};
        grouping.count = grouping.names.size();
        break;
    case GroupBy::HttpClass:
        grouping.names = {"none", "1xx", "2xx", "3xx", "4xx", "5xx", "other code"};
        grouping.count = grouping.names.size();
        break;
    case GroupBy::HttpCode:
        grouping.names.assign(kHttpCodes.begin(), kHttpCodes.end());
        grouping.count = grouping.names.size();
        break;
    case GroupBy::Attribute:
        if (attribute && attribute->ofRow.size() == columns.size()) {
            grouping.names = attribute->values;
            grouping.ofRow = attribute->ofRow.data();
        } else {
            grouping.names = {""}; // nothing is known of any row
        }
        grouping.count = grouping.names.size();
        break;
    }
    return grouping;
}

std::string nameOf(const SpanColumns &columns, const Grouping &grouping, std::size_t group)
{
    if (grouping.by == GroupBy::Operation)
        return columns.operations[group];
    if (grouping.by == GroupBy::Track)
        return columns.tracks[group].title();
    return grouping.names[group];
}

// Calls run with a functor row -> group, so that the loop over the rows is compiled for each kind of
// grouping.
template<typename Run>
void withGroupOf(const SpanColumns &columns, const Grouping &grouping, Run &&run)
{
    switch (grouping.by) {
    case GroupBy::Operation:
        run([data = columns.operation.data()](std::uint32_t row) { return std::size_t(data[row]); });
        break;
    case GroupBy::Track:
        run([data = columns.track.data()](std::uint32_t row) { return std::size_t(data[row]); });
        break;
    case GroupBy::Service:
    case GroupBy::Instance:
    case GroupBy::Thread:
        run([data = columns.track.data(), map = grouping.ofTrack.data()](
                std::uint32_t row) { return std::size_t(map[data[row]]); });
        break;
    case GroupBy::Status:
        run([data = columns.status.data()](
                std::uint32_t row) { return std::size_t(std::min<std::uint8_t>(data[row], 2)); });
        break;
    case GroupBy::HttpClass:
        run([data = columns.httpStatus.data()](std::uint32_t row) {
            const std::size_t status = data[row];
            return status == 0                  ? std::size_t(0)
                : status >= 100 && status < 600 ? status / 100
                                                : std::size_t(6);
        });
        break;
    case GroupBy::HttpCode:
        run([data = columns.httpStatus.data()](std::uint32_t row) { return httpCodeGroup(data[row]); });
        break;
    case GroupBy::Attribute:
        run([data = grouping.ofRow](std::uint32_t row) { return data ? std::size_t(data[row]) : 0; });
        break;
    }
}

struct Totals
{
    std::int64_t count = 0, known = 0, knownSelf = 0, errors = 0;
    double total = 0, self = 0;
};

std::vector<Totals> sumGroups(const SpanColumns &columns, const RowScan &scan, const Grouping &grouping,
    const CancelToken &cancel)
{
    std::vector<std::vector<Totals>> parts(std::size_t(scan.parts()), std::vector<Totals>(grouping.count));
    withGroupOf(columns, grouping, [&](auto groupOf) {
        runParts(scan.parts(), [&](int part) {
            Totals *totals = parts[std::size_t(part)].data();
            scan.forEachBlock(part, cancel, [&](const std::uint32_t *rows, std::size_t n) {
                for (std::size_t i = 0; i < n; ++i) {
                    const std::uint32_t row = rows[i];
                    Totals &group = totals[groupOf(row)];
                    const Nanos duration = columns.duration[row];
                    const Nanos self = columns.self[row];
                    ++group.count;
                    group.known += duration >= 0 ? 1 : 0;
                    group.knownSelf += self >= 0 ? 1 : 0;
                    group.errors += columns.status[row] == std::uint8_t(SpanStatus::Error) ? 1 : 0;
                    group.total += duration >= 0 ? double(duration) : 0.0;
                    group.self += self >= 0 ? double(self) : 0.0;
                }
            });
        });
    });
    for (std::size_t part = 1; part < parts.size(); ++part) {
        for (std::size_t i = 0; i < grouping.count; ++i) {
            parts[0][i].count += parts[part][i].count;
            parts[0][i].known += parts[part][i].known;
            parts[0][i].knownSelf += parts[part][i].knownSelf;
            parts[0][i].errors += parts[part][i].errors;
            parts[0][i].total += parts[part][i].total;
            parts[0][i].self += parts[part][i].self;
        }
    }
    return std::move(parts[0]);
}

// The groups to show: row of the result per group, and the groups in the order of the result.
struct Choice
{
    std::vector<std::uint32_t> shown;
    std::vector<std::uint32_t> place; // per group
    bool hasOther = false;
    std::size_t size() const { return shown.size() + (hasOther ? 1 : 0); }
};

Choice choose(const SpanColumns &columns, const Grouping &grouping, const std::vector<Totals> &totals,
    std::size_t limit)
{
    Choice choice;
    for (std::uint32_t group = 0; group < totals.size(); ++group) {
        if (totals[group].count > 0)
            choice.shown.push_back(group);
    }
    std::sort(choice.shown.begin(), choice.shown.end(), [&](std::uint32_t a, std::uint32_t b) {
        if (totals[a].total != totals[b].total)
            return totals[a].total > totals[b].total;
        const std::string nameA = nameOf(columns, grouping, a), nameB = nameOf(columns, grouping, b);
        return nameA != nameB ? nameA < nameB : a < b;
    });
    limit = std::min(limit, kMaxGroups);
    choice.hasOther = choice.shown.size() > limit;
    if (choice.hasOther)
        choice.shown.resize(limit);
    choice.place.assign(totals.size(), std::uint32_t(choice.shown.size()));
    for (std::size_t i = 0; i < choice.shown.size(); ++i)
        choice.place[choice.shown[i]] = std::uint32_t(i);
    return choice;
}

template<typename Weights>
void fillFigures(const SpanColumns &columns, const RowScan &scan, const Grouping &grouping,
    const Choice &choice, std::vector<GroupStats> &result, const std::vector<std::int64_t> &known,
    const CancelToken &cancel)
{
    const Weights weightOf(columns);
    OrderStatistics<typename Weights::Cell, LogLinearHistogram::kSubBits> statistics(choice.size(),
        scan.parts());
    const auto pass = [&](auto makeSink) {
        withGroupOf(columns, grouping, [&](auto groupOf) {
            runParts(scan.parts(), [&](int part) {
                auto sink = makeSink(part);
                scan.forEachBlock(part, cancel, [&](const std::uint32_t *rows, std::size_t n) {
                    for (std::size_t i = 0; i < n; ++i) {
                        const std::uint32_t row = rows[i];
                        const Nanos duration = columns.duration[row];
                        if (duration >= 0) [[likely]]
                            sink.add(choice.place[groupOf(row)], duration, weightOf(row));
                    }
                });
            });
        });
    };
    pass([&](int part) { return statistics.counter(part); });
    statistics.merge();
    std::vector<FigureRequest> requests(choice.size());
    for (std::size_t i = 0; i < choice.size(); ++i) {
        if constexpr (!Weights::kWeighted) {
            const auto counts = statistics.counts(i);
            for (int bucket = 0; bucket < LogLinearHistogram::kBuckets; ++bucket) {
                if (counts[std::size_t(bucket)] > 0)
                    result[i].histogram.add(LogLinearHistogram::lowerBound(bucket),
                        counts[std::size_t(bucket)]);
            }
        }
        requests[i].ask(statistics, i, known[i]);
    }
    while (statistics.needsPass() && !cancel.isCancelled()) {
        pass([&](int part) { return statistics.visitor(part); });
        statistics.finishPass();
    }
    for (std::size_t i = 0; i < choice.size(); ++i)
        result[i].figures = requests[i].figures(statistics);
}

// The statistics of weighted groups count weights; the histograms still count spans. Shares of errors take
// the weights of all spans.
void fillHistograms(const SpanColumns &columns, const RowScan &scan, const Grouping &grouping,
    const Choice &choice, std::vector<GroupStats> &result, const CancelToken &cancel)
{
    const TraceWeights weightOf(columns);
    for (GroupStats &group : result)
        group.weight = group.errorWeight = 0;
    withGroupOf(columns, grouping, [&](auto groupOf) {
        for (int part = 0; part < scan.parts(); ++part) {
            scan.forEachBlock(part, cancel, [&](const std::uint32_t *rows, std::size_t n) {
                for (std::size_t i = 0; i < n; ++i) {
                    GroupStats &group = result[choice.place[groupOf(rows[i])]];
                    const double weight = weightOf(rows[i]);
                    group.weight += weight;
                    if (columns.status[rows[i]] == std::uint8_t(SpanStatus::Error))
                        group.errorWeight += weight;
                    if (columns.duration[rows[i]] >= 0)
                        group.histogram.add(columns.duration[rows[i]]);
                }
            });
        }
    });
}

} // namespace

std::vector<GroupStats> groupStats(const SpanColumns &columns, const SpanSelection &selection,
    GroupBy groupBy, std::size_t limit, const CancelToken &cancel, const AttributeColumn *attribute)
{
    const RowScan scan(columns, selection);
    const Grouping grouping = groupingOf(columns, groupBy, attribute);
    const std::vector<Totals> totals = sumGroups(columns, scan, grouping, cancel);
    const Choice choice = choose(columns, grouping, totals, limit);

    std::vector<GroupStats> result(choice.size());
    std::vector<std::int64_t> known(choice.size(), 0);
    for (std::uint32_t group = 0; group < totals.size(); ++group) {
        if (totals[group].count == 0)
            continue;
        GroupStats &stats = result[choice.place[group]];
        stats.count += totals[group].count;
        stats.errors += totals[group].errors;
        stats.weight += double(totals[group].count);
        stats.errorWeight += double(totals[group].errors);
        stats.unknown += totals[group].count - totals[group].known;
        stats.unknownSelf += totals[group].count - totals[group].knownSelf;
        stats.totalNs += totals[group].total;
        stats.selfNs += totals[group].self;
        known[choice.place[group]] += totals[group].known;
    }
    for (std::size_t i = 0; i < choice.shown.size(); ++i) {
        result[i].name = nameOf(columns, grouping, choice.shown[i]);
        if (groupBy == GroupBy::Operation || groupBy == GroupBy::Track)
            result[i].key = choice.shown[i];
    }
    if (choice.hasOther)
        result.back().name = "other";

    if (columns.traceWeight.empty()) {
        fillFigures<EqualWeights>(columns, scan, grouping, choice, result, known, cancel);
    } else {
        fillFigures<TraceWeights>(columns, scan, grouping, choice, result, known, cancel);
        fillHistograms(columns, scan, grouping, choice, result, cancel);
    }
    return result;
}

} // namespace tailscope::analysis
