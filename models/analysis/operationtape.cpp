// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/operationtape.h"

#include "analysis/quantiles.h"
#include "analysis/statfigures.h"
#include "analysis/wideint.h"
#include "store/sampling.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kEntriesPerPiece = 500'000; // of the tape before it is dealt out
constexpr std::int64_t kEntriesPerBucket = 1'000'000;
constexpr std::size_t kTapeBudget = 32u << 20;

// Sums of int64 durations may pass int64: they stick at its end.
Nanos clampToNanos(WideInt sum)
{
    constexpr WideInt kMax = std::numeric_limits<Nanos>::max();
    return Nanos(sum > kMax ? kMax : sum);
}

} // namespace

OperationTape::OperationTape(const store::Workspace &workspace)
    : m_workspace(workspace)
{}

Result<void> OperationTape::readWeights(store::Database &reader)
{
    // What users state of whole sources is rare: only then are traces joined with their sources.
    const Result<std::map<std::int64_t, double>> stated = store::statedSampling(reader);
    if (!stated)
        return tl::unexpected(stated.error());
    Result<store::Statement> rows = reader.prepare(stated->empty()
            ? "SELECT id, weight FROM trace_calc WHERE weight IS NOT NULL AND weight <> 1 ORDER BY id"
            : "SELECT c.id, ifnull(c.weight, 1.0 / CAST(k.value AS REAL)) AS w FROM trace_calc AS c"
              " JOIN trace_raw AS t ON t.id = c.id LEFT JOIN setting_kv AS k ON k.key = 'sampling:' || "
              "t.source_id"
              " WHERE w IS NOT NULL AND w <> 1 ORDER BY c.id");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    std::vector<std::int64_t> ids;
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        const double weight = rows->real(1);
        if (!(weight > 0) || weight > 1e30)
            continue;
        ids.push_back(rows->integer(0));
        m_weights.push_back(float(weight));
    }
    m_weightedTraces = IdIndex(std::move(ids));
    return {};
}

Result<void> OperationTape::read(store::Database &reader, const Progress &progress)
{
    Result<std::vector<ScanSource>> sources = visibleSources(reader);
    if (!sources)
        return tl::unexpected(std::move(sources.error()));
    Result<std::vector<IdRun>> runs = idRuns(reader, *sources, store::Family::Span);
    if (!runs)
        return tl::unexpected(std::move(runs.error()));
    Result<std::vector<TrackInfo>> tracks = readTracks(reader, *sources);
    if (!tracks)
        return tl::unexpected(std::move(tracks.error()));
    m_tracks = std::move(*tracks);
    m_trackPlaces = TrackPlaces(m_tracks);
    m_tracks.emplace_back(); // spans without a track
    TS_TRY(readWeights(reader));

    SpanScan scan(m_workspace, *sources, *runs);
    m_names = std::make_unique<OperationNames>(scan.parts());
    m_parts.resize(std::size_t(scan.parts()));
    for (int part = 0; part < scan.parts(); ++part) {
        const auto pieces = std::size_t(scan.rowsOfPart(part)) / kEntriesPerPiece + 1;
        m_parts[std::size_t(part)].tape
            = std::make_unique<SpillBuckets<Entry>>(m_workspace.path().parent_path(), pieces,
                kTapeBudget / 2);
    }
    TS_TRY(scan.run(progress, "operation statistics",
        [this](int part, const ScannedSpan &span) { take(part, span); }));
    Result<std::vector<std::string>> names = m_names->resolve(reader);
    if (!names)
        return tl::unexpected(std::move(names.error()));
    m_operations = std::move(*names);
    makeGroups();
    return {};
}

void OperationTape::take(int index, const ScannedSpan &span)
{
    Part &part = m_parts[std::size_t(index)];
    const std::uint32_t known = m_trackPlaces.find(span.track);
    const std::uint32_t track = known == kNoRow ? std::uint32_t(m_tracks.size() - 1) : known;
    const std::uint64_t key = std::uint64_t(track) << 32 | m_names->mark(index, span);
    if (key != part.lastKey) {
        const auto [found, isNew] = part.places.emplace(key, std::uint32_t(part.pairs.size()));
        if (isNew)
            part.pairs.push_back({track, std::uint32_t(key), 0, 0, 0, 0, 0, 0});
        part.lastKey = key;
        part.lastPair = found->second;
    }
    Pair &pair = part.pairs[part.lastPair];
    pair.errors += span.status == std::uint8_t(SpanStatus::Error) ? 1 : 0;
    if (span.duration == kUnknownNanos) {
        ++pair.unknown;
        return;
    }
    ++pair.known;
    if (span.self != kUnknownNanos) {
        ++pair.knownSelf;
        pair.self += double(span.self);
    }
    const std::uint32_t weighted = m_weights.empty() ? IdIndex::kAbsent : m_weightedTraces.find(span.trace);
    const float weight = weighted == IdIndex::kAbsent ? 1.0f : m_weights[weighted];
    part.tape->add(part.written++ / kEntriesPerPiece, {span.duration, part.lastPair, weight});
}

void OperationTape::makeGroups()
{
    std::map<std::string, std::uint32_t> services, instances;
    for (const TrackInfo &track : m_tracks) {
        services.emplace(track.service, 0);
        instances.emplace(track.instance, 0);
    }
    const auto number = [](std::map<std::string, std::uint32_t> &names, std::vector<std::string> &list) {
        for (auto &[name, index] : names) {
            index = std::uint32_t(list.size());
            list.push_back(name);
        }
    };
    number(services, m_services);
    number(instances, m_instances);
    // Operations are numbered as they came; the rows are listed by name.
    std::vector<std::uint32_t> byName(m_operations.size()), rank(m_operations.size());
    for (std::uint32_t i = 0; i < byName.size(); ++i)
        byName[i] = i;
    std::sort(byName.begin(), byName.end(),
        [this](std::uint32_t a, std::uint32_t b) { return m_operations[a] < m_operations[b]; });
    std::vector<std::string> sorted;
    for (std::uint32_t i = 0; i < byName.size(); ++i) {
        rank[byName[i]] = i;
        sorted.push_back(std::move(m_operations[byName[i]]));
    }
    m_operations = std::move(sorted);

    std::map<std::array<std::uint32_t, 3>, std::size_t> groups;
    const auto keyOf = [&](const Pair &pair) {
        const TrackInfo &track = m_tracks[pair.track];
        return std::array<std::uint32_t, 3>{services[track.service], rank[m_names->indexOf(pair.operation)],
            instances[track.instance]};
    };
    for (Part &part : m_parts) {
        for (const Pair &pair : part.pairs)
            groups.emplace(keyOf(pair), 0);
    }
    for (auto &[key, index] : groups) {
        index = m_groups.size();
        m_groups.push_back({key[0], key[1], key[2], 0, 0, 0, 0, 0, 0});
    }
    for (Part &part : m_parts) {
        part.places = {};
        for (Pair &pair : part.pairs) {
            pair.group = groups[keyOf(pair)];
            Group &group = m_groups[pair.group];
            group.known += pair.known;
            group.unknown += pair.unknown;
            group.errors += pair.errors;
            group.knownSelf += pair.knownSelf;
            group.self += pair.self;
        }
    }
    // Buckets of whole operations, as large as memory allows.
    std::int64_t inBucket = 0;
    for (std::size_t i = 0; i < m_groups.size(); ++i) {
        const bool isNewOperation = i == 0 || m_groups[i].operation != m_groups[i - 1].operation
            || m_groups[i].service != m_groups[i - 1].service;
        if (isNewOperation && inBucket >= kEntriesPerBucket) {
            m_bucketEnds.push_back(i);
            inBucket = 0;
        }
        m_groups[i].begin = std::size_t(inBucket);
        inBucket += m_groups[i].known;
    }
    m_bucketEnds.push_back(m_groups.size());
}

// Values of all groups of a bucket, group by group.
Result<void> OperationTape::fillBucket(std::size_t bucket, std::vector<Value> &values)
{
    std::vector<Entry> entries;
    TS_TRY(m_dealt->take(bucket, entries));
    values.resize(entries.size());
    const std::size_t first = bucket == 0 ? 0 : m_bucketEnds[bucket - 1];
    std::vector<std::size_t> next;
    for (std::size_t group = first; group < m_bucketEnds[bucket]; ++group)
        next.push_back(m_groups[group].begin);
    for (const Entry &entry : entries)
        values[next[entry.pair - first]++] = {entry.duration, double(entry.weight)};
    return {};
}

Result<std::vector<OperationFigures>> OperationTape::figures(const Progress &progress)
{
    std::vector<std::uint32_t> bucketOf(m_groups.size());
    for (std::size_t bucket = 0, group = 0; bucket < m_bucketEnds.size(); ++bucket) {
        for (; group < m_bucketEnds[bucket]; ++group)
            bucketOf[group] = std::uint32_t(bucket);
    }
    m_dealt = std::make_unique<SpillBuckets<Entry>>(m_workspace.path().parent_path(), m_bucketEnds.size(),
        kTapeBudget);
    std::vector<Entry> piece;
    for (Part &part : m_parts) {
        for (std::size_t i = 0; i < part.tape->bucketCount(); ++i) {
            if (progress.isCancelled())
                return fail(ErrorCode::Cancelled, m_workspace.path().string(),
                    "cancelled while computing statistics");
            piece.clear();
            TS_TRY(part.tape->take(i, piece));
            for (const Entry &entry : piece) {
                const std::size_t group = part.pairs[entry.pair].group;
                m_dealt->add(bucketOf[group], {entry.duration, std::uint32_t(group), entry.weight});
            }
        }
        part.tape.reset();
    }
    piece = {};

    std::vector<OperationFigures> rows;
    std::vector<Value> values;
    for (std::size_t bucket = 0, group = 0; bucket < m_bucketEnds.size(); ++bucket) {
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, m_workspace.path().string(),
                "cancelled while computing statistics");
        TS_TRY(fillBucket(bucket, values));
        while (group < m_bucketEnds[bucket]) {
            std::size_t last = group + 1;
            while (last < m_bucketEnds[bucket] && m_groups[last].operation == m_groups[group].operation
                && m_groups[last].service == m_groups[group].service)
                ++last;
            rows.push_back(figuresOf(group, last, values, true));
            for (std::size_t i = group; last - group > 1 && i < last; ++i)
                rows.push_back(figuresOf(i, i + 1, values, false));
            group = last;
        }
    }
    return rows;
}

// Selecting within the whole first only moves values about inside it; the instances are then taken from what
// they own, so the whole is selected on a copy when there are several.
OperationFigures OperationTape::figuresOf(std::size_t first, std::size_t last, std::vector<Value> &values,
    bool wholeOperation) const
{
    OperationFigures row;
    row.service = m_services[m_groups[first].service];
    row.operation = m_operations[m_groups[first].operation];
    if (!wholeOperation)
        row.instance = m_instances[m_groups[first].instance];
    double self = 0;
    std::int64_t knownSelf = 0;
    for (std::size_t i = first; i < last; ++i) {
        row.n += m_groups[i].known;
        row.unknown += m_groups[i].unknown;
        row.errors += m_groups[i].errors;
        knownSelf += m_groups[i].knownSelf;
        self += m_groups[i].self;
    }
    if (row.n == 0)
        return row;
    std::vector<Value> copy;
    std::span<Value> own(values.data() + m_groups[first].begin, std::size_t(row.n));
    if (last - first > 1) {
        copy.assign(own.begin(), own.end());
        own = copy;
    }
    WideInt total = 0;
    double weighted = 0;
    row.min = row.max = own.front().duration;
    for (const Value &value : own) {
        total += value.duration;
        row.weight += value.weight;
        weighted += value.weight * double(value.duration);
        row.min = std::min(row.min, value.duration);
        row.max = std::max(row.max, value.duration);
    }
    row.total = clampToNanos(total);
    if (knownSelf > 0)
        row.self = clampToNanos(WideInt(self));
    row.mean = weighted / row.weight;
    const auto less = [](const Value &a, const Value &b) { return a.duration < b.duration; };
    if (m_weights.empty()) {
        std::size_t from = 0;
        for (std::size_t i = 0; i < kShownQuantiles.size(); ++i) {
            const auto place = std::size_t(nearestRank(row.n, kShownQuantiles[i]) - 1);
            if (place >= from)
                std::nth_element(own.begin() + std::ptrdiff_t(from), own.begin() + std::ptrdiff_t(place),
                    own.end(), less);
            from = place;
            row.quantiles[i] = own[place].duration;
        }
        return row;
    }
    std::sort(own.begin(), own.end(), less);
    double sum = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < kShownQuantiles.size(); ++i) {
        const double target = weightedTarget(row.weight, kShownQuantiles[i]);
        while (at + 1 < own.size() && sum + own[at].weight < target)
            sum += own[at++].weight;
        row.quantiles[i] = own[at].duration;
    }
    return row;
}

} // namespace tailscope::analysis
