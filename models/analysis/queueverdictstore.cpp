// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of queue_verdict and queue_alarm.
#include "analysis/queuetracks.h"
#include "analysis/rowinsert.h"

#include <cmath>
#include <iterator>
#include <map>
#include <set>

namespace tailscope::analysis {

namespace {

constexpr const char *kColumns
    = "run_id, source_id, queue, consumer_group, scope, verdict, start_ns, end_ns, n, partitions, members, "
      "assigned,"
      " members_before, depth_first, depth_last, depth_max, max_partition, arrival_per_s, completion_per_s,"
      " arrival_before_per_s, completion_before_per_s, growth_per_s, drain_s, last_progress_ns, retention_s,"
      " oldest_age_s, margin_s, position, same_as";

struct Found
{
    QueueTrack track;
    std::vector<QueueVerdict> verdicts;
    std::string sameAs;
};

void addTwins(std::vector<Found> &all)
{
    std::map<std::pair<std::string, std::string>, std::set<std::string>> groups;
    for (const Found &found : all)
        groups[{found.track.queue, normalisedGroupName(found.track.group)}].insert(found.track.group);
    for (Found &found : all) {
        const std::set<std::string> &alike
            = groups[{found.track.queue, normalisedGroupName(found.track.group)}];
        if (found.track.group.empty() || alike.size() < 2)
            continue;
        found.sameAs = *alike.rbegin() != found.track.group ? *alike.rbegin() : *std::next(alike.rbegin());
    }
}

Result<void> writeVerdict(RowInsert &insert, std::int64_t run, const Found &found,
    const QueueVerdict &verdict)
{
    const QueueTrack &track = found.track;
    const QueuePoint &first = track.points[verdict.first], &last = track.points[verdict.last];
    const auto real
        = [&insert](const std::optional<double> &value) { insert.add(value.value_or(std::nan(""))); };
    double deepest = std::nan("");
    for (const QueueTrack::Partition &partition : track.partitions)
        deepest = std::fmax(deepest, partition.deepest);
    insert.add(run).add(track.source).add(std::string_view(track.queue)).textOrNull(track.group);
    insert.add(std::string_view(verdict.isPhase ? "phase" : "all")).add(queueWord(verdict.word));
    insert.add(first.ts).add(last.ts).add(std::int64_t(verdict.last - verdict.first + 1));
    insert.add(std::int64_t(last.partitions))
        .add(verdict.members)
        .add(verdict.assigned)
        .add(verdict.membersBefore);
    insert.add(first.depth).add(last.depth).add(verdict.deepest).add(deepest);
    insert.add(verdict.arrival)
        .add(verdict.completion)
        .add(verdict.arrivalBefore)
        .add(verdict.completionBefore);
    real(verdict.growth);
    real(verdict.drainSeconds);
    verdict.lastProgress ? insert.add(*verdict.lastProgress) : insert.null();
    insert.add(track.retentionMs / 1'000);
    real(verdict.oldestAgeSeconds);
    real(verdict.marginSeconds);
    if (track.hasPositions && std::abs(last.completed) < 9e18)
        insert.add(std::int64_t(last.completed));
    else
        insert.null();
    insert.textOrNull(found.sameAs);
    return insert.run();
}

} // namespace

Result<WriteRows> computeQueueVerdicts(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    auto tracks = readQueueTracks(*reader, std::nullopt, progress);
    if (!tracks)
        return tl::unexpected(std::move(tracks.error()));
    std::vector<Found> all;
    for (QueueTrack &track : *tracks) {
        std::vector<QueueVerdict> verdicts = queueVerdicts(track);
        all.push_back({std::move(track), std::move(verdicts), {}});
    }
    addTwins(all);
    return WriteRows([all = std::move(all)](store::Database &writer, std::int64_t run) -> Result<void> {
        RowInsert insert;
        TS_TRY(insert.replace(writer, "queue_verdict", kColumns));
        for (const Found &found : all) {
            for (const QueueVerdict &verdict : found.verdicts)
                TS_TRY(writeVerdict(insert, run, found, verdict));
        }
        RowInsert alarms;
        TS_TRY(alarms.replace(writer, "queue_alarm",
            "run_id, source_id, queue, consumer_group, alarm, first_ns"));
        for (const Found &found : all) {
            for (const QueueAlarm &alarm : queueAlarms(found.track.points)) {
                alarms.add(run).add(found.track.source).add(std::string_view(found.track.queue));
                alarms.textOrNull(found.track.group).add(alarm.rule);
                alarm.first ? alarms.add(*alarm.first) : alarms.null();
                TS_TRY(alarms.run());
            }
        }
        return {};
    });
}

} // namespace tailscope::analysis
