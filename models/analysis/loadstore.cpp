// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What rules and SQL may ask of load tests: tables load_phase, load_point, load_verdict, load_slope.
#include "analysis/loadruns.h"
#include "analysis/rowinsert.h"

#include <cmath>

namespace tailscope::analysis {

namespace {

using Runs = std::vector<LoadRun>;

Result<void> writePhases(const Runs &runs, store::Database &writer, std::int64_t id)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "load_phase",
        "run_id, load_run_id, position, name, kind, is_found, is_steady, start_ns, end_ns, users, rate, "
        "target_rate,"
        " requests, errors, error_share, n, p50_ms, p95_ms, p99_ms, max_ms, mean_ms"));
    for (const LoadRun &run : runs) {
        std::int64_t position = 0;
        for (const LoadPhase &phase : run.phases) {
            if (phase.kind == "interval")
                continue; // run_phase has them
            insert.add(id).add(run.id).add(position++).add(std::string_view(phase.name));
            insert.add(std::string_view(phase.kind)).add(std::int64_t(phase.isFound));
            insert.add(std::int64_t(phase.isSteady())).nanos(phase.start).nanos(phase.end);
            insert.add(phase.users).add(phase.rate).add(phase.targetRate);
            if (phase.requests >= 0)
                insert.add(phase.requests);
            else
                insert.null();
            if (phase.errors >= 0)
                insert.add(phase.errors);
            else
                insert.null();
            insert.add(phase.errorShare());
            if (phase.timed > 0)
                insert.add(phase.timed);
            else
                insert.null();
            insert.add(phase.p50Ms).add(phase.p95Ms).add(phase.p99Ms).add(phase.maxMs).add(phase.meanMs);
            TS_TRY(insert.run());
        }
    }
    return {};
}

Result<void> writePoints(const Runs &runs, store::Database &writer, std::int64_t id)
{
    RowInsert insert;
    TS_TRY(
        insert.replace(writer, "load_point", "run_id, load_run_id, users, per_second, fitted, of_all_runs"));
    for (const LoadRun &run : runs) {
        const Result<ScalabilityFit> fit = fitScalability(run.points);
        for (const LoadPoint &point : run.points) {
            insert.add(id).add(run.id).add(point.users).add(point.perSecond);
            insert.add(fit ? fit->at(point.users) : kUnknownReal).add(std::int64_t(run.pointsOfAll));
            TS_TRY(insert.run());
        }
    }
    return {};
}

Result<void> writeVerdicts(const Runs &runs, store::Database &writer, std::int64_t id)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "load_verdict",
        "run_id, load_run_id, name, tool, start_ns, end_ns, loop, loop_reason, omission, stalls, stalled_ms,"
        " starts_expected, starts, corrected_p99_ms, rate_latency, levels, knee_users, peak_users, "
        "peak_per_second,"
        " last_share, is_collapse, is_peak_reached, usl_lambda, usl_sigma, usl_kappa, usl_r2, usl_fits, "
        "usl_best_users"));
    for (const LoadRun &run : runs) {
        const Result<Knee> knee = throughputKnee(run.points);
        const Result<ScalabilityFit> fit = fitScalability(run.points);
        const std::string omission = run.omissionVerdict();
        insert.add(id).add(run.id).textOrNull(run.name).textOrNull(run.tool).nanos(run.start).nanos(run.end);
        insert.add(std::string_view(run.loop)).textOrNull(run.loopReason).add(std::string_view(omission));
        if (run.omission)
            insert.add(run.omission->stalls)
                .add(double(run.omission->stalled) / 1e6)
                .add(run.omission->expected)
                .add(run.omission->started);
        else
            insert.null().null().null().null();
        insert.add(run.correctedP99Ms).add(run.rateLatency).add(std::int64_t(run.points.size()));
        if (knee)
            insert.add(knee->users)
                .add(knee->peakUsers)
                .add(knee->peakPerSecond)
                .add(knee->last)
                .add(std::int64_t(knee->isCollapse))
                .add(std::int64_t(knee->isPeakReached));
        else
            insert.null().null().null().null().null().null();
        if (fit)
            insert.add(fit->lambda)
                .add(fit->sigma)
                .add(fit->kappa)
                .add(fit->rSquared)
                .add(std::int64_t(fit->fits))
                .add(fit->bestUsers.value_or(kUnknownReal));
        else
            insert.null().null().null().null().null().null();
        TS_TRY(insert.run());
    }
    return {};
}

Result<void> writeSlopes(const Runs &runs, store::Database &writer, std::int64_t id)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "load_slope",
        "run_id, load_run_id, measure, series_id, unit, per_hour, lower, upper, level, hours, relative, "
        "start_ns,"
        " end_ns"));
    for (const LoadRun &run : runs) {
        for (const LoadSlope &each : run.slopes) {
            insert.add(id).add(run.id).add(std::string_view(each.measure));
            if (each.seriesId > 0)
                insert.add(each.seriesId);
            else
                insert.null();
            insert.textOrNull(each.unit).add(each.slope.perHour).add(each.slope.lower).add(each.slope.upper);
            insert.add(each.slope.level)
                .add(each.slope.hours)
                .add(each.slope.relative().value_or(kUnknownReal));
            insert.nanos(each.start).nanos(each.end);
            TS_TRY(insert.run());
        }
    }
    return {};
}

Result<void> writeValidity(const Runs &runs, store::Database &writer, std::int64_t id)
{
    RowInsert insert;
    TS_TRY(insert.replace(writer, "load_validity", "run_id, load_run_id, item, is_met, test, production"));
    for (const LoadRun &run : runs) {
        for (const LoadValidity &point : run.validity) {
            insert.add(id).add(run.id).add(std::string_view(point.item)).add(std::int64_t(point.isMet));
            insert.add(std::string_view(point.test)).textOrNull(point.production);
            TS_TRY(insert.run());
        }
    }
    return {};
}

} // namespace

Result<WriteRows> computeLoadRuns(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    const Result<bool> hasRequests = haveLoadRequests(*reader);
    if (!hasRequests)
        return fail(hasRequests.error());
    std::shared_ptr<const SpanColumns> columns;
    if (*hasRequests) {
        Result<std::shared_ptr<const SpanColumns>> loaded = SpanColumns::load(workspace, progress);
        if (!loaded)
            return fail(loaded.error());
        columns = std::move(*loaded);
    }
    Result<std::vector<LoadRun>> read = readLoadRuns(workspace, columns.get(), progress);
    if (!read)
        return fail(read.error());
    return WriteRows([runs = std::make_shared<const Runs>(std::move(*read))](store::Database &writer,
                         std::int64_t id) -> Result<void> {
        TS_TRY(writePhases(*runs, writer, id));
        TS_TRY(writePoints(*runs, writer, id));
        TS_TRY(writeVerdicts(*runs, writer, id));
        TS_TRY(writeSlopes(*runs, writer, id));
        return writeValidity(*runs, writer, id);
    });
}

} // namespace tailscope::analysis
