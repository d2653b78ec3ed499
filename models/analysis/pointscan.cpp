// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/pointscan.h"

#include "base/text.h"

#include <algorithm>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

constexpr std::int64_t kMostPoints = 4'000'000;
constexpr std::int64_t kRowsPerCheck = 65'536;

// {"code":"500"} as {code=500}: good enough to tell series apart.
std::string shortLabels(std::string_view json)
{
    std::string out;
    bool isQuoted = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"') {
            isQuoted = !isQuoted;
            continue;
        }
        if (c == '\\' && i + 1 < json.size())
            out += json[++i];
        else if (!isQuoted && c == ':')
            out += '=';
        else if (!isQuoted && c == ',')
            out += ", ";
        else
            out += c;
    }
    return out.size() <= 2 ? std::string() : out;
}

/// Points of several series as they come.
struct Chunk
{
    std::vector<Nanos> ts;
    std::vector<double> values;
    std::vector<std::uint32_t> series; ///< place in names
};

Result<std::unordered_map<std::int64_t, Nanos>> sourceOffsets(store::Database &reader)
{
    std::unordered_map<std::int64_t, Nanos> offsets;
    Result<store::Statement> query = reader.prepare("SELECT id, ifnull(offset_ns, 0) FROM source");
    if (!query)
        return tl::unexpected(std::move(query.error()));
    for (;;) {
        const Result<bool> more = query->step();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            return offsets;
        offsets[query->integer(0)] = query->integer(1);
    }
}

Result<std::unordered_map<std::int64_t, std::int64_t>> countPoints(store::Database &reader)
{
    std::unordered_map<std::int64_t, std::int64_t> counts;
    Result<store::Statement> query
        = reader.prepare("SELECT series_id, count(*) FROM point_raw GROUP BY series_id");
    if (!query)
        return tl::unexpected(std::move(query.error()));
    for (;;) {
        const Result<bool> more = query->step();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            return counts;
        counts[query->integer(0)] = query->integer(1);
    }
}

// The points of names [first, last), each into its own place.
Result<std::vector<SeriesValues>> readChunk(store::Database &reader, const std::vector<SeriesName> &names,
    std::size_t first, std::size_t last, const std::unordered_map<std::int64_t, std::int64_t> &counts,
    const Progress &progress)
{
    std::vector<SeriesValues> chunk(last - first);
    const std::int64_t low = names[first].id, high = names[last - 1].id;
    std::vector<std::uint32_t> place(std::size_t(high - low + 1), ~0u);
    for (std::size_t i = first; i < last; ++i) {
        const auto count = counts.find(names[i].id);
        if (count == counts.end() || count->second > kMostPoints)
            continue;
        place[std::size_t(names[i].id - low)] = std::uint32_t(i - first);
        chunk[i - first].ts.reserve(std::size_t(count->second));
        chunk[i - first].values.reserve(std::size_t(count->second));
    }
    Result<store::Statement> query = reader.prepare("SELECT series_id, ts_ns, value FROM point_raw"
                                                    " WHERE +series_id BETWEEN ?1 AND ?2"
                                                    " AND value IS NOT NULL AND ts_ns IS NOT NULL");
    if (!query)
        return tl::unexpected(std::move(query.error()));
    query->bind(0, low);
    query->bind(1, high);
    for (std::int64_t n = 0;; ++n) {
        const Result<bool> more = query->step();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            return chunk;
        if (n % kRowsPerCheck == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "series", "the analysis was cancelled",
                "It runs again when the workspace is opened.");
        const std::uint32_t at = place[std::size_t(query->integer(0) - low)];
        if (at == ~0u)
            continue;
        chunk[at].ts.push_back(query->integer(1));
        chunk[at].values.push_back(query->real(2));
    }
}

} // namespace

std::string SeriesName::text() const
{
    std::string out = metric;
    for (const std::string &part : {service, instance}) {
        if (!part.empty())
            out += ' ' + part;
    }
    const std::string more = shortLabels(labels);
    return more.empty() ? out : out + ' ' + more;
}

std::optional<double> SeriesName::seconds() const
{
    if (unit == "ns")
        return 1e-9;
    if (unit == "us" || unit == "µs")
        return 1e-6;
    if (unit == "ms" || unit == "milliseconds")
        return 1e-3;
    return unit == "s" || unit == "seconds" ? std::optional(1.0) : std::nullopt;
}

bool SeriesName::isBytes() const { return unit == "By" || unit == "bytes" || unit == "B"; }

bool SeriesName::says(std::initializer_list<std::string_view> beginnings) const
{
    const auto isLower = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const std::string lower = toLowerAscii(metric);
    for (std::size_t i = 0; i < metric.size(); ++i) {
        const bool isUpper = metric[i] != lower[i];
        const bool begins = i == 0 || (!isLower(lower[i - 1]) && isLower(lower[i]))
            || (isUpper && metric[i - 1] == lower[i - 1]);
        if (!begins)
            continue;
        for (const std::string_view beginning : beginnings) {
            if (std::string_view(lower).substr(i).starts_with(beginning))
                return true;
        }
    }
    return false;
}

bool SeriesName::isBeside(const SeriesName &other) const
{
    const auto fits
        = [](const std::string &a, const std::string &b) { return a.empty() || b.empty() || a == b; };
    return fits(service, other.service) && fits(instance, other.instance);
}

Result<std::vector<SeriesName>> readSeriesNames(store::Database &reader, std::size_t most)
{
    Result<store::Statement> query
        = reader.prepare("SELECT id, source_id, metric, foreign_name, service, instance, labels, unit, kind"
                         " FROM series WHERE kind <> 'histogram' ORDER BY id LIMIT ?1");
    if (!query)
        return tl::unexpected(std::move(query.error()));
    query->bind(0, std::int64_t(most));
    std::vector<SeriesName> names;
    for (;;) {
        const Result<bool> more = query->step();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            return names;
        SeriesName name{query->integer(0), query->integer(1), std::string(query->text(2)),
            std::string(query->text(3)), std::string(query->text(4)), std::string(query->text(5)),
            std::string(query->text(6)), std::string(query->text(7)), std::string(query->text(8))};
        names.push_back(std::move(name));
    }
}

Result<SeriesValues> readValues(store::Database &reader, std::int64_t id)
{
    Result<store::Statement> query
        = reader.prepare("SELECT ts_ns, value FROM point WHERE series_id = ?1 AND value IS NOT NULL"
                         " AND ts_ns IS NOT NULL LIMIT ?2");
    if (!query)
        return tl::unexpected(std::move(query.error()));
    query->bind(0, id);
    query->bind(1, kMostPoints);
    SeriesValues values;
    for (;;) {
        const Result<bool> more = query->step();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            break;
        values.ts.push_back(query->integer(0));
        values.values.push_back(query->real(1));
    }
    normalise(values);
    return values;
}

Result<PointScan> forEachSeries(store::Database &reader, const std::vector<SeriesName> &names,
    const Progress &progress, const std::function<void(const SeriesName &, SeriesValues &)> &take)
{
    PointScan scan;
    const auto offsets = sourceOffsets(reader);
    if (!offsets)
        return tl::unexpected(offsets.error());
    const auto counts = countPoints(reader);
    if (!counts)
        return tl::unexpected(counts.error());
    for (std::size_t first = 0; first < names.size();) {
        std::size_t last = first;
        std::int64_t points = 0;
        for (; last < names.size(); ++last) {
            const auto count = counts->find(names[last].id);
            const std::int64_t n = count == counts->end() ? 0 : count->second;
            const bool isTooLong = n > kMostPoints;
            // Ids far apart would make the table of places larger than the points.
            if (last > first
                && (points + (isTooLong ? 0 : n) > kMostPoints
                    || names[last].id - names[first].id > kMostPoints))
                break;
            if (isTooLong) {
                ++scan.leftOut;
                continue;
            }
            points += n;
        }
        auto chunk = readChunk(reader, names, first, last, *counts, progress);
        if (!chunk)
            return tl::unexpected(std::move(chunk.error()));
        for (std::size_t i = first; i < last; ++i) {
            SeriesValues &values = (*chunk)[i - first];
            const auto offset = offsets->find(names[i].sourceId);
            if (offset != offsets->end() && offset->second != 0) {
                for (Nanos &t : values.ts)
                    t = saturatingAdd(t, offset->second);
            }
            normalise(values);
            if (values.size() == 0)
                continue;
            ++scan.series;
            scan.points += std::int64_t(values.size());
            take(names[i], values);
            values = {};
        }
        first = last;
        progress.update({"series", first, names.size(), std::uint64_t(scan.points)});
    }
    return scan;
}

Judged judged(const SeriesName &name, SeriesValues values)
{
    if (!isCounter(name.kind, name.metric, values))
        return {std::move(values), Measure::Value};
    return {differences(values, true, true), Measure::Rate};
}

} // namespace tailscope::analysis
