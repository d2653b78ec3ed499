// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Search, order and density of the list of traces.
#include "base/text.h"
#include "items/tracetable.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <unordered_set>

namespace tailscope::items {

using analysis::kNoRow;

namespace {

bool contains(std::string_view text, const std::string &lowered)
{
    return toLowerAscii(text).find(lowered) != std::string::npos;
}

/// 1 for each trace index whose key, or an operation or service of any of its spans, contains the text.
Result<std::vector<std::uint8_t>> matchingTraces(const TraceTable &table, const QString &search,
    const store::Workspace &workspace, const Progress &progress)
{
    const analysis::SpanColumns &columns = *table.columns;
    const std::string wanted = toLowerAscii(search.toStdString());
    std::vector<std::uint8_t> found(columns.traceIds.size(), 0);
    std::vector<std::uint8_t> operation(columns.operations.size()), track(columns.tracks.size());
    for (std::size_t i = 0; i < operation.size(); ++i)
        operation[i] = contains(columns.operations[i], wanted);
    for (std::size_t i = 0; i < track.size(); ++i)
        track[i] = contains(columns.tracks[i].service, wanted) || contains(columns.tracks[i].process, wanted);
    for (std::size_t row = 0; row < columns.size(); ++row) {
        if (columns.trace[row] != kNoRow && (operation[columns.operation[row]] || track[columns.track[row]]))
            found[columns.trace[row]] = 1;
    }
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    database->setCancel(progress.cancel);
    auto rows = database->prepare("SELECT id FROM trace WHERE instr(lower(trace_key), ?1) > 0");
    if (!rows)
        return tl::unexpected(rows.error());
    rows->bind(0, std::string_view(wanted));
    std::unordered_set<std::int64_t> ids;
    while (true) {
        auto row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        ids.insert(rows->integer(0));
    }
    for (std::size_t t = 0; !ids.empty() && t < found.size(); ++t)
        found[t] |= std::uint8_t(ids.contains(columns.traceIds[t]));
    return found;
}

/// Sorts by one number an entry; unknown ones (as kUnknownNanos) stay at the end.
template<typename Value>
void sortBy(std::vector<std::uint32_t> &listed, bool descending, const Value &value)
{
    const auto firstUnknown = std::stable_partition(listed.begin(), listed.end(),
        [&](std::uint32_t i) { return std::int64_t(value(i)) != kUnknownNanos; });
    std::stable_sort(listed.begin(), firstUnknown, [&](std::uint32_t a, std::uint32_t b) {
        return descending ? value(b) < value(a) : value(a) < value(b);
    });
}

/// Place of every name in the alphabet, so that rows compare numbers.
std::vector<std::uint32_t> ranks(std::size_t count, const std::function<std::string_view(std::size_t)> &name)
{
    std::vector<std::uint32_t> order(count), rank(count);
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return name(a) < name(b); });
    std::uint32_t place = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0 && name(order[i]) != name(order[i - 1]))
            ++place;
        rank[order[i]] = place;
    }
    return rank;
}

void sortListed(const TraceTable &table, const TraceOrder &order, std::vector<std::uint32_t> &listed)
{
    const analysis::SpanColumns &columns = *table.columns;
    const bool down = order.descending;
    const auto by
        = [&](const auto &values) { sortBy(listed, down, [&values](std::uint32_t i) { return values[i]; }); };
    const auto byName = [&](std::size_t count, const auto &name, const auto &indexOfRow) {
        const std::vector<std::uint32_t> rank = ranks(count, name);
        sortBy(listed, down, [&](std::uint32_t i) {
            return table.rootRow[i] == kNoRow ? kUnknownNanos : Nanos(rank[indexOfRow(table.rootRow[i])]);
        });
    };
    switch (order.field) {
    case TraceField::Start:
    case TraceField::Key:
        return by(table.start);
    case TraceField::Duration:
        return by(table.duration);
    case TraceField::Service:
        return byName(
            columns.tracks.size(),
            [&](std::size_t i) {
                const analysis::TrackInfo &track = columns.tracks[i];
                return std::string_view(track.service.empty() ? track.process : track.service);
            },
            [&](std::uint32_t row) { return columns.track[row]; });
    case TraceField::Operation:
        return byName(
            columns.operations.size(), [&](std::size_t i) { return std::string_view(columns.operations[i]); },
            [&](std::uint32_t row) { return columns.operation[row]; });
    case TraceField::Spans:
        return by(table.spans);
    case TraceField::Services:
        return by(table.services);
    case TraceField::Errors:
        return by(table.errors);
    case TraceField::Weight:
        if (!table.weight.empty())
            by(table.weight);
        return;
    default:
        break;
    }
    if (!table.hasTimes())
        return;
    by(order.field == TraceField::Wait              ? table.wait
            : order.field == TraceField::Network    ? table.network
            : order.field == TraceField::Processing ? table.processing
                                                    : table.largestGap);
}

void rank(const TraceTable &table, TraceListing &listing)
{
    std::vector<std::uint32_t> known;
    for (const std::uint32_t i : listing.listed) {
        if (table.duration[i] != kUnknownNanos)
            known.push_back(i);
    }
    const auto shorter = [&](std::uint32_t a, std::uint32_t b) {
        return table.duration[a] != table.duration[b] ? table.duration[a] < table.duration[b] : a < b;
    };
    const std::size_t n = known.size();
    for (const std::size_t place : {n / 2, n / 2 + 1, n / 2 - 1}) {
        if (place >= n)
            continue;
        std::nth_element(known.begin(), known.begin() + std::ptrdiff_t(place), known.end(), shorter);
        listing.middle.push_back(known[place]);
    }
    const std::size_t most = std::min<std::size_t>(2, n);
    std::partial_sort(known.begin(), known.begin() + std::ptrdiff_t(most), known.end(),
        [&](std::uint32_t a, std::uint32_t b) { return shorter(b, a); });
    listing.slowest.assign(known.begin(), known.begin() + std::ptrdiff_t(most));
}

} // namespace

Result<std::shared_ptr<const TraceListing>> listTraces(const TraceTable &table, const TraceOrder &order,
    const store::Workspace &workspace, const Progress &progress)
{
    auto listing = std::make_shared<TraceListing>();
    std::vector<std::uint32_t> &listed = listing->listed;
    listed.resize(table.size());
    std::iota(listed.begin(), listed.end(), 0U);
    if (!order.search.trimmed().isEmpty()) {
        auto found = matchingTraces(table, order.search.trimmed(), workspace, progress);
        if (!found)
            return tl::unexpected(found.error());
        std::erase_if(listed, [&](std::uint32_t i) { return !(*found)[table.trace[i]]; });
    }
    std::stable_sort(listed.begin(), listed.end(),
        [&](std::uint32_t a, std::uint32_t b) { return table.start[a] < table.start[b]; });
    if (!progress.isCancelled())
        sortListed(table, order, listed);
    listing->rowOfId.reserve(listed.size());
    for (std::uint32_t row = 0; row < listed.size(); ++row)
        listing->rowOfId.emplace_back(table.id(listed[row]), row);
    std::sort(listing->rowOfId.begin(), listing->rowOfId.end());
    rank(table, *listing);
    return std::shared_ptr<const TraceListing>(std::move(listing));
}

int TraceScatter::columnOf(Nanos start) const
{
    const double share
        = double(saturatingSub(start, range.begin)) / double(std::max<Nanos>(1, range.length()));
    return std::clamp(int(share * columns), 0, std::max(0, columns - 1));
}

int TraceScatter::rowOf(Nanos duration) const
{
    const double span = std::log(double(high) / double(low));
    const double share = span > 0 ? std::log(double(std::max<Nanos>(1, duration)) / double(low)) / span : 0.5;
    return std::clamp(int(share * rows), 0, std::max(0, rows - 1));
}

Nanos TraceScatter::startOf(int column) const
{
    return saturatingAdd(range.begin, Nanos(double(range.length()) * column / std::max(1, columns)));
}

Nanos TraceScatter::durationOf(int row) const
{
    return Nanos(
        std::ceil(double(low) * std::pow(double(high) / double(low), double(row) / std::max(1, rows))));
}

TraceScatter TraceScatter::build(const TraceTable &table, const std::vector<std::uint32_t> &listed,
    int columns, int rows)
{
    TraceScatter scatter;
    scatter.columns = std::max(1, columns);
    scatter.rows = std::max(1, rows);
    scatter.cells.resize(std::size_t(scatter.columns) * std::size_t(scatter.rows));
    bool isFirst = true;
    for (const std::uint32_t i : listed) {
        const Nanos duration = table.duration[i], start = table.start[i];
        if (duration == kUnknownNanos) {
            ++scatter.unknown;
            continue;
        }
        const Nanos shown = std::max<Nanos>(1, duration);
        scatter.range.begin = isFirst ? start : std::min(scatter.range.begin, start);
        scatter.range.end
            = isFirst ? saturatingAdd(start, 1) : std::max(scatter.range.end, saturatingAdd(start, 1));
        scatter.low = isFirst ? shown : std::min(scatter.low, shown);
        scatter.high = isFirst ? shown : std::max(scatter.high, shown);
        isFirst = false;
    }
    // Room around the first and the last, and for a single duration.
    const Nanos margin = std::max<Nanos>(scatter.range.length() / 100, 1);
    scatter.range = {saturatingSub(scatter.range.begin, margin), saturatingAdd(scatter.range.end, margin)};
    scatter.low = std::max<Nanos>(1, Nanos(double(scatter.low) / 1.25));
    scatter.high = Nanos(std::min(double(scatter.high) * 1.25, 9e18)) + 1;
    for (const std::uint32_t i : listed) {
        if (table.duration[i] == kUnknownNanos)
            continue;
        Cell &cell = scatter.cells[std::size_t(scatter.columnOf(table.start[i])) * std::size_t(scatter.rows)
            + std::size_t(scatter.rowOf(table.duration[i]))];
        if (cell.count == 0 || table.duration[i] > table.duration[cell.slowest])
            cell.slowest = i;
        ++cell.count;
        cell.errors += table.errors[i] > 0;
        scatter.largest = std::max(scatter.largest, cell.count);
    }
    return scatter;
}

Result<std::optional<std::int64_t>> traceIdOfKey(const store::Workspace &workspace, const QString &key)
{
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    const std::string wanted = toLowerAscii(key.trimmed().toStdString());
    if (wanted.empty())
        return std::optional<std::int64_t>();
    for (const bool whole : {true, false}) {
        auto rows = database->prepare(whole
                ? "SELECT id FROM trace WHERE lower(trace_key) = ?1 ORDER BY id LIMIT 1"
                : "SELECT id FROM trace WHERE substr(lower(trace_key), 1, length(?1)) = ?1 LIMIT 2");
        if (!rows)
            return tl::unexpected(rows.error());
        rows->bind(0, std::string_view(wanted));
        auto row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            continue;
        const std::int64_t id = rows->integer(0);
        auto second = rows->step();
        if (!second)
            return tl::unexpected(second.error());
        return *second ? std::optional<std::int64_t>() : std::optional(id);
    }
    return std::optional<std::int64_t>();
}

} // namespace tailscope::items
