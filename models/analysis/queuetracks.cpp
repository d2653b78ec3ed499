// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/queuetracks.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::analysis {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

constexpr const char *kSamples
    = "SELECT source_id, coalesce(queue, ''), coalesce(consumer_group, ''), ts_ns, coalesce(\"partition\", "
      "''), depth,"
      " arrived, completed, members, assigned, oldest_age_ms, retention_ms, position, end_position, failed"
      " FROM queue_sample WHERE ts_ns IS NOT NULL";

/// Sum of two figures of which either may be unknown.
double plus(double a, double b) { return std::isnan(a) ? b : std::isnan(b) ? a : a + b; }

/// Puts the rows of one moment together.
class MomentBuilder
{
public:
    explicit MomentBuilder(QueueTrack &track)
        : m_track(track)
    {}

    void take(const store::Statement &row)
    {
        const Nanos ts = row.integer(3);
        if (m_open && ts != m_ts)
            flush();
        m_open = true;
        m_ts = ts;
        const std::string name(row.text(4));
        Last &last = m_last[name];
        const double position = firstKnown(row.real(12), row.real(7));
        const double end = firstKnown(row.real(13), row.real(6));
        double depth = row.real(5);
        if (std::isnan(depth) && !std::isnan(row.real(12)) && !std::isnan(row.real(13)))
            depth = std::max(0.0, row.real(13) - row.real(12));
        m_track.hasPositions = m_track.hasPositions || !row.isNull(12);
        if (position > last.partition.position)
            last.partition.lastProgress = ts;
        last.partition.position = firstKnown(position, last.partition.position);
        last.partition.end = firstKnown(end, last.partition.end);
        last.partition.depth = firstKnown(depth, last.partition.depth);
        last.partition.deepest = std::fmax(last.partition.deepest, depth);
        last.hasDepth = last.hasDepth || !std::isnan(depth);
        m_members = std::fmax(m_members, row.real(8));
        m_assignedSum = plus(m_assignedSum, row.real(9));
        m_assignedMost = std::fmax(m_assignedMost, row.real(9));
        m_oldest = std::fmax(m_oldest, row.real(10)); // of all partitions
        m_track.retentionMs = firstKnown(row.real(11), m_track.retentionMs);
        m_track.failed = firstKnown(row.real(14), m_track.failed);
    }

    void finish()
    {
        if (m_open)
            flush();
        for (auto &[name, last] : m_last) {
            if (name.empty() && m_last.size() > 1)
                continue; // a row of the group as a whole
            last.partition.name = name;
            m_track.partitions.push_back(last.partition);
        }
    }

private:
    struct Last
    {
        QueueTrack::Partition partition{{}, kNone, kNone, kNone, kNone, {}};
        bool hasDepth = false;
    };

    static double firstKnown(double a, double b) { return std::isnan(a) ? b : a; }

    void flush()
    {
        QueuePoint point{m_ts, kNone, kNone, kNone, m_members, m_assignedSum, 0};
        const QueueTrack::Partition *whole = nullptr; // a row of the group beside those of its partitions
        for (const auto &[name, last] : m_last) {
            if (name.empty() && m_last.size() > 1) {
                whole = &last.partition;
                continue;
            }
            point.depth = plus(point.depth, last.partition.depth);
            point.completed = plus(point.completed, last.partition.position);
            point.arrived = plus(point.arrived, last.partition.end);
            point.partitions += 1;
        }
        if (whole) {
            point.depth = firstKnown(point.depth, whole->depth);
            point.completed = firstKnown(point.completed, whole->position);
            point.arrived = firstKnown(point.arrived, whole->end);
        }
        // One of two counters and the depth give the other.
        if (std::isnan(point.completed) && !std::isnan(point.arrived))
            point.completed = point.arrived - point.depth;
        else if (std::isnan(point.arrived) && !std::isnan(point.completed))
            point.arrived = point.completed + point.depth;
        // Formats write a flag a partition, or the number on every row.
        if (m_assignedMost > 1)
            point.assigned = m_assignedMost;
        m_track.points.push_back(point);
        m_track.oldestAgeMs = firstKnown(m_oldest, m_track.oldestAgeMs);
        m_open = false;
        m_members = m_assignedSum = m_assignedMost = m_oldest = kNone;
        if (m_track.points.size() < kMaxQueuePoints)
            return;
        std::size_t kept = 0;
        for (std::size_t i = 0; i < m_track.points.size(); i += 2)
            m_track.points[kept++] = m_track.points[i];
        m_track.points.resize(kept);
    }

    QueueTrack &m_track;
    std::map<std::string, Last> m_last;
    Nanos m_ts = 0;
    double m_members = kNone, m_assignedSum = kNone, m_assignedMost = kNone, m_oldest = kNone;
    bool m_open = false;
};

/// Of the points [first, last) that know it.
double median(const QueueTrack &track, std::size_t first, std::size_t last, double QueuePoint::*figure)
{
    std::vector<double> values;
    for (std::size_t i = first; i < last; ++i) {
        if (!std::isnan(track.points[i].*figure))
            values.push_back(track.points[i].*figure);
    }
    if (values.empty())
        return kNone;
    std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(values.size() / 2), values.end());
    return values[values.size() / 2];
}

/// Over the hour before a point.
double membersBefore(const QueueTrack &track, std::size_t before)
{
    std::size_t first = before;
    while (first > 0 && track.points[before].ts - track.points[first - 1].ts <= 3600 * kNanosPerSecond)
        --first;
    return median(track, first, before, &QueuePoint::members);
}

std::optional<Nanos> progressUpTo(const QueueTrack &track, std::size_t last)
{
    for (std::size_t i = last; i > 0; --i) {
        if (track.points[i].completed > track.points[i - 1].completed)
            return track.points[i].ts;
    }
    return std::nullopt;
}

void addFigures(const QueueTrack &track, QueueVerdict &verdict)
{
    const QueuePoint &first = track.points[verdict.first], &last = track.points[verdict.last];
    verdict.deepest = kNone;
    for (std::size_t i = verdict.first; i <= verdict.last; ++i)
        verdict.deepest = std::fmax(verdict.deepest, track.points[i].depth);
    verdict.growth = growthPerSecond(first.depth, last.depth, last.ts - first.ts);
    verdict.lastProgress = progressUpTo(track, verdict.last);
    if (!std::isnan(last.depth) && !std::isnan(verdict.arrival) && !std::isnan(verdict.completion))
        verdict.drainSeconds = drainSeconds(last.depth, verdict.completion, verdict.arrival);
    else if (last.depth == 0)
        verdict.drainSeconds = 0;
    if (!std::isnan(track.oldestAgeMs) && verdict.last + 1 == track.points.size())
        verdict.oldestAgeSeconds = track.oldestAgeMs / 1'000;
    else if (verdict.word == QueueWord::Stopped && verdict.lastProgress && last.depth > 0)
        verdict.oldestAgeSeconds = double(last.ts - *verdict.lastProgress) / 1e9;
    if (!std::isnan(track.retentionMs) && verdict.oldestAgeSeconds)
        verdict.marginSeconds
            = retentionMargin(track.retentionMs / 1'000, *verdict.oldestAgeSeconds).marginSeconds;
}

} // namespace

Result<std::vector<QueueTrack>> readQueueTracks(store::Database &reader, std::optional<TimeRange> range,
    const Progress &progress)
{
    auto query = reader.prepare(
        std::string(kSamples) + (range ? " AND ts_ns >= ?1 AND ts_ns < ?2" : "") + " ORDER BY 1, 2, 3, 4, 5");
    if (!query)
        return fail(query.error());
    if (range) {
        query->bind(0, range->begin);
        query->bind(1, range->end);
    }
    std::vector<QueueTrack> tracks;
    std::optional<MomentBuilder> builder;
    for (std::size_t rows = 0;; ++rows) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        if (rows % 4096 == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "queues", "cancelled");
        if (tracks.empty() || tracks.back().source != query->integer(0)
            || tracks.back().queue != query->text(1) || tracks.back().group != query->text(2)) {
            if (builder)
                builder->finish();
            builder.reset(); // it points into the vector that grows
            QueueTrack track;
            track.source = query->integer(0);
            track.queue = query->text(1);
            track.group = query->text(2);
            track.retentionMs = track.oldestAgeMs = track.failed = kNone;
            tracks.push_back(std::move(track));
            builder.emplace(tracks.back());
        }
        builder->take(*query);
    }
    if (builder)
        builder->finish();
    return tracks;
}

std::vector<QueueVerdict> queueVerdicts(const QueueTrack &track)
{
    std::vector<QueueVerdict> out;
    if (track.points.empty())
        return out;
    const std::vector<QueuePhase> phases = queuePhases(track.points);
    QueueVerdict whole;
    whole.last = track.points.size() - 1;
    whole.word = phases.empty() ? QueueWord::Unknown : phases.back().word;
    whole.membersBefore = whole.arrivalBefore = whole.completionBefore = kNone;
    whole.arrival = phases.empty() ? kNone : phases.back().arrivalPerSecond;
    whole.completion = phases.empty() ? kNone : phases.back().completionPerSecond;
    whole.members = track.points.back().members;
    whole.assigned = track.points.back().assigned;
    addFigures(track, whole);
    out.push_back(whole);
    double arrivalBefore = kNone, completionBefore = kNone;
    Nanos longest = 0;
    for (const QueuePhase &phase : phases) {
        QueueVerdict verdict;
        verdict.isPhase = true;
        verdict.word = phase.word;
        verdict.first = phase.first;
        verdict.last = phase.last;
        verdict.arrival = phase.arrivalPerSecond;
        verdict.completion = phase.completionPerSecond;
        verdict.arrivalBefore = arrivalBefore;
        verdict.completionBefore = completionBefore;
        verdict.membersBefore = membersBefore(track, phase.first);
        verdict.members = median(track, phase.first, phase.last + 1, &QueuePoint::members);
        verdict.assigned = median(track, phase.first, phase.last + 1, &QueuePoint::assigned);
        addFigures(track, verdict);
        const Nanos length = track.points[phase.last].ts - track.points[phase.first].ts;
        if (phase.word == QueueWord::KeepingUp && length > longest) {
            longest = length;
            arrivalBefore = phase.arrivalPerSecond;
            completionBefore = phase.completionPerSecond;
        }
        out.push_back(verdict);
    }
    return out;
}

} // namespace tailscope::analysis
