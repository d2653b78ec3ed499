// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Paths and gaps of many traces, in memory and stored.
#include "analysis/analyses.h"
#include "analysis/criticalset.h"
#include "analysis/pathanalyses.h"
#include "storefixture.h"
#include "tracebuilder.h"

#include <QTest>

#include <map>
#include <tuple>

using namespace tailscope;
using namespace tailscope::analysis;
using storefixture::newWorkspace;
using storefixture::query;
using storefixture::Source;

class TestCriticalSet : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void againstPlainSums();
    void someOfTheTraces();
    void timesOfOneTrace();
    void storedFiguresAddUp();
    void storedGaps();
    void nothingIsStoredWithoutTraces();
    void storedAgainWhenSpansChange();
    void storesTheSlowestOfEveryRoot();
};

namespace {

constexpr Nanos kMs = kNanosPerMilli;

/// 300 traces at random in one set of columns.
std::shared_ptr<SpanColumns> manyTraces()
{
    spanfixture::Random random(17);
    tracebuilder::Builder all;
    for (int trace = 0; trace < 300; ++trace) {
        const tracebuilder::Builder one = tracebuilder::randomTrace(random, 1 + int(random.below(20)));
        const int first = int(all.spans.size());
        for (std::size_t i = 0; i < one.spans.size(); ++i) {
            spanfixture::Span span = one.spans[i];
            span.parent += span.parent < 0 ? 0 : first;
            span.trace = trace;
            span.track = std::uint32_t(all.spans.size());
            all.tracks.push_back(one.tracks[i]);
            all.spans.push_back(span);
        }
    }
    return all.build();
}

void addTrace(Source &source, TrackRef web, TrackRef api, int number, Nanos waitMs)
{
    const std::string key = "trace" + std::to_string(number);
    const std::uint64_t base = std::uint64_t(number) * 100;
    const Nanos start = number * kNanosPerSecond;
    const Nanos total = (waitMs + 100) * kMs;
    source.linked(web, key, base + 1, 0, "GET /products", start, total, SpanKind::Server);
    source.linked(web, key, base + 2, base + 1, "call api", start + 10 * kMs, total - 20 * kMs,
        SpanKind::Client);
    source.linked(api, key, base + 3, base + 2, "products", start + 15 * kMs, total - 30 * kMs,
        SpanKind::Server);
    source.linked(api, key, base + 4, base + 3, "pool.acquire", start + 20 * kMs, waitMs * kMs);
    source.linked(api, key, base + 5, base + 3, "SELECT products", start + (20 + waitMs) * kMs, 12 * kMs,
        SpanKind::Client);
}

std::unique_ptr<store::Workspace> shop(int traces)
{
    auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef web = source.track(TrackRow::Shape::Linked, "web"),
                   api = source.track(TrackRow::Shape::Linked, "api");
    for (int i = 1; i <= traces; ++i)
        addTrace(source, web, api, i, i);
    const std::int64_t id = source.finish();
    const auto ready = makeReady(*workspace, id, {});
    if (!ready)
        qFatal("%s", ready.error().toText().c_str());
    const auto refreshed = refreshTraceAnalyses(*workspace, {});
    if (!refreshed)
        qFatal("%s", refreshed.error().toText().c_str());
    return workspace;
}

} // namespace

// The same figures by maps of vectors, sorted, one thread.
void TestCriticalSet::againstPlainSums()
{
    const auto columns = manyTraces();
    const auto rows = TraceRows::build(*columns, {});
    const SpanClasses classes(*columns);
    const std::vector<std::uint32_t> traces = allTraces(*rows);
    const auto set = criticalSet(*columns, *rows, classes, traces, {});
    QVERIFY(set != nullptr);
    using Key = std::tuple<std::string, std::string, bool, TimeClass>;
    std::map<Key, std::map<std::uint32_t, Nanos>> perTrace;
    Nanos total = 0;
    std::int64_t withPath = 0;
    for (const std::uint32_t t : traces) {
        TraceSpans trace;
        trace.load(*columns, t, rows->rows(t));
        correctSkew(trace, *columns);
        std::vector<PathSegment> path;
        criticalPath(trace, *columns, classes, path);
        withPath += path.empty() ? 0 : 1;
        for (const PathSegment &s : path) {
            const std::uint32_t row = trace.row[s.span];
            perTrace[{columns->tracks[columns->track[row]].service,
                columns->operations[columns->operation[row]], s.isGap, s.timeClass}][t]
                += s.duration;
            total += s.duration;
        }
    }
    QCOMPARE(set->total, total);
    QCOMPARE(set->traces, withPath);
    QCOMPARE(set->traces + set->withoutPath, std::int64_t(traces.size()));
    QCOMPARE(set->operations.size(), perTrace.size());
    Nanos last = std::numeric_limits<Nanos>::max();
    std::array<Nanos, kTimeClasses> byClass{};
    for (const CriticalOperation &row : set->operations) {
        QVERIFY(row.total <= last);
        last = row.total;
        const auto &values = perTrace.at({row.service, row.operation, row.isGap, row.timeClass});
        std::vector<Nanos> sorted;
        Nanos sum = 0;
        for (const auto &[trace, time] : values) {
            sorted.push_back(time);
            sum += time;
        }
        std::sort(sorted.begin(), sorted.end());
        QCOMPARE(row.traces, std::int64_t(sorted.size()));
        QCOMPARE(row.total, sum);
        QCOMPARE(row.share, double(sum) / double(total));
        QCOMPARE(row.p50, sorted[(sorted.size() + 1) / 2 - 1]);
        QCOMPARE(row.p99, sorted[(99 * sorted.size() + 99) / 100 - 1]);
        QCOMPARE(values.at(row.example), sorted.back());
        byClass[std::size_t(row.timeClass)] += sum;
    }
    QCOMPARE(set->byClass, byClass);
    CancelToken cancelled;
    cancelled.cancel();
    QVERIFY(criticalSet(*columns, *rows, classes, traces, cancelled) == nullptr);
}

void TestCriticalSet::someOfTheTraces()
{
    const auto columns = manyTraces();
    const auto rows = TraceRows::build(*columns, {});
    const SpanClasses classes(*columns);
    const std::vector<std::uint32_t> all = allTraces(*rows);
    std::vector<std::uint32_t> even, odd;
    for (const std::uint32_t t : all)
        (t % 2 == 0 ? even : odd).push_back(t);
    const auto whole = criticalSet(*columns, *rows, classes, all, {});
    const auto first = criticalSet(*columns, *rows, classes, even, {});
    const auto second = criticalSet(*columns, *rows, classes, odd, {});
    QCOMPARE(first->total + second->total, whole->total);
    QCOMPARE(first->traces + second->traces, whole->traces);
    const auto none = criticalSet(*columns, *rows, classes, {}, {});
    QCOMPARE(none->traces, std::int64_t(0));
    QVERIFY(none->operations.empty());
}

void TestCriticalSet::timesOfOneTrace()
{
    tracebuilder::Builder builder;
    const int root = builder.add("web", "GET /products", 0, 100 * kMs, -1, SpanKind::Server);
    builder.add("web", "step", 0, 30 * kMs, root);
    const int call = builder.add("web", "call", 40 * kMs, 60 * kMs, root, SpanKind::Client);
    builder.add("api", "serve", -900 * kMs, 20 * kMs, call, SpanKind::Server);
    const auto columns = builder.build();
    const auto rows = TraceRows::build(*columns, {});
    const SpanClasses classes(*columns);
    TracePaths paths(*columns, *rows, classes);
    paths.load(0);
    const TraceTime time = traceTime(paths);
    QCOMPARE(time.duration, 100 * kMs);
    QCOMPARE(time.byClass[std::size_t(TimeClass::Network)], 40 * kMs);
    QCOMPARE(time.byClass[std::size_t(TimeClass::Processing)], 50 * kMs);
    QCOMPARE(time.byClass[std::size_t(TimeClass::Unknown)], 10 * kMs);
    QCOMPARE(columns->operations[columns->operation[time.largestRow]], std::string("call"));
    QCOMPARE(time.largest, 40 * kMs);
    QCOMPARE(time.largestGap, 20 * kMs);
    QCOMPARE(time.skew, 960 * kMs);
}

void TestCriticalSet::storedFiguresAddUp()
{
    const auto workspace = shop(40);
    QCOMPARE(query(*workspace, "SELECT count(*) FROM trace_time"), std::string("40"));
    QCOMPARE(query(*workspace,
                 "SELECT count(*) FROM trace_time AS m JOIN trace AS t ON t.id = m.trace_id WHERE"
                 " m.duration_ns <> t.duration_ns OR"
                 " m.network_ns + m.wait_ns + m.processing_ns + m.unknown_ns <> m.duration_ns"),
        std::string("0"));
    QCOMPARE(query(*workspace,
                 "SELECT count(*) FROM trace_time AS m WHERE m.duration_ns <> (SELECT sum(s.duration_ns)"
                 " FROM critical_segment AS s WHERE s.trace_id = m.trace_id)"),
        std::string("0"));
    QCOMPARE(
        query(*workspace,
            "SELECT count(*) FROM critical_segment AS a JOIN critical_segment AS b ON b.trace_id = a.trace_id"
            " AND b.position = a.position + 1 WHERE a.start_ns + a.duration_ns <> b.start_ns"),
        std::string("0"));
    QCOMPARE(query(*workspace,
                 "SELECT (SELECT sum(total_ns) FROM critical_operation) - (SELECT sum(duration_ns)"
                 " FROM trace_time), round(sum(share), 9) FROM critical_operation"),
        std::string("0 1.0"));
    // 1 + 2 + .. + 40 ms of waiting, 12 ms of query each; the way is 10 ms of every trace.
    QCOMPARE(query(*workspace, "SELECT sum(wait_ns) / 1000000, sum(network_ns) / 1000000 FROM trace_time"),
        std::string("820 400"));
    QCOMPARE(query(*workspace,
                 "SELECT service, is_gap, class, n, total_ns / 1000000, p50_ns / 1000000,"
                 " p99_ns / 1000000, example_trace_id = (SELECT id FROM trace WHERE"
                 " trace_key = 'trace40') FROM critical_operation WHERE operation = 'pool.acquire'"),
        std::string("api 0 wait 40 820 20 40 1"));
    QCOMPARE(query(*workspace,
                 "SELECT s.operation, m.largest_ns / 1000000, m.skew_ns FROM trace_time AS m"
                 " JOIN span AS s ON s.id = m.largest_span_id JOIN trace AS t ON t.id = m.trace_id"
                 " WHERE t.trace_key = 'trace40'"),
        std::string("products 58 0"));
}

void TestCriticalSet::storedGaps()
{
    const auto workspace = shop(3);
    QCOMPARE(query(*workspace,
                 "SELECT s.operation, coalesce(b.operation, 'start'), coalesce(a.operation, 'end'), g.place,"
                 " g.class, g.duration_ns / 1000000, g.critical_ns / 1000000, round(g.share, 3)"
                 " FROM trace_gap AS g JOIN span AS s ON s.id = g.span_id LEFT JOIN span AS b ON"
                 " b.id = g.before_span_id LEFT JOIN span AS a ON a.id = g.after_span_id"
                 " WHERE g.trace_id = (SELECT id FROM trace WHERE trace_key = 'trace3')"
                 " ORDER BY g.duration_ns DESC, g.start_ns"),
        std::string("products SELECT products end after_last unknown 53 53 0.515; "
                    "GET /products start call api before_first unknown 10 10 0.097; "
                    "GET /products call api end after_last unknown 10 10 0.097; "
                    "call api start products before_first network 5 5 0.049; "
                    "products start pool.acquire before_first unknown 5 5 0.049; "
                    "call api products end after_last network 5 5 0.049"));
}

void TestCriticalSet::nothingIsStoredWithoutTraces()
{
    const auto workspace = newWorkspace();
    const auto refreshed = refreshTraceAnalyses(*workspace, {});
    TS_VERIFY_OK(refreshed);
    QCOMPARE(query(*workspace, "SELECT count(*) FROM trace_time"), std::string("0"));
    QCOMPARE(query(*workspace,
                 "SELECT count(*) FROM analysis_run WHERE kind IN ('critical_path', 'trace_gap')"),
        std::string("2"));
}

void TestCriticalSet::storedAgainWhenSpansChange()
{
    const auto workspace = shop(2);
    const char *const runs
        = "SELECT group_concat(id) FROM analysis_run WHERE kind IN ('critical_path', 'trace_gap')";
    const std::string before = query(*workspace, runs);
    TS_VERIFY_OK(refreshTraceAnalyses(*workspace, {}));
    QCOMPARE(query(*workspace, runs), before);
    Source source(*workspace);
    const TrackRef web = source.track(TrackRow::Shape::Linked, "web");
    addTrace(source, web, web, 9, 5);
    TS_VERIFY_OK(makeReady(*workspace, source.finish(), {}));
    TS_VERIFY_OK(refreshTraceAnalyses(*workspace, {}));
    QVERIFY(query(*workspace, runs) != before);
    QCOMPARE(query(*workspace, "SELECT count(*), count(DISTINCT run_id) FROM trace_time"),
        std::string("3 1"));
    QCOMPARE(query(*workspace, "SELECT count(DISTINCT trace_id) FROM trace_gap"), std::string("3"));
}

// More traces than the even sample has: the slowest are there all the same.
void TestCriticalSet::storesTheSlowestOfEveryRoot()
{
    constexpr int kTraces = 3000;
    const auto workspace = shop(kTraces);
    QCOMPARE(query(*workspace, "SELECT count(*) FROM trace_time"), std::to_string(kTraces));
    const std::string slowest
        = "SELECT count(DISTINCT trace_id) FROM critical_segment WHERE trace_id IN (SELECT trace_id"
          " FROM trace_time ORDER BY duration_ns DESC LIMIT "
        + std::to_string(PathBounds::kSlowestPerOperation) + ")";
    QCOMPARE(query(*workspace, slowest), std::to_string(PathBounds::kSlowestPerOperation));
    const int stored = std::stoi(query(*workspace, "SELECT count(DISTINCT trace_id) FROM critical_segment"));
    QVERIFY2(stored >= int(PathBounds::kEvenSample), std::to_string(stored).c_str());
    QVERIFY(stored <= int(PathBounds::kEvenSample + PathBounds::kSlowestPerOperation));
    QCOMPARE(query(*workspace,
                 "SELECT max(n) <= 8 FROM (SELECT count(*) AS n FROM trace_gap GROUP BY trace_id)"),
        std::string("1"));
}

QTEST_GUILESS_MAIN(TestCriticalSet)
#include "tst_criticalset.moc"
