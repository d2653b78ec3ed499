// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/analyses.h"
#include "analysis/overviewcodec.h"
#include "analysis/overviewpyramid.h"
#include "analysis/rangestats.h"
#include "analysis/spancalc.h"
#include "analysis/spillfile.h"
#include "spanfixture.h"
#include "storefixture.h"

#include <cmath>
#include <map>
#include <numeric>

#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Random;
using storefixture::newWorkspace;
using storefixture::query;
using storefixture::Source;
using Shape = TrackRow::Shape;

namespace {

std::int64_t fill(const store::Workspace &workspace, std::uint64_t seed, int count, bool weighted = false)
{
    Source source(workspace);
    Random random(seed);
    std::vector<TrackRef> tracks;
    for (int i = 0; i < 2; ++i)
        tracks.push_back(source.track(Shape::Nested, "", "", "thread" + std::to_string(i)));
    for (int i = 0; i < 4; ++i)
        tracks.push_back(
            source.track(Shape::Linked, "service" + std::to_string(i % 2), "pod" + std::to_string(i)));
    Attribute attribute;
    attribute.key = "sampling.probability";
    attribute.type = AttributeType::Real;
    for (int i = 0; i < count; ++i) {
        const auto track = std::size_t(random.below(6));
        const std::string operation = "op" + std::to_string(random.below(6));
        const Nanos start = random.below(10'000'000),
                    duration = random.chance(3) ? kUnknownNanos : random.below(50'000);
        attribute.real = 1.0 / double(1 + i % 7);
        if (track < 2)
            source.span(tracks[track], operation, start, duration,
                duration == kUnknownNanos ? std::uint32_t(SpanNoEnd) : 0u);
        else
            source.linked(tracks[track], "trace" + std::to_string(i / 3), std::uint64_t(i + 1),
                i % 3 == 0 ? 0 : std::uint64_t(i), operation, start, duration, SpanKind::Internal,
                random.chance(10) ? SpanStatus::Error : SpanStatus::Ok,
                weighted ? AttributeList(&attribute, 1) : AttributeList());
    }
    return source.finish();
}

} // namespace

class TestAnalyses : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readyMakesEverything();
    void readyAgainDoesNothing();
    void droppedRowsAreDerivedAgain();
    void unfinishedSourcesAreFound();
    void statsFollowTheDerivation();
    void unknownSumsStayUnknown();
    void statsAgainstColumns();
    void weightedStats();
    void statsOfInstances();
    void statsFollowTheGeneration();
    void overviewOfOneSource();
    void overviewTreeIsTheCallTree();
    void overviewOfTwoSources();
    void overviewCodec();
    void brokenOverviewBytes();
    void overviewWithoutData();
    void cancelled();
    void spilling();
};

void TestAnalyses::readyMakesEverything()
{
    const auto workspace = newWorkspace();
    const std::int64_t id = fill(*workspace, 1, 3000);
    TS_VERIFY_OK(makeReady(*workspace, id, {}));
    QCOMPARE(query(*workspace, "SELECT count(*) FROM span_calc"), std::string("3000"));
    QVERIFY(query(*workspace, "SELECT count(*) FROM operation_stat") != "0");
    QCOMPARE(query(*workspace, "SELECT count(*) FROM sqlite_schema WHERE name = 'span_calc_parent'"),
        std::string("1"));
    QCOMPARE(query(*workspace, "SELECT kind, state FROM analysis_run ORDER BY kind"),
        std::string("operation_stat done; source_ready done"));
    QCOMPARE(query(*workspace,
                 "SELECT count(*) FROM operation_stat WHERE run_id NOT IN (SELECT id FROM analysis_run)"),
        std::string("0"));
    const auto overview = loadOverviewPyramid(*workspace);
    TS_VERIFY_OK(overview);
    QCOMPARE((*overview)->spans, 3000);
}

void TestAnalyses::readyAgainDoesNothing()
{
    const auto workspace = newWorkspace();
    const std::int64_t id = fill(*workspace, 2, 500);
    TS_VERIFY_OK(makeReady(*workspace, id, {}));
    const std::string runs = query(*workspace, "SELECT * FROM analysis_run ORDER BY id");
    const std::int64_t generation = *workspace->generation("");
    TS_VERIFY_OK(makeReady(*workspace, id, {}));
    QCOMPARE(query(*workspace, "SELECT * FROM analysis_run ORDER BY id"), runs);
    QCOMPARE(*workspace->generation(""), generation);
}

void TestAnalyses::droppedRowsAreDerivedAgain()
{
    const auto workspace = newWorkspace();
    const std::int64_t id = fill(*workspace, 3, 500);
    TS_VERIFY_OK(makeReady(*workspace, id, {}));
    const std::string rows = query(*workspace, "SELECT * FROM span_calc ORDER BY id");
    auto writer = workspace->connectWriter();
    TS_VERIFY_OK(writer->execute("DELETE FROM span_calc"));
    TS_VERIFY_OK(makeReady(*workspace, id, {}));
    QCOMPARE(query(*workspace, "SELECT * FROM span_calc ORDER BY id"), rows);
}

void TestAnalyses::unfinishedSourcesAreFound()
{
    using Ids = std::vector<std::int64_t>;
    const auto workspace = newWorkspace();
    const auto unready = [&] { return unreadySources(*workspace).value_or(Ids{-1}); };
    QVERIFY(unready().empty());
    const std::int64_t first = fill(*workspace, 12, 300);
    const std::int64_t second = fill(*workspace, 13, 300);
    QVERIFY((unready() == Ids{first, second}));
    TS_VERIFY_OK(makeReady(*workspace, first, {}));
    QVERIFY((unready() == Ids{second}));
    // Stopped at every step on the way: the source counts as unready until the last one is done.
    for (const char *phase : {"linking spans", "indexing", "resolving links"}) {
        Progress progress;
        const CancelToken cancel = progress.cancel;
        progress.report = [&](const ProgressUpdate &update) {
            if (update.phase == phase)
                cancel.cancel();
        };
        if (!makeReady(*workspace, second, progress))
            QVERIFY2((unready() == Ids{second}), phase);
    }
    TS_VERIFY_OK(makeReady(*workspace, second, {}));
    QVERIFY(unready().empty());
    // Derived by an older version, and dropped by hand.
    auto writer = workspace->connectWriter();
    TS_VERIFY_OK(writer->execute("UPDATE analysis_run SET version = 0 WHERE kind = 'source_ready'"
                                 " AND parameters LIKE '{\"source_id\":1,%'"));
    QVERIFY((unready() == Ids{first}));
    TS_VERIFY_OK(writer->execute("DELETE FROM span_calc WHERE id > 300"));
    QVERIFY((unready() == Ids{first, second}));
    TS_VERIFY_OK(writer->execute("UPDATE source_raw SET duplicate_of = 1 WHERE id = 2"));
    QVERIFY((unready() == Ids{first}));
}

void TestAnalyses::statsFollowTheDerivation()
{
    // Statistics that were made of a source before it was derived know no self times.
    const auto workspace = newWorkspace();
    const std::int64_t id = fill(*workspace, 14, 500);
    TS_VERIFY_OK(refreshOperationStats(*workspace, {}));
    QCOMPARE(query(*workspace, "SELECT count(*) FROM operation_stat WHERE self_ns IS NOT NULL"),
        std::string("0"));
    TS_VERIFY_OK(makeReady(*workspace, id, {}));
    QCOMPARE(query(*workspace, "SELECT count(*) FROM operation_stat WHERE self_ns IS NULL"),
        std::string("0"));
    QCOMPARE(query(*workspace, "SELECT sum(self_ns) FROM operation_stat WHERE instance IS NULL"),
        query(*workspace, "SELECT sum(self_ns) FROM span"));
}

void TestAnalyses::unknownSumsStayUnknown()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef track = source.track(Shape::Async, "", "", "t");
    source.span(track, "open", 5, kUnknownNanos, SpanNoEnd);
    source.span(track, "closed", 5, 10);
    TS_VERIFY_OK(makeReady(*workspace, source.finish(), {}));
    QCOMPARE(query(*workspace,
                 "SELECT operation, n, unknown, total_ns, self_ns FROM operation_stat ORDER BY 1"),
        std::string("closed 1 0 10 10; open 0 1 - -"));
    const auto columns = SpanColumns::load(*workspace, {});
    TS_VERIFY_OK(columns);
    for (const GroupStats &group : groupStats(**columns, {}, GroupBy::Operation, 10)) {
        QCOMPARE(group.count, std::int64_t(1));
        QCOMPARE(group.hasTotal(), group.name == "closed");
        QCOMPARE(group.hasSelf(), group.name == "closed");
        QCOMPARE(group.unknown, std::int64_t(group.name == "open"));
    }
}

void TestAnalyses::statsAgainstColumns()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(makeReady(*workspace, fill(*workspace, 4, 5000), {}));
    TS_VERIFY_OK(makeReady(*workspace, fill(*workspace, 5, 5000), {}));
    const auto columns = *SpanColumns::load(*workspace, {});
    auto database = workspace->connectReader();
    auto rows = database->prepare(
        "SELECT ifnull(service, ''), operation, n, unknown, weight, errors, min_ns, p50_ns,"
        " p90_ns, p95_ns, p99_ns, p999_ns, max_ns, mean_ns, total_ns, self_ns"
        " FROM operation_stat WHERE instance IS NULL");
    TS_VERIFY_OK(rows);
    std::int64_t all = 0, operations = 0;
    while (*rows->step()) {
        ++operations;
        const auto filter = parseFilter("service=\"" + std::string(rows->text(0)) + "\" operation=\""
            + std::string(rows->text(1)) + "\"");
        SpanSelection selection;
        selection.filter = *evaluateFilter(*columns, *filter, {});
        const DurationStats stats = durationStats(*columns, selection),
                            self = durationStats(*columns, selection, true);
        QCOMPARE(rows->integer(2), stats.count);
        QCOMPARE(rows->integer(3), stats.unknown);
        QCOMPARE(rows->real(4), double(stats.count));
        QCOMPARE(rows->integer(5), stats.errors);
        QCOMPARE(rows->integer(6), stats.min);
        for (int i = 0; i < 5; ++i)
            QCOMPARE(rows->integer(7 + i), stats.figures[std::size_t(i)].value);
        QCOMPARE(rows->integer(12), stats.max);
        QVERIFY(std::abs(rows->real(13) - stats.meanNs) < 1e-6 * stats.meanNs);
        QCOMPARE(double(rows->integer(14)), stats.totalNs);
        QCOMPARE(double(rows->integer(15)), self.totalNs);
        all += stats.count + stats.unknown;
    }
    QCOMPARE(all, 10'000);
    QCOMPARE(operations, 18);
}

void TestAnalyses::weightedStats()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(makeReady(*workspace, fill(*workspace, 6, 4000, true), {}));
    const auto columns = *SpanColumns::load(*workspace, {});
    QVERIFY(!columns->traceWeight.empty());
    auto database = workspace->connectReader();
    auto rows = database->prepare(
        "SELECT ifnull(service, ''), operation, n, weight, p50_ns, p90_ns, p95_ns, p99_ns,"
        " p999_ns, mean_ns FROM operation_stat WHERE instance IS NULL");
    while (*rows->step()) {
        const auto filter = parseFilter("service=\"" + std::string(rows->text(0)) + "\" operation=\""
            + std::string(rows->text(1)) + "\"");
        SpanSelection selection;
        selection.filter = *evaluateFilter(*columns, *filter, {});
        const DurationStats stats = durationStats(*columns, selection);
        QVERIFY(stats.weighted);
        QVERIFY(rows->text(0).empty() || rows->real(3) > double(rows->integer(2)));
        for (int i = 0; i < 5; ++i)
            QCOMPARE(rows->integer(4 + i), stats.figures[std::size_t(i)].value);
        QVERIFY(std::abs(rows->real(9) - stats.meanNs) < 1e-6 * stats.meanNs);
    }
}

void TestAnalyses::statsOfInstances()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(makeReady(*workspace, fill(*workspace, 7, 2000), {}));
    // Each of the two pods of a service, besides both together; none where there is only one.
    QCOMPARE(query(*workspace,
                 "SELECT service, group_concat(instance) FROM (SELECT * FROM operation_stat ORDER BY rowid)"
                 " WHERE operation = 'op1' AND service IS NOT NULL GROUP BY service"),
        std::string("service0 pod0,pod2; service1 pod1,pod3"));
    QCOMPARE(query(*workspace,
                 "SELECT count(*) FROM operation_stat WHERE service IS NULL AND instance IS NOT NULL"),
        std::string("0"));
    QCOMPARE(query(*workspace,
                 "SELECT sum(n) FROM operation_stat WHERE instance IS NULL AND service IS NOT NULL"),
        query(*workspace, "SELECT sum(n) FROM operation_stat WHERE instance IS NOT NULL"));
}

void TestAnalyses::statsFollowTheGeneration()
{
    const auto workspace = newWorkspace();
    const std::int64_t first = fill(*workspace, 8, 300);
    TS_VERIFY_OK(makeReady(*workspace, first, {}));
    const std::int64_t second = fill(*workspace, 9, 300);
    TS_VERIFY_OK(makeReady(*workspace, second, {}));
    const char *const sum = "SELECT sum(n + unknown) FROM operation_stat WHERE instance IS NULL";
    QCOMPARE(query(*workspace, sum), std::string("600"));
    TS_VERIFY_OK(workspace->removeSource(first, {}));
    TS_VERIFY_OK(refreshOperationStats(*workspace, {}));
    QCOMPARE(query(*workspace, sum), std::string("300"));
    QCOMPARE(query(*workspace, "SELECT count(*) FROM analysis_run WHERE kind = 'operation_stat'"),
        std::string("1"));
}

void TestAnalyses::overviewOfOneSource()
{
    const auto workspace = newWorkspace();
    Source source(*workspace);
    const TrackRef a = source.track(Shape::Nested, "", "", "a"),
                   b = source.track(Shape::Linked, "svc", "pod");
    constexpr Nanos kBin = 1000;
    // The first half of track a is busy, overlapping roots count once; children add nothing.
    source.span(a, "root", 0, 1024 * kBin);
    source.span(a, "child", 10, 100 * kBin);
    source.span(b, "x", 1024 * kBin, 512 * kBin);
    source.span(b, "y", 1280 * kBin, 768 * kBin);
    const std::int64_t id = source.finish();
    TS_VERIFY_OK(makeReady(*workspace, id, {}));
    const auto overview = loadOverviewPyramid(*workspace);
    TS_VERIFY_OK(overview);
    const OverviewPyramid &o = **overview;
    QVERIFY((o.range == TimeRange{0, 2048 * kBin}));
    QCOMPARE(o.spans, 4);
    QCOMPARE(o.tracks.size(), std::size_t(2));
    const auto &first = o.tracks[o.tracks[0].title == "a" ? 0 : 1],
               &second = o.tracks[o.tracks[0].title == "a" ? 1 : 0];
    QCOMPARE(second.title, std::string("svc · pod"));
    QCOMPARE(first.spans, 2);
    for (std::size_t bin = 0; bin < 2048; ++bin) {
        QCOMPARE(first.busy[bin], bin < 1024 ? 1.0f : 0.0f);
        QCOMPARE(second.busy[bin], bin >= 1024 ? 1.0f : 0.0f);
        QCOMPARE(first.count[bin], bin == 0 ? 2u : 0u);
        QCOMPARE(second.count[bin], bin == 1024 || bin == 1280 ? 1u : 0u);
    }
    // Storing it alone gives the same picture, and leaves the derived rows as they are.
    const std::string blob = query(*workspace, "SELECT hex(data) FROM pyramid");
    TS_VERIFY_OK(storeOverviewPyramid(*workspace, id, {}));
    QCOMPARE(query(*workspace, "SELECT hex(data) FROM pyramid"), blob);
}

void TestAnalyses::overviewTreeIsTheCallTree()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(makeReady(*workspace, fill(*workspace, 10, 4000), {}));
    const auto columns = *SpanColumns::load(*workspace, {});
    const auto tree = *spanCallTree(*columns, {}, {});
    const auto stored = (*loadOverviewPyramid(*workspace))->tree;
    const auto paths = [](const CallTree &t) {
        std::map<std::string, std::array<double, 3>> result;
        std::vector<std::string> names(t.nodes.size());
        for (std::size_t i = 1; i < t.nodes.size(); ++i) {
            const CallTree::Node &node = t.nodes[i];
            names[i] = names[node.parent] + "/" + t.names[node.name] + "@" + t.groups[node.group];
            result[names[i]] = {node.self, node.total, double(node.count)};
        }
        return result;
    };
    const auto expected = paths(*tree), actual = paths(*stored);
    QCOMPARE(actual.size(), expected.size());
    for (const auto &[path, figures] : expected) {
        QVERIFY2(actual.contains(path), path.c_str());
        for (std::size_t i = 0; i < 3; ++i)
            QCOMPARE(actual.at(path)[i], figures[i]);
    }
    QCOMPARE(stored->nodes[0].total, tree->nodes[0].total);
}

void TestAnalyses::overviewOfTwoSources()
{
    const auto workspace = newWorkspace();
    for (const Nanos start : {Nanos(0), Nanos(3'072'000)}) {
        Source source(*workspace);
        source.span(source.track(Shape::Nested, "", "", "t"), "op", start, 1'024'000);
        const std::int64_t id = source.finish();
        TS_VERIFY_OK(makeReady(*workspace, id, {}));
    }
    const auto overview = *loadOverviewPyramid(*workspace);
    QVERIFY((overview->range == TimeRange{0, 4'096'000}));
    QCOMPARE(overview->tracks.size(), std::size_t(2));
    QCOMPARE(overview->tree->nodes.size(), std::size_t(2));
    QCOMPARE(overview->tree->nodes[1].count, 2);
    QCOMPARE(overview->tree->nodes[0].total, 2'048'000.0);
    for (std::size_t bin = 0; bin < 2048; ++bin) {
        QVERIFY(std::abs(overview->tracks[0].busy[bin] - (bin < 512 ? 1.0f : 0.0f)) < 1e-3f);
        QVERIFY(std::abs(overview->tracks[1].busy[bin] - (bin >= 1536 ? 1.0f : 0.0f)) < 1e-3f);
    }
    QCOMPARE(std::accumulate(overview->tracks[1].count.begin(), overview->tracks[1].count.end(), 0u), 1u);
}

void TestAnalyses::overviewCodec()
{
    OverviewPyramid overview;
    overview.range = {-5, 1'000'000'000'000};
    overview.spans = 77;
    overview.tracks.push_back(
        {12, "ü / main", 70, std::vector<float>(2048, 0), std::vector<std::uint32_t>(2048, 0)});
    overview.tracks[0].busy[3] = 1;
    overview.tracks[0].count[2047] = 4'000'000'000u;
    const auto decoded = decodeOverview(encodeOverview(overview));
    QVERIFY(decoded.has_value());
    QVERIFY(decoded->range == overview.range);
    QCOMPARE(decoded->tracks[0].title, overview.tracks[0].title);
    QVERIFY(decoded->tracks[0].busy == overview.tracks[0].busy);
    QVERIFY(decoded->tracks[0].count == overview.tracks[0].count);
    QCOMPARE(encodeOverview(*decoded), encodeOverview(*decodeOverview(encodeOverview(*decoded))));
}

void TestAnalyses::brokenOverviewBytes()
{
    const auto workspace = newWorkspace();
    TS_VERIFY_OK(makeReady(*workspace, fill(*workspace, 11, 200), {}));
    const std::string good = encodeOverview(**loadOverviewPyramid(*workspace));
    QVERIFY(decodeOverview(good).has_value());
    for (std::size_t size = 0; size < good.size(); size += 1 + size / 20)
        QVERIFY(!decodeOverview(std::string_view(good).substr(0, size)));
    QVERIFY(!decodeOverview(good + "x"));
    Random random(12);
    for (int i = 0; i < 3000; ++i) { // must not crash or hang, whatever it makes of it
        std::string bad = good;
        for (int change = 0; change < 3; ++change)
            bad[std::size_t(random.below(std::int64_t(bad.size())))] = char(random.below(256));
        decodeOverview(bad);
    }
    auto writer = workspace->connectWriter();
    TS_VERIFY_OK(writer->execute("UPDATE pyramid SET data = x'01ff'"));
    const auto overview = loadOverviewPyramid(*workspace);
    TS_VERIFY_OK(overview);
    QVERIFY((*overview)->tracks.empty());
}

void TestAnalyses::overviewWithoutData()
{
    const auto workspace = newWorkspace();
    const auto overview = loadOverviewPyramid(*workspace);
    TS_VERIFY_OK(overview);
    QCOMPARE((*overview)->spans, 0);
    QVERIFY((*overview)->range.isEmpty());
    QVERIFY((*overview)->tree != nullptr);
    Source source(*workspace);
    TS_VERIFY_OK(makeReady(*workspace, source.finish(), {}));
    TS_VERIFY_OK(loadOverviewPyramid(*workspace));
    TS_VERIFY_OK(makeReady(*workspace, 999, {}));
}

void TestAnalyses::cancelled()
{
    const auto workspace = newWorkspace();
    const std::int64_t id = fill(*workspace, 13, 300);
    Progress progress;
    progress.cancel.cancel();
    QVERIFY(!makeReady(*workspace, id, progress));
    QVERIFY(!refreshOperationStats(*workspace, progress));
    TS_VERIFY_OK(makeReady(*workspace, id, {}));
}

void TestAnalyses::spilling()
{
    struct Record
    {
        std::uint64_t number;
        std::uint32_t bucket;
    };
    const QTemporaryDir folder;
    // A budget for two chunks: nearly everything goes through the file.
    SpillBuckets<Record> buckets(folder.path().toStdString(), 5, 140'000);
    Random random(14);
    std::vector<std::vector<std::uint64_t>> expected(5);
    for (std::uint64_t i = 0; i < 200'000; ++i) {
        const auto bucket = std::size_t(random.below(4)); // the last stays empty
        buckets.add(bucket, {i, std::uint32_t(bucket)});
        expected[bucket].push_back(i);
    }
    for (std::size_t bucket = 0; bucket < 5; ++bucket) {
        QCOMPARE(buckets.count(bucket), expected[bucket].size());
        std::vector<Record> records;
        TS_VERIFY_OK(buckets.take(bucket, records));
        QCOMPARE(records.size(), expected[bucket].size());
        for (std::size_t i = 0; i < records.size(); ++i)
            QCOMPARE(records[i].number, expected[bucket][i]);
        QCOMPARE(buckets.count(bucket), std::size_t(0));
    }
    SpillBuckets<Record> nowhere("/no/such/folder", 1, 0);
    for (std::uint64_t i = 0; i < 10'000; ++i)
        nowhere.add(0, {i, 0});
    std::vector<Record> records;
    const auto taken = nowhere.take(0, records);
    QVERIFY(!taken);
    QVERIFY(taken.error().toText().find("/no/such/folder") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestAnalyses)
#include "tst_analyses.moc"
