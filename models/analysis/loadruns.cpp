// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/loadruns.h"

#include "analysis/slostore.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kMaxBins = 20'000; ///< for recognising phases

template<typename Take>
Result<void> eachRow(store::Statement &rows, const Progress &progress, Take &&take)
{
    for (std::int64_t n = 1;; ++n) {
        const Result<bool> row = rows.step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        take(rows);
        if (n % 65536 == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "load tests", "cancelled");
    }
}

struct TimedRequest
{
    Nanos start = 0, duration = kUnknownNanos;
    bool failed = false;
};

/// Reads one run after the other and makes its figures.
class RunReader
{
public:
    RunReader(store::Database &reader, const SpanColumns *columns, const Progress &progress)
        : m_reader(reader)
        , m_columns(columns)
        , m_progress(progress)
    {}

    Result<std::vector<LoadRun>> readAll();

private:
    Result<void> readRuns(std::vector<LoadRun> &runs);
    Result<void> readThresholds(LoadRun &run);
    Result<void> readStatedPhases(LoadRun &run);
    Result<std::vector<TimedValue>> readUsers(const LoadRun &run);
    Result<void> addSlopes(LoadRun &run);
    void sortRequests();
    void takeRequests(LoadRun &run);
    void fillBins(LoadRun &run, const std::vector<TimedValue> &users);
    void addFoundPhases(LoadRun &run);
    LoadPhase figuresOf(const LoadRun &run, Nanos start, Nanos end) const;
    void addPoints(LoadRun &run) const;
    void judgeLoop(LoadRun &run) const;

    store::Database &m_reader;
    const SpanColumns *m_columns;
    const Progress &m_progress;
    std::map<std::int64_t, std::vector<TimedRequest>> m_requests; ///< by source, by start
};

double realOr(const store::Statement &row, int column) { return row.real(column); } // NULL: NaN

Result<void> RunReader::readRuns(std::vector<LoadRun> &runs)
{
    Result<store::Statement> rows = m_reader.prepare(
        "SELECT r.id, r.source_id, r.name, r.tool, r.start_ns, r.end_ns,"
        " CASE WHEN json_valid(r.parameters) THEN json_extract(r.parameters, '$.loop') END,"
        " CASE WHEN json_valid(r.parameters) THEN json_extract(r.parameters, '$.coordinated_omission') END,"
        " CASE WHEN json_valid(r.parameters) THEN json_extract(r.parameters, '$.level') END,"
        " CASE WHEN json_valid(r.parameters) THEN json_extract(r.parameters, '$.target_rate') END,"
        " CASE WHEN json_valid(r.parameters) THEN json_extract(r.parameters, '$.users') END"
        " FROM run AS r WHERE r.kind = 'load_test' ORDER BY r.id LIMIT 1000");
    if (!rows)
        return fail(rows.error());
    return eachRow(*rows, m_progress, [&](const store::Statement &row) {
        LoadRun run;
        run.id = row.integer(0);
        run.sourceId = row.integer(1);
        run.name = row.text(2);
        run.tool = row.text(3);
        run.start = row.optionalInteger(4).value_or(kUnknownNanos);
        run.end = row.optionalInteger(5).value_or(kUnknownNanos);
        const std::string_view loop = row.text(6), omission = row.text(7);
        if (loop == "open" || loop == "closed") {
            run.loop = loop;
            run.loopReason = "stated";
        }
        if (!omission.empty())
            run.statedOmission = omission;
        run.level = row.text(8);
        run.targetRate = realOr(row, 9);
        run.users = realOr(row, 10);
        runs.push_back(std::move(run));
    });
}

Result<void> RunReader::readThresholds(LoadRun &run)
{
    Result<store::Statement> rows = m_reader.prepare(
        "SELECT json_extract(t.value, '$.metric'), json_extract(t.value, '$.expression'),"
        " json_extract(t.value, '$.ok') FROM run AS r, json_each(r.parameters, '$.thresholds') AS t"
        " WHERE r.id = ?1 AND json_valid(r.parameters) AND t.type = 'object' LIMIT 1000");
    if (!rows)
        return fail(rows.error());
    rows->bind(0, run.id);
    return eachRow(*rows, m_progress, [&](const store::Statement &row) {
        run.thresholds.push_back({std::string(row.text(0)), std::string(row.text(1)),
            row.isNull(2) ? -1 : int(row.integer(2) != 0)});
    });
}

Result<void> RunReader::readStatedPhases(LoadRun &run)
{
    Result<store::Statement> rows = m_reader.prepare(
        "SELECT name, kind, start_ns, end_ns, users, rate, target_rate, requests, errors, p50_ms, p95_ms, "
        "p99_ms,"
        " max_ms, mean_ms FROM run_phase WHERE run_id = ?1 AND coalesce(kind, '') <> 'operation'"
        " ORDER BY coalesce(kind, '') <> 'whole', start_ns, position LIMIT 20000");
    if (!rows)
        return fail(rows.error());
    rows->bind(0, run.id);
    return eachRow(*rows, m_progress, [&](const store::Statement &row) {
        LoadPhase phase;
        phase.isFound = false;
        phase.name = row.text(0);
        phase.kind = row.isNull(1) ? std::string("interval") : std::string(row.text(1));
        phase.start = row.optionalInteger(2).value_or(kUnknownNanos);
        phase.end = row.optionalInteger(3).value_or(kUnknownNanos);
        phase.users = realOr(row, 4);
        phase.rate = realOr(row, 5);
        phase.targetRate = realOr(row, 6);
        phase.requests = row.optionalInteger(7).value_or(-1);
        phase.errors = row.optionalInteger(8).value_or(-1);
        phase.p50Ms = realOr(row, 9);
        phase.p95Ms = realOr(row, 10);
        phase.p99Ms = realOr(row, 11);
        phase.maxMs = realOr(row, 12);
        phase.meanMs = realOr(row, 13);
        if (phase.kind == "whole" && std::isnan(phase.users))
            phase.users = run.users;
        run.phases.push_back(std::move(phase));
    });
}

Result<std::vector<TimedValue>> RunReader::readUsers(const LoadRun &run)
{
    std::vector<TimedValue> users;
    Result<store::Statement> rows
        = m_reader.prepare("SELECT p.ts_ns, p.value FROM series AS s JOIN point AS p ON p.series_id = s.id"
                           " WHERE s.source_id = ?1 AND s.metric = 'loadtest.users' AND p.ts_ns IS NOT NULL"
                           " ORDER BY p.ts_ns");
    if (!rows)
        return fail(rows.error());
    rows->bind(0, run.sourceId);
    TS_TRY(eachRow(*rows, m_progress, [&](const store::Statement &row) {
        if (!row.isNull(1))
            users.push_back({row.integer(0), row.real(1)});
    }));
    return users;
}

/// Requests of all sources of load tests, each in order of start.
void RunReader::sortRequests()
{
    if (!m_columns)
        return;
    for (std::uint32_t row = 0; row < m_columns->size(); ++row) {
        const auto found = m_requests.find(m_columns->tracks[m_columns->track[row]].sourceId);
        // Sums over requests are internal.
        if (found != m_requests.end() && SpanKind(m_columns->kind[row]) != SpanKind::Internal)
            found->second.push_back({m_columns->start[row], m_columns->duration[row],
                SpanStatus(m_columns->status[row]) == SpanStatus::Error
                    || m_columns->httpStatus[row] >= 400});
    }
    for (auto &[source, requests] : m_requests)
        std::stable_sort(requests.begin(), requests.end(),
            [](const TimedRequest &a, const TimedRequest &b) { return a.start < b.start; });
}

Nanos binFor(Nanos length)
{
    constexpr std::array<Nanos, 10> kSteps{1, 2, 5, 10, 15, 30, 60, 120, 300, 600};
    for (const Nanos step : kSteps) {
        if (length / (step * kNanosPerSecond) < Nanos(kMaxBins))
            return step * kNanosPerSecond;
    }
    return std::max<Nanos>(3600 * kNanosPerSecond, length / Nanos(kMaxBins) + 1);
}

void RunReader::takeRequests(LoadRun &run)
{
    const std::vector<TimedRequest> &requests = m_requests[run.sourceId];
    if (requests.empty())
        return;
    Nanos last = requests.back().start;
    for (const TimedRequest &request : requests)
        last = std::max(last, saturatingAdd(request.start, std::max<Nanos>(0, request.duration)));
    if (run.start == kUnknownNanos || run.start > requests.front().start)
        run.start = requests.front().start;
    if (run.end == kUnknownNanos || run.end < last)
        run.end = last;
    run.binNs = binFor(run.end - run.start);
}

void RunReader::fillBins(LoadRun &run, const std::vector<TimedValue> &users)
{
    const std::vector<TimedRequest> &requests = m_requests[run.sourceId];
    if (run.binNs <= 0)
        return;
    const auto count = std::size_t((run.end - run.start) / run.binNs + 1);
    run.bins.assign(count, {});
    std::vector<double> busy(count, 0), filled(count + 1, 0); // filled: changes of the number of whole bins
    const auto binOf = [&](Nanos t) {
        return std::min(count - 1, std::size_t(std::max<Nanos>(0, t - run.start) / run.binNs));
    };
    std::vector<Nanos> durations;
    for (std::size_t i = 0; i < requests.size();) {
        const std::size_t bin = binOf(requests[i].start);
        durations.clear();
        for (; i < requests.size() && binOf(requests[i].start) == bin; ++i) {
            ++run.bins[bin].requests;
            run.bins[bin].errors += requests[i].failed ? 1 : 0;
            if (requests[i].duration < 0)
                continue;
            durations.push_back(requests[i].duration);
            const Nanos end = saturatingAdd(requests[i].start, requests[i].duration);
            const std::size_t until = binOf(end);
            if (until == bin) {
                busy[bin] += double(requests[i].duration);
                continue;
            }
            busy[bin] += double(run.start + Nanos(bin + 1) * run.binNs - requests[i].start);
            busy[until] += double(end - (run.start + Nanos(until) * run.binNs));
            filled[bin + 1] += 1;
            filled[until] -= 1;
        }
        run.bins[bin].p50 = percentile(durations, kP50).value_or(kUnknownNanos);
        run.bins[bin].p95 = percentile(durations, kP95).value_or(kUnknownNanos);
        run.bins[bin].p99 = percentile(durations, kP99).value_or(kUnknownNanos);
    }
    double whole = 0;
    for (std::size_t k = 0; k < count; ++k) {
        whole += filled[k];
        run.bins[k].inFlight = whole + busy[k] / double(run.binNs);
    }
    // The number of users holds until the next one is told; points stand at the ends of their intervals.
    std::size_t next = 0;
    double known = kUnknownReal;
    for (std::size_t k = 0; k < count; ++k) {
        const Nanos end = run.start + Nanos(k + 1) * run.binNs;
        for (; next < users.size() && users[next].ts <= end; ++next)
            known = users[next].value;
        run.bins[k].users = known;
    }
}

LoadPhase RunReader::figuresOf(const LoadRun &run, Nanos start, Nanos end) const
{
    LoadPhase phase;
    phase.start = start;
    phase.end = end;
    phase.errors = 0;
    const auto found = m_requests.find(run.sourceId);
    const std::vector<TimedRequest> &requests = found->second;
    const auto at = [&](Nanos t) {
        return std::lower_bound(requests.begin(), requests.end(), t,
            [](const TimedRequest &each, Nanos time) { return each.start < time; });
    };
    std::vector<Nanos> durations;
    double sum = 0;
    const auto first = at(start), last = at(std::max(start, end));
    for (auto it = first; it != last; ++it) {
        ++phase.requests;
        phase.errors += it->failed ? 1 : 0;
        if (it->duration < 0)
            continue;
        durations.push_back(it->duration);
        sum += double(it->duration);
    }
    phase.timed = std::int64_t(durations.size());
    phase.rate = end > start ? double(phase.requests) * 1e9 / double(end - start) : kUnknownReal;
    if (durations.empty())
        return phase;
    const auto ms = [&](Quantile q) { return double(*percentile(durations, q)) / 1e6; };
    phase.p50Ms = ms(kP50);
    phase.p95Ms = ms(kP95);
    phase.p99Ms = ms(kP99);
    phase.maxMs = ms({1, 1});
    phase.meanMs = sum / double(durations.size()) / 1e6;
    return phase;
}

void RunReader::addFoundPhases(LoadRun &run)
{
    std::vector<double> load;
    const bool hasUsers
        = std::any_of(run.bins.begin(), run.bins.end(), [](const LoadBin &bin) { return bin.users > 0; });
    for (const LoadBin &bin : run.bins)
        load.push_back(hasUsers ? bin.users : double(bin.requests) * 1e9 / double(run.binNs));
    if (load.size() > 2 && !hasUsers)
        load.pop_back(); // cut off
    LoadPhaseOptions options;
    options.isNoisy = !hasUsers;
    options.tolerance = hasUsers ? 0.05 : 0.1;
    const std::vector<LoadPhaseSpan> spans = findLoadPhases(load, run.binNs, options);
    const Nanos end = saturatingAdd(run.end, 1);
    LoadPhase whole = figuresOf(run, run.start, end);
    whole.kind = "whole";
    whole.name = "whole run";
    whole.users = run.users;
    // What was counted here stands before what the tool says of the same.
    std::erase_if(run.phases, [](const LoadPhase &phase) { return phase.kind == "whole"; });
    run.phases.insert(run.phases.begin(), whole);
    for (const LoadPhaseSpan &span : spans) {
        LoadPhase phase = figuresOf(run, run.start + Nanos(span.first) * run.binNs,
            std::min(end, run.start + Nanos(span.last + 1) * run.binNs));
        if (phase.requests == 0)
            continue;
        phase.kind = phaseKindId(span.kind);
        const auto number = [](double value) { return groupedCount(std::llround(value)); };
        const std::string unit = hasUsers ? " users" : "/s";
        phase.name = span.kind == LoadPhaseKind::Ramp
            ? "ramp " + number(span.from) + " to " + number(span.to) + unit
            : span.kind == LoadPhaseKind::Spike
            ? "spike " + number(span.from) + " to " + number(span.to) + unit
            : std::string(phaseKindId(span.kind)) + " " + number(span.from) + unit;
        if (hasUsers)
            phase.users = span.to;
        else
            phase.targetRate = run.targetRate;
        run.phases.push_back(std::move(phase));
    }
}

void RunReader::addPoints(LoadRun &run) const
{
    // Levels of steady phases; where they are too few, stretches of equal load.
    for (const LoadPhase &phase : run.phases) {
        if (phase.isSteady() && phase.kind != "whole" && phase.users > 0 && phase.rate >= 0)
            run.points.push_back({phase.users, phase.rate});
    }
    run.points = mergedLevels(std::move(run.points));
    if (run.points.size() >= 4)
        return;
    std::vector<LoadPoint> stretches;
    for (const LoadPhase &phase : run.phases) {
        if (phase.kind == "interval" && phase.users > 0 && phase.rate >= 0)
            stretches.push_back({phase.users, phase.rate});
    }
    if (stretches.empty()) {
        for (std::size_t k = 0; k + 1 < run.bins.size(); ++k) { // the last one is cut off
            const LoadBin &bin = run.bins[k];
            const double load = std::isnan(bin.users) ? bin.inFlight : bin.users;
            if (load > 0)
                stretches.push_back({load, double(bin.requests) * 1e9 / double(run.binNs)});
        }
    }
    if (stretches.size() < 8)
        return;
    std::sort(stretches.begin(), stretches.end(),
        [](const LoadPoint &a, const LoadPoint &b) { return a.users < b.users; });
    // Twelve groups over the range of loads, not over time: a long hold is one level like a short one.
    constexpr int kGroups = 12;
    const double low = stretches.front().users, high = stretches.back().users;
    if (!(high > 1.5 * low))
        return;
    std::vector<LoadPoint> grouped;
    std::size_t i = 0;
    for (int group = 1; group <= kGroups; ++group) {
        const double until = group == kGroups ? high : low + (high - low) * group / kGroups;
        LoadPoint sum;
        std::size_t n = 0;
        for (; i < stretches.size() && stretches[i].users <= until; ++i, ++n) {
            sum.users += stretches[i].users;
            sum.perSecond += stretches[i].perSecond;
        }
        if (n > 0)
            grouped.push_back({sum.users / double(n), sum.perSecond / double(n)});
    }
    if (grouped.size() > run.points.size())
        run.points = std::move(grouped);
}

void RunReader::judgeLoop(LoadRun &run) const
{
    const std::vector<TimedRequest> &requests = m_requests.at(run.sourceId);
    if (requests.empty())
        return;
    std::vector<LoadRequest> timed;
    std::vector<Nanos> durations;
    for (const TimedRequest &request : requests) {
        if (request.duration >= 0) {
            timed.push_back({request.start, request.duration});
            durations.push_back(request.duration);
        }
    }
    run.omission = omissionTest(timed);
    // Rate and latency where the load is held.
    std::vector<double> rate, latency;
    for (const LoadPhase &phase : run.phases) {
        if (!phase.isFound || !phase.isSteady() || phase.kind == "whole" || phase.start == kUnknownNanos)
            continue;
        for (auto k = std::size_t((phase.start - run.start) / run.binNs);
             k < run.bins.size() && run.start + Nanos(k + 1) * run.binNs <= phase.end; ++k) {
            rate.push_back(double(run.bins[k].requests));
            latency.push_back(run.bins[k].p50 == kUnknownNanos ? kUnknownReal : double(run.bins[k].p50));
        }
    }
    run.rateLatency = rankCorrelation(rate, latency).value_or(kUnknownReal);
    if (run.loop == "unknown" && run.omission->isSuspect) {
        run.loop = "closed";
        run.loopReason = "found: requests stop starting while others are slow";
    } else if (run.loop == "unknown" && run.rateLatency <= -0.7) {
        run.loop = "closed";
        run.loopReason = "found: the rate falls as the latency rises";
    }
    const LoadPhase *whole = run.whole();
    if (!run.omission->isSuspect || run.loop == "open" || !(run.users > 0) || !whole || !(whole->rate > 0))
        return;
    std::sort(durations.begin(), durations.end());
    // A user's usual distance between two requests: at the usual rate, the stalls left aside.
    const double usual = run.omission->expected > 0 && run.omission->stalled > 0
        ? run.omission->expected / (double(run.omission->stalled) / 1e9)
        : whole->rate;
    if (const auto corrected = correctedForOmission(durations, Nanos(run.users / usual * 1e9)))
        run.correctedP99Ms
            = double((*corrected)[std::size_t(nearestRank(std::int64_t(corrected->size()), kP99) - 1)]) / 1e6;
}

Result<void> RunReader::addSlopes(LoadRun &run)
{
    const LoadPhase *longest = nullptr;
    for (const LoadPhase &phase : run.phases) {
        if (phase.isFound && phase.isSteady() && phase.kind != "whole"
            && (!longest || phase.end - phase.start > longest->end - longest->start))
            longest = &phase;
    }
    if (!longest || longest->end - longest->start < 900 * kNanosPerSecond)
        return {};
    const Nanos begin = longest->start, end = longest->end;
    std::vector<Nanos> times;
    std::vector<double> values;
    const Nanos wide = std::max<Nanos>(run.binNs, (end - begin) / 240);
    for (Nanos at = begin; at + wide <= end; at += wide) {
        times.push_back(at + wide / 2);
        values.push_back(figuresOf(run, at, at + wide).p95Ms);
    }
    if (const auto slope = theilSen(times, values))
        run.slopes.push_back({"p95_ms", "ms", 0, *slope, begin, end});
    Result<store::Statement> rows = m_reader.prepare(
        "SELECT s.id, s.metric, s.unit FROM series AS s WHERE s.kind IN ('gauge', 'unknown')"
        " AND (s.metric LIKE '%memory%' OR s.metric LIKE '%heap%' OR s.metric LIKE '%rss%')"
        " AND s.metric NOT LIKE '%limit%' AND s.metric NOT LIKE '%max%' AND s.metric NOT LIKE '%free%'"
        " AND s.metric NOT LIKE '%available%' AND s.metric NOT LIKE '%cache%'"
        " AND coalesce(s.labels, '') NOT LIKE '%\"free\"%' AND coalesce(s.labels, '') NOT LIKE '%\"cached\"%'"
        " AND coalesce(s.labels, '') NOT LIKE '%\"buffer%' ORDER BY s.id LIMIT 200");
    if (!rows)
        return fail(rows.error());
    std::vector<LoadSlope> memory;
    TS_TRY(eachRow(*rows, m_progress, [&](const store::Statement &row) {
        LoadSlope slope;
        slope.seriesId = row.integer(0);
        slope.measure = row.text(1);
        slope.unit = row.text(2);
        memory.push_back(std::move(slope));
    }));
    Result<store::Statement> points = m_reader.prepare(
        "SELECT ts_ns, value FROM point WHERE series_id = ?1 AND ts_ns BETWEEN ?2 AND ?3 ORDER BY ts_ns");
    if (!points)
        return fail(points.error());
    for (LoadSlope &each : memory) {
        times.clear();
        values.clear();
        points->reset();
        points->bind(0, each.seriesId);
        points->bind(1, begin);
        points->bind(2, end);
        TS_TRY(eachRow(*points, m_progress, [&](const store::Statement &row) {
            times.push_back(row.integer(0));
            values.push_back(row.real(1));
        }));
        if (const auto slope = theilSen(times, values)) {
            each.slope = *slope;
            each.start = begin;
            each.end = end;
            run.slopes.push_back(each);
        }
    }
    return {};
}

Result<std::vector<LoadRun>> RunReader::readAll()
{
    std::vector<LoadRun> runs;
    TS_TRY(readRuns(runs));
    for (const LoadRun &run : runs)
        m_requests[run.sourceId];
    sortRequests();
    for (LoadRun &run : runs) {
        TS_TRY(readThresholds(run));
        TS_TRY(readStatedPhases(run));
        takeRequests(run);
        const Result<std::vector<TimedValue>> users = readUsers(run);
        if (!users)
            return fail(users.error());
        if (std::isnan(run.users) && !users->empty()) {
            run.users = 0;
            for (const TimedValue &value : *users)
                run.users = std::max(run.users, value.value);
        }
        fillBins(run, *users);
        if (!run.bins.empty())
            addFoundPhases(run);
        addPoints(run);
        judgeLoop(run);
        if (!run.bins.empty())
            TS_TRY(addSlopes(run));
        if (m_progress.isCancelled())
            return fail(ErrorCode::Cancelled, "load tests", "cancelled");
    }
    // A level a run: tests of ab, hey and wrk are made so.
    std::vector<LoadPoint> all;
    for (const LoadRun &run : runs) {
        const LoadPhase *whole = run.whole();
        if (whole && whole->users > 0 && whole->rate > 0)
            all.push_back({whole->users, whole->rate});
    }
    all = mergedLevels(std::move(all));
    for (LoadRun &run : runs) {
        if (run.points.size() < 4 && all.size() >= 4) {
            run.points = all;
            run.pointsOfAll = true;
        }
    }
    return runs;
}

} // namespace

const LoadPhase *LoadRun::whole() const
{
    const auto found = std::find_if(phases.begin(), phases.end(),
        [](const LoadPhase &phase) { return phase.kind == "whole"; });
    return found == phases.end() ? nullptr : &*found;
}

std::string LoadRun::omissionVerdict() const
{
    if (statedOmission == "corrected")
        return "corrected";
    if (omission && omission->isSuspect)
        return "suspect";
    if (statedOmission == "no" || loop == "open")
        return "no";
    return statedOmission == "possible" || loop == "closed" ? "possible" : "unknown";
}

Result<bool> haveLoadRequests(store::Database &reader)
{
    const auto found
        = reader.integer("SELECT EXISTS (SELECT 1 FROM run AS r JOIN source AS s ON s.id = r.source_id"
                         " WHERE r.kind = 'load_test' AND EXISTS (SELECT 1 FROM track AS t"
                         " WHERE t.source_id = r.source_id))");
    if (!found)
        return fail(found.error());
    return found->value_or(0) != 0;
}

Result<std::vector<LoadRun>> readLoadRuns(const store::Workspace &workspace, const SpanColumns *columns,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    Result<std::vector<LoadRun>> runs = RunReader(*reader, columns, progress).readAll();
    if (!runs)
        return runs;
    const Result<SourceKinds> kinds = readSourceKinds(*reader);
    if (!kinds)
        return fail(kinds.error());
    judgeValidity(*runs, columns, *kinds);
    return runs;
}

} // namespace tailscope::analysis
