// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/hostseries.h"

#include "analysis/ceilings.h"
#include "analysis/hostformulas.h"
#include "analysis/pointseries.h"
#include "analysis/rowinsert.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

namespace tailscope::analysis {

namespace {

constexpr Nanos kWorst = 300 * kNanosPerSecond;
constexpr std::size_t kMostOfAKind = 500; ///< things judged
constexpr std::size_t kMostLatencies = 20; ///< for one processor series

struct Throttle
{
    const SeriesName *name = nullptr; ///< of the throttled periods
    double periods = 0, throttled = 0, worst = 0, seconds = std::nan(""), stallMs = std::nan(""),
           cpu = std::nan("");
    Nanos worstAt = 0;
    TimeRange range;
};
struct Processors
{
    const SeriesName *name = nullptr, *latency = nullptr;
    std::size_t bins = 0;
    TimeRange range;
    double usualMs = 0, slowMs = 0, cpuSlow = 0, cpuUsual = 0;
    CpuBound verdict = CpuBound::Mixed;
};
struct Memory
{
    const SeriesName *name = nullptr;
    std::string_view part;
    FloorTrend trend;
    double limit = std::nan("");
    std::optional<double> hoursLeft;
    std::optional<bool> isLoadRising;
    TimeRange range;
};
struct Found
{
    std::vector<SeriesName> names;
    std::vector<Throttle> throttles;
    std::vector<Processors> processors;
    std::vector<Memory> memories;
};

bool contains(std::string_view text, std::string_view word)
{
    return text.find(word) != std::string_view::npos;
}

enum class ThrottlePart { None, Periods, Throttled, Time };
// By the canonical name or the foreign one: cgroup's cpu.stat, cAdvisor and OpenTelemetry differ.
ThrottlePart throttlePart(const SeriesName &name)
{
    const std::string text = toLowerAscii(name.metric);
    const bool isThrottle = contains(text, "throttl");
    if (!isThrottle && !contains(text, "cfs") && !contains(text, "nr_periods"))
        return ThrottlePart::None;
    const std::size_t cut = text.find_last_of('.');
    const std::string_view last = std::string_view(text).substr(cut == std::string::npos ? 0 : cut + 1);
    if (contains(last, "throttled_usec") || contains(last, "time") || contains(last, "seconds")
        || contains(last, "duration"))
        return ThrottlePart::Time;
    if (contains(last, "throttled"))
        return ThrottlePart::Throttled;
    return contains(last, "period") ? ThrottlePart::Periods : ThrottlePart::None;
}

// Differences that no restart spoils: a fall begins a new segment.
Result<SeriesValues> steps(store::Database &reader, const SeriesName &name)
{
    Result<SeriesValues> values = readValues(reader, name.id);
    if (!values)
        return values;
    return name.kind == "delta" ? std::move(*values) : differences(*values, true, false);
}

double sum(const std::vector<double> &values)
{
    double total = 0;
    for (const double value : values)
        total += value;
    return total;
}

// The value of the label that says which part of a whole a series is ("idle", "free"); empty = it is the
// whole.
std::string_view modeOf(const SeriesName &name)
{
    for (const std::string_view key :
        {"\"mode\":\"", "\"cpu.mode\":\"", "\"state\":\"", "\"system.memory.state\":\""}) {
        const std::size_t at = name.labels.find(key);
        if (at == std::string::npos)
            continue;
        const std::size_t begin = at + key.size();
        return std::string_view(name.labels).substr(begin, name.labels.find('"', begin) - begin);
    }
    return {};
}

bool isUtilisation(const SeriesName &name)
{
    // Of processors told by mode the idle time says how busy they are; the other modes are parts.
    const std::string_view mode = modeOf(name);
    return (mode.empty() || mode == "idle" || mode == "all") && name.says({"cpu"})
        && name.says({"utili", "usage", "busy", "load"}) && !name.seconds()
        && throttlePart(name) == ThrottlePart::None && !isLimitItself(name) && name.kind != "counter"
        && !contains(name.metric, "steal") && !contains(name.metric, "load");
}

bool isLatency(const SeriesName &name)
{
    return name.seconds() && name.kind != "counter"
        && name.says({"latency", "duration", "p99", "p95", "response"})
        && !name.says({"gc", "pause", "wait"});
}

// As a share: percents are told by unit or by values no share can have; a process of unit "1" may use several
// processors. What it was divided by.
double toShare(const SeriesName &name, SeriesValues &values)
{
    double highest = 0;
    for (const double value : values.values)
        highest = std::max(highest, value);
    if (name.unit == "1" || (name.unit != "%" && name.unit != "percent" && highest <= 1.5))
        return 1;
    for (double &value : values.values)
        value /= 100;
    return 100;
}

class HostScan
{
public:
    HostScan(store::Database &reader, const Progress &progress, Found &found)
        : m_reader(reader)
        , m_progress(progress)
        , m_found(found)
    {
        for (const SeriesName &name : found.names) {
            if (throttlePart(name) != ThrottlePart::None)
                m_quota.push_back(&name);
            else if (isUtilisation(name))
                m_busy.push_back(&name);
            else if (isLatency(name))
                m_latencies.push_back(&name);
            else if (isLimitItself(name) && name.isBytes() && name.says({"memory", "mem", "heap"})
                && !name.says({"swap"}))
                m_limits.push_back(&name);
            else if (isDemand(name))
                m_demand.push_back(&name);
        }
    }
    Result<void> throttles();
    Result<void> processors();
    Result<void> memories();

private:
    const SeriesName *beside(const SeriesName &name, ThrottlePart part) const;
    Result<void> throttle(const SeriesName &name, const SeriesName &periods);
    Result<SeriesValues> busyOf(const SeriesName &name);
    Result<void> processor(const SeriesName &name);
    Result<void> memory(const SeriesName &name);
    Result<double> limitOf(const SeriesName &name);

    store::Database &m_reader;
    const Progress &m_progress;
    Found &m_found;
    using Names = std::vector<const SeriesName *>;
    Names m_quota, m_busy, m_latencies, m_limits, m_demand;
};

const SeriesName *HostScan::beside(const SeriesName &name, ThrottlePart part) const
{
    const SeriesName *best = nullptr;
    for (const SeriesName *other : m_quota) {
        // The name last: it is the dear one, and this runs for each container over all of them.
        if (other->sourceId != name.sourceId || !other->isBeside(name) || throttlePart(*other) != part)
            continue;
        if (!best || other->labels == name.labels)
            best = other;
    }
    return best;
}

Result<void> HostScan::throttle(const SeriesName &name, const SeriesName &periodsName)
{
    const Result<SeriesValues> throttled = steps(m_reader, name), periods = steps(m_reader, periodsName);
    if (!throttled)
        return tl::unexpected(throttled.error());
    if (!periods)
        return tl::unexpected(periods.error());
    Throttle out;
    out.name = &name;
    out.periods = sum(periods->values);
    out.throttled = sum(throttled->values);
    if (!throttledShare(out.periods, out.throttled))
        return {}; // no period, or counters of different things
    out.range = periods->range();
    std::size_t first = 0, low = 0, next = 0;
    double inPeriods = 0, inThrottled = 0;
    for (std::size_t i = 0; i < periods->size(); ++i) {
        const TimeRange window{saturatingSub(periods->ts[i], kWorst) + 1, periods->ts[i] + 1};
        inPeriods += periods->values[i];
        while (periods->ts[first] < window.begin)
            inPeriods -= periods->values[first++];
        while (next < throttled->size() && throttled->ts[next] < window.end)
            inThrottled += throttled->values[next++];
        while (low < next && throttled->ts[low] < window.begin)
            inThrottled -= throttled->values[low++];
        const auto share = throttledShare(inPeriods, inThrottled);
        if (share && *share > out.worst) {
            out.worst = *share;
            out.worstAt = std::max(window.begin, out.range.begin);
        }
    }
    if (const SeriesName *time = beside(name, ThrottlePart::Time)) {
        const Result<SeriesValues> stood = steps(m_reader, *time);
        if (!stood)
            return tl::unexpected(stood.error());
        // cgroup v1 counts nanoseconds, v2 microseconds.
        const double unit = time->seconds()    ? *time->seconds()
            : contains(time->metric, "usec")   ? 1e-6
            : contains(time->metric, "second") ? 1.0
                                               : 1e-9;
        out.seconds = sum(stood->values) * unit;
        if (out.throttled > 0)
            out.stallMs = 1000 * out.seconds / out.throttled;
    }
    for (const SeriesName *other : m_busy) {
        if (!other->isBeside(name) || !std::isnan(out.cpu))
            continue;
        const Result<SeriesValues> busy = busyOf(*other);
        if (!busy)
            return tl::unexpected(busy.error());
        out.cpu = medianOf(part(*busy, out.range).values);
    }
    m_found.throttles.push_back(out);
    return {};
}

Result<void> HostScan::throttles()
{
    for (const SeriesName *name : m_quota) {
        if (throttlePart(*name) != ThrottlePart::Throttled || m_found.throttles.size() >= kMostOfAKind)
            continue;
        if (m_progress.isCancelled())
            return {};
        if (const SeriesName *periods = beside(*name, ThrottlePart::Periods))
            TS_TRY(throttle(*name, *periods));
    }
    return {};
}

// What is not idle, without waiting for disks and without what the hypervisor took.
Result<SeriesValues> HostScan::busyOf(const SeriesName &name)
{
    Result<SeriesValues> busy = readValues(m_reader, name.id);
    if (!busy)
        return busy;
    const double scale = toShare(name, *busy);
    if (modeOf(name) != "idle")
        return busy;
    for (double &value : busy->values)
        value = 1 - value;
    for (const std::string_view mode : {"iowait", "wait", "steal"}) {
        std::string labels = name.labels;
        labels.replace(labels.find("\"idle\""), 6, '"' + std::string(mode) + '"');
        for (const SeriesName &other : m_found.names) {
            if (other.sourceId != name.sourceId || other.metric != name.metric || other.labels != labels)
                continue;
            const Result<SeriesValues> waiting = readValues(m_reader, other.id);
            if (!waiting)
                return tl::unexpected(waiting.error());
            std::size_t at = 0;
            for (std::size_t i = 0; i < busy->size(); ++i) {
                while (at < waiting->size() && waiting->ts[at] < busy->ts[i])
                    ++at;
                if (at < waiting->size() && waiting->ts[at] == busy->ts[i])
                    busy->values[i] = std::max(0.0, busy->values[i] - waiting->values[at] / scale);
            }
        }
    }
    return busy;
}

// FT-21: on the slow intervals only.
Result<void> HostScan::processor(const SeriesName &name)
{
    const Result<SeriesValues> busy = busyOf(name);
    if (!busy)
        return tl::unexpected(busy.error());
    const RegularSeries cpu = regular(*busy, BinValue::Mean, 20'000);
    std::size_t looked = 0;
    for (const SeriesName *each : m_latencies) {
        const SeriesName &other = *each;
        if (!other.isBeside(name) || cpu.values.empty() || ++looked > kMostLatencies)
            continue;
        const Result<SeriesValues> latency = readValues(m_reader, other.id);
        if (!latency)
            return tl::unexpected(latency.error());
        // Only where the processors were seen: also a stray point years away must not make a billion bins.
        const RegularSeries bins = inBins(part(*latency, busy->range()), BinValue::Max, cpu.width);
        const double usual = medianOf(bins.values);
        if (!(usual > 0))
            continue;
        Processors out{&name, &other, 0, {}, usual * *other.seconds() * 1000, 0, 0, 0, CpuBound::Mixed};
        std::vector<double> slowCpu, usualCpu, slow;
        for (std::size_t i = 0; i < bins.values.size(); ++i) {
            const Nanos at = saturatingSub(bins.timeOf(i), cpu.begin);
            const auto bin = std::size_t(at / cpu.width);
            if (at < 0 || bin >= cpu.values.size() || std::isnan(bins.values[i])
                || std::isnan(cpu.values[bin]))
                continue;
            const bool isSlow = bins.values[i] > 2 * usual;
            (isSlow ? slowCpu : usualCpu).push_back(cpu.values[bin]);
            if (!isSlow)
                continue;
            slow.push_back(bins.values[i]);
            if (out.bins++ == 0)
                out.range.begin = bins.timeOf(i);
            out.range.end = bins.timeOf(i + 1);
        }
        if (out.bins < 3)
            continue;
        out.slowMs = medianOf(slow) * *other.seconds() * 1000;
        out.cpuSlow = medianOf(slowCpu);
        out.cpuUsual = medianOf(usualCpu);
        const Result<CpuBound> verdict = cpuBound(std::clamp(out.cpuSlow, 0.0, 1.0));
        if (verdict)
            out.verdict = *verdict;
        m_found.processors.push_back(out);
    }
    return {};
}

Result<void> HostScan::processors()
{
    std::size_t looked = 0;
    for (const SeriesName *name : m_busy) {
        if (m_progress.isCancelled() || ++looked > kMostOfAKind)
            return {};
        TS_TRY(processor(*name));
    }
    return {};
}

std::string_view memoryPart(const SeriesName &name)
{
    const std::string text = toLowerAscii(name.metric + name.labels);
    if (contains(text, "non_heap") || contains(text, "nonheap") || contains(text, "direct")
        || contains(text, "off_heap") || contains(text, "buffer"))
        return "off_heap";
    if (contains(text, "heap"))
        return "heap";
    return contains(text, "rss") || contains(text, "resident") || contains(text, "working_set") ? "resident"
                                                                                                : "other";
}

// A gauge "limit" or "max" beside it, or a memory limit in the configuration of its service.
Result<double> HostScan::limitOf(const SeriesName &name)
{
    const std::string_view part = memoryPart(name);
    for (const bool isSamePart : {true, false}) {
        for (const SeriesName *each : m_limits) {
            const SeriesName &other = *each;
            if (!other.isBeside(name))
                continue;
            const std::string_view of = memoryPart(other);
            // The limit of the container holds for what is no heap; that of the heap for the heap alone.
            if (isSamePart ? of != part : (part == "heap" || of == "heap" || of == "off_heap"))
                continue;
            // A pool inside the heap has a limit of its own or none.
            if ((contains(name.labels, "\"id\"") || contains(other.labels, "\"id\""))
                && name.labels != other.labels)
                continue;
            const Result<SeriesValues> values = readValues(m_reader, other.id);
            if (!values)
                return tl::unexpected(values.error());
            // -1, 0 and about 2^63 mean: there is none.
            if (values->size() > 0 && values->values.back() > 0 && values->values.back() < 1e18)
                return values->values.back();
        }
    }
    if (part == "heap" || part == "off_heap")
        return std::nan("");
    auto query = m_reader.prepare("SELECT value, unit FROM config WHERE key LIKE '%memory%limit%'"
                                  " AND (?1 = '' OR subject = ?1) ORDER BY id LIMIT 1");
    if (!query)
        return tl::unexpected(std::move(query.error()));
    query->bind(0, std::string_view(name.service));
    const Result<bool> row = query->step();
    if (!row)
        return tl::unexpected(row.error());
    const std::string unit = *row ? toLowerAscii(query->text(1)) : std::string();
    const double scale = unit == "mb" || unit == "mib" ? 1048576
        : unit == "gb" || unit == "gib"                ? 1073741824
                                                       : 1;
    return *row ? parseDouble(query->text(0)).value_or(std::nan("")) * scale : std::nan("");
}

Result<void> HostScan::memory(const SeriesName &name)
{
    const Result<SeriesValues> values = readValues(m_reader, name.id);
    if (!values)
        return tl::unexpected(values.error());
    const auto trend = floorTrend(*values);
    if (!trend)
        return {};
    Memory out{&name, memoryPart(name), *trend, std::nan(""), {}, {}, values->range()};
    const Result<double> limit = limitOf(name);
    if (!limit)
        return tl::unexpected(limit.error());
    out.limit = *limit;
    if (!std::isnan(*limit))
        out.hoursLeft = hoursToLimit(*trend, *limit);
    std::size_t looked = 0;
    for (const SeriesName *each : m_demand) {
        const SeriesName &other = *each;
        if (!other.isBeside(name) || ++looked > 5 || out.isLoadRising.value_or(false))
            continue;
        Result<SeriesValues> load = readValues(m_reader, other.id);
        if (!load)
            return tl::unexpected(load.error());
        const auto grown = growth(judged(other, std::move(*load)).values, out.range);
        if (grown)
            out.isLoadRising = grown->second >= 1.2 * grown->first;
    }
    m_found.memories.push_back(out);
    return {};
}

Result<void> HostScan::memories()
{
    std::size_t looked = 0;
    for (const SeriesName &name : m_found.names) {
        if (!name.isBytes() || !name.says({"memory", "mem", "heap", "rss"}) || isLimitItself(name)
            || name.kind == "counter" || name.says({"alloc", "cache", "available", "free", "live"}))
            continue;
        const std::string_view mode = modeOf(name);
        if (mode == "free" || mode == "idle" || mode.starts_with("buffer") || mode.starts_with("cache")
            || mode == "inactive" || mode.starts_with("slab"))
            continue; // what can be had back is no leak
        if (m_progress.isCancelled() || ++looked > kMostOfAKind)
            return {};
        TS_TRY(memory(name));
    }
    return {};
}

Result<void> write(store::Database &writer, std::int64_t runId, const Found &found)
{
    RowInsert row;
    const auto head = [&](const SeriesName &name, const std::string &text) -> RowInsert & {
        row.add(runId).add(name.id).add(std::string_view(text));
        return row.textOrNull(name.service).textOrNull(name.instance);
    };
    TS_TRY(row.replace(writer, "cpu_throttle",
        "run_id, series_id, subject, service, instance, periods, throttled, share, worst_share, worst_ns,"
        " throttled_s, stall_ms, cpu, start_ns, end_ns"));
    for (const Throttle &t : found.throttles) {
        const std::string text = t.name->service.empty() && t.name->instance.empty() ? t.name->text()
                                                                                     : t.name->service
                + (t.name->service.empty() || t.name->instance.empty() ? "" : " ") + t.name->instance;
        head(*t.name, text).add(t.periods).add(t.throttled).add(t.throttled / t.periods).add(t.worst);
        row.add(t.worstAt).add(t.seconds).add(t.stallMs).add(t.cpu).add(t.range.begin).add(t.range.end);
        TS_TRY(row.run());
    }
    TS_TRY(row.replace(writer, "cpu_verdict",
        "run_id, series_id, subject, service, instance, latency_id, latency, slow_bins, start_ns, end_ns,"
        " latency_usual_ms, latency_slow_ms, cpu_slow, cpu_usual, verdict"));
    for (const Processors &p : found.processors) {
        std::string text = p.name->text();
        if (const std::size_t at = text.find("=idle"); at != std::string::npos)
            text.replace(at, 5, "=busy"); // what is judged is the rest
        const std::string latency = p.latency->text();
        head(*p.name, text).add(p.latency->id).add(std::string_view(latency)).add(std::int64_t(p.bins));
        row.add(p.range.begin).add(p.range.end).add(p.usualMs).add(p.slowMs).add(p.cpuSlow).add(p.cpuUsual);
        row.add(cpuBoundText(p.verdict));
        TS_TRY(row.run());
    }
    TS_TRY(row.replace(writer, "memory_trend",
        "run_id, series_id, subject, service, instance, part, used, limit_value, slope_per_h, lower_per_h,"
        " upper_per_h, verdict, hours, hours_left, load_slope, start_ns, end_ns"));
    for (const Memory &m : found.memories) {
        const std::string text = m.name->text();
        head(*m.name, text)
            .add(m.part)
            .add(m.trend.last)
            .add(m.limit)
            .add(m.trend.perHour)
            .add(m.trend.lower);
        row.add(m.trend.upper)
            .add(std::string_view(m.trend.isRising() ? "rising" : "level"))
            .add(m.trend.hours);
        row.add(m.hoursLeft.value_or(std::nan("")));
        if (m.isLoadRising)
            row.add(std::int64_t(*m.isLoadRising ? 1 : 0));
        else
            row.null();
        row.add(m.range.begin).add(m.range.end);
        TS_TRY(row.run());
    }
    return {};
}

} // namespace

Result<WriteRows> computeHostSeries(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    auto found = std::make_shared<Found>(); // its rows point into it
    Result<std::vector<SeriesName>> names = readSeriesNames(*reader);
    if (!names)
        return tl::unexpected(std::move(names.error()));
    found->names = std::move(*names);
    reader->setCancel(progress.cancel);
    HostScan scan(*reader, progress, *found);
    TS_TRY(scan.throttles());
    TS_TRY(scan.processors());
    TS_TRY(scan.memories());
    return WriteRows([found](store::Database &writer, std::int64_t runId) -> Result<void> {
        return write(writer, runId, *found);
    });
}

} // namespace tailscope::analysis
