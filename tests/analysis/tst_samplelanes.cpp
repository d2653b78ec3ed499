// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Samples in order of time, by thread, and trees of several profiles.
#include "analysis/samplelanes.h"

#include "spanfixture.h"
#include "storefixture.h"
#include "treetext.h"

#include <QTest>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Random;

namespace {

/// A profile that is filled stack by stack.
class Profile
{
public:
    Profile(store::BulkWriter &writer, const char *type, const char *unit)
        : m_writer(writer)
    {
        ProfileRow head;
        head.name = "p";
        head.sampleType = type;
        head.unit = unit;
        m_profile = writer.profile(head);
    }
    void sample(const std::vector<std::string> &stack, Nanos time, double weight = 1, const char *thread = "")
    {
        CallNodeRef node = CallNodeRef::None;
        for (const std::string &name : stack)
            node = m_writer.callNode(m_profile, node, m_writer.frame({name, "app", {}, 0}));
        SampleRow row;
        row.profile = m_profile;
        row.node = node;
        row.tsNs = time;
        row.weight = weight;
        row.thread = thread;
        m_writer.sample(row);
    }

private:
    store::BulkWriter &m_writer;
    ProfileRef m_profile;
};

struct Store
{
    std::unique_ptr<store::Workspace> workspace = storefixture::newWorkspace();
    std::unique_ptr<store::BulkWriter> writer;

    Store()
    {
        auto created = store::BulkWriter::create(*workspace, {"stacks", "test", std::nullopt}, {});
        if (!created)
            qFatal("%s", created.error().toText().c_str());
        writer = std::move(*created);
        SourceInfo info;
        info.kind = SourceKind::Profile;
        writer->setSource(info);
    }
    void finish()
    {
        if (const auto done = writer->finish({}); !done)
            qFatal("%s", done.error().toText().c_str());
    }
};

// "row: name begin-end xsamples, ..." one line a row.
std::string print(const SampleLanes &lanes)
{
    std::string text;
    for (int row = 0; row < lanes.rows(); ++row) {
        for (std::uint32_t box = lanes.rowBegin(row); box < lanes.rowEnds[std::size_t(row)]; ++box) {
            const auto &node = lanes.tree->nodes[lanes.node[box]];
            text += lanes.tree->names[node.name] + " " + std::to_string(lanes.begin[box]) + "-"
                + std::to_string(lanes.end[box]) + " x" + std::to_string(lanes.samples[box]) + "; ";
        }
        text += "\n";
    }
    return text;
}

} // namespace

class TestSampleLanes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void mergesNeighbours();
    void leavesGaps();
    void threadsAreTheirOwn();
    void withoutTimes();
    void runsCoverTheBoxes();
    void treesOfSeveralProfiles();
    void everyMomentShowsItsStack();
};

void TestSampleLanes::mergesNeighbours()
{
    Store store;
    Profile profile(*store.writer, "cpu", "samples");
    profile.sample({"main", "a", "x"}, 100);
    profile.sample({"main", "a", "y"}, 110);
    profile.sample({"main", "a"}, 120);
    profile.sample({"main", "b"}, 130);
    profile.sample({"main", "a", "x"}, 140);
    store.finish();
    const auto lanes = sampleLanes(*store.workspace, 1, std::nullopt, {});
    TS_VERIFY_OK(lanes);
    QCOMPARE((*lanes)->interval, Nanos(10));
    QCOMPARE((*lanes)->range, (TimeRange{100, 150}));
    QCOMPARE(print(**lanes),
        std::string("main 100-150 x5; \n"
                    "a 100-130 x3; b 130-140 x1; a 140-150 x1; \n"
                    "x 100-110 x1; y 110-120 x1; x 140-150 x1; \n"));
    QCOMPARE((*lanes)->rowOf(0), 0);
    QCOMPARE((*lanes)->rowOf(1), 1);
    QCOMPARE((*lanes)->rowOf(6), 2);
}

void TestSampleLanes::leavesGaps()
{
    Store store;
    Profile profile(*store.writer, "cpu", "samples");
    for (const Nanos time : {0, 10, 20, 45, 200, 210})
        profile.sample({"main"}, time);
    store.finish();
    const auto lanes = sampleLanes(*store.workspace, 1, std::nullopt, {});
    TS_VERIFY_OK(lanes);
    // 25 without a sample is no gap, 155 is one: the last sample before it lasts one distance.
    QCOMPARE(print(**lanes), std::string("main 0-55 x4; main 200-220 x2; \n"));
}

void TestSampleLanes::threadsAreTheirOwn()
{
    Store store;
    Profile profile(*store.writer, "cpu", "samples");
    for (Nanos time = 0; time < 50; time += 10) {
        profile.sample({"main", "work"}, time, 2, "worker");
        profile.sample({"main", "idle"}, time + 5, 1, "io");
    }
    profile.sample({"late"}, 60, 1, "worker");
    profile.sample({"nameless"}, 70);
    store.finish();
    const auto lanes = sampleLanes(*store.workspace, 1, std::string("io"), {});
    TS_VERIFY_OK(lanes);
    QCOMPARE(print(**lanes), std::string("main 5-55 x5; \nidle 5-55 x5; \n"));
    const auto threads = profileThreads(*store.workspace, 1, {});
    TS_VERIFY_OK(threads);
    QCOMPARE(threads->size(), std::size_t(3));
    QCOMPARE((*threads)[0].name, std::string("worker"));
    QCOMPARE((*threads)[0].samples, 6);
    QCOMPARE((*threads)[0].timed, 6);
    QCOMPARE((*threads)[0].weight, 11.0);
    QCOMPARE((*threads)[2].name, std::string());
    const auto tree = profileCallTree(*store.workspace, {{1}, TimeRange{0, 30}, "worker"}, {});
    TS_VERIFY_OK(tree);
    QCOMPARE((*tree)->nodes[0].total, 6.0);
    QCOMPARE((*profileCallTree(*store.workspace, {{1}, std::nullopt, ""}, {}))->nodes[0].total, 1.0);
}

void TestSampleLanes::withoutTimes()
{
    Store store;
    Profile profile(*store.writer, "cpu", "samples");
    profile.sample({"main"}, kUnknownNanos, 5);
    store.finish();
    const auto lanes = sampleLanes(*store.workspace, 1, std::nullopt, {});
    TS_VERIFY_OK(lanes);
    QCOMPARE((*lanes)->rows(), 0);
    QCOMPARE((*lanes)->sampleCount, 0);
    QCOMPARE(sampleLanes(*store.workspace, 99, std::nullopt, {}).error().code, ErrorCode::NotFound);
}

void TestSampleLanes::runsCoverTheBoxes()
{
    auto lanes = std::make_shared<SampleLanes>();
    Random random(4);
    Nanos at = 0;
    for (int i = 0; i < 5000; ++i) {
        at += random.chance(80) ? 0 : random.below(40);
        const Nanos length = random.chance(2) ? 500 + random.below(500) : 1 + random.below(6);
        lanes->begin.push_back(at);
        at += length;
        lanes->end.push_back(at);
        lanes->node.push_back(1);
        lanes->samples.push_back(1);
    }
    lanes->rowEnds = {5000};
    for (const Nanos step : {1, 8, 64, 1024}) {
        for (const TimeRange range : {TimeRange{0, at}, TimeRange{at / 3, at / 2}, TimeRange{-50, -10}}) {
            std::vector<LaneRun> runs;
            queryRow(*lanes, 0, range, step, runs);
            std::uint32_t next = 0, boxes = 0;
            for (std::uint32_t box = 0; box < 5000; ++box)
                boxes += lanes->end[box] > range.begin && lanes->begin[box] < range.end ? 1 : 0;
            std::uint32_t seen = 0;
            for (std::size_t i = 0; i < runs.size(); ++i) {
                QVERIFY(i == 0 || runs[i].box == next);
                QVERIFY(i == 0 || runs[i].begin >= runs[i - 1].end);
                QCOMPARE(runs[i].begin, lanes->begin[runs[i].box]);
                QCOMPARE(runs[i].end, lanes->end[runs[i].box + runs[i].count - 1]);
                next = runs[i].box + runs[i].count;
                seen += runs[i].count;
                // No long box hides in a run.
                for (std::uint32_t box = runs[i].box; runs[i].count > 1 && box < next; ++box)
                    QVERIFY(lanes->end[box] - lanes->begin[box] < step);
            }
            // The last run may reach a few boxes over the edge, by less than one step.
            QVERIFY(seen >= boxes);
            QVERIFY(runs.empty() || lanes->begin[next - 1] < range.end + step);
            QVERIFY(Nanos(runs.size()) <= 2 + 2 * (std::min(range.end, at) - range.begin) / step + 1
                || step == 1);
        }
    }
}

void TestSampleLanes::treesOfSeveralProfiles()
{
    Store store;
    Profile a(*store.writer, "cpu", "ns");
    a.sample({"main", "x"}, 1, 10);
    Profile b(*store.writer, "wall", "ns");
    b.sample({"main", "x"}, 2, 5);
    b.sample({"main", "y"}, 3, 7);
    Profile c(*store.writer, "space", "bytes");
    c.sample({"main"}, 4, 100);
    store.finish();
    const auto both = profileCallTree(*store.workspace, {{1, 2}, std::nullopt, std::nullopt}, {});
    TS_VERIFY_OK(both);
    QCOMPARE(treetext::print(**both),
        std::string("all 0/22\n"
                    "  main[app] 0/22\n"
                    "    x[app] 15/15 x2\n"
                    "    y[app] 7/7 x1\n"));
    const auto mixed = profileCallTree(*store.workspace, {{1, 3}, std::nullopt, std::nullopt}, {});
    QVERIFY(!mixed);
    QCOMPARE(mixed.error().code, ErrorCode::BadInput);
}

void TestSampleLanes::everyMomentShowsItsStack()
{
    Random random(11);
    Store store;
    Profile profile(*store.writer, "cpu", "samples");
    std::vector<std::pair<Nanos, std::vector<std::string>>> samples;
    for (Nanos time = 0; time < 3000; time += 10) {
        std::vector<std::string> stack;
        for (int depth = int(random.below(5)); depth >= 0; --depth)
            stack.push_back("f" + std::to_string(random.below(3)));
        profile.sample(stack, time);
        samples.emplace_back(time, stack);
    }
    store.finish();
    const auto lanes = *sampleLanes(*store.workspace, 1, std::nullopt, {});
    for (const auto &[time, stack] : samples) {
        std::vector<std::string> shown;
        for (int row = 0; row < lanes->rows(); ++row) {
            for (std::uint32_t box = lanes->rowBegin(row); box < lanes->rowEnds[std::size_t(row)]; ++box) {
                if (lanes->begin[box] <= time && time < lanes->end[box])
                    shown.push_back(lanes->tree->names[lanes->tree->nodes[lanes->node[box]].name]);
            }
        }
        QCOMPARE(shown, stack);
    }
}

QTEST_GUILESS_MAIN(TestSampleLanes)
#include "tst_samplelanes.moc"
