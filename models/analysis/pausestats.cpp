// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/pausestats.h"

#include "analysis/hostformulas.h"
#include "analysis/pointseries.h"
#include "analysis/quantiles.h"
#include "analysis/rowinsert.h"
#include "analysis/seriesshapes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kMostTraces = 200'000;
constexpr std::int64_t kMostPauses = 2'000'000;

struct PauseRow
{
    Nanos start = 0, length = 0;
    double heap = 0; ///< before it; NaN = unknown
    bool isFull = false;
};
struct Request
{
    std::string instance;
    TimeRange time;
};
/// One side of a change of length.
struct Side
{
    Nanos p50 = kUnknownNanos, p99 = kUnknownNanos;
    double heap = std::nan(""), perHour = std::nan(""), share = std::nan("");
};
struct Process
{
    std::int64_t source = 0;
    std::string instance;
    std::vector<PauseRow> pauses; ///< in order of time
    Nanos total = 0, p50 = 0, p99 = 0, max = 0, interval = kUnknownNanos;
    double share = std::nan("");
    std::int64_t requests = 0, touched = 0;
    Nanos requestP50 = kUnknownNanos;
    double modelShare = std::nan("");
    const SeriesName *rate = nullptr;
    double events = std::nan("");
    std::optional<PettittResult> change;
    Side before, after;
};
struct Found
{
    std::vector<SeriesName> names;
    std::vector<Process> processes;
};

Result<void> readPauses(store::Database &reader, Found &found)
{
    Result<store::Statement> query
        = reader.prepare("SELECT source_id, ifnull(instance, ''), ts_ns, duration_ns, heap_before,"
                         " lower(ifnull(kind, '')) LIKE '%full%' FROM pause"
                         " WHERE ts_ns IS NOT NULL AND duration_ns >= 0 LIMIT ?1");
    if (!query)
        return tl::unexpected(std::move(query.error()));
    query->bind(0, kMostPauses);
    std::map<std::pair<std::int64_t, std::string>, Process> processes;
    for (;;) {
        const Result<bool> more = query->step();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            break;
        Process &process = processes[{query->integer(0), std::string(query->text(1))}];
        process.pauses.push_back(
            {query->integer(2), query->integer(3), query->real(4), query->integer(5) != 0});
    }
    for (auto &[key, process] : processes) {
        std::tie(process.source, process.instance) = key;
        std::sort(process.pauses.begin(), process.pauses.end(),
            [](const PauseRow &a, const PauseRow &b) { return a.start < b.start; });
        found.processes.push_back(std::move(process));
    }
    return {};
}

Result<std::vector<Request>> readRequests(store::Database &reader)
{
    const auto count = reader.integer("SELECT count(*) FROM trace");
    if (!count)
        return tl::unexpected(count.error());
    const std::int64_t step = count->value_or(0) / std::int64_t(kMostTraces) + 1;
    Result<store::Statement> query
        = reader.prepare("SELECT ifnull(s.instance, ''), t.start_ns, t.duration_ns FROM trace AS t"
                         " LEFT JOIN span AS s ON s.id = t.root_span_id"
                         " WHERE t.id % ?1 = 0 AND t.start_ns IS NOT NULL AND t.duration_ns >= 0");
    if (!query)
        return tl::unexpected(std::move(query.error()));
    query->bind(0, step);
    std::vector<Request> requests;
    for (;;) {
        const Result<bool> more = query->step();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            return requests;
        const Nanos start = query->integer(1);
        requests.push_back({std::string(query->text(0)), {start, saturatingAdd(start, query->integer(2))}});
    }
}

std::vector<Nanos> lengths(const std::vector<PauseRow> &pauses, std::size_t from, std::size_t to)
{
    std::vector<Nanos> out;
    for (std::size_t i = from; i < to; ++i)
        out.push_back(pauses[i].length);
    return out;
}

Side sideOf(const std::vector<PauseRow> &pauses, std::size_t from, std::size_t to)
{
    Side side;
    std::vector<Nanos> length = lengths(pauses, from, to);
    side.p50 = *percentile(length, kP50);
    side.p99 = *percentile(length, kP99);
    std::vector<double> heaps;
    double total = 0;
    for (std::size_t i = from; i < to; ++i) {
        heaps.push_back(pauses[i].heap);
        total += double(pauses[i].length);
    }
    side.heap = medianOf(std::move(heaps));
    const double apart = double(saturatingSub(pauses[to - 1].start, pauses[from].start));
    if (to - from >= 2 && apart > 0) {
        side.perHour = double(to - from - 1) / (apart / 3.6e12);
        side.share = total * double(to - from - 1) / double(to - from) / apart;
    }
    return side;
}

void describe(Process &process)
{
    const auto &pauses = process.pauses;
    std::vector<Nanos> length = lengths(pauses, 0, pauses.size());
    for (const Nanos each : length)
        process.total = saturatingAdd(process.total, each);
    process.max = *std::max_element(length.begin(), length.end());
    process.p50 = *percentile(length, kP50);
    process.p99 = *percentile(length, kP99);
    if (pauses.size() >= 2) {
        std::vector<Nanos> starts;
        for (const PauseRow &pause : pauses)
            starts.push_back(pause.start);
        process.interval = usualStep(starts);
        // From the first to where the next after the last would be.
        const double time = double(saturatingSub(starts.back(), starts.front())) + double(process.interval);
        if (starts.back() > starts.front()) // else no time is known that they could be a share of
            process.share = std::min(1.0, double(process.total) / time);
    }
    std::vector<double> values;
    const std::size_t most = std::min<std::size_t>(pauses.size(), 20'000);
    for (std::size_t i = 0; i < most; ++i)
        values.push_back(double(pauses[i].length));
    const auto change = pettitt(values);
    if (!change || change->t == 0 || change->p > 0.01)
        return;
    process.change = change;
    process.before = sideOf(pauses, 0, change->t);
    process.after = sideOf(pauses, change->t, pauses.size());
}

void touch(Process &process, const std::vector<Request> &requests, bool isOnlyOne)
{
    std::vector<TimeRange> times;
    for (const PauseRow &pause : process.pauses)
        times.push_back({pause.start, saturatingAdd(pause.start, pause.length)});
    const TimeRange seen{times.front().begin, times.back().end};
    const PauseTimes pauses(std::move(times));
    std::vector<Nanos> durations;
    for (const Request &request : requests) {
        const bool isOther
            = !process.instance.empty() && !request.instance.empty() && process.instance != request.instance;
        const bool isUnsure = !isOnlyOne && (process.instance.empty() || request.instance.empty());
        if (isOther || isUnsure || request.time.end < seen.begin || request.time.begin > seen.end)
            continue;
        ++process.requests;
        process.touched += pauses.touches(request.time) ? 1 : 0;
        durations.push_back(saturatingSub(request.time.end, request.time.begin));
    }
    if (durations.empty())
        return;
    process.requestP50 = *percentile(durations, kP50);
    if (process.interval == kUnknownNanos)
        return;
    const auto model = pauseShare(double(process.p50) / 1e9, double(process.interval) / 1e9,
        double(process.requestP50) / 1e9);
    if (model)
        process.modelShare = model->requests;
}

// The busiest counter of work beside it: what passes in the time of one pause.
Result<void> findRate(store::Database &reader, const Found &found, Process &process)
{
    std::size_t looked = 0;
    for (const bool isSameSource : {true, false}) {
        for (const SeriesName &name : found.names) {
            if ((name.sourceId == process.source) != isSameSource || name.kind == "delta")
                continue;
            if (!process.instance.empty() && !name.instance.empty() && process.instance != name.instance)
                continue;
            if (++looked > 50)
                return {};
            Result<SeriesValues> values = readValues(reader, name.id);
            if (!values)
                return tl::unexpected(std::move(values.error()));
            const Judged of = judged(name, std::move(*values));
            const bool isRate = of.measure == Measure::Rate || name.unit.ends_with("/s")
                || name.says({"rate", "throughput", "rps", "per"});
            const double median = medianOf(of.values.values);
            if (!isRate || !(median > 0) || (process.rate && median <= process.events))
                continue;
            process.rate = &name;
            process.events = median;
        }
        if (process.rate)
            return {};
    }
    return {};
}

Result<void> write(store::Database &writer, std::int64_t runId, const Found &found)
{
    RowInsert row;
    TS_TRY(row.replace(writer, "pause_stat",
        "run_id, source_id, instance, n, n_full, start_ns, end_ns, total_ns, share, p50_ns, p99_ns, max_ns,"
        " interval_ns, requests, touched, touched_share, request_p50_ns, model_share, rate_id, rate, events, "
        "lost,"
        " change_ns, p_value, before_p50_ns, after_p50_ns, before_p99_ns, after_p99_ns, before_heap, "
        "after_heap,"
        " before_per_h, after_per_h, before_share, after_share"));
    for (const Process &p : found.processes) {
        const auto full
            = std::count_if(p.pauses.begin(), p.pauses.end(), [](const PauseRow &r) { return r.isFull; });
        row.add(runId).add(p.source).textOrNull(p.instance).add(std::int64_t(p.pauses.size()));
        row.add(std::int64_t(full)).add(p.pauses.front().start);
        row.add(saturatingAdd(p.pauses.back().start, p.pauses.back().length)).add(p.total).add(p.share);
        row.add(p.p50).add(p.p99).add(p.max).nanos(p.interval).add(p.requests).add(p.touched);
        row.add(p.requests > 0 ? double(p.touched) / double(p.requests) : std::nan(""));
        row.nanos(p.requestP50).add(p.modelShare);
        const std::string rate = p.rate ? p.rate->text() : std::string();
        if (p.rate)
            row.add(p.rate->id);
        else
            row.null();
        row.textOrNull(rate).add(p.events).add(p.events * double(p.change ? p.after.p50 : p.p50) / 1e9);
        row.nanos(p.change ? p.pauses[p.change->t].start : kUnknownNanos);
        row.add(p.change ? p.change->p : std::nan(""));
        row.nanos(p.before.p50).nanos(p.after.p50).nanos(p.before.p99).nanos(p.after.p99);
        row.add(p.before.heap).add(p.after.heap).add(p.before.perHour).add(p.after.perHour);
        row.add(p.before.share).add(p.after.share);
        TS_TRY(row.run());
    }
    return {};
}

} // namespace

PauseTimes::PauseTimes(std::vector<TimeRange> pauses)
{
    std::sort(pauses.begin(), pauses.end(),
        [](const TimeRange &a, const TimeRange &b) { return a.begin < b.begin; });
    for (const TimeRange &pause : pauses) {
        if (!m_pauses.empty() && pause.begin <= m_pauses.back().end)
            m_pauses.back().end = std::max(m_pauses.back().end, pause.end);
        else
            m_pauses.push_back(pause);
    }
    for (const TimeRange &pause : m_pauses)
        m_total = saturatingAdd(m_total, pause.length());
}

bool PauseTimes::touches(TimeRange request) const
{
    // The last pause that begins before the request ends is the only one that can be long enough.
    const auto after = std::upper_bound(m_pauses.begin(), m_pauses.end(), request.end,
        [](Nanos t, const TimeRange &pause) { return t < pause.begin; });
    return after != m_pauses.begin() && std::prev(after)->end > request.begin;
}

Result<WriteRows> computePauseStats(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    reader->setCancel(progress.cancel);
    auto found = std::make_shared<Found>(); // its rows point into it
    TS_TRY(readPauses(*reader, *found));
    if (!found->processes.empty()) {
        Result<std::vector<SeriesName>> names = readSeriesNames(*reader);
        if (!names)
            return tl::unexpected(std::move(names.error()));
        found->names = std::move(*names);
        std::erase_if(found->names, [](const SeriesName &name) { return !isWork(name); });
        const Result<std::vector<Request>> requests = readRequests(*reader);
        if (!requests)
            return tl::unexpected(requests.error());
        for (Process &process : found->processes) {
            describe(process);
            touch(process, *requests, found->processes.size() == 1);
            TS_TRY(findRate(*reader, *found, process));
        }
    }
    return WriteRows([found](store::Database &writer, std::int64_t runId) -> Result<void> {
        return write(writer, runId, *found);
    });
}

} // namespace tailscope::analysis
