// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/calltreediff.h"

#include "analysis/calltreebuilder.h"
#include "spanfixture.h"
#include "treetext.h"

#include <QTest>

#include <map>

using namespace tailscope;
using namespace tailscope::analysis;
using spanfixture::Random;

namespace {

using Stacks = std::map<std::vector<std::string>, double>; // outermost first

std::shared_ptr<const CallTree> treeOf(const Stacks &stacks, const char *unit = "samples")
{
    CallTreeBuilder builder;
    builder.tree().unit = unit;
    for (const auto &[frames, self] : stacks) {
        std::uint32_t at = 0;
        for (const std::string &frame : frames)
            at = builder.child(at, builder.name(frame), builder.group("app"));
        builder.tree().nodes[at].self += self;
        builder.tree().nodes[at].count += std::int64_t(self);
    }
    return builder.finish(CallTreeBuilder::Totals::FromSelf);
}

Stacks randomStacks(std::uint64_t seed)
{
    Random random(seed);
    Stacks stacks;
    for (int i = 0; i < 40; ++i) {
        std::vector<std::string> frames;
        for (int depth = int(random.below(6)); depth >= 0; --depth)
            frames.push_back("f" + std::to_string(random.below(4)));
        stacks[frames] += double(1 + random.below(9));
    }
    return stacks;
}

std::vector<std::string> pathOf(const CallTree &tree, std::uint32_t node)
{
    std::vector<std::string> path;
    for (; node != 0; node = tree.nodes[node].parent)
        path.insert(path.begin(), tree.names[tree.nodes[node].name]);
    return path;
}

// Total of a path: of all stacks that begin with it.
double totalOf(const Stacks &stacks, const std::vector<std::string> &path)
{
    double total = 0;
    for (const auto &[frames, self] : stacks) {
        if (frames.size() >= path.size() && std::equal(path.begin(), path.end(), frames.begin()))
            total += self;
    }
    return total;
}

double selfOf(const Stacks &stacks, const std::vector<std::string> &path)
{
    const auto found = stacks.find(path);
    return found == stacks.end() ? 0 : found->second;
}

std::uint32_t nodeNamed(const CallTree &tree, const std::string &name)
{
    for (std::uint32_t i = 1; i < tree.nodes.size(); ++i) {
        if (tree.names[tree.nodes[i].name] == name)
            return i;
    }
    return 0;
}

} // namespace

class TestCallTreeDiff : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void unionOfPaths();
    void equalsTheSlowWay();
    void sameTreesDifferNowhere();
    void recordingsOfOtherLength();
    void flatRecursionCountsOnce();
    void doubts();
    void emptySides();
};

void TestCallTreeDiff::unionOfPaths()
{
    const auto before = treeOf({{{"main", "old"}, 6}, {{"main", "both"}, 4}, {{"gone"}, 2}});
    const auto after = treeOf({{{"main", "new"}, 3}, {{"main", "both"}, 9}});
    const auto diff = diffCallTrees(*before, *after, 1, {});
    QVERIFY(diff);
    // What vanished keeps the width it had.
    QCOMPARE(treetext::totals(*diff->tree),
        std::string("all[] 20\n"
                    "  main[app] 18\n"
                    "    both[app] 9\n"
                    "    old[app] 6\n"
                    "    new[app] 3\n"
                    "  gone[app] 2\n"));
    treetext::checkLinks(*diff->tree);
    const std::uint32_t gone = nodeNamed(*diff->tree, "gone"), fresh = nodeNamed(*diff->tree, "new"),
                        both = nodeNamed(*diff->tree, "both"), main = nodeNamed(*diff->tree, "main");
    QVERIFY(diff->isOnlyBefore(gone) && !diff->isOnlyAfter(gone));
    QVERIFY(diff->isOnlyAfter(fresh) && !diff->isOnlyBefore(fresh));
    QVERIFY(!diff->isOnlyAfter(both) && !diff->isOnlyBefore(both));
    QCOMPARE(diff->totalDelta(main), 2.0); // 10 -> 12
    QCOMPARE(diff->selfDelta(main), 0.0);
    QCOMPARE(diff->selfDelta(both), 5.0);
    QCOMPARE(diff->totalDelta(0), 0.0); // 12 -> 12
    const auto flat = flatDiff(*before, *after, 1);
    QCOMPARE(flat.size(), std::size_t(5));
    QCOMPARE(flat[0].name, std::string("old")); // |-6|
    QCOMPARE(flat[1].name, std::string("both"));
    QCOMPARE(flat[1].before.self, 4.0);
    QCOMPARE(flat[1].after.self, 9.0);
    QCOMPARE(flat[4].name, std::string("main"));
}

void TestCallTreeDiff::equalsTheSlowWay()
{
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const Stacks a = randomStacks(seed), b = randomStacks(seed + 1000);
        const double scale = seed % 3 == 0 ? 0.5 : 1;
        const auto diff = diffCallTrees(*treeOf(a), *treeOf(b), scale, {});
        treetext::checkLinks(*diff->tree);
        double own = 0;
        Stacks all = a;
        for (const auto &[path, self] : b)
            all[path] = std::max(selfOf(a, path), self * scale);
        for (const auto &[path, self] : all)
            own += self;
        QVERIFY(std::abs(diff->tree->nodes[0].total - own) < 1e-9 * own);
        for (std::uint32_t node = 1; node < diff->tree->nodes.size(); ++node) {
            const auto path = pathOf(*diff->tree, node);
            QCOMPARE(diff->before[node].total, totalOf(a, path));
            QCOMPARE(diff->after[node].total, totalOf(b, path));
            QCOMPARE(diff->before[node].self, selfOf(a, path));
            QCOMPARE(diff->after[node].self, selfOf(b, path));
            QCOMPARE(diff->totalDelta(node), totalOf(b, path) * scale - totalOf(a, path));
            QVERIFY(std::abs(diff->tree->nodes[node].total - totalOf(all, path)) < 1e-9 * own);
            QCOMPARE(diff->isOnlyBefore(node), totalOf(b, path) == 0);
        }
        // By function: the deltas of self add up to the difference of the roots.
        double sum = 0;
        for (const FlatDiffEntry &entry : flatDiff(*treeOf(a), *treeOf(b), scale))
            sum += entry.after.self * scale - entry.before.self;
        QVERIFY(std::abs(sum - diff->totalDelta(0)) < 1e-6);
    }
}

void TestCallTreeDiff::sameTreesDifferNowhere()
{
    const auto tree = treeOf(randomStacks(5));
    const auto diff = diffCallTrees(*tree, *tree, 1, {});
    QCOMPARE(treetext::totals(*diff->tree), treetext::totals(*tree));
    for (std::uint32_t node = 0; node < diff->tree->nodes.size(); ++node) {
        QCOMPARE(diff->totalDelta(node), 0.0);
        QCOMPARE(diff->selfDelta(node), 0.0);
    }
}

void TestCallTreeDiff::recordingsOfOtherLength()
{
    // 1,000 samples in 10 s against 3,000 in 30 s: the total did not change; a frame went from 20 to 30 a
    // second.
    const auto before = treeOf({{{"hot"}, 200}, {{"rest"}, 800}});
    const auto after = treeOf({{{"hot"}, 900}, {{"rest"}, 2100}});
    const RecordingFacts a{"samples", "cpu", "on_cpu", 1000, 1000, 0, 10'000'000'000};
    const RecordingFacts b{"samples", "cpu", "on_cpu", 3000, 3000, 0, 30'000'000'000};
    const auto diff = diffCallTrees(*before, *after, scaleByDuration(a, b), {});
    QVERIFY(std::abs(diff->totalDelta(0)) < 1e-9);
    const std::uint32_t hot = nodeNamed(*diff->tree, "hot");
    QVERIFY(std::abs(diff->totalDelta(hot) / 10 - 10) < 1e-9); // a second
    QCOMPARE(diff->after[hot].total, 900.0); // as recorded
    QCOMPARE(diffDoubts(a, b), (std::vector<DiffDoubt>{DiffDoubt::Durations, DiffDoubt::Weights}));
    QCOMPARE(scaleByWeight(1000, 3000), 1.0 / 3);
    QCOMPARE(scaleByWeight(0, 3000), 0.0);
    QCOMPARE(scaleByDuration(a, {}), 0.0);
    QCOMPARE(diffCallTrees(*before, *after, 0, {})->scale, 1.0);
}

void TestCallTreeDiff::flatRecursionCountsOnce()
{
    const auto before = treeOf({{{"f", "g", "f"}, 4}});
    const auto after = treeOf({{{"f", "g", "f"}, 10}, {{"f"}, 1}});
    const auto flat = flatDiff(*before, *after, 1);
    QCOMPARE(flat[0].name, std::string("f"));
    QCOMPARE(flat[0].before.total, 4.0);
    QCOMPARE(flat[0].after.total, 11.0);
}

void TestCallTreeDiff::doubts()
{
    const RecordingFacts good{"ns", "cpu", "on_cpu", 5000, 1e9, 10'000'000, 60'000'000'000};
    QVERIFY(diffDoubts(good, good).empty());
    RecordingFacts other = good;
    other.unit = "bytes";
    QCOMPARE(diffDoubts(good, other), std::vector<DiffDoubt>{DiffDoubt::Units});
    other = good;
    other.kind = "wall";
    other.period = 1'000'000;
    other.samples = 999;
    QCOMPARE(diffDoubts(good, other),
        (std::vector<DiffDoubt>{DiffDoubt::Kinds, DiffDoubt::Periods, DiffDoubt::FewSamples}));
    other = good;
    other.sampleType = "wall";
    other.duration = 0; // unknown is no difference
    QCOMPARE(diffDoubts(good, other), std::vector<DiffDoubt>{DiffDoubt::SampleTypes});
}

void TestCallTreeDiff::emptySides()
{
    const auto tree = treeOf({{{"a", "b"}, 3}});
    const auto nothing = treeOf({});
    const auto gone = diffCallTrees(*tree, *nothing, 1, {});
    QCOMPARE(gone->tree->nodes[0].total, 3.0);
    QVERIFY(gone->isOnlyBefore(1) && gone->isOnlyBefore(2));
    QVERIFY(diffCallTrees(*nothing, *tree, 1, {})->isOnlyAfter(1));
    QVERIFY(flatDiff(*nothing, *nothing, 1).empty());
    CancelToken cancelled;
    cancelled.cancel();
    QVERIFY(!diffCallTrees(*tree, *tree, 1, cancelled));
}

QTEST_GUILESS_MAIN(TestCallTreeDiff)
#include "tst_calltreediff.moc"
