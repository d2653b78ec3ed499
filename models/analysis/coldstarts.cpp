// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/coldstarts.h"

#include "analysis/quantiles.h"
#include "analysis/rowinsert.h"

#include <algorithm>
#include <limits>
#include <map>

namespace tailscope::analysis {

namespace {

struct Request
{
    Nanos start = 0, duration = 0;
    std::uint32_t row = 0;
};

struct OfService
{
    std::map<std::string, std::vector<Request>> byInstance;
    std::map<std::uint32_t, std::vector<Nanos>> byOperation;
};

bool isOnAxis(const SpanColumns &columns, const TrackInfo &track)
{
    return std::find(columns.unaligned.begin(), columns.unaligned.end(), track.sourceId)
        == columns.unaligned.end();
}

ColdStarts startsOf(const SpanColumns &columns, OfService &service, Nanos begin,
    const ColdStartOptions &options)
{
    ColdStarts out;
    std::map<std::uint32_t, Nanos> usual;
    for (auto &[operation, durations] : service.byOperation)
        usual[operation] = percentile(durations, kP50).value_or(0);
    std::vector<Nanos> excesses;
    Nanos worst = -1;
    for (auto &[instance, requests] : service.byInstance) {
        ++out.instances;
        std::sort(requests.begin(), requests.end(), [](const Request &a, const Request &b) {
            return a.start != b.start ? a.start < b.start : a.row < b.row;
        });
        Nanos busyUntil = begin;
        for (const Request &request : requests) {
            const bool isFirst = saturatingSub(request.start, busyUntil) >= options.idle;
            busyUntil = std::max(busyUntil, saturatingAdd(request.start, request.duration));
            if (!isFirst)
                continue;
            ++out.starts;
            const Nanos excess = saturatingSub(request.duration, usual[columns.operation[request.row]]);
            if (excess < options.excess)
                continue;
            ++out.slow;
            excesses.push_back(excess);
            if (excess > worst) {
                worst = excess;
                out.exampleRow = request.row;
            }
        }
    }
    out.excess = percentile(excesses, kP50).value_or(kUnknownNanos);
    return out;
}

} // namespace

std::vector<ColdStarts> coldStarts(const SpanColumns &columns, const ColdStartOptions &options)
{
    std::map<std::string, OfService> services;
    std::vector<OfService *> serviceOfTrack;
    for (const TrackInfo &track : columns.tracks) {
        const bool counts = !track.service.empty() && !track.instance.empty() && isOnAxis(columns, track);
        serviceOfTrack.push_back(counts ? &services[track.service] : nullptr);
    }
    Nanos begin = std::numeric_limits<Nanos>::max();
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        OfService *service = serviceOfTrack[columns.track[row]];
        if (!service || SpanKind(columns.kind[row]) != SpanKind::Server
            || columns.duration[row] == kUnknownNanos)
            continue;
        begin = std::min(begin, columns.start[row]);
        service->byInstance[columns.tracks[columns.track[row]].instance].push_back(
            {columns.start[row], columns.duration[row], row});
        service->byOperation[columns.operation[row]].push_back(columns.duration[row]);
    }
    std::vector<ColdStarts> out;
    for (auto &[name, service] : services) {
        ColdStarts starts = startsOf(columns, service, begin, options);
        starts.service = name;
        if (starts.starts > 0)
            out.push_back(std::move(starts));
    }
    return out;
}

Result<WriteRows> computeColdStarts(const TraceInput &input)
{
    return WriteRows([found = coldStarts(input.columns), &columns = input.columns](store::Database &writer,
                         std::int64_t run) -> Result<void> {
        RowInsert insert;
        TS_TRY(insert.replace(writer, "cold_start",
            "run_id, service, instances, starts, slow, excess_p50_ns, example_span_id"));
        for (const ColdStarts &row : found) {
            insert.add(run)
                .add(std::string_view(row.service))
                .add(row.instances)
                .add(row.starts)
                .add(row.slow);
            insert.nanos(row.excess);
            if (row.slow > 0)
                insert.add(columns.id(row.exampleRow));
            else
                insert.null();
            TS_TRY(insert.run());
        }
        return {};
    });
}

} // namespace tailscope::analysis
