// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/poolverdicts.h"

#include "analysis/rowinsert.h"

#include <memory>
#include <optional>
#include <string>

namespace tailscope::analysis {

namespace {

/// A pool, or all instances of it, with its figures.
struct Judged
{
    std::int64_t sourceId = 0, serverId = 0;
    std::string kind, pool;
    std::optional<std::string> instance; ///< nothing = all together
    PoolSurroundings around;
    PoolFigures figures;
};

constexpr std::string_view kVerdictColumns
    = "run_id, source_id, server_id, pool, instance, start_ns, end_ns, verdict, n, capacity, utilisation,"
      " saturated_share, service_ms, wait_ms, needed, throughput_cap, kind, instances, cause, server, "
      "ceiling,"
      " ceiling_value, utilisation_max, busy_share, busy70_ns, busy90_ns, pinned_ns, above70_s, above90_s,"
      " saturated_s, usual_service_ms, throughput, arrival_rate, demand, deficit, waiting_max, wait_p50_ms,"
      " wait_p95_ms, wait_p99_ms, slow_wait_s, reached_wait_ms, timeouts, timeout_share, acquire_timeout_ms,"
      " client_timeout_ms, no_goodput_ns, abandoned_share, server_active, server_cpu, server_cores, "
      "opened_per_s,"
      " clients_share, idle_share, leak_per_hour, leak_correlation, leak_in_s";

void addId(RowInsert &insert, std::int64_t id)
{
    if (id != 0)
        insert.add(id);
    else
        insert.null();
}

void addTime(RowInsert &insert, const std::optional<Nanos> &ns) { insert.nanos(ns.value_or(kUnknownNanos)); }

/// A leak that was too short to judge has no slope.
void addLeak(RowInsert &insert, const LeakVerdict &leak)
{
    if (leak.kind == LeakVerdict::Kind::TooShort) {
        insert.null().null().null();
        return;
    }
    insert.add(leak.slopePerHour).add(leak.correlation.value_or(kUnknownReal));
    insert.add(leak.exhaustedInS.value_or(kUnknownReal));
}

Result<void> writeVerdict(RowInsert &insert, std::int64_t run, const Judged &judged)
{
    const PoolFigures &f = judged.figures;
    insert.add(run);
    addId(insert, judged.sourceId);
    addId(insert, judged.serverId);
    insert.add(std::string_view(judged.pool));
    if (judged.instance)
        insert.add(std::string_view(*judged.instance));
    else
        insert.null();
    const std::string cause = f.isBurst && f.cause == PoolCause::None ? "burst" : causeText(f.cause);
    insert.nanos(f.startNs).nanos(f.endNs).add(std::string_view(f.verdict)).add(f.n).add(f.capacity);
    insert.add(f.utilisation).add(f.saturatedShare).add(f.serviceMs).add(f.waitMs).add(f.needed);
    insert.add(f.throughputCap).add(std::string_view(judged.kind)).add(std::int64_t(f.instances));
    insert.add(std::string_view(cause))
        .textOrNull(judged.around.server)
        .textOrNull(f.ceilingName)
        .add(f.ceiling);
    insert.add(f.utilisationMax).add(f.busyShare);
    addTime(insert, f.busy70Ns);
    addTime(insert, f.busy90Ns);
    addTime(insert, f.pinnedNs);
    insert.add(f.above70S).add(f.above90S).add(f.saturatedS).add(f.usualServiceMs).add(f.throughput);
    insert.add(f.arrivalRate)
        .add(f.demand)
        .add(f.deficit)
        .add(f.waitingMax)
        .add(f.waitP50Ms)
        .add(f.waitP95Ms);
    insert.add(f.waitP99Ms).add(f.slowWaitS).add(f.reachedWaitMs).add(f.timeouts).add(f.timeoutShare);
    insert.add(f.acquireTimeoutMs).add(f.clientTimeoutMs);
    addTime(insert, f.noGoodputNs);
    insert.add(f.abandonedShare).add(f.serverActive).add(f.serverCpu);
    insert.add(judged.around.serverCores.value_or(kUnknownReal)).add(f.openedPerS).add(f.clientsShare);
    insert.add(f.idleShare);
    addLeak(insert, f.leak);
    return insert.run();
}

Result<void> writeCeilings(RowInsert &insert, std::int64_t run, const Judged &judged)
{
    for (const PoolCeiling &ceiling : judged.figures.ceilings) {
        insert.add(run).add(std::string_view(judged.kind)).add(std::string_view(judged.pool));
        if (judged.instance)
            insert.add(std::string_view(*judged.instance));
        else
            insert.null();
        insert.add(std::string_view(ceiling.ofWait ? "wait" : "connections"))
            .add(std::string_view(ceiling.name));
        insert.add(ceiling.value).nanos(ceiling.startNs).nanos(ceiling.endNs).add(ceiling.samples);
        TS_TRY(insert.run());
    }
    return {};
}

Result<void> writePart(RowInsert &insert, std::int64_t run, const Fleet &fleet, const Fleet::Part *part)
{
    const FleetDemand &most = fleet.atMost;
    insert.add(run);
    addId(insert, fleet.sourceId);
    insert.add(std::string_view(fleet.server));
    std::int64_t instances = fleet.instances(), maxInstances = 0, workers = 0, size = 0;
    if (part) {
        insert.textOrNull(part->service).add(std::string_view(part->pool)).textOrNull(part->mode);
        instances = part->instances;
        maxInstances = part->maxInstances;
    } else {
        insert.null().null().null();
        maxInstances = fleet.instances(true);
    }
    const Fleet::Part &first = part ? *part : fleet.parts.front();
    workers = first.workers;
    size = first.size;
    const std::int64_t demand = part ? part->demand() : fleet.now.demand;
    const std::int64_t maxDemand = part ? part->maxDemand() : most.demand;
    const double usable = double(most.usable);
    insert.add(instances).add(maxInstances);
    if (part || fleet.parts.size() == 1)
        insert.add(workers).add(size);
    else
        insert.null().null();
    insert.add(demand).add(maxDemand).add(most.usable).add(fleet.maxConnections).add(fleet.reserved);
    insert.add(double(demand) / usable).add(double(maxDemand) / usable);
    if (part) {
        insert.null().null().null().null().null().add(std::int64_t(part->counted));
    } else {
        insert.add(std::string_view(fleetStateText(most.state))).add(most.budget).add(most.budget80);
        insert.add(most.budget70).add(most.firstFailing).add(std::int64_t(1));
    }
    if (fleet.cores)
        insert.add(2 * *fleet.cores + fleet.spindles.value_or(1));
    else
        insert.null();
    return insert.run();
}

Result<WriteRows> rowsOf(std::shared_ptr<const std::vector<Judged>> judged,
    std::shared_ptr<const std::vector<Fleet>> fleets)
{
    return WriteRows([judged, fleets](store::Database &writer, std::int64_t run) -> Result<void> {
        RowInsert verdicts, ceilings, parts;
        TS_TRY(verdicts.replace(writer, "pool_verdict", kVerdictColumns));
        TS_TRY(ceilings.replace(writer, "pool_ceiling",
            "run_id, kind, pool, instance, what, name, value, start_ns, end_ns, samples"));
        TS_TRY(parts.replace(writer, "pool_fleet",
            "run_id, source_id, server, service, pool, mode, instances, instances_max, workers, size, demand,"
            " max_demand, usable, max_connections, reserved, ratio, max_ratio, state, budget, budget_80, "
            "budget_70,"
            " first_failing, counted, server_bound"));
        for (const Judged &each : *judged) {
            TS_TRY(writeVerdict(verdicts, run, each));
            TS_TRY(writeCeilings(ceilings, run, each));
        }
        for (const Fleet &fleet : *fleets) {
            TS_TRY(writePart(parts, run, fleet, nullptr));
            for (const Fleet::Part &part : fleet.parts)
                TS_TRY(writePart(parts, run, fleet, &part));
        }
        return {};
    });
}

Judged judge(const PoolContext &context, const std::vector<const PoolSeries *> &group, bool together,
    int instances)
{
    const PoolSeries &first = *group.front();
    const std::vector<PoolBin> bins = binsOf(group);
    double capacity = kUnknownReal;
    for (const PoolSeries *series : group) {
        for (const PoolSample &sample : series->samples) {
            if (!(capacity >= sample.capacity))
                capacity = sample.capacity;
        }
    }
    Judged judged;
    judged.kind = first.kind;
    judged.pool = first.pool;
    judged.serverId = first.serverId;
    judged.sourceId = first.sourceId;
    for (const PoolSeries *series : group) {
        if (series->sourceId != judged.sourceId)
            judged.sourceId = 0;
    }
    if (!together)
        judged.instance = first.instance;
    judged.around = context.surroundingsOf(first, capacity, instances);
    judged.figures = poolFigures(bins, judged.around);
    judged.around.serverActive = TimedValues(); // not needed again, and there may be thousands of instances
    judged.around.serverCpu = TimedValues();
    return judged;
}

} // namespace

Result<WriteRows> computePoolVerdicts(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    const Result<std::vector<PoolSeries>> pools = readPools(*reader, progress);
    if (!pools)
        return fail(pools.error());
    const Result<PoolContext> context = PoolContext::read(*reader);
    if (!context)
        return fail(context.error());
    auto judged = std::make_shared<std::vector<Judged>>();
    for (std::size_t begin = 0; begin < pools->size();) {
        std::vector<const PoolSeries *> group;
        std::size_t end = begin;
        for (; end < pools->size() && (*pools)[end].kind == (*pools)[begin].kind
             && (*pools)[end].pool == (*pools)[begin].pool;
             ++end)
            group.push_back(&(*pools)[end]);
        judged->push_back(judge(*context, group, true, int(group.size())));
        for (const PoolSeries *series : group) {
            if (progress.isCancelled())
                return fail(ErrorCode::Cancelled, "pools", "cancelled");
            if (group.size() > 1)
                judged->push_back(judge(*context, {series}, false, int(group.size())));
        }
        begin = end;
    }
    return rowsOf(judged, std::make_shared<const std::vector<Fleet>>(fleetsOf(context->topologies())));
}

} // namespace tailscope::analysis
