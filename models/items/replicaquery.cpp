// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/replicaquery.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace tailscope::items {

using analysis::LagVerdict;
using analysis::ReplicaPoint;
using analysis::ReplicaTrack;

namespace {

Result<void> eachRow(store::Database &reader, std::string_view sql, std::optional<TimeRange> range,
    const std::function<void(const store::Statement &)> &take)
{
    auto query = reader.prepare(sql);
    if (!query)
        return fail(query.error());
    if (query->parameterIndex(":begin") >= 0) {
        query->bind(query->parameterIndex(":begin"),
            range ? range->begin : std::numeric_limits<Nanos>::min());
        query->bind(query->parameterIndex(":end"), range ? range->end : std::numeric_limits<Nanos>::max());
    }
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        take(*query);
    }
}

/// Of each bin the moment with the largest lag; unknown moments stay where a bin has nothing else.
std::vector<ReplicaPoint> thinned(const std::vector<ReplicaPoint> &points)
{
    if (points.size() <= ReplicaLane::kMaxDrawn)
        return points;
    std::vector<ReplicaPoint> out;
    const std::size_t width = (points.size() + ReplicaLane::kMaxDrawn - 1) / ReplicaLane::kMaxDrawn;
    for (std::size_t first = 0; first < points.size(); first += width) {
        std::size_t best = first;
        for (std::size_t i = first; i < std::min(points.size(), first + width); ++i) {
            if (std::isnan(points[best].lag.ms) || points[i].lag.ms > points[best].lag.ms)
                best = i;
        }
        out.push_back(points[best]);
    }
    return out;
}

ReplicaLane laneOf(const ReplicaTrack &track, std::vector<LagVerdict> verdicts)
{
    ReplicaLane lane;
    lane.server = track.server;
    lane.name = track.replica;
    lane.syncState = track.syncState;
    lane.primaryView = track.primaryView;
    lane.step = analysis::usualStep(track);
    lane.points = thinned(track.points);
    for (const ReplicaPoint &point : track.points) {
        if (!std::isnan(point.lag.ms))
            lane.sortedLags.push_back(point.lag.ms);
    }
    std::sort(lane.sortedLags.begin(), lane.sortedLags.end());
    lane.received = track.points.back().received;
    lane.replayed = track.points.back().replayed;
    lane.timeline = track.points.back().timeline;
    lane.whole = std::move(verdicts.front());
    lane.episodes.assign(std::make_move_iterator(verdicts.begin() + 1),
        std::make_move_iterator(verdicts.end()));
    return lane;
}

Result<void> readSlots(store::Database &reader, std::optional<TimeRange> range, ReplicaOverview &out)
{
    std::optional<std::int64_t> first, server;
    Nanos firstTs = 0;
    return eachRow(reader,
        "SELECT slot, kind, ts_ns, active, retained_bytes, wal_status, safe_wal_bytes, server_id"
        " FROM slot_sample"
        " WHERE ts_ns >= :begin AND ts_ns < :end ORDER BY server_id, slot, ts_ns",
        range, [&](const store::Statement &row) {
            if (out.slotStates.empty() || out.slotStates.back().name != row.text(0)
                || server != row.optionalInteger(7)) {
                out.slotStates.push_back({});
                out.slotStates.back().name = row.text(0);
                server = row.optionalInteger(7);
                first.reset();
            }
            if (!first && !row.isNull(4)) {
                first = row.integer(4);
                firstTs = row.integer(2);
            }
            SlotState &slot = out.slotStates.back();
            slot.kind = row.text(1);
            slot.last = row.integer(2);
            if (!row.isNull(3))
                slot.active = row.integer(3) != 0;
            slot.retained = row.optionalInteger(4);
            slot.status = row.text(5);
            slot.safe = row.optionalInteger(6);
            if (slot.retained && first && slot.last > firstTs)
                slot.growth = (double(*slot.retained) - double(*first)) / (double(slot.last - firstTs) / 1e9);
        });
}

Result<void> readSurroundings(store::Database &reader, std::optional<TimeRange> range, ReplicaOverview &out)
{
    TS_TRY(eachRow(reader, "SELECT count(*) FROM replica_sample", range,
        [&](const store::Statement &row) { out.all = row.integer(0); }));
    TS_TRY(eachRow(reader,
        "SELECT setting FROM setting WHERE name = 'synchronous_standby_names' ORDER BY ts_ns DESC LIMIT 1",
        range, [&](const store::Statement &row) { out.syncNames = row.text(0); }));
    TS_TRY(eachRow(reader,
        "SELECT DISTINCT coalesce(a.name, a.host, 'server ' || a.id) FROM server AS a JOIN server AS b"
        " ON b.system_identifier = a.system_identifier AND b.id <> a.id"
        " AND coalesce(b.name, b.host, '') <> coalesce(a.name, a.host, '')"
        " WHERE a.in_recovery = 0 AND b.in_recovery = 0 ORDER BY 1 LIMIT 10",
        range, [&](const store::Statement &row) { out.primaries.emplace_back(row.text(0)); }));
    return eachRow(reader,
        "SELECT server_id, replica, p50(coalesce(flush_lag_ms, write_lag_ms) * 1000) / 1e3 FROM "
        "replica_sample"
        " WHERE coalesce(flush_lag_ms, write_lag_ms) > 0 AND ts_ns >= :begin AND ts_ns < :end GROUP BY 1, 2",
        range, [&](const store::Statement &row) {
            for (ReplicaLane &lane : out.lanes) {
                if (lane.server == row.optionalInteger(0) && lane.name == row.text(1))
                    lane.flushLagMs = row.optionalReal(2);
            }
        });
}

void rank(ReplicaOverview &out)
{
    std::vector<analysis::PromotionNode> nodes;
    std::optional<std::int64_t> primary;
    std::optional<double> rate;
    for (const ReplicaLane &lane : out.lanes) {
        nodes.push_back({lane.name, lane.received, lane.replayed, lane.timeline,
            // Of a quorum any member may lack a commit; one without a link was let go of.
            lane.syncState == "sync" && lane.whole.verdict != "disconnected"});
        const ReplicaPoint &last = lane.points.back();
        if (last.current && last.current > primary.value_or(-1))
            primary = last.current;
        if (last.walRate > 0)
            rate = last.walRate;
    }
    out.ranks = analysis::promotionRanks(nodes, primary, rate);
}

} // namespace

double shareAbove(const std::vector<double> &sorted, double ms)
{
    if (sorted.empty())
        return std::numeric_limits<double>::quiet_NaN();
    const auto above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), ms);
    return double(above) / double(sorted.size());
}

Result<ReplicaOverview> replicaOverview(const store::Workspace &workspace, std::optional<TimeRange> range,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    reader->setCancel(progress.cancel);
    auto tracks = analysis::readReplicaTracks(*reader, range, progress);
    if (!tracks)
        return fail(tracks.error());
    ReplicaOverview out;
    const auto correlations = analysis::lagCorrelations(*tracks);
    for (std::size_t i = 0; i < tracks->size(); ++i) {
        std::vector<LagVerdict> verdicts = analysis::lagVerdicts((*tracks)[i]);
        if (verdicts.empty())
            continue;
        TS_TRY(analysis::addSessions(*reader, (*tracks)[i], verdicts, progress));
        verdicts.front().correlation = correlations[i];
        out.lanes.push_back(laneOf((*tracks)[i], std::move(verdicts)));
    }
    TS_TRY(readSlots(*reader, range, out));
    TS_TRY(readSurroundings(*reader, range, out));
    rank(out);
    return out;
}

} // namespace tailscope::items
