// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Speed of the analyses over columns in memory and over a workspace. Prints a table of milliseconds and fails
// when a figure passes three times its target, scaled to the number of spans. By hand: bench_analysis --spans
// 10000000.
#include "analysis/analyses.h"
#include "analysis/calltree.h"
#include "analysis/cohort.h"
#include "analysis/criticalset.h"
#include "analysis/lanequery.h"
#include "analysis/overviewpyramid.h"
#include "analysis/pathanalyses.h"
#include "analysis/rangestats.h"
#include "analysis/spancolumns.h"
#include "analysis/spanfilter.h"
#include "store/bulkwriter.h"
#include "store/workspace.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <time.h>

using namespace tailscope;
using namespace tailscope::analysis;

namespace {

constexpr double kSlack = 3;

class Random
{
public:
    std::uint64_t next()
    {
        m_state += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = m_state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    std::int64_t below(std::int64_t limit) { return std::int64_t(next() % std::uint64_t(limit)); }

private:
    std::uint64_t m_state = 1;
};

// Durations of three decades with a long tail.
Nanos randomDuration(Random &random)
{
    const Nanos base = 1000 + random.below(20'000);
    const std::int64_t roll = random.below(1000);
    return roll < 900 ? base : roll < 990 ? base * 8 : base * 64;
}

// 24 threads with lanes that get busier with depth; parents on the lane above.
std::shared_ptr<SpanColumns> syntheticColumns(std::size_t spans)
{
    constexpr std::uint32_t kTracks = 24, kLanes = 10, kOperations = 600;
    Random random;
    auto columns = std::make_shared<SpanColumns>();
    SpanColumns &c = *columns;
    for (std::uint32_t i = 0; i < kOperations; ++i)
        c.operations.push_back("component" + std::to_string(i % 30) + "::function" + std::to_string(i));
    const std::size_t perTrack = spans / kTracks;
    for (std::uint32_t track = 0; track < kTracks; ++track) {
        TrackInfo info;
        info.id = track + 1;
        info.sourceId = 1;
        info.service = "service" + std::to_string(track % 8);
        info.instance = "pod" + std::to_string(track);
        c.tracks.push_back(info);
        std::uint32_t above = kNoRow, aboveEnd = kNoRow;
        for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
            const std::size_t count = perTrack * (lane + 1) / (kLanes * (kLanes + 1) / 2);
            const auto first = std::uint32_t(c.start.size());
            Nanos at = 0;
            const Nanos step = Nanos(perTrack) * 20'000 / Nanos(count + 1);
            std::uint32_t parent = above;
            for (std::size_t i = 0; i < count; ++i) {
                Nanos duration = std::min(randomDuration(random), step);
                c.start.push_back(at);
                c.duration.push_back(duration);
                c.self.push_back(duration / 2);
                c.operation.push_back(std::uint32_t(random.below(random.below(kOperations) + 1)));
                c.track.push_back(track);
                c.trace.push_back(kNoRow);
                while (parent != kNoRow && parent + 1 < aboveEnd && c.start[parent + 1] <= at)
                    ++parent;
                const bool inside
                    = parent != kNoRow && c.start[parent] <= at && c.end(parent) >= at + duration;
                c.parent.push_back(inside ? parent : kNoRow);
                c.spanId.push_back(std::uint32_t(c.start.size()));
                c.depth.push_back(std::uint16_t(lane));
                c.kind.push_back(std::uint8_t(random.below(3)));
                c.status.push_back(std::uint8_t(random.below(100) == 0 ? 2 : 1));
                c.httpStatus.push_back(std::uint16_t(random.below(3) == 0 ? 200 : 0));
                at += step;
            }
            c.lanes.push_back({track, std::uint16_t(lane), first, std::uint32_t(count)});
            c.range.end = std::max(c.range.end, at);
            above = first;
            aboveEnd = std::uint32_t(c.start.size());
        }
    }
    return columns;
}

// Traces of ten spans: a server, two calls in a row to a second service, each with three steps and a server.
std::shared_ptr<SpanColumns> syntheticTraces(std::size_t traces)
{
    Random random;
    auto columns = std::make_shared<SpanColumns>();
    SpanColumns &c = *columns;
    for (int i = 0; i < 100; ++i)
        c.operations.push_back("component" + std::to_string(i % 10) + "::function" + std::to_string(i));
    for (std::uint32_t track = 0; track < 2; ++track) {
        TrackInfo info;
        info.id = track + 1;
        info.sourceId = 1;
        info.service = track == 0 ? "web" : "api";
        c.tracks.push_back(info);
    }
    const auto add
        = [&](std::uint32_t track, SpanKind kind, Nanos start, Nanos duration, std::uint32_t parent) {
              c.start.push_back(start);
              c.duration.push_back(duration);
              c.self.push_back(duration / 2);
              c.operation.push_back(std::uint32_t(random.below(100)));
              c.track.push_back(track);
              c.trace.push_back(std::uint32_t(c.traceIds.size()));
              c.parent.push_back(parent);
              c.spanId.push_back(std::uint32_t(c.start.size()));
              c.depth.push_back(0);
              c.kind.push_back(std::uint8_t(kind));
              c.status.push_back(1);
              c.httpStatus.push_back(0);
              return std::uint32_t(c.start.size() - 1);
          };
    for (std::size_t i = 0; i < traces; ++i) {
        const Nanos start = Nanos(i) * 1'000'000;
        const std::uint32_t root = add(0, SpanKind::Server, start, 10'000'000, kNoRow);
        const std::uint32_t first = add(0, SpanKind::Client, start + 500'000, 4'000'000, root);
        const std::uint32_t second = add(0, SpanKind::Client, start + 5'000'000, 4'000'000, root);
        for (const std::uint32_t call : {first, second}) {
            // One server in a hundred has a clock that is wrong.
            const Nanos skew = random.below(100) == 0 ? 50'000'000 : 0;
            const std::uint32_t server
                = add(1, SpanKind::Server, c.start[call] + 200'000 + skew, 3'500'000, call);
            for (Nanos step = 0; step < 2; ++step)
                add(1, SpanKind::Internal, c.start[server] + step * 1'500'000,
                    1'000'000 + random.below(600'000), server);
        }
        add(0, SpanKind::Async, start + 9'500'000, 20'000'000, root);
        c.traceIds.push_back(std::int64_t(i + 1));
    }
    return columns;
}

class Table
{
public:
    explicit Table(double spans)
        : m_spans(spans)
    {
        std::printf("%-58s %10s %10s\n", "what", "ms", "target");
    }
    /// target10M: milliseconds at 10 million spans, scaled down with their number; 0 = only told.
    void measure(const std::string &what, double target10M, int rounds, const std::function<void()> &work)
    {
        double best = 1e300;
        for (int i = 0; i < rounds; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            work();
            best = std::min(best,
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
        }
        add(what, best, target10M);
    }
    void add(const std::string &what, double milliseconds, double target10M)
    {
        // Below a million spans fixed costs rule: the target does not shrink further.
        const double target = target10M * std::max(m_spans, 1e6) / 1e7;
        const bool failed = target > 0 && milliseconds > kSlack * target;
        m_failed |= failed;
        std::printf("%-58s %10.2f %10.1f%s\n", what.c_str(), milliseconds, target,
            failed ? "  TOO SLOW" : "");
        std::fflush(stdout);
    }
    bool failed() const { return m_failed; }

private:
    double m_spans = 0;
    bool m_failed = false;
};

// Of this thread: a frame must not look slow because another program ran.
double cpuMilliseconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

long peakMegabytes()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

void benchSelections(Table &table, const SpanColumns &c)
{
    SpanSelection all;
    table.measure("percentiles + histogram: everything", 100, 5, [&] { durationStats(c, all); });
    SpanSelection range;
    range.range = TimeRange{c.range.end / 4, c.range.end / 4 * 3};
    table.measure("percentiles + histogram: half the range", 100, 5, [&] { durationStats(c, range); });
    SpanSelection operation = range;
    operation.operation = 3;
    table.measure("percentiles + histogram: range x operation", 100, 5, [&] { durationStats(c, operation); });
    SpanSelection status = operation;
    status.status = std::uint8_t(SpanStatus::Ok);
    table.measure("percentiles + histogram: range x operation x status", 100, 5,
        [&] { durationStats(c, status); });
    const auto filter = *parseFilter("service=service3");
    std::shared_ptr<const SpanBitmap> bitmap;
    table.measure("filter: service", 100, 5, [&] { bitmap = *evaluateFilter(c, filter, {}); });
    SpanSelection service = all;
    service.filter = bitmap;
    table.measure("percentiles + histogram: by filter (service)", 100, 5, [&] { durationStats(c, service); });
    const auto complex = *parseFilter("component3 -status=error duration>20us http!=5xx");
    table.measure("filter: word, status, duration, http", 200, 3,
        [&] { bitmap = *evaluateFilter(c, complex, {}); });
    table.measure("groups by service", 200, 3, [&] { groupStats(c, all, GroupBy::Service, 50); });
    table.measure("groups by operation, 50 largest", 300, 3,
        [&] { groupStats(c, all, GroupBy::Operation, 50); });
    table.measure("percentiles in 400 bins of time + heat map", 300, 3,
        [&] { timeBins(c, all, c.range, 400, 60); });
    table.measure("call tree of everything", 1500, 1, [&] { (void)spanCallTree(c, all, {}); });
}

/// Ten attributes a span: eight shared by sets, two of its own.
void benchCohorts(Table &table, const SpanColumns &c)
{
    Random random;
    std::shared_ptr<const AttributeColumns> attributes;
    table.measure("attributes in memory, 10 a span", 10'000, 1, [&] {
        AttributeBuilder builder(c.size());
        std::vector<std::uint32_t> lists;
        for (int set = 0; set < 2'000; ++set) {
            std::vector<std::uint32_t> codes;
            for (int key = 0; key < 8; ++key)
                codes.push_back(
                    builder.code(2, "key" + std::to_string(key), std::to_string(random.below(12))));
            lists.push_back(builder.list(codes));
        }
        for (std::uint32_t row = 0; row < c.size(); ++row) {
            const std::array<std::uint32_t, 2> own{builder.code(2, "tenant",
                                                       std::to_string(random.below(2'000))),
                builder.code(2, "region", std::to_string(random.below(20)))};
            builder.setList(row, lists[std::size_t(random.below(2'000))]);
            builder.setOwn(row, own);
        }
        attributes = builder.finish(0, 0);
    });
    std::printf("  %.1f bytes a span\n", double(attributes->bytes()) / double(c.size()));
    for (const bool everySpan : {false, true}) {
        table.measure(everySpan ? "slowest 1 % against the rest: every span"
                                : "slowest 1 % against the rest: requests",
            10'000, 3, [&] {
                const auto requests = requestRows(c, {}, everySpan, {});
                (void)compareCohorts(c, attributes.get(), chooseCohorts(c, requests, {}), {}, {});
            });
    }
}

void benchFrames(Table &table, std::shared_ptr<const SpanColumns> columns)
{
    const SpanColumns &c = *columns;
    std::shared_ptr<const LanePyramid> pyramid;
    table.measure("lane pyramid: build", 200, 1, [&] { pyramid = LanePyramid::build(columns, {}); });
    // A frame shows at most about 60 lanes of 1600 pixels; what it costs must not grow with the data.
    const std::size_t lanes = std::min<std::size_t>(60, c.lanes.size());
    std::vector<LaneItem> items;
    SpanBitmap some(c.size()), tiny(c.size());
    Random random;
    for (std::size_t row = 0; row < c.size(); ++row) {
        some.set(row, random.below(2) == 0);
        tiny.set(row, c.duration[row] < 3000);
    }
    const auto frames = [&](const char *what, const SpanBitmap *filter, double target) {
        std::vector<double> times;
        for (int i = 0; i < 60; ++i) {
            const Nanos length = std::max<Nanos>(1600, c.range.end >> (i / 3));
            const Nanos begin = random.below(c.range.end - length + 1);
            const double start = cpuMilliseconds();
            for (std::size_t lane = 0; lane < lanes; ++lane)
                pyramid->query(lane, {begin, begin + length}, length / 1600, filter, items);
            times.push_back(cpuMilliseconds() - start);
        }
        std::sort(times.begin(), times.end());
        // Not scaled: multiplied back, because add() scales with the number of spans.
        const double unscaled = target * 1e7 / std::max(double(c.size()), 1e6);
        table.add(std::string(what) + ", median", times[times.size() / 2], unscaled);
        table.add(std::string(what) + ", slowest", times.back(), 2 * unscaled);
    };
    frames("frame of 60 lanes x 1600 px", nullptr, 4);
    frames("frame of 60 lanes, half the rows filtered", &some, 8);
    frames("frame of 60 lanes, only short rows", &tiny, 8);
}

void benchTraces(Table &table, std::size_t spans)
{
    const auto columns = syntheticTraces(spans / 10);
    std::shared_ptr<const TraceRows> rows;
    table.measure("traces of 10 spans: rows by trace", 3000, 1,
        [&] { rows = TraceRows::build(*columns, {}); });
    const SpanClasses classes(*columns);
    const std::vector<std::uint32_t> all = allTraces(*rows);
    table.measure("traces of 10 spans: critical paths added up", 50'000, 1,
        [&] { (void)criticalSet(*columns, *rows, classes, all, {}); });
    const auto workspace = *store::Workspace::temporary();
    const Progress progress;
    const TraceInput input{*workspace, *columns, *rows, progress};
    table.measure("traces of 10 spans: stored paths, computed", 50'000, 1,
        [&] { (void)computeCriticalPaths(input); });
    table.measure("traces of 10 spans: stored gaps, computed", 50'000, 1,
        [&] { (void)computeTraceGaps(input); });
}

void fillWorkspace(const store::Workspace &workspace, std::int64_t spans, bool linked, std::int64_t &sourceId)
{
    auto writer = *store::BulkWriter::create(workspace, {"bench", "bench", std::nullopt}, {});
    writer->setSource({});
    Random random;
    std::vector<TrackRef> tracks;
    for (int i = 0; i < 24; ++i) {
        const std::string name = "t" + std::to_string(i), service = "service" + std::to_string(i % 8);
        TrackRow row;
        row.shape = linked ? TrackRow::Shape::Linked : TrackRow::Shape::Nested;
        row.process = "process";
        row.thread = name;
        if (linked) {
            row.service = service;
            row.instance = name;
        }
        tracks.push_back(writer->track(row));
    }
    std::vector<std::string> operations;
    for (int i = 0; i < 600; ++i)
        operations.push_back("component" + std::to_string(i % 30) + "::function" + std::to_string(i));
    SpanRow row;
    std::string traceKey;
    // Requests of 20 spans: a root, then children one after another with one grandchild each.
    for (std::int64_t i = 0; i < spans; ++i) {
        const std::int64_t request = i / 20, place = i % 20;
        const Nanos begin = request / 24 * 1'000'000;
        row.track = tracks[std::size_t(linked ? i % 24 : request % 24)];
        row.operation = operations[std::size_t(request % 30 * 20 + place)];
        row.startNs
            = begin + (place == 0 ? 0 : (place + 1) / 2 * 90'000 - 80'000 + (place % 2 == 0 ? 10'000 : 0));
        row.durationNs = place == 0 ? 990'000 : place % 2 == 1 ? 80'000 : 20'000 + random.below(30'000);
        row.status = random.below(100) == 0 ? SpanStatus::Error : SpanStatus::Ok;
        if (linked) {
            traceKey = "trace" + std::to_string(request);
            if (place == 0)
                row.trace = writer->trace(traceKey);
            row.key = {SpanKey::Kind::Hex64, std::uint64_t(i + 1), {}};
            row.parentKey = {};
            if (place > 0)
                row.parentKey = {SpanKey::Kind::Hex64, std::uint64_t(place % 2 == 1 ? i - place + 1 : i), {}};
        }
        writer->span(row);
    }
    sourceId = writer->sourceId();
    const Result<void> done = writer->finish({});
    if (!done)
        std::fprintf(stderr, "%s\n", done.error().toText().c_str());
}

void benchWorkspace(Table &table, std::int64_t spans, bool linked)
{
    const char *kind = linked ? "traces" : "threads";
    auto workspace = *store::Workspace::temporary();
    std::int64_t sourceId = 0;
    table.measure(std::string("import of ") + kind, 0, 1,
        [&] { fillWorkspace(*workspace, spans, linked, sourceId); });
    std::printf("%-58s %10ld MB\n", "peak memory after import", peakMegabytes());
    Result<ReadyFigures> ready;
    table.measure(std::string("ready: ") + kind, linked ? 45'000 : 33'000, 1,
        [&] { ready = makeReady(*workspace, sourceId, {}); });
    if (!ready) {
        std::fprintf(stderr, "%s\n", ready.error().toText().c_str());
        std::exit(1);
    }
    table.add("  derive", ready->deriveSeconds * 1000, linked ? 20'000 : 12'000);
    table.add("  indexes", ready->indexSeconds * 1000, 0);
    table.add("  operation statistics", ready->statsSeconds * 1000, 0);
    std::printf("%-58s %10ld MB\n", "peak memory after ready", peakMegabytes());
    table.measure("reopen: overview", 10'000, 3, [&] { (void)loadOverviewPyramid(*workspace); });
    std::shared_ptr<const SpanColumns> columns;
    table.measure("load columns", 6000, 1, [&] { columns = *SpanColumns::load(*workspace, {}); });
    std::printf("%-58s %10.1f\n", "bytes a span",
        double(columns->bytes()) / double(std::max<std::size_t>(1, columns->size())));
    std::printf("%-58s %10ld MB\n", "peak memory after load", peakMegabytes());
}

} // namespace

int main(int argc, char **argv)
{
    std::int64_t spans = 1'000'000, stored = 200'000;
    for (int i = 1; i < argc; ++i) {
        const bool hasValue = i + 1 < argc;
        if (std::strcmp(argv[i], "--spans") == 0 && hasValue) {
            spans = std::atoll(argv[++i]);
        } else if (std::strcmp(argv[i], "--stored") == 0 && hasValue) {
            stored = std::atoll(argv[++i]);
        } else {
            std::fprintf(stderr, "usage: bench_analysis [--spans N] [--stored N]\n");
            return 2;
        }
    }
    bool failed = false;
    if (stored > 0) {
        Table table{double(stored)};
        benchWorkspace(table, stored, false);
        benchWorkspace(table, stored, true);
        failed |= table.failed();
    }
    if (spans > 0) {
        const auto columns = syntheticColumns(std::size_t(spans));
        std::printf("\n%zu spans in memory\n", columns->size());
        Table table{double(columns->size())};
        benchSelections(table, *columns);
        benchCohorts(table, *columns);
        benchFrames(table, columns);
        benchTraces(table, std::size_t(spans));
        failed |= table.failed();
    }
    return failed ? 1 : 0;
}
